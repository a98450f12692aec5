//! On what, and of what, the times were taken.

use std::fs;

/// Those whose versions matter, as `Cargo.lock` names them.
const COMPARED: &[&str] = &[
    "stuntkey",
    "passkey",
    "passkey-crypto",
    "webauthn-rs-core",
    "p256",
    "ecdsa",
    "sha2",
    "chacha20",
    "graviola",
    "ring",
    "aws-lc-rs",
    "aws-lc-sys",
];

/// Names and versions of what is compared.
pub(crate) fn versions() -> Vec<(&'static str, String)> {
    let locked = locked(include_str!("../Cargo.lock"));
    let version_of = |name: &'static str| {
        let versions: Vec<&str> =
            locked.iter().filter(|(locked, _)| *locked == name).map(|(_, version)| *version).collect();
        (name, versions.join(" and "))
    };
    COMPARED.iter().copied().map(version_of).collect()
}

/// The compiler that built this program.
pub(crate) fn rustc() -> &'static str {
    env!("RUSTC_VERSION")
}

/// What the processor calls itself, as far as the operating system tells; and its architecture.
pub(crate) fn processor() -> String {
    let architecture = std::env::consts::ARCH;
    let told = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        told.lines().filter_map(|line| line.split_once(':')).find(|(name, _)| name.trim() == "model name");
    match model {
        Some((_, model)) => format!("{} ({architecture})", model.trim()),
        None => format!("unknown ({architecture})"),
    }
}

/// Name and version of each package.
fn locked(cargo_lock: &str) -> Vec<(&str, &str)> {
    let value = |line: &'static str| move |text| line_value(text, line);
    cargo_lock
        .split("[[package]]")
        .skip(1)
        .filter_map(|package| {
            let name = package.lines().find_map(value("name"))?;
            Some((name, package.lines().find_map(value("version"))?))
        })
        .collect()
}

/// Of a line `key = "value"`.
fn line_value<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    line.strip_prefix(key)?.strip_prefix(" = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_that_is_compared_is_locked_once() {
        for (name, version) in versions() {
            assert!(version.split('.').count() == 3 && !version.contains(' '), "{name}: {version:?}");
        }
    }

    #[test]
    fn reads_names_and_versions() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.2.3\"\ndependencies = [\n \"b\",\n]\n\n\
            [[package]]\nname = \"b\"\nversion = \"4.5.6\"\nsource = \"x\"\n";
        assert_eq!(locked(lock), [("a", "1.2.3"), ("b", "4.5.6")]);
    }
}

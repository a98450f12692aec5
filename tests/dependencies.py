"""What the dependencies must keep to: their number (and what each feature adds), no C compiler, no foreign cryptography, the
stated minimum Rust, licences, one registry. Advisories need a database from outside: `cargo audit`, before a release."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MOST_LIBRARY_CRATES = 87
LICENCES = {"MIT", "Apache-2.0", "BSD-3-Clause", "ISC", "Unicode-3.0"}
# They need a C compiler, or bring cryptography that nobody here has chosen.
FORBIDDEN = {"cc", "cmake", "bindgen", "openssl-sys", "ring", "aws-lc-sys"}
# They need threads, sockets or a clock, which the harness does without if it has no feature.
NEEDS_A_SYSTEM = {"graviola", "hdrhistogram", "hyper", "mio", "rustls", "socket2", "stuntkey-transport", "tokio", "ureq"}
REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
LOCK_FILES = ("Cargo.lock", "fuzz/Cargo.lock", "interop/rust/Cargo.lock", "interop/authenticators/rust/Cargo.lock", "benches/peers/Cargo.lock")


def cargo(*arguments):
    return subprocess.run(["cargo", *arguments, "--locked"], check=True, capture_output=True, text=True).stdout


def crates(*arguments):
    lines = cargo("tree", "-e", "normal,build", "--prefix", "none", *arguments).splitlines()
    return sorted({line.removesuffix(" (*)") for line in lines if line})


def licence_is_fine(expression):
    """One way through the alternatives whose every part is on the list."""
    alternatives = re.split(r" OR |/", expression)
    strip = lambda part: part.strip(" ()").removesuffix(" WITH LLVM-exception")
    if " AND " in expression:
        return all(licence_is_fine(part.strip(" ()")) for part in expression.split(" AND "))
    return any(strip(alternative) in LICENCES for alternative in alternatives)


def version(text):
    return tuple(int(part) for part in (text + ".0.0").split(".")[:3])


def main():
    failures = []

    library = [crate for crate in crates("-p", "stuntkey") if not crate.startswith("stuntkey ")]
    print(f"the library's default build: {len(library)} crates besides its own, at most {MOST_LIBRARY_CRATES}")
    if len(library) > MOST_LIBRARY_CRATES:
        failures.append("the library has too many crates")

    packages = json.loads(cargo("metadata", "--format-version", "1", "--no-deps"))["packages"]
    features = next(package for package in packages if package["name"] == "stuntkey")["features"]
    for feature in sorted(set(features) - {"default"}):
        more = [crate for crate in crates("-p", "stuntkey", "--features", feature) if crate not in library]
        names = [crate.split()[0] for crate in more if not crate.startswith("stuntkey ")]
        print(f"  with {feature}: {len(names)} more, {', '.join(names)}")

    harness = [crate.split()[0] for crate in crates("-p", "stuntkey-conformance", "--no-default-features")]
    print(f"the harness without features: {len(harness)} crates")
    for name in sorted(NEEDS_A_SYSTEM & set(harness)):
        failures.append(f"{name} is in the harness without features")

    built = crates("--workspace", "--all-features")
    print(f"the workspace with all features: {len(built)} crates")
    for name in sorted(FORBIDDEN & {crate.split()[0] for crate in built}):
        failures.append(f"{name} is in the build")

    for file in LOCK_FILES:
        for source in set(re.findall(r'^source = "(.*)"$', (ROOT / file).read_text(), re.M)) - {REGISTRY}:
            failures.append(f"{file}: something comes from {source}")
    for package in packages:
        for dependency in package["dependencies"]:
            if dependency["req"] == "*" and not dependency["path"]:
                failures.append(f"{package['name']} takes any version of {dependency['name']}")

    names = {(crate.split()[0], crate.split()[1].removeprefix("v")) for crate in built}
    packages = json.loads(cargo("metadata", "--format-version", "1", "--all-features"))["packages"]
    packages = [package for package in packages if (package["name"], package["version"]) in names]
    ours = next(package for package in packages if package["name"] == "stuntkey")["rust_version"]
    newest = max(packages, key=lambda package: version(package["rust_version"] or "0"))
    print(f"minimum Rust: {ours}; the newest that a dependency states: {newest['rust_version']} ({newest['name']})")
    if version(newest["rust_version"]) > version(ours):
        failures.append(f"{newest['name']} needs Rust {newest['rust_version']}")

    for package in packages:
        if not licence_is_fine(package["license"] or "none"):
            failures.append(f"{package['name']} is under {package['license']}")

    for failure in failures:
        print(f"dependencies: {failure}", file=sys.stderr)
    sys.exit(1 if failures else 0)


main()

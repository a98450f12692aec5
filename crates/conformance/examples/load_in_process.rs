//! What load costs: virtual users who register and log in once, in this process.
//!
//! `cargo run --release -p stuntkey-conformance --example load_in_process -- 1000000 reference` against the reference
//! relying party, which verifies everything and keeps every credential; with `nobody` in its place against a target that
//! accepts whatever comes, which shows how many ceremonies are made.

use std::sync::atomic::{AtomicU64, Ordering};

use stuntkey_conformance::{
    Answer, AuthenticationRequest, Load, ReferenceRelyingParty, RegistrationRequest, Session, Settings,
    Target,
};

const ORIGIN: &str = "https://example.org";

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let users = arguments.next().and_then(|users| users.parse().ok()).unwrap_or(10_000);
    let target = arguments.next().unwrap_or_else(|| "reference".to_owned());
    let workers = arguments.next().and_then(|workers| workers.parse().ok()).unwrap_or(1);
    let reference = ReferenceRelyingParty::new(Settings::new("example.org", ORIGIN))?;
    let nobody = Nobody(AtomicU64::new(0));
    let target: &dyn Target = if target == "nobody" { &nobody } else { &reference };
    let report = Load::new(target, ORIGIN).users(workers).each_once(users).run();
    println!(
        "registered {}, logged in {} in {:.1} s: {:.0} ceremonies a second",
        report.registered, report.logged_in, report.seconds, report.throughput
    );
    for step in &report.steps {
        println!("{}: p50 {} µs, p99 {} µs, max {} µs", step.step, step.p50, step.p99, step.max);
    }
    for error in &report.errors {
        println!("{} {}: {} ({})", error.step, error.kind, error.count, error.first);
    }
    println!("{} credentials kept", reference.credential_count());
    // Linux tells the most memory that the process has had.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("{}", peak.split_whitespace().collect::<Vec<_>>().join(" "));
    }
    Ok(())
}

/// Accepts whatever comes. A login names the credential of the last registration, as its user alone is at it.
struct Nobody(AtomicU64);

impl Target for Nobody {
    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(NobodysSession(&self.0, String::new()))
    }
}

struct NobodysSession<'a>(&'a AtomicU64, String);

impl NobodysSession<'_> {
    fn challenge(&self) -> String {
        format!("{:024}", self.0.fetch_add(1, Ordering::Relaxed))
    }
}

impl Session for NobodysSession<'_> {
    fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer {
        Answer::Accepted(format!(
            r#"{{"rp":{{"id":"example.org","name":"Example"}},"user":{{"id":"AQ","name":"{0}","displayName":"{0}"}},"challenge":"{1}","pubKeyCredParams":[{{"type":"public-key","alg":-7}}],"attestation":"direct"}}"#,
            wanted.username,
            self.challenge()
        ))
    }

    fn register(&mut self, reply: &str) -> Answer {
        let id = reply.split("\"id\":\"").nth(1).and_then(|rest| rest.split('"').next());
        self.1 = id.unwrap_or_default().to_owned();
        Answer::Accepted("{}".into())
    }

    fn authentication_options(&mut self, _: &AuthenticationRequest<'_>) -> Answer {
        Answer::Accepted(format!(
            r#"{{"rpId":"example.org","challenge":"{}","allowCredentials":[{{"type":"public-key","id":"{}"}}]}}"#,
            self.challenge(),
            self.1
        ))
    }

    fn authenticate(&mut self, _: &str) -> Answer {
        Answer::Accepted("{}".into())
    }

    fn renew(&mut self) -> bool {
        true
    }
}

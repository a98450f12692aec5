//! A sound relying party is accused of nothing, whatever it prefers: other algorithms first, logins without names, roaming
//! authenticators, names that are e-mail addresses, no attestation. What fails here is wrong with the harness.

use std::time::Duration;

use serde_json::Value;
use stuntkey::crypto::Algorithm;
use stuntkey_conformance::{
    Answer, AuthenticationRequest, FailOn, Harness, Profile, ReferenceRelyingParty, RegistrationRequest,
    Report, Session, Settings, Target, Verdict,
};

const ORIGIN: &str = "https://example.org";

/// The sound reference behind a change to what goes in and to the options that come out.
struct Changed {
    reference: ReferenceRelyingParty,
    change: Change,
}

#[derive(Clone, Copy)]
enum Change {
    /// Offers this algorithm before all others.
    First(Algorithm),
    /// Ignores the user name at logins.
    Nameless,
    /// Asks for roaming authenticators.
    CrossPlatform,
    /// Asks for no attestation, whatever is wanted.
    NoAttestation,
    /// Takes names that are e-mail addresses, and no others.
    EmailNames,
}

impl Target for Changed {
    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(ChangedSession { session: self.reference.session(), change: self.change })
    }
}

struct ChangedSession<'a> {
    session: Box<dyn Session + 'a>,
    change: Change,
}

impl ChangedSession<'_> {
    fn is_taken(&self, name: &str) -> bool {
        let is_email = || {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            name.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && local.len() <= 64
                    && domain.contains('.')
                    && (local.to_owned() + domain).chars().all(is_plain)
            })
        };
        !matches!(self.change, Change::EmailNames) || is_email()
    }
}

impl Session for ChangedSession<'_> {
    fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer {
        if !self.is_taken(wanted.username) {
            return Answer::Refused(format!("{:?} is no e-mail address", wanted.username));
        }
        let mut wanted = wanted.clone();
        if let Change::NoAttestation = self.change {
            wanted.attestation = stuntkey::webauthn::AttestationConveyance::None;
        }
        let Answer::Accepted(body) = self.session.registration_options(&wanted) else {
            return self.session.registration_options(&wanted);
        };
        let mut options: Value = serde_json::from_str(&body).unwrap();
        match self.change {
            Change::First(algorithm) => {
                let parameters = options["pubKeyCredParams"].as_array_mut().unwrap();
                parameters.sort_by_key(|p| p["alg"].as_i64() != Some(algorithm.cose_identifier()));
            }
            Change::CrossPlatform => {
                options["authenticatorSelection"]["authenticatorAttachment"] = "cross-platform".into();
            }
            Change::Nameless | Change::NoAttestation | Change::EmailNames => {}
        }
        Answer::Accepted(options.to_string())
    }

    fn register(&mut self, reply: &str) -> Answer {
        self.session.register(reply)
    }

    fn authentication_options(&mut self, wanted: &AuthenticationRequest<'_>) -> Answer {
        let username = wanted.username.filter(|_| !matches!(self.change, Change::Nameless));
        self.session.authentication_options(&AuthenticationRequest { username, ..wanted.clone() })
    }

    fn authenticate(&mut self, reply: &str) -> Answer {
        self.session.authenticate(reply)
    }
}

fn run(change: Change, seed: &str, filters: &[&str]) -> Report {
    let settings = Settings::new("example.org", ORIGIN);
    let target = Changed { reference: ReferenceRelyingParty::new(settings).unwrap(), change };
    Harness::new(&target, ORIGIN)
        .profile(Profile::L3)
        .fail_on(FailOn::Should)
        .seed(seed)
        .deadline(Duration::from_secs(60))
        .filters(filters.iter().copied())
        .run()
}

/// Passes, or is skipped with a reason.
fn expect_no_accusation(report: &Report) {
    let accused: Vec<_> = report
        .cases
        .iter()
        .filter(|case| !matches!(case.verdict, Verdict::Pass | Verdict::Skip))
        .map(|case| format!("{} {}: {}", case.verdict, case.id, case.why))
        .collect();
    assert!(accused.is_empty(), "{accused:#?}");
    report.assert_conforms();
    // Who asks for no attestation skips all of a format's algorithms; of the rest more than half is played.
    let (attested, rest): (Vec<_>, Vec<_>) =
        report.cases.iter().partition(|case| case.id.contains("accepts/attested/"));
    let passed = rest.iter().filter(|case| case.verdict == Verdict::Pass).count();
    assert!(passed * 2 > rest.len(), "{passed} of {}, and {} attested", rest.len(), attested.len());
}

#[test]
fn whoever_offers_eddsa_first_is_not_accused() {
    expect_no_accusation(&run(Change::First(Algorithm::EdDsa), "first", &[]));
}

#[test]
fn whoever_offers_rs256_first_is_not_accused() {
    expect_no_accusation(&run(Change::First(Algorithm::Rs256), "first", &[]));
}

#[test]
fn whoever_offers_es384_first_is_not_accused() {
    expect_no_accusation(&run(Change::First(Algorithm::Es384), "first", &[]));
}

#[test]
fn whoever_offers_ml_dsa_first_is_not_accused() {
    expect_no_accusation(&run(Change::First(Algorithm::MlDsa44), "first", &[]));
}

#[test]
fn whoever_ignores_names_at_logins_is_not_accused() {
    let report = run(Change::Nameless, "nameless", &["authentication"]);
    expect_no_accusation(&report);
    let case = report.cases.iter().find(|case| case.id.ends_with("user/credential/of-another-user")).unwrap();
    assert!(case.verdict == Verdict::Skip && case.why.contains("allowCredentials"), "{}", case.why);
}

#[test]
fn whoever_asks_for_roaming_authenticators_is_tested() {
    expect_no_accusation(&run(Change::CrossPlatform, "roaming", &[]));
}

#[test]
fn whoever_asks_for_no_attestation_gets_none() {
    let report = run(Change::NoAttestation, "none", &["registration"]);
    expect_no_accusation(&report);
    for (id, count) in [("accepts/attestation-key/", 5), ("accepts/attested/", 98)] {
        let cases: Vec<_> = report.cases.iter().filter(|case| case.id.contains(id)).collect();
        assert!(cases.len() == count && cases.iter().all(|case| case.verdict == Verdict::Skip), "{id}");
    }
}

#[test]
fn whoever_takes_e_mail_addresses_only_is_tested() {
    expect_no_accusation(&run(Change::EmailNames, "names", &["*/options", "*/challenge"]));
}

/// The pool has eight RSA keys: two people would get the same one once in eight runs.
#[test]
fn two_people_have_two_keys_whatever_the_seed() {
    for seed in 0..24 {
        let filters = ["authentication/user/credential/key-of-another"];
        let report = run(Change::First(Algorithm::Rs256), &seed.to_string(), &filters);
        expect_no_accusation(&report);
        assert_eq!(report.count(Verdict::Pass), 1);
    }
}

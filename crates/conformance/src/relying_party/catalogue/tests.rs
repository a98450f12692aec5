use std::collections::BTreeSet;
use std::time::Duration;

use stuntkey::attestation::CertificateAuthority;
use stuntkey::crypto::Algorithm;

use super::all;
use crate::core::filter;
use crate::relying_party::reference::{Flaw, ReferenceRelyingParty, Settings};
use crate::{
    Answer, AuthenticationRequest, Case, CaseReport, FailOn, Harness, Level, Need, Profile,
    RegistrationRequest, Session, Target, TestBlob, Verdict,
};

const ORIGIN: &str = "https://example.org";

fn settings() -> Settings {
    // Short enough to wait for, and long enough for a case on a busy machine.
    Settings::new("example.org", ORIGIN)
        .timeout(Duration::from_secs(2))
        .related_origin("https://example.net")
        .second("second.example", "https://second.example")
}

/// The same with metadata, which takes a while to make and to read.
fn settings_with_metadata() -> Settings {
    let authority = CertificateAuthority::test_root();
    settings().metadata(TestBlob::ALL.iter().filter_map(|blob| blob.text(&authority, Algorithm::Es256)))
}

fn harness(target: &ReferenceRelyingParty) -> Harness<'_> {
    Harness::new(target, ORIGIN)
        .profile(Profile::Fido)
        .fail_on(FailOn::Should)
        .deadline(Duration::from_secs(60))
        .seed("cases")
}

fn play(case: &Case, flaw: Option<Flaw>) -> CaseReport {
    let settings = match case.needs().contains(&Need::Metadata) {
        true => settings_with_metadata(),
        false => settings(),
    };
    let settings = match flaw {
        Some(flaw) => settings.flaw(flaw),
        None => settings,
    };
    let target = ReferenceRelyingParty::new(settings).unwrap();
    harness(&target).play(case)
}

#[test]
fn ids_are_unique_and_there_are_many() {
    let mut ids = BTreeSet::new();
    for case in all() {
        assert!(ids.insert(case.id().to_owned()), "{}", case.id());
    }
    assert!(ids.len() >= 250, "{}", ids.len());
}

#[test]
fn every_case_says_what_it_asks_and_where_that_stands() {
    for case in all() {
        // In the infinitive, as "must" and "should" stand before it.
        let verbs = ["accept ", "refuse ", "send ", "ask ", "list ", "register ", "leave "];
        assert!(verbs.iter().any(|verb| case.requirement().starts_with(verb)), "{}", case.id());
        assert!(!case.requirement().ends_with('.'), "{}", case.id());
        assert!(!case.profiles().is_empty());
    }
}

/// Every fault of the catalogue is a case for each of its ceremonies, or left out for a reason that stands there.
#[test]
fn every_fault_is_a_case() {
    let cases = super::faults::cases(&super::chapters());
    let faults = cases.iter().filter(|case| case.chapter() != "unattested").count();
    let ceremonies = [stuntkey::webauthn::Ceremony::Create, stuntkey::webauthn::Ceremony::Get];
    let expected = stuntkey::fault::Fault::all()
        .filter(|fault| !super::faults::LEFT_OUT.iter().any(|left| filter::matches(left, fault.id())))
        .flat_map(|fault| ceremonies.iter().filter(|ceremony| fault.step(**ceremony).is_some()))
        .count();
    assert_eq!(faults, expected, "a fault has no chapter");
}

#[test]
fn the_reference_relying_party_passes_every_case() {
    for profile in Profile::ALL {
        let target = ReferenceRelyingParty::new(settings_with_metadata()).unwrap();
        let report = harness(&target).profile(*profile).run();
        report.assert_conforms();
        let others: Vec<_> = report.cases.iter().filter(|case| case.verdict != Verdict::Pass).collect();
        assert!(others.is_empty(), "{others:#?}");
    }
}

/// The mutation proof, one way: a relying party with the flaw that a case is for does not pass it.
/// `STUNTKEY_TABLE=1 cargo test -p stuntkey-conformance -- --nocapture every_case_catches` prints which.
#[test]
fn every_case_catches_its_flaw() {
    let mut missed = Vec::new();
    for case in all() {
        let flaw = Flaw::from_id(case.caught_flaw())
            .unwrap_or_else(|| panic!("{}: there is no flaw {:?}", case.id(), case.caught_flaw()));
        let report = play(&case, Some(flaw));
        let caught = match report.verdict {
            Verdict::Fail | Verdict::Weak | Verdict::Advice => true,
            // What a relying party may refuse it is not blamed for; that it was noticed counts here.
            Verdict::Skip => {
                case.level(Profile::Fido) == Level::May || case.caught_flaw() == "strict/without-a-name"
            }
            Verdict::Pass | Verdict::Error => false,
        };
        if !caught {
            let flaw = case.caught_flaw();
            missed.push(format!("{} with {flaw:?}: {} {}", case.id(), report.verdict, report.why));
        }
        if std::env::var_os("STUNTKEY_TABLE").is_some() {
            println!("| {} | {} | {} | {} |", case.caught_flaw(), case.id(), report.verdict, report.why);
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

/// The other way: no flaw goes unnoticed.
#[test]
fn every_flaw_is_caught_by_a_case() {
    let caught: BTreeSet<String> = all().iter().map(|case| case.caught_flaw().to_owned()).collect();
    let missed: Vec<String> =
        Flaw::all().iter().map(|flaw| flaw.id().to_owned()).filter(|id| !caught.contains(id)).collect();
    let expected: Vec<&str> = UNCAUGHT.iter().map(|(id, _)| *id).collect();
    assert_eq!(missed, expected);
}

/// Checks of the verifier that are policies of the relying party's: to do without is no flaw, and no case asks.
const UNCAUGHT: &[(&str, &str)] = &[
    ("policy/backup-eligibility", "the reference relying party takes either"),
    ("policy/backup-state", "the reference relying party takes either"),
    ("trust/none", "the reference relying party takes no attestation"),
    ("trust/self", "the reference relying party takes self attestation"),
    ("extensions/outputs", "the reference relying party ignores what it did not ask for"),
];

#[test]
fn a_flaw_has_an_id_of_its_own() {
    let mut ids = BTreeSet::new();
    for flaw in Flaw::all() {
        assert!(ids.insert(flaw.id().to_owned()), "{}", flaw.id());
    }
}

/// Names of users are short: some products cut them off, others refuse them.
#[test]
fn no_user_name_is_long_or_has_a_space() {
    struct Names<'a>(&'a ReferenceRelyingParty, std::sync::Mutex<BTreeSet<String>>);
    struct NameRecorder<'a>(Box<dyn Session + 'a>, &'a std::sync::Mutex<BTreeSet<String>>);
    impl Target for Names<'_> {
        fn session(&self) -> Box<dyn Session + '_> {
            Box::new(NameRecorder(self.0.session(), &self.1))
        }
    }
    impl Session for NameRecorder<'_> {
        fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer {
            self.1.lock().unwrap().insert(wanted.username.to_owned());
            self.0.registration_options(wanted)
        }
        fn register(&mut self, reply: &str) -> Answer {
            self.0.register(reply)
        }
        fn authentication_options(&mut self, wanted: &AuthenticationRequest<'_>) -> Answer {
            self.0.authentication_options(wanted)
        }
        fn authenticate(&mut self, reply: &str) -> Answer {
            self.0.authenticate(reply)
        }
    }
    let reference = ReferenceRelyingParty::new(settings()).unwrap();
    let target = Names(&reference, std::sync::Mutex::default());
    Harness::new(&target, ORIGIN).filters(["*/options", "registration/challenge"]).run().assert_conforms();
    let names = target.1.into_inner().unwrap();
    assert!(names.len() > 20, "{names:?}");
    for name in names {
        assert!(name.len() <= 48 && name.ends_with("@example.org") && !name.contains(' '), "{name}");
    }
}

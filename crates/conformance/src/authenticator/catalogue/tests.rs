//! Every case passes before every sound authenticator, and fails before the one whose flaw it catches.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use stuntkey::authenticator::{Extension, Model};

use crate::authenticator::flaw::AuthenticatorFlaw;
use crate::authenticator::harness::AuthenticatorHarness;
use crate::authenticator::need::Need;
use crate::authenticator::stage::{Settings, Stage, World};
use crate::authenticator::subject::InProcessAuthenticator;
use crate::authenticator::wire::Patience;
use crate::core::report::Report;
use crate::core::verdict::Verdict;

fn run(model: &Model, filters: &[&str]) -> Report {
    let target = InProcessAuthenticator::new(model, None, "sound").unwrap();
    AuthenticatorHarness::new(&target).seed("run").allow_reset(true).filters(filters.iter().copied()).run()
}

/// Models that have what no ready-made one has.
fn further() -> [(&'static str, Model); 3] {
    let mut short = Model::named("full").unwrap();
    short.max_msg_size = 2048;
    let mut blobs = Model::named("full").unwrap();
    blobs.large_blobs = None;
    blobs.extensions.retain(|extension| *extension != Extension::LargeBlobKey);
    blobs.extensions.push(Extension::LargeBlob);
    let mut verifies = Model::named("security_key_ctap2_3").unwrap();
    verifies.user_verification = true;
    [("short messages", short), ("largeBlob", blobs), ("PIN and verification of its own", verifies)]
}

#[test]
fn ids_are_unique() {
    let cases = super::all();
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.id()).collect();
    assert_eq!(ids.len(), cases.len());
}

#[test]
fn no_sound_authenticator_is_accused() {
    let ready_made = Model::names().map(|(name, _)| (name, Model::named(name).unwrap()));
    let accused = in_parallel(ready_made.chain(further()).collect(), |(name, model)| {
        let report = run(model, &[]);
        let bad = report.cases.iter().filter(|case| !matches!(case.verdict, Verdict::Pass | Verdict::Skip));
        let bad: Vec<String> =
            bad.map(|case| format!("{name}: {}: {} {}", case.id, case.verdict, case.why)).collect();
        report.trouble.map(|trouble| format!("{name}: {trouble}")).into_iter().chain(bad).collect()
    });
    assert!(accused.is_empty(), "{accused:#?}");
}

/// A card is waited for in real time, so that a few cases are played.
#[test]
fn no_sound_card_is_accused() {
    let accused = in_parallel(Model::names().collect(), |(name, _)| {
        let target =
            InProcessAuthenticator::new(&Model::named(name).unwrap(), None, "card").unwrap().as_card();
        let harness = AuthenticatorHarness::new(&target).seed("run").allow_reset(true);
        let report = harness.filters(["nfc", "u2f"]).run();
        assert_eq!(report.trouble, None, "{name}");
        let bad = report.cases.iter().filter(|case| !matches!(case.verdict, Verdict::Pass | Verdict::Skip));
        bad.map(|case| format!("{name}: {}: {} {}", case.id, case.verdict, case.why)).collect()
    });
    assert!(accused.is_empty(), "{accused:#?}");
}

/// What comes of each, several at a time: most of a run is waiting.
fn in_parallel<T: Sync>(items: Vec<T>, act: impl Fn(&T) -> Vec<String> + Sync) -> Vec<String> {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let of_this = act(item);
                    found.lock().unwrap().extend(of_this);
                }
            });
        }
    });
    found.into_inner().unwrap()
}

/// The models that are tried until one shows the flaw, the one with most first.
const MODELS: [&str; 6] =
    ["full", "security_key_ctap2_3", "security_key_ctap2_1", "security_key_ctap2_0", "no_pin", "platform"];

/// The verdict on a case before an authenticator with the flaw that it catches.
fn caught(id: &str, flaw: &'static AuthenticatorFlaw) -> Option<String> {
    let mut last = None;
    let ready_made = MODELS.iter().map(|name| Model::named(name).unwrap());
    for model in ready_made.chain(further().map(|(_, model)| model)) {
        let target = InProcessAuthenticator::new(&model, Some(flaw), "flawed").unwrap();
        let target = if id.starts_with("nfc/") { target.as_card() } else { target };
        let harness = AuthenticatorHarness::new(&target).seed("run").allow_reset(true).filters([id]);
        let report = harness.run();
        let verdicts: Vec<_> = report
            .cases
            .iter()
            .filter(|case| case.id == id)
            .map(|case| (case.verdict, case.why.clone()))
            .collect();
        match verdicts.as_slice() {
            [(Verdict::Fail | Verdict::Weak, _)] => return None,
            other => last = Some(format!("{id}: {other:?} {:?}", report.trouble)),
        }
    }
    last
}

#[test]
fn every_case_catches_its_flaw() {
    let cases = super::all();
    let missing: Vec<&str> = cases
        .iter()
        .filter(|case| AuthenticatorFlaw::from_id(case.caught_flaw()).is_none())
        .map(|case| case.id())
        .collect();
    assert!(missing.is_empty(), "no flaw: {missing:#?}");
    let escaped = in_parallel(cases, |case| {
        let flaw = AuthenticatorFlaw::from_id(case.caught_flaw()).unwrap();
        caught(case.id(), flaw).into_iter().collect()
    });
    assert!(escaped.is_empty(), "not caught: {escaped:#?}");
}

#[test]
fn every_flaw_is_caught_by_a_case() {
    let cases = super::all();
    let caught: BTreeSet<&str> = cases.iter().map(|case| case.caught_flaw()).collect();
    let flaws: Vec<&str> = AuthenticatorFlaw::all().map(AuthenticatorFlaw::id).collect();
    let idle: Vec<&&str> = flaws.iter().filter(|id| !caught.contains(**id)).collect();
    assert!(idle.is_empty(), "{idle:?}");
    assert_eq!(flaws.len(), flaws.iter().collect::<BTreeSet<_>>().len());
}

/// What the run has made and set is gone when it is over.
#[test]
fn a_run_leaves_the_authenticator_as_it_was() {
    let target = InProcessAuthenticator::new(&Model::named("full").unwrap(), None, "left").unwrap();
    let play = |harness: AuthenticatorHarness<'_>, filter: &str| {
        let report = harness.seed("run").filters([filter]).run();
        let is_good = |verdict| matches!(verdict, Verdict::Pass | Verdict::Skip);
        let bad = report.cases.iter().find(|case| !is_good(case.verdict));
        assert!(bad.is_none() && report.trouble.is_none(), "{bad:?}");
        report.cases.iter().filter(|case| case.verdict == Verdict::Pass).count()
    };
    // With resets, it is as it came from the factory: nothing is listed, and no PIN is set.
    assert!(play(AuthenticatorHarness::new(&target).allow_reset(true), "get-next-assertion/names") > 0);
    assert_eq!(play(AuthenticatorHarness::new(&target).pin("24680135"), "get-next-assertion/names"), 0);
    // Where the PIN is somebody's, it stays, and the discoverable credentials are deleted.
    let set = AuthenticatorHarness::new(&target).allow_reset(true).pin("24680135");
    assert!(play(set, "get-next-assertion/names") > 0);
    let settings = Settings {
        seed: "afterwards".to_owned(),
        pin: Some("24680135".to_owned()),
        allow_reset: false,
        longest_wait: Duration::ZERO,
        patience: Patience::default(),
    };
    let mut world = World::new();
    let mut stage = Stage::new(&target, &settings, &mut world);
    stage.prepare(&[Need::PinSet]).unwrap();
    assert_eq!(stage.count_credentials().unwrap(), 0);
}

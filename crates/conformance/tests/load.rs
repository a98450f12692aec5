//! Load: what is asked for is what comes, and what is wrong is counted.

mod common;

use std::time::Duration;

use stuntkey_conformance::{
    Description, Flaw, HttpTarget, Load, ReferenceRelyingParty, Session, Settings, Target,
};

const ORIGIN: &str = "https://example.org";

fn relying_party(flaw: Option<&str>) -> ReferenceRelyingParty {
    let settings = Settings::new("example.org", ORIGIN);
    let settings = match flaw {
        Some(id) => settings.flaw(Flaw::from_id(id).unwrap()),
        None => settings,
    };
    ReferenceRelyingParty::new(settings).unwrap()
}

#[test]
fn every_user_registers_and_logs_in_once() {
    let target = relying_party(None);
    let report = Load::new(&target, ORIGIN).users(3).each_once(20).run();
    assert_eq!((report.registered, report.logged_in, target.credential_count()), (20, 20, 20));
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.steps.len(), 4);
    assert!(report.steps.iter().all(|step| step.count == 20 && step.p50 <= step.p99 && step.p99 <= step.max));
}

/// The users follow from the seed: a second run of it finds them registered already.
#[test]
fn the_same_seed_gives_the_same_users() {
    let target = relying_party(None);
    assert!(Load::new(&target, ORIGIN).seed("a").each_once(5).run().is_clean());
    let again = Load::new(&target, ORIGIN).seed("a").each_once(5).run();
    assert_eq!((again.registered, target.credential_count()), (0, 5));
    assert_eq!(again.errors.iter().map(|error| error.count).sum::<u64>(), 5);
    assert!(Load::new(&target, ORIGIN).seed("b").each_once(5).run().is_clean());
    assert_eq!(target.credential_count(), 10);
}

#[test]
fn what_is_bad_is_refused_and_told_where_it_is_not() {
    let short = Duration::from_secs(3);
    let sound = relying_party(None);
    let report = Load::new(&sound, ORIGIN).users(2).bad(0.5).duration(short).run();
    assert!(report.is_clean(), "{report:?}");
    assert!(report.bad > 0 && report.registered > 0 && report.logged_in > 0);

    let flawed = relying_party(Some("client-data/origin"));
    let report = Load::new(&flawed, ORIGIN).users(2).bad(1.0).duration(short).run();
    assert!(!report.wrongly_accepted.is_empty(), "{report:?}");
    assert!(report.was_reached() && !report.is_clean(), "{report:?}");
    assert!(
        report.wrongly_accepted.keys().all(|fault| fault.starts_with("client-data/origin/")),
        "{report:?}"
    );

    // Who was accepted with a fault is registered, and nobody registers with that credential again.
    let report = Load::new(&flawed, ORIGIN).users(2).bad(0.5).duration(short).run();
    assert!(!report.wrongly_accepted.is_empty() && report.registered > 0, "{report:?}");
    assert_eq!(report.errors, [], "sound ceremonies that failed");
}

/// A target in the same process may have a bug.
#[test]
fn a_panic_ends_the_load() {
    struct Broken;
    impl Target for Broken {
        fn session(&self) -> Box<dyn Session + '_> {
            panic!("broken")
        }
    }
    let load = || Load::new(&Broken, ORIGIN).users(2).each_once(2).watcher(&|_| {}).run();
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(load)).is_err());
}

#[test]
fn a_rate_is_kept() {
    let target = relying_party(None);
    let report = Load::new(&target, ORIGIN).users(4).rate(20.0).duration(Duration::from_secs(2)).run();
    assert_eq!(report.registered + report.logged_in, 40, "{report:?}");
    assert!(report.late.is_some());
}

#[test]
fn over_http_each_user_is_another_browser() {
    let (relying_party, url, origin) = common::running();
    let target = HttpTarget::new(&url, Description::named("fido").unwrap()).unwrap();
    let report = Load::new(&target, &origin).users(2).each_once(10).run();
    assert_eq!((report.registered, report.logged_in), (10, 10), "{report:?}");
    drop(relying_party);
    let report = Load::new(&target, &origin).seed("later").users(1).each_once(2).run();
    assert!(!report.was_reached() && !report.is_clean(), "{report:?}");
    // Nothing was answered, so nothing took any time.
    assert!(report.steps.is_empty() && report.slowest.is_empty(), "{report:?}");
}

/// What is due when the time is over is missed, not made up for.
#[test]
fn a_rate_that_nobody_can_keep_ends_on_time() {
    let target = relying_party(None);
    let second = Duration::from_secs(1);
    let report = Load::new(&target, ORIGIN).users(1).rate(20_000.0).duration(second).run();
    assert!(report.seconds < 3.0, "{}", report.seconds);
    assert!(report.missed > 0, "{report:?}");
    let began = report.registered + report.logged_in;
    assert_eq!(began + report.missed, 20_000, "{report:?}");
}

#[test]
fn a_rate_beyond_all_measure_ends_as_well() {
    let target = relying_party(None);
    let report = Load::new(&target, ORIGIN).users(1).rate(1e308).duration(Duration::from_millis(100)).run();
    assert!(report.seconds < 3.0, "{}", report.seconds);
}

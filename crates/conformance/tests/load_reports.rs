//! Reports of load: nothing is lost in them, and nothing that a target says gets out of hand.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use stuntkey_conformance::{
    Answer, AuthenticationRequest, Load, LoadComparison, LoadFormat, LoadReport, ReferenceRelyingParty,
    RegistrationRequest, Session, Settings, Target,
};

const ORIGIN: &str = "https://example.org";
/// Text that is something else in HTML, in Markdown and to a terminal.
const HOSTILE: &str = "</section><script>alert(1)</script> | `x` | \u{1b}[31m \u{9b}\u{202e}\n# heading";

fn sound() -> LoadReport {
    let target = ReferenceRelyingParty::new(Settings::new("example.org", ORIGIN)).unwrap();
    Load::new(&target, ORIGIN).users(3).each_once(30).run()
}

/// Refuses every third registration, and is slow once.
#[derive(Default)]
struct Hostile(AtomicU64);

impl Target for Hostile {
    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(self)
    }
}

impl Session for &Hostile {
    fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer {
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        match number {
            3 => {
                thread::sleep(Duration::from_millis(60));
                Answer::Crashed(HOSTILE.into())
            }
            number if number % 3 == 0 => Answer::Refused(HOSTILE.into()),
            _ => Answer::Accepted(format!(
                r#"{{"challenge":"AAAAAAAAAAAAAAAAAAAAAA","rp":{{"name":"x","id":"example.org"}},
                "user":{{"id":"AAAA","name":"{}","displayName":"x"}},
                "pubKeyCredParams":[{{"type":"public-key","alg":-7}}]}}"#,
                wanted.username
            )),
        }
    }

    fn register(&mut self, _: &str) -> Answer {
        Answer::Accepted("{}".into())
    }

    fn authentication_options(&mut self, _: &AuthenticationRequest<'_>) -> Answer {
        Answer::Refused(HOSTILE.into())
    }

    fn authenticate(&mut self, _: &str) -> Answer {
        Answer::Refused(HOSTILE.into())
    }
}

fn hostile() -> LoadReport {
    Load::new(&Hostile::default(), ORIGIN).name(HOSTILE).users(2).each_once(30).run()
}

#[test]
fn the_intervals_have_all_that_happened() {
    for report in [sound(), hostile()] {
        let accepted: u64 = report.over_time.iter().map(|interval| interval.accepted).sum();
        let failed: u64 = report.over_time.iter().map(|interval| interval.failed).sum();
        assert_eq!(accepted, report.registered + report.logged_in);
        assert_eq!(failed, report.failed());
        for step in &report.steps {
            let steps = report.over_time.iter().flat_map(|interval| &interval.steps);
            let counts = steps.filter(|other| other.step == step.step).map(|other| other.count);
            assert_eq!(counts.sum::<u64>(), step.count, "{}", step.step);
        }
        let last = report.over_time.last().unwrap();
        assert!((last.at + last.seconds - report.seconds).abs() < 1e-6, "{report:?}");
    }
}

#[test]
fn the_slowest_come_first_with_what_was_said() {
    let report = hostile();
    assert_eq!(report.slowest.len(), 10);
    assert!(report.slowest.is_sorted_by(|one, next| one.microseconds >= next.microseconds));
    let slowest = &report.slowest[0];
    assert!(slowest.microseconds >= 60_000, "{slowest:?}");
    assert_eq!(slowest.step, "registration options");
    assert!(slowest.answer.starts_with("broke down: </section>"), "{slowest:?}");
    assert!(slowest.user.ends_with("@example.org"), "{slowest:?}");
    assert!(report.over_time.iter().map(|interval| interval.seconds).sum::<f64>() >= 0.06);
}

#[test]
fn json_is_the_report() {
    let report = hostile();
    let text = report.to_text(LoadFormat::Json);
    assert_eq!(LoadReport::from_json(&text).unwrap(), report);
    // It may be printed to a terminal.
    for text in [&text, &report.to_json_line()] {
        assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{text}");
    }
    assert_eq!(report.to_json_line().lines().count(), 1);
    assert_eq!(LoadReport::from_json(&report.to_json_line()).unwrap(), report);
    let comparison = LoadComparison { before: sound(), now: report };
    let text = comparison.to_text(LoadFormat::Json);
    assert_eq!(serde_json::from_str::<LoadComparison>(&text).unwrap(), comparison);
}

/// Reports of versions that did not keep the time.
#[test]
fn a_report_without_intervals_can_be_shown_and_compared() {
    let now = sound();
    let mut old = serde_json::to_value(&now).unwrap();
    for member in ["began", "over_time", "slowest"] {
        old.as_object_mut().unwrap().remove(member);
    }
    let before = LoadReport::from_json(&old.to_string()).unwrap();
    assert_eq!(before.registered, 30);
    let comparison = LoadComparison { before, now };
    assert!(comparison.to_text(LoadFormat::Html).contains("1.00×"));
    assert!(comparison.to_text(LoadFormat::Markdown).contains("| registration result | before | 30 |"));
}

/// A file that somebody wrote by hand, or that was damaged.
#[test]
fn strange_numbers_are_shown_somehow() {
    let report = serde_json::to_value(sound()).unwrap();
    for number in ["5e-324", "-1e308", "1.7e308", "0"] {
        let number: serde_json::Value = serde_json::from_str(number).unwrap();
        let mut strange = report.clone();
        for place in ["/seconds", "/throughput", "/over_time/0/at", "/over_time/0/seconds"] {
            *strange.pointer_mut(place).unwrap() = number.clone();
        }
        strange["rate"] = number;
        strange["steps"][0]["max"] = u64::MAX.into();
        strange["over_time"][0]["accepted"] = u64::MAX.into();
        let error = serde_json::json!({ "step": "x", "kind": "y", "count": u64::MAX, "first": "" });
        strange["errors"] = serde_json::json!([error, error]);
        strange["wrongly_accepted"] = serde_json::json!({ "a": u64::MAX, "b": u64::MAX });
        strange["bad"] = 1.into();
        let strange = LoadReport::from_json(&strange.to_string()).unwrap();
        let comparison = LoadComparison { before: strange.clone(), now: strange.clone() };
        for (_, format) in LoadFormat::ALL {
            assert!(!strange.to_text(*format).is_empty() && !comparison.to_text(*format).is_empty());
        }
        assert!(!strange.to_terminal().is_empty() && !comparison.to_terminal().is_empty());
    }
}

#[test]
fn nothing_that_a_target_says_gets_out_of_hand() {
    let report = hostile();
    let comparison = LoadComparison { before: sound(), now: report.clone() };
    for page in [report.to_text(LoadFormat::Html), comparison.to_text(LoadFormat::Html)] {
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        assert!(page.contains("default-src 'none'") && !page.contains("http-equiv=\"refresh\""));
        assert!(!page.contains(['\u{1b}', '\u{9b}', '\u{202e}']));
        let document = roxmltree::Document::parse(&as_xml(&page)).map(|_| ());
        assert_eq!(document, Ok(()));
    }
    for page in [report.to_text(LoadFormat::Markdown), comparison.to_text(LoadFormat::Markdown)] {
        assert!(!page.contains("<script") && !page.contains('\u{1b}') && !page.contains("\n# heading"));
        let rows = page.lines().filter(|line| line.starts_with('|'));
        let cells = |line: &str| line.matches(" | ").count();
        let mut width = None;
        for row in rows {
            if row.contains("| --- |") || row.contains("---:") {
                width = Some(cells(row));
            } else if let Some(width) = width.filter(|_| !page.contains(&format!("{row}\n| ---"))) {
                assert_eq!(cells(row), width, "{row}");
            }
        }
    }
    for text in [report.to_terminal(), comparison.to_terminal()] {
        assert!(!text.contains('\u{1b}') && !text.contains("\n# heading"), "{text}");
    }
}

/// What an XML parser needs beside: elements without an end.
fn as_xml(page: &str) -> String {
    let mut out = String::new();
    for line in page.lines().filter(|line| !line.starts_with("<!DOCTYPE")) {
        let closed = line.starts_with("<meta ") && line.ends_with('>');
        out.push_str(&if closed { line.trim_end_matches('>').to_owned() + "/>" } else { line.to_owned() });
        out.push('\n');
    }
    out
}

#[test]
fn both_runs_stand_beside_each_other() {
    let (mut before, mut now) = (sound(), sound());
    (before.throughput, now.throughput) = (100.0, 250.0);
    now.target =
        "https://login.example.com/a/rather/long/path/to/a/relying/party/of/somebody/or/other".into();
    (now.rate, now.ramp_up, now.logins, now.bad_share) = (Some(123_456.0), 30.0, Some(0.5), Some(0.25));
    let comparison = LoadComparison { before, now };
    let text = comparison.to_terminal();
    assert!(text.contains("ceremonies a second         100      250   2.50×"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    let page = comparison.to_text(LoadFormat::Html);
    assert!(page.contains("100 ceremonies a second before, 250 now: <b>2.50×</b>"));
    assert!(page.contains("rising for 30 s, 50 % logins, 25 % with a fault"));
    assert!(comparison.to_text(LoadFormat::Markdown).contains("Ceremonies a second, now to before: 2.50×"));
}

#[test]
fn a_file_name_chooses_the_format() {
    let of = |name: &str| LoadFormat::of_file(Path::new(name));
    assert_eq!(of("load.html"), Some(LoadFormat::Html));
    assert_eq!(of("a/load.MD"), Some(LoadFormat::Markdown));
    assert_eq!(of("load.json"), Some(LoadFormat::Json));
    assert_eq!((of("load.xml"), of("load"), of(".html")), (None, None, None));
}

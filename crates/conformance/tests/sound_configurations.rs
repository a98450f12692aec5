//! No sound relying party is accused: the reference without a flaw, in every configuration that the standard leaves open,
//! passes. What fails, is weak or breaks off here is wrong with the harness.
//!
//! The configurations cover every pair of choices, but those that exclude each other. Most are played in the same process; the
//! choices that only HTTP has are played over HTTP.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::crypto::Algorithm;
use stuntkey::verifier::ClientDataVerification;
use stuntkey::webauthn::{Attachment, AttestationConveyance, ResidentKey, UserVerification};
use stuntkey_conformance::{
    Allowance, Configuration, Description, FailOn, Harness, HttpTarget, Logins, Names, Profile,
    ReferenceRelyingParty, Refusal, Report, RunningServer, Server, Settings, TestBlob, UserNames, Verdict,
    select_cases,
};

/// A choice, as a change to the configuration and to what is around it.
type Choice = fn(&mut Setup);

/// A relying party, and what a run against it has to be told.
#[derive(Debug, Clone)]
struct Setup {
    configuration: Configuration,
    /// The host of its pages.
    host: &'static str,
    user_names: &'static str,
    related_origin: Option<&'static str>,
    has_metadata: bool,
    has_second: bool,
    allowances: Vec<Allowance>,
    over_http: bool,
    /// Whether its challenges expire soon, so that a run waits for it.
    is_waited_for: bool,
}

/// The choices of a dimension, by their names.
type Choices = Vec<(String, Box<dyn Fn(&mut Setup)>)>;

fn plain(choices: &[(&str, Choice)]) -> Choices {
    let mut boxed: Choices = Vec::new();
    for (name, choice) in choices {
        boxed.push(((*name).to_owned(), Box::new(*choice)));
    }
    boxed
}

/// The dimensions, each with its choices; the first is the default.
fn dimensions() -> Vec<(&'static str, Choices)> {
    let mut algorithms = plain(&[("all", |_| {})]);
    for algorithm in Algorithm::ALL.iter().copied().filter(|algorithm| *algorithm != Algorithm::Rs1) {
        let name = algorithm.name();
        algorithms.push((
            format!("{name} first"),
            Box::new(move |setup| {
                let others = Algorithm::ALL.iter().copied().filter(|other| *other != algorithm);
                setup.configuration.algorithms = Some(std::iter::once(algorithm).chain(others).collect());
            }),
        ));
        algorithms.push((
            format!("{name} alone"),
            Box::new(move |setup| setup.configuration.algorithms = Some(vec![algorithm])),
        ));
    }
    vec![
        ("algorithms", algorithms),
        (
            "attestation",
            plain(&[
                ("as asked", |_| {}),
                ("none", |s| s.configuration.attestation = Some(AttestationConveyance::None)),
                ("indirect", |s| s.configuration.attestation = Some(AttestationConveyance::Indirect)),
                ("direct", |s| s.configuration.attestation = Some(AttestationConveyance::Direct)),
                ("enterprise", |s| s.configuration.attestation = Some(AttestationConveyance::Enterprise)),
            ]),
        ),
        (
            "user verification",
            plain(&[
                ("as asked", |_| {}),
                ("required", |s| s.configuration.user_verification = Some(UserVerification::Required)),
                ("preferred", |s| s.configuration.user_verification = Some(UserVerification::Preferred)),
                ("discouraged", |s| s.configuration.user_verification = Some(UserVerification::Discouraged)),
            ]),
        ),
        (
            "resident key",
            plain(&[
                ("as asked", |_| {}),
                ("required", |s| s.configuration.resident_key = Some(ResidentKey::Required)),
                ("preferred", |s| s.configuration.resident_key = Some(ResidentKey::Preferred)),
                ("discouraged", |s| s.configuration.resident_key = Some(ResidentKey::Discouraged)),
            ]),
        ),
        (
            "attachment",
            plain(&[
                ("unset", |_| {}),
                ("platform", |s| s.configuration.attachment = Some(Attachment::Platform)),
                ("cross-platform", |s| s.configuration.attachment = Some(Attachment::CrossPlatform)),
            ]),
        ),
        (
            "logins",
            plain(&[
                ("either", |_| {}),
                ("named", |s| s.configuration.logins = Logins::Named),
                ("nameless", |s| s.configuration.logins = Logins::Nameless),
            ]),
        ),
        (
            "names",
            plain(&[
                ("any", |_| {}),
                ("e-mail addresses", |s| s.configuration.names = Names::EmailAddresses),
                ("numbers", |s| {
                    s.configuration.names = Names::Numbers;
                    s.user_names = "{number}";
                }),
            ]),
        ),
        (
            "challenge",
            plain(&[
                ("32", |_| {}),
                ("16", |s| s.configuration.challenge_length = 16),
                ("64", |s| s.configuration.challenge_length = 64),
            ]),
        ),
        ("host", plain(&[("the RP ID", |_| {}), ("a subdomain", |s| s.host = "login.example.org")])),
        (
            "trust",
            plain(&[
                ("anchors", |_| {}),
                ("anybody", |s| s.configuration.trust_anchors = false),
                ("attestation required", |s| s.configuration.attestation_optional = false),
            ]),
        ),
        ("second relying party", plain(&[("there", |_| {}), ("none", |s| s.has_second = false)])),
        ("metadata", plain(&[("read", |_| {}), ("none", |s| s.has_metadata = false)])),
        (
            "formats",
            plain(&[
                ("all", |_| {}),
                ("packed and none", |s| {
                    s.configuration.formats = Some(vec![AttestationFormat::Packed, AttestationFormat::None]);
                }),
                ("none", |s| s.configuration.formats = Some(vec![AttestationFormat::None])),
            ]),
        ),
        ("counter", plain(&[("compared", |_| {}), ("ignored", |s| s.configuration.counts = false)])),
        (
            "origins",
            plain(&[
                ("exact", |_| {}),
                ("subdomains", |s| {
                    s.configuration.subdomain_origins = true;
                    s.allowances = vec![Allowance::SubdomainOrigins];
                }),
            ]),
        ),
        (
            "client data",
            plain(&[
                ("parsed", |_| {}),
                ("limited", |s| s.configuration.client_data = ClientDataVerification::Limited),
            ]),
        ),
        (
            "mediation",
            plain(&[("as asked", |_| {}), ("conditional", |s| s.configuration.conditional_create = true)]),
        ),
        (
            "related origins",
            plain(&[
                ("none", |_| {}),
                ("another site", |s| s.related_origin = Some("https://example.net")),
                ("a subdomain", |s| s.related_origin = Some("https://sub.example.org")),
            ]),
        ),
        (
            "http",
            plain(&[
                ("none", |_| {}),
                ("refusals by 4xx", |s| s.over_http = true),
                ("refusals by 200", |s| {
                    s.over_http = true;
                    s.configuration.refusal = Refusal::Member;
                }),
            ]),
        ),
    ]
}

/// Choices that exclude each other, by their names: no sound relying party makes both.
const EXCLUDED: &[(&str, &str)] = &[
    // Whoever does not ask for attestation cannot require it, nor can whoever supports no format.
    ("attestation none", "trust attestation required"),
    ("attestation as asked", "trust attestation required"),
    ("formats none", "trust attestation required"),
    // A login without a name needs a credential that is discoverable.
    ("resident key discouraged", "logins nameless"),
    // A conditional create shows nothing, so it can verify nobody.
    ("user verification as asked", "mediation conditional"),
    ("user verification required", "mediation conditional"),
];

fn is_excluded(choices: &[String]) -> bool {
    let has = |name: &str| choices.iter().any(|choice| choice == name);
    EXCLUDED.iter().any(|(one, other)| has(one) && has(other))
}

/// Rows of choices, by their positions, that together have every pair: each row takes, dimension by dimension, the choice
/// that makes the most pairs that no row has yet.
fn rows(names: &[Vec<String>]) -> Vec<Vec<usize>> {
    let pair_of = |a: (usize, usize), b: (usize, usize)| if a < b { (a, b) } else { (b, a) };
    let excluded = |a: (usize, usize), b: (usize, usize)| {
        is_excluded(&[names[a.0][a.1].clone(), names[b.0][b.1].clone()])
    };
    let mut missing = BTreeSet::new();
    for one in 0..names.len() {
        for other in one + 1..names.len() {
            for a in 0..names[one].len() {
                for b in 0..names[other].len() {
                    if !excluded((one, a), (other, b)) {
                        missing.insert(((one, a), (other, b)));
                    }
                }
            }
        }
    }
    let mut rows = Vec::new();
    while let Some((first, second)) = missing.first().copied() {
        let mut row: BTreeMap<usize, usize> = BTreeMap::from([first, second]);
        for (dimension, choices) in names.iter().enumerate() {
            if row.contains_key(&dimension) {
                continue;
            }
            let allowed = |choice: &usize| row.iter().all(|(d, c)| !excluded((dimension, *choice), (*d, *c)));
            let gain = |choice: &usize| {
                row.iter()
                    .filter(|(d, c)| missing.contains(&pair_of((dimension, *choice), (**d, **c))))
                    .count()
            };
            let best = (0..choices.len()).filter(allowed).rev().max_by_key(gain);
            row.insert(dimension, best.expect("the defaults exclude nothing"));
        }
        for one in 0..names.len() {
            for other in one + 1..names.len() {
                missing.remove(&((one, row[&one]), (other, row[&other])));
            }
        }
        rows.push(row.into_values().collect());
    }
    rows
}

fn setups() -> Vec<(String, Setup)> {
    let dimensions = dimensions();
    let names: Vec<Vec<String>> = dimensions
        .iter()
        .map(|(dimension, choices)| choices.iter().map(|(name, _)| format!("{dimension} {name}")).collect())
        .collect();
    let setup = |row: Vec<usize>| {
        let mut setup = Setup {
            configuration: Configuration::default(),
            host: "example.org",
            user_names: "{}@example.org",
            related_origin: None,
            has_metadata: true,
            has_second: true,
            allowances: Vec::new(),
            over_http: false,
            is_waited_for: row.iter().all(|choice| *choice == 0),
        };
        let mut chosen = Vec::new();
        for (dimension, choice) in row.into_iter().enumerate() {
            dimensions[dimension].1[choice].1(&mut setup);
            if choice > 0 {
                chosen.push(names[dimension][choice].clone());
            }
        }
        (chosen.join(", "), setup)
    };
    let mut setups: Vec<(String, Setup)> = rows(&names).into_iter().map(setup).collect();
    // Statuses of refusals, and what would take long in every run.
    let mut others = [401, 403, 422].into_iter().cycle();
    for (_, setup) in &mut setups {
        if let (true, Refusal::Status(status)) = (setup.over_http, &mut setup.configuration.refusal) {
            *status = others.next().unwrap_or(400);
        }
    }
    let (name, plain) = setups.first().cloned().expect("there are several");
    let mut busy = plain.clone();
    busy.over_http = true;
    // Who waits for 429 takes longer than a challenge that expires soon.
    busy.is_waited_for = false;
    let mut slow = busy.clone();
    busy.configuration.requests_per_second = Some(400);
    slow.configuration.delay = Duration::from_millis(20);
    setups.push((format!("{name}, 429 at 400 requests in a second"), busy));
    setups.push((format!("{name}, slow answers"), slow));
    setups
}

/// Enough of them that every choice is made, but for the algorithms; or all of them.
fn selected() -> Vec<(String, Setup)> {
    let all = setups();
    if std::env::var_os("STUNTKEY_CONFIGURATIONS").is_some_and(|which| which == "all") {
        return all;
    }
    let (pairs, others) = all.split_at(all.len() - 2);
    pairs.iter().take(6).chain(others).cloned().collect()
}

fn run(setup: &Setup, seed: &str) -> Report {
    // Short enough to wait for, and long enough for a case on a busy machine; or too long to wait for.
    let timeout = Duration::from_secs(if setup.is_waited_for { 3 } else { 300 });
    let origin = format!("https://{}", setup.host);
    let mut settings =
        Settings::new("example.org", &origin).timeout(timeout).configuration(setup.configuration.clone());
    if setup.has_metadata {
        let authority = CertificateAuthority::test_root();
        let blob = |blob: &TestBlob| blob.text(&authority, Algorithm::Es256);
        settings = settings.metadata(TestBlob::ALL.iter().filter_map(blob));
    }
    let (second_rp_id, second_origin) = ("second.example", "https://second.example");
    if setup.has_second {
        settings = settings.second(second_rp_id, second_origin);
    }
    if let Some(related) = setup.related_origin {
        settings = settings.related_origin(related);
    }
    let harness = |target| {
        Harness::new(target, &origin)
            .profile(Profile::L3)
            .fail_on(FailOn::Should)
            .seed(seed)
            .deadline(Duration::from_secs(60))
            .user_names(setup.user_names.parse::<UserNames>().unwrap())
            .allows(setup.allowances.iter().copied())
            .jobs(16)
            .run()
    };
    let relying_party = ReferenceRelyingParty::new(settings).unwrap();
    if !setup.over_http {
        return harness(&relying_party);
    }
    let bind = || Server::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let second = relying_party.second().map(|second| bind().start(second));
    let running = bind().start(relying_party);
    let mut description = include_str!("../src/relying_party/target/descriptions/fido.toml").to_owned();
    description.insert_str(0, "session_cookie = \"stuntkey-session\"\n");
    description = description.replace("\"attestation\":", "\"mediation\":\"{{mediation}}\",\"attestation\":");
    if setup.configuration.logins == Logins::Nameless {
        description = description.replace(
            "[authentication.options]",
            "[authentication]\nby_name = false\n[authentication.options]",
        );
    }
    let target = |server: &RunningServer| {
        HttpTarget::new(&server.url(), Description::from_toml(&description).unwrap()).unwrap()
    };
    match &second {
        Some(second) => harness(&target(&running).with_second(target(second), second_origin)),
        None => harness(&target(&running)),
    }
}

/// What speaks against a sound relying party.
fn accusations(report: &Report) -> Vec<String> {
    let cases = report
        .cases
        .iter()
        .filter(|case| !matches!(case.verdict, Verdict::Pass | Verdict::Skip | Verdict::Advice));
    let cases = cases.map(|case| format!("{} {}: {}", case.verdict, case.id, case.why));
    cases.chain(report.trouble.clone()).collect()
}

/// `STUNTKEY_CONFIGURATIONS=all cargo test --release …` plays them all, which takes minutes; `STUNTKEY_TABLE=1` and
/// `--nocapture` print what came of each.
#[test]
fn no_sound_configuration_is_accused() {
    let setups = selected();
    let mut accused = Vec::new();
    let mut passed = BTreeSet::new();
    let mut played = 0;
    for (number, (name, setup)) in setups.iter().enumerate() {
        let report = run(setup, &format!("configuration {number}"));
        played += report.cases.len();
        passed.extend(report.cases.iter().filter(|c| c.verdict == Verdict::Pass).map(|c| c.id.clone()));
        let found = accusations(&report);
        if std::env::var_os("STUNTKEY_TABLE").is_some() {
            println!(
                "{number}: {} pass, {} skip, {} advice, {} accused, {} ms: {name}",
                report.count(Verdict::Pass),
                report.count(Verdict::Skip),
                report.count(Verdict::Advice),
                found.len(),
                report.milliseconds
            );
        }
        accused.extend(found.into_iter().map(|found| format!("{name}: {found}")));
    }
    println!("{} configurations, {played} cases played, {} accusations", setups.len(), accused.len());
    assert!(accused.is_empty(), "{} accusations: {:#?}", accused.len(), &accused[..accused.len().min(40)]);
    let cases = select_cases(Profile::L3, &[""; 0]);
    let never: Vec<&str> = cases.iter().map(|case| case.id()).filter(|id| !passed.contains(*id)).collect();
    assert!(never.is_empty(), "skipped in every configuration: {never:?}");
}

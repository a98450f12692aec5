use std::sync::LazyLock;
use std::time::SystemTime;

use serde_json::Value;

use super::*;
use crate::core::report::Report;
use crate::core::verdict::Verdict;
use crate::relying_party::harness::Harness;
use crate::relying_party::reference::{Flaw, ReferenceRelyingParty, Settings};
use crate::relying_party::target::{
    Answer, Ask, Asked, AuthenticationRequest, Description, RegistrationRequest, Session, Target,
};
use crate::{Exchange, VirtualClock};

const ORIGIN: &str = "http://localhost";

/// The same whenever it is asked for: the clocks of a run and of its target agree.
fn now() -> Duration {
    static NOW: LazyLock<Duration> =
        LazyLock::new(|| SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap());
    *NOW
}

fn settings(flaw: Option<&str>) -> Settings {
    let settings = Settings::new("localhost", ORIGIN).timeout(Duration::from_secs(2));
    match flaw {
        Some(id) => settings.flaw(Flaw::from_id(id).unwrap_or_else(|| panic!("{id} is no flaw"))),
        None => settings,
    }
}

/// A reference relying party whose clock the waits of a run move.
fn reference(flaw: Option<&str>) -> (ReferenceRelyingParty, VirtualClock) {
    let clock = VirtualClock::new(now());
    (ReferenceRelyingParty::new(settings(flaw).clock(&clock)).unwrap(), clock)
}

/// Carries the steps of a run out, up to its report. Every case is told of once.
fn carry_out(mut run: StepRun, clock: &VirtualClock, mut answer: impl FnMut(&Step) -> StepAnswer) -> Report {
    let mut given = None;
    let mut ended = Vec::new();
    loop {
        let step = run.next(given).unwrap();
        ended.extend(run.take_ended());
        given = match step {
            Step::Wait { milliseconds } => {
                clock.advance(Duration::from_millis(milliseconds));
                None
            }
            Step::Done { report } => {
                let told: Vec<(&str, Verdict)> =
                    ended.iter().map(|case| (case.id.as_str(), case.verdict)).collect();
                assert_eq!(told, verdicts(&report));
                assert!(run.next(None).unwrap_err().to_string().contains("the run is over"));
                return *report;
            }
            step => Some(answer(&step)),
        };
    }
}

fn verdicts(report: &Report) -> Vec<(&str, Verdict)> {
    report.cases.iter().map(|case| (case.id.as_str(), case.verdict)).collect()
}

/// Two runs came to the same, apart from cases that need two requests at the same moment.
fn assert_same(found: &Report, expected: &Report) {
    assert_eq!(found.cases.len(), expected.cases.len());
    assert_eq!((&found.trouble, &found.attestation), (&expected.trouble, &expected.attestation));
    let mut at_once = 0;
    for (found, expected) in found.cases.iter().zip(&expected.cases) {
        if found.why == "the target takes one request after the other" {
            at_once += 1;
            continue;
        }
        let of = |case: &CaseReport| (case.id.clone(), case.verdict, case.exchanges.len());
        assert_eq!(of(found), of(expected), "found {:?}, expected {:?}", found.why, expected.why);
    }
    assert!(at_once <= 2, "{at_once} cases are left out");
}

/// The reference without what a relying party cannot do that is only asked.
struct Plain(ReferenceRelyingParty);

struct PlainSession<'a>(Box<dyn Session + 'a>);

impl Target for Plain {
    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(PlainSession(self.0.session()))
    }
}

impl Session for PlainSession<'_> {
    fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer {
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

    fn last_exchange(&mut self) -> Option<Exchange> {
        self.0.last_exchange()
    }
}

/// The same cases by steps that ask, and by a run in the same process.
fn compare_asked(flaw: Option<&str>, filters: &[&str]) -> Report {
    let filtered = |harness: Harness<'static>| harness.seed("steps").filters(filters.iter().copied());
    let (relying_party, clock) = reference(flaw);
    let mut sessions: Vec<Box<dyn Session + '_>> = Vec::new();
    let run = filtered(Harness::without_target(ORIGIN)).steps(StepTarget::asked(), now());
    let found = carry_out(run, &clock, |step| {
        let Step::Ask(asked) = step else { panic!("{step:?}") };
        let index = usize::try_from(asked.session).unwrap() - 1;
        while sessions.len() <= index {
            sessions.push(relying_party.session());
        }
        said(&asked.ask, sessions[index].as_mut())
    });
    let plain = Plain(ReferenceRelyingParty::new(settings(flaw)).unwrap());
    let expected = Harness::new(&plain, ORIGIN).seed("steps").filters(filters.iter().copied()).run();
    assert_same(&found, &expected);
    found
}

/// What a session answers to what it is asked.
fn said(ask: &Ask, session: &mut dyn Session) -> StepAnswer {
    use stuntkey::webauthn::{AttestationConveyance, ResidentKey, UserVerification};
    let of = |text: &Value| text.as_str().map_or_else(|| text.to_string(), str::to_owned);
    let answer = match ask {
        Ask::RegistrationOptions {
            username,
            display_name,
            user_verification,
            resident_key,
            attestation,
            mediation,
            extensions,
        } => session.registration_options(&RegistrationRequest {
            username,
            display_name,
            user_verification: UserVerification::from_name(user_verification).unwrap(),
            resident_key: ResidentKey::from_name(resident_key).unwrap(),
            attestation: AttestationConveyance::from_name(attestation).unwrap(),
            conditional: mediation.is_some(),
            extensions: &extensions.to_string(),
        }),
        Ask::RegistrationResult { reply } => session.register(&of(reply)),
        Ask::AuthenticationOptions { username, user_verification } => {
            session.authentication_options(&AuthenticationRequest {
                username: username.as_deref(),
                user_verification: UserVerification::from_name(user_verification).unwrap(),
            })
        }
        Ask::AuthenticationResult { reply } => session.authenticate(&of(reply)),
    };
    match answer {
        Answer::Accepted(body) => StepAnswer::Accepted(body),
        Answer::Refused(why) => StepAnswer::Refused(why),
        Answer::Crashed(how) => StepAnswer::Crashed(how),
        other => panic!("{other:?}"),
    }
}

#[test]
fn who_is_asked_comes_to_the_same_as_in_a_run_of_its_own() {
    let report = compare_asked(None, &[]);
    assert!(report.conforms(), "{:?}", report.trouble);
    assert!(report.cases.iter().filter(|case| case.verdict == Verdict::Pass).count() > 300);
}

#[test]
fn flaws_are_found_step_by_step() {
    for (flaw, filter) in [
        ("client-data/origin", "registration/client-data"),
        ("challenge/replayed", "authentication/challenge"),
        ("challenge/expired", "registration/challenge"),
    ] {
        let report = compare_asked(Some(flaw), &[filter]);
        let is_found = |case: &CaseReport| matches!(case.verdict, Verdict::Fail | Verdict::Advice);
        assert!(report.cases.iter().any(is_found), "{flaw}");
    }
}

#[cfg(all(feature = "http", feature = "serve"))]
#[test]
fn an_application_comes_to_the_same_as_over_connections() {
    use crate::relying_party::reference::Handler;
    use crate::{HttpTarget, Server};

    let second_origin = "http://second.localhost";
    let settings = || settings(None).second("second.localhost", second_origin);
    let clock = VirtualClock::new(now());
    let relying_party = Arc::new(ReferenceRelyingParty::new(settings().clock(&clock)).unwrap());
    let second = Handler::without_connections(relying_party.second().unwrap());
    let handler = Handler::without_connections(relying_party);
    let description = || Description::named("fido").unwrap();
    let target = StepTarget::described(second_origin, description()).unwrap();
    let target = described().with_second(target, second_origin);
    let run = Harness::without_target(ORIGIN).seed("steps").steps(target, now());
    let mut requests = 0;
    let found = carry_out(run, &clock, |step| {
        let Step::Request(request) = step else { panic!("{step:?}") };
        requests += 1;
        assert_eq!(request.number, requests);
        let handler = match request.url.strip_suffix(&request.path_and_query) {
            Some(ORIGIN) => &handler,
            base => {
                assert_eq!(base, Some(second_origin));
                &second
            }
        };
        let (status, headers, body) =
            handler.answer_to(&request.method, &request.path_and_query, &request.headers, &request.body);
        StepAnswer::Response { status, headers, body }
    });
    assert!(found.conforms(), "{:?}", found.trouble);

    let relying_party = Arc::new(ReferenceRelyingParty::new(settings()).unwrap());
    let start = |relying_party: Arc<ReferenceRelyingParty>| {
        let server = Server::bind(([127, 0, 0, 1], 0).into()).unwrap();
        (HttpTarget::new(&server.url(), description()).unwrap(), server.start(relying_party))
    };
    let (second, _running_second) = start(relying_party.second().unwrap());
    let (target, _running) = start(relying_party);
    let target = target.with_second(second, second_origin);
    let reply = target.reply().unwrap();
    assert_same(&found, &Harness::new(&target, ORIGIN).seed("steps").reply(reply).run());
}

fn described() -> StepTarget {
    StepTarget::described(ORIGIN, Description::named("fido").unwrap()).unwrap()
}

fn response(status: u16, headers: &[(&str, &str)], body: &str) -> StepAnswer {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    StepAnswer::Response { status, headers, body: body.to_owned() }
}

#[test]
fn a_run_before_an_application_that_gives_no_answers_ends() {
    let filters = ["registration/client-data"];
    for (answer, why) in [
        (response(200, &[], "<html>"), "no JSON: 200"),
        (response(500, &[], ""), "500"),
        (response(302, &[("Location", "/again")], ""), "more than 5 redirects"),
        (response(302, &[("Location", "https://elsewhere.example/")], ""), "more than 5 redirects"),
        (response(429, &[("Retry-After", "30")], ""), "429 Too Many Requests"),
        (StepAnswer::Failed("KeyError: 'id'".into()), "it gave no answer: KeyError: 'id'"),
        (StepAnswer::Hung, "no answer in time"),
    ] {
        let run = Harness::without_target(ORIGIN).filters(filters).steps(described(), now());
        let report = carry_out(run, &VirtualClock::new(now()), |_| answer.clone());
        let trouble = report.trouble.clone().unwrap_or_default();
        assert!(trouble.contains(why), "{why}: {trouble}");
        assert!(!report.complete && report.cases.is_empty());
    }
}

#[test]
fn an_application_that_stops_answering_is_soon_left_alone() {
    let (relying_party, clock) = reference(None);
    let mut session = relying_party.session();
    let mut asked = 0;
    let run = Harness::without_target(ORIGIN).steps(StepTarget::asked(), now());
    let report = carry_out(run, &clock, |step| {
        let Step::Ask(Asked { session: number, ask }) = step else { panic!("{step:?}") };
        asked += 1;
        // The preparation has a handful of sessions.
        match *number < 6 {
            true => said(ask, session.as_mut()),
            false => StepAnswer::Hung,
        }
    });
    let left = report.cases.iter().filter(|case| case.why.contains("no longer answers")).count();
    assert!(asked < 100 && left > 300, "{asked} requests, {left} cases left out");
}

#[test]
fn an_answer_of_another_kind_changes_nothing() {
    let mut run = Harness::without_target(ORIGIN).steps(described(), now());
    let early = run.next(Some(StepAnswer::Hung)).unwrap_err().to_string();
    assert_eq!(early, "found the answer hung, expected nothing, as there was no question");
    assert!(matches!(run.next(None), Ok(Step::Request(request)) if request.number == 1));
    for (wrong, name) in [(None, "nothing"), (Some(StepAnswer::Accepted("{}".into())), "accepted")] {
        let error = run.next(wrong).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("found the answer {name}, expected a response to a request: status, or failed or hung")
        );
    }
    assert!(matches!(run.next(Some(StepAnswer::Hung)), Ok(Step::Done { .. })));

    let mut run = Harness::without_target(ORIGIN).steps(StepTarget::asked(), now());
    assert!(matches!(run.next(None), Ok(Step::Ask(_))));
    let error = run.next(Some(response(200, &[], "{}"))).unwrap_err().to_string();
    assert!(error.contains("found the answer status, expected what the relying party says"), "{error}");
}

#[test]
fn an_application_that_has_time_later_is_waited_for() {
    let mut run = Harness::without_target(ORIGIN).steps(described(), now());
    let Ok(Step::Request(first)) = run.next(None) else { panic!() };
    assert!(matches!(
        run.next(Some(response(429, &[("retry-after", "2")], ""))),
        Ok(Step::Wait { milliseconds: 2000 })
    ));
    let Ok(Step::Request(again)) = run.next(None) else { panic!() };
    assert_eq!((again.number, again.session, &again.body), (2, first.session, &first.body));
}

#[test]
fn steps_are_json() {
    let mut run =
        Harness::without_target(ORIGIN).seed("json").steps(described().header("X-Test", "1"), now());
    let step = run.next(None).unwrap();
    let json = serde_json::to_value(&step).unwrap();
    assert_eq!(json["step"], "request");
    assert_eq!(json["pathAndQuery"], "/attestation/options");
    assert_eq!(json["action"], "registration options");
    let headers = json["headers"].as_array().unwrap();
    assert!(headers.contains(&serde_json::json!(["X-Test", "1"])), "{headers:?}");
    assert_eq!(serde_json::from_value::<Step>(json).unwrap(), step);

    let cookie = response(302, &[("Set-Cookie", "a=1; Path=/"), ("Location", "/x?y=1")], "");
    let Ok(Step::Request(request)) = run.next(Some(cookie)) else { panic!() };
    assert_eq!((request.path_and_query.as_str(), request.method.as_str()), ("/x?y=1", "GET"));
    assert!(request.headers.contains(&("cookie".to_owned(), "a=1".to_owned())), "{:?}", request.headers);

    let mut run = Harness::without_target(ORIGIN).seed("json").steps(StepTarget::asked(), now());
    let step = run.next(None).unwrap();
    let json = serde_json::to_value(&step).unwrap();
    assert_eq!(
        (&json["step"], &json["do"], &json["session"]),
        (&"ask".into(), &"registration options".into(), &1.into())
    );
    assert_eq!(serde_json::from_value::<Step>(json).unwrap(), step);
    let step = run.next(Some(StepAnswer::Hung)).unwrap();
    let json = serde_json::to_value(&step).unwrap();
    assert_eq!((&json["step"], &json["report"]["reached"]), (&"done".into(), &true.into()));
    assert_eq!(serde_json::from_value::<Step>(json).unwrap(), step);
}

#[test]
fn a_run_without_a_target_says_so() {
    let report = Harness::without_target(ORIGIN).run();
    assert!(!report.reached && !report.conforms());
    assert!(report.trouble.unwrap().contains("for somebody else to carry out"));
}

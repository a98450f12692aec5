//! What descriptions can say of a server: each thing before a server that is such.

mod common;
#[path = "common/scripted.rs"]
mod scripted;

use std::time::{Duration, Instant};

use scripted::{Request, answer, scripted};
use stuntkey::webauthn::{AttestationConveyance, ResidentKey, UserVerification};
use stuntkey_conformance::{
    Answer, AuthenticationRequest, Description, Harness, HttpTarget, RegistrationRequest, Session, Target,
    Verdict,
};

/// A target at this URL whose registration is described so; an authentication is one request each.
fn target(url: &str, registration: &str) -> HttpTarget {
    let text = format!(
        "{registration}\n[authentication.options]\nurl = \"{{{{base}}}}/login\"\n\
         [authentication.result]\nurl = \"{{{{base}}}}/login/end\"\n"
    );
    HttpTarget::new(url, Description::from_toml(&text).unwrap()).unwrap()
}

/// A registration whose requests are those at `/begin` and `/end`, with these lines in them.
fn plain(options: &str, result: &str) -> String {
    format!(
        "[registration.options]\nurl = \"{{{{base}}}}/begin\"\n{options}\n\
         [registration.result]\nurl = \"{{{{base}}}}/end\"\n{result}\n"
    )
}

fn begin(session: &mut (dyn Session + '_)) -> Answer {
    begin_as(session, "alice@example.org")
}

fn begin_as(session: &mut (dyn Session + '_), username: &str) -> Answer {
    session.registration_options(&RegistrationRequest {
        username,
        display_name: "Alice",
        user_verification: UserVerification::Required,
        resident_key: ResidentKey::Required,
        attestation: AttestationConveyance::Direct,
        conditional: false,
        extensions: "{}",
    })
}

/// What comes of a registration's result before a server that answers so.
fn judged(result: &str, status: u16, headers: &'static [&'static str], body: &'static str) -> Answer {
    let (url, _) = scripted(move |_| answer(status, headers, body));
    target(&url, &plain("", result)).session().register(r#"{"id":"x"}"#)
}

fn refused(answer: &Answer) -> &str {
    match answer {
        Answer::Refused(why) => why,
        other => panic!("expected a refusal, found {other:?}"),
    }
}

fn is_accepted(answer: &Answer) -> bool {
    matches!(answer, Answer::Accepted(_))
}

/// Who answers options that they never asked for has no flow's id.
#[test]
fn what_no_answer_brought_is_empty() {
    let (url, asked) = scripted(|_| answer(404, &[], ""));
    let described = plain("capture = { flow = \"/id\" }", "body = '{\"flow\":\"{{flow}}\"}'");
    refused(&target(&url, &described).session().register("{}"));
    assert_eq!(asked.lock().unwrap()[0].body, r#"{"flow":""}"#);
}

/// A page with a token, a form with it, a cookie with another one: as frameworks do.
#[test]
fn requests_before_the_options_sign_up_and_bring_tokens() {
    let (url, asked) = scripted(|request| match request.line().as_str() {
        "GET /sign-up" => answer(
            200,
            &["set-cookie: csrf=c%1; Path=/", "x-flow: f/1"],
            "<form action='/sign-up?step=1&amp;x=2'><input type=hidden name=token value='a&quot;b'></form>",
        ),
        "POST /sign-up?step=1&x=2" => answer(303, &["location: /home", "set-cookie: session=s1"], ""),
        "GET /home" => answer(200, &[], "<script>let user = { id: 'u 7' };</script>"),
        "POST /begin?flow=f%2F1" => answer(200, &[], r#"{"step":{"id":42}}"#),
        other => answer(404, &[], other),
    });
    let target = target(
        &url,
        r#"
[[registration.before]]
method = "GET"
url = "{{base}}/sign-up"
capture = { token = "html:input[name=token]", csrf = "cookie:csrf", flow = "header:X-Flow", action = "html:form" }

[[registration.before]]
url = "{{action}}"
content_type = "application/x-www-form-urlencoded"
body = "token={{token}}&email={{username}}&password={{password}}"
capture = { user = "text:id: '{}'" }

[registration.options]
url = "{{base}}/begin?flow={{flow}}"
headers = { X-CSRF = "{{csrf}}", X-Session = "{{cookie:session}}{{cookie:nothing}}" }
body = '{"user":"{{user}}","tag":"{{unique}}"}'
capture = { step = "/step/id" }

[registration.result]
url = "{{base}}/end/{{step}}"
"#,
    );
    let mut session = target.session();
    assert!(is_accepted(&begin(session.as_mut())));
    assert_eq!(
        session.register("{}"),
        Answer::Refused("404 from ".to_owned() + &url + "/end/42: POST /end/42")
    );
    let asked = asked.lock().unwrap();
    let form = &asked[1].body;
    assert!(form.starts_with("token=a%22b&email=alice%40example.org&password=Aa1%21"), "{form}");
    assert_eq!(asked[3].header("x-csrf"), "c%1");
    assert_eq!(asked[3].header("x-session"), "s1");
    assert!(asked[3].header("cookie").contains("session=s1"), "{:?}", asked[3]);
    assert!(asked[3].body.starts_with(r#"{"user":"u 7","tag":""#), "{}", asked[3].body);
    let named = |body: &str, from: usize| body[from..from + 16].to_owned();
    assert_eq!(named(form, form.len() - 16), named(&asked[3].body, asked[3].body.len() - 18));
}

#[test]
fn a_ceremony_may_begin_in_a_new_session() {
    let cookies = |lines: &str| {
        let (url, asked) = scripted(|_| answer(200, &["set-cookie: session=a"], "{}"));
        let target = target(&url, &format!("{lines}\n{}", plain("", "")));
        let mut session = target.session();
        begin(session.as_mut());
        assert!(is_accepted(&session.register("{}")));
        begin(session.as_mut());
        let asked = asked.lock().unwrap();
        asked.iter().map(|request| request.header("cookie").to_owned()).collect::<Vec<String>>()
    };
    assert_eq!(cookies(""), ["", "session=a", "session=a"]);
    assert_eq!(cookies("[registration]\nnew_session = true"), ["", "session=a", ""]);
}

#[test]
fn what_people_choose_is_the_same_in_every_session_and_their_own() {
    let (url, asked) = scripted(|_| answer(200, &[], "{}"));
    let target =
        target(&url, &plain("body = \"{{password}} {{unique}}\"\nheaders = { X = \"{{once}}\" }", ""));
    begin_as(target.session().as_mut(), "alice");
    begin_as(target.session().as_mut(), "alice");
    begin_as(target.session().as_mut(), "bob");
    let asked = asked.lock().unwrap();
    assert_eq!(asked[0].body, asked[1].body);
    assert_ne!(asked[0].body, asked[2].body);
    assert_ne!(asked[0].header("x"), asked[1].header("x"));
}

#[test]
fn what_comes_before_takes_none_of_the_time_of_a_case() {
    let (url, _) = scripted(|request| {
        if request.path == "/slow" {
            std::thread::sleep(Duration::from_millis(200));
        }
        answer(200, &[], "{}")
    });
    let slow = "[[registration.before]]\nurl = \"{{base}}/slow\"\n";
    let target = target(&url, &format!("{slow}{slow}{}", plain("", "")));
    let mut session = target.session();
    session.set_time_left(Duration::from_millis(350));
    assert!(is_accepted(&begin(session.as_mut())));
    assert!(is_accepted(&session.register("{}")));
    assert!(session.last_wait() >= Duration::from_millis(400));
    drop(session);
    // One that takes longer than a request may is given up.
    let target = target.timeout(Duration::from_millis(100));
    assert!(matches!(begin(target.session().as_mut()), Answer::Hung(_)));
}

/// Somebody who signed up before signs in: a status other than 2xx is a step, too.
#[test]
fn a_step_may_have_any_status() {
    let script = |request: &Request| match request.line().as_str() {
        "POST /sign-up" => answer(409, &[], r#"{"error":"exists"}"#),
        "POST /sign-in" => answer(401, &[], r#"{"next":"second factor"}"#),
        _ => answer(200, &[], "{}"),
    };
    let described = |sign_up: &str, sign_in: &str| {
        let before = format!(
            "[[registration.before]]\nurl = \"{{{{base}}}}/sign-up\"\n{sign_up}\n\
             [[registration.before]]\nurl = \"{{{{base}}}}/sign-in\"\n{sign_in}\n"
        );
        let (url, asked) = scripted(script);
        let answer = begin(target(&url, &(before + &plain("", ""))).session().as_mut());
        let lines: Vec<String> = asked.lock().unwrap().iter().map(Request::line).collect();
        (answer, lines)
    };
    let (answer, lines) = described(
        "accepted = { status = [200, 409] }",
        "accepted = { status = 401, \"/next\" = \"second *\" }\ncapture = { next = \"/next\" }",
    );
    assert!(is_accepted(&answer), "{answer:?}");
    assert_eq!(lines, ["POST /sign-up", "POST /sign-in", "POST /begin"]);

    let (answer, lines) = described("", "");
    assert_eq!(refused(&answer), "before the options: 409 exists");
    assert_eq!(lines, ["POST /sign-up"]);
    let (answer, _) =
        described("accepted = { status = 409 }", "accepted = { status = 401, \"/next\" = \"first\" }");
    assert!(refused(&answer).contains("/next is \"second factor\", expected \"first\""), "{answer:?}");
}

#[test]
fn an_acceptance_may_be_a_redirect() {
    let result = "accepted = { status = 302, \"header:location\" = \"/account*\" }";
    assert!(is_accepted(&judged(result, 302, &["location: /account/keys"], "")));
    let elsewhere = judged(result, 302, &["location: /login?error"], "");
    assert!(refused(&elsewhere).contains("header:location is \"/login?error\", expected one that begins"));
    let nowhere = judged(result, 302, &[], "");
    assert!(refused(&nowhere).contains("there is no header:location"), "{nowhere:?}");
    refused(&judged(result, 200, &["location: /account"], "the form again"));
}

#[test]
fn an_acceptance_may_be_a_cookie_or_text_or_an_element() {
    let cookie = "accepted = { \"cookie:session\" = \"*\", \"cookie:error\" = false }";
    assert!(is_accepted(&judged(cookie, 200, &["set-cookie: session=a; Path=/"], "")));
    let others: [&'static [&'static str]; 5] = [
        &["set-cookie: session=; Max-Age=0"],
        &["set-cookie: session=a; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
        &["set-cookie: sessions=a"],
        &["set-cookie: session=a", "set-cookie: error=1"],
        &[],
    ];
    for headers in others {
        refused(&judged(cookie, 200, headers, ""));
    }
    // On the way to where a redirect leads.
    let (url, _) = scripted(|request| match request.path.as_str() {
        "/end" => answer(302, &["location: /home", "set-cookie: session=a"], ""),
        _ => answer(200, &[], ""),
    });
    assert!(is_accepted(&target(&url, &plain("", cookie)).session().register("{}")));

    let text = "accepted = { \"text:Welcome, {}!\" = \"Alice\" }\nreason = \"html:p[class=error]\"";
    assert!(is_accepted(&judged(text, 200, &[], "<h1>Welcome, Alice!</h1>")));
    refused(&judged(text, 200, &[], "<h1>Welcome, Bob!</h1>"));
    assert_eq!(
        refused(&judged(text, 200, &[], "<p class='error'>No such <b>key</b></p>")),
        "200 No such key"
    );
    assert_eq!(refused(&judged(text, 400, &[], "<p class=error>No</p>")), "400 No");
}

#[test]
fn a_5xx_is_a_breakdown_unless_it_is_an_orderly_refusal() {
    let result = "refused = { status = 500, \"/code\" = \"FAILED*\" }";
    assert_eq!(refused(&judged(result, 500, &[], r#"{"code":"FAILED_SIGNATURE","message":"no"}"#)), "500 no");
    for (status, body) in
        [(500, "{}"), (500, "<html>"), (500, "{\"code\":\"E\"}"), (502, "{\"code\":\"FAILED\"}")]
    {
        let answer = judged(result, status, &[], body);
        assert!(matches!(answer, Answer::Crashed(_)), "{status} {body}: {answer:?}");
    }
    assert!(matches!(judged("", 500, &[], r#"{"code":"FAILED"}"#), Answer::Crashed(_)));
    assert!(is_accepted(&judged(result, 200, &[], "{}")));
}

/// Whoever is not signed in is often sent to a page that asks them to.
#[test]
fn a_page_in_the_place_of_json_is_a_refusal_if_a_redirect_led_to_it() {
    let ended = |location: &'static str| {
        let (url, _) = scripted(move |request| match request.path.as_str() {
            "/end" if !location.is_empty() => answer(302, &[&format!("location: {location}")], ""),
            _ => answer(200, &[], "<html><title>Sign in</title>"),
        });
        target(&url, &plain("", "accepted = { \"/ok\" = true }")).session().register("{}")
    };
    assert!(refused(&ended("/login")).contains("an HTML page, \"Sign in\""));
    assert!(matches!(ended(""), Answer::Crashed(_)));
}

#[test]
fn options_are_taken_from_where_they_are() {
    let options = |options: &str, body: &'static str| {
        let (url, _) = scripted(move |_| answer(200, &[], body));
        begin(target(&url, &plain(options, "")).session().as_mut())
    };
    let text = r#"{"data":{"options":"{\"challenge\":\"abc\"}"},"decoy":{"challenge":"x"}}"#;
    let taken = Answer::Accepted(r#"{"challenge":"abc"}"#.into());
    assert_eq!(options("options = \"/data/options\"", text), taken);
    let object = r#"{"data":{"options":{"challenge":"abc"}}}"#;
    assert_eq!(options("options = \"/data/options\"", object), taken);
    let page = r#"<script id="options" type="application/json">{"challenge":"abc"}</script>"#;
    assert_eq!(options("options = \"html:script[id=options]\"", page), taken);
    assert!(refused(&options("options = \"/options\"", object)).contains("the answer has no /options"));
    let script = "<script>let challenge = 'abc'; let algorithms = [-7, -8];</script>";
    let list = "capture = { known = \"/data\" }\noptions = '{\"known\":{{known}}}'";
    let put_together = r#"{"known":{"options":{"challenge":"abc"}}}"#;
    assert_eq!(options(list, object), Answer::Accepted(put_together.into()));
    let template = "capture = { challenge = \"text:challenge = '{}'\", algorithms = \"text:algorithms = {};\" }\n\
                    options = '{\"challenge\":\"{{challenge}}\",\"algorithms\":{{algorithms}},\"user\":\"{{username}}\"}'";
    let put_together = r#"{"challenge":"abc","algorithms":[-7, -8],"user":"alice@example.org"}"#;
    assert_eq!(options(template, script), Answer::Accepted(put_together.into()));
}

#[test]
fn a_form_carries_the_reply_whole_or_in_its_members() {
    let sent = |lines: &str| {
        let (url, asked) = scripted(|_| answer(200, &[], "{}"));
        let reply = r#"{"id":"a/b","response":{"signature":"s=="}}"#;
        assert!(is_accepted(&target(&url, &plain("", lines)).session().register(reply)));
        let asked = asked.lock().unwrap();
        (asked[0].header("content-type").to_owned(), asked[0].body.clone())
    };
    let form = "content_type = \"application/x-www-form-urlencoded\"\n";
    let (kind, body) = sent(&format!(
        "{form}body = 'id={{{{reply/id}}}}&s={{{{reply/response/signature}}}}&u={{{{reply/x}}}}'"
    ));
    assert_eq!(
        (kind.as_str(), body.as_str()),
        ("application/x-www-form-urlencoded", "id=a%2Fb&s=s%3D%3D&u=")
    );
    let (_, body) = sent("body = '{\"credential\":\"{{reply_text}}\"}'");
    assert!(body.contains(r#"{\"id\":\"a/b\""#), "{body}");
    // Without a body, there is no type of one either.
    assert_eq!(sent("body = ''"), (String::new(), String::new()));
}

#[test]
fn a_url_that_the_server_gives_has_to_be_its_own() {
    let end = |location: &'static str| {
        let (url, asked) = scripted(move |request| match request.path.as_str() {
            "/begin" => answer(200, &[&format!("x-next: {location}")], "{}"),
            _ => answer(200, &[], "{}"),
        });
        let registration = "[registration.options]\nurl = \"{{base}}/begin\"\ncapture = { next = \"header:x-next\" }\n\
                            [registration.result]\nurl = \"{{next}}\"\n";
        let target = target(&url, registration);
        let mut session = target.session();
        begin(session.as_mut());
        let answer = session.register("{}");
        let last = asked.lock().unwrap().last().map(Request::line).unwrap_or_default();
        (answer, last)
    };
    let (answer, last) = end("/end?a=1&b=%20");
    assert!(is_accepted(&answer) && last == "POST /end?a=1&b=%20", "{answer:?} {last}");
    let (answer, last) = end("http://elsewhere.example/end");
    assert!(
        matches!(&answer, Answer::Unreachable(why) if why.contains("expected a URL of http://127.0.0.1"))
    );
    assert_eq!(last, "POST /begin");
}

#[test]
fn the_pace_holds_over_all_sessions() {
    let (url, asked) = scripted(|_| answer(200, &[], "{}"));
    let target = target(&url, &format!("pace = \"100ms\"\n{}", plain("", "")));
    let began = Instant::now();
    let mut session = target.session();
    assert!(is_accepted(&begin(session.as_mut())));
    assert_eq!(session.last_wait(), Duration::ZERO);
    assert!(is_accepted(&begin(target.session().as_mut())));
    // What is waited lengthens the time that a case has.
    session.set_time_left(Duration::from_millis(50));
    assert!(is_accepted(&session.register("{}")));
    assert!(session.last_wait() > Duration::from_millis(50));
    assert!(began.elapsed() >= Duration::from_millis(200));
    assert_eq!(asked.lock().unwrap().len(), 3);
}

#[test]
fn the_description_says_how_patient_to_be() {
    let busy = |patience: &str| {
        let (url, asked) = scripted(|_| answer(429, &["retry-after: 1"], ""));
        let answer = begin(target(&url, &format!("{patience}\n{}", plain("", ""))).session().as_mut());
        assert!(matches!(&answer, Answer::Busy(_)), "{answer:?}");
        asked.lock().unwrap().len()
    };
    assert_eq!(busy("patience = \"0s\""), 1);
    assert_eq!(busy("patience = \"1s\""), 2);
}

#[test]
fn the_description_chooses_the_form_of_user_names() {
    let (url, _) = scripted(|_| answer(200, &[], "{}"));
    let form = |line: &str| {
        let target = target(&url, &format!("{line}\n{}", plain("", "")));
        target.user_names().map(|form| form.name("x-1"))
    };
    assert_eq!(form(""), None);
    assert_eq!(form("user_names = \"u_{}\"").as_deref(), Some("u_x-1"));
    assert!(form("user_names = \"{number}\"").is_some_and(|name| name.parse::<u64>().is_ok()));
}

/// A confirmation is asked for again as long as the answer is as `pending` says.
#[test]
fn a_confirmation_may_be_pending_by_its_status() {
    let (url, asked) = scripted(|request| match request.path.as_str() {
        "/status" if request.header("cookie").contains("asked=1") => answer(200, &[], "{}"),
        "/status" => answer(202, &["set-cookie: asked=1"], "{}"),
        _ => answer(200, &[], "{}"),
    });
    let confirm =
        "[registration.confirm]\nmethod = \"GET\"\nurl = \"{{base}}/status\"\npending = { status = 202 }\n";
    let target = target(&url, &(plain("", "") + confirm));
    assert!(is_accepted(&target.session().register("{}")));
    assert_eq!(asked.lock().unwrap().len(), 3);
}

/// A server that takes a few members of the reply never sees the others, so a change of those says nothing about it.
#[test]
fn what_is_not_sent_is_not_tested() {
    let (relying_party, url, origin) = common::running();
    let fido = include_str!("../src/relying_party/target/descriptions/fido.toml");
    let members = r#"'{"id":"{{reply/id}}","rawId":"{{reply/rawId}}","type":"public-key","response":{"clientDataJSON":"{{reply/response/clientDataJSON}}","attestationObject":"{{reply/response/attestationObject}}"}}'"#;
    let text = fido.replacen("\"{{reply}}\"", members, 1);
    let target = HttpTarget::new(&url, Description::from_toml(&text).unwrap()).unwrap();
    let harness = Harness::new(&target, &origin).reply(target.reply().unwrap());
    let report = harness.filters(["registration/reply", "authentication/reply"]).run();
    report.assert_conforms();
    for case in &report.cases {
        let is_untested = ["type", "client-extension-results", "object"]
            .iter()
            .any(|what| case.id.starts_with(&format!("registration/reply/{what}")));
        assert_eq!(case.verdict == Verdict::Skip, is_untested, "{}: {}", case.id, case.why);
    }
    drop(relying_party);
}

/// The reference relying party, described once more: logins whose options need a page first.
#[test]
fn a_run_with_requests_before_the_options_conforms() {
    let (relying_party, url, origin) = common::running();
    let fido = include_str!("../src/relying_party/target/descriptions/fido.toml");
    let before = "[[authentication.before]]\nmethod = \"GET\"\nurl = \"{{base}}/\"\naccepted = { status = [200, 404] }\n";
    let text = fido.replace("[authentication.options]", &format!("{before}[authentication.options]"));
    let target = HttpTarget::new(&url, Description::from_toml(&text).unwrap()).unwrap();
    let answer = target.session().authentication_options(&AuthenticationRequest {
        username: None,
        user_verification: UserVerification::Required,
    });
    assert!(is_accepted(&answer), "{answer:?}");
    Harness::new(&target, &origin).filters(["authentication/options"]).run().assert_conforms();
    drop(relying_party);
}

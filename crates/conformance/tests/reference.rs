//! The reference relying party holds under load and before those who mean ill.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use common::running;
use stuntkey::attestation::CertificateAuthority;
use stuntkey::authenticator::AuthenticatorBuilder;
use stuntkey::webauthn::{AttestationConveyance, ResidentKey, UserVerification};
use stuntkey::{Authenticator, Client};
use stuntkey_conformance::{Answer, ReferenceRelyingParty, RegistrationRequest, Settings, Target};

fn wanted(username: &str) -> RegistrationRequest<'_> {
    RegistrationRequest {
        username,
        display_name: username,
        user_verification: UserVerification::Required,
        resident_key: ResidentKey::Required,
        attestation: AttestationConveyance::Direct,
        conditional: false,
        extensions: "{}",
    }
}

/// A client whose attestation the reference trusts.
fn client(origin: &str, kind: impl FnOnce(AuthenticatorBuilder) -> AuthenticatorBuilder) -> Client {
    let authenticator =
        kind(Authenticator::builder()).attestation_authority(CertificateAuthority::test_root());
    Client::builder(origin).authenticator(authenticator.build().unwrap()).build().unwrap()
}

/// §7.1 step 26: looked up and added under one lock.
#[test]
fn of_eight_who_register_one_id_at_once_one_succeeds() {
    const ORIGIN: &str = "https://example.org";
    for round in 0..20_u8 {
        let target = ReferenceRelyingParty::new(Settings::new("example.org", ORIGIN)).unwrap();
        let (barrier, accepted) = (Barrier::new(8), AtomicUsize::new(0));
        thread::scope(|scope| {
            for number in 0..8 {
                let (target, barrier, accepted) = (&target, &barrier, &accepted);
                scope.spawn(move || {
                    let mut session = target.session();
                    let name = format!("user-{number}");
                    let Answer::Accepted(options) = session.registration_options(&wanted(&name)) else {
                        panic!("no options")
                    };
                    let mut client =
                        client(ORIGIN, |builder| builder.seed(&name).credential_id(&[round; 32]));
                    let reply = client.register(&options).unwrap().to_string();
                    barrier.wait();
                    match session.register(&reply) {
                        Answer::Accepted(_) => accepted.fetch_add(1, Ordering::Relaxed),
                        Answer::Refused(why) => {
                            assert!(why.contains("§7.1 step 26"), "{why}");
                            0
                        }
                        other => panic!("{other:?}"),
                    };
                });
            }
        });
        assert_eq!(accepted.into_inner(), 1);
        assert_eq!(target.credential_count(), 1);
    }
}

#[test]
fn names_and_users_are_bounded() {
    let settings = Settings::new("example.org", "https://example.org").most_users(8);
    let target = ReferenceRelyingParty::new(settings).unwrap();
    let long = "x".repeat(1 << 20);
    let answer = target.session().registration_options(&wanted(&long));
    assert!(matches!(&answer, Answer::Refused(why) if why.contains("at most 256")), "{answer:?}");
    for number in 0..40 {
        let mut session = target.session();
        let name = format!("user-{number}");
        let Answer::Accepted(options) = session.registration_options(&wanted(&name)) else { panic!("none") };
        let mut client = client("https://example.org", |builder| builder.seed(&name));
        let reply = client.register(&options).unwrap().to_string();
        assert!(matches!(session.register(&reply), Answer::Accepted(_)));
    }
    assert!(target.credential_count() <= 8, "{}", target.credential_count());
}

/// The status, and the whole answer in lower case.
fn ask(url: &str, head: &str, body: &str) -> (u16, String) {
    let address = url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "{head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.to_lowercase())
}

const OPTIONS: &str = "POST /attestation/options HTTP/1.1";
const JSON: &str = "content-type: application/json";
const ALICE: &str = r#"{"username":"alice","displayName":"Alice"}"#;

#[test]
fn a_page_elsewhere_gets_no_answer() {
    let (server, url, origin) = running();
    let host = url.trim_start_matches("http://");
    let status = |host: &str, more: &str| ask(&url, &format!("{OPTIONS}\r\nhost: {host}\r\n{more}"), ALICE).0;
    assert_eq!(status(host, JSON), 200);
    assert_eq!(status("localhost", JSON), 200);
    assert_eq!(status("attacker.example", JSON), 421);
    assert_eq!(status(host, &format!("{JSON}\r\norigin: {origin}")), 200);
    assert_eq!(status(host, &format!("{JSON}\r\norigin: https://attacker.example")), 403);
    assert_eq!(status(host, "content-type: text/plain"), 415);
    assert_eq!(status(host, "x: y"), 415);
    drop(server);
}

#[test]
fn a_session_that_the_client_has_chosen_is_not_taken() {
    let (server, url, _) = running();
    let host = url.trim_start_matches("http://");
    let head = format!("{OPTIONS}\r\nhost: {host}\r\n{JSON}\r\ncookie: stuntkey-session=chosen");
    let (status, answer) = ask(&url, &head, ALICE);
    assert_eq!(status, 200);
    let session = answer.split("set-cookie: stuntkey-session=").nth(1).expect("a session of the server's");
    assert!(!session.starts_with("chosen"));
    drop(server);
}

#[test]
fn a_browser_gets_a_page_and_a_program_json() {
    let (server, url, _) = running();
    let host = url.trim_start_matches("http://");
    let get = |accept: &str| ask(&url, &format!("GET / HTTP/1.1\r\nhost: {host}\r\naccept: {accept}"), "").1;
    assert!(get("text/html,application/xhtml+xml").contains("<title>stuntkey"));
    assert!(get("*/*").contains("\"/attestation/options\""));
    drop(server);
}

#[test]
fn each_request_is_a_line_of_the_log() {
    let lines: Arc<std::sync::Mutex<Vec<String>>> = Arc::default();
    let server = stuntkey_conformance::Server::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let (url, origin, log) = (server.url(), server.localhost_origin(), Arc::clone(&lines));
    let server = server.log(move |line| log.lock().unwrap().push(line.to_owned()));
    let settings = Settings::new("localhost", &origin).timeout(Duration::from_secs(2));
    let running = server.start(ReferenceRelyingParty::new(settings).unwrap());
    let host = url.trim_start_matches("http://");
    ask(&url, &format!("{OPTIONS}\r\nhost: {host}\r\n{JSON}"), ALICE);
    ask(&url, &format!("POST /attestation/result HTTP/1.1\r\nhost: {host}\r\n{JSON}"), "{}");
    drop(running);
    let lines = lines.lock().unwrap();
    assert_eq!(lines[0], "POST /attestation/options 200");
    assert!(
        lines[1].starts_with("POST /attestation/result 400 this session has no registration to finish"),
        "{lines:?}"
    );
}

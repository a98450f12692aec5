//! Targets that hang, break, die, flood or cannot be trusted: each gets the verdict that is right for it, in time.

mod common;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{localhost, running};
use stuntkey_conformance::{
    Answer, AuthenticationRequest, Description, Harness, HttpTarget, ProcessTarget, RegistrationRequest,
    Report, Session, Target, Verdict,
};

const DEADLINE: Duration = Duration::from_millis(600);
/// A run that gives up at its deadline is over long before, on any machine; one that does not takes minutes.
const LAST_GUARD: Duration = Duration::from_secs(30);

/// A server that does this with every connection.
fn server(serve: impl Fn(TcpStream) + Send + Sync + Clone + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = serve.clone();
            thread::spawn(move || serve(stream));
        }
    });
    url
}

fn target(url: &str) -> HttpTarget {
    HttpTarget::new(url, Description::named("fido").unwrap()).unwrap().timeout(DEADLINE)
}

fn run(url: &str) -> (Report, Duration) {
    let began = Instant::now();
    let report = Harness::new(&target(url), "http://localhost").deadline(DEADLINE).run();
    (report, began.elapsed())
}

/// Reads a request's head and body, as far as one read brings it.
fn read_request(stream: &mut TcpStream) {
    let mut buffer = [0; 65536];
    drop(stream.read(&mut buffer));
}

#[test]
fn one_that_hangs_is_given_up_at_the_deadline() {
    let url = server(|mut stream| {
        read_request(&mut stream);
        thread::sleep(Duration::from_secs(60));
    });
    let (report, took) = run(&url);
    assert!(report.trouble.as_ref().unwrap().contains("hung"), "{:?}", report.trouble);
    assert!(report.reached && !report.complete && !report.conforms());
    assert!(took < LAST_GUARD, "{took:?}");
}

#[test]
fn one_that_answers_forever_slowly_is_given_up_at_the_deadline() {
    let url = server(|mut stream| {
        read_request(&mut stream);
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"));
        while stream.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let (report, took) = run(&url);
    assert!(report.trouble.as_ref().unwrap().contains("hung"), "{:?}", report.trouble);
    assert!(took < LAST_GUARD, "{took:?}");
}

#[test]
fn one_that_drops_connections_breaks() {
    let url = server(|mut stream| read_request(&mut stream));
    let (report, _) = run(&url);
    assert!(report.trouble.as_ref().unwrap().contains("broke down"), "{:?}", report.trouble);
    assert!(report.reached && !report.conforms());
}

#[test]
fn one_that_answers_garbage_breaks() {
    let bytes = server(|mut stream| {
        read_request(&mut stream);
        drop(stream.write_all(&[0xff; 512]));
    });
    let page = server(|mut stream| {
        read_request(&mut stream);
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n<html>hello!</html>\n"));
    });
    for url in [bytes, page] {
        let (report, _) = run(&url);
        assert!(report.trouble.as_ref().unwrap().contains("broke down"), "{:?}", report.trouble);
        assert!(report.reached && !report.conforms());
    }
}

#[test]
fn an_endless_answer_is_cut_off() {
    static SENT: AtomicUsize = AtomicUsize::new(0);
    let url = server(|mut stream| {
        read_request(&mut stream);
        drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n"));
        let block = vec![b' '; 1 << 16];
        while stream.write_all(&block).is_ok() {
            SENT.fetch_add(block.len(), Ordering::Relaxed);
        }
    });
    let (report, _) = run(&url);
    assert!(report.trouble.as_ref().unwrap().contains("more than 1048576 bytes"), "{:?}", report.trouble);
    // What the sockets hold between them is all that is sent beyond what is read.
    assert!(SENT.load(Ordering::Relaxed) < 64 << 20, "{}", SENT.load(Ordering::Relaxed));
}

#[test]
fn redirects_without_end_are_not_followed() {
    let url = server(|mut stream| {
        read_request(&mut stream);
        let answer =
            "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        drop(stream.write_all(answer.as_bytes()));
    });
    let (report, _) = run(&url);
    assert!(report.trouble.as_ref().unwrap().contains("redirects"), "{:?}", report.trouble);
    assert!(!report.reached);
}

#[test]
fn one_that_is_not_there_is_not_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (report, _) = run(&url);
    assert!(!report.reached && !report.conforms(), "{:?}", report.trouble);
}

#[test]
fn one_that_dies_halfway_ends_the_run_and_keeps_what_was_found() {
    let (relying_party, url, origin) = running();
    let relying_party = std::sync::Mutex::new(Some(relying_party));
    struct Watch<'a>(&'a std::sync::Mutex<Option<stuntkey_conformance::RunningServer>>, AtomicUsize);
    impl stuntkey_conformance::Observer for Watch<'_> {
        fn begins(&self, _: usize) {}
        fn ended(&self, _: &stuntkey_conformance::CaseReport) {
            if self.1.fetch_add(1, Ordering::Relaxed) == 40 {
                drop(self.0.lock().unwrap().take());
            }
        }
    }
    let watch = Watch(&relying_party, AtomicUsize::new(0));
    let target = target(&url).timeout(Duration::from_secs(10));
    let harness = Harness::new(&target, &origin).observer(&watch).jobs(1);
    let cases = harness.cases().len();
    let report = harness.run();
    assert_eq!(report.cases.len(), cases);
    assert!(report.count(Verdict::Pass) >= 30, "{}", report.count(Verdict::Pass));
    assert!(report.count(Verdict::Error) > cases / 2, "{}", report.count(Verdict::Error));
    assert!(report.trouble.is_some() && !report.conforms());
    assert!(report.cases.last().unwrap().why.contains("no longer answers"));
}

#[test]
fn a_certificate_that_nobody_trusts_is_not_reached_and_one_that_is_given_is() {
    let (relying_party, plain, origin) = running();
    let (url, certificate) = common::tls_in_front_of(&plain);
    let (report, _) = run(&url);
    assert!(report.trouble.as_ref().unwrap().contains("certificate"), "{:?}", report.trouble);
    assert!(!report.reached);

    let target = target(&url).timeout(Duration::from_secs(10)).trust(&certificate).unwrap();
    let report = Harness::new(&target, &origin).filters(["registration/options"]).run();
    report.assert_conforms();
    drop(relying_party);
}

#[test]
fn a_process_that_hangs_or_ends_is_started_again() {
    let shell = |script: &str| ProcessTarget::new("sh", ["-c", script]).timeout(DEADLINE);
    let request = RegistrationRequest {
        username: "alice",
        display_name: "Alice",
        user_verification: stuntkey::webauthn::UserVerification::Required,
        resident_key: stuntkey::webauthn::ResidentKey::Required,
        attestation: stuntkey::webauthn::AttestationConveyance::Direct,
        conditional: false,
        extensions: "{}",
    };
    let ask = |target: &ProcessTarget| target.session().registration_options(&request);
    let is_hung = |answer: Answer| matches!(answer, Answer::Hung(_));
    let is_crashed = |answer: Answer| matches!(answer, Answer::Crashed(_));
    let hanging = shell("sleep 60");
    assert!(is_hung(ask(&hanging)) && is_hung(ask(&hanging)));
    let ending = shell("read line");
    assert!(is_crashed(ask(&ending)) && is_crashed(ask(&ending)));
    assert!(is_crashed(ask(&shell("read line; echo hello; sleep 60"))));
    assert!(is_crashed(ask(&shell("read line; echo '{\"accepted\":1,\"refused\":2}'; sleep 60"))));
    assert!(matches!(ask(&ProcessTarget::new("/no/such/program", [""; 0])), Answer::Unreachable(_)));
    let refusing = shell("while read line; do echo '{\"refused\":\"no\"}'; done");
    assert_eq!(ask(&refusing), Answer::Refused("no".into()));
    assert_eq!(ask(&refusing), Answer::Refused("no".into()));
}

/// A target in the same process that panics breaks down, and the run goes on.
#[test]
fn a_panic_is_a_breakdown() {
    struct Panicking;
    impl Target for Panicking {
        fn session(&self) -> Box<dyn Session + '_> {
            Box::new(Panicking)
        }
    }
    impl Session for Panicking {
        fn registration_options(&mut self, _: &RegistrationRequest<'_>) -> Answer {
            panic!("out of order")
        }
        fn register(&mut self, _: &str) -> Answer {
            unreachable!()
        }
        fn authentication_options(&mut self, _: &AuthenticationRequest<'_>) -> Answer {
            unreachable!()
        }
        fn authenticate(&mut self, _: &str) -> Answer {
            unreachable!()
        }
    }
    let report = Harness::new(&Panicking, localhost()).run();
    assert!(report.trouble.as_ref().unwrap().contains("out of order"), "{:?}", report.trouble);
}

//! Servers that answer 429 (Too Many Requests, RFC 6585 §4): they are asked again when they say, and that is no verdict.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use common::running;
use stuntkey::webauthn::{AttestationConveyance, ResidentKey, UserVerification};
use stuntkey_conformance::{
    Answer, Description, Harness, HttpTarget, RegistrationRequest, Session, Target, Verdict,
};

/// A server before the one at `backend`, which answers so many requests, the first ones, with 429 and these headers. It
/// counts the requests.
fn busy(backend: &str, refused: usize, headers: &'static str) -> (String, Arc<AtomicUsize>) {
    let backend = backend.trim_start_matches("http://").to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let request = read_request(&stream);
            let answer = match counted.fetch_add(1, Ordering::SeqCst) < refused {
                true => format!("HTTP/1.1 429 Too Many Requests\r\n{headers}content-length: 0\r\n\r\n")
                    .into_bytes(),
                false => passed_on(&request, &backend),
            };
            drop(stream.write_all(&closing(&answer)));
        }
    });
    (url, asked)
}

/// One request: its head, and the body of the length that it says.
fn read_request(stream: &TcpStream) -> Vec<u8> {
    let (mut reader, mut request, mut length) = (BufReader::new(stream), Vec::new(), 0);
    loop {
        let begin = request.len();
        if reader.read_until(b'\n', &mut request).unwrap_or(0) == 0 {
            return request;
        }
        let line = String::from_utf8_lossy(&request[begin..]).to_ascii_lowercase();
        if let Some(number) = line.strip_prefix("content-length:") {
            length = number.trim().parse().unwrap();
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let head = request.len();
    request.resize(head + length, 0);
    reader.read_exact(&mut request[head..]).unwrap();
    request
}

/// What the server behind answers; it is asked for one answer on each connection.
fn passed_on(request: &[u8], backend: &str) -> Vec<u8> {
    let mut server = TcpStream::connect(backend).unwrap();
    server.write_all(&closing(request)).unwrap();
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).unwrap();
    answer
}

/// A message whose connection ends after it: the header comes right after the first line.
fn closing(message: &[u8]) -> Vec<u8> {
    let line = message.windows(2).position(|pair| pair == b"\r\n").unwrap() + 2;
    [&message[..line], b"connection: close\r\n", &message[line..]].concat()
}

fn target(url: &str) -> HttpTarget {
    HttpTarget::new(url, Description::named("fido").unwrap()).unwrap()
}

fn ask(session: &mut (dyn Session + '_)) -> Answer {
    session.registration_options(&RegistrationRequest {
        username: "alice",
        display_name: "Alice",
        user_verification: UserVerification::Required,
        resident_key: ResidentKey::Required,
        attestation: AttestationConveyance::Direct,
        conditional: false,
        extensions: "{}",
    })
}

#[test]
fn a_request_waits_as_long_as_the_server_says_and_is_sent_again() {
    let (relying_party, backend, _) = running();
    for (headers, refused, waited) in [
        ("retry-after: 0\r\n", 3, 0),
        ("Retry-After: 1\r\n", 1, 1),
        // Without a time, or with a date in its place: a second, and twice as long each time.
        ("", 1, 1),
        ("retry-after: Wed, 21 Oct 2026 07:28:00 GMT\r\n", 1, 1),
    ] {
        let (url, asked) = busy(&backend, refused, headers);
        // What is waited does not count for the time that one request may take.
        let target = target(&url).timeout(Duration::from_millis(900));
        let mut session = target.session();
        let answer = ask(session.as_mut());
        assert!(matches!(answer, Answer::Accepted(_)), "{headers:?}: {answer:?}");
        assert_eq!(asked.load(Ordering::SeqCst), refused + 1, "{headers:?}");
        assert_eq!(session.last_wait(), Duration::from_secs(waited), "{headers:?}");
        assert_eq!(session.last_wait(), Duration::ZERO, "it is told once");
    }
    drop(relying_party);
}

#[test]
fn a_server_that_wants_too_much_patience_is_busy() {
    let (url, asked) = busy("127.0.0.1:9", usize::MAX, "retry-after: 3600\r\n");
    let target = target(&url);
    let answer = ask(target.session().as_mut());
    let Answer::Busy(how) = answer else { panic!("{answer:?}") };
    assert!(how.contains("after 0 s of waiting; it asks for 3600 s more"), "{how}");
    assert_eq!(asked.load(Ordering::SeqCst), 1);

    // All waits of a request together count.
    let (url, asked) = busy("127.0.0.1:9", usize::MAX, "retry-after: 1\r\n");
    let target = self::target(&url).patience(Duration::from_secs(1));
    let answer = ask(target.session().as_mut());
    let Answer::Busy(how) = answer else { panic!("{answer:?}") };
    assert!(how.contains("after 1 s of waiting; it asks for 1 s more"), "{how}");
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_case_waits_beyond_its_deadline_and_passes() {
    let (relying_party, backend, origin) = running();
    let (url, asked) = busy(&backend, 1, "retry-after: 2\r\n");
    let report = Harness::new(&target(&url), &origin)
        .filters(["registration/options"])
        .deadline(Duration::from_millis(1_500))
        .jobs(1)
        .run();
    report.assert_conforms();
    assert!(asked.load(Ordering::SeqCst) > 10 && report.count(Verdict::Pass) > 5);
    drop(relying_party);
}

#[test]
fn a_run_against_a_server_that_stays_busy_says_nothing_against_it() {
    let (url, _) = busy("127.0.0.1:9", usize::MAX, "retry-after: 3600\r\n");
    let report = Harness::new(&target(&url), "http://localhost").run();
    assert_eq!(report.count(Verdict::Fail), 0);
    assert!(!report.complete && !report.conforms());
    let trouble = report.trouble.as_deref().unwrap_or_default();
    assert!(trouble.contains("429 Too Many Requests"), "{trouble}");
}

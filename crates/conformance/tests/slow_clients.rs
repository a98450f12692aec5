//! Clients that are slow or silent: the reference relying party lets go of them, and serves the others.

mod common;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use stuntkey_conformance::{RunningServer, Server};

/// What a client is given in these tests. None of them depends on its length.
const SHORT: Duration = Duration::from_millis(200);
/// Where a client is given as long as it wants.
const LONG: Duration = Duration::from_secs(3600);
/// A server that does not let go would let a test wait for ever.
const LAST_GUARD: Duration = Duration::from_secs(30);

fn serving(silence: Duration, body: Duration) -> (RunningServer, String) {
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let server = server.longest_silence(silence).slowest_body(body);
    let (running, url, _) = common::started(server, |settings| settings);
    (running, url.trim_start_matches("http://").to_owned())
}

fn connected(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LAST_GUARD)).unwrap();
    stream
}

/// A request for creation options, up to its body.
fn head(address: &str, body: &str) -> String {
    format!(
        "POST /attestation/options HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    )
}

const BODY: &str = r#"{"username":"alice","displayName":"Alice"}"#;

/// All that the server says until it closes the connection.
fn until_closed(mut stream: TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("the server closes the connection");
    text
}

/// Somebody else is served.
fn serves(address: &str) {
    let mut stream = connected(address);
    let head = head(address, BODY).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
    stream.write_all(format!("{head}{BODY}").as_bytes()).unwrap();
    let answer = until_closed(stream);
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"challenge\""), "{answer}");
}

#[test]
fn a_head_that_does_not_end_is_given_up() {
    let (running, address) = serving(SHORT, LONG);
    let [silent, mut cut, mut dripping] = [(); 3].map(|()| connected(&address));
    cut.write_all(head(&address, BODY).split_at(40).0.as_bytes()).unwrap();
    dripping.write_all(b"POST /attestation/options HTTP/1.1\r\nx-slow: ").unwrap();
    let mut writing = dripping.try_clone().unwrap();
    // A byte now and then does not keep a connection open. Writing fails once the server has closed it.
    let drip = thread::spawn(move || {
        while writing.write_all(b"x").is_ok() {
            thread::sleep(SHORT / 10);
        }
    });
    for stream in [silent, cut] {
        assert!(!until_closed(stream).contains(" 200 "));
    }
    drip.join().unwrap();
    serves(&address);
    drop(running);
}

#[test]
fn a_connection_that_is_silent_after_a_request_is_closed() {
    let (running, address) = serving(SHORT, LONG);
    let mut stream = connected(&address);
    stream.write_all(format!("{}{BODY}", head(&address, BODY)).as_bytes()).unwrap();
    let answer = until_closed(stream);
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    serves(&address);
    drop(running);
}

#[test]
fn a_body_that_does_not_end_is_answered_with_408() {
    let (running, address) = serving(LONG, SHORT);
    let mut stream = connected(&address);
    let (begin, _) = BODY.split_at(10);
    stream.write_all(format!("{}{begin}", head(&address, BODY)).as_bytes()).unwrap();
    let answer = until_closed(stream);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("the body did not come in time"), "{answer}");
    drop(running);
}

/// The same request, whole, is answered: it is the body's time that is over above.
#[test]
fn a_body_that_comes_in_parts_is_read() {
    let (running, address) = serving(LONG, LONG);
    let mut stream = connected(&address);
    let (begin, rest) = BODY.split_at(10);
    stream.write_all(format!("{}{begin}", head(&address, BODY)).as_bytes()).unwrap();
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer, *b"HTTP/1.1 200");
    drop(running);
}

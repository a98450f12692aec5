//! `attestation blobs`.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use common::{json, run, stderr, stdout, stuntkey};

const NAMES: [&str; 5] = ["1-forged", "2-of-another-authority", "3-stale", "4-current", "5-rolled-back"];

#[test]
fn the_blobs_of_the_cases_are_written_and_read() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let blobs = directory.path().join("blobs");
    let written = stdout(&run(stuntkey(&store).args(["attestation", "blobs"]).arg(&blobs), b""));
    assert!(
        written.lines().zip(NAMES).all(|(line, name)| line.ends_with(&format!("{name}.jwt"))),
        "{written}"
    );
    assert_eq!(written.lines().count(), NAMES.len());

    let other = directory.path().join("other");
    std::fs::write(&other, "a.b").unwrap();
    let refused = run(stuntkey(&store).args(["relying-party", "--port", "0", "--metadata"]).arg(&other), b"");
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("found 2 parts, expected a metadata BLOB"), "{}", stderr(&refused));
    let refused = run(stuntkey(&store).args(["attestation", "blobs"]).arg(&other), b"");
    assert_eq!(refused.status.code(), Some(3), "{}", stderr(&refused));
}

/// A server that is stopped at the end of a test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The status and the body of a GET.
fn get(url: &str) -> (u16, String) {
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

#[test]
fn the_blobs_of_the_cases_are_served_as_they_are_written() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let files = directory.path().join("blobs");
    let mut command = stuntkey(&store);
    command.args(["attestation", "blobs", "--port", "0", "--blob-alg", "ES256", "--log"]).arg(&files);
    let mut serving = Serving(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(serving.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    let written: Vec<String> = lines.by_ref().take(NAMES.len()).collect();
    let urls: Vec<String> = lines.take(NAMES.len() + 1).collect();
    for ((file, url), name) in written.iter().zip(&urls).zip(NAMES) {
        assert!(
            file.ends_with(&format!("{name}.jwt")) && url.ends_with(&format!("/{name}.jwt")),
            "{file} {url}"
        );
        assert_eq!(get(url), (200, std::fs::read_to_string(file).unwrap()), "{url}");
    }
    let next = urls.last().unwrap();
    assert!(next.starts_with("http://127.0.0.1:") && next.ends_with("/next"), "{next}");
    assert_eq!(get(next), get(&urls[0]));
    assert_eq!(get(next), get(&urls[1]));
    let mut log = BufReader::new(serving.0.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(log.next().unwrap(), "GET /1-forged.jwt 200");
}

#[test]
fn blobs_have_a_place() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("s");
    let refused = |arguments: &[&str]| {
        let output = run(stuntkey(&store).args(["attestation", "blobs"]).args(arguments), b"");
        (output.status.code(), stderr(&output))
    };
    for (arguments, why) in [
        (&[][..], "<DIRECTORY>"),
        (&["--address", "127.0.0.1", "there"], "--port <N>"),
        (&["--log", "there"], "--port <N>"),
        (&["--port", "65536"], "65536"),
    ] {
        let (status, said) = refused(arguments);
        assert!(status == Some(2) && said.contains(why), "{arguments:?}: {said}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (status, said) = refused(&["--port", &port]);
    assert!(status == Some(3) && said.contains(&format!("cannot listen at 127.0.0.1:{port}")), "{said}");
    let listed = run(stuntkey(&store).args(["attestation", "blobs", "--json"]).arg(directory.path()), b"");
    assert_eq!(json(&listed)["blobs"].as_array().unwrap().len(), NAMES.len());
}

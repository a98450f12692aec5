//! Servers read metadata from a URL: each BLOB is at one, and all of them, one after the other, at another.

use stuntkey::attestation::CertificateAuthority;
use stuntkey::crypto::Algorithm;
use stuntkey_conformance::{BlobSite, RunningServer, Server, TestBlob};
use ureq::Agent;
use ureq::http::Response;

fn texts() -> Vec<String> {
    let authority = CertificateAuthority::test_root();
    TestBlob::ALL.iter().map(|blob| blob.text(&authority, Algorithm::Es256).unwrap()).collect()
}

fn running() -> RunningServer {
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).unwrap();
    server.start(BlobSite::new(TestBlob::ALL.into_iter().zip(texts())))
}

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().new_agent()
}

fn get(url: &str) -> (u16, String, String) {
    read(agent().get(url).call().unwrap())
}

/// Status, content type and body.
fn read(response: Response<ureq::Body>) -> (u16, String, String) {
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    (status, kind, response.into_body().read_to_string().unwrap())
}

#[test]
fn each_blob_is_at_a_path_of_its_own() {
    let server = running();
    let names = ["1-forged", "2-of-another-authority", "3-stale", "4-current", "5-rolled-back"];
    for (name, text) in names.iter().zip(texts()) {
        let url = format!("{}/{name}.jwt", server.url());
        for _ in 0..2 {
            assert_eq!(get(&url), (200, "application/jwt".into(), text.clone()), "{name}");
        }
    }
    let (status, kind, list) = get(&server.url());
    assert_eq!((status, kind.as_str()), (200, "text/plain; charset=utf-8"));
    for path in names.iter().map(|name| format!("/{name}.jwt\n")).chain(["/next ".into()]) {
        assert!(list.contains(&path), "{path} in {list}");
    }
}

#[test]
fn a_server_that_asks_at_one_url_reads_them_in_their_order() {
    let server = running();
    let next = format!("{}/next", server.url());
    let texts = texts();
    for text in &texts {
        // Who asks for the head alone has read nothing.
        let head = agent().head(&next).call().unwrap();
        assert_eq!(head.headers()["content-length"].to_str().unwrap(), text.len().to_string());
        assert_eq!(read(head), (200, "application/jwt".into(), String::new()));
        assert_eq!(get(&next).2, *text);
    }
    assert_eq!(get(&next).2, *texts.last().unwrap());
}

#[test]
fn what_is_not_there_is_said_so() {
    let server = running();
    let (status, _, why) = get(&format!("{}/6.jwt", server.url()));
    assert_eq!(
        (status, why.as_str()),
        (404, "nothing is at this path; / lists the BLOBs, /next is each in its turn\n")
    );
    let posted = agent().post(format!("{}/next", server.url())).send("x").unwrap();
    assert_eq!(posted.headers()["allow"], "GET, HEAD");
    let (status, _, why) = read(posted);
    assert_eq!((status, why.as_str()), (405, "found the method POST, expected GET or HEAD\n"));
    let elsewhere = agent().get(server.url()).header("host", "attacker.example").call().unwrap();
    assert_eq!(read(elsewhere).0, 421);
}

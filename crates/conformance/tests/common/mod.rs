//! The reference relying party as a server, and TLS before it.
#![allow(dead_code, unreachable_pub, reason = "each test file takes what it needs")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use stuntkey::crypto::{Algorithm, KeyPair};
use stuntkey::draft::certificate::{Extension, name, year};
use stuntkey::draft::{CertificateDraft, Oid};
use stuntkey_conformance::{ReferenceRelyingParty, RunningServer, Server, Settings};

pub fn localhost() -> &'static str {
    "http://localhost"
}

/// A reference relying party on loopback, its URL, and the origin of its pages.
pub fn running() -> (RunningServer, String, String) {
    running_with(|settings| settings)
}

pub fn running_with(change: impl FnOnce(Settings) -> Settings) -> (RunningServer, String, String) {
    started(Server::bind("127.0.0.1:0".parse().unwrap()).unwrap(), change)
}

/// The same, served as this server does.
pub fn started(server: Server, change: impl FnOnce(Settings) -> Settings) -> (RunningServer, String, String) {
    let (url, origin) = (server.url(), server.localhost_origin());
    let settings = change(Settings::new("localhost", &origin).timeout(Duration::from_secs(2)));
    (server.start(ReferenceRelyingParty::new(settings).unwrap()), url, origin)
}

/// An HTTPS server that passes everything on: its URL, and the certificate to trust (PEM).
pub fn tls_in_front_of(plain: &str) -> (String, String) {
    let backend = plain.trim_start_matches("http://").to_owned();
    let key = KeyPair::from_secret(Algorithm::Es256, &[7; 32]).unwrap();
    let subject = name(&[(Oid::COMMON_NAME, "127.0.0.1")]);
    // SEQUENCE { [7] IP address }
    let mut alternative = Extension::octets(Oid::SUBJECT_ALT_NAME, b"");
    alternative.value = vec![0x30, 0x06, 0x87, 0x04, 127, 0, 0, 1];
    let draft = CertificateDraft {
        version: 3,
        serial_number: vec![1],
        issuer: subject.clone(),
        not_before: year(2025),
        not_after: year(2060),
        subject,
        subject_public_key_info: key.public_key().to_spki_der(),
        extensions: vec![alternative],
    };
    let certificate = draft.sign(&key);
    let pem = pem(&certificate);
    let private_key = rustls::pki_types::PrivatePkcs8KeyDer::from(key.to_pkcs8_der().to_vec()).into();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls_graviola::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], private_key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (config, backend) = (Arc::clone(&config), backend.clone());
            thread::spawn(move || pass_on(stream, config, &backend));
        }
    });
    (url, pem)
}

/// One exchange after the other, as HTTP/1.1 has them.
fn pass_on(stream: TcpStream, config: Arc<rustls::ServerConfig>, backend: &str) {
    let Ok(connection) = rustls::ServerConnection::new(config) else { return };
    let mut client = rustls::StreamOwned::new(connection, stream);
    let Ok(mut server) = TcpStream::connect(backend) else { return };
    let mut buffer = vec![0; 1 << 16];
    // The client sends, then waits; so whoever has bytes is read until there are none for a moment.
    drop(client.sock.set_read_timeout(Some(Duration::from_millis(20))));
    drop(server.set_read_timeout(Some(Duration::from_millis(20))));
    loop {
        match client.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) if server.write_all(&buffer[..length]).is_err() => return,
            Err(error) if !is_timeout(&error) => return,
            _ => {}
        }
        match server.read(&mut buffer) {
            Ok(0) => return,
            Ok(length) if client.write_all(&buffer[..length]).is_err() => return,
            Err(error) if !is_timeout(&error) => return,
            _ => {}
        }
    }
}

fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut)
}

fn pem(der: &[u8]) -> String {
    let text = stuntkey::encoding::base64url::encode(der).replace('-', "+").replace('_', "/");
    let padding = "=".repeat((4 - text.len() % 4) % 4);
    let text = format!("{text}{padding}");
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

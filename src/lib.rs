//! A stunt double for a security key: a software FIDO2 authenticator, and the browser around it, for automated
//! tests of anything that takes passkeys.
//!
//! ```
//! # let enrolment_response_text = include_str!("../examples/nevis-enroll-response.json");
//! # let request_options_text = r#"{"challenge":"GVeXqotfQOWSaaWZuWj94Q","rpId":"login.example.com"}"#;
//! let mut key = stuntkey::Client::new("https://login.example.com")?; // a platform authenticator inside
//! let reply = key.register(enrolment_response_text)?; // any known shape
//! let login = key.authenticate(request_options_text)?;
//! # assert!(reply.to_string().contains("statusToken") && login.to_string().contains("signature"));
//! # Ok::<(), stuntkey::Error>(())
//! ```
//!
//! `reply` and `login` print as the text to post back; [`Reply::response`] is the same, typed. The key is at one page at a
//! time: [`Client::navigate`] takes it and its credentials to another.
//!
//! # The picture
//!
//! ```text
//!   a server's answer                                            the next request
//!         │                                                             ▲
//!  ┌──────▼──────────────────────── client ─────────────────────────────┴──────┐
//!  │ find the options ─ RP ID rule ─ client data            reply, as a preset │
//!  └───────────────────────────┬──────────────────────────────▲────────────────┘
//!               makeCredential │ getAssertion                 │
//!  ┌───────────────────────────▼──── authenticator ───────────┴────────────────┐
//!  │ user ─ key pair ─ store ─ authenticator data ─ attestation ─ signature    │
//!  └───────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! | room | what it holds |
//! |---|---|
//! | [`client`] | behaviour of a browser with a device: options and an origin in, a response out; vendors' shapes |
//! | [`fault`] | named single changes to a ceremony, for tests of those who verify |
//! | [`authenticator`] | behaviour of a security key, one file a command; the credential store |
//! | [`attestation`] | attestation statements, one file a format; the authority that vouches |
//! | `verifier` | a relying party's side, step by step (feature `verifier`) |
//! | [`draft`] | what a ceremony is made of before it is sealed, and the edits that change it |
//! | [`ctap2`] | what the CTAP document defines: requests, responses, status codes |
//! | [`webauthn`] | what the WebAuthn document defines: options, client data, authenticator data, responses |
//! | [`encoding`] | base64url, JSON, canonical CBOR, COSE keys |
//! | [`crypto`] | key pairs, signing, the random source |
//!
//! A room uses those below it and none above; a test holds it to that.
//!
//! # A key of your own making
//!
//! Everything that a browser or a key decides is a setting:
//!
//! ```
//! use stuntkey::authenticator::{Answer, Authenticator, CounterPolicy, FlagOverrides, Script};
//! use stuntkey::webauthn::{Aaguid, Attachment, Flags};
//!
//! let authenticator = Authenticator::builder()
//!     .attachment(Attachment::CrossPlatform)
//!     .aaguid(Aaguid::from_uuid("00112233-4455-6677-8899-aabbccddeeff").unwrap())
//!     .counter(CounterPolicy::Global)
//!     .flags(FlagOverrides::default().force(Flags::UV, false))
//!     .user(Script::new([Answer::Verified, Answer::Denied]))
//!     .seed("the same keys in every run")
//!     .build()?;
//! let client = stuntkey::Client::builder("https://example.org")
//!     .authenticator(authenticator)
//!     .cross_origin(true)
//!     .strict(true)
//!     .build()?;
//! # Ok::<(), stuntkey::Error>(())
//! ```
//!
//! # What a server has to trust
//!
//! Direct attestation is `packed` with a certificate under one fixed root,
//! [`CertificateAuthority::test_root`](attestation::CertificateAuthority::test_root). Its private key is public:
//! it is for tests only.
//!
//! [`AuthenticatorBuilder::format`](authenticator::AuthenticatorBuilder::format) makes it `tpm`, `android-key`,
//! `android-safetynet`, `fido-u2f`, `apple` or `compound`, every certificate under the same root.
//!
//! # What a server has to refuse
//!
//! A ceremony is a draft until it is sealed. An [`Edit`](draft::Edit) changes it at one stage, and what comes later
//! is made, and signed, from what it changed:
//!
//! ```
//! use stuntkey::draft::Edit;
//!
//! let mut client = stuntkey::Client::builder("https://login.example.com")
//!     .edit(Edit::authenticator_data(|data| data.rp_id_hash = [0; 32]))
//!     .build()?;
//! # let enrolment_response_text = include_str!("../examples/nevis-enroll-response.json");
//! let wrong = client.register(enrolment_response_text)?; // sound but for the RP ID
//! # assert_eq!(wrong.response().authenticator_data[..32], [0; 32]);
//! # Ok::<(), stuntkey::Error>(())
//! ```
//!
//! # What this is not
//!
//! It is no place for the keys of people: whoever holds the process or the store file holds them. It shows no
//! user interface and talks to no hardware.
//!
//! # Features
//!
//! * `graviola`, on by default: a second signing backend for [ES256, ES384 and EdDSA](crypto::Backend), several times
//!   faster, on processors that have what it needs.
//! * `serde`: `Serialize` and `Deserialize` on the JSON types of [`webauthn`], in the forms of the standard.
//! * `store`: credentials in a file, `authenticator::FileStore`.
//! * `verifier`: the relying party's side of both ceremonies, with every attestation format.
//! * `es384`, `es512`, `es256k`, `eddsa`, `ed448`, `rsa` (RS, PS and RS1), `ml-dsa`: [algorithms](crypto::Algorithm)
//!   to sign with beside ES256; `all-algorithms`: all of them. Keys and signatures of theirs have their types in
//!   every build.

pub mod attestation;
pub mod authenticator;
pub mod client;
pub mod crypto;
pub mod ctap2;
pub mod draft;
pub mod encoding;
pub mod fault;
#[cfg(feature = "verifier")]
pub mod verifier;
pub mod webauthn;

pub use authenticator::Authenticator;
pub use client::{Client, Error, Reply};

/// The traits of random generators, which signatures of this crate take.
pub use rand_core;
/// Memory that is wiped, in which this crate returns secrets.
pub use zeroize;

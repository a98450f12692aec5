use stuntkey::authenticator::Authenticator;
use stuntkey::encoding::{base64url, json};
use stuntkey::fault::Fault;
use stuntkey::webauthn::Ceremony;
use stuntkey::{Client, attestation::AttestationFormat};

use super::{Part, decode};

const ORIGIN: &str = "https://login.example.org";
const CREATION: &str = r#"{"rp":{"id":"example.org","name":"e"},"user":{"id":"YWxpY2U","name":"a","displayName":"a"},
    "challenge":"AAECAwQFBgcICQoLDA0ODw","pubKeyCredParams":[{"type":"public-key","alg":-7}],"attestation":"direct","authenticatorSelection":{"residentKey":"required"}}"#;
const REQUEST: &str = r#"{"rpId":"example.org","challenge":"AAECAwQFBgcICQoLDA0ODw"}"#;

fn client(format: AttestationFormat) -> Client {
    let authenticator = Authenticator::builder().seed("decoded").format(format).build().unwrap();
    Client::builder(ORIGIN).authenticator(authenticator).build().unwrap()
}

fn text_of<'a>(parts: &'a [Part], name: &str) -> &'a str {
    parts.iter().find(|part| part.name == name).map(|part| part.text.as_str()).unwrap_or_default()
}

#[test]
fn a_registration_is_decoded() {
    let reply = client(AttestationFormat::Packed).register(CREATION).unwrap().to_string();
    let parts = decode(&reply, ORIGIN);
    let client_data = text_of(&parts, "clientDataJSON");
    assert!(
        client_data
            .starts_with("{\n  \"type\": \"webauthn.create\",\n  \"challenge\": \"AAECAwQFBgcICQoLDA0ODw\"")
    );
    assert!(!client_data.contains("written as"), "{client_data}");
    let object = text_of(&parts, "attestationObject");
    // SHA-256 of "example.org", by sha256sum.
    for expected in [
        "fmt: \"packed\"\n",
        "  alg: ES256 (-7)\n",
        "  x5c: 1 certificate (",
        "  rpIdHash: bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b5 (of \"example.org\")\n",
        "  flags: 0x45 UP UV AT\n",
        "  signCount: 0\n",
        "  AAGUID: 5354554e-544b-4559-8001-000000000001\n",
        "  credential id: 32 bytes ",
        "  credential key: ES256 (-7)",
    ] {
        assert!(object.contains(expected), "{expected} in\n{object}");
    }
    assert!(text_of(&parts, "authenticatorData").starts_with("rpIdHash: bfabc374"));
}

#[test]
fn a_login_is_decoded_in_any_shape() {
    let mut client = client(AttestationFormat::None);
    client.register(CREATION).unwrap();
    let reply = client.authenticate(REQUEST).unwrap().to_string();
    let parts = decode(&reply, ORIGIN);
    let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
    assert_eq!(names, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
    assert!(text_of(&parts, "authenticatorData").ends_with("flags: 0x05 UP UV\nsignCount: 1"));
    assert_eq!(text_of(&parts, "userHandle"), "5 bytes 616c696365\nas text \"alice\"");

    let wrapped = format!("{{\"flow\":1,\"credential\":{{\"publicKey\":{reply}}}}}");
    assert_eq!(decode(&wrapped, ORIGIN), parts);
    let in_text = json::Json::object([("reply", json::Json::from(reply.clone()))]).to_string();
    assert_eq!(decode(&in_text, ORIGIN), parts);
    let json = json::parse(&reply).unwrap();
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for part in &parts {
        form.append_pair(
            part.name,
            json.member("response").unwrap().member(part.name).unwrap().as_str().unwrap(),
        );
    }
    assert_eq!(decode(&form.finish(), ORIGIN), parts);
}

#[test]
fn a_body_without_a_response_is_not_decoded() {
    for body in ["", "{}", "[]", "null", "{\"username\":\"a\"}", "{\"response\":{}}", "a=b&c=d", "{", "\u{0}"]
    {
        assert_eq!(decode(body, ORIGIN), [], "{body}");
    }
}

#[test]
fn a_member_that_cannot_be_read_is_called_unreadable() {
    let object = |member: &str, value: &[u8]| {
        let body = format!("{{\"response\":{{\"{member}\":\"{}\"}}}}", base64url::encode(value));
        text_of(&decode(&body, ORIGIN), member.to_owned().as_str()).to_owned()
    };
    let cases: [(&str, &[u8], &str); 9] = [
        ("clientDataJSON", b"\xff", "unreadable: not UTF-8"),
        ("clientDataJSON", b"{\"a\":1,\"a\":2}", "unreadable: "),
        (
            "clientDataJSON",
            b"\xef\xbb\xbf{\"a\": 1}",
            "a byte order mark, then\n{\n  \"a\": 1\n}\nwritten as\n{\"a\": 1}",
        ),
        ("attestationObject", b"\xa1", "unreadable: "),
        ("attestationObject", b"\x80", "unreadable: an array of 0, expected a map"),
        (
            "attestationObject",
            b"\xa2\x63fmt\x01\x67attStmt\x80",
            "fmt: the number 1\nattStmt:\nauthData: missing",
        ),
        ("authenticatorData", b"abc", "unreadable: 3 bytes for rpIdHash, which has 32 at offset 0"),
        ("authenticatorData", &[0; 38], "rpIdHash: 00000000"),
        ("signature", b"", "an empty string"),
    ];
    for (member, value, expected) in cases {
        let text = object(member, value);
        assert!(text.starts_with(expected), "{text:?}, expected {expected:?}");
    }
    let text = object("authenticatorData", &[0; 38]);
    assert!(
        text.contains("flags: 0x00\nsignCount: 0\nunreadable: 1 byte more than the flags announce"),
        "{text}"
    );
    let other = decode("{\"signature\":7,\"clientDataJSON\":\"*\"}", ORIGIN);
    assert_eq!(text_of(&other, "signature"), "unreadable: the number 7, expected a string");
    assert_eq!(text_of(&other, "clientDataJSON"), "unreadable: not base64url, '*' at offset 0\n*");
}

/// The decoder is made for faulty replies: a reply with any fault of the catalogue is decoded, without a panic.
#[test]
fn a_reply_with_any_fault_is_decoded() {
    for fault in Fault::all().filter(|fault| fault.is_available()) {
        for ceremony in [Ceremony::Create, Ceremony::Get] {
            if fault.step(ceremony).is_none() {
                continue;
            }
            let client = Client::builder(ORIGIN).authenticator(Authenticator::builder().seed("decoded"));
            let mut client = client.fault(fault).build().unwrap();
            let algorithm =
                fault.credential_algorithm().map_or(-7, stuntkey::crypto::Algorithm::cose_identifier);
            let creation = CREATION.replace("-7", &algorithm.to_string());
            let reply = match ceremony {
                Ceremony::Create => client.register(&creation).map(|reply| reply.to_string()),
                Ceremony::Get => {
                    client.unedited(|client| client.register(&creation)).unwrap();
                    client.authenticate(REQUEST).map(|reply| reply.to_string())
                }
            };
            let reply = reply.unwrap_or_else(|error| panic!("{}: {error}", fault.id()));
            // Some faults remove the response.
            let json = json::parse(&reply).unwrap();
            let is_there = matches!(json.member("response"), Some(json::Json::Object(_)));
            assert_eq!(!decode(&reply, ORIGIN).is_empty(), is_there, "{}: {reply}", fault.id());
            for cut in (0..reply.len()).step_by(97).filter(|cut| reply.is_char_boundary(*cut)) {
                decode(&reply[..cut], ORIGIN);
            }
        }
    }
}

/// Every byte of an attestation object is changed, and the object is cut before every byte.
#[test]
fn no_attestation_object_makes_the_decoder_panic() {
    let reply = client(AttestationFormat::Tpm).register(CREATION).unwrap();
    let bytes = &reply.response().attestation_object;
    let decode_object = |bytes: &[u8]| {
        let text = base64url::encode(bytes);
        let parts = decode(&format!("{{\"attestationObject\":\"{text}\"}}"), ORIGIN);
        assert_eq!(parts.len(), 1);
    };
    for at in 0..bytes.len() {
        decode_object(&bytes[..at]);
        for value in [0x00, 0x1b, 0x5b, 0x80, 0xa1, 0xff] {
            let mut changed = bytes.clone();
            changed[at] = value;
            decode_object(&changed);
        }
    }
}

//! An edit changes its stage, and what comes later is made from what it changed.

mod common;

use common::{Registered, member, register, sha256, verifies};
use der::Encode;
use stuntkey::Client;
use stuntkey::attestation::AttestationFormat;
use stuntkey::authenticator::{Authenticator, AuthenticatorBuilder, CounterPolicy};
use stuntkey::crypto::Algorithm;
use stuntkey::draft::{AuthorizationList, Edit, Extension, Oid, PublicParameters};
use stuntkey::encoding::cbor::Item;
use stuntkey::webauthn::{CredentialDescriptor, Flags, RegistrationResponse, RequestOptions};

fn builder(format: AttestationFormat) -> AuthenticatorBuilder {
    Authenticator::builder().seed("edits").format(format).attestation_algorithm(Algorithm::Es256)
}

/// A registration without and with an edit.
fn both(format: AttestationFormat, edit: Edit) -> [Registered; 2] {
    [register(builder(format)), register(builder(format).edit(edit))]
}

fn request(id: &[u8]) -> RequestOptions {
    let mut options = RequestOptions::new(vec![8; 32]);
    options.rp_id = Some("example.org".into());
    options.allow_credentials = Some(vec![CredentialDescriptor { id: id.to_vec(), transports: vec![] }]);
    options
}

/// Whether `packed` self attestation signs what goes out.
fn is_signed(made: &Registered, true_key: &[u8]) -> bool {
    verifies(true_key, Algorithm::Es256, &made.signed(), &made.bytes("sig")) == Some(true)
}

#[test]
fn client_data_is_hashed_as_it_was_changed() {
    for edit in [
        Edit::client_data(|data| data.origin = "https://evil.example".into()),
        Edit::client_data_json(|json| json.push(b' ')),
    ] {
        let [plain, edited] = both(AttestationFormat::PackedSelf, edit.clone());
        assert_ne!(edited.response.client_data_json, plain.response.client_data_json);
        assert!(is_signed(&edited, &edited.response.public_key), "{edit:?}");
    }
}

#[test]
fn authenticator_data_is_signed_as_it_was_changed_in_both_ceremonies() {
    for edit in [
        Edit::authenticator_data(|data| data.flags = data.flags.with(Flags::UP, false)),
        Edit::auth_data(|bytes| bytes[32] &= !1),
    ] {
        let mut client = common::client(builder(AttestationFormat::PackedSelf).edit(edit.clone()));
        let made = Registered::of(client.create(&common::options(&[Algorithm::Es256])).unwrap());
        assert_eq!(made.response.authenticator_data[32] & 1, 0, "{edit:?}");
        assert!(is_signed(&made, &made.response.public_key), "{edit:?}");
        let got = client.get(&request(&made.response.id)).unwrap();
        assert_eq!(got.authenticator_data[32] & 1, 0, "{edit:?}");
        let signed = [&got.authenticator_data[..], &sha256(&got.client_data_json)].concat();
        assert_eq!(
            verifies(&made.response.public_key, Algorithm::Es256, &signed, &got.signature),
            Some(true)
        );
    }
}

#[test]
fn the_credential_key_is_said_otherwise_and_stored_as_it_is() {
    let edit = Edit::credential_key(|key| {
        key.set(3, -257);
        key.entries_mut().unwrap().reverse();
    });
    let mut client = common::client(builder(AttestationFormat::PackedSelf).edit(edit));
    let made = Registered::of(client.create(&common::options(&[Algorithm::Es256])).unwrap());
    let data = &made.response.authenticator_data;
    let key: ciborium::Value = ciborium::from_reader(&data[55 + 32..]).unwrap();
    let labels: Vec<i128> =
        key.as_map().unwrap().iter().map(|(label, _)| label.as_integer().unwrap().into()).collect();
    assert_eq!(labels, [-3, -2, -1, 3, 1]);
    let stored = client.authenticator().credentials().unwrap();
    assert_eq!(stored[0].key.algorithm(), Algorithm::Es256);
    assert!(is_signed(&made, &stored[0].key.public_key().to_spki_der()));
}

#[test]
fn the_response_names_the_credential_as_authenticator_data_does() {
    let edit = Edit::authenticator_data(|data| {
        if let Some(attested) = &mut data.attested_credential_data {
            attested.credential_id = vec![5; 1024];
        }
    });
    let mut client = common::client(builder(AttestationFormat::None).edit(edit));
    let made = client.create(&common::options(&[Algorithm::Es256])).unwrap();
    assert_eq!(made.id, [5; 1024]);
    assert_eq!(client.authenticator().credentials().unwrap()[0].id.len(), 32);
}

#[test]
fn certificates_are_signed_as_they_were_changed_and_not_kept() {
    let edit = Edit::leaf(|leaf| {
        leaf.set_extension(Extension::basic_constraints(true, None));
    });
    let mut client = common::client(builder(AttestationFormat::Packed));
    let options = common::options(&[Algorithm::Es256]);
    let edited = |client: &mut Client| {
        let response = client.edited([edit.clone()], |client| client.create(&options));
        Registered::of(response.unwrap()).chain()
    };
    let changed = edited(&mut client);
    let root = client.authenticator().attestation_authority().certificate_der().to_vec();
    let root: x509_cert::Certificate = der::Decode::from_der(&root).unwrap();
    assert!(is_signed_by(&changed[0], &root));
    let plain = Registered::of(client.create(&options).unwrap()).chain();
    assert_ne!(changed, plain);
    assert_eq!(plain, register(builder(AttestationFormat::Packed)).chain());
    assert_eq!(edited(&mut client), changed);
}

#[test]
fn an_edited_intermediate_is_put_in_and_issues_the_leaf() {
    for format in [AttestationFormat::Packed, AttestationFormat::Apple, AttestationFormat::AndroidKey] {
        let edit = Edit::intermediate(|authority| {
            authority.subject = stuntkey::draft::certificate::name(&[(Oid::COMMON_NAME, "x")]);
            authority.remove_extension(Oid::BASIC_CONSTRAINTS);
        });
        let chain = register(builder(format).edit(edit)).chain();
        let [leaf, intermediate, ..] = &chain[..] else { panic!("{} certificates", chain.len()) };
        assert_eq!(intermediate.tbs_certificate().subject().to_string(), "CN=x");
        assert_eq!(leaf.tbs_certificate().issuer(), intermediate.tbs_certificate().subject());
        assert!(is_signed_by(leaf, intermediate));
    }
}

#[test]
fn a_chain_is_changed_when_it_is_made() {
    let [plain, edited] = both(AttestationFormat::Packed, Edit::chain(|chain| chain.push(chain[0].clone())));
    assert_eq!(edited.chain(), [plain.chain(), plain.chain()].concat());
    let [_, edited] = both(AttestationFormat::AndroidSafetynet, Edit::chain(Vec::clear));
    assert_eq!(part(&edited, 0)["x5c"].as_array().unwrap().len(), 0);
}

#[test]
fn a_key_description_goes_into_a_leaf_that_is_signed() {
    let edit = Edit::key_description(|description| {
        description.tee_enforced =
            AuthorizationList { all_applications: true, ..AuthorizationList::default() };
    });
    let [_, edited] = both(AttestationFormat::AndroidKey, edit);
    let (_, value) = common::extension(&edited.chain()[0], "1.3.6.1.4.1.11129.2.1.17").unwrap();
    let lists = common::sequence(&value);
    assert_eq!(common::tagged(&lists[7].1), [(600, vec![5, 0])]);
    assert!(is_signed(&edited, &edited.response.public_key));
}

#[test]
fn the_name_of_a_tpm_key_is_of_the_public_area_as_it_was_changed() {
    for edit in [
        Edit::pub_area(|area| {
            if let PublicParameters::Ecc { x, .. } = &mut area.parameters {
                x[0] ^= 1;
            }
        }),
        Edit::pub_area_bytes(|bytes| bytes.push(0)),
    ] {
        let [plain, edited] = both(AttestationFormat::Tpm, edit.clone());
        let (pub_area, cert_info) = (edited.bytes("pubArea"), edited.bytes("certInfo"));
        assert_ne!(pub_area, plain.bytes("pubArea"));
        assert!(cert_info.windows(32).any(|window| window == sha256(&pub_area)), "{edit:?}");
        assert!(tpm_signs(&edited));
    }
}

#[test]
fn certificate_information_is_signed_as_it_was_changed() {
    for edit in
        [Edit::cert_info(|info| info.magic = 0xff54_4348), Edit::cert_info_bytes(|bytes| bytes[3] += 1)]
    {
        let [_, edited] = both(AttestationFormat::Tpm, edit.clone());
        assert_eq!(edited.bytes("certInfo")[..4], [0xff, 0x54, 0x43, 0x48]);
        assert!(tpm_signs(&edited), "{edit:?}");
    }
}

#[test]
fn safetynets_header_and_payload_are_signed_as_they_were_changed() {
    for (edit, at) in [
        (Edit::safety_net_header(|json| json.set("alg", "none")), 0),
        (Edit::safety_net_payload(|json| json.set("nonce", "AAAA")), 1),
    ] {
        let [plain, edited] = both(AttestationFormat::AndroidSafetynet, edit.clone());
        assert_ne!(part(&edited, at), part(&plain, at));
        assert_eq!(part(&edited, 1 - at), part(&plain, 1 - at));
        let response = String::from_utf8(edited.bytes("response")).unwrap();
        let (signed, signature) = response.rsplit_once('.').unwrap();
        let signature = stuntkey::encoding::base64url::decode(signature).unwrap();
        let der = p256::ecdsa::Signature::from_slice(&signature).unwrap().to_der();
        let x5c = part(&plain, 0)["x5c"][0].as_str().unwrap().to_owned();
        let (leaf, _) = stuntkey::encoding::base64url::decode_lenient(&x5c).unwrap();
        let leaf: x509_cert::Certificate = der::Decode::from_der(&leaf).unwrap();
        assert_eq!(
            verifies(&spki(&leaf), Algorithm::Es256, signed.as_bytes(), der.as_bytes()),
            Some(true),
            "{edit:?}"
        );
    }
}

#[test]
fn what_is_signed_can_be_another_message_in_both_ceremonies() {
    let edit = Edit::signed(|message| message.truncate(3));
    let mut client = common::client(builder(AttestationFormat::PackedSelf).edit(edit));
    let made = Registered::of(client.create(&common::options(&[Algorithm::Es256])).unwrap());
    let key = &made.response.public_key;
    assert_eq!(verifies(key, Algorithm::Es256, &made.signed()[..3], &made.bytes("sig")), Some(true));
    let got = client.get(&request(&made.response.id)).unwrap();
    assert_eq!(verifies(key, Algorithm::Es256, &got.authenticator_data[..3], &got.signature), Some(true));
}

#[test]
fn the_signature_changes_last_in_both_ceremonies_and_in_every_signed_format() {
    let edit = Edit::signature(|signature| *signature = b"none".to_vec());
    for format in [
        AttestationFormat::Packed,
        AttestationFormat::PackedSelf,
        AttestationFormat::Tpm,
        AttestationFormat::AndroidKey,
        AttestationFormat::FidoU2f,
    ] {
        let mut client = common::client(builder(format).edit(edit.clone()));
        let made = Registered::of(client.create(&common::options(&[Algorithm::Es256])).unwrap());
        assert_eq!(made.bytes("sig"), b"none", "{}", format.name());
        assert_eq!(client.get(&request(&made.response.id)).unwrap().signature, b"none");
    }
    let [_, safetynet] = both(AttestationFormat::AndroidSafetynet, edit);
    assert!(safetynet.bytes("response").ends_with(b".bm9uZQ"));
}

#[test]
fn u2f_signs_the_key_and_id_that_authenticator_data_says() {
    let edit = Edit::credential_key(|key| key.member_mut(-2).unwrap().bytes_mut().unwrap().truncate(31));
    let [plain, edited] = both(AttestationFormat::FidoU2f, edit);
    let data = &edited.response.authenticator_data;
    let point = &plain.response.public_key[plain.response.public_key.len() - 65..];
    let short = [&point[..32], &point[33..]].concat();
    let hash = sha256(&edited.response.client_data_json);
    let signed = [&[0][..], &data[..32], &hash, &edited.response.id, &short].concat();
    let leaf = &edited.chain()[0];
    assert_eq!(verifies(&spki(leaf), Algorithm::Es256, &signed, &edited.bytes("sig")), Some(true));
}

#[test]
fn a_statement_is_a_tree_and_a_compound_one_is_one_tree() {
    let [_, edited] = both(AttestationFormat::Packed, Edit::statement(|statement| statement.set("alg", -8)));
    assert_eq!(edited.int("alg"), -8);
    let edit = Edit::statement(|statement| statement.items_mut().unwrap().truncate(1));
    let [_, edited] = both(AttestationFormat::Compound, edit);
    assert_eq!(edited.compound().len(), 1);
    let [_, edited] = both(AttestationFormat::None, Edit::statement(|statement| statement.set("x", 1)));
    assert_eq!(member(&edited.statement, "x").as_integer(), Some(1.into()));
}

#[test]
fn an_attestation_object_is_a_tree_then_bytes() {
    let object = |edits: Vec<Edit>| {
        let edited = edits.into_iter().fold(builder(AttestationFormat::None), AuthenticatorBuilder::edit);
        common::client(edited).create(&common::options(&[Algorithm::Es256])).unwrap().attestation_object
    };
    let tree = Edit::attestation_object(|object| object.set("fmt", "None"));
    let bytes = Edit::attestation_object_bytes(|bytes| bytes.push(0));
    assert!(object(vec![tree.clone()]).starts_with(b"\xa3\x63fmt\x64None"));
    // Whatever the order in which they are given, a stage has its place.
    assert_eq!(object(vec![bytes, tree.clone()]), [object(vec![tree.clone()]), vec![0]].concat());
    // What an earlier edit has made unreadable is carried along.
    let broken = Edit::statement(|statement| *statement = Item::Raw(vec![0xff]));
    assert!(object(vec![broken, tree]).windows(10).any(|window| window == b"\x67attStmt\xff\x68"));
}

#[test]
fn a_reply_is_changed_as_the_last_thing() {
    let body = include_str!("../examples/nevis-enroll-response.json");
    let reply = |builder: stuntkey::client::ClientBuilder| builder.build().unwrap().register(body).unwrap();
    let client = || {
        Client::builder("https://login.example.com")
            .authenticator(builder(AttestationFormat::Packed).build().unwrap())
            .reply(stuntkey::client::Preset::from_name("l3").unwrap())
    };
    let plain = reply(client());
    let edited = reply(client().edit(Edit::reply(|json| json.set("rawId", "AA"))));
    assert_eq!(edited.json().unwrap().member("rawId"), Some(&"AA".into()));
    assert_eq!(edited.response(), plain.response());
    assert_eq!(edited.json().unwrap().member("id"), plain.json().unwrap().member("id"));
}

#[test]
fn a_client_hands_the_edits_below_it_to_its_authenticator() {
    let authenticator = || builder(AttestationFormat::None).build().unwrap();
    let made = |builder: stuntkey::client::ClientBuilder| -> RegistrationResponse {
        builder.build().unwrap().create(&common::options(&[Algorithm::Es256])).unwrap()
    };
    let client = || Client::builder("https://example.org").authenticator(authenticator());
    let edit = Edit::auth_data(|bytes| bytes.push(0xaa));
    assert_eq!(made(client().edit(edit)).authenticator_data.last(), Some(&0xaa));
    assert_eq!(made(client()), made(client()), "without edits nothing changes");
}

#[test]
fn an_edit_captures() {
    let byte = 0xaa;
    let edit = Edit::auth_data(move |bytes| bytes.push(byte));
    assert_eq!(
        register_edited(AttestationFormat::None, edit).unwrap().authenticator_data.last(),
        Some(&0xaa)
    );
}

fn register_edited(format: AttestationFormat, edit: Edit) -> Result<RegistrationResponse, stuntkey::Error> {
    common::client(builder(format).edit(edit)).create(&common::options(&[Algorithm::Es256]))
}

/// Before and after, as a failed ceremony may leave nothing behind.
#[track_caller]
fn fails_and_leaves_nothing(client: &mut Client, edit: Edit, reached: bool) {
    let stage = edit.stage();
    let options = common::options(&[Algorithm::Es256]);
    let before = client.authenticator().credentials().unwrap();
    let registered = client.edited([edit.clone()], |client| client.create(&options)).map(drop);
    let request = before.first().map(|credential| request(&credential.id));
    let asserted = request.map(|request| client.edited([edit], |client| client.get(&request)).map(drop));
    for outcome in [Some(registered), asserted].into_iter().flatten() {
        let error = outcome.expect_err(stage);
        let stuntkey::Error::Edit(found) = error else { panic!("{error}") };
        assert_eq!((found.stage, found.reached), (stage, reached));
    }
    assert_eq!(client.authenticator().credentials().unwrap(), before);
}

#[test]
fn an_edit_that_changes_nothing_is_an_error_and_nothing_is_stored() {
    for counter in [CounterPolicy::PerCredential, CounterPolicy::Global] {
        let mut client = common::client(builder(AttestationFormat::Packed).counter(counter));
        let sound = client.create(&common::options(&[Algorithm::Es256])).unwrap();
        for edit in [
            Edit::client_data(|data| data.cross_origin = false),
            Edit::client_data_json(|_| {}),
            Edit::authenticator_data(|data| data.flags = data.flags.with(Flags::UP, true)),
            Edit::auth_data(|_| {}),
            Edit::signed(|_| {}),
            Edit::signature(|_| {}),
        ] {
            fails_and_leaves_nothing(&mut client, edit, true);
        }
        // The counter has not moved either.
        let count = |client: &mut Client| {
            let data = client.get(&request(&sound.id)).unwrap().authenticator_data;
            u32::from_be_bytes(data[33..37].try_into().unwrap())
        };
        let first = count(&mut client);
        assert_eq!(first, if counter == CounterPolicy::Global { 2 } else { 1 });
        let edit = Edit::auth_data(|_| {});
        client.edited([edit], |client| client.get(&request(&sound.id))).unwrap_err();
        assert_eq!(count(&mut client), first + 1);
    }
}

#[test]
fn an_edit_whose_stage_never_comes_is_an_error_and_nothing_is_stored() {
    let mut client = common::client(builder(AttestationFormat::PackedSelf));
    for edit in [
        Edit::leaf(|leaf| leaf.version = 1),
        Edit::chain(Vec::clear),
        Edit::cert_info_bytes(Vec::clear),
        // `create` gives no reply's JSON.
        Edit::reply(|json| json.set("rawId", "AA")),
    ] {
        fails_and_leaves_nothing(&mut client, edit, false);
    }
    assert_eq!(client.authenticator().credentials().unwrap(), []);
    // A login has no attestation object.
    let made = client.create(&common::options(&[Algorithm::Es256])).unwrap();
    let edit = Edit::attestation_object_bytes(Vec::clear);
    let error = client.edited([edit], |client| client.get(&request(&made.id))).unwrap_err();
    assert!(matches!(&error, stuntkey::Error::Edit(edit) if !edit.reached), "{error}");
    assert_eq!(
        error.to_string(),
        "there is an edit for the stage AttestationObjectBytes, which this ceremony does not have"
    );
}

#[test]
fn an_edited_ceremony_that_succeeds_is_stored() {
    for edit in [Edit::auth_data(|bytes| bytes[32] ^= 4), Edit::client_data_json(|json| json.push(b' '))] {
        let mut client = common::client(builder(AttestationFormat::None).counter(CounterPolicy::Global));
        let options = common::options(&[Algorithm::Es256]);
        let made = client.edited([edit.clone()], |client| client.create(&options)).unwrap();
        let got = client.edited([edit], |client| client.get(&request(&made.id))).unwrap();
        assert_eq!(got.authenticator_data[33..37], [0, 0, 0, 2]);
        assert_eq!(client.authenticator().credentials().unwrap()[0].sign_count, 2);
    }
}

/// `unedited` is the sound ceremony beside the changed one.
#[test]
fn a_client_plays_without_its_edits_where_it_is_asked_to() {
    let edit = Edit::auth_data(|bytes| bytes.push(0xaa));
    let mut client = common::client(builder(AttestationFormat::None).edit(edit));
    let options = common::options(&[Algorithm::Es256]);
    let sound = client.unedited(|client| client.create(&options)).unwrap();
    let edited = client.create(&options).unwrap();
    assert_eq!(edited.authenticator_data.len(), sound.authenticator_data.len() + 1);
}

#[test]
fn every_edit_tells_its_stage_and_shows_no_address() {
    assert_eq!(format!("{:?}", Edit::chain(Vec::clear)), "Chain");
    let shown = format!("{:?}", Authenticator::builder().edit(Edit::signature(Vec::clear)).build().unwrap());
    assert!(shown.contains("Edits([Signature])"), "{shown}");
}

/// A part of SafetyNet's JSON Web Signature.
fn part(made: &Registered, at: usize) -> serde_json::Value {
    let response = String::from_utf8(made.bytes("response")).unwrap();
    let part = response.split('.').nth(at).unwrap();
    serde_json::from_slice(&stuntkey::encoding::base64url::decode(part).unwrap()).unwrap()
}

fn tpm_signs(made: &Registered) -> bool {
    let aik = &made.chain()[0];
    verifies(&spki(aik), Algorithm::Es256, &made.bytes("certInfo"), &made.bytes("sig")) == Some(true)
}

fn is_signed_by(certificate: &x509_cert::Certificate, issuer: &x509_cert::Certificate) -> bool {
    let tbs = certificate.tbs_certificate().to_der().unwrap();
    verifies(&spki(issuer), Algorithm::Es256, &tbs, certificate.signature().raw_bytes()) == Some(true)
}

fn spki(certificate: &x509_cert::Certificate) -> Vec<u8> {
    certificate.tbs_certificate().subject_public_key_info().to_der().unwrap()
}

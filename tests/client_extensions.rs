//! Client extensions: prf, largeBlob, credBlob and the others, through the client and an authenticator in the same process.

#![cfg(feature = "ctap")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use stuntkey::authenticator::{Extension, Model};
use stuntkey::client::{DomException, Refusal};
use stuntkey::webauthn::{
    AuthenticationResponse, CreationOptions, CredentialDescriptor, CredentialProtection, Extensions, Flags,
    LargeBlobInputs, LargeBlobRequirement, PrfInput, PrfValues, RegistrationResponse, RelyingParty,
    RequestOptions, ResidentKey, User, UserVerification,
};
use stuntkey::{Client, Error};

/// A platform authenticator with every extension of a passkey provider.
fn model() -> Model {
    let mut model = Model::default();
    model.extensions = vec![
        Extension::HmacSecret,
        Extension::HmacSecretMc,
        Extension::LargeBlob,
        Extension::CredBlob,
        Extension::CredProtect,
    ];
    model
}

fn client(model: Model) -> Client {
    let authenticator = model.builder().seed("extensions");
    Client::builder("https://example.org").authenticator(authenticator).pin("1234").build().unwrap()
}

fn creation(extensions: Extensions) -> CreationOptions {
    let rp = RelyingParty { id: None, name: "Example".into() };
    let user = User { id: vec![1], name: "alice".into(), display_name: "Alice".into() };
    let mut options = CreationOptions::new(rp, user, vec![7; 16], vec![-7]);
    options.authenticator_selection.resident_key = ResidentKey::Required;
    options.extensions = extensions;
    options
}

fn request(id: &[u8], extensions: Extensions) -> RequestOptions {
    let mut options = RequestOptions::new(vec![8; 16]);
    options.allow_credentials = Some(vec![CredentialDescriptor { id: id.to_vec(), transports: Vec::new() }]);
    options.extensions = extensions;
    options
}

fn prf(first: &[u8], second: Option<&[u8]>) -> Extensions {
    let mut extensions = Extensions::default();
    extensions.prf = Some(PrfInput::default());
    let eval = PrfValues { first: first.to_vec(), second: second.map(<[u8]>::to_vec) };
    extensions.prf.as_mut().unwrap().eval = Some(eval);
    extensions
}

fn created(response: &RegistrationResponse) -> PrfValues {
    response.extension_results.prf.clone().unwrap().results.unwrap()
}

fn got(response: &AuthenticationResponse) -> PrfValues {
    response.extension_results.prf.clone().unwrap().results.unwrap()
}

fn exception<T>(outcome: Result<T, Error>) -> DomException {
    outcome.err().unwrap().dom_exception().unwrap()
}

/// 32 bytes that no other input gives.
fn output_of(values: &PrfValues) -> [u8; 32] {
    values.first.clone().try_into().unwrap()
}

#[test]
fn prf_gives_the_same_for_the_same_input_and_another_for_another() {
    let mut client = client(model());
    let made = client.create(&creation(prf(b"1", None))).unwrap();
    assert_eq!(made.extension_results.prf.as_ref().unwrap().enabled, Some(true));
    let one = output_of(&created(&made));
    let mut get = |extensions| client.get(&request(&made.id, extensions)).unwrap();
    assert_eq!(output_of(&got(&get(prf(b"1", None)))), one, "hmac-secret-mc is a later hmac-secret");
    let both = got(&get(prf(b"2", Some(b"1"))));
    assert_eq!(both.second.as_deref(), Some(&one[..]));
    assert_ne!(output_of(&both), one);
    let none = get(prf(b"1", None));
    assert_eq!(none.extension_results.prf.unwrap().enabled, None, "enabled is for registrations");
}

#[test]
fn prf_takes_the_input_of_the_credential_that_answers() {
    let mut client = client(model());
    let [alice, bob] = [1, 2].map(|user| {
        let mut options = creation(prf(b"?", None));
        options.user.id = vec![user];
        client.create(&options).unwrap().id
    });
    let alone = |client: &mut Client, id: &[u8], first: &[u8]| {
        output_of(&got(&client.get(&request(id, prf(first, None))).unwrap()))
    };
    let expected = alone(&mut client, &alice, b"of alice");
    let encoded = |id: &[u8]| stuntkey::encoding::base64url::encode(id);
    let values = |first: &[u8]| PrfValues { first: first.to_vec(), second: None };
    let mut extensions = prf(b"for all", None);
    extensions.prf.as_mut().unwrap().eval_by_credential =
        Some(vec![(encoded(&bob), values(b"of bob")), (encoded(&alice), values(b"of alice"))]);
    let mut options = request(&alice, extensions);
    options.allow_credentials.as_mut().unwrap().push(CredentialDescriptor { id: bob, transports: vec![] });
    let response = client.get(&options).unwrap();
    assert_eq!(response.id, alice);
    assert_eq!(output_of(&got(&response)), expected);
}

#[test]
fn prf_refuses_what_the_standard_forbids() {
    let mut client = client(model());
    let made = client.create(&creation(prf(b"1", None))).unwrap();
    let with_entry = |id: &str| {
        let mut extensions = prf(b"1", None);
        let entry = (id.to_owned(), PrfValues { first: b"1".to_vec(), second: None });
        extensions.prf.as_mut().unwrap().eval_by_credential = Some(vec![entry]);
        extensions
    };
    assert_eq!(exception(client.create(&creation(with_entry("AQ")))), DomException::NotSupportedError);
    for unknown in ["", "AQ", "*"] {
        let outcome = client.get(&request(&made.id, with_entry(unknown)));
        assert_eq!(exception(outcome), DomException::SyntaxError, "{unknown:?}");
    }
    let mut anyone = request(&made.id, with_entry("AQ"));
    anyone.allow_credentials = None;
    assert_eq!(exception(client.get(&anyone)), DomException::NotSupportedError);
}

#[test]
fn a_key_without_secrets_says_that_prf_is_not_enabled() {
    let mut client = client(Model::default());
    let made = client.create(&creation(prf(b"1", None))).unwrap();
    let output = made.extension_results.prf.unwrap();
    assert_eq!((output.enabled, output.results), (Some(false), None));
    let got = client.get(&request(&made.id, prf(b"1", None))).unwrap();
    assert_eq!(got.extension_results.prf.unwrap().results, None);
}

#[test]
fn prf_verifies_the_user_where_it_can() {
    let mut client = client(model());
    let made = client.create(&creation(prf(b"1", None))).unwrap();
    let mut options = request(&made.id, prf(b"1", None));
    options.user_verification = UserVerification::Discouraged;
    let got = client.get(&options).unwrap();
    assert!(Flags(got.authenticator_data[32]).contains(Flags::UV));
}

fn blob(support: Option<LargeBlobRequirement>, read: Option<bool>, write: Option<&[u8]>) -> Extensions {
    let mut inputs = LargeBlobInputs::default();
    (inputs.support, inputs.read, inputs.write) = (support, read, write.map(<[u8]>::to_vec));
    let mut extensions = Extensions::default();
    extensions.large_blob = Some(inputs);
    extensions
}

#[test]
fn a_large_blob_is_written_and_read() {
    let mut client = client(model());
    let options = creation(blob(Some(LargeBlobRequirement::Required), None, None));
    let made = client.create(&options).unwrap();
    assert_eq!(made.extension_results.large_blob.unwrap().supported, Some(true));
    let mut get = |extensions| {
        client.get(&request(&made.id, extensions)).unwrap().extension_results.large_blob.unwrap()
    };
    assert_eq!(get(blob(None, Some(true), None)).blob, None, "nothing is written yet");
    let long = b"a large blob, ".repeat(100);
    assert_eq!(get(blob(None, None, Some(&long))).written, Some(true));
    assert_eq!(get(blob(None, Some(true), None)).blob, Some(long));
    assert_eq!(get(blob(None, None, Some(b""))).written, Some(true));
    assert_eq!(get(blob(None, Some(true), None)).blob, Some(Vec::new()));
}

#[test]
fn large_blob_refuses_what_the_standard_forbids() {
    let mut client = client(model());
    let made = client.create(&creation(blob(None, None, None))).unwrap();
    assert_eq!(made.extension_results.large_blob.as_ref().unwrap().supported, Some(true));
    for asked in [blob(None, Some(false), None), blob(None, None, Some(b"1"))] {
        assert_eq!(exception(client.create(&creation(asked))), DomException::NotSupportedError);
    }
    let preferred = Some(LargeBlobRequirement::Preferred);
    for asked in [blob(preferred, None, None), blob(None, Some(true), Some(b"1"))] {
        let outcome = client.get(&request(&made.id, asked));
        assert_eq!(exception(outcome), DomException::NotSupportedError);
    }
    let mut anyone = request(&made.id, blob(None, None, Some(b"1")));
    anyone.allow_credentials = None;
    assert_eq!(exception(client.get(&anyone)), DomException::NotSupportedError);
    let mut without = crate::client(Model::default());
    let required = creation(blob(Some(LargeBlobRequirement::Required), None, None));
    assert_eq!(exception(without.create(&required)), DomException::NotAllowedError);
    let made = without.create(&creation(blob(preferred, None, None))).unwrap();
    assert_eq!(made.extension_results.large_blob.unwrap().supported, Some(false));
}

#[test]
fn a_credential_keeps_its_blob_and_its_protection() {
    let mut client = client(model());
    let mut asked = Extensions::default();
    asked.cred_blob = Some(b"blob".to_vec());
    asked.credential_protection_policy = Some(CredentialProtection::UserVerificationRequired);
    asked.enforce_credential_protection_policy = true;
    let made = client.create(&creation(asked.clone())).unwrap();
    assert_eq!(made.extension_results.cred_blob, Some(true));
    let mut get = Extensions::default();
    get.get_cred_blob = true;
    let got = client.get(&request(&made.id, get)).unwrap();
    assert_eq!(got.extension_results.get_cred_blob.as_deref(), Some(&b"blob"[..]));
    let mut unverified = request(&made.id, Extensions::default());
    unverified.user_verification = UserVerification::Discouraged;
    assert_eq!(exception(client.get(&unverified)), DomException::NotAllowedError);
    let mut without = crate::client(Model::default());
    assert_eq!(exception(without.create(&creation(asked.clone()))), DomException::NotAllowedError);
    asked.enforce_credential_protection_policy = false;
    let made = without.create(&creation(asked)).unwrap();
    assert_eq!(made.extension_results.cred_blob, Some(false));
}

#[test]
fn a_security_key_is_verified_by_its_pin() {
    for name in ["security_key_ctap2_1", "security_key_ctap2_3", "with_fingers", "full"] {
        let mut client = client(Model::named(name).unwrap());
        let mut options = creation(prf(b"1", None));
        options.authenticator_selection.user_verification = UserVerification::Required;
        let made = client.create(&options).unwrap();
        assert!(Flags(made.authenticator_data[32]).contains(Flags::UV), "{name}");
        let got_one = client.get(&request(&made.id, prf(b"1", None))).unwrap();
        assert!(Flags(got_one.authenticator_data[32]).contains(Flags::UV), "{name}");
        assert_eq!(got(&got_one).first.len(), 32, "{name}");
    }
}

#[test]
fn a_pin_that_is_wrong_or_unknown_is_told() {
    let model = Model::named("security_key_ctap2_1").unwrap();
    let mut client = client(model.clone());
    let mut options = creation(Extensions::default());
    options.authenticator_selection.user_verification = UserVerification::Required;
    client.create(&options).unwrap();
    // The same key at clients whose users know another PIN, or none.
    for (pin, message) in [(Some("0000"), "the PIN is wrong"), (None, "asks for its PIN")] {
        let mut builder = Client::builder("https://example.org");
        if let Some(pin) = pin {
            builder = builder.pin(pin);
        }
        let mut other = builder.build_with(client.authenticator()).unwrap();
        let error = other.create(&options).unwrap_err();
        assert!(matches!(error, Error::Refused(Refusal::Pin(_) | Refusal::PinUnknown)), "{error:?}");
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(error.hint().is_some(), pin.is_none());
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let both = [(); 2].map(|()| {
        let mut client = client(Model::named("full").unwrap());
        let made = client.create(&creation(prf(b"1", None))).unwrap();
        let got = client.get(&request(&made.id, prf(b"1", Some(b"2")))).unwrap();
        (made, got)
    });
    assert_eq!(both[0], both[1]);
}

/// A credential that U2F's own script registered under an AppID, and its key handle.
fn registered_by_u2f(client: &mut Client, app_id: &str) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let application = Sha256::digest(app_id).into();
    let register = stuntkey::ctap2::U2fRequest::Register { challenge: [1; 32], application };
    let response = client.authenticator().u2f(&register.to_apdu().unwrap());
    assert_eq!(response[response.len() - 2..], [0x90, 0x00]);
    response[67..67 + usize::from(response[66])].to_vec()
}

#[test]
fn a_key_of_u2f_registers_and_logs_in_like_any_other() {
    let mut client = client(Model::named("u2f_only").unwrap());
    let mut options = creation(Extensions::default());
    options.attestation = stuntkey::webauthn::AttestationConveyance::Direct;
    assert_eq!(exception(client.create(&options)), DomException::ConstraintError, "it keeps none");
    options.authenticator_selection.resident_key = ResidentKey::Discouraged;
    let made = client.create(&options).unwrap();
    let object = stuntkey::webauthn::AttestationObject::parse(&made.attestation_object).unwrap();
    assert_eq!(object.fmt, "fido-u2f");
    let got = client.get(&request(&made.id, Extensions::default())).unwrap();
    assert_eq!((got.id, got.user_handle), (made.id.clone(), None));
    assert!(!Flags(got.authenticator_data[32]).contains(Flags::UV));
    options.exclude_credentials = vec![CredentialDescriptor { id: made.id, transports: Vec::new() }];
    assert_eq!(exception(client.create(&options)), DomException::InvalidStateError);
}

#[test]
fn a_credential_of_u2f_is_found_under_its_app_id() {
    for model in ["u2f_only", "security_key_ctap2_1"] {
        let mut client = client(Model::named(model).unwrap());
        let app_id = "https://www.example.org/app-id.json";
        let id = registered_by_u2f(&mut client, app_id);
        let under = |app_id: &str| {
            let mut extensions = Extensions::default();
            extensions.app_id = Some(app_id.into());
            let mut options = request(&id, extensions);
            options.user_verification = UserVerification::Discouraged;
            options
        };
        let got = client.get(&under(app_id)).unwrap();
        assert_eq!(got.extension_results.app_id, Some(true), "{model}");
        assert_eq!(exception(client.get(&under("https://example.com/a"))), DomException::SecurityError);
        assert_eq!(
            exception(client.get(&under("https://example.org/another"))),
            DomException::NotAllowedError
        );
        let mut excluding = creation(Extensions::default());
        excluding.authenticator_selection.resident_key = ResidentKey::Discouraged;
        excluding.authenticator_selection.user_verification = UserVerification::Discouraged;
        excluding.extensions.app_id_exclude = Some(app_id.into());
        assert_eq!(client.create(&excluding).unwrap().extension_results.app_id_exclude, Some(true));
        excluding.exclude_credentials = vec![CredentialDescriptor { id: id.clone(), transports: Vec::new() }];
        assert_eq!(exception(client.create(&excluding)), DomException::InvalidStateError, "{model}");
    }
}

#[test]
fn a_credential_of_u2f_is_found_under_its_app_id_by_a_user_with_a_pin() {
    let mut client = client(Model::named("security_key_ctap2_1").unwrap());
    let app_id = "https://www.example.org/app-id.json";
    let id = registered_by_u2f(&mut client, app_id);
    let mut extensions = Extensions::default();
    extensions.app_id = Some(app_id.into());
    let mut options = request(&id, extensions);
    options.user_verification = UserVerification::Preferred;
    let got = client.get(&options).unwrap();
    assert_eq!(got.extension_results.app_id, Some(true));
}

/// A credential that needs a verified user is not found without one, whoever chooses it (CTAP 2.1 §12.1).
#[test]
fn an_account_is_not_chosen_past_its_protection() {
    let mut model = model();
    model.user_verification = false;
    let at = |account: &str| {
        let authenticator = model.clone().builder().seed("protected");
        Client::builder("https://example.org").authenticator(authenticator).account(account).build().unwrap()
    };
    for (policy, is_found) in [
        (CredentialProtection::UserVerificationOptional, true),
        (CredentialProtection::UserVerificationOptionalWithCredentialIdList, false),
        (CredentialProtection::UserVerificationRequired, false),
    ] {
        let mut asked = Extensions::default();
        asked.credential_protection_policy = Some(policy);
        let mut client = at("alice");
        let made = client.create(&creation(asked)).unwrap();
        let anyone = RequestOptions::new(vec![8; 16]);
        assert_eq!(client.get(&anyone).is_ok(), is_found, "{policy}");
        let named = client.get(&request(&made.id, Extensions::default()));
        assert_eq!(named.is_ok(), policy != CredentialProtection::UserVerificationRequired, "{policy}");
    }
}

/// What is kept with a credential is kept also where others take no storage.
#[test]
fn a_protected_credential_is_stored_where_others_are_not() {
    let mut model = model();
    model.user_verification = false;
    let authenticator = model.builder().seed("stateless").stateless("secret");
    let mut client = Client::builder("https://example.org").authenticator(authenticator).build().unwrap();
    let mut make = |policy| {
        let mut asked = Extensions::default();
        asked.credential_protection_policy = policy;
        let mut options = creation(asked);
        options.authenticator_selection.resident_key = ResidentKey::Discouraged;
        let id = client.create(&options).unwrap().id;
        (
            client.authenticator().credentials().unwrap().len(),
            client.get(&request(&id, Extensions::default())),
        )
    };
    let (stored, got) = make(None);
    assert!(stored == 0 && got.is_ok());
    let (stored, got) = make(Some(CredentialProtection::UserVerificationRequired));
    assert!(stored == 1 && got.is_err(), "level 3 is not found without a verified user");
}

/// An edit that a message of U2F has no place for is an error, and nothing is stored.
#[test]
fn an_edit_without_effect_on_u2f_is_an_error() {
    use stuntkey::draft::Edit;
    let authenticator = Model::named("u2f_only").unwrap().builder().seed("edits");
    let mut client = Client::builder("https://example.org").authenticator(authenticator).build().unwrap();
    let mut options = creation(Extensions::default());
    options.authenticator_selection.resident_key = ResidentKey::Discouraged;
    let edit = || Edit::authenticator_data(|data| data.sign_count = 9);
    assert!(matches!(client.edited([edit()], |client| client.create(&options)), Err(Error::Edit(_))));
    assert!(client.authenticator().credentials().unwrap().is_empty());
    let made = client.create(&options).unwrap();
    let login = request(&made.id, Extensions::default());
    assert!(matches!(client.edited([edit()], |client| client.get(&login)), Err(Error::Edit(_))));
    client.get(&login).unwrap();
}

/// A user types a PIN in whatever form of Unicode the keyboard gives.
#[test]
fn a_pin_is_the_same_in_every_form_of_unicode() {
    let model = Model::named("security_key_ctap2_1").unwrap();
    let mut options = creation(Extensions::default());
    options.authenticator_selection.user_verification = UserVerification::Required;
    let mut first =
        Client::builder("https://example.org").authenticator(model).pin("caf\u{e9}").build().unwrap();
    first.create(&options).unwrap();
    let decomposed = Client::builder("https://example.org").pin("cafe\u{301}");
    options.user.id = vec![2];
    decomposed.build_with(first.authenticator()).unwrap().create(&options).unwrap();
}

/// The member of WebDriver's JSON is the blob itself (WebAuthn L3 §11.5), and no compressed form of it.
#[test]
fn a_large_blob_leaves_and_comes_back_as_it_is() {
    use stuntkey::authenticator::Credential;
    let mut client = client(model());
    let made = client.create(&creation(blob(Some(LargeBlobRequirement::Required), None, None))).unwrap();
    let content = b"a large blob".to_vec();
    client.get(&request(&made.id, blob(None, None, Some(&content)))).unwrap();
    let credential = client.authenticator().credentials().unwrap().remove(0);
    let json = credential.to_webdriver_json();
    let text = json.member("largeBlob").unwrap().as_str().unwrap().to_owned();
    assert_eq!(stuntkey::encoding::base64url::decode(&text).unwrap(), content);
    let back = Credential::list_from_json(&json, &mut Vec::new()).unwrap().remove(0);
    assert_eq!(back, credential);
}

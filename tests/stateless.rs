//! Credentials that take no storage.
#![cfg(feature = "verifier")]

use stuntkey::authenticator::{AuthenticatorBuilder, CounterPolicy};
use stuntkey::crypto::{Algorithm, KeyPair};
use stuntkey::verifier::VerifyingKey;
use stuntkey::webauthn::{
    AuthenticatorData, CreationOptions, CredentialDescriptor, RegistrationResponse, RequestOptions,
    ResidentKey,
};
use stuntkey::{Authenticator, Client, Error};

mod common;

fn builder() -> AuthenticatorBuilder {
    Authenticator::builder().algorithms(Algorithm::available().iter().copied()).stateless("secret")
}

/// Options that ask for no discoverable credential.
fn options(algorithm: Algorithm) -> CreationOptions {
    let mut options = common::options(&[algorithm]);
    options.authenticator_selection.resident_key = ResidentKey::Discouraged;
    options
}

fn request(id: &[u8]) -> RequestOptions {
    let mut options = RequestOptions::new(vec![9; 32]);
    options.rp_id = Some("example.org".into());
    options.allow_credentials = Some(vec![CredentialDescriptor { id: id.to_vec(), transports: vec![] }]);
    options
}

fn stored(client: &mut Client) -> usize {
    client.authenticator().credentials().unwrap().len()
}

fn registered(algorithm: Algorithm) -> RegistrationResponse {
    let mut client = common::client(builder());
    let made = client.create(&options(algorithm)).unwrap();
    assert_eq!(stored(&mut client), 0, "{algorithm}");
    made
}

#[test]
fn another_authenticator_with_the_secret_logs_in() {
    for algorithm in Algorithm::available().iter().filter(|algorithm| !algorithm.is_rsa()) {
        let made = registered(*algorithm);
        let mut client = common::client(builder());
        let got = client.get(&request(&made.id)).unwrap();
        let key = VerifyingKey::from_spki(&made.public_key).unwrap();
        let hash = <sha2::Sha256 as sha2::Digest>::digest(&got.client_data_json);
        let message = [&got.authenticator_data[..], &hash].concat();
        assert!(key.verify(*algorithm, &message, &got.signature).is_ok(), "{algorithm}");
        assert_eq!((got.user_handle, stored(&mut client)), (None, 0));
    }
}

#[test]
fn an_id_opens_with_its_secret_and_relying_party_only() {
    let id = registered(Algorithm::Es256).id;
    let refused = |builder: AuthenticatorBuilder, id: &[u8]| {
        matches!(common::client(builder).get(&request(id)), Err(Error::Refused(_)))
    };
    assert!(!refused(builder(), &id));
    assert!(refused(Authenticator::builder(), &id));
    assert!(refused(Authenticator::builder().stateless("Secret"), &id));
    for at in 0..id.len() {
        let mut other = id.clone();
        other[at] ^= 1;
        assert!(refused(builder(), &other), "byte {at}");
    }
    for length in [0, 1, 15, 16, 31] {
        assert!(refused(builder(), &id[..length]), "{length} bytes");
    }
    let mut elsewhere =
        Client::builder("https://example.com").authenticator(builder().build().unwrap()).build().unwrap();
    let mut anywhere = request(&id);
    anywhere.rp_id = None;
    assert!(elsewhere.get(&anywhere).is_err());
}

#[test]
fn a_known_credential_is_excluded() {
    let made = registered(Algorithm::Es256);
    let mut again = options(Algorithm::Es256);
    again.exclude_credentials = vec![CredentialDescriptor { id: made.id, transports: vec![] }];
    assert!(matches!(common::client(builder()).create(&again), Err(Error::Refused(_))));
}

#[test]
fn what_has_to_be_found_or_was_given_is_stored() {
    let mut client = common::client(builder());
    client.create(&common::options(&[Algorithm::Es256])).unwrap();
    assert_eq!(stored(&mut client), 1);
    let key = KeyPair::from_p256_scalar(&[3; 32]).unwrap();
    for builder in [builder().credential_key(key), builder().credential_id(&[1; 16])] {
        let mut client = common::client(builder);
        client.create(&options(Algorithm::Es256)).unwrap();
        assert_eq!(stored(&mut client), 1);
    }
    #[cfg(feature = "rsa")]
    {
        let mut client = common::client(builder().rsa_pool(true));
        client.create(&options(Algorithm::Rs256)).unwrap();
        assert_eq!(stored(&mut client), 1);
    }
}

#[test]
fn counts_are_the_global_ones_or_none() {
    for (policy, expected) in [
        (CounterPolicy::PerCredential, [0, 0]),
        (CounterPolicy::Zero, [0, 0]),
        (CounterPolicy::Global, [2, 3]),
    ] {
        let mut client = common::client(builder().counter(policy));
        let made = client.create(&options(Algorithm::Es256)).unwrap();
        let counts = [(); 2].map(|()| {
            let got = client.get(&request(&made.id)).unwrap();
            AuthenticatorData::parse(&got.authenticator_data).unwrap().sign_count
        });
        assert_eq!(counts, expected, "{policy:?}");
    }
}

#[test]
fn ids_have_the_length_asked_for_and_differ() {
    for (length, expected) in [(16, 32), (32, 32), (64, 64), (1023, 1023)] {
        let mut client = common::client(builder().credential_id_length(length));
        let [one, two] = [(); 2].map(|()| client.create(&options(Algorithm::Es256)).unwrap());
        assert_eq!(one.id.len(), expected);
        assert_ne!(one.id, two.id);
        assert_ne!(one.public_key, two.public_key);
    }
}

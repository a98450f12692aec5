//! Ids of the caller's for new credentials.

mod common;

use common::{client, options};
use stuntkey::Authenticator;
use stuntkey::crypto::Algorithm;
use stuntkey::webauthn::AuthenticatorData;

#[test]
fn given_ids_are_taken_in_their_order_and_then_made_again() {
    let mut client = client(Authenticator::builder().credential_id(b"first of all ids").credential_id(b"2"));
    for expected in [&b"first of all ids"[..], b"2"] {
        let response = client.create(&options(&[Algorithm::Es256])).unwrap();
        assert_eq!(response.id, expected);
        let data = AuthenticatorData::parse(&response.authenticator_data).unwrap();
        assert_eq!(data.attested_credential_data.unwrap().credential_id, expected);
    }
    assert_eq!(client.create(&options(&[Algorithm::Es256])).unwrap().id.len(), 32);
}

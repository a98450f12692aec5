//! What the encoders are given; `creation.json` and `request.json` beside this are what every ceremony is.

use stuntkey::crypto::{KeyPair, PublicKey};
use stuntkey::webauthn::{Aaguid, AttestedCredentialData, AuthenticatorData, Ceremony, ClientData, Flags};

pub(crate) fn public_key() -> PublicKey {
    KeyPair::from_p256_scalar(&[7; 32]).expect("a scalar").public_key().clone()
}

pub(crate) fn client_data() -> ClientData {
    ClientData {
        ceremony: Ceremony::Create,
        challenge: vec![7; 32],
        origin: "https://login.example.com".into(),
        cross_origin: false,
        top_origin: None,
        extra: vec![],
    }
}

pub(crate) fn authenticator_data() -> AuthenticatorData {
    AuthenticatorData {
        rp_id_hash: [1; 32],
        flags: Flags(0x45),
        sign_count: 0,
        attested_credential_data: Some(AttestedCredentialData {
            aaguid: Aaguid::STUNTKEY,
            credential_id: vec![3; 32],
            public_key: public_key(),
        }),
        extensions: None,
    }
}

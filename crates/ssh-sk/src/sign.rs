//! Signatures.

use stuntkey::ctap2::{GetAssertionRequest, GetAssertionResponse, Permissions};
use stuntkey::webauthn::{AuthenticatorData, CredentialDescriptor};

use crate::algorithm::Algorithm;
use crate::failure::{Code, Failure};
use crate::flags::Flags;
use crate::key::{Key, sha256};
use crate::token::Token;

/// What is to be signed, and by which key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sign<'s> {
    pub(crate) algorithm: Algorithm,
    pub(crate) data: &'s [u8],
    pub(crate) application: &'s str,
    pub(crate) key_handle: &'s [u8],
    pub(crate) flags: Flags,
    pub(crate) pin: Option<&'s str>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    /// Those of the authenticator data.
    pub(crate) flags: u8,
    pub(crate) counter: u32,
    pub(crate) r: Vec<u8>,
    /// Empty for EdDSA.
    pub(crate) s: Vec<u8>,
}

pub(crate) fn sign(key: &mut Key, sign: &Sign<'_>) -> Result<Signed, Failure> {
    let verifies = sign.flags.contains(Flags::USER_VERIFICATION_REQUIRED);
    if verifies && sign.pin.is_none() && !key.verifies_user() {
        return Err(Token::missing(key));
    }
    let client_data_hash = sha256(sign.data);
    let mut request = GetAssertionRequest::new(client_data_hash, sign.application);
    let descriptor = CredentialDescriptor { id: sign.key_handle.to_vec(), transports: Vec::new() };
    request.allow_list = Some(vec![descriptor].into());
    request.user_presence = sign.flags.contains(Flags::USER_PRESENCE_REQUIRED);
    request.user_verification = verifies && sign.pin.is_none();
    if let Some(pin) = sign.pin {
        let token = Token::by_pin(key, pin, Permissions::GET_ASSERTION, Some(sign.application))?;
        request.pin_uv_auth = Some(token.prove(&[&client_data_hash]));
    }
    let assertion = key.get_assertion(&request)?;
    signed(&assertion, sign)
}

fn signed(assertion: &GetAssertionResponse, sign: &Sign<'_>) -> Result<Signed, Failure> {
    // A key of CTAP 2.0 may leave the id out, where only one was allowed.
    if !assertion.credential_id.is_empty() && assertion.credential_id != sign.key_handle {
        return Err(Failure::answer("another credential", "the one that was asked for"));
    }
    let data =
        AuthenticatorData::parse(&assertion.auth_data).map_err(|error| Failure::of(Code::General, &error))?;
    if data.rp_id_hash != sha256(sign.application.as_bytes()) {
        return Err(Failure::answer("another rpIdHash", sign.application));
    }
    let (r, s) = sign.algorithm.parts(&assertion.signature)?;
    Ok(Signed { flags: data.flags.0, counter: data.sign_count, r, s })
}

//! New keys.

use std::borrow::Cow;

use stuntkey::ctap2::{MakeCredentialRequest, MakeCredentialResponse, Permissions};
use stuntkey::encoding::cbor::{self, Item};
use stuntkey::webauthn::{AuthenticatorData, User};

use crate::algorithm::Algorithm;
use crate::failure::{Code, Failure};
use crate::flags::Flags;
use crate::key::{Key, sha256};
use crate::resident::{has_user, look_up_permission};
use crate::token::Token;

/// What a new key is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Enroll<'e> {
    pub(crate) algorithm: Algorithm,
    pub(crate) challenge: &'e [u8],
    pub(crate) application: &'e str,
    pub(crate) flags: Flags,
    pub(crate) pin: Option<&'e str>,
    pub(crate) user_id: &'e [u8],
}

#[derive(Debug)]
pub(crate) struct Enrolled {
    pub(crate) flags: Flags,
    pub(crate) public_key: Vec<u8>,
    pub(crate) key_handle: Vec<u8>,
    /// The attestation's; empty where there is none.
    pub(crate) signature: Vec<u8>,
    /// Empty where the credential's own key signed.
    pub(crate) attestation_certificate: Vec<u8>,
    /// As a CBOR byte string: the form that OpenSSH writes into attestations.
    pub(crate) authenticator_data: Vec<u8>,
}

pub(crate) fn enroll(key: &mut Key, enroll: &Enroll<'_>) -> Result<Enrolled, Failure> {
    let flags = enroll.flags;
    let verifies = flags.contains(Flags::USER_VERIFICATION_REQUIRED);
    let resident = flags.contains(Flags::RESIDENT_KEY);
    // Who may be asked for user verification later has to have it now.
    if verifies && enroll.pin.is_none() && !key.verifies_user() {
        return Err(Token::missing(key));
    }
    // A new resident key of the same application and user would overwrite the old one, so OpenSSH asks its user first.
    let looks = resident && !flags.contains(Flags::FORCE_OPERATION);
    let token = match enroll.pin {
        Some(pin) => {
            let permissions = match looks {
                true => Permissions::MAKE_CREDENTIAL.or(look_up_permission(key)),
                false => Permissions::MAKE_CREDENTIAL,
            };
            Some(Token::by_pin(key, pin, permissions, Some(enroll.application))?)
        }
        // Nobody finds the credentials of a key without its PIN.
        None if looks && key.has_pin() => return Err(Token::missing(key)),
        None => None,
    };
    if looks
        && let Some(token) = &token
        && has_user(key, token, enroll.application, enroll.user_id)?
    {
        return Err(Failure::wordless(Code::CredentialExists));
    }

    let user =
        User { id: enroll.user_id.to_vec(), name: "openssh".to_owned(), display_name: "openssh".to_owned() };
    let client_data_hash = sha256(enroll.challenge);
    let mut request = MakeCredentialRequest::new(
        client_data_hash,
        enroll.application,
        Cow::Owned(user),
        vec![enroll.algorithm.cose_identifier()],
    );
    request.resident_key = resident;
    request.user_verification = verifies && token.is_none();
    request.pin_uv_auth = token.map(|token| token.prove(&[&client_data_hash]));
    // It says on the key what the flag says in the file, for who downloads the key.
    if (resident || verifies) && key.has_extension("credProtect") {
        request.extensions.cred_protect = Some(if verifies { 3 } else { 2 });
    }
    let made = key.make_credential(request)?;
    enrolled(&made, enroll)
}

fn enrolled(made: &MakeCredentialResponse, enroll: &Enroll<'_>) -> Result<Enrolled, Failure> {
    let data =
        AuthenticatorData::parse(&made.auth_data).map_err(|error| Failure::of(Code::General, &error))?;
    if data.rp_id_hash != sha256(enroll.application.as_bytes()) {
        return Err(Failure::answer("another rpIdHash", enroll.application));
    }
    let public_key = match Algorithm::of(&made.public_key) {
        Some((algorithm, public_key)) if algorithm == enroll.algorithm => public_key,
        _ => {
            return Err(Failure::answer(
                "a key of another algorithm",
                format_args!("{:?}", enroll.algorithm),
            ));
        }
    };
    let (signature, attestation_certificate) = attestation(&made.att_stmt);
    Ok(Enrolled {
        flags: enroll.flags,
        public_key,
        key_handle: made.credential_id.clone(),
        signature,
        attestation_certificate,
        authenticator_data: Item::Bytes(made.auth_data.clone()).to_bytes(),
    })
}

/// The signature and the first certificate of a statement, empty where it has none.
fn attestation(statement: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let Ok(statement) = cbor::read(statement) else { return Default::default() };
    let signature = statement.member("sig").and_then(|value| value.as_bytes());
    let chain = statement.member("x5c").and_then(|value| value.as_array());
    let certificate = chain.and_then(<[_]>::first).and_then(|value| value.as_bytes());
    (signature.unwrap_or_default().to_vec(), certificate.unwrap_or_default().to_vec())
}

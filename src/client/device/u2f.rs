//! A security key that speaks U2F alone, as a browser uses it: CTAP2's ceremonies over U2F messages (CTAP 2.1 §10.2, §10.3).

use super::DeviceError;
use crate::crypto::{PublicKey, sha256};
use crate::ctap2::{
    GetAssertionRequest, GetAssertionResponse, MakeCredentialRequest, MakeCredentialResponse, Status,
    U2fControl, U2fRequest, U2fStatus,
};
use crate::encoding::cbor::Writer;
use crate::webauthn::{Aaguid, AttestedCredentialData, AuthenticatorData, CredentialDescriptor, Flags};

const ES256: i64 = -7;

/// What answers U2F messages.
pub(in crate::client) type Call<'c> = &'c mut dyn FnMut(&[u8]) -> Vec<u8>;

/// Registers, if the key has none of the excluded credentials.
pub(in crate::client) fn make_credential(
    call: Call<'_>,
    request: &MakeCredentialRequest<'_>,
) -> Result<MakeCredentialResponse, DeviceError> {
    if !request.pub_key_cred_params.contains(&ES256) {
        return Err(DeviceError::Status(Status::UnsupportedAlgorithm));
    }
    if request.resident_key {
        return Err(DeviceError::Status(Status::UnsupportedOption));
    }
    if request.user_verification {
        return Err(DeviceError::Status(Status::InvalidOption));
    }
    let application = sha256(&[request.rp_id.as_bytes()]);
    let challenge = request.client_data_hash;
    if let Some(key_handle) = known(call, &request.exclude_list, &application)? {
        // A touch, without which nobody learns what the key knows.
        let control = U2fControl::EnforceUserPresence;
        send(call, &U2fRequest::Authenticate { control, challenge, application, key_handle })?;
        return Err(DeviceError::Status(Status::CredentialExcluded));
    }
    let response = send(call, &U2fRequest::Register { challenge, application })?;
    registration(&response, &application, request).ok_or(DeviceError::Status(Status::Other))
}

/// Logs in with the first credential of the allow list that the key knows.
pub(in crate::client) fn get_assertion(
    call: Call<'_>,
    request: &GetAssertionRequest<'_>,
) -> Result<GetAssertionResponse, DeviceError> {
    if request.user_verification {
        return Err(DeviceError::Status(Status::InvalidOption));
    }
    let application = sha256(&[request.rp_id.as_bytes()]);
    let allowed = request.allow_list.as_deref().unwrap_or_default();
    let Some(key_handle) = known(call, allowed, &application)? else {
        return Err(DeviceError::Status(Status::NoCredentials));
    };
    let response = send(
        call,
        &U2fRequest::Authenticate {
            control: match request.user_presence {
                true => U2fControl::EnforceUserPresence,
                false => U2fControl::DontEnforceUserPresence,
            },
            challenge: request.client_data_hash,
            application,
            key_handle: key_handle.clone(),
        },
    )?;
    let Some((&[flags, a, b, c, d], signature)) = response.split_first_chunk() else {
        return Err(DeviceError::Status(Status::Other));
    };
    let data = AuthenticatorData {
        rp_id_hash: application,
        flags: Flags(flags),
        sign_count: u32::from_be_bytes([a, b, c, d]),
        attested_credential_data: None,
        extensions: None,
    };
    Ok(GetAssertionResponse::new(key_handle, data.to_bytes(), signature.to_vec()))
}

/// Whether the key knows a credential of the allow list, without a touch.
pub(in crate::client) fn is_known(
    call: Call<'_>,
    request: &GetAssertionRequest<'_>,
) -> Result<bool, DeviceError> {
    let application = sha256(&[request.rp_id.as_bytes()]);
    Ok(known(call, request.allow_list.as_deref().unwrap_or_default(), &application)?.is_some())
}

/// The first of the credentials that the key knows, without a touch.
fn known(
    call: Call<'_>,
    credentials: &[CredentialDescriptor],
    application: &[u8; 32],
) -> Result<Option<Vec<u8>>, DeviceError> {
    for CredentialDescriptor { id, .. } in credentials {
        let check = U2fRequest::Authenticate {
            control: U2fControl::CheckOnly,
            challenge: [0; 32],
            application: *application,
            key_handle: id.clone(),
        };
        // An id that is too long for a key handle is none.
        let Some(apdu) = check.to_apdu() else { continue };
        match status(&call(&apdu)) {
            Some(U2fStatus::ConditionsNotSatisfied | U2fStatus::NoError) => return Ok(Some(id.clone())),
            Some(U2fStatus::WrongData | U2fStatus::WrongLength) => {}
            Some(U2fStatus::CommandNotAllowed) => return Err(DeviceError::Status(Status::NotAllowed)),
            _ => return Err(DeviceError::Status(Status::Other)),
        }
    }
    Ok(None)
}

/// Sends a request, and returns what stands before the status OK.
fn send(call: Call<'_>, request: &U2fRequest) -> Result<Vec<u8>, DeviceError> {
    let apdu = request.to_apdu().ok_or(DeviceError::Status(Status::InvalidLength))?;
    let mut response = call(&apdu);
    Err(DeviceError::Status(match status(&response) {
        Some(U2fStatus::NoError) => {
            response.truncate(response.len() - 2);
            return Ok(response);
        }
        // No touch came.
        Some(U2fStatus::ConditionsNotSatisfied) => Status::UserActionTimeout,
        Some(U2fStatus::CommandNotAllowed) => Status::NotAllowed,
        Some(U2fStatus::WrongData) => Status::NoCredentials,
        _ => Status::Other,
    }))
}

fn status(response: &[u8]) -> Option<U2fStatus> {
    let (_, status) = response.split_last_chunk()?;
    U2fStatus::from_number(u16::from_be_bytes(*status))
}

/// The response to a registration, as an attestation of the format `fido-u2f` (WebAuthn L3 §8.6).
fn registration(
    response: &[u8],
    application: &[u8; 32],
    request: &MakeCredentialRequest<'_>,
) -> Option<MakeCredentialResponse> {
    let (&[0x05, 0x04], rest) = response.split_first_chunk()? else { return None };
    let (x, rest) = rest.split_first_chunk()?;
    let (y, rest) = rest.split_first_chunk()?;
    let (&length, rest) = rest.split_first()?;
    let (key_handle, rest) = rest.split_at_checked(length.into())?;
    let (certificate, signature) = split_certificate(rest)?;
    let public_key = PublicKey::P256 { x: *x, y: *y };
    let data = AuthenticatorData {
        rp_id_hash: *application,
        flags: Flags::UP.with(Flags::AT, true),
        sign_count: 0,
        attested_credential_data: Some(AttestedCredentialData {
            aaguid: Aaguid::default(),
            credential_id: key_handle.to_vec(),
            public_key: public_key.clone(),
        }),
        extensions: None,
    };
    let attested = *request.attestation_formats_preference != ["none".to_owned()];
    let mut statement = Writer::new();
    match attested {
        true => {
            statement.map(2);
            statement.text("sig");
            statement.bytes(signature);
            statement.text("x5c");
            statement.array(1);
            statement.bytes(certificate);
        }
        false => statement.map(0),
    }
    let format = if attested { "fido-u2f" } else { "none" };
    let id = key_handle.to_vec();
    Some(MakeCredentialResponse::new(format, data.to_bytes(), statement.into_bytes(), id, public_key))
}

/// A DER certificate, and what follows it.
fn split_certificate(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = match bytes {
        [0x30, length @ 0..=0x7f, ..] => 2 + usize::from(*length),
        [0x30, 0x81, length, ..] => 3 + usize::from(*length),
        [0x30, 0x82, high, low, ..] => 4 + usize::from(u16::from_be_bytes([*high, *low])),
        _ => return None,
    };
    bytes.split_at_checked(length)
}

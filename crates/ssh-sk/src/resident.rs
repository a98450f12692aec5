//! Resident keys: those that the security key can list.

use stuntkey::client::DeviceError;
use stuntkey::ctap2::{
    Command, CredentialManagementParameters, CredentialManagementRequest, CredentialManagementResponse,
    CredentialManagementSubCommand, EncodedItem, GetAssertionRequest, GetAssertionResponse, Permissions,
    Status, UserEntity,
};

use crate::algorithm::Algorithm;
use crate::failure::{Code, Failure};
use crate::flags::Flags;
use crate::key::{Key, sha256};
use crate::token::Token;

/// What the applications of OpenSSH begin with.
const APPLICATION: &str = "ssh:";

/// `credProtect`'s level userVerificationRequired (CTAP 2.1 §12.1).
const USER_VERIFICATION_REQUIRED: u64 = 3;

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ResidentKey {
    pub(crate) algorithm: Algorithm,
    /// Its place among those of its application.
    pub(crate) slot: usize,
    pub(crate) application: String,
    pub(crate) key_handle: Vec<u8>,
    pub(crate) public_key: Vec<u8>,
    pub(crate) flags: Flags,
    pub(crate) user_id: Vec<u8>,
}

/// Every resident key that is OpenSSH's.
pub(crate) fn load(key: &mut Key, pin: Option<&str>) -> Result<Vec<ResidentKey>, Failure> {
    let pin = pin.ok_or(Failure::wordless(Code::PinRequired))?;
    let command = key
        .credential_management_command()
        .ok_or_else(|| Failure::new(Code::Unsupported, "the key does not list its credentials"))?;
    let token = Token::by_pin(key, pin, Permissions::CREDENTIAL_MANAGEMENT, None)?;
    let mut keys = Vec::new();
    for application in applications(key, command, &token)? {
        for (slot, found) in credentials(key, command, &token, &application)?.into_iter().enumerate() {
            keys.extend(resident_key(found, slot, &application)?);
        }
    }
    Ok(keys)
}

/// Whether this user has a resident key of this application. The token has [`look_up_permission`].
pub(crate) fn has_user(
    key: &mut Key,
    token: &Token,
    application: &str,
    user_id: &[u8],
) -> Result<bool, Failure> {
    let users: Vec<Option<UserEntity>> = match key.credential_management_command() {
        Some(command) => {
            credentials(key, command, token, application)?.into_iter().map(|found| found.user).collect()
        }
        None => assertions(key, token, application)?.into_iter().map(|found| found.user).collect(),
    };
    Ok(users.into_iter().flatten().any(|user| user.id == user_id))
}

pub(crate) fn look_up_permission(key: &Key) -> Permissions {
    match key.credential_management_command() {
        Some(_) => Permissions::CREDENTIAL_MANAGEMENT,
        None => Permissions::GET_ASSERTION,
    }
}

/// More than any key keeps.
const MOST: u64 = 10_000;

/// How many answers are to come, if there may be so many.
fn believable(count: u64) -> Result<u64, Failure> {
    match count <= MOST {
        true => Ok(count),
        false => {
            Err(Failure::answer(format!("{count} credentials or relying parties"), format!("{MOST} at most")))
        }
    }
}

/// What a key that does not list its credentials tells of them without a touch.
fn assertions(key: &mut Key, token: &Token, application: &str) -> Result<Vec<GetAssertionResponse>, Failure> {
    let client_data_hash = [0; 32];
    let mut request = GetAssertionRequest::new(client_data_hash, application);
    request.user_presence = false;
    request.pin_uv_auth = Some(token.prove(&[&client_data_hash]));
    let first = match key.get_assertion(&request) {
        Err(DeviceError::Status(Status::NoCredentials)) => return Ok(Vec::new()),
        answer => answer?,
    };
    let count = believable(first.number_of_credentials.unwrap_or(1))?;
    let mut all = vec![first];
    for _ in 1..count {
        all.push(key.get_next_assertion()?);
    }
    Ok(all)
}

fn resident_key(
    found: CredentialManagementResponse,
    slot: usize,
    application: &str,
) -> Result<Option<ResidentKey>, Failure> {
    let missing = |what: &str| Failure::answer("nothing", what);
    let public_key = found.public_key.ok_or_else(|| missing("publicKey"))?;
    let Some((algorithm, public_key)) = Algorithm::of(&public_key) else { return Ok(None) };
    let mut flags = Flags::USER_PRESENCE_REQUIRED.or(Flags::RESIDENT_KEY);
    if found.cred_protect == Some(USER_VERIFICATION_REQUIRED) {
        flags = flags.or(Flags::USER_VERIFICATION_REQUIRED);
    }
    Ok(Some(ResidentKey {
        algorithm,
        slot,
        application: application.to_owned(),
        key_handle: found.credential_id.ok_or_else(|| missing("credentialID"))?.id,
        public_key,
        flags,
        user_id: found.user.ok_or_else(|| missing("user"))?.id,
    }))
}

/// The relying parties that are OpenSSH's. All are asked for before the credentials of the first, as one enumeration ends the
/// other.
fn applications(key: &mut Key, command: Command, token: &Token) -> Result<Vec<String>, Failure> {
    let begin = CredentialManagementSubCommand::EnumerateRpsBegin;
    let next = CredentialManagementSubCommand::EnumerateRpsGetNextRp;
    let all = enumerate(key, command, &proven(begin, None, token), next, |first| first.total_rps)?;
    let mut applications = Vec::new();
    for found in all {
        let rp = found.rp.ok_or_else(|| Failure::answer("nothing", "rp"))?;
        // A key may cut a long id (§6.8.7): then nothing can be signed for it.
        let is_whole = found.rp_id_hash.is_none_or(|hash| hash == sha256(rp.id.as_bytes()));
        if rp.id.starts_with(APPLICATION) && is_whole {
            applications.push(rp.id);
        }
    }
    Ok(applications)
}

fn credentials(
    key: &mut Key,
    command: Command,
    token: &Token,
    application: &str,
) -> Result<Vec<CredentialManagementResponse>, Failure> {
    let mut parameters = CredentialManagementParameters::default();
    parameters.rp_id_hash = Some(sha256(application.as_bytes()).to_vec());
    let begin = CredentialManagementSubCommand::EnumerateCredentialsBegin;
    let next = CredentialManagementSubCommand::EnumerateCredentialsGetNextCredential;
    let request = proven(begin, Some((&parameters).into()), token);
    enumerate(key, command, &request, next, |first| first.total_credentials)
}

/// A request that proves its sub-command and parameters by the token (§6.8.2).
fn proven(
    sub_command: CredentialManagementSubCommand,
    parameters: Option<EncodedItem>,
    token: &Token,
) -> CredentialManagementRequest {
    let mut request = CredentialManagementRequest::new(sub_command);
    let number = sub_command.number().to_le_bytes();
    let encoded = parameters.as_ref().map(|EncodedItem(encoded)| &**encoded).unwrap_or_default();
    let auth = token.prove(&[number.get(..1).unwrap_or_default(), encoded]);
    request.pin_uv_auth_protocol = auth.protocol;
    request.pin_uv_auth_param = Some(auth.param.into_owned());
    request.parameters = parameters;
    request
}

/// The answer to a request that begins an enumeration, and those that follow it. The first says how many there are.
fn enumerate(
    key: &mut Key,
    command: Command,
    begin: &CredentialManagementRequest,
    next: CredentialManagementSubCommand,
    total: fn(&CredentialManagementResponse) -> Option<u64>,
) -> Result<Vec<CredentialManagementResponse>, Failure> {
    let first = match key.credential_management(command, begin) {
        Err(DeviceError::Status(Status::NoCredentials)) => return Ok(Vec::new()),
        answer => answer?,
    };
    let count = believable(total(&first).unwrap_or(1))?;
    if count == 0 {
        return Ok(Vec::new());
    }
    let mut all = vec![first];
    for _ in 1..count {
        all.push(key.credential_management(command, &CredentialManagementRequest::new(next))?);
    }
    Ok(all)
}

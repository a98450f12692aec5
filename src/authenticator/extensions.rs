//! The extensions of CTAP (CTAP 2.1 §12): what each makes of its input. [`hmac_secret`](super::hmac_secret) has the secrets.
//!
//! Inputs of extensions that the model does not have are passed over.

use rand_core::Rng as _;
use zeroize::Zeroizing;

use super::hmac_secret::Salts;
use super::model::Extension;
use super::state::State;
use super::store::Credential;
use super::verification::Verification;
use super::{Authenticator, AuthenticatorError};
use crate::crypto::RandomSource;
use crate::ctap2::message::Element;
use crate::ctap2::{
    GetAssertionExtensions, GetAssertionRequest, LargeBlobInput, MakeCredentialExtensions,
    MakeCredentialRequest, Status, only,
};
use crate::encoding::cbor::Writer;
use crate::webauthn::Flags;

/// Software (FIDO Registry of Predefined Values §3.2, §3.3), as the metadata statement says.
const SOFTWARE: u64 = 0x0001;
/// User verification methods of the same, §3.1.
const PRESENCE_INTERNAL: u64 = 0x0001;
const PASSCODE_EXTERNAL: u64 = 0x0800;

/// The inputs of a registration, examined.
pub(super) struct Made {
    inputs: MakeCredentialExtensions,
    salts: Option<Salts>,
    /// What is told the relying party of PINs, if it may know.
    min_pin_length: Option<u64>,
    pin_complexity_policy: Option<bool>,
    /// The user verification method.
    method: u64,
    /// Whether there is room for the blob of `credBlob`.
    keeps_blob: bool,
}

/// The inputs of an assertion, examined.
#[derive(Debug)]
pub(super) struct Asserted {
    inputs: GetAssertionExtensions,
    /// The user verification method.
    method: u64,
    salts: Option<Salts>,
}

/// What extensions answer.
#[derive(Debug, Default)]
pub(super) struct Outputs {
    /// The signed ones, one canonical CBOR map.
    pub(super) signed: Option<Vec<u8>>,
    /// Those that are not signed, the same.
    pub(super) unsigned: Option<Vec<u8>>,
    pub(super) large_blob_key: Option<Vec<u8>>,
}

impl Authenticator {
    /// Examines the inputs of a registration; `None` where there are none.
    ///
    /// # Errors
    /// [`AuthenticatorError::Refused`]: an input that its extension does not take.
    pub(super) fn examine_made(
        &mut self,
        request: &MakeCredentialRequest<'_>,
        state: &State,
        verification: Verification,
    ) -> Result<Option<Box<Made>>, AuthenticatorError> {
        if request.extensions.is_empty() {
            return Ok(None);
        }
        let inputs = only(&request.extensions, &|id| self.model.has_extension(id));
        if inputs.cred_protect.is_some_and(|level| !(1..=3).contains(&level)) {
            return Err(Status::InvalidParameter.into());
        }
        match inputs.large_blob_key {
            Some(true) if request.resident_key => {}
            Some(_) => return Err(Status::InvalidOption.into()),
            None => {}
        }
        if let Some(wanted) = &inputs.large_blob
            && !matches!(&*wanted.support, "required" | "preferred")
        {
            return Err(Status::InvalidCbor.into());
        }
        let salts = match &inputs.hmac_secret_mc {
            Some(_) if !inputs.hmac_secret => return Err(Status::MissingParameter.into()),
            input => self.salts(input.as_deref(), true)?,
        };
        let knows = self.may_know_pin_rules(&request.rp_id, state);
        let policy = self.pin_complexity_policy(state);
        let most = usize::from(self.model.max_cred_blob_length);
        Ok(Some(Box::new(Made {
            min_pin_length: (inputs.min_pin_length && knows).then(|| self.min_pin_length(state)),
            pin_complexity_policy: policy.filter(|_| inputs.pin_complexity_policy && knows),
            keeps_blob: inputs.cred_blob.as_ref().is_some_and(|blob| blob.len() <= most),
            method: self.user_verification_method(verification),
            salts,
            inputs,
        })))
    }

    /// Whether a relying party may know what rules there are for PINs (§12.4).
    fn may_know_pin_rules(&self, rp_id: &str, state: &State) -> bool {
        let [preset, set] = [&self.model.min_pin_length_rp_ids, &state.min_pin_length_rp_ids];
        preset.iter().chain(set).any(|known| known == rp_id)
    }

    /// What extensions make of a new credential.
    pub(super) fn outputs_made(&mut self, made: &Made, credential: &Credential, flags: Flags) -> Outputs {
        let inputs = &made.inputs;
        let secrets = made
            .salts
            .as_ref()
            .and_then(|salts| self.hmac_secret(salts, credential, flags.contains(Flags::UV)));
        let mut signed = Map::default();
        signed.put(Extension::Uvm, inputs.uvm.then(|| uvm(made.method)).as_ref());
        signed.put(Extension::CredBlob, inputs.cred_blob.is_some().then_some(&made.keeps_blob));
        signed.put(Extension::CredProtect, inputs.cred_protect.as_ref());
        signed.put(Extension::HmacSecret, inputs.hmac_secret.then_some(&true));
        signed.put(Extension::MinPinLength, made.min_pin_length.as_ref());
        signed.put(Extension::HmacSecretMc, secrets.as_ref());
        signed.put(Extension::ThirdPartyPayment, inputs.third_party_payment.then_some(&true));
        signed.put(Extension::PinComplexityPolicy, made.pin_complexity_policy.as_ref());
        let mut unsigned = Map::default();
        if inputs.large_blob.is_some() {
            let mut supported = Writer::new();
            supported.map(1);
            supported.text("supported");
            supported.bool(true);
            unsigned.0.push((Extension::LargeBlob, supported.into_bytes()));
        }
        Outputs {
            signed: signed.into_bytes(),
            unsigned: unsigned.into_bytes(),
            large_blob_key: Some(credential.large_blob_key.clone()).filter(|key| !key.is_empty()),
        }
    }

    /// Examines the inputs of an assertion; `None` where there are none.
    ///
    /// # Errors
    /// [`AuthenticatorError::Refused`]: an input that its extension does not take.
    pub(super) fn examine_asserted(
        &mut self,
        request: &GetAssertionRequest<'_>,
        verification: Verification,
    ) -> Result<Option<Box<Asserted>>, AuthenticatorError> {
        if request.extensions.is_empty() {
            return Ok(None);
        }
        let inputs = only(&request.extensions, &|id| self.model.has_extension(id));
        if inputs.large_blob_key == Some(false) {
            return Err(Status::InvalidOption.into());
        }
        let names_credentials = request.allow_list.as_ref().is_some_and(|list| !list.is_empty());
        if matches!(inputs.large_blob, Some(LargeBlobInput::Write { .. })) && !names_credentials {
            return Err(Status::InvalidParameter.into());
        }
        let salts = self.salts(inputs.hmac_secret.as_deref(), request.user_presence)?;
        let method = self.user_verification_method(verification);
        Ok(Some(Box::new(Asserted { inputs, salts, method })))
    }

    /// What extensions make of a credential that signs.
    pub(super) fn outputs_asserted(
        &mut self,
        asserted: &Asserted,
        credential: &Credential,
        flags: Flags,
    ) -> Outputs {
        let inputs = &asserted.inputs;
        let secrets = asserted
            .salts
            .as_ref()
            .and_then(|salts| self.hmac_secret(salts, credential, flags.contains(Flags::UV)));
        let mut signed = Map::default();
        signed.put(Extension::Uvm, inputs.uvm.then(|| uvm(asserted.method)).as_ref());
        signed.put(Extension::CredBlob, inputs.cred_blob.then_some(&credential.cred_blob));
        signed.put(Extension::HmacSecret, secrets.as_ref());
        let pays = inputs.third_party_payment.then_some(&credential.third_party_payment);
        signed.put(Extension::ThirdPartyPayment, pays);
        let mut unsigned = Map::default();
        if let Some(output) = inputs.large_blob.as_ref().and_then(|input| large_blob(input, credential)) {
            unsigned.0.push((Extension::LargeBlob, output));
        }
        let wants_key = inputs.large_blob_key == Some(true);
        Outputs {
            signed: signed.into_bytes(),
            unsigned: unsigned.into_bytes(),
            large_blob_key: wants_key
                .then(|| credential.large_blob_key.clone())
                .filter(|key| !key.is_empty()),
        }
    }

    /// The user verification method (FIDO Registry of Predefined Values §3.1).
    fn user_verification_method(&self, verification: Verification) -> u64 {
        match verification {
            Verification::No => PRESENCE_INTERNAL,
            Verification::Token if !self.token_is_by_built_in_uv() => PASSCODE_EXTERNAL,
            Verification::Token | Verification::BuiltIn => self.uv_modality(),
        }
    }
}

/// How the user was verified (WebAuthn L2 §10.3): one method, how its keys are kept, and how it compares.
fn uvm(method: u64) -> Vec<Vec<u64>> {
    vec![vec![method, SOFTWARE, SOFTWARE]]
}

impl Made {
    /// Whether the credential has to be stored, as its id alone does not carry what is kept with it.
    pub(super) fn takes_storage(&self) -> bool {
        let inputs = &self.inputs;
        self.keeps_blob
            || inputs.large_blob.is_some()
            || inputs.third_party_payment
            || inputs.cred_protect.is_some_and(|level| level > 1)
    }

    /// Writes into a new credential what extensions keep with it.
    pub(super) fn keep(&self, credential: &mut Credential, random: &mut RandomSource) {
        let inputs = &self.inputs;
        credential.cred_protect = inputs.cred_protect.and_then(|level| level.try_into().ok()).unwrap_or(0);
        credential.third_party_payment = inputs.third_party_payment;
        if self.keeps_blob {
            credential.cred_blob = inputs.cred_blob.clone().unwrap_or_default();
        }
        if inputs.large_blob_key == Some(true) {
            let mut key = Zeroizing::new([0; 32]);
            random.ceremony(&[b"large blob key", &credential.id]).fill_bytes(&mut *key);
            credential.large_blob_key = key.to_vec();
        }
    }
}

impl Asserted {
    /// Writes into a credential that signs what extensions change of it. `false` if nothing changes.
    pub(super) fn keep(&self, credential: &mut Credential) -> bool {
        let Some(LargeBlobInput::Write { blob, original_size }) = &self.inputs.large_blob else {
            return false;
        };
        let Ok(original_size) = u32::try_from(*original_size) else { return false };
        credential.large_blob.clone_from(blob);
        credential.large_blob_original_size = original_size;
        true
    }
}

/// The output of `largeBlob`, if there is one.
fn large_blob(input: &LargeBlobInput, credential: &Credential) -> Option<Vec<u8>> {
    let mut output = Writer::new();
    match input {
        LargeBlobInput::Write { blob, .. } => {
            output.map(1);
            output.text("written");
            output.bool(credential.large_blob == *blob);
        }
        LargeBlobInput::Read => {
            if credential.large_blob.is_empty() {
                return None;
            }
            output.map(2);
            output.text("blob");
            output.bytes(&credential.large_blob);
            output.text("originalSize");
            output.unsigned(credential.large_blob_original_size.into());
        }
    }
    Some(output.into_bytes())
}

/// Outputs by the identifiers of their extensions.
#[derive(Default)]
struct Map(Vec<(Extension, Vec<u8>)>);

impl Map {
    fn put(&mut self, extension: Extension, output: Option<&impl Element>) {
        if let Some(output) = output {
            let mut writer = Writer::new();
            output.write(&mut writer);
            self.0.push((extension, writer.into_bytes()));
        }
    }

    /// The map; `None` without a member.
    fn into_bytes(mut self) -> Option<Vec<u8>> {
        if self.0.is_empty() {
            return None;
        }
        self.0.sort_by_key(|(extension, _)| (extension.name().len(), extension.name()));
        let mut writer = Writer::new();
        writer.map(self.0.len());
        for (extension, output) in &self.0 {
            writer.text(extension.name());
            writer.encoded(output);
        }
        Some(writer.into_bytes())
    }
}

/// Whether a credential with this protection is there for a request (§12.1): `named` by its id, of a user who was verified.
pub(super) fn is_there(credential: &Credential, named: bool, user_verified: bool) -> bool {
    match credential.cred_protect {
        _ if user_verified => true,
        3 => false,
        2 => named,
        _ => true,
    }
}

//! Client extension processing (WebAuthn L3 §10.1; CTAP 2.1 §12): from a page's inputs to an authenticator's, and from its
//! outputs to the page's.

use super::Client;
use super::device::Device;
use super::error::{DomException, Error, Refusal};
use super::platform::Agreement;
use crate::crypto::sha256;
use crate::ctap2::{
    GetAssertionExtensions, GetAssertionResponse, GetInfoResponse, HmacSecretInput, LargeBlobInput,
    LargeBlobSupport, MakeCredentialExtensions, MakeCredentialResponse,
};
use crate::encoding::base64url;
use crate::encoding::cbor::{self, Value};
use crate::encoding::{deflate, json};
use crate::webauthn::{
    AuthenticatorData, CredentialDescriptor, CredentialProtection, ExtensionResults, Extensions,
    LargeBlobInputs, LargeBlobOutput, LargeBlobRequirement, PrfInput, PrfOutput, PrfValues,
};

/// What an authenticator is sent, and what reads its answer.
pub(super) struct Extended<I> {
    pub(super) inputs: I,
    /// What the outputs of hmac-secret are encrypted under.
    agreement: Option<Agreement>,
    /// Whether the device has the extension largeBlob of CTAP 2.3.
    has_large_blob: bool,
}

/// Blobs of more bytes are not unpacked: what CTAP calls their length is a number of the authenticator's.
const LONGEST_BLOB: u64 = 16 << 20;

/// A page's mistake.
fn refuse<T>(extension: &'static str, exception: DomException, why: &'static str) -> Result<T, Error> {
    Err(Refusal::Extension { extension, exception, why }.into())
}

impl Extensions {
    /// Whether a registration's have to be looked at: all but `credProps`.
    pub(super) fn concern_creation(&self) -> bool {
        self.prf.is_some()
            || self.large_blob.is_some()
            || self.credential_protection_policy.is_some()
            || self.cred_blob.is_some()
            || self.min_pin_length
            || self.hmac_create_secret
            || self.payment
    }
}

impl Extensions {
    /// Whether an authentication's have to be looked at.
    pub(super) fn concern_request(&self) -> bool {
        self.prf.is_some() || self.large_blob.is_some() || self.get_cred_blob
    }
}

impl<D: Device> Client<D> {
    /// The inputs of a registration.
    pub(super) fn extend_creation(
        &mut self,
        asked: &Extensions,
        info: &GetInfoResponse,
        resident_key: bool,
    ) -> Result<Extended<MakeCredentialExtensions>, Error> {
        let has = |identifier: &str| info.extensions.iter().any(|known| known == identifier);
        let mut inputs = MakeCredentialExtensions::default();
        let prf = asked.prf.as_ref();
        if prf.is_some_and(|prf| prf.eval_by_credential.is_some()) {
            return refuse("prf", DomException::NotSupportedError, "evalByCredential, before there is one");
        }
        inputs.hmac_secret = has("hmac-secret") && (prf.is_some() || asked.hmac_create_secret);
        let mut agreement = None;
        if let Some(values) = prf.and_then(|prf| prf.eval.as_ref()).filter(|_| has("hmac-secret-mc")) {
            let agreed = self.agree(info)?;
            inputs.hmac_secret_mc = self.salts(&agreed, values)?;
            agreement = Some(agreed);
        }
        let has_large_blob = has("largeBlob");
        if let Some(blob) = &asked.large_blob {
            if blob.read.is_some() || blob.write.is_some() {
                return refuse(
                    "largeBlob",
                    DomException::NotSupportedError,
                    "read or write, before there is one",
                );
            }
            match blob.support {
                Some(LargeBlobRequirement::Required) if !has_large_blob => {
                    return refuse(
                        "largeBlob",
                        DomException::NotAllowedError,
                        "required; this key keeps none as CTAP 2.3's extension largeBlob does",
                    );
                }
                Some(LargeBlobRequirement::Required) => {
                    inputs.large_blob = Some(LargeBlobSupport::new("required"));
                }
                _ if has_large_blob => inputs.large_blob = Some(LargeBlobSupport::new("preferred")),
                _ => {}
            }
        }
        if let Some(policy) = asked.credential_protection_policy {
            let binds = asked.enforce_credential_protection_policy
                && policy != CredentialProtection::UserVerificationOptional;
            match has("credProtect") {
                true => inputs.cred_protect = Some(policy.level()),
                false if binds => {
                    let why = "enforced; this key protects no credentials";
                    return refuse("credentialProtectionPolicy", DomException::NotAllowedError, why);
                }
                false => {}
            }
        }
        inputs.cred_blob = asked.cred_blob.clone().filter(|_| has("credBlob") && resident_key);
        inputs.min_pin_length = asked.min_pin_length && has("minPinLength");
        inputs.third_party_payment = asked.payment && has("thirdPartyPayment");
        Ok(Extended { inputs, agreement, has_large_blob })
    }

    /// The inputs of an authentication. The one credential that will answer is known where `prf` has inputs for several.
    pub(super) fn extend_request(
        &mut self,
        asked: &Extensions,
        info: &GetInfoResponse,
        allowed: Option<&[CredentialDescriptor]>,
    ) -> Result<Extended<GetAssertionExtensions>, Error> {
        let has = |identifier: &str| info.extensions.iter().any(|known| known == identifier);
        let mut inputs = GetAssertionExtensions::default();
        let mut agreement = None;
        let prf = asked.prf.as_ref().filter(|_| has("hmac-secret"));
        if let Some(values) = prf.and_then(|prf| chosen(prf, allowed)) {
            let agreed = self.agree(info)?;
            inputs.hmac_secret = self.salts(&agreed, values)?;
            agreement = Some(agreed);
        }
        let has_large_blob = has("largeBlob");
        match &asked.large_blob {
            Some(LargeBlobInputs { read: Some(true), .. }) if has_large_blob => {
                inputs.large_blob = Some(LargeBlobInput::Read);
            }
            Some(LargeBlobInputs { write: Some(blob), .. }) if has_large_blob => {
                let original_size = u64::try_from(blob.len()).unwrap_or(u64::MAX);
                inputs.large_blob =
                    Some(LargeBlobInput::Write { blob: deflate::compress(blob), original_size });
            }
            _ => {}
        }
        inputs.cred_blob = asked.get_cred_blob && has("credBlob");
        Ok(Extended { inputs, agreement, has_large_blob })
    }

    /// The client data that a page gives itself (WebAuthn L3 §10.1.6): byte for byte.
    pub(super) fn remote_client_data(
        &self,
        asked: &Extensions,
        rp_id: Option<&str>,
    ) -> Result<Option<Vec<u8>>, Error> {
        const NAME: &str = "remoteClientDataJSON";
        let Some(text) = &asked.remote_client_data_json else { return Ok(None) };
        if !self.settings.remote_client_data {
            return refuse(NAME, DomException::NotAllowedError, "this client does not permit it");
        }
        if rp_id.is_none() {
            return refuse(NAME, DomException::NotAllowedError, "without an RP ID in the options");
        }
        match json::parse(text) {
            Ok(_) => Ok(Some(text.clone().into_bytes())),
            Err(_) => refuse(NAME, DomException::EncodingError, "no JSON"),
        }
    }

    /// The AppID that a page asks for, if it may (WebAuthn L3 §10.1.1, §10.1.2).
    pub(super) fn app_id(
        &self,
        extension: &'static str,
        asked: Option<&str>,
    ) -> Result<Option<String>, Error> {
        let Some(asked) = asked else { return Ok(None) };
        match self.page.app_id(asked) {
            Some(app_id) => Ok(Some(app_id.to_owned())),
            None => refuse(extension, DomException::SecurityError, "an AppID that is not for this page"),
        }
    }

    /// The input of hmac-secret for the values of a page (WebAuthn L3 §10.1.4).
    fn salts(
        &mut self,
        agreement: &Agreement,
        values: &PrfValues,
    ) -> Result<Option<Box<HmacSecretInput>>, Error> {
        let mut salts = salt(&values.first).to_vec();
        if let Some(second) = &values.second {
            salts.extend_from_slice(&salt(second));
        }
        let Some(salt_enc) = self.encrypted(agreement, &salts)? else { return Ok(None) };
        let salt_auth = agreement.secret.authenticate(&[&salt_enc]);
        let mut input = HmacSecretInput::new(agreement.public_key(), salt_enc, salt_auth);
        input.pin_uv_auth_protocol = Some(agreement.protocol.number());
        Ok(Some(Box::new(input)))
    }
}

/// Checks what the standard forbids a page to ask of an authentication.
pub(super) fn check_request(
    asked: &Extensions,
    allowed: Option<&[CredentialDescriptor]>,
) -> Result<(), Error> {
    if let Some(entries) = asked.prf.as_ref().and_then(|prf| prf.eval_by_credential.as_ref()) {
        if !entries.is_empty() && allowed.is_none() {
            return refuse(
                "prf",
                DomException::NotSupportedError,
                "evalByCredential without allowCredentials",
            );
        }
        let is_allowed = |id: &[u8]| allowed.unwrap_or_default().iter().any(|known| known.id == id);
        let is_known = |text: &str| base64url::decode(text).is_ok_and(|id| !id.is_empty() && is_allowed(&id));
        if entries.iter().any(|(id, _)| !is_known(id)) {
            let why = "a key of evalByCredential that is no id of allowCredentials";
            return refuse("prf", DomException::SyntaxError, why);
        }
    }
    let Some(blob) = &asked.large_blob else { return Ok(()) };
    let why = match blob {
        LargeBlobInputs { support: Some(_), .. } => "support, in an authentication",
        LargeBlobInputs { read: Some(_), write: Some(_), .. } => "read and write at once",
        LargeBlobInputs { write: Some(_), .. } if allowed.map_or(0, <[_]>::len) != 1 => {
            "write, where allowCredentials names not exactly one"
        }
        _ => return Ok(()),
    };
    refuse("largeBlob", DomException::NotSupportedError, why)
}

/// Whether an authentication's inputs for `prf` depend on which credential answers.
pub(super) fn depends_on_credential(asked: &Extensions) -> bool {
    let entries = asked.prf.as_ref().and_then(|prf| prf.eval_by_credential.as_ref());
    entries.is_some_and(|entries| !entries.is_empty())
}

/// The values for the credential that will answer: its own, or those for every other.
fn chosen<'p>(prf: &'p PrfInput, allowed: Option<&[CredentialDescriptor]>) -> Option<&'p PrfValues> {
    let answers = match allowed {
        Some([only]) => Some(base64url::encode(&only.id)),
        _ => None,
    };
    let entries = prf.eval_by_credential.iter().flatten();
    let own = entries.filter(|(id, _)| Some(id) == answers.as_ref()).map(|(_, values)| values).next();
    own.or(prf.eval.as_ref())
}

fn salt(input: &[u8]) -> [u8; 32] {
    sha256(&[b"WebAuthn PRF\0", input])
}

/// The page's results of a registration.
pub(super) fn results_of_creation(
    asked: &Extensions,
    extended: Option<&Extended<MakeCredentialExtensions>>,
    made: &MakeCredentialResponse,
) -> ExtensionResults {
    let mut results = ExtensionResults::default();
    let Some(extended) = extended else { return results };
    let data = AuthenticatorData::parse(&made.auth_data).ok().and_then(|data| data.extensions);
    let signed = data.as_deref().and_then(|map| cbor::read(map).ok());
    let output = |name: &str| signed.as_ref().and_then(|map| map.member(name));
    let has_secrets = output("hmac-secret").and_then(Value::as_bool) == Some(true);
    if asked.prf.is_some() {
        let results_of = output("hmac-secret-mc").and_then(Value::as_bytes);
        let values = results_of.and_then(|output| extended.decrypted(output));
        results.prf = Some(PrfOutput { enabled: Some(has_secrets), results: values });
    }
    if asked.hmac_create_secret {
        results.hmac_create_secret = Some(has_secrets);
    }
    if asked.large_blob.is_some() {
        let unsigned = unsigned(made.unsigned_extension_outputs.as_deref());
        let supported = unsigned.as_ref().and_then(|map| map.member("largeBlob")?.member("supported"));
        let supported = supported.and_then(Value::as_bool) == Some(true);
        results.large_blob = Some(LargeBlobOutput {
            supported: Some(supported && extended.has_large_blob),
            ..LargeBlobOutput::default()
        });
    }
    if asked.cred_blob.is_some() {
        results.cred_blob = Some(output("credBlob").and_then(Value::as_bool) == Some(true));
    }
    results
}

/// The page's results of an authentication.
pub(super) fn results_of_request(
    asked: &Extensions,
    extended: Option<&Extended<GetAssertionExtensions>>,
    got: &GetAssertionResponse,
) -> ExtensionResults {
    let mut results = ExtensionResults::default();
    let Some(extended) = extended else { return results };
    let data = AuthenticatorData::parse(&got.auth_data).ok().and_then(|data| data.extensions);
    let signed = data.as_deref().and_then(|map| cbor::read(map).ok());
    let output = |name: &str| signed.as_ref().and_then(|map| map.member(name));
    if asked.prf.is_some() {
        let values = output("hmac-secret").and_then(Value::as_bytes);
        let values = values.and_then(|output| extended.decrypted(output));
        results.prf = Some(PrfOutput { enabled: None, results: values });
    }
    if let Some(blob) = &asked.large_blob {
        let unsigned = unsigned(got.unsigned_extension_outputs.as_deref());
        let output = unsigned.as_ref().and_then(|map| map.member("largeBlob"));
        if blob.write.is_some() {
            let written = output.and_then(|output| output.member("written")?.as_bool());
            let written = Some(written == Some(true));
            results.large_blob = Some(LargeBlobOutput { written, ..LargeBlobOutput::default() });
        } else if blob.read == Some(true) {
            let blob = output.and_then(unpacked);
            results.large_blob = Some(LargeBlobOutput { blob, ..LargeBlobOutput::default() });
        }
    }
    if asked.get_cred_blob {
        let blob = output("credBlob").and_then(Value::as_bytes).map(<[u8]>::to_vec);
        results.get_cred_blob = blob.filter(|blob| !blob.is_empty());
    }
    results
}

impl<I> Extended<I> {
    /// What a credential made of one salt or two.
    fn decrypted(&self, output: &[u8]) -> Option<PrfValues> {
        let outputs = self.agreement.as_ref()?.secret.decrypt(output)?;
        let (first, second) = outputs.split_at_checked(32)?;
        let second = match second.len() {
            0 => None,
            32 => Some(second.to_vec()),
            _ => return None,
        };
        Some(PrfValues { first: first.to_vec(), second })
    }
}

fn unsigned(outputs: Option<&[u8]>) -> Option<Value<'_>> {
    cbor::read(outputs?).ok()
}

fn unpacked(output: &Value<'_>) -> Option<Vec<u8>> {
    let Some(Value::Unsigned(length)) = output.member("originalSize") else { return None };
    let most = usize::try_from((*length).min(LONGEST_BLOB)).ok()?;
    let blob = deflate::decompress(output.member("blob")?.as_bytes()?, most)?;
    (u64::try_from(blob.len()).ok()? == *length).then_some(blob)
}

//! Writing options as JSON: `PublicKeyCredentialCreationOptionsJSON` and `PublicKeyCredentialRequestOptionsJSON` (WebAuthn
//! L3 §5.1.8, §5.1.9).

use super::super::json_form::JsonForm;
use super::{
    AuthenticatorSelection, CreationOptions, CredentialDescriptor, Extensions, RelyingParty, RequestOptions,
    ResidentKey, User,
};
use crate::encoding::json::{Json, ObjectWriter, object_tree};

impl CreationOptions {
    /// The standard JSON form, which [`from_json`](Self::from_json) reads back to the same options. Members at their
    /// defaults are left out where the standard allows it. A list of algorithms without any, which JSON cannot say, has
    /// one entry of an unknown type.
    #[must_use]
    pub fn to_json(&self) -> Json<'static> {
        object_tree(|object| self.write(object))
    }
}

impl RequestOptions {
    /// The standard JSON form, which [`from_json`](Self::from_json) reads back to the same options. Members at their
    /// defaults are left out. A list of allowed credentials without any, which JSON cannot say, has one entry of an
    /// unknown type.
    #[must_use]
    pub fn to_json(&self) -> Json<'static> {
        object_tree(|object| self.write(object))
    }
}

pub(super) fn creation_options(options: &CreationOptions, object: &mut ObjectWriter<'_>) {
    object.object("rp", |rp| options.rp.write(rp));
    object.object("user", |user| options.user.write(user));
    object.base64url("challenge", &options.challenge);
    // An empty list would mean the default list (§5.1.3).
    let nothing: &[i64] = &[0];
    let (kind, algorithms) = match &options.pub_key_cred_params[..] {
        [] => (UNKNOWN_TYPE, nothing),
        algorithms => (PUBLIC_KEY, algorithms),
    };
    object.objects("pubKeyCredParams", algorithms, |algorithm, parameter| {
        parameter.text("type", kind);
        parameter.int("alg", *algorithm);
    });
    write_timeout(options.timeout, object);
    if !options.exclude_credentials.is_empty() {
        object.objects("excludeCredentials", &options.exclude_credentials, CredentialDescriptor::write);
    }
    object.object("authenticatorSelection", |selection| options.authenticator_selection.write(selection));
    if !options.hints.is_empty() {
        object.texts("hints", options.hints.iter().map(|hint| hint.as_str()));
    }
    object.text("attestation", options.attestation.as_str());
    if !options.attestation_formats.is_empty() {
        object.texts("attestationFormats", options.attestation_formats.iter().map(String::as_str));
    }
    if options.extensions != Extensions::default() {
        object.object("extensions", |extensions| options.extensions.write(extensions));
    }
}

pub(super) fn request_options(options: &RequestOptions, object: &mut ObjectWriter<'_>) {
    object.base64url("challenge", &options.challenge);
    write_timeout(options.timeout, object);
    if let Some(rp_id) = &options.rp_id {
        object.text("rpId", rp_id);
    }
    match options.allow_credentials.as_deref() {
        None => {}
        // An empty list would mean any credential (§5.5).
        Some([]) => object.objects("allowCredentials", [()], |(), descriptor| {
            descriptor.text("type", UNKNOWN_TYPE);
            descriptor.text("id", "");
        }),
        Some(allowed) => object.objects("allowCredentials", allowed, CredentialDescriptor::write),
    }
    object.text("userVerification", options.user_verification.as_str());
    if !options.hints.is_empty() {
        object.texts("hints", options.hints.iter().map(|hint| hint.as_str()));
    }
    if options.extensions != Extensions::default() {
        object.object("extensions", |extensions| options.extensions.write(extensions));
    }
}

const PUBLIC_KEY: &str = "public-key";
/// A type that the standard does not define: readers ignore such an entry (§5.8.2).
const UNKNOWN_TYPE: &str = "none";

fn write_timeout(timeout: Option<u64>, object: &mut ObjectWriter<'_>) {
    if let Some(milliseconds) = timeout {
        object.value("timeout", &Json::Number(milliseconds.into()));
    }
}

pub(super) fn relying_party(rp: &RelyingParty, object: &mut ObjectWriter<'_>) {
    if let Some(id) = &rp.id {
        object.text("id", id);
    }
    object.text("name", &rp.name);
}

pub(super) fn user(user: &User, object: &mut ObjectWriter<'_>) {
    object.base64url("id", &user.id);
    object.text("name", &user.name);
    object.text("displayName", &user.display_name);
}

pub(super) fn descriptor(descriptor: &CredentialDescriptor, object: &mut ObjectWriter<'_>) {
    object.text("type", PUBLIC_KEY);
    object.base64url("id", &descriptor.id);
    if !descriptor.transports.is_empty() {
        object.texts("transports", descriptor.transports.iter().map(|transport| transport.as_str()));
    }
}

pub(super) fn selection(selection: &AuthenticatorSelection, object: &mut ObjectWriter<'_>) {
    if let Some(attachment) = selection.attachment {
        object.text("authenticatorAttachment", attachment.as_str());
    }
    object.text("residentKey", selection.resident_key.as_str());
    // §5.4.4: for relying parties' and clients' sake of Level 1, true where residentKey is required.
    object.bool("requireResidentKey", selection.resident_key == ResidentKey::Required);
    object.text("userVerification", selection.user_verification.as_str());
}

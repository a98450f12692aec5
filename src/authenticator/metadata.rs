//! Metadata about this authenticator for relying parties that ask for it.
//! Sources: FIDO Metadata Statement v3.0, FIDO Metadata Service v3.0, FIDO Registry of Predefined Values v2.2.

use base64ct::{Base64, Encoding};

use super::Authenticator;
use super::state::State;
use crate::crypto::{Algorithm, KeyError};
use crate::encoding::cbor::{self, Value};
use crate::encoding::json::Json;
use crate::webauthn::{Attachment, Transport};

const LEGAL_HEADER: &str =
    "stuntkey is a software authenticator for tests. This metadata is no statement of the FIDO Alliance's.";

impl Authenticator {
    /// The metadata statement (FIDO Metadata Statement v3.0 §4): what kind of authenticator this is, and the root
    /// of its attestations.
    #[must_use]
    pub fn metadata_statement(&self) -> Json<'static> {
        let (model, traits) = (&self.model, &self.traits);
        let root = Base64::encode_string(self.attestation_authority().certificate_der());
        let algorithms = model.algorithms.iter().filter_map(|algorithm| registry_name(*algorithm));
        let mut verification = vec![combination("presence_internal")];
        if model.user_verification {
            verification.push(combination(match model.bio_enrollment {
                true => "fingerprint_internal",
                false => "passcode_internal",
            }));
        }
        if model.client_pin {
            verification.push(combination("passcode_external"));
        }
        let eligible = if model.backup.is_eligible() { "explicit" } else { "unsupported" };
        Json::object([
            ("legalHeader", Json::from(LEGAL_HEADER)),
            ("description", "stuntkey, a software authenticator for tests".into()),
            ("aaguid", traits.aaguid.to_string().into()),
            ("authenticatorVersion", 1.into()),
            ("protocolFamily", if self.speaks_u2f_alone() { "u2f" } else { "fido2" }.into()),
            ("schema", 3.into()),
            ("upv", Json::Array(vec![Json::object([("major", Json::from(1)), ("minor", 0.into())])])),
            ("authenticationAlgorithms", texts(algorithms)),
            ("publicKeyAlgAndEncodings", texts(["cose"])),
            ("attestationTypes", texts(["basic_full", "basic_surrogate"])),
            ("userVerificationDetails", Json::Array(verification)),
            ("keyProtection", texts(["software"])),
            ("isKeyRestricted", false.into()),
            ("isFreshUserVerificationRequired", true.into()),
            ("matcherProtection", texts(["software"])),
            ("cryptoStrength", 128.into()),
            ("attachmentHint", texts(attachment_hints(model.attachment, &traits.transports))),
            ("tcDisplay", Json::Array(Vec::new())),
            ("attestationRootCertificates", texts([root])),
            ("multiDeviceCredentialSupport", eligible.into()),
            ("authenticatorGetInfo", self.get_info_json()),
        ])
    }

    /// A metadata BLOB (FIDO Metadata Service v3.0 §3.1.7) with the [statement](Self::metadata_statement) as its only
    /// entry: a JSON Web Token whose certificate chains to the [root](Self::attestation_authority).
    ///
    /// # Errors
    /// [`KeyError`] if `algorithm` is neither RS256 nor ES256, or this build lacks it.
    pub fn metadata_blob(&self, algorithm: Algorithm) -> Result<String, KeyError> {
        // Dates do not follow the clock, so that the same authenticator has the same BLOB.
        let status = [("status", Json::from("NOT_FIDO_CERTIFIED")), ("effectiveDate", "2026-01-01".into())];
        let entry = Json::object([
            ("aaguid", Json::from(self.traits.aaguid.to_string())),
            ("metadataStatement", self.metadata_statement()),
            ("statusReports", Json::Array(vec![Json::object(status)])),
            ("timeOfLastStatusChange", "2026-01-01".into()),
        ]);
        let payload = Json::object([
            ("legalHeader", Json::from(LEGAL_HEADER)),
            ("no", 1.into()),
            ("nextUpdate", "2048-12-31".into()),
            ("entries", Json::Array(vec![entry])),
        ]);
        self.attestation_authority().sign_metadata(&payload, algorithm)
    }

    /// `authenticatorGetInfo` in a metadata statement: the members of the response, by name.
    fn get_info_json(&self) -> Json<'static> {
        let response = self.info(&State::default()).to_cbor();
        let members = cbor::read(&response).ok();
        let entries = members.iter().filter_map(Value::as_map).flatten();
        Json::object(entries.filter_map(|(key, value)| {
            let (_, name) = GET_INFO.iter().find(|(number, _)| key.as_int() == Some(*number))?;
            Some((*name, json_of(value)))
        }))
    }
}

/// The names of getInfo's members (CTAP 2.1 §6.4). What only holders of a token read, and what changes with use, is no
/// metadata.
const GET_INFO: &[(i64, &str)] = &[
    (0x01, "versions"),
    (0x02, "extensions"),
    (0x03, "aaguid"),
    (0x04, "options"),
    (0x05, "maxMsgSize"),
    (0x06, "pinUvAuthProtocols"),
    (0x07, "maxCredentialCountInList"),
    (0x08, "maxCredentialIdLength"),
    (0x09, "transports"),
    (0x0a, "algorithms"),
    (0x0b, "maxSerializedLargeBlobArray"),
    (0x0c, "forcePINChange"),
    (0x0d, "minPINLength"),
    (0x0e, "firmwareVersion"),
    (0x0f, "maxCredBlobLength"),
    (0x10, "maxRPIDsForSetMinPINLength"),
    (0x11, "preferredPlatformUvAttempts"),
    (0x12, "uvModality"),
    (0x13, "certifications"),
    (0x15, "vendorPrototypeConfigCommands"),
    (0x16, "attestationFormats"),
    (0x18, "longTouchForReset"),
    (0x1a, "transportsForReset"),
    (0x1b, "pinComplexityPolicy"),
    (0x1c, "pinComplexityPolicyURL"),
    (0x1d, "maxPINLength"),
    (0x1f, "authenticatorConfigCommands"),
];

/// Byte strings are hex.
fn json_of(value: &Value<'_>) -> Json<'static> {
    match value {
        Value::Unsigned(number) => Json::Number((*number).into()),
        Value::Negative(_) => Json::from(value.as_int().unwrap_or_default()),
        Value::Bytes(bytes) => base16ct::lower::encode_string(bytes).into(),
        Value::Text(text) => (*text).to_owned().into(),
        Value::Array(items) => Json::Array(items.iter().map(json_of).collect()),
        Value::Map(entries) => Json::object(
            entries
                .iter()
                .map(|(name, value)| (name.as_text().unwrap_or_default().to_owned(), json_of(value))),
        ),
        Value::Bool(value) => (*value).into(),
        Value::Null | Value::Undefined | Value::Float { .. } => Json::Null,
    }
}

fn texts<T: Into<std::borrow::Cow<'static, str>>>(texts: impl IntoIterator<Item = T>) -> Json<'static> {
    Json::Array(texts.into_iter().map(|text| Json::String(text.into())).collect())
}

/// A combination of one user verification method (§3.2).
fn combination(method: &'static str) -> Json<'static> {
    Json::Array(vec![Json::object([("userVerificationMethod", Json::from(method))])])
}

/// The algorithm in the registry (§3.6.1), which knows no ML-DSA yet.
const fn registry_name(algorithm: Algorithm) -> Option<&'static str> {
    Some(match algorithm {
        Algorithm::Es256 => "secp256r1_ecdsa_sha256_raw",
        Algorithm::Es384 => "secp384r1_ecdsa_sha384_raw",
        Algorithm::Es512 => "secp521r1_ecdsa_sha512_raw",
        Algorithm::Es256k => "secp256k1_ecdsa_sha256_raw",
        Algorithm::EdDsa => "ed25519_eddsa_sha512_raw",
        Algorithm::Ed448 => "ed448_eddsa_sha512_raw",
        Algorithm::Rs256 => "rsassa_pkcsv15_sha256_raw",
        Algorithm::Rs384 => "rsassa_pkcsv15_sha384_raw",
        Algorithm::Rs512 => "rsassa_pkcsv15_sha512_raw",
        Algorithm::Rs1 => "rsassa_pkcsv15_sha1_raw",
        Algorithm::Ps256 => "rsassa_pss_sha256_raw",
        Algorithm::Ps384 => "rsassa_pss_sha384_raw",
        Algorithm::Ps512 => "rsassa_pss_sha512_raw",
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => return None,
    })
}

/// How the authenticator reaches the client (§3.4).
fn attachment_hints(attachment: Attachment, transports: &[Transport]) -> Vec<&'static str> {
    if attachment == Attachment::Platform {
        return vec!["internal"];
    }
    let hint = |transport: &Transport| match transport {
        Transport::Usb => Some("wired"),
        Transport::Nfc => Some("nfc"),
        Transport::Ble => Some("bluetooth"),
        Transport::Hybrid => Some("network"),
        _ => None,
    };
    std::iter::once("external").chain(transports.iter().filter_map(hint)).collect()
}

use std::fmt;
use std::str::FromStr;

use crate::crypto::UnknownName;
use crate::webauthn::Ceremony;

/// Defines [`Check`]. A row has the variant, the id, the step of §7.1, the step of §7.2 (0 if the ceremony has no such
/// step), the section that says more, and the requirement.
macro_rules! checks {
    ($($variant:ident $id:literal $create:literal $get:literal $clause:literal $requirement:literal;)+) => {
        /// One requirement that the verifier holds a response to.
        ///
        /// Each check belongs to a step of WebAuthn L3 §7.1, of §7.2, or of both. The documentation of a variant begins
        /// with the steps (0: the ceremony has no such step), and then names the section that says more.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Check {
            $(
                #[doc = concat!("§7.1 step ", $create, ", §7.2 step ", $get, "; ", $clause, ": ", $requirement, ".")]
                $variant,
            )+
        }

        impl Check {
            /// Every check, in the order of the steps of §7.1, then those of §7.2 alone.
            pub const ALL: &[Check] = &[$(Check::$variant,)+];

            const fn entry(self) -> Entry {
                match self {
                    $(Check::$variant => Entry {
                        id: $id, create: $create, get: $get, clause: $clause, requirement: $requirement,
                    },)+
                }
            }
        }
    };
}

struct Entry {
    id: &'static str,
    create: u8,
    get: u8,
    clause: &'static str,
    requirement: &'static str,
}

checks! {
    ReplyObject "reply/object" 3 3 "§5.1"
        "the reply is a JSON object that has an object `response`";
    CredentialId "reply/id" 3 3 "§5.1"
        "`id` is base64url and names the same bytes as `rawId`, if that is there";
    CredentialType "reply/type" 3 3 "§5.1"
        "`type` is \"public-key\"";
    ClientDataMember "reply/client-data-json" 3 3 "§5.2"
        "`response.clientDataJSON` is base64url of at least one byte";
    AttestationObjectMember "reply/attestation-object" 3 0 "§5.2.1"
        "`response.attestationObject` is base64url of at least one byte";
    ClientExtensionResults "reply/client-extension-results" 4 4 "§5.1"
        "`clientExtensionResults`, if it is there, is an object";
    ClientDataJson "client-data/json" 6 9 "§5.8.1"
        "the client data is a JSON object once it is decoded as UTF-8";
    ClientDataType "client-data/type" 7 10 "§5.8.1"
        "the client data's `type` is that of the ceremony";
    Challenge "client-data/challenge" 8 11 "§13.4.3"
        "the client data's `challenge` is the base64url of the challenge that was issued";
    Origin "client-data/origin" 9 12 "§13.4.9"
        "the client data's `origin` is one that the relying party expects";
    CrossOrigin "client-data/cross-origin" 10 13 "§5.8.1"
        "the client data's `crossOrigin` is not true, unless the relying party expects to be embedded";
    TopOrigin "client-data/top-origin" 11 14 "§13.4.9"
        "the client data's `topOrigin`, if it is there, is a page in which the relying party expects to be embedded";
    AttestationObjectCbor "attestation-object/cbor" 13 0 "§6.5.4"
        "the attestation object is a CBOR map";
    AttestationObjectTrailing "attestation-object/trailing-bytes" 13 0 "§6.5.4"
        "nothing follows the attestation object";
    AttestationObjectCanonical "attestation-object/canonical" 13 0 "§2.4"
        "the attestation object has the CTAP2 canonical CBOR encoding form, and no map has a key twice";
    AttestationObjectFmt "attestation-object/fmt" 13 0 "§6.5.4"
        "the attestation object has a text `fmt`";
    AttestationObjectStatement "attestation-object/att-stmt" 13 0 "§6.5.4"
        "the attestation object has a map or an array `attStmt`";
    AttestationObjectAuthData "attestation-object/auth-data" 13 0 "§6.5.4"
        "the attestation object has a byte string `authData`";
    AuthenticatorDataLayout "authenticator-data/layout" 13 15 "§6.1"
        "the authenticator data has the layout that its flags and lengths announce, and nothing follows it";
    AuthenticatorDataCanonical "authenticator-data/canonical" 13 15 "§2.4"
        "the CBOR inside the authenticator data has the CTAP2 canonical CBOR encoding form";
    AttestedCredentialData "authenticator-data/attested-credential-data" 13 15 "§6.1, §6.5.1"
        "the authenticator data has attested credential data (AT) at a registration, and none at an authentication";
    RpIdHash "authenticator-data/rp-id-hash" 14 15 "§6.1"
        "the authenticator data's `rpIdHash` is the SHA-256 of the RP ID";
    UserPresent "authenticator-data/user-present" 15 16 "§6.1"
        "UP is set, unless the registration was conditional";
    UserVerified "authenticator-data/user-verified" 16 17 "§6.1"
        "UV is set, if the relying party requires it";
    BackupStateWithoutEligibility "authenticator-data/backup-state" 17 18 "§6.1.3"
        "BS is not set without BE";
    BackupEligibilityPolicy "policy/backup-eligibility" 18 19 "§6.1.3"
        "BE is as the relying party's policy requires";
    BackupStatePolicy "policy/backup-state" 19 19 "§6.1.3"
        "BS is as the relying party's policy requires";
    CredentialPublicKey "credential-public-key/key" 20 0 "§6.5.1.1, §5.8.5"
        "the credential public key is a COSE_Key whose algorithm, type, curve and value fit each other";
    Algorithm "credential-public-key/algorithm" 20 0 "§5.4"
        "the credential public key's algorithm is one that the options asked for";
    AttestationFormat "attestation/format" 21 0 "§8.1"
        "the attestation statement format is one that the relying party supports";
    PackedSyntax "packed/syntax" 22 0 "§8.2"
        "a packed statement has `alg`, `sig`, optionally `x5c` of at least one certificate, and nothing else";
    PackedCertificateReadable "packed/certificate" 22 0 "§8.2"
        "the packed attestation certificate is a DER certificate with a key that can verify";
    PackedSignature "packed/signature" 22 0 "§8.2"
        "the packed signature is made with the attestation key, over the authenticator data and the client data hash";
    PackedCertificateVersion "packed/certificate/version" 22 0 "§8.2.1"
        "the packed attestation certificate has version 3";
    PackedCertificateSubject "packed/certificate/subject" 22 0 "§8.2.1"
        "the subject of the packed attestation certificate has C (a country code), O, OU \"Authenticator Attestation\" and CN";
    PackedCertificateBasicConstraints "packed/certificate/basic-constraints" 22 0 "§8.2.1"
        "the basic constraints of the packed attestation certificate say that it is no authority";
    PackedCertificateAaguidCritical "packed/certificate/aaguid-critical" 22 0 "§8.2.1"
        "the AAGUID extension of the packed attestation certificate, if it is there, is not critical";
    PackedCertificateAaguid "packed/certificate/aaguid" 22 0 "§8.2"
        "the AAGUID extension of the packed attestation certificate, if it is there, holds the AAGUID of the authenticator data";
    PackedCertificateSerialNumber "packed/certificate/serial-number" 22 0 "§8.2.2"
        "the device serial number extension of the packed attestation certificate is there only in an enterprise attestation, and is not critical";
    PackedSelfAlgorithm "packed-self/algorithm" 22 0 "§8.2"
        "the `alg` of a self attestation is that of the credential public key";
    PackedSelfSignature "packed-self/signature" 22 0 "§8.2"
        "the signature of a self attestation is made with the credential key";
    TpmSyntax "tpm/syntax" 22 0 "§8.3"
        "a tpm statement has `ver`, `alg`, `x5c`, `sig`, `certInfo` and `pubArea`, and nothing else";
    TpmVersion "tpm/ver" 22 0 "§8.3"
        "the `ver` of a tpm statement is \"2.0\"";
    TpmPubArea "tpm/pub-area" 22 0 "§8.3"
        "`pubArea` is a TPMT_PUBLIC of an RSA or ECC key";
    TpmPubAreaKey "tpm/pub-area/key" 22 0 "§8.3"
        "the key of `pubArea` is the credential public key";
    TpmCertInfo "tpm/cert-info" 22 0 "§8.3"
        "`certInfo` is a TPMS_ATTEST";
    TpmMagic "tpm/cert-info/magic" 22 0 "§8.3"
        "the `magic` of `certInfo` is TPM_GENERATED_VALUE";
    TpmType "tpm/cert-info/type" 22 0 "§8.3"
        "the `type` of `certInfo` is TPM_ST_ATTEST_CERTIFY";
    TpmExtraData "tpm/cert-info/extra-data" 22 0 "§8.3"
        "the `extraData` of `certInfo` is the hash, by the algorithm of `alg`, of the authenticator data and the client data hash";
    TpmName "tpm/cert-info/name" 22 0 "§8.3"
        "the attested name of `certInfo` is the name of `pubArea`";
    TpmCertificateReadable "tpm/certificate" 22 0 "§8.3"
        "the AIK certificate is a DER certificate with a key that can verify";
    TpmSignature "tpm/signature" 22 0 "§8.3"
        "the tpm signature is made with the key of the AIK certificate, over `certInfo`";
    TpmCertificateVersion "tpm/certificate/version" 22 0 "§8.3.1"
        "the AIK certificate has version 3";
    TpmCertificateSubject "tpm/certificate/subject" 22 0 "§8.3.1"
        "the subject of the AIK certificate is empty";
    TpmCertificateSubjectAlternativeName "tpm/certificate/subject-alternative-name" 22 0 "§8.3.1"
        "the subject alternative name of the AIK certificate names the TPM's manufacturer, model and version";
    TpmCertificateExtendedKeyUsage "tpm/certificate/extended-key-usage" 22 0 "§8.3.1"
        "the extended key usage of the AIK certificate has tcg-kp-AIKCertificate (2.23.133.8.3)";
    TpmCertificateBasicConstraints "tpm/certificate/basic-constraints" 22 0 "§8.3.1"
        "the basic constraints of the AIK certificate say that it is no authority";
    TpmCertificateAaguid "tpm/certificate/aaguid" 22 0 "§8.3"
        "the AAGUID extension of the AIK certificate, if it is there, holds the AAGUID of the authenticator data";
    AndroidKeySyntax "android-key/syntax" 22 0 "§8.4"
        "an android-key statement has `alg`, `sig` and `x5c` of at least one certificate, and nothing else";
    AndroidKeyCertificateReadable "android-key/certificate" 22 0 "§8.4"
        "the first certificate of an android-key statement is a DER certificate with a key that can verify";
    AndroidKeySignature "android-key/signature" 22 0 "§8.4"
        "the android-key signature is made with the first certificate's key, over the authenticator data and the client data hash";
    AndroidKeyPublicKey "android-key/public-key" 22 0 "§8.4"
        "the key of an android-key statement's first certificate is the credential public key";
    AndroidKeyDescription "android-key/key-description" 22 0 "§8.4"
        "the first certificate of an android-key statement has a key description extension that can be read";
    AndroidKeyChallenge "android-key/challenge" 22 0 "§8.4"
        "the `attestationChallenge` of the Android key description is the client data hash";
    AndroidKeyAllApplications "android-key/all-applications" 22 0 "§8.4"
        "neither authorization list of the Android key description has `allApplications`";
    AndroidKeyOrigin "android-key/origin" 22 0 "§8.4"
        "the `origin` in the Android key description's authorization lists is KM_ORIGIN_GENERATED";
    AndroidKeyPurpose "android-key/purpose" 22 0 "§8.4"
        "the `purpose` in the Android key description's authorization lists is KM_PURPOSE_SIGN";
    SafetyNetSyntax "android-safetynet/syntax" 22 0 "§8.5"
        "an android-safetynet statement has a text `ver` and a byte string `response`, and nothing else";
    SafetyNetVersion "android-safetynet/ver" 22 0 "§8.5"
        "the `ver` of an android-safetynet statement is not empty";
    SafetyNetResponse "android-safetynet/response" 22 0 "§8.5"
        "the `response` of an android-safetynet statement is a JSON Web Signature in compact serialization, with its certificates";
    SafetyNetNonce "android-safetynet/nonce" 22 0 "§8.5"
        "the `nonce` of the SafetyNet response is the base64 of the SHA-256 of the authenticator data and the client data hash";
    SafetyNetService "android-safetynet/service" 22 0 "§8.5"
        "the certificate of the SafetyNet response was issued to attest.android.com";
    SafetyNetSignature "android-safetynet/signature" 22 0 "§8.5"
        "the SafetyNet response is signed with the key of its certificate";
    SafetyNetIntegrity "android-safetynet/cts-profile-match" 22 0 "§8.5"
        "the `ctsProfileMatch` of the SafetyNet response is true";
    SafetyNetTimestamp "android-safetynet/timestamp" 22 0 "§8.5"
        "the `timestampMs` of the SafetyNet response is within the last minute";
    FidoU2fSyntax "fido-u2f/syntax" 22 0 "§8.6"
        "a fido-u2f statement has `sig` and `x5c` of exactly one certificate, and nothing else";
    FidoU2fCertificateKey "fido-u2f/certificate-key" 22 0 "§8.6"
        "the key of a fido-u2f statement's certificate is on P-256";
    FidoU2fCredentialKey "fido-u2f/credential-key" 22 0 "§8.6"
        "the credential public key of a fido-u2f attestation is a point on P-256";
    FidoU2fSignature "fido-u2f/signature" 22 0 "§8.6"
        "the fido-u2f signature is made with the certificate's key, over the U2F registration data";
    FidoU2fAaguid "fido-u2f/aaguid" 22 0 "no clause of §8.6; FIDO's server requirements"
        "the AAGUID of a fido-u2f attestation is zero, if the relying party requires that";
    NoneSyntax "none/syntax" 22 0 "§8.7"
        "a none statement is an empty map";
    AppleSyntax "apple/syntax" 22 0 "§8.8"
        "an apple statement has `x5c` of at least one certificate, and nothing else";
    AppleCertificateReadable "apple/certificate" 22 0 "§8.8"
        "the first certificate of an apple statement is a DER certificate with a key that can verify";
    AppleNonce "apple/nonce" 22 0 "§8.8"
        "the nonce extension of an apple statement's first certificate is the SHA-256 of the authenticator data and the client data hash";
    ApplePublicKey "apple/public-key" 22 0 "§8.8"
        "the key of an apple statement's first certificate is the credential public key";
    CompoundSyntax "compound/syntax" 22 0 "§8.9"
        "a compound statement is an array of two to 16 maps of `fmt` and `attStmt`";
    CompoundNested "compound/nested" 22 0 "§8.9"
        "no statement inside a compound statement is itself compound";
    CompoundFormat "compound/format" 22 0 "§8.9"
        "every statement inside a compound statement has a format that the relying party supports";
    AttestationNone "trust/none" 24 0 "§6.5.3"
        "the registration has attestation, unless the relying party's policy allows that it has none";
    AttestationSelf "trust/self" 24 0 "§6.5.3"
        "the attestation is not self attestation, unless the relying party's policy allows that";
    CertificateReadable "trust/certificate" 24 0 "RFC 5280 §4.1"
        "every certificate of `x5c` is a DER certificate of version 3";
    CertificateOrder "trust/order" 24 0 "RFC 5280 §6.1.3"
        "every certificate of `x5c` but the last is followed by the certificate of its issuer";
    CertificateRootIncluded "trust/root-included" 24 0 "no clause of §7.1; FIDO's server requirements"
        "`x5c` does not include the trust anchor, if the relying party forbids that";
    CertificateNotYetValid "trust/not-yet-valid" 24 0 "RFC 5280 §6.1.3"
        "the validity of every certificate of the path has begun";
    CertificateExpired "trust/expired" 24 0 "RFC 5280 §6.1.3"
        "no certificate of the path has expired";
    CertificateAuthority "trust/basic-constraints" 24 0 "RFC 5280 §6.1.4"
        "every issuer in the path is a certificate authority, as its basic constraints say";
    CertificatePathLength "trust/path-length" 24 0 "RFC 5280 §6.1.4"
        "the path is no longer than the path length constraints of its issuers allow";
    CertificateKeyUsage "trust/key-usage" 24 0 "RFC 5280 §6.1.4"
        "every issuer in the path may sign certificates, as its key usage says";
    CertificateIssuer "trust/anchor" 24 0 "RFC 5280 §6.1"
        "the path ends at a trust anchor of the relying party";
    CertificateSignature "trust/signature" 24 0 "RFC 5280 §6.1.3"
        "every certificate of the path is signed by its issuer";
    CertificateOther "trust/path" 24 0 "RFC 5280 §6.1"
        "the path follows every other rule, such as those about name constraints and unknown critical extensions";
    CredentialIdLength "credential-id/length" 25 0 "§7.1"
        "the credential id has at most 1023 bytes";
    CredentialIdInUse "credential-id/in-use" 26 0 "§7.1"
        "the credential id is not registered yet, to any user";
    CredentialIdAttested "credential-id/attested" 27 0 "§5.1"
        "`id` names the credential that is attested";
    ExtensionOutputs "extensions/outputs" 28 23 "§9"
        "every extension output was asked for, if the relying party accepts no others";

    AuthenticatorDataMember "reply/authenticator-data" 0 3 "§5.2.2"
        "`response.authenticatorData` is base64url of at least one byte";
    SignatureMember "reply/signature" 0 3 "§5.2.2"
        "`response.signature` is base64url of at least one byte";
    UserHandleMember "reply/user-handle" 0 3 "§5.2.2"
        "`response.userHandle`, if it is there and not null, is base64url of 1 to 64 bytes";
    CredentialAllowed "user/allowed-credential" 0 5 "§7.2"
        "the credential is one of `allowCredentials`, if that is not empty";
    CredentialKnown "user/credential" 0 6 "§7.2"
        "the credential is registered to the user who was identified before, or to any user if none was";
    UserHandleMissing "user/handle-missing" 0 6 "§7.2"
        "there is a user handle, if no user was identified before";
    UserHandle "user/handle" 0 6 "§7.2"
        "the user handle, if it is there, is that of the user to whom the credential is registered";
    BackupEligibilityChanged "authenticator-data/backup-eligibility" 0 19 "§6.1.3"
        "BE is as it was at the registration";
    Signature "signature/value" 0 21 "§7.2"
        "the signature is made with the credential key, over the authenticator data and the client data hash";
    SignCount "policy/sign-count" 0 22 "§6.1.1"
        "the signature counter is greater than the stored one, unless both are zero";
}

impl Check {
    /// A stable name, such as `client-data/origin`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.entry().id
    }

    /// The check of this name. [`FromStr`] takes upper and lower case, too, and says which checks there are.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|check| check.id() == id)
    }

    /// The number of the step in §7.1 or §7.2 to which the check belongs, if the ceremony has it.
    #[must_use]
    pub const fn step(self, ceremony: Ceremony) -> Option<u8> {
        let step = match ceremony {
            Ceremony::Create => self.entry().create,
            Ceremony::Get => self.entry().get,
        };
        if step == 0 { None } else { Some(step) }
    }

    /// The section that says more about the check than the step does.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        self.entry().clause
    }

    /// The requirement, in one sentence without its full stop.
    #[must_use]
    pub const fn requirement(self) -> &'static str {
        self.entry().requirement
    }
}

impl FromStr for Check {
    type Err = UnknownName;

    fn from_str(id: &str) -> Result<Self, UnknownName> {
        UnknownName::find("a check", Self::ALL, Self::id, id)
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webauthn::Step;

    #[test]
    fn ids_are_unique_and_every_check_has_a_step() {
        for (position, check) in Check::ALL.iter().enumerate() {
            let first = Check::ALL.iter().position(|other| other.id() == check.id());
            assert_eq!(first, Some(position), "{check}");
            assert_eq!(Check::from_id(check.id()), Some(*check));
            assert_eq!(check.to_string().parse(), Ok(*check));
            let steps = [check.step(Ceremony::Create), check.step(Ceremony::Get)];
            assert!(steps.iter().any(Option::is_some), "{check}");
            for (ceremony, step) in [Ceremony::Create, Ceremony::Get].into_iter().zip(steps) {
                assert!(step.is_none_or(|step| Step::of(ceremony, step).is_some()), "{check}");
            }
        }
    }

    #[test]
    fn what_is_no_check_is_told_the_checks_that_there_are() {
        assert_eq!("Client-Data/Origin".parse(), Ok(Check::Origin));
        let error = "client-data/orgin".parse::<Check>().unwrap_err();
        assert_eq!((error.found.as_str(), error.expected.len()), ("client-data/orgin", Check::ALL.len()));
        let text = error.to_string();
        assert!(text.starts_with(r#"found "client-data/orgin", expected the name of a check: "#), "{text}");
        assert!(text.contains(", client-data/origin, "), "{text}");
    }

    #[test]
    fn the_checks_of_a_ceremony_stand_in_the_order_of_its_steps() {
        for ceremony in [Ceremony::Create, Ceremony::Get] {
            let both =
                |check: &&Check| check.step(Ceremony::Create).is_some() == (ceremony == Ceremony::Create);
            let steps: Vec<_> =
                Check::ALL.iter().filter(both).filter_map(|check| check.step(ceremony)).collect();
            assert!(steps.is_sorted(), "{ceremony:?}: {steps:?}");
        }
    }
}

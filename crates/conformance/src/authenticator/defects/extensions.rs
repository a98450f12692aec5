//! What is wrong with extensions.

use super::defect;
use crate::core::defect::Defect;
use crate::core::defect::Severity::{High, Low, Medium};

pub(super) const DEFECTS: &[Defect] = &[
    defect(
        "extensions/verifies",
        High,
        "what it signs with extensions does not verify",
        "relying parties refuse registrations and logins",
        "sign the authenticator data with the outputs in it, and set ED",
    ),
    defect(
        "extensions/cred-protect",
        High,
        "credentials are not protected as credProtect has it",
        "whoever finds the authenticator sees or uses credentials that are for a verified user, or the user does not find them",
        "keep the level with the credential, and look at it in every list",
    ),
    defect(
        "extensions/cred-protect/invalid",
        Low,
        "a level of credProtect that is none is not refused as such",
        "a platform does not learn of its mistake",
        "answer INVALID_PARAMETER, or give the default level",
    ),
    defect(
        "extensions/hmac-secret",
        High,
        "the secrets of hmac-secret are not those that the document has",
        "what users have encrypted by them cannot be opened, or can be opened by somebody else",
        "derive both secrets from the credential, choose one by UV, and verify salts before they are used",
    ),
    defect(
        "extensions/hmac-secret/missing",
        Low,
        "an input of hmac-secret that lacks a member is not refused as such",
        "mistakes of platforms are found late",
        "ask for keyAgreement, saltEnc and saltAuth",
    ),
    defect(
        "extensions/hmac-secret-mc",
        Medium,
        "the secrets that come with a new credential are not those that come later",
        "what a user encrypts at the registration cannot be opened afterwards",
        "evaluate hmac-secret-mc for the new credential exactly as hmac-secret",
    ),
    defect(
        "extensions/cred-blob",
        Medium,
        "credBlob does not give back what was stored",
        "relying parties lose what they keep with a credential, or get somebody else's",
        "keep the blob with the credential, and say false where it cannot be kept",
    ),
    defect(
        "extensions/large-blob-key",
        Medium,
        "the keys of largeBlobKey are not as the document has them",
        "large blobs cannot be read, or can be read with another credential",
        "give each discoverable credential a random key, and tell it where it is asked for",
    ),
    defect(
        "extensions/large-blob",
        Medium,
        "largeBlob does not give back what was written",
        "relying parties lose what they keep with a credential",
        "keep the blob with the credential, and take inputs that read or write, and no others",
    ),
    defect(
        "extensions/min-pin-length",
        Medium,
        "minPinLength answers a relying party that is not on the list",
        "every page learns of the policy of the user's employer",
        "answer relying parties of the list alone",
    ),
    defect(
        "extensions/pin-complexity-policy",
        Medium,
        "pinComplexityPolicy answers a relying party that is not on the list",
        "every page learns of the policy of the user's employer",
        "answer relying parties of the list alone",
    ),
    defect(
        "extensions/third-party-payment",
        Medium,
        "what a credential is for is not remembered",
        "payments fail, or a credential pays that was not made for it",
        "keep the flag with the credential",
    ),
    defect(
        "extensions/uvm",
        Low,
        "the output of uvm is not of its form",
        "relying parties cannot read how the user was verified",
        "send one to three entries of three numbers",
    ),
];

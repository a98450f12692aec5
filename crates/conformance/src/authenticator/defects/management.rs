//! What is wrong with how credentials, large blobs, settings and fingers are managed.

use super::defect;
use crate::core::defect::Defect;
use crate::core::defect::Severity::{High, Low, Medium};

pub(super) const DEFECTS: &[Defect] = &[
    defect(
        "credential-management/sub-command",
        Low,
        "sub-commands of authenticatorCredentialManagement are not told apart as the document has them",
        "platforms cannot tell what the authenticator lacks from what went wrong",
        "check that the sub-command is there and known before anything else",
    ),
    defect(
        "credential-management/metadata",
        Medium,
        "credentials are not counted as they are",
        "platforms tell users of accounts that are not there, or of room that is not there",
        "count discoverable credentials when the sub-command comes",
    ),
    defect(
        "credential-management/relying-parties",
        Medium,
        "relying parties are not enumerated as the document has it",
        "users do not see where they have an account",
        "enumerate each relying party that has a discoverable credential once, and forget what is left with another \
         command",
    ),
    defect(
        "credential-management/credentials",
        Medium,
        "credentials are not enumerated as the document has it",
        "users do not see which accounts are on the authenticator, or see another one's",
        "tell of each discoverable credential of the relying party what was stored with it",
    ),
    defect(
        "credential-management/delete",
        High,
        "credentials are not deleted as the document has it",
        "accounts that users believe deleted can still be logged in to, or others are lost",
        "remove the one credential whose id is given, with all that is stored with it",
    ),
    defect(
        "credential-management/update",
        Medium,
        "users are not updated as the document has it",
        "accounts are shown by old names, or a credential does not work any more",
        "replace name and displayName, and nothing else",
    ),
    defect(
        "credential-management/read-only",
        High,
        "the persistent token is not as the document has it",
        "a platform that was allowed to look deletes or changes credentials, or cannot look",
        "take the persistent token for what reads credentials alone, until the PIN changes",
    ),
    defect(
        "credential-management/store-state",
        Low,
        "encCredStoreState does not tell whether credentials changed",
        "platforms show accounts of before, or read all of them each time",
        "draw another state whenever a credential is made, deleted or updated",
    ),
    defect(
        "large-blobs/get",
        Medium,
        "large blobs are not read as the document has it",
        "relying parties do not get what they stored",
        "follow step 2 of the command, and give what is there from the offset on",
    ),
    defect(
        "large-blobs/request",
        Low,
        "requests that neither read nor write, or do both, are not refused as such",
        "mistakes of platforms are found late, or are not found",
        "check the members of a request before anything else",
    ),
    defect(
        "large-blobs/set",
        High,
        "large blobs are not written as the document has it",
        "what relying parties stored is lost or spoilt, or anybody changes it",
        "check the proof of every fragment, and replace the array when all of it came and its checksum is right",
    ),
    defect(
        "large-blobs/reset",
        Medium,
        "large blobs are still there after a reset",
        "whoever gets the authenticator next has what others stored",
        "have an empty array again after a reset",
    ),
];

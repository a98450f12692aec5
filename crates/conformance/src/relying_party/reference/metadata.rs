//! What the reference relying party knows of authenticators' models.

use stuntkey::verifier::{MetadataBlob, MetadataEntry};
use stuntkey::webauthn::Aaguid;

use super::flaw::Misbehaviour;
use super::settings::Settings;

/// The statuses of models that are not to be trusted (FIDO Metadata Service v3.1 §3.1.4).
const UNDESIRED: [&str; 5] = [
    "REVOKED",
    "ATTESTATION_KEY_COMPROMISE",
    "USER_VERIFICATION_BYPASS",
    "USER_KEY_REMOTE_COMPROMISE",
    "USER_KEY_PHYSICAL_COMPROMISE",
];

/// What it knows of authenticators' models.
#[derive(Debug, Clone, Default)]
pub(super) struct Metadata {
    entries: Vec<MetadataEntry>,
}

impl Metadata {
    /// Reads the BLOBs of the settings, one after the other, by the rules of FIDO Metadata Service v3.1 §3.2. One that breaks a
    /// rule is ignored. `today` is a date as BLOBs write it.
    pub(super) fn read(settings: &Settings, today: &str) -> Self {
        let mut entries = Vec::new();
        let mut newest = 0;
        for blob in settings.metadata.iter().filter_map(|text| MetadataBlob::parse(text).ok()) {
            let is_signed =
                blob.verify_signature().is_ok() || settings.has(Misbehaviour::MetadataSignatureIgnored);
            let is_trusted =
                blob.verify_path(&settings.trust).is_ok() || settings.has(Misbehaviour::MetadataPathIgnored);
            let is_newer = blob.number > newest || settings.has(Misbehaviour::MetadataNumberIgnored);
            let is_current =
                blob.next_update.as_str() >= today || settings.has(Misbehaviour::MetadataDateIgnored);
            if is_signed && is_trusted && is_newer && is_current {
                newest = blob.number;
                entries.extend(blob.entries);
            }
        }
        Self { entries }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The roots of a model's attestation, which is nobody else's.
    pub(super) fn roots_of(&self, aaguid: Aaguid) -> impl Iterator<Item = &Vec<u8>> {
        self.entry(aaguid).into_iter().flat_map(|entry| &entry.roots)
    }

    /// The roots of every model.
    pub(super) fn all_roots(&self) -> impl Iterator<Item = &Vec<u8>> {
        self.entries.iter().flat_map(|entry| &entry.roots)
    }

    /// A status of the model that says that it is not to be trusted.
    pub(super) fn undesired_status(&self, aaguid: Aaguid) -> Option<&str> {
        let statuses = &self.entry(aaguid)?.statuses;
        statuses.iter().map(String::as_str).find(|status| UNDESIRED.contains(status))
    }

    fn entry(&self, aaguid: Aaguid) -> Option<&MetadataEntry> {
        self.entries.iter().find(|entry| entry.aaguid == aaguid)
    }
}

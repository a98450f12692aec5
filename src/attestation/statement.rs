//! The subject of a statement, and the stages that all formats share.

use std::borrow::Cow;

use super::attester::Attester;
use super::ca::AttestationIdentity;
use super::profile::Profile;
use crate::crypto::KeyPair;
use crate::draft::Edits;
use crate::encoding::cbor::Writer;
use crate::webauthn::Aaguid;

/// What a statement attests, and with which keys. The writer of a format takes it through the stages: the format's own
/// structures, certificates, what is signed, the signature, the statement.
pub(crate) struct Subject<'a> {
    pub(crate) auth_data: &'a [u8],
    pub(crate) client_data_hash: &'a [u8; 32],
    pub(crate) credential_id: &'a [u8],
    pub(crate) credential_key: &'a KeyPair,
    /// The authenticator's model. The leaf states it in its AAGUID extension.
    pub(crate) aaguid: Aaguid,
    /// Whether this is an enterprise attestation: the relying party may know which device it comes from.
    pub(crate) enterprise: bool,
    pub(crate) attester: &'a Attester,
    pub(crate) edits: &'a Edits,
}

impl Subject<'_> {
    /// The attestation key and its chain, where they were given or issued before.
    pub(super) fn known_identity(&self) -> Option<Cow<'_, AttestationIdentity>> {
        self.attester.known_identity(self.enterprise, self.edits).map(Cow::Borrowed)
    }

    /// The attestation key and its chain, issued by the profile of the leaf.
    pub(super) fn issue_identity(&self, profile: &Profile) -> Cow<'_, AttestationIdentity> {
        self.attester.issue_identity(self.aaguid, self.enterprise, profile, self.edits)
    }

    /// A chain for the credential's own key.
    pub(super) fn certify_credential(&self, profile: &Profile) -> Vec<Vec<u8>> {
        self.attester.certify(profile, self.credential_key.public_key(), self.edits)
    }

    /// The signature over authenticator data and client data hash, which most formats make.
    pub(super) fn sign_with(&self, key: &KeyPair) -> Vec<u8> {
        self.edits.sign(key, &[self.auth_data, self.client_data_hash])
    }

    /// Writes the member `x5c` with the chain.
    pub(super) fn write_x5c(&self, writer: &mut Writer, chain: &[Vec<u8>]) {
        let chain = self.edits.sent_chain(chain);
        writer.text("x5c");
        writer.array(chain.len());
        for certificate in chain.iter() {
            writer.bytes(certificate);
        }
    }
}

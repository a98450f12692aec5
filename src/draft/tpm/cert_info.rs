use super::{TPM_ALG_SHA256, sized};
use crate::crypto::sha256;

/// TPM_GENERATED_VALUE (TPM 2.0 Library, part 2, §6.2): `FF`, "TCG".
const TPM_GENERATED_VALUE: u32 = 0xff54_4347;
/// TPM_ST_ATTEST_CERTIFY (§6.9).
const TPM_ST_ATTEST_CERTIFY: u16 = 0x8017;

/// `certInfo`: a TPMS_ATTEST about a certified key (TPM 2.0 Library, part 2, §10.12.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertInfo {
    /// `magic`: 0xFF544347.
    pub magic: u32,
    /// `type`: 0x8017, TPM_ST_ATTEST_CERTIFY.
    pub attest_type: u16,
    /// `qualifiedSigner`: the AIK's qualified name.
    pub qualified_signer: Vec<u8>,
    /// `extraData`: the hash of authenticator data and client data hash.
    pub extra_data: Vec<u8>,
    /// `clockInfo`.
    pub clock_info: ClockInfo,
    /// `firmwareVersion`.
    pub firmware_version: u64,
    /// `attested.name`: nameAlg and the hash of `pubArea`.
    pub name: Vec<u8>,
    /// `attested.qualifiedName`.
    pub qualified_name: Vec<u8>,
}

/// TPMS_CLOCK_INFO (§10.11.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockInfo {
    /// Milliseconds for which the TPM has been powered.
    pub clock: u64,
    /// How often the TPM was reset.
    pub reset_count: u32,
    /// How often the TPM was restarted.
    pub restart_count: u32,
    /// 1 if `clock` has never been higher before, else 0.
    pub safe: u8,
}

impl CertInfo {
    /// What TPM2_Certify returns for the key with this `name`. `signer` is the hash of the AIK.
    pub(crate) fn certify(extra_data: Vec<u8>, name: Vec<u8>, signer: &[u8; 32]) -> Self {
        // Part 1, §26.5: a qualified name is a hash of the parent's and the key's own. The parents here are invented.
        let qualified = |key: &[u8]| {
            [&TPM_ALG_SHA256.to_be_bytes()[..], &sha256(&[b"stuntkey test storage root", key])].concat()
        };
        Self {
            magic: TPM_GENERATED_VALUE,
            attest_type: TPM_ST_ATTEST_CERTIFY,
            qualified_signer: qualified(signer),
            extra_data,
            // A day since the one and only reset.
            clock_info: ClockInfo { clock: 86_400_000, reset_count: 1, restart_count: 0, safe: 1 },
            firmware_version: 1,
            qualified_name: qualified(&name),
            name,
        }
    }

    /// The bytes of the TPMS_ATTEST.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(192);
        bytes.extend(self.magic.to_be_bytes());
        bytes.extend(self.attest_type.to_be_bytes());
        bytes.extend(sized(&self.qualified_signer));
        bytes.extend(sized(&self.extra_data));
        bytes.extend(self.clock_info.clock.to_be_bytes());
        bytes.extend(self.clock_info.reset_count.to_be_bytes());
        bytes.extend(self.clock_info.restart_count.to_be_bytes());
        bytes.push(self.clock_info.safe);
        bytes.extend(self.firmware_version.to_be_bytes());
        bytes.extend(sized(&self.name));
        bytes.extend(sized(&self.qualified_name));
        bytes
    }
}

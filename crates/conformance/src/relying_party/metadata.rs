//! Metadata for the cases about it: BLOBs (FIDO Metadata Service v3.1), and the models of authenticators that they tell of.
//!
//! A relying party that is to be tested reads these BLOBs in their order, and trusts the authority that signs the first. Each
//! BLOB has an attestation root of its own, which nobody else vouches for: whoever accepts an attestation of one of its
//! models has taken the BLOB for good.

use stuntkey::Authenticator;
use stuntkey::attestation::CertificateAuthority;
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::json::Json;
use stuntkey::webauthn::Aaguid;

/// A BLOB of the cases about metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TestBlob {
    /// Its signature is wrong.
    Forged,
    /// It is signed under another authority of the same name.
    OfAnotherAuthority,
    /// The one that counts.
    Current,
    /// An older one than the current one: its number is lower, and a model that is revoked is not revoked in it.
    RolledBack,
    /// The next one should have come years ago.
    Stale,
}

/// A model of authenticators that a BLOB tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TestModel {
    blob: TestBlob,
    number: u8,
    status: &'static str,
}

/// A model that is certified.
pub(crate) const CERTIFIED: TestModel = TestModel::new(TestBlob::Current, 1, "FIDO_CERTIFIED_L1");
/// The models whose status says that they are not to be trusted.
pub(crate) const COMPROMISED: [TestModel; 5] = [
    TestModel::new(TestBlob::Current, 2, "REVOKED"),
    TestModel::new(TestBlob::Current, 3, "ATTESTATION_KEY_COMPROMISE"),
    TestModel::new(TestBlob::Current, 4, "USER_VERIFICATION_BYPASS"),
    TestModel::new(TestBlob::Current, 5, "USER_KEY_REMOTE_COMPROMISE"),
    TestModel::new(TestBlob::Current, 6, "USER_KEY_PHYSICAL_COMPROMISE"),
];
/// A model with the root of the current BLOB, which does not list it.
pub(crate) const UNLISTED: TestModel = TestModel::new(TestBlob::Current, 7, "");
/// A model of each BLOB that a relying party should not use.
pub(crate) const FORGED: TestModel = TestModel::new(TestBlob::Forged, 8, "FIDO_CERTIFIED_L1");
pub(crate) const OF_ANOTHER_AUTHORITY: TestModel =
    TestModel::new(TestBlob::OfAnotherAuthority, 9, "FIDO_CERTIFIED_L1");
pub(crate) const ROLLED_BACK: TestModel = TestModel::new(TestBlob::RolledBack, 10, "FIDO_CERTIFIED_L1");
pub(crate) const STALE: TestModel = TestModel::new(TestBlob::Stale, 11, "FIDO_CERTIFIED_L1");

impl TestModel {
    const fn new(blob: TestBlob, number: u8, status: &'static str) -> Self {
        Self { blob, number, status }
    }

    pub(crate) fn aaguid(self) -> Aaguid {
        let mut bytes = Aaguid::STUNTKEY.0;
        bytes[9] = 2;
        bytes[15] = self.number;
        Aaguid(bytes)
    }

    /// The authority of its attestation.
    pub(crate) fn authority(self) -> CertificateAuthority {
        CertificateAuthority::seeded(&format!("stuntkey metadata {}", self.blob.name()))
    }

    /// The status in lower case, as ids have it: `attestation-key-compromise`.
    pub(crate) fn status_name(self) -> String {
        self.status.to_ascii_lowercase().replace('_', "-")
    }

    /// `None` if no authenticator can be made like this, which a test rules out.
    fn entry(self) -> Option<Json<'static>> {
        let authenticator =
            Authenticator::builder().aaguid(self.aaguid()).attestation_authority(self.authority());
        let statement = authenticator.build().ok()?.metadata_statement();
        let report =
            Json::object([("status", Json::from(self.status)), ("effectiveDate", "2026-01-01".into())]);
        Some(Json::object([
            ("aaguid", Json::from(self.aaguid().to_string())),
            ("metadataStatement", statement),
            ("statusReports", Json::Array(vec![report])),
            ("timeOfLastStatusChange", "2026-01-01".into()),
        ]))
    }
}

impl TestBlob {
    /// Every BLOB, in the order in which a relying party is to read them.
    pub const ALL: [TestBlob; 5] = [
        TestBlob::Forged,
        TestBlob::OfAnotherAuthority,
        TestBlob::Stale,
        TestBlob::Current,
        TestBlob::RolledBack,
    ];

    /// A stable name, such as `rolled-back`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            TestBlob::Forged => "forged",
            TestBlob::OfAnotherAuthority => "of-another-authority",
            TestBlob::Current => "current",
            TestBlob::RolledBack => "rolled-back",
            TestBlob::Stale => "stale",
        }
    }

    /// The name of its file, by which BLOBs are in the order in which they are to be read: `1-forged.jwt`.
    #[must_use]
    pub fn file_name(self) -> String {
        let number = (1..).zip(Self::ALL).find(|(_, blob)| *blob == self).map_or(0, |(number, _)| number);
        format!("{number}-{}.jwt", self.name())
    }

    /// The BLOB, as a relying party is to trust it that trusts `authority`: a JSON Web Token, the same every time.
    #[must_use]
    pub fn text(self, authority: &CertificateAuthority, algorithm: Algorithm) -> Option<String> {
        let models: Vec<TestModel> = match self {
            TestBlob::Forged => vec![FORGED],
            TestBlob::OfAnotherAuthority => vec![OF_ANOTHER_AUTHORITY],
            TestBlob::Current => std::iter::once(CERTIFIED).chain(COMPROMISED).collect(),
            TestBlob::RolledBack => vec![ROLLED_BACK],
            TestBlob::Stale => vec![STALE],
        };
        let (number, next_update) = match self {
            TestBlob::Forged => (2, "2048-12-31"),
            TestBlob::OfAnotherAuthority => (3, "2048-12-31"),
            TestBlob::Stale => (4, "2020-01-01"),
            TestBlob::RolledBack => (5, "2048-12-31"),
            TestBlob::Current => (10, "2048-12-31"),
        };
        let payload = Json::object([
            ("legalHeader", Json::from("For tests. This is no metadata of the FIDO Alliance's.")),
            ("no", number.into()),
            ("nextUpdate", next_update.into()),
            ("entries", Json::Array(models.into_iter().map(TestModel::entry).collect::<Option<_>>()?)),
        ]);
        let impostor;
        let signer = match self {
            TestBlob::OfAnotherAuthority => {
                impostor = CertificateAuthority::seeded("stuntkey metadata impostor");
                &impostor
            }
            _ => authority,
        };
        let signed = signer.sign_metadata(&payload, algorithm).ok()?;
        match (self, signed.rsplit_once('.')) {
            (TestBlob::Forged, Some((signed, signature))) => {
                // Another character of the same alphabet, in the middle, so that every bit of it counts.
                let (first, last) = signature.split_at(signature.len() / 2);
                let other = if last.starts_with('A') { "B" } else { "A" };
                Some(format!("{signed}.{first}{other}{}", last.get(1..).unwrap_or_default()))
            }
            _ => Some(signed),
        }
    }
}

#[cfg(test)]
mod tests {
    use stuntkey::verifier::MetadataBlob;

    use super::*;

    #[test]
    fn every_blob_is_sound_but_for_its_own_fault() {
        let authority = CertificateAuthority::test_root();
        let anchors = [authority.certificate_der().to_vec()];
        for blob in TestBlob::ALL {
            let text = blob.text(&authority, Algorithm::Es256).unwrap();
            let read = MetadataBlob::parse(&text).unwrap();
            assert_eq!(read.verify_signature().is_ok(), blob != TestBlob::Forged, "{blob:?}");
            assert_eq!(read.verify_path(&anchors).is_ok(), blob != TestBlob::OfAnotherAuthority, "{blob:?}");
            assert_eq!(read.number == 10, blob == TestBlob::Current, "{blob:?}");
            assert_eq!(read.next_update.starts_with("2020"), blob == TestBlob::Stale, "{blob:?}");
        }
    }
}

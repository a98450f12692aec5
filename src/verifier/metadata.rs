//! Metadata BLOBs, as a relying party reads them (FIDO Metadata Service v3.1 §3.1.6 and §3.2).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::judge::FailedCheck;
use super::jws::Jws;
use super::path;
use super::signature::SignatureRefusal;
use crate::crypto::Backend;
use crate::webauthn::Aaguid;

/// A metadata BLOB that was read. Nothing of it is verified yet.
pub struct MetadataBlob {
    jws: Jws,
    /// `no`, which grows from one BLOB to the next.
    pub number: u64,
    /// `nextUpdate`: the date, `YYYY-MM-DD`, at which the next one is there at latest.
    pub next_update: String,
    /// The models of FIDO2 authenticators that it tells of.
    pub entries: Vec<MetadataEntry>,
}

/// What a BLOB tells of one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetadataEntry {
    /// The model.
    pub aaguid: Aaguid,
    /// `attestationRootCertificates` of its statement, DER.
    pub roots: Vec<Vec<u8>>,
    /// The statuses of its reports, such as `REVOKED`, in their order.
    pub statuses: Vec<String>,
}

impl MetadataBlob {
    /// Reads a BLOB: a JSON Web Token in compact serialization, signed by RS256 or ES256, with its certificates in `x5c`.
    ///
    /// # Errors
    /// What was found instead.
    pub fn parse(text: &str) -> Result<Self, String> {
        let jws = Jws::parse(text.trim().as_bytes())?;
        let member = |name: &str| jws.payload.get(name).ok_or_else(|| format!("nothing as {name}"));
        let number = member("no")?.as_u64().ok_or("no that is no number")?;
        let next_update = member("nextUpdate")?.as_str().ok_or("nextUpdate that is no text")?.to_owned();
        let entries = member("entries")?.as_array().ok_or("entries that are no array")?;
        // Entries of UAF and U2F authenticators have no AAGUID.
        let entries = entries.iter().filter(|entry| entry.get("aaguid").is_some());
        let entries = entries.map(MetadataEntry::read).collect::<Result<_, _>>()?;
        Ok(Self { number, next_update, entries, jws })
    }

    /// Verifies the signature with the key of the first certificate (§3.2 step 6).
    ///
    /// # Errors
    /// [`SignatureRefusal`]: it is another's, or over something else.
    pub fn verify_signature(&self) -> Result<(), SignatureRefusal> {
        self.jws.verify_signature(Backend::fastest())
    }

    /// Verifies that its certificates lead to one of these DER certificates (§3.2 steps 4 and 5), by the system's clock.
    /// Revocation is not looked at.
    ///
    /// # Errors
    /// The first check of RFC 5280 §6.1 that failed.
    pub fn verify_path(&self, anchors: &[Vec<u8>]) -> Result<(), FailedCheck> {
        path::failures(&self.jws.x5c, anchors).into_iter().next().map_or(Ok(()), Err)
    }

    /// What it tells of a model.
    #[must_use]
    pub fn entry(&self, aaguid: Aaguid) -> Option<&MetadataEntry> {
        self.entries.iter().find(|entry| entry.aaguid == aaguid)
    }
}

impl MetadataEntry {
    fn read(entry: &Value) -> Result<Self, String> {
        let aaguid = entry.get("aaguid").and_then(Value::as_str).unwrap_or_default();
        let aaguid = aaguid.parse().map_err(|_| format!("the aaguid {aaguid:?}"))?;
        let items = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let statement = entry.get("metadataStatement");
        let roots = items(statement.and_then(|statement| statement.get("attestationRootCertificates")));
        // Some have line breaks in it.
        let der = |root: &Value| -> Option<Vec<u8>> {
            let text: String = root.as_str()?.split_whitespace().collect();
            STANDARD.decode(text).ok()
        };
        let roots = roots.iter().map(der).collect::<Option<_>>();
        let status = |report: &Value| Some(report.get("status")?.as_str()?.to_owned());
        Ok(Self {
            aaguid,
            roots: roots.ok_or("a root certificate that is not base64")?,
            statuses: items(entry.get("statusReports")).iter().filter_map(status).collect(),
        })
    }
}

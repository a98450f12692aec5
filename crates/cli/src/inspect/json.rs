//! The tree and the steps for machines.

use serde::Serialize;
use stuntkey::verifier::Examination;
use stuntkey_inspect::recognise::Recognised;

use super::steps::Verification;

/// One document: what the input is, its tree, and the steps if it was verified.
#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    found: &'a Recognised,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<Verified<'a>>,
}

#[derive(Serialize)]
struct Verified<'a> {
    holds: bool,
    remarks: &'a [String],
    steps: &'a Examination,
}

/// One document: what the input is, its tree, and the steps if it was verified.
pub(crate) fn document(
    found: &Recognised,
    verification: Option<&Verification>,
) -> Result<String, serde_json::Error> {
    let verification = verification.map(|verification| Verified {
        holds: verification.report.refusals().next().is_none(),
        remarks: &verification.remarks,
        steps: &verification.report,
    });
    serde_json::to_string(&Document { found, verification })
}

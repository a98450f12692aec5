//! The certificate authority that the caller names.

use stuntkey::attestation::CertificateAuthority;

use crate::arguments::Authority;
use crate::failure::Failure;
use crate::input;

/// The caller's own authority, if there is one.
pub(crate) fn own(authority: &Authority) -> Result<Option<CertificateAuthority>, Failure> {
    let Some(file) = &authority.attestation_ca else { return Ok(None) };
    let text = input::read_text(file)?;
    CertificateAuthority::from_pem(&text)
        .map(Some)
        .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

//! `stuntkey attestation`.

use stuntkey::attestation::CertificateAuthority;

use crate::arguments::{Attestation, Authority};
use crate::failure::Failure;
use crate::input;
use crate::output::Output;

pub(crate) fn run(command: &Attestation, output: &Output) -> Result<(), Failure> {
    let Attestation::Root { seed, authority } = command;
    let authority = match (own(authority)?, seed) {
        (Some(authority), _) => authority,
        (None, Some(seed)) => CertificateAuthority::seeded(seed),
        (None, None) => CertificateAuthority::test_root(),
    };
    output.data(&authority.certificate_pem())
}

/// The caller's own authority, if there is one.
pub(crate) fn own(authority: &Authority) -> Result<Option<CertificateAuthority>, Failure> {
    let Some(file) = &authority.attestation_ca else { return Ok(None) };
    let text = input::read(file)?;
    CertificateAuthority::from_pem(&text)
        .map(Some)
        .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

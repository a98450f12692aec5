//! `stuntkey attestation`.

use stuntkey::attestation::CertificateAuthority;
use stuntkey::crypto::Algorithm;

use crate::arguments::{Attestation, Authority};
use crate::authenticator;
use crate::failure::Failure;
use crate::input;
use crate::output::Output;

pub(crate) fn run(command: &Attestation, output: &Output) -> Result<(), Failure> {
    match command {
        Attestation::Root { seed, authority } => {
            let own = own(authority)?;
            if own.is_some() && seed.is_an_argument() {
                return Err(Failure::Usage("--seed and --attestation-ca: found both, expected one".into()));
            }
            let authority = match (own, seed.read()?) {
                (Some(authority), _) => authority,
                (None, Some(seed)) => CertificateAuthority::seeded(&seed),
                (None, None) => CertificateAuthority::test_root(),
            };
            output.data(&authority.certificate_pem())
        }
        Attestation::Metadata { blob, blob_alg, authenticator: given } => {
            let authenticator = authenticator::builder(given, None)?.build()?;
            match blob {
                true => {
                    let algorithm = Algorithm::from_name(blob_alg).unwrap_or(Algorithm::Rs256);
                    let blob = authenticator.metadata_blob(algorithm);
                    output.data(&blob.map_err(|error| Failure::Usage(error.to_string()))?)
                }
                false => output.json_data(&authenticator.metadata_statement()),
            }
        }
    }
}

/// The caller's own authority, if there is one.
pub(crate) fn own(authority: &Authority) -> Result<Option<CertificateAuthority>, Failure> {
    let Some(file) = &authority.attestation_ca else { return Ok(None) };
    let text = input::read_text(file)?;
    CertificateAuthority::from_pem(&text)
        .map(Some)
        .map_err(|error| Failure::Usage(format!("{}: {error}", file.display())))
}

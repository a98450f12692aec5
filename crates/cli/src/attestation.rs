//! `stuntkey attestation`.

use stuntkey::attestation::CertificateAuthority;
use stuntkey::crypto::Algorithm;

use crate::arguments::Attestation;
use crate::failure::Failure;
use crate::output::Output;
use crate::{authenticator, authority};

pub(crate) fn run(command: &Attestation, output: &Output) -> Result<(), Failure> {
    match command {
        Attestation::Root { seed, authority } => {
            let own = authority::own(authority)?;
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
            let authenticator = authenticator::builder(given)?.build()?;
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

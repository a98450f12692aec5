//! `stuntkey attestation`.

use std::fs;
use std::path::Path;

use stuntkey::attestation::CertificateAuthority;
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::json::Json;
use stuntkey_conformance::TestBlob;

use crate::arguments::{Attestation, Authority};
use crate::failure::Failure;
use crate::output::Output;
use crate::secret::Seed;
use crate::{authenticator, authority};

pub(crate) fn run(command: &Attestation, output: &Output) -> Result<(), Failure> {
    match command {
        Attestation::Root { seed, authority } => output.data(&root(seed, authority)?.certificate_pem()),
        Attestation::Metadata { blob, blob_alg, authenticator: given } => {
            let authenticator = authenticator::builder(given)?.build()?;
            match blob {
                true => {
                    let blob = authenticator.metadata_blob(algorithm(blob_alg));
                    output.data(&blob.map_err(|error| Failure::Usage(error.to_string()))?)
                }
                false => output.json_data(&authenticator.metadata_statement()),
            }
        }
        Attestation::Blobs { directory, blob_alg, seed, authority } => {
            write_blobs(directory, &root(seed, authority)?, algorithm(blob_alg), output)
        }
    }
}

fn algorithm(name: &str) -> Algorithm {
    Algorithm::from_name(name).unwrap_or(Algorithm::Rs256)
}

/// The root that the caller names, or the test root.
fn root(seed: &Seed, authority: &Authority) -> Result<CertificateAuthority, Failure> {
    let own = authority::own(authority)?;
    if own.is_some() && seed.is_an_argument() {
        return Err(Failure::Usage("--seed and --attestation-ca: found both, expected one".into()));
    }
    Ok(match (own, seed.read()?) {
        (Some(authority), _) => authority,
        (None, Some(seed)) => CertificateAuthority::seeded(&seed),
        (None, None) => CertificateAuthority::test_root(),
    })
}

/// Writes `1-forged.jwt` and the others, and prints their names.
fn write_blobs(
    directory: &Path,
    root: &CertificateAuthority,
    algorithm: Algorithm,
    output: &Output,
) -> Result<(), Failure> {
    let texts: Option<Vec<String>> = TestBlob::ALL.iter().map(|blob| blob.text(root, algorithm)).collect();
    let texts = texts.ok_or_else(|| Failure::Usage(format!("--blob-alg: this build has no {algorithm}")))?;
    let failed = |file: &Path, error: std::io::Error| {
        Failure::Tool(format!("{}: cannot write: {error}", file.display()))
    };
    fs::create_dir_all(directory).map_err(|error| failed(directory, error))?;
    let mut written = Vec::new();
    for (number, (blob, text)) in (1..).zip(TestBlob::ALL.iter().zip(texts)) {
        let file = directory.join(format!("{number}-{}.jwt", blob.name()));
        fs::write(&file, text).map_err(|error| failed(&file, error))?;
        written.push(file.display().to_string());
    }
    match output.is_json() {
        true => output.json_data(&Json::object([(
            "blobs",
            Json::Array(written.into_iter().map(Json::from).collect()),
        )])),
        false => output.data(&written.join("\n")),
    }
}

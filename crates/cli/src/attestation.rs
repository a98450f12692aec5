//! `stuntkey attestation`.

use std::fs;
use std::path::Path;

use stuntkey::attestation::CertificateAuthority;
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::json::Json;
use stuntkey_conformance::{BlobSite, TestBlob};

use crate::arguments::{Attestation, Authority, Blobs};
use crate::failure::Failure;
use crate::output::Output;
use crate::secret::Seed;
use crate::{authenticator, authority, server};

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
        Attestation::Blobs(arguments) => blobs(arguments, output),
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

/// Writes `1-forged.jwt` and the others, or serves them, and prints where each is.
fn blobs(arguments: &Blobs, output: &Output) -> Result<(), Failure> {
    let root = root(&arguments.seed, &arguments.authority)?;
    let algorithm = algorithm(&arguments.blob_alg);
    let with_text = |blob: TestBlob| Some((blob, blob.text(&root, algorithm)?));
    let blobs: Option<Vec<(TestBlob, String)>> = TestBlob::ALL.into_iter().map(with_text).collect();
    let blobs = blobs.ok_or_else(|| Failure::Usage(format!("--blob-alg: this build has no {algorithm}")))?;
    let mut places = Vec::new();
    if let Some(directory) = &arguments.directory {
        places = write(directory, &blobs)?;
    }
    let Some(port) = arguments.port else { return print(places, output) };
    let server = server::bind(arguments.address, port, arguments.log)?;
    server::warn_if_not_on_loopback(arguments.address, "the metadata is", output);
    let site = BlobSite::new(blobs);
    places.extend(site.paths().map(|path| format!("{}{path}", server.url())));
    print(places, output)?;
    server.run(site).map_err(|error| Failure::Tool(error.to_string()))
}

fn print(places: Vec<String>, output: &Output) -> Result<(), Failure> {
    match output.is_json() {
        true => output
            .json_data(&Json::object([("blobs", Json::Array(places.into_iter().map(Json::from).collect()))])),
        false => output.data(&places.join("\n")),
    }
}

/// The names of the files.
fn write(directory: &Path, blobs: &[(TestBlob, String)]) -> Result<Vec<String>, Failure> {
    let failed = |file: &Path, error: std::io::Error| {
        Failure::Tool(format!("{}: cannot write: {error}", file.display()))
    };
    fs::create_dir_all(directory).map_err(|error| failed(directory, error))?;
    let mut written = Vec::new();
    for (blob, text) in blobs {
        let file = directory.join(blob.file_name());
        fs::write(&file, text).map_err(|error| failed(&file, error))?;
        written.push(file.display().to_string());
    }
    Ok(written)
}

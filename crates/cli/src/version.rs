//! `stuntkey --version`.

use stuntkey::crypto::{Algorithm, Backend};
use stuntkey::encoding::json::Json;

use crate::failure::Failure;
use crate::output::{Output, paragraph};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// One line; verbose, each backend with the algorithms that it computes here.
pub(crate) fn print(verbose: bool, output: &Output) -> Result<(), Failure> {
    let fastest = Backend::fastest().name();
    if output.is_json() {
        let mut json = Json::object([("version", Json::from(VERSION))]);
        if verbose {
            let names = |backend| Json::Array(computed(backend).into_iter().map(Json::from).collect());
            json.set("backend", fastest);
            json.set("backends", Json::object(Backend::ALL.iter().map(|b| (b.name(), names(*b)))));
        }
        return output.data(&json);
    }
    let mut text = format!("stuntkey {VERSION}\n");
    if verbose {
        text += &format!("keys and signatures: {fastest}; with a seed {}\n", Backend::RustCrypto.name());
        for backend in Backend::ALL {
            let computed = match computed(*backend)[..] {
                [] => "not in this build, or not on this processor".to_owned(),
                ref names => names.join(", "),
            };
            text += &paragraph(80, 2, &format!("{}: {computed}", backend.name()));
        }
    }
    output.data(&text)
}

/// The algorithms that a backend computes in this build on this processor.
fn computed(backend: Backend) -> Vec<&'static str> {
    match backend.is_available() {
        true => Algorithm::available().iter().filter(|a| backend.computes(**a)).map(|a| a.name()).collect(),
        false => Vec::new(),
    }
}

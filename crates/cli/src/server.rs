//! What the commands share that are servers.

use std::net::{IpAddr, SocketAddr};

use stuntkey_conformance::Server;
use stuntkey_inspect::text::harmless;

use crate::failure::Failure;
use crate::output::Output;

/// A server at this address; with `log`, each request is a line on standard error.
pub(crate) fn bind(address: IpAddr, port: u16, log: bool) -> Result<Server, Failure> {
    let address = SocketAddr::new(address, port);
    let server = Server::bind(address)
        .map_err(|error| Failure::Tool(format!("cannot listen at {address}: {error}")))?;
    Ok(match log {
        true => server.log(print),
        false => server,
    })
}

/// `what` is what is served, and the verb: "the relying party is".
pub(crate) fn warn_if_not_on_loopback(address: IpAddr, what: &str, output: &Output) {
    if !address.is_loopback() {
        output.warning(&format!("{address} can be reached from elsewhere; {what} for tests only"));
    }
}

/// Prints a line of the log, which may contain text that the client sent.
fn print(line: &str) {
    let line: String = line.chars().map(harmless).collect();
    eprintln!("{line}");
}

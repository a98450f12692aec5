//! The fuzz targets: those of the library and those of its transports.
//!
//! They are in two files that tests of two crates replay the seeds through, each without the other.

#[path = "targets.rs"]
mod library;
#[path = "transport.rs"]
mod transport;

pub use library::*;
pub use transport::{apdu, ctaphid_client, ctaphid_device};

/// Every target.
pub fn all() -> impl Iterator<Item = Target> {
    TARGETS.into_iter().chain(transport::TARGETS)
}

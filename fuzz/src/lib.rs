//! The fuzz targets: those of the library, of its transports and of the door.
//!
//! They are in three files that tests of three crates replay the seeds through, each without the others.

#[path = "door.rs"]
mod behind_door;
#[path = "targets.rs"]
mod library;
#[path = "transport.rs"]
mod transport;

pub use behind_door::door;
pub use library::*;
pub use transport::{apdu, ctaphid_client, ctaphid_device};

/// Every target.
pub fn all() -> impl Iterator<Item = Target> {
    TARGETS.into_iter().chain(transport::TARGETS).chain(behind_door::TARGETS)
}

//! A key that others can hold.

#[cfg(unix)]
mod control;
mod hid;
mod key;
mod notice;
mod presence;
mod reader;
mod wire;
mod worker;

#[cfg(unix)]
pub use control::{COMMANDS, ControlSocket, control_socket};
pub use hid::serve;
pub use key::Key;
pub use notice::{Notice, Served};
pub use presence::{Attended, Presence};
pub use reader::{VirtualReader, serve_reader, virtual_reader};
pub use wire::{Event, InProcess, Wire, in_process, standard_streams, tcp, udp, uhid};

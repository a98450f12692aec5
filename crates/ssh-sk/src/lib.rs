//! A FIDO provider for OpenSSH (`SSH_SK_PROVIDER`; PROTOCOL.u2f of OpenSSH), whose security key is the one at an address.
//!
//! ```text
//! ssh, ssh-keygen ─ ssh-sk-helper ─ abi ─ enroll, sign, resident ─ key, token ─ stuntkey_transport ─ a security key
//! ```
//!
//! The address is that of the option `device`, or of the environment variable `STUNTKEY_DEVICE`, or `udp://127.0.0.1:8111`,
//! where `stuntkey device --udp` is.

mod abi;
mod algorithm;
mod enroll;
mod failure;
mod flags;
mod key;
mod options;
mod resident;
mod sign;
mod token;

#[cfg(test)]
mod tests;

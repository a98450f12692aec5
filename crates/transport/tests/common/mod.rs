//! The other end of a transport, written from the clauses and without the crate's own readers and writers.
#![allow(dead_code, unreachable_pub, reason = "each test file takes what it needs")]

pub mod hid;
pub mod numbers;

//! A door for shells and other programs: a request a line on standard input, an answer a line on standard output.
//!
//! `cargo run --package stuntkey-door --example door`

use std::io::{self, BufRead, Write};

use stuntkey_door::Door;

fn main() -> io::Result<()> {
    let mut door = Door::new();
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        writeln!(out, "{}", door.call(&line?))?;
        out.flush()?;
    }
    Ok(())
}

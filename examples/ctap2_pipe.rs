//! An authenticator on standard input and output: a real CTAP2 client on the other side drives its byte codec.
//!
//! Each message is a length of 4 bytes, big-endian, and so many bytes: a command byte and CBOR in, a status byte and
//! CBOR out. It ends with its input.
//!
//! Arguments set the model: `client_pin=true`.

use std::io::{self, ErrorKind, Read, Write};

use stuntkey::authenticator::Model;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut model = Model::default();
    for argument in std::env::args().skip(1) {
        let (name, value) = argument.split_once('=').ok_or("an argument is NAME=VALUE")?;
        model.set(name, value)?;
    }
    let mut authenticator = model.builder().build()?;
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    loop {
        let mut length = [0; 4];
        match input.read_exact(&mut length) {
            Err(end) if end.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            result => result?,
        }
        let mut request = Vec::new();
        input.by_ref().take(u32::from_be_bytes(length).into()).read_to_end(&mut request)?;
        let response = authenticator.call(1, &request);
        output.write_all(&u32::try_from(response.len())?.to_be_bytes())?;
        output.write_all(&response)?;
        output.flush()?;
    }
}

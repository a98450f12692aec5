//! The platform's side of the PIN/UV auth protocols on standard input and output, so that another implementation can be held
//! against it.
//!
//! A request is a line of JSON, and so is its answer. Bytes are in base16. What a request is answered with that cannot be done
//! is `null`.
//!
//! | member | what |
//! |---|---|
//! | `protocol` | 1 or 2 |
//! | `scalar` | one's own private key |
//! | `peer` | the other side's public key: x and y |
//! | `do` | `public`, `encrypt`, `decrypt`, `authenticate` or `verify` |
//! | `data` | what to do it with |
//! | `param` | for `verify`: the `pinUvAuthParam` |
//!
//! `public` is answered with one's own x and y, `verify` with `true` or `false`, the others with bytes.

use std::io::{self, BufRead, Write};

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use serde_json::{Value, json};
use stuntkey::crypto::KeyAgreement;
use stuntkey::ctap2::{KeyAgreementKey, PinUvAuthProtocol};

type Error = Box<dyn std::error::Error>;

fn main() -> Result<(), Error> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let mut random = ChaCha20Rng::from_seed(seed);
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = answer(&serde_json::from_str(&line?)?, &mut random)?;
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

fn answer(request: &Value, random: &mut ChaCha20Rng) -> Result<Value, Error> {
    let number = request["protocol"].as_u64().ok_or("no protocol")?;
    let protocol = PinUvAuthProtocol::from_number(number).ok_or("no protocol has this number")?;
    let Some(own) = KeyAgreement::from_scalar(&thirty_two(&request["scalar"])?) else {
        return Ok(Value::Null);
    };
    if request["do"] == "public" {
        return Ok(json!(own.public_key().map(|coordinate| base16(&coordinate))));
    }
    let peer = KeyAgreementKey([thirty_two(&request["peer"][0])?, thirty_two(&request["peer"][1])?]);
    let Some(secret) = peer.agree(&own, protocol) else { return Ok(Value::Null) };
    let data = bytes(&request["data"])?;
    Ok(match request["do"].as_str() {
        Some("encrypt") => json!(secret.encrypt(&data, random).as_deref().map(base16)),
        Some("decrypt") => json!(secret.decrypt(&data).map(|plaintext| base16(&plaintext))),
        Some("authenticate") => json!(base16(&secret.authenticate(&[&data]))),
        Some("verify") => json!(secret.verify(&[&data], &bytes(&request["param"])?)),
        _ => return Err("nothing to do".into()),
    })
}

fn bytes(text: &Value) -> Result<Vec<u8>, Error> {
    Ok(base16ct::lower::decode_vec(text.as_str().ok_or("no bytes")?)?)
}

fn thirty_two(text: &Value) -> Result<[u8; 32], Error> {
    bytes(text)?.try_into().map_err(|_| "32 bytes are expected".into())
}

fn base16(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(bytes)
}

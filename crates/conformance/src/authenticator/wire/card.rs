//! FIDO's applet from the reader's side (CTAP 2.1 §11.3).

use std::time::{Duration, Instant};

use stuntkey_transport::Reader;

use super::super::platform::code::command::GET_INFO;
use super::{Heard, Patience, Reaction, Trouble, USER_PRESENCE_NEEDED};

/// SELECT of FIDO's application.
pub(crate) const SELECT: [u8; 14] =
    [0x00, 0xa4, 0x04, 0x00, 0x08, 0xa0, 0x00, 0x00, 0x06, 0x47, 0x2f, 0x00, 0x01, 0x00];

/// The version of a card that speaks U2F.
const U2F: &[u8] = b"U2F_V2";

/// How long to wait before a card that is at work is asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// A card whose application is selected.
pub(crate) struct Card {
    reader: Box<dyn Reader>,
    /// What SELECT was answered with.
    pub(crate) version: Vec<u8>,
    /// Whether it speaks CTAP2.
    pub(crate) has_cbor: bool,
    pub(crate) patience: Patience,
}

impl Card {
    pub(crate) fn select(mut reader: Box<dyn Reader>, patience: Patience) -> Result<Self, Trouble> {
        let answer = reader.transmit(&SELECT)?;
        let (version, word) = split(&answer)?;
        let version = done(version, word)?;
        let mut card = Self { reader, version, has_cbor: true, patience };
        // One that speaks both says that it speaks U2F.
        if card.version == U2F {
            let asked = card.cbor(&[GET_INFO], &mut || Reaction::Wait);
            card.has_cbor = !matches!(asked, Err(Trouble::Card(_)));
        }
        Ok(card)
    }

    /// Sends a command as it is, and returns the answer as it is.
    pub(crate) fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, Trouble> {
        Ok(self.reader.transmit(command)?)
    }

    /// Sends a CTAP2 request by chaining, and polls.
    pub(crate) fn cbor(
        &mut self,
        request: &[u8],
        waits: &mut dyn FnMut() -> Reaction,
    ) -> Result<Heard, Trouble> {
        let begun = Instant::now();
        let mut parts = request.chunks(255).peekable();
        let mut answer = Vec::new();
        while let Some(part) = parts.next() {
            let more = parts.peek().is_some();
            let class = if more { 0x90 } else { 0x80 };
            let length = u8::try_from(part.len()).unwrap_or(u8::MAX);
            let mut command = [&[class, 0x10, 0x80, 0x00, length], part].concat();
            if !more {
                command.push(0);
            }
            answer = self.transmit(&command)?;
            let (_, word) = split(&answer)?;
            if more && word != 0x9000 {
                return Err(Trouble::Card(word));
            }
        }
        let mut signs = Vec::new();
        let mut asked = false;
        loop {
            let (data, word) = split(&answer)?;
            match word {
                0x9100 => {
                    let status = data.first().copied().unwrap_or_default();
                    signs.push((begun.elapsed(), status));
                    let mut next = [0x80, 0x11, 0x00, 0x00, 0x00];
                    let begins = status == USER_PRESENCE_NEEDED && !asked;
                    asked = status == USER_PRESENCE_NEEDED;
                    if begins && waits() == Reaction::Cancel {
                        next[2] = 0x11;
                    }
                    if begun.elapsed() > self.patience.request {
                        return Err(Trouble::Hung("signs of life, and no answer".to_owned()));
                    }
                    std::thread::sleep(PAUSE);
                    answer = self.transmit(&next)?;
                }
                0x6100..=0x61ff => {
                    let (whole, word) = self.rest(&answer)?;
                    let answer = done(&whole, word)?;
                    return Ok(Heard { answer, signs, took: begun.elapsed() });
                }
                _ => {
                    let answer = done(data, word)?;
                    return Ok(Heard { answer, signs, took: begun.elapsed() });
                }
            }
        }
    }

    /// What is left of an answer, by GET RESPONSE.
    pub(crate) fn rest(&mut self, answer: &[u8]) -> Result<(Vec<u8>, u16), Trouble> {
        let (data, mut word) = split(answer)?;
        let mut whole = data.to_vec();
        let begun = Instant::now();
        while word & 0xff00 == 0x6100 {
            let [_, left] = word.to_be_bytes();
            let next = self.transmit(&[0x80, 0xc0, 0x00, 0x00, left])?;
            let (data, then) = split(&next)?;
            if begun.elapsed() > self.patience.request {
                return Err(Trouble::Hung("an answer that never ends".to_owned()));
            }
            if data.is_empty() && then & 0xff00 == 0x6100 {
                return Err(Trouble::Malformed("an answer of which no byte comes".to_owned()));
            }
            whole.extend_from_slice(data);
            word = then;
        }
        Ok((whole, word))
    }
}

/// An answer's data and its status word.
pub(crate) fn split(answer: &[u8]) -> Result<(&[u8], u16), Trouble> {
    let (data, word) = answer.split_last_chunk().ok_or_else(|| {
        Trouble::Malformed(format!("an answer of {} bytes, without a status word", answer.len()))
    })?;
    Ok((data, u16::from_be_bytes(*word)))
}

fn done(data: &[u8], word: u16) -> Result<Vec<u8>, Trouble> {
    match word {
        0x9000 => Ok(data.to_vec()),
        other => Err(Trouble::Card(other)),
    }
}

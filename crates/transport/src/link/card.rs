//! FIDO's applet from the reader's side (CTAP 2.1 §11.3).

use std::time::{Duration, Instant};

use crate::apdu::{Command, FIDO_AID, split, status};
use crate::error::TransportError;

/// How long a request may take.
const LONGEST: Duration = Duration::from_secs(120);

/// How long to wait before a card that is at work is asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// The most data of a short command.
const SHORT: usize = 255;

/// The most bytes of an answer, its parts together: more is none of CTAP's.
const MOST_DATA: usize = 1 << 17;

/// What carries commands to a card.
pub trait Reader: Send {
    /// Sends a command and returns the answer, with its status word.
    ///
    /// # Errors
    /// [`TransportError`].
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError>;
}

impl<R: Reader + ?Sized> Reader for Box<R> {
    fn transmit(&mut self, command: &[u8]) -> Result<Vec<u8>, TransportError> {
        (**self).transmit(command)
    }
}

/// A card whose FIDO applet is selected.
#[derive(Debug)]
pub(super) struct Card<R> {
    reader: R,
    pub(super) has_cbor: bool,
}

/// Selects FIDO's applet.
pub(super) fn select<R: Reader>(mut reader: R) -> Result<Card<R>, TransportError> {
    let select = Command::new(0, 0xa4, [4, 0]).with(&FIDO_AID);
    let version = done(whole(&mut reader, &select)?)?;
    // A card that speaks both says U2F_V2, and tells by getInfo.
    let mut card = Card { reader, has_cbor: version != b"U2F_V2" };
    if !card.has_cbor {
        let (answer, word) = card.ctap(&[0x04])?;
        card.has_cbor = word == status::OK && answer.first() == Some(&0);
    }
    Ok(card)
}

impl<R: Reader> Card<R> {
    pub(super) fn cbor(&mut self, request: &[u8]) -> Result<Vec<u8>, TransportError> {
        done(self.ctap(request)?)
    }

    fn ctap(&mut self, request: &[u8]) -> Result<(Vec<u8>, u16), TransportError> {
        let begun = Instant::now();
        let mut answered = self.in_parts(0x80, 0x10, [0x80, 0], request)?;
        // 9100 and a sign of life: it is asked again (§11.3.7.2).
        while answered.1 == status::KEEPALIVE {
            if begun.elapsed() > LONGEST {
                let cancel = Command::new(0x80, 0x11, [0x11, 0]);
                return whole(&mut self.reader, &cancel);
            }
            std::thread::sleep(PAUSE);
            answered = whole(&mut self.reader, &Command::new(0x80, 0x11, [0, 0]))?;
        }
        Ok(answered)
    }

    /// Sends an APDU of U2F in the short form, and returns the answer with its status word.
    pub(super) fn msg(&mut self, apdu: &[u8]) -> Result<Vec<u8>, TransportError> {
        let command = Command::read(apdu).ok_or_else(|| {
            TransportError::Malformed("a command whose lengths are not those that it says".to_owned())
        })?;
        let (data, word) =
            self.in_parts(command.class, command.instruction, command.parameters, &command.data)?;
        Ok(crate::apdu::answer(&data, word))
    }

    /// A command by chaining, as every reader can send it.
    fn in_parts(
        &mut self,
        class: u8,
        instruction: u8,
        parameters: [u8; 2],
        data: &[u8],
    ) -> Result<(Vec<u8>, u16), TransportError> {
        let mut rest = data;
        while rest.len() > SHORT {
            let (part, after) = rest.split_at(SHORT);
            let mut command = Command::new(class | 0x10, instruction, parameters).with(part);
            command.expected = 0;
            done(whole(&mut self.reader, &command)?)?;
            rest = after;
        }
        whole(&mut self.reader, &Command::new(class, instruction, parameters).with(rest))
    }
}

/// Sends a command, and fetches the answer to its end.
fn whole(reader: &mut impl Reader, command: &Command) -> Result<(Vec<u8>, u16), TransportError> {
    let (mut data, mut asked_again) = (Vec::new(), false);
    let mut answer = reader.transmit(&command.to_bytes())?;
    loop {
        let (part, word) = split(&answer)
            .ok_or_else(|| TransportError::Malformed("an answer without a status word".to_owned()))?;
        let is_more = !part.is_empty();
        data.extend_from_slice(part);
        if data.len() > MOST_DATA {
            return Err(TransportError::TooLong { length: data.len(), most: MOST_DATA });
        }
        if word & 0xff00 != status::BYTES_LEFT {
            return Ok((data, word));
        }
        if asked_again && !is_more {
            return Err(TransportError::Malformed("no byte of an answer that has some left".to_owned()));
        }
        asked_again = true;
        let mut next = Command::new(command.class & 0x80, 0xc0, [0, 0]);
        next.expected = match word & 0xff {
            0 => 256,
            length => length.into(),
        };
        answer = reader.transmit(&next.to_bytes())?;
    }
}

fn done((data, word): (Vec<u8>, u16)) -> Result<Vec<u8>, TransportError> {
    match word {
        status::OK => Ok(data),
        other => Err(TransportError::StatusWord(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A card that always gives the same answer.
    struct Stubborn(&'static [u8]);

    impl Reader for Stubborn {
        fn transmit(&mut self, _: &[u8]) -> Result<Vec<u8>, TransportError> {
            Ok(self.0.to_vec())
        }
    }

    #[test]
    fn a_card_that_has_always_more_to_give_is_given_up() {
        for (answer, gives) in [(&[0x61, 0x05][..], false), (&[7, 0x61, 0x00], true)] {
            match select(Stubborn(answer)) {
                Err(TransportError::TooLong { .. }) => assert!(gives),
                Err(TransportError::Malformed(_)) => assert!(!gives),
                other => panic!("{:?}", other.map(|card| card.has_cbor)),
            }
        }
    }

    #[test]
    fn a_card_without_the_application_says_why() {
        assert!(matches!(select(Stubborn(&[0x6a, 0x82])), Err(TransportError::StatusWord(0x6a82))));
        for answer in [&[][..], &[0x90]] {
            assert!(matches!(select(Stubborn(answer)), Err(TransportError::Malformed(_))));
        }
    }
}

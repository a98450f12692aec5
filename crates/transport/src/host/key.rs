//! What answers.

use stuntkey::authenticator::{Authenticator, CtapVersion};
use stuntkey::fault::LyingAuthenticator;

use crate::ctaphid::Offers;

/// An authenticator, as the device's side of a transport sees it.
pub trait Key: Send {
    /// What it speaks.
    fn offers(&self) -> Offers;

    /// Answers a CTAP2 request; `None` where it never will.
    fn cbor(&mut self, channel: u32, request: &[u8]) -> Option<Vec<u8>>;

    /// Answers a U2F message.
    fn msg(&mut self, apdu: &[u8]) -> Vec<u8>;

    /// The power is away for a moment.
    fn power_cycle(&mut self);
}

impl Key for Authenticator {
    fn offers(&self) -> Offers {
        let model = self.model();
        Offers { cbor: model.ctap_version != CtapVersion::U2f, msg: model.u2f }
    }

    fn cbor(&mut self, channel: u32, request: &[u8]) -> Option<Vec<u8>> {
        Some(self.call(channel, request))
    }

    fn msg(&mut self, apdu: &[u8]) -> Vec<u8> {
        self.u2f(apdu)
    }

    fn power_cycle(&mut self) {
        Authenticator::power_cycle(self);
    }
}

impl Key for LyingAuthenticator {
    fn offers(&self) -> Offers {
        Key::offers(self.sound())
    }

    fn cbor(&mut self, channel: u32, request: &[u8]) -> Option<Vec<u8>> {
        self.call(channel, request)
    }

    fn msg(&mut self, apdu: &[u8]) -> Vec<u8> {
        self.authenticator().u2f(apdu)
    }

    fn power_cycle(&mut self) {
        self.authenticator().power_cycle();
    }
}

impl<K: Key + ?Sized> Key for Box<K> {
    fn offers(&self) -> Offers {
        (**self).offers()
    }

    fn cbor(&mut self, channel: u32, request: &[u8]) -> Option<Vec<u8>> {
        (**self).cbor(channel, request)
    }

    fn msg(&mut self, apdu: &[u8]) -> Vec<u8> {
        (**self).msg(apdu)
    }

    fn power_cycle(&mut self) {
        (**self).power_cycle();
    }
}

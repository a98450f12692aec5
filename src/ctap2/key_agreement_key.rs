use super::Status;
use super::message::{Element, MemberError};
use super::pin_uv_auth::{PinUvAuthProtocol, SharedSecret};
use crate::crypto::KeyAgreement;
use crate::encoding::cbor::{Value, Writer};

/// A public key for key agreement, as a COSE key with the algorithm −25 (§6.5.4): x and y.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyAgreementKey(pub [[u8; 32]; 2]);

impl KeyAgreementKey {
    /// The secret that this key and one's own give; `None` if this one is no point of the curve.
    #[must_use]
    pub fn agree(&self, own: &KeyAgreement, protocol: PinUvAuthProtocol) -> Option<SharedSecret> {
        let [x, y] = &self.0;
        Some(protocol.shared_secret(&*own.agree([x, y])?))
    }
}

impl Element for KeyAgreementKey {
    const KIND: &'static str = "a COSE key on P-256";

    fn write(&self, writer: &mut Writer) {
        let [x, y] = &self.0;
        writer.map(5);
        for (label, value) in [(1, 2), (3, -25), (-1, 1)] {
            writer.int(label);
            writer.int(value);
        }
        writer.int(-2);
        writer.bytes(x);
        writer.int(-3);
        writer.bytes(y);
    }

    /// Reads a key of type EC2 on P-256. Its algorithm may be another, as platforms differ in it.
    fn read(value: &Value<'_>) -> Result<Self, MemberError> {
        if !matches!(value, Value::Map(_)) {
            return Err(MemberError::wrong_type(value, Self::KIND));
        }
        let wrong = || MemberError::new(Status::InvalidParameter, "another key", Self::KIND);
        let label = |label: i64| value.at(label).ok_or_else(wrong);
        let coordinate = |name: i64| -> Result<[u8; 32], MemberError> {
            label(name)?.as_bytes().and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong)
        };
        match (label(1)?.as_int(), label(-1)?.as_int()) {
            (Some(2), Some(1)) => Ok(Self([coordinate(-2)?, coordinate(-3)?])),
            _ => Err(wrong()),
        }
    }
}

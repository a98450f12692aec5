use super::Status;
#[cfg(feature = "ctap")]
use super::pin_uv_auth::{PinUvAuthProtocol, SharedSecret};
use super::request::bytes;
#[cfg(feature = "ctap")]
use crate::crypto::KeyAgreement;
use crate::encoding::cbor::{Value, Writer};

/// A public key for key agreement, as a COSE key with the algorithm −25 (§6.5.4): x and y.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyAgreementKey(pub [[u8; 32]; 2]);

impl KeyAgreementKey {
    /// The secret that this key and one's own give; `None` if this one is no point of the curve.
    #[cfg(feature = "ctap")]
    #[must_use]
    pub fn agree(&self, own: &KeyAgreement, protocol: PinUvAuthProtocol) -> Option<SharedSecret> {
        let [x, y] = &self.0;
        Some(protocol.shared_secret(&*own.agree([x, y])?))
    }

    pub(super) fn write(&self, writer: &mut Writer) {
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
    pub(super) fn read(value: &Value<'_>) -> Result<Self, Status> {
        if !matches!(value, Value::Map(_)) {
            return Err(Status::CborUnexpectedType);
        }
        let label = |label: i64| value.at(label).ok_or(Status::InvalidParameter);
        let coordinate = |name: i64| -> Result<[u8; 32], Status> {
            bytes(label(name)?)?.try_into().map_err(|_| Status::InvalidParameter)
        };
        match (label(1)?.as_int(), label(-1)?.as_int()) {
            (Some(2), Some(1)) => Ok(Self([coordinate(-2)?, coordinate(-3)?])),
            _ => Err(Status::InvalidParameter),
        }
    }
}

use crate::encoding::setting::SettingValue;

/// The serial number of a device: bytes, most often text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SerialNumber(pub Vec<u8>);

impl Default for SerialNumber {
    fn default() -> Self {
        Self(b"stuntkey-0001".to_vec())
    }
}

/// The text, or `hex:` and digits for bytes that are no text.
impl SettingValue for SerialNumber {
    fn from_text(text: &str) -> Result<Self, String> {
        match text.strip_prefix("hex:") {
            None => Ok(Self(text.as_bytes().to_vec())),
            Some(digits) => match base16ct::mixed::decode_vec(digits) {
                Ok(bytes) => Ok(Self(bytes)),
                Err(_) => Err("a text, or \"hex:\" and an even number of hex digits".to_owned()),
            },
        }
    }

    fn to_text(&self) -> Option<String> {
        Some(match str::from_utf8(&self.0) {
            Ok(text) if !text.starts_with("hex:") => text.to_owned(),
            _ => format!("hex:{}", base16ct::lower::encode_string(&self.0)),
        })
    }
}

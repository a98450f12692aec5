use std::fmt;
use std::str::FromStr;

/// An authenticator's model identifier: 16 bytes, written as a UUID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Aaguid(pub [u8; 16]);

impl Aaguid {
    /// stuntkey's own: its first eight bytes spell `STUNTKEY`.
    pub const STUNTKEY: Aaguid = Aaguid(*b"STUNTKEY\x80\x01\0\0\0\0\0\x01");

    /// Reads 32 hex digits, with or without the hyphens of a UUID. [`FromStr`] does the same with a reason.
    #[must_use]
    pub fn from_uuid(text: &str) -> Option<Self> {
        let digits: String = match text.len() {
            32 => text.to_owned(),
            36 => {
                let hyphens = text.char_indices().filter(|(_, c)| *c == '-').map(|(i, _)| i);
                hyphens.eq([8, 13, 18, 23]).then(|| text.replace('-', ""))?
            }
            _ => return None,
        };
        let mut bytes = [0; 16];
        base16ct::mixed::decode(digits, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl FromStr for Aaguid {
    type Err = NotAUuid;

    fn from_str(text: &str) -> Result<Self, NotAUuid> {
        Self::from_uuid(text).ok_or_else(|| NotAUuid { found: text.to_owned() })
    }
}

/// A text is no UUID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotAUuid {
    /// The text.
    pub found: String,
}

impl fmt::Display for NotAUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {:?}, expected a UUID, as {}", self.found, Aaguid::STUNTKEY)
    }
}

impl std::error::Error for NotAUuid {}

impl fmt::Display for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, byte) in self.0.iter().enumerate() {
            f.write_str(if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" })?;
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Aaguid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Aaguid({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aaguids_are_uuids() {
        let text = "5354554e-544b-4559-8001-000000000001";
        assert_eq!(Aaguid::STUNTKEY.to_string(), text);
        assert_eq!(Aaguid::from_uuid(text), Some(Aaguid::STUNTKEY));
        assert_eq!(Aaguid::from_uuid(&text.replace('-', "")), Some(Aaguid::STUNTKEY));
        assert_eq!(text.parse(), Ok(Aaguid::STUNTKEY));
        assert_eq!(Aaguid::from_uuid("5354554e544b-4559-8001-0000000-00001"), None);
        assert_eq!(Aaguid::from_uuid("+354554e544b455980010000000000001"), None);
        let error = "STUNTKEY".parse::<Aaguid>().unwrap_err();
        assert_eq!(error.to_string(), format!("found \"STUNTKEY\", expected a UUID, as {text}"));
    }
}

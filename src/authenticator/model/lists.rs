//! Settings that are lists, and their text forms: items with commas between them.

use super::values::Extension;
use crate::crypto::Algorithm;
use crate::ctap2::{Certifications, PinUvAuthProtocol, SampleStatus};
use crate::encoding::setting::{SettingKind, SettingValue, by_name, items, list};
use crate::webauthn::Transport;

/// Options that getInfo tells otherwise than they are, or does not tell: a lie, which clients have to bear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InfoOverrides(Vec<(String, Option<bool>)>);

impl InfoOverrides {
    /// Tells the option so; `None` does not tell it.
    pub fn set(&mut self, name: impl Into<String>, told: Option<bool>) {
        let name = name.into();
        self.0.retain(|(known, _)| *known != name);
        self.0.push((name, told));
    }

    /// The options, and how each is told.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<bool>)> {
        self.0.iter().map(|(name, told)| (name.as_str(), *told))
    }
}

/// `rk=false,uv=absent`
impl SettingValue for InfoOverrides {
    const KIND: SettingKind = SettingKind::List;

    fn from_text(text: &str) -> Result<Self, String> {
        let expected = || "names of options, each with =true, =false or =absent".to_owned();
        let mut overrides = Self::default();
        for item in items(text) {
            let (name, told) = item.split_once('=').ok_or_else(expected)?;
            let told = match told.trim() {
                "true" => Some(true),
                "false" => Some(false),
                "absent" => None,
                _ => return Err(expected()),
            };
            if !is_printed(name) {
                return Err(expected());
            }
            overrides.set(name.trim(), told);
        }
        Ok(overrides)
    }

    fn to_text(&self) -> Option<String> {
        let told = |told: Option<bool>| told.map_or("absent".to_owned(), |told| told.to_string());
        joined(self.iter().map(|(name, value)| format!("{name}={}", told(value))))
    }
}

/// `FIDO=1,FIPS-CMVP-3=2`
impl SettingValue for Certifications {
    const KIND: SettingKind = SettingKind::List;

    fn from_text(text: &str) -> Result<Self, String> {
        let expected = || "names of certifications, each with = and its level".to_owned();
        let mut certifications = Self::default();
        for item in items(text) {
            let (name, level) = item.split_once('=').ok_or_else(expected)?;
            if !is_printed(name.trim()) {
                return Err(expected());
            }
            let level = level.trim().parse().map_err(|_| expected())?;
            certifications.set(name.trim().to_owned(), level);
        }
        Ok(certifications)
    }

    fn to_text(&self) -> Option<String> {
        joined(self.iter().map(|(name, level)| format!("{name}={level}")))
    }
}

fn is_printed(text: &str) -> bool {
    !text.is_empty() && !text.contains(char::is_control)
}

fn joined(items: impl Iterator<Item = String>) -> Option<String> {
    let items: Vec<String> = items.collect();
    (!items.is_empty()).then(|| items.join(","))
}

/// Words without commas.
impl SettingValue for Vec<String> {
    const KIND: SettingKind = SettingKind::List;

    fn from_text(text: &str) -> Result<Self, String> {
        list(text, |item| match is_printed(item) {
            true => Ok(item.to_owned()),
            false => Err("words without control characters".to_owned()),
        })
    }

    fn to_text(&self) -> Option<String> {
        joined(self.iter().cloned())
    }
}

impl SettingValue for Vec<u64> {
    const KIND: SettingKind = SettingKind::List;

    fn from_text(text: &str) -> Result<Self, String> {
        list(text, |item| item.parse().map_err(|_| "numbers".to_owned()))
    }

    fn to_text(&self) -> Option<String> {
        Some(self.iter().map(u64::to_string).collect::<Vec<_>>().join(","))
    }
}

/// Their numbers.
impl SettingValue for Vec<PinUvAuthProtocol> {
    const KIND: SettingKind = SettingKind::List;

    fn values() -> Vec<(&'static str, &'static str)> {
        vec![("1", "Protocol one"), ("2", "Protocol two")]
    }

    fn from_text(text: &str) -> Result<Self, String> {
        list(text, |item| {
            let protocol = item.parse().ok().and_then(PinUvAuthProtocol::from_number);
            protocol.ok_or_else(|| "1, 2".to_owned())
        })
    }

    fn to_text(&self) -> Option<String> {
        joined(self.iter().map(|protocol| protocol.number().to_string()))
    }
}

/// The numbers of the document (CTAP 2.1 §6.7.4).
impl SettingValue for Vec<SampleStatus> {
    const KIND: SettingKind = SettingKind::List;

    fn from_text(text: &str) -> Result<Self, String> {
        list(text, |item| {
            let status = item.parse().ok().and_then(SampleStatus::from_number);
            status.ok_or_else(|| "numbers of sample statuses: 0 to 11, 13, 14".to_owned())
        })
    }

    fn to_text(&self) -> Option<String> {
        joined(self.iter().map(|status| status.number().to_string()))
    }
}

impl SettingValue for Vec<Transport> {
    const KIND: SettingKind = SettingKind::List;

    fn values() -> Vec<(&'static str, &'static str)> {
        Transport::ALL.iter().map(|transport| (transport.as_str(), "")).collect()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        list(text, |item| by_name(item, Transport::ALL, Transport::as_str))
    }

    fn to_text(&self) -> Option<String> {
        Some(self.iter().map(|transport| transport.as_str()).collect::<Vec<_>>().join(","))
    }
}

impl SettingValue for Vec<Extension> {
    const KIND: SettingKind = SettingKind::List;

    fn values() -> Vec<(&'static str, &'static str)> {
        Extension::values()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        list(text, Extension::from_text)
    }

    fn to_text(&self) -> Option<String> {
        Some(self.iter().map(|extension| extension.name()).collect::<Vec<_>>().join(","))
    }
}

/// Every algorithm but RS1, as SHA-1 is broken, whether this build has it or not.
pub(super) fn every_sound_algorithm() -> Vec<Algorithm> {
    Algorithm::ALL.iter().copied().filter(|algorithm| *algorithm != Algorithm::Rs1).collect()
}

/// Names of the COSE registry, or `all`.
impl SettingValue for Vec<Algorithm> {
    const KIND: SettingKind = SettingKind::List;

    fn values() -> Vec<(&'static str, &'static str)> {
        let all = [("all", "Every algorithm but RS1")];
        all.into_iter().chain(Algorithm::values()).collect()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        match text.trim().eq_ignore_ascii_case("all") {
            true => Ok(every_sound_algorithm()),
            false => list(text, Algorithm::from_text),
        }
    }

    fn to_text(&self) -> Option<String> {
        Some(match *self == every_sound_algorithm() {
            true => "all".to_owned(),
            false => self.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(","),
        })
    }
}

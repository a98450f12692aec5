//! How an authenticator attests, as plain data.

mod authority;
#[cfg(feature = "serde")]
mod json;
mod serial_number;
mod table;

pub use authority::Authority;
#[cfg(feature = "serde")]
pub(crate) use json::At;
pub use serial_number::SerialNumber;
pub(crate) use table::plan_table;

use super::{AttestationFormat, Clock};
use crate::crypto::Algorithm;
use crate::encoding::setting::{SettingOption, SettingValue, by_name, define_settings};

macro_rules! define {
    ($($table:tt)*) => {
        define_settings! {
            /// How an authenticator attests: plain data, a part of the
            /// [model](crate::authenticator::Model). A setting that is `None` follows from the others.
            Plan;
            $($table)*
        }
    };
}

plan_table!(define);

impl SettingValue for AttestationFormat {
    fn values() -> Vec<(&'static str, &'static str)> {
        Self::ALL.iter().map(|format| (format.name(), "")).collect()
    }

    fn from_text(text: &str) -> Result<Self, String> {
        by_name(text, Self::ALL, Self::name)
    }

    fn to_text(&self) -> Option<String> {
        Some(self.name().to_owned())
    }
}

/// `system`, or milliseconds since 1970.
impl SettingValue for Clock {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.eq_ignore_ascii_case("system") {
            return Ok(Clock::System);
        }
        text.parse().map(Clock::Fixed).map_err(|_| "\"system\", or milliseconds since 1970".to_owned())
    }

    fn to_text(&self) -> Option<String> {
        Some(match self {
            Clock::System => "system".to_owned(),
            Clock::Fixed(milliseconds) => milliseconds.to_string(),
        })
    }
}

//! What a device is, as plain data.

#[cfg(feature = "serde")]
mod json;
mod lists;
mod named;
mod rules;
mod setting;
mod table;
mod values;

pub use lists::InfoOverrides;
pub use setting::Setting;
pub(crate) use table::model_table;
pub use values::{
    Answers, Backup, CounterPolicy, CredentialIdLength, CtapVersion, Extension, ExtensionData, FlagOverrides,
};

use crate::attestation::Plan;
use crate::authenticator::MAX_MSG_SIZE;
use crate::crypto::{Algorithm, Backend};
use crate::ctap2::{Certifications, PinUvAuthProtocol, SampleStatus};
use crate::encoding::setting::{SettingOption, define_settings};
use crate::webauthn::{Aaguid, Attachment, InputError, Transport};

macro_rules! define {
    ($($table:tt)*) => {
        define_settings! {
            /// What device an authenticator is: plain data, with a JSON form behind the feature `serde`.
            ///
            /// A setting that is `None` follows from the others. Everything that a device has and that is not data (a
            /// store, a random source, keys, a user who is a program) is given to the
            /// [builder](crate::authenticator::AuthenticatorBuilder).
            ///
            /// ```
            /// use stuntkey::authenticator::{CounterPolicy, Model};
            ///
            /// let mut model = Model::named("u2f_only").unwrap();
            /// model.counter = CounterPolicy::Zero;
            /// model.set("attestation.format", "fido-u2f")?;
            /// let authenticator = model.builder().seed("the same keys in every run").build()?;
            /// # Ok::<(), stuntkey::Error>(())
            /// ```
            Model;
            $($table)*
        }
    };
}

model_table!(define);

impl Model {
    /// Every setting, those of the attestation [`Plan`] among them: what a command line, a form or a daemon offers.
    pub fn settings() -> impl Iterator<Item = Setting> {
        Setting::all()
    }

    /// Whether it has the extension with this identifier.
    pub(crate) fn has_extension(&self, identifier: &str) -> bool {
        self.extensions.iter().any(|extension| extension.name() == identifier)
    }

    /// Sets the [setting](Setting) of this name, such as `counter` or `attestation.format`, to what its text form says.
    ///
    /// # Errors
    /// [`InputError`]: there is no such setting, or the text is none of its values.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), InputError> {
        Setting::named(name)?.set(self, text)
    }
}

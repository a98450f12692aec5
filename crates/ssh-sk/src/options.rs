//! The options of an operation, and where the key is.

use std::path::PathBuf;

use stuntkey_transport::Address;

use crate::failure::{Code, Failure};

/// Names the address of the key.
pub(crate) const DEVICE_VARIABLE: &str = "STUNTKEY_DEVICE";

/// Where `stuntkey device --udp` is.
const DEFAULT_ADDRESS: &str = "udp://127.0.0.1:8111";

const USER_ID_LENGTH: usize = 32;

/// An option as OpenSSH gives it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GivenOption<'o> {
    pub(crate) name: &'o str,
    pub(crate) value: &'o str,
    /// Whether a provider that does not know it has to fail.
    pub(crate) required: bool,
}

#[derive(Debug)]
pub(crate) struct Options {
    /// The user handle of resident keys: OpenSSH's `user`, and zeros after it.
    pub(crate) user_id: [u8; USER_ID_LENGTH],
    pub(crate) address: Address,
}

impl Options {
    /// `variable` is the value of [`DEVICE_VARIABLE`], if it is set.
    pub(crate) fn read(given: &[GivenOption<'_>], variable: Option<&str>) -> Result<Self, Failure> {
        let mut user_id = [0; USER_ID_LENGTH];
        let mut device = None;
        for option in given {
            match option.name {
                "user" => {
                    let name = option.value.as_bytes();
                    match user_id.get_mut(..name.len()) {
                        Some(start) if name.len() < USER_ID_LENGTH => start.copy_from_slice(name),
                        _ => {
                            return Err(Failure::new(
                                Code::General,
                                format!("option user: found {} bytes, expected at most 31", name.len()),
                            ));
                        }
                    }
                }
                "device" => device = Some(option.value),
                name if option.required => {
                    return Err(Failure::new(Code::Unsupported, format!("there is no option {name}")));
                }
                _ => {}
            }
        }
        let address = match (device, variable) {
            (Some(value), _) => address("option device", value)?,
            (None, Some(value)) => address(DEVICE_VARIABLE, value)?,
            (None, None) => address("the default address", DEFAULT_ADDRESS)?,
        };
        Ok(Self { user_id, address })
    }
}

/// A path is a device of the system's, as `ssh-keygen` has it in the option `device`.
fn address(whose: &str, text: &str) -> Result<Address, Failure> {
    if text.starts_with('/') {
        return Ok(Address::Hid(Some(PathBuf::from(text))));
    }
    text.parse().map_err(|error| Failure::new(Code::DeviceNotFound, format!("{whose}: {error}")))
}

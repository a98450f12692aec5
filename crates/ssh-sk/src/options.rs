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

#[cfg(test)]
mod tests {
    use super::*;

    fn given<'o>(name: &'o str, value: &'o str) -> GivenOption<'o> {
        GivenOption { name, value, required: false }
    }

    fn address_of(options: &[GivenOption<'_>], variable: Option<&str>) -> String {
        Options::read(options, variable).unwrap().address.to_string()
    }

    #[test]
    fn zeros_follow_the_user() {
        let options = Options::read(&[given("user", "alice")], None).unwrap();
        assert_eq!(&options.user_id[..6], b"alice\0");
        assert_eq!(Options::read(&[], None).unwrap().user_id, [0; 32]);
    }

    #[test]
    fn a_user_has_31_bytes_at_most() {
        assert!(Options::read(&[given("user", &"a".repeat(31))], None).is_ok());
        let failure = Options::read(&[given("user", &"a".repeat(32))], None).unwrap_err();
        assert_eq!(failure.code, Code::General);
        assert_eq!(failure.message.unwrap(), "option user: found 32 bytes, expected at most 31");
    }

    #[test]
    fn an_unknown_option_is_refused_where_it_is_required() {
        assert!(Options::read(&[given("colour", "red")], None).is_ok());
        let required = GivenOption { required: true, ..given("colour", "red") };
        assert_eq!(Options::read(&[required], None).unwrap_err().code, Code::Unsupported);
    }

    #[test]
    fn the_option_device_goes_before_the_variable_and_that_before_the_default() {
        let device = [given("device", "tcp://127.0.0.1:8112")];
        assert_eq!(address_of(&device, Some("hid:")), "tcp://127.0.0.1:8112");
        assert_eq!(address_of(&[], Some("hid:")), "hid:");
        assert_eq!(address_of(&[], None), "udp://127.0.0.1:8111");
    }

    #[test]
    fn a_path_is_a_device_of_the_systems() {
        assert_eq!(address_of(&[given("device", "/dev/hidraw3")], None), "hid:/dev/hidraw3");
        assert_eq!(address_of(&[], Some("/dev/hidraw3")), "hid:/dev/hidraw3");
    }

    #[test]
    fn what_is_no_address_is_refused_by_its_name() {
        for (options, variable, name) in [
            (&[given("device", "nowhere")][..], None, "option device: "),
            (&[], Some(""), "STUNTKEY_DEVICE: "),
        ] {
            let failure = Options::read(options, variable).unwrap_err();
            assert_eq!(failure.code, Code::DeviceNotFound);
            assert!(failure.message.unwrap().starts_with(name));
        }
    }
}

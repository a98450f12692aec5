//! A ceremony with somebody else's key.

use std::error::Error as _;
use std::iter::successors;

use stuntkey::Error;
use stuntkey::client::{Channel, Client, DeviceError, Refusal, RemoteDevice, Reply};
use stuntkey::ctap2::Status;
use stuntkey_transport::Address;

use super::{hint, settings};
use crate::arguments::Ceremony;
use crate::failure::Failure;

/// A key at the other end of a transport.
pub(super) type Key = RemoteDevice<Box<dyn Channel + Send>>;

/// How often a person is asked for the PIN: as often as a key takes a wrong one before it wants to be plugged in again.
const QUESTIONS: usize = 3;

/// Has the key at an address answer. Where it asks for a PIN that the arguments do not name, a person is asked.
pub(super) fn answer<R>(
    arguments: &Ceremony,
    address: &Address,
    answer: impl Fn(&mut Client<Key>) -> Result<Reply<R>, Error>,
) -> Result<Reply<R>, Failure> {
    if let Some(option) = arguments.authenticator.first() {
        return Err(Failure::Usage(format!("--device: found --{option}, which is about stuntkey's own key")));
    }
    if arguments.store.place.is_some() && std::env::var_os("STUNTKEY_STORE").is_none() {
        return Err(Failure::Usage("--device: found --store, which is about stuntkey's own key".into()));
    }
    let explained = |error: Error| match of_device(&error) {
        _ if matches!(error, Error::Device(DeviceError::Transport(_))) => out_of_reach(address, &error),
        Some(hint) => Failure::from(error).hint(hint),
        None => match hint::hint(&error, arguments, "the key".as_ref()) {
            Some(hint) => Failure::from(error).hint(hint),
            None => Failure::from(error),
        },
    };
    let channel = stuntkey_transport::open(address);
    let channel = channel.map_err(|error| explained(Error::Device(DeviceError::Transport(error.into()))))?;
    let key = RemoteDevice::open(channel).map_err(|error| explained(Error::Device(error)))?;
    let built = settings(arguments)?.sets_pin(arguments.set_pin).build_with(key);
    let mut client = built.map_err(explained)?;
    let mut outcome = answer(&mut client);
    for _ in 0..QUESTIONS {
        let question = match &outcome {
            Err(Error::Refused(Refusal::PinUnknown)) => "PIN of the key: ",
            Err(Error::Refused(Refusal::Pin(Status::PinInvalid))) if asks(arguments)? => {
                "That was not the PIN. PIN of the key: "
            }
            _ => break,
        };
        // Nobody can be asked: the error says what is missing.
        let Ok(pin) = rpassword::prompt_password(question) else { break };
        client.set_pin(Some(&pin));
        outcome = answer(&mut client);
    }
    outcome.map_err(explained)
}

/// The key's address, and why it does not answer.
fn out_of_reach(address: &Address, error: &Error) -> Failure {
    // The first two say that there is a device, which the address does.
    let causes: Vec<String> =
        successors(error.source(), |cause| (*cause).source()).map(ToString::to_string).collect();
    let (address_text, causes) = (address.to_string(), causes.join(": "));
    let failure = Failure::Tool(match causes.starts_with(&address_text) {
        true => causes,
        false => format!("{}: {causes}", address_text.trim_end_matches(':')),
    });
    match address {
        Address::Udp(_) => failure.hint("`stuntkey device --udp` is a key at udp://127.0.0.1:8111"),
        Address::Tcp(_) => failure.hint("`stuntkey device --tcp` is a key at tcp://127.0.0.1:8112"),
        Address::Hid(_) => failure.hint("`stuntkey device --uhid` is such a key, where the kernel has uhid"),
        Address::Reader(_) => {
            failure.hint("`stuntkey device --reader` is a card in vsmartcard's virtual reader")
        }
        Address::Exec(_) => failure.hint("`exec:stuntkey device --stdio` starts a key"),
        _ => failure,
    }
}

/// Whether the arguments leave the PIN to a person.
fn asks(arguments: &Ceremony) -> Result<bool, Failure> {
    Ok(arguments.client.pin.read()?.is_none())
}

/// What the caller can do about a key that does not do as asked.
fn of_device(error: &Error) -> Option<String> {
    Some(match error {
        Error::Refused(Refusal::Pin(Status::PinNotSet)) => "--set-pin gives it the one of --pin".into(),
        Error::Refused(Refusal::CannotVerifyNewUser | Refusal::CannotVerifyUser) => {
            "the key can verify nobody: ask for userVerification \"preferred\", or use another key".into()
        }
        Error::Refused(Refusal::CannotKeepDiscoverable) => {
            "the key keeps no discoverable credentials: ask for none, or use another key".into()
        }
        Error::Refused(Refusal::WrongAttachment { .. }) => {
            "leave authenticatorAttachment out of the options, or use another key".into()
        }
        Error::Refused(Refusal::NoSuchAccount(_)) => "leave out --account, or register it there first".into(),
        Error::Refused(Refusal::NoCredentials { .. }) => "register the key there first".into(),
        Error::Refused(Refusal::CredentialExcluded) => "the key is registered there already".into(),
        _ => return None,
    })
}

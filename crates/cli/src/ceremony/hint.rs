//! What the caller can do about a refusal, in the options of the command line.

use std::path::Path;

use stuntkey::Error;
use stuntkey::authenticator::{Answer, Answers, Model, StoreError};
use stuntkey::client::{NextStep, Refusal};
use stuntkey::fault::FaultError;
use stuntkey::webauthn::InputError;

use crate::arguments::Ceremony;
use crate::failure::LOCKED;
use crate::store::MEMORY;

/// The command to type, or the option to change; `None`, if nothing is known that would help.
pub(super) fn hint(error: &Error, given: &Ceremony, store: &Path) -> Option<String> {
    match error {
        Error::Input(error) => of_input(error),
        Error::NotStrict(_) => Some("without --strict it is mended, with a warning".into()),
        Error::Refused(Refusal::NoCredentials { .. }) if store == Path::new(MEMORY) => Some(
            "--store memory begins without credentials: `stuntkey enroll --log-in` uses what it registered"
                .into(),
        ),
        Error::Refused(refusal) => of_refusal(refusal, given, store),
        Error::Fault(FaultError::Model { setting, .. }) => of_setting(setting),
        Error::Store(StoreError::Locked { .. }) => Some(LOCKED.into()),
        _ => None,
    }
}

fn of_input(error: &InputError) -> Option<String> {
    Some(match error.hint()? {
        NextStep::GiveOrigin => "give the page's origin: --origin https://login.example.com".into(),
        NextStep::Authenticate => "`stuntkey authenticate` answers request options".into(),
        NextStep::Register => "`stuntkey register` answers creation options".into(),
        other => other.to_string(),
    })
}

/// The option that stands in the way of a fault.
fn of_setting(name: &str) -> Option<String> {
    let option = Model::settings().find(|setting| setting.name() == name)?.option()?;
    Some(format!("leave out --{}, which the fault sets itself", option.name))
}

fn of_refusal(refusal: &Refusal, given: &Ceremony, store: &Path) -> Option<String> {
    let store = store.display();
    Some(match refusal {
        Refusal::OriginNotADomain(_) => {
            "a page at an address has no WebAuthn: use a name, such as http://localhost:8080".into()
        }
        Refusal::RpIdMismatch { rp_id, origin } => format!(
            "if the page is elsewhere: --origin https://{}; if the relying party lists {origin} as a related origin: \
             --related-origin {origin}",
            host(rp_id)
        ),
        Refusal::NoUsableAlgorithm { .. } if given.authenticator.settings.has_few_algorithms() => {
            "with --alg all the key has every algorithm but RS1".into()
        }
        Refusal::CannotKeepDiscoverable => "leave out --no-resident-key".into(),
        Refusal::CannotVerifyNewUser | Refusal::CannotVerifyUser => "leave out --no-user-verification".into(),
        Refusal::PinUnknown => "--pin PIN, --pin-file FILE or STUNTKEY_PIN".into(),
        Refusal::WrongAttachment { wanted, .. } => format!("--attachment {}", wanted.as_str()),
        Refusal::CredentialExcluded => format!(
            "{store} has a credential that the server knows already: `stuntkey credentials list` shows it, \
             `stuntkey credentials delete --id ID` removes it, and --store FILE is another key"
        ),
        Refusal::NoCredentials { rp_id, .. } => format!(
            "`stuntkey credentials list --rp-id {}` shows what {store} has, and `stuntkey register` makes a credential",
            host(rp_id)
        ),
        Refusal::NoSuchAccount(_) => format!("`stuntkey credentials list` shows the accounts in {store}"),
        Refusal::Denied | Refusal::TimedOut { .. } | Refusal::NotVerified
            if given.authenticator.settings.model.user != Answers::Always(Answer::Verified)
                && !given.authenticator.settings.asks =>
        {
            "--user verified agrees, and passes verification".into()
        }
        _ => return None,
    })
}

/// A server's text as a part of a command that people paste: a host, or a word in its place.
fn host(text: &str) -> &str {
    let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    if !text.is_empty() && text.chars().all(is_host) { text } else { "RP_ID" }
}

#[cfg(test)]
mod tests {
    use super::host;

    #[test]
    fn a_servers_text_adds_nothing_to_a_command() {
        assert_eq!(host("login.example-1.com"), "login.example-1.com");
        for text in ["", "x;reboot", "$(reboot)", "a b", "x`y`", "ü.example"] {
            assert_eq!(host(text), "RP_ID", "{text}");
        }
    }
}

//! CTAP1: U2F raw messages (CTAP 2.1 §10, FIDO U2F Raw Message Formats 1.2).

use super::message::numbered;

numbered! {
    /// A status word (§3.3): the last two bytes of every response.
    pub enum U2fStatus: u16 {
        /// `SW_NO_ERROR`
        NoError = 0x9000,
        /// `SW_WRONG_LENGTH`
        WrongLength = 0x6700,
        /// `SW_CONDITIONS_NOT_SATISFIED`: a touch is missing.
        ConditionsNotSatisfied = 0x6985,
        /// `SW_COMMAND_NOT_ALLOWED` (ISO 7816-4): U2F is off, as users always have to be verified.
        CommandNotAllowed = 0x6986,
        /// `SW_WRONG_DATA`: the key handle is none of this authenticator and application.
        WrongData = 0x6a80,
        /// No precise diagnosis (ISO 7816-4): the authenticator failed.
        Other = 0x6f00,
        /// `SW_INS_NOT_SUPPORTED`
        InstructionNotSupported = 0x6d00,
        /// `SW_CLA_NOT_SUPPORTED`
        ClassNotSupported = 0x6e00,
    }
}

numbered! {
    /// What an authentication is to do (§5.1).
    pub enum U2fControl: u8 {
        /// check-only: only tell whether the key handle is this authenticator's.
        CheckOnly = 0x07,
        /// enforce-user-presence-and-sign
        EnforceUserPresence = 0x03,
        /// dont-enforce-user-presence-and-sign
        DontEnforceUserPresence = 0x08,
    }
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum U2fRequest {
    /// U2F_REGISTER (§4.1)
    Register {
        /// SHA-256 of the client data.
        challenge: [u8; 32],
        /// SHA-256 of the application's identity.
        application: [u8; 32],
    },
    /// U2F_AUTHENTICATE (§5.1)
    Authenticate {
        /// What it is to do.
        control: U2fControl,
        /// SHA-256 of the client data.
        challenge: [u8; 32],
        /// SHA-256 of the application's identity.
        application: [u8; 32],
        /// What the registration gave.
        key_handle: Vec<u8>,
    },
    /// U2F_VERSION (§6.1)
    Version,
}

const REGISTER: u8 = 0x01;
const AUTHENTICATE: u8 = 0x02;
const VERSION: u8 = 0x03;

impl U2fRequest {
    /// Reads an APDU in short or extended encoding (ISO 7816-4).
    ///
    /// # Errors
    /// The [`U2fStatus`] with which an authenticator refuses it.
    pub fn from_apdu(apdu: &[u8]) -> Result<Self, U2fStatus> {
        let (&[class, instruction, p1, _], rest) = apdu.split_first_chunk().ok_or(U2fStatus::WrongLength)?;
        if class != 0 {
            return Err(U2fStatus::ClassNotSupported);
        }
        let data = data(rest).ok_or(U2fStatus::WrongLength)?;
        match instruction {
            REGISTER => {
                let (challenge, application) = two_hashes(data).ok_or(U2fStatus::WrongLength)?;
                match data.len() {
                    64 => Ok(Self::Register { challenge, application }),
                    _ => Err(U2fStatus::WrongLength),
                }
            }
            AUTHENTICATE => {
                let (challenge, application) = two_hashes(data).ok_or(U2fStatus::WrongLength)?;
                let handle = data.get(64..).and_then(<[u8]>::split_first);
                let (&length, key_handle) = handle.ok_or(U2fStatus::WrongLength)?;
                if key_handle.len() != usize::from(length) {
                    return Err(U2fStatus::WrongLength);
                }
                let control = U2fControl::from_number(p1).ok_or(U2fStatus::WrongData)?;
                Ok(Self::Authenticate { control, challenge, application, key_handle: key_handle.to_vec() })
            }
            VERSION if data.is_empty() => Ok(Self::Version),
            VERSION => Err(U2fStatus::WrongLength),
            _ => Err(U2fStatus::InstructionNotSupported),
        }
    }

    /// The APDU in extended encoding; `None` for a key handle of more than 255 bytes.
    #[must_use]
    pub fn to_apdu(&self) -> Option<Vec<u8>> {
        let (instruction, p1, data) = match self {
            Self::Register { challenge, application } => {
                (REGISTER, 0, [&challenge[..], application].concat())
            }
            Self::Authenticate { control, challenge, application, key_handle } => {
                let length = [u8::try_from(key_handle.len()).ok()?];
                let data = [&challenge[..], application, &length, key_handle].concat();
                (AUTHENTICATE, control.number(), data)
            }
            Self::Version => (VERSION, 0, Vec::new()),
        };
        let mut apdu = vec![0, instruction, p1, 0, 0];
        if !data.is_empty() {
            apdu.extend_from_slice(&u16::try_from(data.len()).ok()?.to_be_bytes());
            apdu.extend_from_slice(&data);
        }
        apdu.extend_from_slice(&[0, 0]);
        Some(apdu)
    }
}

fn two_hashes(data: &[u8]) -> Option<([u8; 32], [u8; 32])> {
    let (challenge, rest) = data.split_first_chunk()?;
    Some((*challenge, *rest.first_chunk()?))
}

/// The data of an APDU, behind its header: its length, itself, and how much may be answered, which is passed over.
fn data(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        // Nothing, or only the length of the answer.
        [] | [_] | [0, _, _] => Some(&[]),
        [0, high, low, data @ ..] => {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            matches!(data.len().checked_sub(length)?, 0 | 2).then(|| data.get(..length))?
        }
        [length, data @ ..] => {
            let length = usize::from(*length);
            matches!(data.len().checked_sub(length)?, 0 | 1).then(|| data.get(..length))?
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_come_back_from_their_apdus() {
        let (challenge, application) = ([1; 32], [2; 32]);
        let authenticate =
            |control| U2fRequest::Authenticate { control, challenge, application, key_handle: vec![3; 255] };
        let requests = U2fControl::ALL.iter().copied().map(authenticate);
        for request in requests.chain([U2fRequest::Register { challenge, application }, U2fRequest::Version])
        {
            assert_eq!(U2fRequest::from_apdu(&request.to_apdu().unwrap()), Ok(request));
        }
    }

    #[test]
    fn refuses_with_the_status_that_says_why() {
        let register = U2fRequest::Register { challenge: [1; 32], application: [2; 32] }.to_apdu().unwrap();
        let with = |at: usize, byte| {
            let mut apdu = register.clone();
            apdu[at] = byte;
            U2fRequest::from_apdu(&apdu)
        };
        assert_eq!(with(0, 0x80), Err(U2fStatus::ClassNotSupported));
        assert_eq!(with(1, 0x04), Err(U2fStatus::InstructionNotSupported));
        assert_eq!(with(6, 63), Err(U2fStatus::WrongLength));
        assert_eq!(U2fRequest::from_apdu(&register[..70]), Err(U2fStatus::WrongLength));
        assert_eq!(U2fRequest::from_apdu(&[0, 3, 0]), Err(U2fStatus::WrongLength));
        // Short encoding.
        let short = [&[0, 1, 0, 0, 64][..], &[7; 64]].concat();
        assert!(U2fRequest::from_apdu(&short).is_ok());
        assert_eq!(U2fRequest::from_apdu(&[0, 3, 0, 0]), Ok(U2fRequest::Version));
    }
}

//! Operations on an authenticator in the same process.

use std::error::Error;

use stuntkey::Authenticator;
use stuntkey::client::Channel;
use stuntkey::webauthn::AuthenticatorData;

use crate::algorithm::Algorithm;
use crate::enroll::{Enroll, Enrolled, enroll};
use crate::failure::{Code, Failure};
use crate::flags::Flags;
use crate::key::{Key, sha256};
use crate::resident::load;
use crate::sign::{Sign, sign};

const BOTH: [Algorithm; 2] = [Algorithm::Ecdsa, Algorithm::Ed25519];

struct InProcess(Authenticator);

impl Channel for InProcess {
    fn has_cbor(&self) -> bool {
        true
    }

    fn cbor(&mut self, request: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        Ok(self.0.call(request, [0; 4]))
    }

    fn msg(&mut self, apdu: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        Ok(self.0.u2f(apdu))
    }
}

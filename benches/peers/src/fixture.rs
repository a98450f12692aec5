//! What every verifier verifies: a registration and a login, made by stuntkey, and what nobody may accept.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::{Value as Json, json};
use stuntkey::Client;
use stuntkey::attestation::CertificateAuthority;

use crate::check;
use crate::contenders::{AUTHENTICATE, ORIGIN, REGISTER_PACKED, RP_ID, Work};

pub(crate) struct Fixture {
    /// Of both ceremonies.
    pub(crate) challenge: Vec<u8>,
    pub(crate) user_handle: Vec<u8>,
    /// With a packed attestation, whose certificate the root issued.
    pub(crate) registration: String,
    /// Of the credential that was registered.
    pub(crate) login: String,
    pub(crate) root: CertificateAuthority,
    unsound: Vec<Unsound>,
}

/// What a verifier says of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accepted,
    /// And why.
    Refused(String),
}

/// A sound reply but for one bit.
pub(crate) struct Unsound {
    work: Work,
    /// What the bit belongs to.
    what: &'static str,
    reply: String,
}

impl Fixture {
    /// # Errors
    /// stuntkey does not make them.
    pub(crate) fn new() -> Result<Self, String> {
        let mut client = Client::new(ORIGIN).map_err(|error| error.to_string())?;
        let registration = client.register(REGISTER_PACKED).map_err(|error| error.to_string())?.into_text();
        let login = client.authenticate(AUTHENTICATE).map_err(|error| error.to_string())?.into_text();
        let options: Json = serde_json::from_str(REGISTER_PACKED).map_err(|error| error.to_string())?;
        Ok(Self {
            challenge: check::bytes(&options, "/publicKey/challenge")?,
            user_handle: check::bytes(&options, "/publicKey/user/id")?,
            unsound: unsound(&registration, &login)?,
            root: CertificateAuthority::test_root(),
            registration,
            login,
        })
    }

    /// Has a verifier judge the reply of this work, and the unsound ones.
    ///
    /// # Errors
    /// What it judged wrong, or that it did not judge.
    pub(crate) fn check(
        &self,
        work: Work,
        mut verify: impl FnMut(&str) -> Result<Verdict, String>,
    ) -> Result<(), String> {
        let sound = |verdict| match verdict {
            Verdict::Accepted => Ok(()),
            Verdict::Refused(why) => Err(format!("{}: refuses a sound reply: {why}", work.name())),
        };
        let reply = self.reply(work);
        sound(verify(reply)?)?;
        for Unsound { what, reply, .. } in self.unsound.iter().filter(|unsound| unsound.work == work) {
            if verify(reply)? == Verdict::Accepted {
                return Err(format!("{}: accepts a reply with a bit of {what} changed", work.name()));
            }
        }
        // As it is asked again and again.
        sound(verify(reply)?)
    }

    /// The sound reply that is verified in this work.
    pub(crate) fn reply(&self, work: Work) -> &str {
        if work == Work::VerifyLogin { &self.login } else { &self.registration }
    }

    /// For programs in other languages.
    pub(crate) fn json(&self) -> Json {
        json!({
            "rpId": RP_ID,
            "origin": ORIGIN,
            "challenge": Base64UrlUnpadded::encode_string(&self.challenge),
            "userHandle": Base64UrlUnpadded::encode_string(&self.user_handle),
            "creationOptions": REGISTER_PACKED,
            "requestOptions": AUTHENTICATE,
            "registration": self.registration,
            "login": self.login,
            "root": self.root.certificate_pem(),
        })
    }
}

fn unsound(registration: &str, login: &str) -> Result<Vec<Unsound>, String> {
    const OBJECT: &str = "/response/attestationObject";
    const SIGNATURE: &str = "/response/signature";
    let reply: Json = serde_json::from_str(registration).map_err(|error| error.to_string())?;
    let object = check::attestation_object(&reply)?;
    let registration = |what, part: &[u8]| {
        Ok::<_, String>(Unsound {
            work: Work::VerifyRegistration,
            what,
            reply: with_a_bit_changed(registration, OBJECT, part)?,
        })
    };
    let assertion: Json = serde_json::from_str(login).map_err(|error| error.to_string())?;
    Ok(vec![
        registration("the attestation's signature", check::statement_signature(&object)?)?,
        // Its signature is the last of a certificate.
        registration("the signature of the certificate", check::certificate(&object)?)?,
        Unsound {
            work: Work::VerifyLogin,
            what: "the signature",
            reply: with_a_bit_changed(login, SIGNATURE, &check::bytes(&assertion, SIGNATURE)?)?,
        },
    ])
}

/// The reply with the last bit of `part` changed, which is somewhere in the member. Both are of an ECDSA signature, whose
/// last bit belongs to the number s: the DER stays whole.
fn with_a_bit_changed(reply: &str, member: &str, part: &[u8]) -> Result<String, String> {
    let mut reply: Json = serde_json::from_str(reply).map_err(|error| error.to_string())?;
    let mut bytes = check::bytes(&reply, member)?;
    let at = bytes.windows(part.len()).position(|window| window == part).ok_or("the part is not in it")?;
    let last = bytes.get_mut(at + part.len() - 1).ok_or("the part is empty")?;
    *last ^= 1;
    let place = reply.pointer_mut(member).ok_or("no such member")?;
    *place = Base64UrlUnpadded::encode_string(&bytes).into();
    Ok(reply.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Attestation;

    #[test]
    fn an_unsound_reply_differs_in_one_bit() {
        let fixture = Fixture::new().unwrap();
        assert!(check::registration(&fixture.registration, Attestation::Packed).is_ok());
        let [statement, certificate, login] = &fixture.unsound[..] else { panic!() };
        assert_eq!(
            check::registration(&statement.reply, Attestation::Packed).err().as_deref(),
            Some("the signature does not hold")
        );
        // `check` does not look at the path.
        assert!(check::registration(&certificate.reply, Attestation::Packed).is_ok());
        for (unsound, sound) in [(certificate, &fixture.registration), (login, &fixture.login)] {
            let bits = |reply: &str, member: &str| -> Vec<u8> {
                check::bytes(&serde_json::from_str(reply).unwrap(), member).unwrap_or_default()
            };
            let differing: u32 = ["/response/attestationObject", "/response/signature"]
                .map(|member| {
                    let (one, other) = (bits(&unsound.reply, member), bits(sound, member));
                    one.iter().zip(&other).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>()
                })
                .iter()
                .sum();
            assert_eq!(differing, 1, "{}", unsound.what);
        }
    }

    #[test]
    fn finds_out_a_verifier_that_accepts_or_refuses_everything() {
        let fixture = Fixture::new().unwrap();
        for work in [Work::VerifyRegistration, Work::VerifyLogin] {
            assert!(fixture.check(work, |_| Ok(Verdict::Accepted)).unwrap_err().contains("accepts"));
            let refused = fixture.check(work, |_| Ok(Verdict::Refused("no".to_owned())));
            assert!(refused.unwrap_err().contains("refuses"));
            // Who breaks down refuses nothing.
            let mut replies = 0;
            let broken = fixture.check(work, |_| {
                replies += 1;
                if replies == 1 { Ok(Verdict::Accepted) } else { Err("broke down".to_owned()) }
            });
            assert_eq!(broken.unwrap_err(), "broke down");
        }
    }
}

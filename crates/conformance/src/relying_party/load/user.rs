//! A virtual user: all that they have follows from a seed and their number.

use sha2::{Digest, Sha256};
use stuntkey::Client;
use stuntkey::attestation::AttestationIdentity;
use stuntkey::authenticator::{AuthenticatorBuilder, CounterPolicy, Credential, Model};
use stuntkey::client::{Preset, find_request_options};
use stuntkey::crypto::{Algorithm, Backend, KeyPair, RandomSource};
use stuntkey::fault::Fault;
use stuntkey::webauthn::User;

use crate::core::seed::hex;
use crate::relying_party::target::UserNames;

/// What every virtual user of a load has.
pub(super) struct Kit<'a> {
    pub(super) origin: &'a str,
    pub(super) seed: Seed,
    pub(super) reply: Option<Preset>,
    pub(super) user_names: &'a UserNames,
    pub(super) model: &'a Model,
    pub(super) identity: AttestationIdentity,
}

/// What the users of a load follow from: hashed once, as every user needs it.
pub(super) struct Seed {
    hash: Sha256,
    /// Tells the users of one seed from those of another.
    tag: String,
}

impl Seed {
    pub(super) fn new(seed: &str) -> Self {
        let hash = Sha256::new_with_prefix(b"stuntkey virtual user v1\0").chain_update(Sha256::digest(seed));
        let mut seed = Self { hash, tag: String::new() };
        seed.tag = hex(seed.derive(0, b"n").get(..4).unwrap_or_default());
        seed
    }

    fn derive(&self, number: u64, what: &[u8]) -> [u8; 32] {
        self.hash.clone().chain_update(number.to_be_bytes()).chain_update(what).finalize().into()
    }
}

pub(super) struct VirtualUser {
    pub(super) name: String,
    id: [u8; 32],
    key: KeyPair,
}

impl VirtualUser {
    pub(super) fn new(kit: &Kit<'_>, number: u64) -> Self {
        let mut attempt: u8 = 0;
        let key = loop {
            // One hash in 2^32 is no scalar of P-256.
            let secret = kit.seed.derive(number, &[b'k', attempt]);
            match KeyPair::from_secret_with(Backend::fastest(), Algorithm::Es256, &secret) {
                Ok(key) => break key,
                Err(_) => attempt = attempt.wrapping_add(1),
            }
        };
        let id = kit.seed.derive(number, b"i");
        Self { name: kit.user_names.name(&format!("stuntkey-{}-{number}", kit.seed.tag)), id, key }
    }

    /// The reply to creation options.
    pub(super) fn register(self, kit: &Kit<'_>, body: &str, fault: Option<&Fault>) -> Result<String, String> {
        let authenticator = authenticator(kit)
            .attestation_identity(kit.identity.clone())
            .credential_id(&self.id)
            .credential_key(self.key);
        let mut client = client(kit, authenticator, fault)?;
        client.register(body).map(|reply| reply.into_text()).map_err(|error| error.to_string())
    }

    /// The reply to request options.
    pub(super) fn log_in(self, kit: &Kit<'_>, body: &str, fault: Option<&Fault>) -> Result<String, String> {
        let options = find_request_options(body).map_err(|error| error.to_string())?;
        let host = || url::Url::parse(kit.origin).ok()?.host_str().map(str::to_owned);
        let rp_id = options.rp_id.or_else(host).unwrap_or_default();
        // The handle is the target's to give, and nothing of it is kept.
        let credential = Credential::new(self.id.to_vec(), rp_id, User::default(), self.key);
        let mut client = client(kit, authenticator(kit), fault)?;
        let mut keep = || {
            let mut transaction = client.authenticator().store().begin()?;
            transaction.put(&credential)?;
            transaction.commit()
        };
        keep().map_err(|error| error.to_string())?;
        client.authenticate(body).map(|reply| reply.into_text()).map_err(|error| error.to_string())
    }
}

fn authenticator(kit: &Kit<'_>) -> AuthenticatorBuilder {
    // Nothing random is left: key and id are given.
    kit.model
        .clone()
        .builder()
        .algorithms([Algorithm::Es256])
        .counter(CounterPolicy::Zero)
        .backend(Backend::fastest())
        .random(RandomSource::seeded("stuntkey load"))
}

fn client(
    kit: &Kit<'_>,
    authenticator: AuthenticatorBuilder,
    fault: Option<&Fault>,
) -> Result<Client, String> {
    let mut client = Client::builder(kit.origin).authenticator(authenticator);
    if let Some(preset) = kit.reply {
        client = client.reply(preset);
    }
    if let Some(fault) = fault {
        client = client.fault(fault);
    }
    client.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with Python's hashlib: `sha256(b"stuntkey virtual user v1\0" + sha256(b"a") + number + what)`.
    #[test]
    fn users_follow_from_the_seed_and_their_number() {
        let seed = Seed::new("a");
        assert_eq!(seed.tag, "025dd842");
        assert_eq!(
            hex(&seed.derive(7, b"i")),
            "5326af58489579d09562291d4fd04a940dc1c80aec126fc8dda877ab7f425dc1"
        );
    }
}

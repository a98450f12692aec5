//! A virtual user: all that they have follows from a seed and their number.

use stuntkey::Client;
use stuntkey::attestation::AttestationIdentity;
use stuntkey::authenticator::{AuthenticatorBuilder, CounterPolicy, Credential, Model};
use stuntkey::client::{Preset, find_request_options};
use stuntkey::crypto::{Algorithm, Backend, KeyPair, RandomSource};
use stuntkey::fault::Fault;
use stuntkey::webauthn::User;

use crate::core::load::seed::Seed;
use crate::relying_party::target::UserNames;

/// What every virtual user of a load has.
pub(super) struct Kit<'a> {
    pub(super) origin: &'a str,
    pub(super) seed: &'a Seed,
    /// Tells the users of one seed from those of another.
    pub(super) tag: String,
    pub(super) reply: Option<Preset>,
    pub(super) user_names: &'a UserNames,
    pub(super) model: &'a Model,
    pub(super) identity: AttestationIdentity,
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
        Self { name: kit.user_names.name(&format!("stuntkey-{}-{number}", kit.tag)), id, key }
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

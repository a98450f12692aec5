//! The PIN, and what a request proves that it was given (CTAP 2.1 §6.5.5.7).

use chacha20::ChaCha20Rng;
use chacha20::rand_core::SeedableRng;
use icu_normalizer::ComposingNormalizerBorrowed;
use stuntkey::crypto::KeyAgreement;
use stuntkey::ctap2::{
    ClientPinRequest, ClientPinSubCommand, KeyAgreementKey, Permissions, PinUvAuth, PinUvAuthProtocol,
};
use zeroize::Zeroizing;

use crate::failure::{Code, Failure};
use crate::key::{Key, sha256};

pub(crate) struct Token {
    protocol: PinUvAuthProtocol,
    token: Zeroizing<Vec<u8>>,
}

impl Token {
    /// The token that the key gives for this PIN. A key that knows no permissions gives one for everything.
    pub(crate) fn by_pin(
        key: &mut Key,
        pin: &str,
        permissions: Permissions,
        rp_id: Option<&str>,
    ) -> Result<Self, Failure> {
        let protocols = key.info().map(|info| &*info.pin_uv_auth_protocols).unwrap_or_default();
        let protocol = protocols
            .iter()
            .find_map(|number| PinUvAuthProtocol::from_number(*number))
            .filter(|_| key.takes_pin())
            .ok_or_else(|| Failure::new(Code::Unsupported, "the key takes no PIN"))?;

        let mut seed = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *seed).map_err(|error| Failure::of(Code::General, &error))?;
        let mut random = ChaCha20Rng::from_seed(*seed);
        let own = KeyAgreement::generate(&mut random);
        let mut request = ClientPinRequest::new(ClientPinSubCommand::GetKeyAgreement);
        request.pin_uv_auth_protocol = Some(protocol.number());
        let theirs = key.client_pin(&request)?.key_agreement;
        let secret = theirs
            .and_then(|theirs| theirs.agree(&own, protocol))
            .ok_or_else(|| Failure::answer("no such key", "a key on P-256 for key agreement"))?;

        let has_permissions = key.option("pinUvAuthToken");
        let mut request = ClientPinRequest::new(match has_permissions {
            true => ClientPinSubCommand::GetTokenUsingPin,
            false => ClientPinSubCommand::GetPinToken,
        });
        request.pin_uv_auth_protocol = Some(protocol.number());
        request.key_agreement = Some(KeyAgreementKey(own.public_key()));
        request.pin_hash_enc = secret.encrypt(&*pin_hash(pin), &mut random);
        if has_permissions {
            request.permissions = Some(permissions.bits());
            request.rp_id = rp_id.map(str::to_owned);
        }
        let encrypted = key.client_pin(&request)?.pin_uv_auth_token;
        let token = encrypted
            .and_then(|encrypted| secret.decrypt(&encrypted))
            .ok_or_else(|| Failure::answer("no token", "a token under the shared secret"))?;
        Ok(Self { protocol, token })
    }

    /// The failure of who needs a PIN and was given none: OpenSSH asks for it, and comes again.
    pub(crate) fn missing(key: &Key) -> Failure {
        match key.takes_pin() {
            true => Failure::wordless(Code::PinRequired),
            false => Failure::new(Code::Unsupported, "the key cannot verify its user"),
        }
    }

    /// The members that prove a request, over what its command defines.
    pub(crate) fn prove(&self, message: &[&[u8]]) -> PinUvAuth<'static> {
        let param = self.protocol.authenticate(&self.token, message);
        PinUvAuth { param: param.into(), protocol: Some(self.protocol.number()) }
    }
}

/// The first 16 bytes of the SHA-256 of the PIN in Normalization Form C (§6.5.1).
fn pin_hash(pin: &str) -> Zeroizing<[u8; 16]> {
    let normal = ComposingNormalizerBorrowed::new_nfc().normalize(pin);
    let hash = Zeroizing::new(sha256(Zeroizing::new(normal.into_owned()).as_bytes()));
    let mut half = Zeroizing::new([0; 16]);
    half.iter_mut().zip(hash.iter()).for_each(|(half, byte)| *half = *byte);
    half
}

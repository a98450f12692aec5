//! Registrations and assertions, by CTAP2 and by U2F.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use stuntkey::authenticator::{Answer, Credential};
use stuntkey::ctap2::{
    Command, GetAssertionRequest, GetAssertionResponse, MakeCredentialRequest, MakeCredentialResponse,
    Permissions, PinUvAuth, U2fControl, U2fRequest,
};
use stuntkey::webauthn::{AuthenticatorData, CredentialDescriptor, Flags, User};

use super::Choices;
use super::platform::Shown;
use super::world::{RP_IDS, View, World};

/// SHA-256 of the client data.
const HASH: [u8; 32] = [7; 32];

/// How the user may have been verified.
struct By<'s> {
    shown: Option<&'s Shown>,
    /// Whether the token may do it.
    token: bool,
    /// Whether the request asks the authenticator to verify the user.
    asks_uv: bool,
}

impl World {
    fn auth(shown: Option<&Shown>) -> Option<PinUvAuth<'static>> {
        let shown = shown?;
        Some(PinUvAuth { param: shown.param(&[&HASH]).into(), protocol: Some(shown.protocol.number()) })
    }

    pub fn make_credential(&mut self, choices: &mut Choices<'_>) {
        let (rp, name, kind) = (choices.index(RP_IDS.len()), choices.next() & 3, choices.next());
        let shown = self.shown(choices);
        let user = User { id: vec![name], name: format!("user {name}"), display_name: String::new() };
        let mut request = MakeCredentialRequest::new(HASH, RP_IDS[rp], Cow::Owned(user), vec![-7]);
        request.resident_key = kind & 1 == 1;
        request.user_verification = kind & 2 == 2;
        request.extensions.cred_protect = Some(u64::from(kind >> 2 & 3)).filter(|level| *level > 0);
        request.extensions.large_blob_key = (kind & 17 == 17).then_some(true);
        request.extensions.hmac_secret = kind & 32 == 32;
        let before = self.look();
        if kind & 192 == 192 {
            request.exclude_list = Cow::Owned(before.credentials.iter().map(descriptor).collect());
        }
        request.pin_uv_auth = Self::auth(shown.as_ref());
        let token =
            self.may(shown.as_ref(), Permissions::MAKE_CREDENTIAL) && self.is_for(shown.as_ref(), RP_IDS[rp]);
        let by = By { shown: shown.as_ref(), token, asks_uv: request.user_verification };
        let parameters = request.to_cbor();
        let outcome = self.exchange(&[&[Command::MakeCredential.number()], &parameters[..]].concat());
        let excluded = request.exclude_list.iter().any(|excluded| {
            let of_rp = |kept: &&Credential| {
                kept.id == excluded.id && kept.rp_id == RP_IDS[rp] && kept.cred_protect < 3
            };
            before.credentials.iter().any(|kept| of_rp(&kept))
        });
        let Ok(made) = outcome else { return };
        assert!(!excluded, "a credential is made that was excluded");
        let made = MakeCredentialResponse::from_cbor(&made).expect("sound");
        let data = AuthenticatorData::parse(&made.auth_data).expect("sound");
        assert_eq!(data.rp_id_hash[..], Sha256::digest(RP_IDS[rp])[..]);
        assert!(data.flags.contains(Flags::UP), "nobody was there");
        self.was_verified(&before, data.flags, &by);
        assert!(
            !request.resident_key || !before.is_protected || data.flags.contains(Flags::UV),
            "a discoverable credential is made without verifying the user"
        );
        let after = self.look();
        let kept = after.credentials.iter().find(|kept| kept.id == made.credential_id).expect("it is stored");
        assert_eq!((kept.rp_id.as_str(), kept.discoverable), (RP_IDS[rp], request.resident_key));
        self.spend(shown.as_ref());
    }

    pub fn get_assertion(&mut self, choices: &mut Choices<'_>) {
        let (rp, kind) = (choices.index(RP_IDS.len()), choices.next());
        let shown = self.shown(choices);
        let before = self.look();
        let mut request = GetAssertionRequest::new(HASH, RP_IDS[rp]);
        request.user_presence = kind & 1 == 0;
        request.user_verification = kind & 2 == 2;
        request.extensions.large_blob_key = (kind & 4 == 4).then_some(true);
        if kind & 8 == 8 {
            // Those of the other relying party as well.
            let skipped = usize::from(kind >> 4);
            let listed = before.credentials.iter().skip(skipped).take(8).map(descriptor).collect();
            request.allow_list = Some(Cow::Owned(listed));
        }
        request.pin_uv_auth = Self::auth(shown.as_ref());
        let token =
            self.may(shown.as_ref(), Permissions::GET_ASSERTION) && self.is_for(shown.as_ref(), RP_IDS[rp]);
        let by = By { shown: shown.as_ref(), token, asks_uv: request.user_verification };
        let parameters = request.to_cbor();
        let outcome = self.exchange(&[&[Command::GetAssertion.number()], &parameters[..]].concat());
        let Ok(body) = outcome else { return };
        let (response, flags) = self.asserted(&before, &body, Some(rp), request.allow_list.is_some());
        assert_eq!(flags.contains(Flags::UP), request.user_presence);
        if flags.contains(Flags::UP) {
            self.was_verified(&before, flags, &by);
        }
        let listed = request.allow_list.as_ref();
        let is_listed = |id: &[u8]| listed.is_none_or(|list| list.iter().any(|known| known.id == id));
        assert!(is_listed(&response.credential_id), "a credential that was not asked for");
        assert!(before.is_protected || !flags.contains(Flags::UV), "nobody can have been verified");
        if shown.is_some() && before.is_protected {
            assert!(by.token, "a token opens what it may not");
        }
        match request.user_presence {
            true => self.spend(shown.as_ref()),
            // From now on it is for this relying party.
            false if by.token => {
                let at = shown.as_ref().and_then(|shown| shown.token).expect("it may");
                self.tokens[at].rp.get_or_insert(rp);
            }
            false => {}
        }
        if response.number_of_credentials.is_some() {
            self.begins(shown.as_ref().filter(|_| by.token));
        }
    }

    pub fn get_next_assertion(&mut self) {
        let before = self.look();
        if let Ok(body) = self.exchange(&[Command::GetNextAssertion.number()]) {
            self.continues();
            self.asserted(&before, &body, None, false);
        }
    }

    /// What holds for every assertion. The relying party is known, or the one that the response says.
    fn asserted(
        &self,
        before: &View,
        body: &[u8],
        rp: Option<usize>,
        is_listed: bool,
    ) -> (GetAssertionResponse, Flags) {
        let response = GetAssertionResponse::from_cbor(body).expect("sound");
        let data = AuthenticatorData::parse(&response.auth_data).expect("sound");
        let kept = before.credentials.iter().find(|kept| kept.id == response.credential_id);
        let kept = kept.expect("it was there before");
        let hashes: Vec<[u8; 32]> = RP_IDS.map(|rp_id| Sha256::digest(rp_id).into()).to_vec();
        let owner = hashes.iter().position(|hash| is_of(kept, hash));
        assert_eq!(owner.map(|owner| hashes[owner]), Some(data.rp_id_hash), "another's credential");
        assert!(rp.is_none() || rp == owner, "another's credential");
        assert!(data.sign_count > kept.sign_count, "the counter falls");
        let verified = data.flags.contains(Flags::UV);
        assert!(kept.cred_protect < 3 || verified, "credProtect 3 without verification");
        assert!(kept.cred_protect < 2 || verified || is_listed, "credProtect 2 without verification");
        assert!(kept.discoverable || is_listed, "found without its id");
        let names = response.user.as_ref().is_some_and(|user| user.name.is_some());
        assert!(verified || !names, "a name for who was not verified");
        (response, data.flags)
    }

    /// What holds for the flags of every ceremony with a touch.
    fn was_verified(&self, before: &View, flags: Flags, by: &By<'_>) {
        let by_uv = by.shown.is_none() && before.uv && (by.asks_uv || before.always_uv);
        let by_uv = by_uv && self.answer() == Answer::Verified;
        let verified = flags.contains(Flags::UV);
        assert!(!verified || by.token || by_uv, "UV, and nobody was verified");
        assert!(verified || !before.always_uv, "alwaysUv, and nobody was verified");
        assert!(verified || !by.asks_uv || by.shown.is_some(), "verification was asked for");
        if by.shown.is_some() && before.is_protected {
            assert!(by.token, "a token opens what it may not");
        }
        let by_token_of_uv = by.shown.and_then(|shown| shown.token).is_some_and(|at| self.tokens[at].by_uv);
        let touches = matches!(self.answer(), Answer::Verified | Answer::Present);
        assert!(touches || (by.token && by_token_of_uv), "nobody was there");
    }

    /// A ceremony with a touch leaves of a token what writes large blobs (§6.1.2 step 14).
    fn spend(&mut self, shown: Option<&Shown>) {
        if shown.is_some() {
            // Whichever it is that lives: a protocol that is not its own does not get here.
            self.tokens
                .iter_mut()
                .filter(|token| token.issued.is_some())
                .for_each(|token| token.spent = true);
        }
    }

    pub fn u2f(&mut self, choices: &mut Choices<'_>) {
        let (kind, rp, at) = (choices.next(), choices.index(RP_IDS.len()), choices.next());
        let application: [u8; 32] = Sha256::digest(RP_IDS[rp]).into();
        let before = self.look();
        let control = U2fControl::ALL[usize::from(kind >> 2) % U2fControl::ALL.len()];
        let handle = before.credentials.get(usize::from(at) % before.credentials.len().max(1));
        let key_handle = handle.map_or(vec![at; 16], |kept| kept.id.clone());
        let request = match kind & 3 {
            0 => U2fRequest::Register { challenge: HASH, application },
            1 => U2fRequest::Version,
            _ => U2fRequest::Authenticate { control, challenge: HASH, application, key_handle },
        };
        let outcome = self.exchange_u2f(&request);
        let Ok(answer) = outcome else { return };
        if request == U2fRequest::Version {
            assert_eq!(answer, b"U2F_V2");
            return;
        }
        let is_silent =
            matches!(request, U2fRequest::Authenticate { control: U2fControl::DontEnforceUserPresence, .. });
        let touches = matches!(self.answer(), Answer::Verified | Answer::Present);
        assert!(is_silent || touches, "nobody was there");
        let verified = before.uv && self.answer() == Answer::Verified;
        assert!(!before.always_uv || is_silent || verified, "alwaysUv, and nobody was verified");
        if let U2fRequest::Authenticate { .. } = request {
            assert_ne!(control, U2fControl::CheckOnly, "a check signs");
            let kept = handle.expect("a handle that was made up is nobody's");
            assert!(is_of(kept, &application) && kept.cred_protect < 3, "another's credential");
            let count = answer.get(1..5).and_then(|count| count.try_into().ok()).map(u32::from_be_bytes);
            assert!(count.expect("a count") > kept.sign_count, "the counter falls");
        }
    }
}

/// Whether a credential is for the relying party of this hash: those of U2F say no more of it.
fn is_of(credential: &Credential, rp_id_hash: &[u8; 32]) -> bool {
    let of_u2f = format!("sha256:{}", base16ct::lower::encode_string(rp_id_hash));
    credential.rp_id == of_u2f || Sha256::digest(&credential.rp_id)[..] == rp_id_hash[..]
}

fn descriptor(credential: &Credential) -> CredentialDescriptor {
    CredentialDescriptor { id: credential.id.clone(), transports: Vec::new() }
}

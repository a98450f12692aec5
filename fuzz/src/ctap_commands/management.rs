//! Managing credentials, fingers, large blobs and the authenticator: nobody without the permission, whatever comes between.

use sha2::{Digest, Sha256};
use stuntkey::authenticator::Credential;
use stuntkey::ctap2::{
    BioEnrollmentRequest, BioEnrollmentResponse, BioEnrollmentSubCommand as Bio, Command, ConfigRequest,
    ConfigSubCommand as Config, CredentialManagementRequest, CredentialManagementResponse,
    CredentialManagementSubCommand as Sub, EncodedItem, LargeBlobsRequest, LargeBlobsResponse, Permissions,
    Status,
};
use stuntkey::encoding::cbor::Writer;

use super::Choices;
use super::platform::Shown;
use super::world::{RP_IDS, View, World};

/// The length of a fragment of large blobs.
const FRAGMENT: usize = 24;

impl World {
    pub fn manage_credentials(&mut self, choices: &mut Choices<'_>) {
        let sub = Sub::ALL[choices.index(Sub::ALL.len())];
        let (rp, at) = (choices.index(RP_IDS.len()), choices.next());
        let shown = self.shown(choices);
        let before = self.look();
        let target = before.credentials.get(usize::from(at) % before.credentials.len().max(1));
        let parameters = parameters_of(sub, rp, target);
        let signed = match sub {
            Sub::GetCredsMetadata | Sub::EnumerateRpsBegin => &[][..],
            _ => parameters.as_deref().unwrap_or_default(),
        };
        let number = u8::try_from(sub.number()).expect("a byte");
        let auth = shown.as_ref().map(|shown| (shown, shown.param(&[&[number], signed])));
        let mut writer = Writer::append_to(vec![Command::CredentialManagement.number()]);
        write_request(&mut writer, sub.number(), parameters.as_deref(), auth);
        let request = writer.into_bytes();
        assert!(CredentialManagementRequest::from_cbor(&request[1..]).is_ok());
        let may = self.may(shown.as_ref(), Permissions::CREDENTIAL_MANAGEMENT);
        let reads = self.may_read(shown.as_ref());
        let outcome = self.exchange(&request);
        let Ok(body) = outcome else { return };
        let response = CredentialManagementResponse::from_cbor(&body).expect("sound");
        let is_bound = shown
            .as_ref()
            .is_some_and(|shown| shown.token.is_some_and(|token| self.tokens[token].rp.is_some()));
        let shown = shown.as_ref();
        match sub {
            Sub::EnumerateRpsGetNextRp | Sub::EnumerateCredentialsGetNextCredential => self.continues(),
            Sub::GetCredsMetadata | Sub::EnumerateRpsBegin => assert!(reads || (may && !is_bound)),
            Sub::EnumerateCredentialsBegin => assert!(reads || (may && self.is_for(shown, RP_IDS[rp]))),
            _ => assert!(may && self.is_for(shown, &target.expect("there is one").rp_id)),
        }
        match sub {
            Sub::GetCredsMetadata => {
                let count = before.credentials.iter().filter(|kept| kept.discoverable).count();
                assert_eq!(response.existing_resident_credentials_count, u64::try_from(count).ok());
            }
            Sub::EnumerateRpsBegin | Sub::EnumerateCredentialsBegin => self.begins(shown),
            _ => {}
        }
        if let Some(listed) = response.credential_id {
            let kept = before.credentials.iter().find(|kept| kept.id == listed.id).expect("it is there");
            assert!(kept.discoverable, "it is not discoverable");
            let is_asked = sub != Sub::EnumerateCredentialsBegin || kept.rp_id == RP_IDS[rp];
            assert!(is_asked, "another's credential");
        }
    }

    pub fn manage_fingers(&mut self, choices: &mut Choices<'_>) {
        let sub = Bio::ALL[choices.index(Bio::ALL.len())];
        let name = choices.next();
        let shown = self.shown(choices);
        if let Ok(response) = self.bio(sub, name, shown.as_ref())
            && let Some(template) = response.template_id
        {
            self.template = template;
        }
    }

    fn bio(&mut self, sub: Bio, name: u8, shown: Option<&Shown>) -> Result<BioEnrollmentResponse, Status> {
        let mut writer = Writer::new();
        writer.map(if sub == Bio::SetFriendlyName { 2 } else { 1 });
        writer.unsigned(1);
        writer.bytes(&self.template);
        if sub == Bio::SetFriendlyName {
            writer.unsigned(2);
            writer.text(&"n".repeat(usize::from(name)));
        }
        let parameters = Some(writer.into_bytes()).filter(|_| sub != Bio::EnrollBegin);
        let number = u8::try_from(sub.number()).expect("a byte");
        let mut request = BioEnrollmentRequest::default();
        request.modality = Some(1);
        request.sub_command = Some(sub.number());
        if let Some(shown) = shown {
            let param = shown.param(&[&[1, number], parameters.as_deref().unwrap_or_default()]);
            request.pin_uv_auth_param = Some(param);
            request.pin_uv_auth_protocol = Some(shown.protocol.number());
        }
        request.parameters = parameters.map(EncodedItem);
        let may = self.may(shown, Permissions::BIO_ENROLLMENT);
        let before = self.look();
        let body = self.exchange(&[&[Command::BioEnrollment.number()], &request.to_cbor()[..]].concat());
        let after = self.look();
        let is_free = matches!(sub, Bio::GetFingerprintSensorInfo | Bio::CancelCurrentEnrollment);
        assert!(body.is_err() || may || is_free, "fingers without the permission");
        let changes = body.is_ok() && matches!(sub, Bio::EnrollCaptureNextSample | Bio::RemoveEnrollment);
        assert!(before.uv == after.uv || changes, "a finger comes or goes");
        Ok(BioEnrollmentResponse::from_cbor(&body?).expect("sound"))
    }

    /// Enrols a finger by the newest token, as far as it may.
    pub fn enrol(&mut self) {
        let newest = |world: &mut Self| world.shown(&mut Choices(&[1]));
        let shown = newest(self);
        let Ok(begun) = self.bio(Bio::EnrollBegin, 0, shown.as_ref()) else { return };
        self.template = begun.template_id.expect("a template");
        for _ in 0..4 {
            let shown = newest(self);
            if self.bio(Bio::EnrollCaptureNextSample, 0, shown.as_ref()).is_err() {
                break;
            }
        }
    }

    pub fn large_blobs(&mut self, choices: &mut Choices<'_>) {
        let (kind, length) = (choices.next(), usize::from(choices.next()));
        let shown = self.shown(choices);
        let before = self.look();
        let mut request = LargeBlobsRequest::default();
        match kind & 3 {
            0 => {
                (request.get, request.offset) = (u64::try_from(length).ok(), Some(u64::from(kind >> 2)));
                let found =
                    self.exchange(&[&[Command::LargeBlobs.number()], &request.to_cbor()[..]].concat());
                if let Ok(body) = found {
                    let part = LargeBlobsResponse::from_cbor(&body).expect("sound").config.expect("a part");
                    let rest = &before.blobs[usize::from(kind >> 2)..];
                    assert_eq!(part, rest[..length.min(rest.len())]);
                }
                return;
            }
            // A new array.
            1 => {
                let content = vec![kind; length + 1];
                let checksum = Sha256::digest(&content);
                self.writing = Some(([&content, &checksum[..16]].concat(), 0));
            }
            _ => {}
        }
        let Some((array, next)) = self.writing.clone() else { return };
        // Sometimes the last fragment again.
        let offset = if kind & 0x40 == 0x40 { next.saturating_sub(FRAGMENT) } else { next };
        let end = (offset + FRAGMENT).min(array.len());
        let mut fragment = array[offset..end].to_vec();
        if kind & 0x84 == 0x84 {
            // A checksum, or what it is of, that is another.
            fragment[0] ^= 1;
        }
        let start = u32::try_from(offset).expect("short").to_le_bytes();
        request.offset = u64::try_from(offset).ok();
        request.length = u64::try_from(array.len()).ok().filter(|_| offset == 0);
        if let Some(shown) = &shown {
            let hash = Sha256::digest(&fragment);
            request.pin_uv_auth_param = Some(shown.param(&[&[0xff; 32], &[0x0c, 0], &start, &hash]));
            request.pin_uv_auth_protocol = Some(shown.protocol.number());
        }
        request.set = Some(fragment.clone());
        let may = self.may(shown.as_ref(), Permissions::LARGE_BLOB_WRITE);
        let outcome = self.exchange(&[&[Command::LargeBlobs.number()], &request.to_cbor()[..]].concat());
        if outcome.is_err() {
            return;
        }
        assert!(may || !(before.is_protected || before.always_uv), "blobs without the permission");
        assert!(offset == 0 || offset == next, "a fragment comes twice");
        let after = self.look();
        let mut written = array;
        written[offset..end].copy_from_slice(&fragment);
        match end == written.len() {
            true => assert_eq!(after.blobs, written, "another array than was written"),
            false => assert_eq!(after.blobs, before.blobs, "a part is kept"),
        }
        self.writing = Some((written, end)).filter(|(written, end)| *end < written.len());
    }

    pub fn configure(&mut self, choices: &mut Choices<'_>) {
        let sub = Config::ALL[choices.index(Config::ALL.len())];
        let (kind, length) = (choices.next(), choices.next() % 16);
        let shown = self.shown(choices);
        let before = self.look();
        let forces = kind & 1 == 1;
        let parameters = (sub == Config::SetMinPinLength).then(|| {
            let mut writer = Writer::new();
            writer.map(if forces { 2 } else { 1 });
            writer.unsigned(1);
            writer.unsigned(u64::from(length));
            if forces {
                writer.unsigned(3);
                writer.bool(true);
            }
            writer.into_bytes()
        });
        let number = u8::try_from(sub.number()).expect("a byte");
        let signed = parameters.as_deref().unwrap_or_default();
        let message: [&[u8]; 3] = [&[0xff; 32], &[0x0d, number], signed];
        let auth = shown.as_ref().map(|shown| (shown, shown.param(&message)));
        let mut writer = Writer::append_to(vec![Command::Config.number()]);
        write_request(&mut writer, sub.number(), parameters.as_deref(), auth);
        let request = writer.into_bytes();
        assert!(ConfigRequest::from_cbor(&request[1..]).is_ok());
        let may = self.may(shown.as_ref(), Permissions::AUTHENTICATOR_CONFIGURATION);
        let outcome = self.exchange(&request);
        let after = self.look();
        let toggles = outcome.is_ok() && sub == Config::ToggleAlwaysUv;
        assert_eq!(before.always_uv != after.always_uv, toggles, "alwaysUv");
        if outcome.is_err() {
            return;
        }
        let is_free = |view: &View| !view.is_protected && (!view.always_uv || sub == Config::ToggleAlwaysUv);
        assert!(may || is_free(&before), "configured without the permission");
        if sub == Config::SetMinPinLength && (forces || self.pin_is_shorter(length)) {
            // Who has to change the PIN gets other tokens after that.
            self.tokens.iter_mut().for_each(|token| token.lives = false);
        }
    }
}

/// The parameters of a sub-command, if it has some.
fn parameters_of(sub: Sub, rp: usize, target: Option<&Credential>) -> Option<Vec<u8>> {
    let mut writer = Writer::new();
    match (sub, target) {
        (Sub::EnumerateCredentialsBegin, _) => {
            writer.map(1);
            writer.unsigned(1);
            writer.bytes(&Sha256::digest(RP_IDS[rp]));
        }
        (Sub::DeleteCredential | Sub::UpdateUserInformation, Some(target)) => {
            let updates = sub == Sub::UpdateUserInformation;
            writer.map(if updates { 2 } else { 1 });
            writer.unsigned(2);
            writer.map(2);
            writer.text("id");
            writer.bytes(&target.id);
            writer.text("type");
            writer.text("public-key");
            if updates {
                writer.unsigned(3);
                writer.map(2);
                writer.text("id");
                writer.bytes(&target.user.id);
                writer.text("name");
                writer.text("another name");
            }
        }
        _ => return None,
    }
    Some(writer.into_bytes())
}

/// A request of a sub-command with its parameters and its proof.
fn write_request(
    writer: &mut Writer,
    sub_command: u64,
    parameters: Option<&[u8]>,
    auth: Option<(&Shown, Vec<u8>)>,
) {
    writer.map(1 + usize::from(parameters.is_some()) + 2 * usize::from(auth.is_some()));
    writer.unsigned(1);
    writer.unsigned(sub_command);
    if let Some(parameters) = parameters {
        writer.unsigned(2);
        writer.encoded(parameters);
    }
    if let Some((shown, proof)) = auth {
        writer.unsigned(3);
        writer.unsigned(shown.protocol.number());
        writer.unsigned(4);
        writer.bytes(&proof);
    }
}

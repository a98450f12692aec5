//! A ceremony's plan, drawn from bytes.

use arbitrary::{Result, Unstructured};
use serde_json::{Value, json};
use stuntkey::attestation::{AttestationFormat, SerialNumber};
use stuntkey::authenticator::{Answer, Backup, CounterPolicy, ExtensionData, FlagOverrides, Model};
use stuntkey::crypto::Algorithm;
use stuntkey::encoding::base64url;
use stuntkey::webauthn::{
    Attachment, AttestationConveyance, CreationOptions, CredentialDescriptor, Flags, Hint, RelyingParty,
    RequestOptions, ResidentKey, Transport, User, UserVerification,
};

use super::super::choices::{bytes, flag, some, text};

/// The page around the relying party's, where there is one.
pub const TOP_ORIGIN: &str = "https://top.example";

/// All but RSA, whose signatures under a sanitizer take as long as all the rest.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::Es256,
    Algorithm::EdDsa,
    Algorithm::Es384,
    Algorithm::Es512,
    Algorithm::Es256k,
    Algorithm::Ed448,
    Algorithm::MlDsa44,
    Algorithm::MlDsa65,
    Algorithm::MlDsa87,
];

/// What a user answers, most often yes.
const ANSWERS: [Answer; 6] =
    [Answer::Verified, Answer::Present, Answer::Denied, Answer::NoAnswer, Answer::Verified, Answer::Verified];

/// Where a relying party lives.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// What the client is told.
    pub origin: Option<&'static str>,
    /// What the options ask for.
    asked: Option<&'static str>,
    /// The RP ID in effect.
    pub rp_id: &'static str,
    /// The origin in client data.
    pub serialized: &'static str,
}

const PAGES: [Page; 5] = [
    Page {
        origin: Some("https://login.example.com"),
        asked: None,
        rp_id: "login.example.com",
        serialized: "https://login.example.com",
    },
    Page {
        origin: Some("https://login.example.com:8443/"),
        asked: Some("example.com"),
        rp_id: "example.com",
        serialized: "https://login.example.com:8443",
    },
    Page {
        origin: Some("http://localhost:8080"),
        asked: Some("localhost"),
        rp_id: "localhost",
        serialized: "http://localhost:8080",
    },
    Page {
        origin: Some("https://login.bücher.example:443"),
        asked: Some("Bücher.example"),
        rp_id: "xn--bcher-kva.example",
        serialized: "https://login.xn--bcher-kva.example",
    },
    Page {
        origin: None,
        asked: Some("example.org"),
        rp_id: "example.org",
        serialized: "https://example.org",
    },
];

/// An authenticator: its model, and the seed that everything of it follows from.
#[derive(Debug)]
pub struct Device {
    pub model: Model,
    pub seed: String,
}

impl Device {
    fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let mut model = Model::default();
        let format = u.int_in_range(0..=AttestationFormat::ALL.len())?.checked_sub(1);
        let format = format.map(|at| AttestationFormat::ALL[at]);
        model.algorithms = some(u, &ALGORITHMS, 3)?;
        if model.algorithms.is_empty() {
            model.algorithms = ALGORITHMS.to_vec();
        }
        let attestation_algorithm = *u.choose(&ALGORITHMS)?;
        let attests = format.is_none_or(|format| format.supports_attestation_key(attestation_algorithm));
        model.attestation.format = format;
        model.attestation.algorithm = Some(if attests { attestation_algorithm } else { Algorithm::Es256 });
        // Two would be longer than the first allows.
        model.attestation.intermediates = *u.choose(&[None, Some(0), Some(1)])?;
        // A U2F token has one certificate (WebAuthn L3 §8.6).
        model.attestation.root_in_x5c = flag(u)? && format != Some(AttestationFormat::FidoU2f);
        model.enterprise_attestation = flag(u)?;
        model.attestation.serial_number = SerialNumber(b"0001".to_vec());
        model.counter =
            *u.choose(&[CounterPolicy::PerCredential, CounterPolicy::Global, CounterPolicy::Zero])?;
        model.credential_id_length = (*u.choose(&[32_u16, 16, 17, 255, 256, 1023, 1024])?).into();
        model.backup = match (flag(u)?, flag(u)?) {
            (false, false) => Backup::No,
            (true, false) => Backup::Eligible,
            (true, true) => Backup::BackedUp,
            (false, true) => Backup::NotEligible,
        };
        let forced = some(
            u,
            &[
                // Reserved: relying parties pass over them (WebAuthn L3 §6.1).
                (Flags(0x02), true),
                (Flags(0x20), true),
                (Flags::UP, false),
                (Flags::UV, false),
            ],
            2,
        )?;
        model.flags = forced.iter().fold(FlagOverrides::default(), |all, (flag, on)| all.force(*flag, *on));
        model.extension_data = ExtensionData::new(&bytes(u, 64)?).ok();
        model.resident_key = !flag(u)?;
        model.user_verification = !flag(u)?;
        model.attachment = *u.choose(Attachment::ALL)?;
        model.transports = Some(some(u, Transport::ALL, 3)?);
        Ok(Self { model, seed: format!("{:04x}", u.arbitrary::<u16>()?) })
    }

    /// Whether the user is verified where the options say this.
    pub fn verifies(&self, wanted: UserVerification) -> bool {
        self.model.user_verification && wanted != UserVerification::Discouraged
    }
}

/// A login.
#[derive(Debug)]
pub struct Login {
    /// The options, without the credential itself.
    pub options: RequestOptions,
    /// Whether the allow list has the credential.
    pub names_credential: bool,
    /// Whether the relying party knows the user before.
    pub user_is_known: bool,
    pub answer: Answer,
}

/// A registration and the logins after it.
#[derive(Debug)]
pub struct Plan {
    pub device: Device,
    pub page: Page,
    pub conditional: bool,
    pub cross_origin: bool,
    pub top_origin: bool,
    /// A member for client data: name and JSON.
    pub client_data_member: Option<(String, String)>,
    pub options: CreationOptions,
    pub registration_answer: Answer,
    /// Whether to register once more.
    pub again: bool,
    pub logins: Vec<Login>,
}

impl Plan {
    pub fn draw(u: &mut Unstructured<'_>) -> Result<Self> {
        let device = Device::draw(u)?;
        let page = *u.choose(&PAGES)?;
        Ok(Self {
            device,
            page,
            conditional: flag(u)?,
            cross_origin: flag(u)?,
            top_origin: flag(u)?,
            client_data_member: {
                let (name, value) = (text(u, 16)?, text(u, 16)?);
                let standard = ["", "type", "challenge", "origin", "crossOrigin", "topOrigin"];
                (!standard.contains(&name.as_str())).then(|| (name, Value::from(value).to_string()))
            },
            options: creation_options(u, page)?,
            registration_answer: *u.choose(&ANSWERS)?,
            again: flag(u)?,
            logins: (0..u.int_in_range(0..=3)?).map(|_| login(u, page)).collect::<Result<_>>()?,
        })
    }

    pub fn user_verification_required(&self) -> bool {
        self.options.authenticator_selection.user_verification == UserVerification::Required
    }

    /// Whether the credential is discoverable.
    pub fn discoverable(&self) -> bool {
        match self.options.authenticator_selection.resident_key {
            ResidentKey::Required => true,
            ResidentKey::Preferred => self.device.model.resident_key,
            _ => false,
        }
    }

    /// The attestation that the authenticator makes: the one that it always makes, or the one that is preferred.
    pub fn format(&self) -> AttestationFormat {
        let preferred = || match self.options.attestation {
            AttestationConveyance::None => AttestationFormat::None,
            _ => {
                let mut names = self.options.attestation_formats.iter();
                let made = names.find(|name| ["packed", "none"].contains(&name.as_str()));
                made.and_then(|name| AttestationFormat::from_name(name)).unwrap_or(AttestationFormat::Packed)
            }
        };
        self.device.model.attestation.format.unwrap_or_else(preferred)
    }

    /// The first algorithm asked for that the authenticator has and its attestation can be about.
    pub fn algorithm(&self) -> Option<Algorithm> {
        let asked = self.options.pub_key_cred_params.iter();
        let known = asked.filter_map(|identifier| Algorithm::from_cose_identifier(*identifier));
        let mut usable = known.filter(|algorithm| self.device.model.algorithms.contains(algorithm));
        usable.find(|algorithm| self.format().supports(*algorithm))
    }
}

/// A credential on a list.
pub fn descriptor(id: &[u8]) -> CredentialDescriptor {
    CredentialDescriptor { id: id.to_vec(), transports: vec![Transport::Usb] }
}

/// Credentials of somebody else's: their ids are shorter than any.
fn strangers(u: &mut Unstructured<'_>) -> Result<Vec<CredentialDescriptor>> {
    (0..u.int_in_range(0..=2)?).map(|_| Ok(descriptor(&bytes(u, 15)?))).collect()
}

/// At least a byte, as the standard asks of challenges and user handles.
fn at_least_one(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<u8>> {
    let drawn = bytes(u, most)?;
    Ok(if drawn.is_empty() { vec![1] } else { drawn })
}

fn creation_options(u: &mut Unstructured<'_>, page: Page) -> Result<CreationOptions> {
    let mut identifiers = ALGORITHMS.map(Algorithm::cose_identifier).to_vec();
    identifiers.extend([-65_000, 0, i64::MAX]);
    let mut pub_key_cred_params = some(u, &identifiers, 4)?;
    if pub_key_cred_params.is_empty() {
        pub_key_cred_params.push(Algorithm::Es256.cose_identifier());
    }
    let formats = ["packed", "none", "tpm", ""].map(str::to_owned);
    // The order in which these are drawn is what the corpus was made for.
    let attestation = *u.choose(AttestationConveyance::ALL)?;
    let attestation_formats = some(u, &formats, 2)?;
    let attachment = *u.choose(&[None, Some(Attachment::Platform), Some(Attachment::CrossPlatform)])?;
    let resident_key = *u.choose(ResidentKey::ALL)?;
    let user_verification = *u.choose(UserVerification::ALL)?;
    let cred_props = flag(u)?;
    let hints = some(u, Hint::ALL, 2)?;
    let timeout = u.arbitrary::<Option<u32>>()?.map(u64::from);
    let exclude_credentials = strangers(u)?;
    let challenge = at_least_one(u, 64)?;
    let rp = RelyingParty { id: page.asked.map(str::to_owned), name: text(u, 32)? };
    let user = User { id: at_least_one(u, 64)?, name: text(u, 32)?, display_name: text(u, 32)? };
    let mut options = CreationOptions::new(rp, user, challenge, pub_key_cred_params);
    options.attestation = attestation;
    options.attestation_formats = attestation_formats;
    options.authenticator_selection.attachment = attachment;
    options.authenticator_selection.resident_key = resident_key;
    options.authenticator_selection.user_verification = user_verification;
    options.extensions.cred_props = cred_props;
    options.hints = hints;
    options.timeout = timeout;
    options.exclude_credentials = exclude_credentials;
    Ok(options)
}

fn login(u: &mut Unstructured<'_>, page: Page) -> Result<Login> {
    let names_credential = flag(u)?;
    let strangers = strangers(u)?;
    let (user_is_known, answer) = (flag(u)?, *u.choose(&ANSWERS)?);
    let user_verification = *u.choose(UserVerification::ALL)?;
    let hints = some(u, Hint::ALL, 2)?;
    let timeout = u.arbitrary::<Option<u32>>()?.map(u64::from);
    let mut options = RequestOptions::new(at_least_one(u, 64)?);
    options.user_verification = user_verification;
    options.allow_credentials = (!strangers.is_empty()).then_some(strangers);
    options.hints = hints;
    options.timeout = timeout;
    options.rp_id = page.asked.map(str::to_owned);
    Ok(Login { names_credential, user_is_known, answer, options })
}

/// The options as a server writes them.
pub fn creation_json(options: &CreationOptions) -> String {
    let parameter = |identifier: &i64| json!({ "type": "public-key", "alg": identifier });
    let selection = options.authenticator_selection;
    let mut json = json!({
        "rp": { "name": options.rp.name },
        "user": {
            "id": base64url::encode(&options.user.id),
            "name": options.user.name,
            "displayName": options.user.display_name,
        },
        "challenge": base64url::encode(&options.challenge),
        "pubKeyCredParams": options.pub_key_cred_params.iter().map(parameter).collect::<Value>(),
        "excludeCredentials": descriptors(&options.exclude_credentials),
        "authenticatorSelection": {
            "residentKey": selection.resident_key.as_str(),
            "userVerification": selection.user_verification.as_str(),
        },
        "hints": names(&options.hints),
        "attestation": options.attestation.as_str(),
        "attestationFormats": options.attestation_formats,
        "extensions": { "credProps": options.extensions.cred_props, "example.com/other": { "id": "AA" } },
    });
    if let Some(id) = &options.rp.id {
        json["rp"]["id"] = id.as_str().into();
    }
    if let Some(attachment) = selection.attachment {
        json["authenticatorSelection"]["authenticatorAttachment"] = attachment.as_str().into();
    }
    if let Some(timeout) = options.timeout {
        json["timeout"] = timeout.into();
    }
    json.to_string()
}

/// The options as a server writes them.
pub fn request_json(options: &RequestOptions) -> String {
    let mut json = json!({
        "challenge": base64url::encode(&options.challenge),
        "userVerification": options.user_verification.as_str(),
        "hints": names(&options.hints),
    });
    if let Some(id) = &options.rp_id {
        json["rpId"] = id.as_str().into();
    }
    if let Some(allowed) = &options.allow_credentials {
        json["allowCredentials"] = descriptors(allowed);
    }
    if let Some(timeout) = options.timeout {
        json["timeout"] = timeout.into();
    }
    json.to_string()
}

fn names(hints: &[Hint]) -> Value {
    hints.iter().map(|hint| hint.as_str()).collect()
}

fn descriptors(list: &[CredentialDescriptor]) -> Value {
    let descriptor = |descriptor: &CredentialDescriptor| {
        let transports: Value = descriptor.transports.iter().map(|transport| transport.as_str()).collect();
        json!({ "type": "public-key", "id": base64url::encode(&descriptor.id), "transports": transports })
    };
    list.iter().map(descriptor).collect()
}

//! A relying party's side of both ceremonies.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stuntkey::attestation::CertificateAuthority;
use stuntkey::client::{find_creation_options, find_request_options};
use stuntkey::crypto::Algorithm;
use stuntkey::verifier::{
    AttestationPolicy, AuthenticationExpectations, CredentialRecord, Examination, RegisteredCredential,
    RegistrationExpectations, RelyingParty, RelyingPartyPolicy, Trust,
};
use stuntkey_inspect::written;

use crate::error::{Name, Refusal};
use crate::state::State;
use crate::words::{Any, Body, Bytes, OneOrMore};

/// A request to verify a response: what both ceremonies are held to, and what more one of them is.
macro_rules! expecting {
    ($(#[$doc:meta])* $name:ident { $($more:tt)* }) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        pub(crate) struct $name {
            /// What the client sent: `RegistrationResponseJSON` or `AuthenticationResponseJSON`.
            response: Body,
            /// The options that the server sent, which say what else is expected. Or else `challenge`.
            #[serde(default)]
            options: Option<Body>,
            /// The challenge that was issued.
            #[serde(default)]
            challenge: Option<Bytes>,
            /// Default: the RP ID of the options.
            #[serde(default)]
            rp_id: Option<String>,
            /// The origins of the server's pages.
            origin: OneOrMore<String>,
            /// Whether the server expects to be embedded in pages of other origins.
            #[serde(default)]
            cross_origin: bool,
            /// The pages in which it expects to be embedded.
            #[serde(default)]
            top_origins: Vec<String>,
            /// Whether user verification is required. Default: what the options say, or no.
            #[serde(default)]
            user_verification: Option<bool>,
            /// What the standard leaves to the relying party.
            #[serde(default)]
            policy: Policy,
            /// Whether the answer has every step. Default: no.
            #[serde(default)]
            steps: bool,
            $($more)*
        }

        impl $name {
            fn expected(&self) -> Expected<'_> {
                Expected {
                    challenge: self.challenge.as_ref().map(|challenge| challenge.0.as_slice()),
                    rp_id: self.rp_id.as_deref(),
                    origins: self.origin.iter().cloned().collect(),
                    cross_origin: self.cross_origin,
                    top_origins: &self.top_origins,
                    policy: &self.policy,
                }
            }
        }
    };
}

expecting! {
    /// A registration, and what it is held to.
    Registration {
        /// The algorithms that were asked for, by name. Default: what the options say, or ES256.
        #[serde(default)]
        algorithms: Option<Vec<String>>,
        /// Whether the create was conditional.
        #[serde(default)]
        conditional: bool,
        /// Who may attest: `anybody`, `test-root`, or PEM of certificates. Default: anybody.
        #[serde(default)]
        trust: Option<OneOrMore<String>>,
        /// What is registered already.
        #[serde(default)]
        credentials: Vec<Record>,
    }
}

expecting! {
    /// An authentication, and what it is held to.
    Authentication {
        /// What is registered.
        credentials: OneOrMore<Record>,
        /// The user handle of the user who was identified before.
        #[serde(default)]
        user_handle: Option<Bytes>,
        /// Whether a signature counter that does not rise is let pass. Default: no.
        #[serde(default)]
        stale_sign_count: bool,
    }
}

/// What both ceremonies are held to.
struct Expected<'a> {
    challenge: Option<&'a [u8]>,
    rp_id: Option<&'a str>,
    origins: Vec<String>,
    cross_origin: bool,
    top_origins: &'a [String],
    policy: &'a Policy,
}

/// What the standard leaves to the relying party. What is left out has the standard's default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default, rename_all = "camelCase")]
pub(super) struct Policy {
    /// Whether a registration without attestation is acceptable. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) none_attestation: Option<bool>,
    /// Whether self attestation is acceptable. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) self_attestation: Option<bool>,
    /// Whether `x5c` of a packed statement may include the trust anchor. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) root_in_x5c: Option<bool>,
    /// Whether the AAGUID of a fido-u2f attestation has to be zero. Default: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fido_u2f_zero_aaguid: Option<bool>,
    /// What BE has to be. Default: either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) backup_eligible: Option<bool>,
    /// What BS has to be. Default: either.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) backed_up: Option<bool>,
    /// Whether extension outputs that were not asked for are refused. Default: no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refuse_unsolicited_extensions: Option<bool>,
    /// Whether CBOR has to be in the CTAP2 canonical encoding form. Default: yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) canonical_cbor: Option<bool>,
    /// The attestation statement formats that are acceptable, by identifier. Default: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) formats: Option<Vec<String>>,
}

impl<'a> Expected<'a> {
    fn policy(&self, of_options: Option<String>) -> Result<RelyingPartyPolicy, Refusal> {
        let Some(rp_id) = self.rp_id.map(str::to_owned).or(of_options) else {
            return Err(Refusal::new(Name::Request, "$.rpId: found none, and none in the options")
                .at("$.rpId")
                .hint("give \"rpId\": the host of the page, or a registrable suffix of it"));
        };
        Ok(RelyingPartyPolicy {
            origins: self.origins.clone(),
            cross_origin: self.cross_origin || !self.top_origins.is_empty(),
            top_origins: self.top_origins.to_vec(),
            backup_eligible: self.policy.backup_eligible,
            backed_up: self.policy.backed_up,
            refuse_unsolicited_extensions: self.policy.refuse_unsolicited_extensions.unwrap_or(false),
            canonical_cbor: self.policy.canonical_cbor.unwrap_or(true),
            ..RelyingPartyPolicy::new(&rp_id, "")
        })
    }

    fn challenge(&self) -> Result<&'a [u8], Refusal> {
        self.challenge.ok_or_else(|| {
            Refusal::new(Name::Request, "$: found neither options nor a challenge, expected one of them")
                .at("$")
                .hint("give \"options\": what the server sent, or \"challenge\"")
        })
    }
}

/// What a relying party keeps of a credential (WebAuthn L3 §4, credential record).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Record {
    id: Bytes,
    /// The credential public key, a COSE_Key.
    public_key: Bytes,
    #[serde(default)]
    sign_count: u32,
    #[serde(default)]
    uv_initialized: bool,
    #[serde(default)]
    transports: Vec<String>,
    #[serde(default)]
    backup_eligible: bool,
    #[serde(default)]
    backup_state: bool,
    /// The user handle of its user. Without it, whose it is is not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_handle: Option<Bytes>,
}

impl Record {
    fn of(record: CredentialRecord, user_handle: Option<Bytes>) -> Self {
        Self {
            id: Bytes(record.id),
            public_key: Bytes(record.public_key),
            sign_count: record.sign_count,
            uv_initialized: record.uv_initialized,
            transports: record.transports,
            backup_eligible: record.backup_eligible,
            backup_state: record.backup_state,
            user_handle,
        }
    }

    fn registered(self) -> RegisteredCredential {
        RegisteredCredential {
            user_handle: self.user_handle.map(|handle| handle.0).unwrap_or_default(),
            record: CredentialRecord {
                id: self.id.0,
                public_key: self.public_key.0,
                sign_count: self.sign_count,
                uv_initialized: self.uv_initialized,
                transports: self.transports,
                backup_eligible: self.backup_eligible,
                backup_state: self.backup_state,
            },
        }
    }
}

/// Whether it holds, and if not, why.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Verdict {
    verified: bool,
    /// The first check that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<Failure>,
    /// Every step, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<Any<Examination>>,
}

/// A check that failed.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Failure {
    /// The step of §7.1 or §7.2.
    step: u8,
    /// Document, section and step.
    clause: String,
    /// The check's name.
    check: String,
    requirement: String,
    found: String,
    expected: String,
    /// Where in the response, if the check alone does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// All of it in one sentence.
    message: String,
}

impl Verdict {
    fn of(report: &Examination, with_steps: bool) -> Self {
        let failure = report.refusals().next().map(|failed| Failure {
            step: failed.step,
            clause: failed.clause(),
            check: failed.check.id().to_owned(),
            requirement: failed.check.requirement().to_owned(),
            found: failed.found.clone(),
            expected: failed.expected.clone(),
            place: failed.place.clone(),
            message: failed.to_string(),
        });
        let steps = with_steps.then(|| Any(report.clone()));
        Self { verified: failure.is_none(), failure, steps }
    }
}

/// What came of a registration.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct VerifiedRegistration {
    #[serde(flatten)]
    verdict: Verdict,
    /// What to store.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<Record>,
    /// The authenticator's model.
    #[serde(skip_serializing_if = "Option::is_none")]
    aaguid: Option<String>,
    /// The attestation statement format.
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    /// The type of attestation, in the standard's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    attestation: Option<String>,
}

pub(crate) fn registration(state: &mut State, given: Registration) -> Result<VerifiedRegistration, Refusal> {
    let options = match &given.options {
        Some(body) => Some(find_creation_options(&body.text())?),
        None => None,
    };
    let mut expected = match &options {
        Some(options) => RegistrationExpectations::new(options),
        None => RegistrationExpectations::with_challenge(given.expected().challenge()?),
    };
    if let Some(challenge) = &given.challenge {
        expected.challenge.clone_from(&challenge.0);
    }
    if let Some(names) = &given.algorithms {
        let algorithms: Result<Vec<i64>, Refusal> = names
            .iter()
            .map(|name| {
                name.parse::<Algorithm>().map(Algorithm::cose_identifier).map_err(|error| {
                    Refusal::new(Name::Request, format!("$.algorithms: {error}")).at("$.algorithms")
                })
            })
            .collect();
        expected = expected.algorithms(algorithms?);
    }
    if let Some(required) = given.user_verification {
        expected = expected.user_verification(required);
    }
    expected = expected.conditional(given.conditional);
    let policy = given.expected().policy(options.as_ref().and_then(|options| options.rp.id.clone()))?;
    let relying_party = RelyingParty::new(policy).attestation(AttestationPolicy {
        none: given.policy.none_attestation.unwrap_or(true),
        self_attestation: given.policy.self_attestation.unwrap_or(true),
        packed_root_in_x5c: given.policy.root_in_x5c.unwrap_or(true),
        fido_u2f_zero_aaguid: given.policy.fido_u2f_zero_aaguid.unwrap_or(false),
        formats: given.policy.formats,
        trust: trust(given.trust)?,
        time: Some(state.time()?.as_system_time()),
        ..AttestationPolicy::default()
    });
    let known: Vec<RegisteredCredential> = given.credentials.into_iter().map(Record::registered).collect();
    let reply = given.response.text();
    let report = relying_party.examine_registration(&reply, &expected, &known);
    let verdict = Verdict::of(&report, given.steps);
    let verified = relying_party.verify_registration(&reply, &expected, &known).ok();
    let user_handle = options.map(|options| Bytes(options.user.id));
    Ok(match verified {
        Some(verified) => VerifiedRegistration {
            verdict,
            credential: Some(Record::of(verified.record, user_handle)),
            aaguid: Some(verified.aaguid.to_string()),
            format: Some(verified.attestation.format),
            attestation: Some(verified.attestation.attestation_type.name().to_owned()),
        },
        None => {
            VerifiedRegistration { verdict, credential: None, aaguid: None, format: None, attestation: None }
        }
    })
}

fn trust(given: Option<OneOrMore<String>>) -> Result<Trust, Refusal> {
    let Some(given) = given else { return Ok(Trust::Anybody) };
    let mut anchors = Vec::new();
    for one in given.into_vec() {
        match one.as_str() {
            "anybody" => return Ok(Trust::Anybody),
            "test-root" => anchors.push(CertificateAuthority::test_root().certificate_der().to_vec()),
            pem => {
                let blocks = written::pem(pem.as_bytes()).into_iter();
                let found: Vec<Vec<u8>> = blocks
                    .filter(|block| block.label == "CERTIFICATE")
                    .filter_map(|block| block.bytes)
                    .collect();
                if found.is_empty() {
                    return Err(Refusal::new(
                        Name::Request,
                        "$.trust: found no certificate, expected \"anybody\", \"test-root\" or PEM",
                    )
                    .at("$.trust"));
                }
                anchors.extend(found);
            }
        }
    }
    Ok(Trust::Anchors(anchors))
}

/// What came of an authentication.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct VerifiedAuthentication {
    #[serde(flatten)]
    verdict: Verdict,
    /// What to store from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<Record>,
}

pub(crate) fn authentication(
    _: &mut State,
    given: Authentication,
) -> Result<VerifiedAuthentication, Refusal> {
    let options = match &given.options {
        Some(body) => Some(find_request_options(&body.text())?),
        None => None,
    };
    let mut expected = match &options {
        Some(options) => AuthenticationExpectations::new(options),
        None => AuthenticationExpectations::with_challenge(given.expected().challenge()?),
    };
    if let Some(challenge) = &given.challenge {
        expected.challenge.clone_from(&challenge.0);
    }
    if let Some(required) = given.user_verification {
        expected = expected.user_verification(required);
    }
    expected = expected
        .user(given.user_handle.clone().map(|handle| handle.0))
        .stale_sign_count(given.stale_sign_count);
    let policy = given.expected().policy(options.and_then(|options| options.rp_id))?;
    let relying_party = RelyingParty::new(policy);
    let reply = given.response.text();
    // Whose a credential is that nobody says it of is not checked.
    let own = user_handle(&reply);
    let known: Vec<RegisteredCredential> = given
        .credentials
        .into_vec()
        .into_iter()
        .map(|record| Record { user_handle: record.user_handle.clone().or_else(|| own.clone()), ..record })
        .map(Record::registered)
        .collect();
    let report = relying_party.examine_authentication(&reply, &expected, &known);
    let verdict = Verdict::of(&report, given.steps);
    let verified = relying_party.verify_authentication(&reply, &expected, &known).ok();
    let credential = verified.map(|verified| {
        let handle = known
            .iter()
            .find(|credential| credential.record.id == verified.record.id)
            .map(|credential| Bytes(credential.user_handle.clone()));
        Record::of(verified.record, handle)
    });
    Ok(VerifiedAuthentication { verdict, credential })
}

/// The user handle in a response.
fn user_handle(reply: &str) -> Option<Bytes> {
    let reply: Value = serde_json::from_str(reply).ok()?;
    serde_json::from_value(reply.pointer("/response/userHandle")?.clone()).ok()
}

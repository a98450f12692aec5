//! What is expected of a response, put together from the command line and the options that the server sent.
//!
//! What the caller did not state is not checked; its step says so in place of a verdict.

use std::path::Path;

use stuntkey::client::{find_creation_options, find_request_options};
use stuntkey::crypto::Algorithm;
use stuntkey::verifier::{
    AndroidKeyPolicy, AttestationPolicy, AuthenticationExpectations, Check, CredentialRecord, Credentials,
    Examination, RegisteredCredential, RegistrationExpectations, RelyingParty, RelyingPartyPolicy,
    StepVerdict, Trust,
};
use stuntkey::webauthn::{
    AttestationConveyance, Ceremony, CreationOptions, Flags, RequestOptions, UserVerification as Requirement,
};

use super::arguments::{Expected, UserVerification};
use super::public_key;
use super::steps::Verification;
use crate::failure::Failure;
use crate::input;
use stuntkey_inspect::recognise::{Kind, recognise};
use stuntkey_inspect::response::{Form, Response};
use stuntkey_inspect::{client_data, written};

/// Verifies a response by what is expected of it.
pub(crate) fn verify(response: &Response, expected: &Expected) -> Result<Verification, Failure> {
    let mut open = Open::default();
    let report = match response.form {
        Form::Registration => registration(response, expected, &mut open)?,
        Form::Authentication => authentication(response, expected, &mut open)?,
    };
    if !response.filled.is_empty() {
        let names = response.filled.join(" and ");
        open.remarks.push(format!("the response has no {names} of its own; what is needed was filled in"));
    }
    Ok(open.close(report))
}

/// What the caller did not state: checks that are left out, and why.
#[derive(Default)]
struct Open {
    checks: Vec<Check>,
    steps: Vec<(u8, String)>,
    remarks: Vec<String>,
}

impl Open {
    fn leave(&mut self, ceremony: Ceremony, check: Check, why: &str) {
        self.checks.push(check);
        self.steps.extend(check.step(ceremony).map(|step| (step, why.to_owned())));
    }

    /// A step whose only check was left out did not pass.
    fn close(self, mut report: Examination) -> Verification {
        for (number, why) in self.steps {
            let step = report.steps.iter_mut().find(|step| step.number == number);
            if let Some(verdict @ StepVerdict::Passed(_)) = step.map(|step| &mut step.verdict) {
                *verdict = StepVerdict::NotApplicable(why.into());
            }
        }
        let anybody = "the relying party trusts anybody";
        for step in &mut report.steps {
            if matches!(&step.verdict, StepVerdict::NotApplicable(why) if why == anybody) {
                step.verdict = StepVerdict::NotApplicable("not assessed: no --trust".into());
            }
        }
        Verification { report, remarks: self.remarks }
    }
}

fn registration(response: &Response, expected: &Expected, open: &mut Open) -> Result<Examination, Failure> {
    if expected.public_key.is_some() || expected.sign_count.is_some() {
        let text = "--public-key and --sign-count: found a registration, expected an authentication";
        return Err(Failure::Usage(text.into()));
    }
    let options = match &expected.options {
        Some(file) => {
            Some(find_creation_options(&input::read(file)?).map_err(|e| Failure::from(e).in_file(file))?)
        }
        None => None,
    };
    let options: Option<&CreationOptions> = options.as_ref();
    let requested = Requested {
        challenge: options.map(|options| options.challenge.clone()),
        rp_id: options.and_then(|options| options.rp.id.clone()),
        user_verification: options.map(|options| options.authenticator_selection.user_verification),
    };
    let (policy, challenge) = relying_party(Ceremony::Create, expected, &requested, open);
    let algorithms = match options {
        Some(options) => options.pub_key_cred_params.clone(),
        None => {
            open.remarks.push("without --options every algorithm passes that the verifier knows".into());
            Algorithm::ALL.iter().map(|algorithm| algorithm.cose_identifier()).collect()
        }
    };
    let enterprise = options.is_some_and(|options| options.attestation == AttestationConveyance::Enterprise);
    let extensions = options.map(|options| options.extensions.identifiers()).unwrap_or_default();
    let relying_party = RelyingParty::new(policy).attestation(AttestationPolicy {
        trust: trust(expected)?,
        android_key: AndroidKeyPolicy { absent_allowed: expected.android_key_absent, tee_only: false },
        ..AttestationPolicy::default()
    });
    let expectations = RegistrationExpectations::with_challenge(&challenge)
        .algorithms(algorithms)
        .user_verification(user_verification(expected, &requested))
        .conditional(expected.conditional)
        .extensions(extensions.into_iter().map(str::to_owned))
        .enterprise(enterprise || expected.enterprise);
    open.steps.push((26, "the tool knows no other credentials".into()));
    Ok(relying_party.examine_registration(&response.reply, &expectations, &[]))
}

fn authentication(response: &Response, expected: &Expected, open: &mut Open) -> Result<Examination, Failure> {
    let registration_only = expected.conditional || expected.android_key_absent || expected.enterprise;
    if registration_only || !expected.trust.is_empty() {
        let text = "--trust, --conditional, --android-key-absent and --enterprise: found an authentication, expected a registration";
        return Err(Failure::Usage(text.into()));
    }
    let options = match &expected.options {
        Some(file) => {
            Some(find_request_options(&input::read(file)?).map_err(|e| Failure::from(e).in_file(file))?)
        }
        None => None,
    };
    let options: Option<&RequestOptions> = options.as_ref();
    let requested = Requested {
        challenge: options.map(|options| options.challenge.clone()),
        rp_id: options.and_then(|options| options.rp_id.clone()),
        user_verification: options.map(|options| options.user_verification),
    };
    let key = match &expected.public_key {
        Some(given) => Some(public_key::read(given, response)?),
        None => {
            open.leave(Ceremony::Get, Check::Signature, "not checkable: no --public-key");
            None
        }
    };
    if expected.sign_count.is_none() {
        open.leave(Ceremony::Get, Check::SignCount, "not checkable: no --sign-count");
    }
    open.steps.push((6, "the tool knows no users".into()));
    open.remarks.push("BE at registration is not known and is taken to be what it is now".into());
    let (policy, challenge) = relying_party(Ceremony::Get, expected, &requested, open);
    let allowed = options.and_then(|options| options.allow_credentials.as_deref()).unwrap_or_default();
    let user = response.user_handle.clone().unwrap_or_default();
    let flags = Flags(response.authenticator_data.get(32).copied().unwrap_or_default());
    let record = CredentialRecord {
        id: Vec::new(),
        public_key: key.unwrap_or_default(),
        sign_count: expected.sign_count.unwrap_or_default(),
        uv_initialized: false,
        transports: Vec::new(),
        backup_eligible: flags.contains(Flags::BE),
        backup_state: flags.contains(Flags::BS),
    };
    let expectations = AuthenticationExpectations::with_challenge(&challenge)
        .user_verification(user_verification(expected, &requested))
        .allow_credentials(allowed.iter().map(|credential| credential.id.clone()))
        .user(Some(user.clone()));
    Ok(RelyingParty::new(policy).examine_authentication(
        &response.reply,
        &expectations,
        &AnyId(RegisteredCredential { user_handle: user, record }),
    ))
}

/// The one credential that is known, whatever its id.
struct AnyId(RegisteredCredential);

impl Credentials for AnyId {
    fn find(&self, credential_id: &[u8]) -> Option<RegisteredCredential> {
        let mut credential = self.0.clone();
        credential.record.id = credential_id.to_vec();
        Some(credential)
    }
}

/// What the options say.
struct Requested {
    challenge: Option<Vec<u8>>,
    rp_id: Option<String>,
    user_verification: Option<Requirement>,
}

fn relying_party(
    ceremony: Ceremony,
    expected: &Expected,
    requested: &Requested,
    open: &mut Open,
) -> (RelyingPartyPolicy, Vec<u8>) {
    let challenge =
        expected.challenge.as_ref().map(|challenge| challenge.0.clone()).or(requested.challenge.clone());
    if challenge.is_none() {
        open.leave(ceremony, Check::Challenge, "not checkable: no --challenge");
    }
    let host = expected.origins.first().map(|origin| client_data::host_of(origin).to_owned());
    let given = expected.rp_id.clone().or(requested.rp_id.clone().filter(|rp_id| !rp_id.is_empty()));
    let rp_id = given.or(host.filter(|host| !host.is_empty()));
    if rp_id.is_none() {
        open.leave(ceremony, Check::RpIdHash, "not checkable: no --rp-id");
    }
    if expected.origins.is_empty() {
        open.leave(ceremony, Check::Origin, "not checkable: no --origin");
    }
    let policy = RelyingPartyPolicy {
        origins: expected.origins.clone(),
        cross_origin: expected.cross_origin || !expected.top_origins.is_empty(),
        top_origins: expected.top_origins.clone(),
        disabled: open.checks.clone(),
        ..RelyingPartyPolicy::new(&rp_id.unwrap_or_default(), "")
    };
    (policy, challenge.unwrap_or_default())
}

fn user_verification(expected: &Expected, requested: &Requested) -> bool {
    match expected.user_verification {
        Some(requirement) => requirement == UserVerification::Required,
        None => requested.user_verification == Some(Requirement::Required),
    }
}

fn trust(expected: &Expected) -> Result<Trust, Failure> {
    if expected.trust.is_empty() {
        return Ok(Trust::Anybody);
    }
    let mut anchors = Vec::new();
    for file in &expected.trust {
        anchors.extend(certificates(file)?);
    }
    Ok(Trust::Anchors(anchors))
}

/// The certificates in a file: PEM, as many as there are, or one.
pub(crate) fn certificates(file: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let bytes = input::read_bytes(file)?;
    let refuse = || Failure::Usage(format!("{}: found no certificate, expected PEM or DER", file.display()));
    let blocks = written::pem(&bytes).into_iter().filter(|block| block.label == "CERTIFICATE");
    let found: Vec<Vec<u8>> = blocks.filter_map(|block| block.bytes).collect();
    let found = if found.is_empty() {
        let single = recognise(&bytes, None, &|_| None);
        let certificate = single.tree.bytes.clone().filter(|_| single.kind == Some(Kind::Certificate));
        vec![certificate.ok_or_else(refuse)?]
    } else {
        found
    };
    // An anchor that cannot be read would look like one that does not fit.
    let whole = |der: &Vec<u8>| {
        let single = recognise(der, Some(Kind::Certificate), &|_| None);
        single.tree.first_stop().is_none()
    };
    if found.iter().all(whole) { Ok(found) } else { Err(refuse()) }
}

//! Whole ceremonies: an authenticator and options of any kind, before the independent verifier.

mod plan;

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use arbitrary::Unstructured;
use stuntkey::authenticator::{Answer, Backup, Clock, ConsentRequest, CounterPolicy};
use stuntkey::client::{DomException, find_creation_options, find_request_options};
use stuntkey::verifier::{
    AttestationPolicy, AuthenticationExpectations, Check, RegisteredCredential, RegistrationExpectations,
    RelyingParty, RelyingPartyPolicy, Trust, VerifiedRegistration,
};
use stuntkey::webauthn::{CreationOptions, Flags, RegistrationResponse, ResidentKey, UserVerification};
use stuntkey::{Client, Error};

use super::authority;
use plan::{Login, Page, Plan};

/// A registration, and logins with what it made. Whether the client goes along, and what the verifier says, follow from
/// the options and the authenticator by rules that stand here; what the verifier keeps is what the authenticator has.
pub fn ceremony(data: &[u8]) {
    let Ok(plan) = Plan::draw(&mut Unstructured::new(data)) else { return };
    let user = Arc::new(Mutex::new(plan.registration_answer));
    let mut client = client(&plan, &user);
    let (body, options) = (plan::creation_json(&plan.options), &plan.options);
    assert_eq!(find_creation_options(&body).as_ref().expect("options as the standard has them"), options);

    let refused = registration_refusal(&plan);
    let response = match client.register(&body) {
        Ok(reply) => reply.into_response(),
        Err(error) => {
            assert_eq!(error.dom_exception(), refused, "{error}");
            assert!(client.authenticator().credentials().expect("memory").is_empty(), "{error}");
            return;
        }
    };
    assert_eq!(refused, None, "the client goes along");
    let credentials = client.authenticator().credentials().expect("memory");
    let [credential] = credentials.as_slice() else { panic!("{} credentials", credentials.len()) };
    assert_eq!((&credential.id, &credential.user), (&response.id, &options.user));
    assert_eq!(credential.rp_id, plan.page.rp_id);
    assert_eq!(credential.discoverable, plan.discoverable());

    let reply = response.to_json().to_string();
    let verified = judge(&plan).verify_registration(&reply, &expected_registration(&plan), &[]);
    if let Some(check) = registration_check(&plan) {
        return assert_eq!(verified.map_err(|refusal| refusal.check), Err(check));
    }
    let verified = verified.unwrap_or_else(|refusal| panic!("{refusal}"));
    agree(&plan, &response, &verified);

    if plan.again {
        *user.lock().expect("nobody panics with it") = Answer::Verified;
        exclude(&plan, &mut client, &response.id);
    }
    let mut credentials =
        [RegisteredCredential { user_handle: options.user.id.clone(), record: verified.record }];
    for login in &plan.logins {
        *user.lock().expect("nobody panics with it") = login.answer;
        log_in(&plan, login, &mut client, &mut credentials);
    }
}

fn client(plan: &Plan, user: &Arc<Mutex<Answer>>) -> Client {
    let Plan { device, page, .. } = plan;
    let answer = Arc::clone(user);
    let builder = device
        .model
        .clone()
        .builder()
        .seed(&device.seed)
        .attestation_authority(authority().clone())
        .user(move |_: &ConsentRequest<'_>| *answer.lock().expect("nobody panics with it"));
    let mut client = match page.origin {
        Some(origin) => Client::builder(origin),
        None => Client::builder_without_origin(),
    };
    client = client
        .authenticator(
            builder.build().expect("the plan has what every build has, and a seed needs no randomness"),
        )
        .enterprise_rp_ids([page.rp_id])
        .conditional(plan.conditional)
        .cross_origin(plan.cross_origin);
    if plan.top_origin {
        client = client.top_origin(plan::TOP_ORIGIN);
    }
    if let Some((name, json)) = &plan.client_data_member {
        client = client.client_data_member(name, json);
    }
    client.build().expect("origin and member are such")
}

/// What the client answers (WebAuthn L3 §5.1.3, §6.3.2), in the order in which it looks.
fn registration_refusal(plan: &Plan) -> Option<DomException> {
    let Plan { device, options, .. } = plan;
    let selection = options.authenticator_selection;
    let other = selection.attachment.is_some_and(|wanted| {
        // A hint has precedence, and binds nobody (§5.8.7).
        let overruled = options.hints.first().is_some_and(|hint| hint.attachment() != wanted);
        wanted != device.model.attachment && !overruled
    });
    if other {
        return Some(DomException::NotAllowedError);
    }
    let needs_key = selection.resident_key == ResidentKey::Required && !device.model.resident_key;
    let needs_user =
        plan.user_verification_required() && (plan.conditional || !device.model.user_verification);
    if needs_key || needs_user {
        return Some(DomException::ConstraintError);
    }
    if plan.algorithm().is_none() {
        return Some(DomException::NotSupportedError);
    }
    let asked = device.verifies(selection.user_verification) && !plan.conditional;
    (!plan.conditional && !agrees(plan.registration_answer, asked)).then_some(DomException::NotAllowedError)
}

/// Whether the user's answer is a yes, where verification is asked for or not.
fn agrees(answer: Answer, verification: bool) -> bool {
    answer == Answer::Verified || answer == Answer::Present && !verification
}

/// What the verifier holds against what the authenticator made: nothing, but for flags and lengths that are wrong.
fn registration_check(plan: &Plan) -> Option<Check> {
    let flags_check = flags_check(plan, plan.conditional, plan.user_verification_required());
    let too_long = plan.device.model.credential_id_length.get() > 1023;
    flags_check.or(too_long.then_some(Check::CredentialIdLength))
}

fn flags_check(plan: &Plan, conditional: bool, verification: bool) -> Option<Check> {
    let model = &plan.device.model;
    let cleared = |flag: Flags| model.flags.forced(flag) == Some(false);
    if !conditional && cleared(Flags::UP) {
        Some(Check::UserPresent)
    } else if verification && cleared(Flags::UV) {
        Some(Check::UserVerified)
    } else if model.backup == Backup::NotEligible {
        Some(Check::BackupStateWithoutEligibility)
    } else {
        None
    }
}

fn judge(plan: &Plan) -> RelyingParty {
    let Page { rp_id, serialized, .. } = plan.page;
    RelyingParty::new(RelyingPartyPolicy {
        cross_origin: plan.cross_origin || plan.top_origin,
        top_origins: plan.top_origin.then(|| plan::TOP_ORIGIN.to_owned()).into_iter().collect(),
        // Unless the authenticator adds its own, there is no output that was not asked for.
        refuse_unsolicited_extensions: plan.device.model.extension_data.is_none(),
        ..RelyingPartyPolicy::new(rp_id, serialized)
    })
    .attestation(AttestationPolicy {
        trust: Trust::Anchors(vec![authority().certificate_der().to_vec()]),
        fido_u2f_zero_aaguid: true,
        time: Some(SystemTime::UNIX_EPOCH + Duration::from_millis(Clock::SEEDED.now())),
        ..AttestationPolicy::default()
    })
}

fn expected_registration(plan: &Plan) -> RegistrationExpectations {
    RegistrationExpectations::new(&plan.options).conditional(plan.conditional)
}

/// What the verifier keeps is what the authenticator made.
fn agree(plan: &Plan, response: &RegistrationResponse, verified: &VerifiedRegistration) {
    let record = &verified.record;
    assert_eq!(record.id, response.id);
    assert_eq!(record.transports, response.transport_names());
    assert_eq!(record.sign_count, u32::from(plan.device.model.counter == CounterPolicy::Global));
    assert_eq!(record.backup_eligible, plan.device.model.backup.is_eligible());
    assert_eq!(record.backup_state, plan.device.model.backup.is_backed_up());
    assert_eq!(verified.attestation.format, plan.format().identifier());
    let algorithm = plan.algorithm().map(|algorithm| algorithm.cose_identifier());
    assert_eq!(Some(response.public_key_algorithm), algorithm);
}

/// The same again, with the credential on the list of those that the account has: refused, and nothing is stored.
fn exclude(plan: &Plan, client: &mut Client, id: &[u8]) {
    let mut options: CreationOptions = plan.options.clone();
    options.exclude_credentials.push(plan::descriptor(id));
    let before = client.authenticator().credentials().expect("memory");
    let error = client.register(&plan::creation_json(&options)).expect_err("it is excluded");
    assert_eq!(error.dom_exception(), Some(DomException::InvalidStateError), "{error}");
    assert_eq!(client.authenticator().credentials().expect("memory"), before);
}

fn log_in(plan: &Plan, login: &Login, client: &mut Client, credentials: &mut [RegisteredCredential; 1]) {
    let Plan { device, .. } = plan;
    let [RegisteredCredential { user_handle, record }] = credentials.clone();
    let mut options = login.options.clone();
    if login.names_credential {
        let allowed = options.allow_credentials.get_or_insert_default();
        allowed.push(plan::descriptor(&record.id));
    }
    let body = plan::request_json(&options);
    assert_eq!(find_request_options(&body).expect("options as the standard has them"), options);
    let required = options.user_verification == UserVerification::Required;
    let found = match &options.allow_credentials {
        // A conditional request offers discoverable credentials only.
        Some(_) => login.names_credential && (plan.discoverable() || !plan.conditional),
        None => plan.discoverable(),
    };
    let verifies = device.verifies(options.user_verification);
    let possible = found && (device.model.user_verification || !required) && agrees(login.answer, verifies);
    let response = match client.authenticate(&body) {
        Ok(reply) => reply.into_response(),
        Err(error) => {
            assert!(!possible, "{error}");
            assert!(matches!(error, Error::Refused(_)), "{error}");
            return assert_eq!(error.dom_exception(), Some(DomException::NotAllowedError), "{error}");
        }
    };
    assert!(possible, "the client goes along");

    let mut expected = AuthenticationExpectations::new(&options);
    expected.user = login.user_is_known.then(|| user_handle.clone());
    let reply = response.to_json().to_string();
    let verified = judge(plan).verify_authentication(&reply, &expected, &*credentials);
    let nameless = !login.user_is_known && !plan.discoverable();
    let check = nameless.then_some(Check::UserHandleMissing).or_else(|| flags_check(plan, false, required));
    if let Some(check) = check {
        return assert_eq!(verified.map_err(|refusal| refusal.check), Err(check));
    }
    let verified = verified.unwrap_or_else(|refusal| panic!("{refusal}"));
    assert_eq!(verified.user_handle, user_handle);
    let kept = client.authenticator().credentials().expect("memory");
    assert_eq!(kept.first().map(|kept| kept.sign_count), Some(verified.record.sign_count));
    assert_eq!(verified.record.sign_count == 0, device.model.counter == CounterPolicy::Zero);
    credentials[0].record = verified.record;
}

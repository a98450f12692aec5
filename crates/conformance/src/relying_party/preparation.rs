//! What a run finds out before the first case: what sound ceremonies have to be like so that the target accepts them, and
//! which policies it shows.

use stuntkey::attestation::{AttestationFormat, CertificateAuthority};
use stuntkey::authenticator::AuthenticatorBuilder;
use stuntkey::draft::Edit;
use stuntkey::webauthn::{Attachment, AttestationConveyance};
use url::Url;

use crate::core::exchange::Exchange;
use crate::core::outcome::{Cause, Outcome, Stop};
use crate::core::run::guarded;
use crate::relying_party::catalogue::related_origins;
use crate::relying_party::need::{Allowance, Need};
use crate::relying_party::stage::{Answered, RunSettings, Stage};
use crate::relying_party::suite::Case;
use crate::relying_party::target::{Answer, Target};

/// What the target's first options ask for.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    attachment: Option<Attachment>,
    pub(crate) no_attestation: bool,
}

/// Finds out what the cases build upon, and puts it into the settings.
pub(crate) fn prepare(
    target: &dyn Target,
    settings: &mut RunSettings,
    cases: &[Case],
) -> Result<Asked, Stop> {
    let asked = ask(target, settings)?;
    settings.attachment = asked.attachment;
    settings.known.http_origin = settings.origin.starts_with("http:");
    settings.known.other_port = Url::parse(&settings.origin).is_ok_and(|origin| origin.port().is_some());
    settings.plain_format = find_plain_format(target, settings)?;
    let is_needed = |need: Need| cases.iter().any(|case| case.needs().contains(&need));
    if is_needed(Need::JsonParser) {
        settings.known.limited_verification = is_limited_verifier(target, settings)?;
    }
    if is_needed(Need::Forbids(Allowance::SubdomainOrigins)) {
        let related = related_origins::document_of(target).unwrap_or_default();
        settings.known.allowances.extend(allowed_by(&related, &settings.origin));
    }
    if is_needed(Need::TrustAnchors) && !asked.no_attestation {
        settings.known.no_trust_anchors = trusts_anybody(target, settings)?;
    }
    Ok(asked)
}

/// What the target's options ask for, if it sends any.
fn ask(target: &dyn Target, settings: &RunSettings) -> Result<Asked, Stop> {
    let mut stage = Stage::new(target, settings, "options", &[]);
    let mut asked = Asked::default();
    let outcome = guarded(|| {
        let options = stage.person()?.begin_registration()?.options;
        asked = Asked {
            attachment: options.authenticator_selection.attachment,
            no_attestation: options.attestation == AttestationConveyance::None,
        };
        Ok(())
    });
    match outcome {
        // The target does not answer: asking again would take as long.
        Err(stop) if is_no_answer(&stop) => Err(stop),
        // Whatever else is wrong, a sound registration will show it.
        _ => Ok(asked),
    }
}

/// The attestation of plain registrations: the default (none named), or one that the target accepts.
fn find_plain_format(
    target: &dyn Target,
    settings: &mut RunSettings,
) -> Result<Option<AttestationFormat>, Stop> {
    let (outcome, exchanges) = sanity(target, settings, "first");
    let Err(first) = outcome else {
        settings.known.sound_run = exchanges;
        return Ok(None);
    };
    if first.cause != Cause::Refused {
        return Err(first);
    }
    for format in [AttestationFormat::None, AttestationFormat::PackedSelf] {
        let plain = RunSettings { plain_format: Some(format), ..settings.clone() };
        let (outcome, exchanges) = sanity(target, &plain, &format!("first {}", format.name()));
        if outcome.is_ok() {
            settings.known.sound_run = exchanges;
            return Ok(Some(format));
        }
    }
    Err(first)
}

/// A sound registration, and a sound login after it: what came of them, and what went over the wire.
pub(crate) fn sanity(target: &dyn Target, settings: &RunSettings, which: &str) -> (Outcome, Vec<Exchange>) {
    let mut stage = Stage::new(target, settings, &format!("sanity {which}"), &[]);
    let outcome = guarded(|| {
        let mut person = stage.person()?;
        person.register()?.accepted("the registration")?;
        person.log_in()?.accepted("the login").map(drop)
    });
    (outcome, stage.into_exchanges())
}

/// Whether the target verifies client data by the limited algorithm (WebAuthn L3 §5.8.1.2): it accepts whatever follows the
/// last member that it knows, and refuses white space, so it is no JSON parser.
fn is_limited_verifier(target: &dyn Target, settings: &RunSettings) -> Result<bool, Stop> {
    let accepts_edited = |name, edit: Edit| {
        accepts(target, settings, name, &[], |stage| {
            let mut person = stage.person()?;
            let begun = person.begin_registration()?;
            let reply = person.create_edited([edit], &begun.body)?;
            person.finish_registration(&reply)
        })
    };
    let trailing = Edit::client_data_json(|json| json.extend_from_slice(b"}"));
    if !accepts_edited("client data with bytes after it", trailing)? {
        return Ok(false);
    }
    let white_space = Edit::client_data_json(|json| {
        let place = 1.min(json.len());
        json.insert(place, b' ');
    });
    Ok(!accepts_edited("client data with white space", white_space)?)
}

/// What the list of related origins allows of its neighbours: a subdomain of the page's host that is listed is no attack.
fn allowed_by(related: &str, origin: &str) -> Option<Allowance> {
    let own = Url::parse(origin).ok()?;
    let own_host = own.host_str()?;
    let is_below = |url: &Url| url.host_str().is_some_and(|host| host.ends_with(&format!(".{own_host}")));
    related_origins::listed(related).iter().any(is_below).then_some(Allowance::SubdomainOrigins)
}

/// Whether the target accepts attestation by an authority that nobody knows, by its name or by its key.
fn trusts_anybody(target: &dyn Target, settings: &RunSettings) -> Result<bool, Stop> {
    accepts(target, settings, "attestation by nobody", &[Need::Attestation], |stage| {
        let nobody = CertificateAuthority::named("nobody", "nobody");
        let authenticator = |authenticator: AuthenticatorBuilder| {
            authenticator.format(AttestationFormat::Packed).attestation_authority(nobody)
        };
        stage.person_with(authenticator)?.register()
    })
}

/// Whether the target accepts what is sent to it on a stage of this name. A ceremony that cannot be played is not accepted.
fn accepts(
    target: &dyn Target,
    settings: &RunSettings,
    name: &str,
    needs: &[Need],
    send: impl FnOnce(&mut Stage<'_>) -> Result<Answered, Stop>,
) -> Result<bool, Stop> {
    let mut stage = Stage::new(target, settings, name, needs);
    let mut is_accepted = false;
    let outcome = guarded(|| {
        is_accepted = matches!(send(&mut stage)?.answer, Answer::Accepted(_));
        Ok(())
    });
    match outcome {
        Err(stop) if is_no_answer(&stop) => Err(stop),
        _ => Ok(is_accepted),
    }
}

fn is_no_answer(stop: &Stop) -> bool {
    matches!(stop.cause, Cause::Hung | Cause::Gone | Cause::Busy)
}

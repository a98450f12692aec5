//! The catalogue of faults.

use serde::{Deserialize, Deserializer, Serialize};
use stuntkey::fault;
use stuntkey::webauthn;

use super::verify::Policy;
use crate::error::{Name, Refusal};
use crate::state::State;
use crate::words::named;

/// Which faults. Default: all.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    /// Those of this ceremony.
    #[serde(default)]
    ceremony: Option<CeremonyName>,
    /// Those whose id is this, or begins with it at a slash.
    #[serde(default)]
    id: Option<String>,
}

#[derive(Debug, Clone, Copy)]
struct CeremonyName(webauthn::Ceremony);

const CEREMONIES: [webauthn::Ceremony; 2] = [webauthn::Ceremony::Create, webauthn::Ceremony::Get];

const fn name(ceremony: webauthn::Ceremony) -> &'static str {
    match ceremony {
        webauthn::Ceremony::Create => "registration",
        webauthn::Ceremony::Get => "authentication",
    }
}

impl<'de> Deserialize<'de> for CeremonyName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        named(deserializer, &CEREMONIES, name).map(Self)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for CeremonyName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CeremonyName".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "enum": CEREMONIES.map(name) })
    }
}

/// One named change to a ceremony, which a server has to refuse.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct Fault {
    id: String,
    /// What is wrong, in a sentence without its full stop.
    sentence: String,
    /// The ceremonies that can have it: `registration`, `authentication`.
    ceremonies: Vec<String>,
    /// The clauses of the standard by which it is to be refused.
    clauses: Vec<String>,
    /// The format of attestation that it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<String>,
    /// The algorithm that it needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<String>,
    /// The members of `policy` with which `verify` refuses it, where the standard leaves that to the relying party.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<Policy>,
    /// What else the relying party has to know, so that it can refuse it.
    #[serde(skip_serializing_if = "Option::is_none")]
    given: Option<String>,
    /// Whether it needs an authenticator that is made for it (`preparedFor` of `client.new`).
    needs_preparation: bool,
}

pub(crate) fn list(_: &mut State, filter: Filter) -> Result<Vec<Fault>, Refusal> {
    let is_wanted = |fault: &&fault::Fault| {
        filter.ceremony.is_none_or(|ceremony| fault.step(ceremony.0).is_some())
            && filter.id.as_deref().is_none_or(|id| {
                fault
                    .id()
                    .strip_prefix(id)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || id.ends_with('/'))
            })
    };
    Ok(fault::Fault::all().filter(|fault| fault.is_available()).filter(is_wanted).map(describe).collect())
}

fn describe(fault: &fault::Fault) -> Fault {
    Fault {
        id: fault.id().to_owned(),
        sentence: fault.sentence().to_owned(),
        ceremonies: fault.ceremonies().map(|ceremony| name(ceremony).to_owned()).collect(),
        clauses: CEREMONIES.iter().filter_map(|ceremony| fault.clause(*ceremony)).collect(),
        format: fault.attestation_format().map(|format| format.name().to_owned()),
        algorithm: fault.credential_algorithm().map(|algorithm| algorithm.name().to_owned()),
        policy: policy(fault.id()),
        given: given(fault.id()).map(str::to_owned),
        needs_preparation: !fault.patch().is_empty(),
    }
}

/// The policy of a relying party that refuses the fault, where the default's does not.
fn policy(id: &str) -> Option<Policy> {
    let is = |chapter: &str| id.starts_with(chapter);
    let refuses = |refuses: bool| refuses.then_some(false);
    let asks = |asks: bool| asks.then_some(true);
    let policy = Policy {
        none_attestation: refuses(is("trust/none/")),
        self_attestation: refuses(is("trust/self/")),
        root_in_x5c: refuses(is("trust/root-included/")),
        fido_u2f_zero_aaguid: asks(is("fido-u2f/aaguid/")),
        backup_eligible: refuses(is("policy/backup-eligibility/")),
        backed_up: refuses(is("policy/backup-state/")),
        refuse_unsolicited_extensions: asks(is("extensions/")),
        ..Policy::default()
    };
    (policy != Policy::default()).then_some(policy)
}

/// What a relying party has to know, so that it can refuse the fault.
fn given(id: &str) -> Option<&'static str> {
    let chapters = [
        ("authenticator-data/user-verified/", "options that require user verification"),
        ("credential-id/in-use/", "a registered credential whose id is 32 times the byte 2a"),
        ("policy/sign-count/", "a signature counter of the credential above 0"),
        ("user/allowed-credential/", "options whose allowCredentials has the credential's id"),
    ];
    chapters.into_iter().find(|(chapter, _)| id.starts_with(chapter)).map(|(_, given)| given)
}

/// The fault of this id, which stands at `path`.
pub(super) fn by_id(id: &str, path: &str) -> Result<&'static fault::Fault, Refusal> {
    fault::Fault::from_id(id).ok_or_else(|| {
        let chapter = id.split('/').next().unwrap_or_default();
        let near: Vec<&str> = fault::Fault::all()
            .map(fault::Fault::id)
            .filter(|known| known.split('/').next() == Some(chapter))
            .take(12)
            .collect();
        let hint = match near.is_empty() {
            true => "the operation \"faults\" lists them".to_owned(),
            false => format!("the operation \"faults\" lists them, such as {}", near.join(", ")),
        };
        Refusal::new(Name::Fault, format!("{path}: found {id:?}, expected the id of a fault"))
            .at(path)
            .hint(hint)
    })
}

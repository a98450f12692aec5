//! Extension outputs: §7.1 step 28, §7.2 step 23.

use super::authenticator_data::AuthenticatorData;
use super::check::Check;
use super::expectations::RelyingPartyPolicy;
use super::judge::Judge;
use super::received::Received;

pub(super) fn examine(
    judge: &mut Judge<'_>,
    received: &Received,
    data: &AuthenticatorData<'_>,
    asked: &[String],
    policy: &RelyingPartyPolicy,
) {
    let authenticator = data.extension_names();
    let given = received.client_extensions.iter().chain(&authenticator);
    let unsolicited: Vec<&str> =
        given.map(String::as_str).filter(|name| !asked.iter().any(|asked| asked == name)).collect();
    let holds = unsolicited.is_empty() || !policy.refuse_unsolicited_extensions;
    let found = || format!("outputs of {}", unsolicited.join(", "));
    judge.check(Check::ExtensionOutputs, holds, found, "outputs of extensions that were asked for");
    if holds && !unsolicited.is_empty() {
        let step = Check::ExtensionOutputs.step(judge.ceremony()).unwrap_or_default();
        judge.note(step, format_args!("not asked for, ignored: {}", unsolicited.join(", ")));
    }
}

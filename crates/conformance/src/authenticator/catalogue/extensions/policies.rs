//! minPinLength, pinComplexityPolicy, thirdPartyPayment (CTAP 2.3 §12.5, §12.6, §12.9), and uvm (WebAuthn L2 §10.3).

use ciborium::Value;

use super::{output_is, registered, signed};
use crate::authenticator::need::Need;
use crate::authenticator::platform::parameters::members;
use crate::authenticator::platform::sub_command::config as sub;
use crate::authenticator::stage::Stage;
use crate::authenticator::suite::{AuthenticatorCase, FROM_2_1, FROM_2_3};
use crate::core::outcome::{Outcome, Stop};

/// The member of setMinPINLength with the relying parties.
const RP_IDS: u64 = 0x02;

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    let mut cases = vec![
        unlisted("min-pin-length", "minPinLength", "CTAP 2.1 §12.4").only_in(FROM_2_1),
        unlisted("pin-complexity-policy", "pinComplexityPolicy", "CTAP 2.3 §12.6").only_in(FROM_2_3),
        listed("min-pin-length", "minPinLength", 0x0d, "CTAP 2.1 §12.4").only_in(FROM_2_1),
        listed("pin-complexity-policy", "pinComplexityPolicy", 0x1b, "CTAP 2.3 §12.6").only_in(FROM_2_3),
        AuthenticatorCase::of(
            "extensions/uvm/shape",
            "tell how it verified its user in one to three entries of three numbers",
            "WebAuthn L2 §10.3",
            |stage| {
                let made = stage.made()?;
                let (_, data) = signed(stage, &made, |assertion| assertion.extension("uvm", true))?;
                let found = data.output("uvm");
                let is_entry = |entry: &Value| {
                    entry
                        .as_array()
                        .is_some_and(|entry| entry.len() == 3 && entry.iter().all(Value::is_integer))
                };
                match found.and_then(Value::as_array).map(Vec::as_slice) {
                    Some(entries @ [_, ..]) if entries.len() <= 3 && entries.iter().all(is_entry) => Ok(()),
                    _ => Err(Stop::fail(format!("uvm: found {found:?}"))),
                }
            },
        )
        .if_the_target(Need::Extension("uvm")),
    ];
    cases.extend(
        [
            (
                "registration",
                "say that it keeps what a credential is for, where that was asked for",
                true,
                true,
            ),
            ("stored", "remember that a credential is for payments of third parties", true, false),
            (
                "not-stored",
                "not say that a credential is for payments of third parties that is not",
                false,
                false,
            ),
        ]
        .into_iter()
        .map(|(id, requirement, asked, at_registration)| {
            let case = AuthenticatorCase::of(
                &format!("extensions/third-party-payment/{id}"),
                requirement,
                "CTAP 2.3 §12.9",
                move |stage| payment(stage, asked, at_registration),
            )
            .only_in(FROM_2_3)
            .if_the_target(Need::Extension("thirdPartyPayment"));
            // Readers of the document disagree on whether a registration has an output.
            if at_registration { case.should() } else { case }
        }),
    );
    cases
}

/// What such an extension tells a relying party of the list: a member of getInfo.
fn listed(id: &str, extension: &'static str, member: u64, clause: &str) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("extensions/{id}/listed"),
        format!("tell a relying party that is on its list by {extension} what getInfo tells"),
        clause,
        move |stage| {
            stage.then_reset(|stage| {
                let rp_id = stage.new_rp_id();
                let listed = Value::Array(vec![rp_id.as_str().into()]);
                stage.configure(sub::SET_MIN_PIN_LENGTH, Some(members! { RP_IDS => listed }))?;
                let registration = stage.registration_at(&rp_id).extension(extension, true);
                let (_, data) = registered(stage, registration)?;
                let told = stage.info.get(member).cloned();
                match told {
                    Some(_) => output_is(&data, extension, told.as_ref()),
                    None => Err(Stop::error(format!("getInfo does not tell {member:#04x}"))),
                }
            })
        },
    )
    .if_the_target(Need::Extension(extension))
    .if_the_target(Need::Enabled("setMinPINLength"))
    .if_the_target(Need::Fresh)
    .if_the_target(Need::PinSet)
}

/// An extension that answers relying parties of a list alone.
fn unlisted(id: &str, extension: &'static str, clause: &str) -> AuthenticatorCase {
    AuthenticatorCase::of(
        &format!("extensions/{id}/unlisted"),
        format!("tell a relying party that is not on its list nothing by {extension}"),
        clause,
        move |stage| {
            let registration = stage.registration().extension(extension, true);
            let (_, data) = registered(stage, registration)?;
            output_is(&data, extension, None)
        },
    )
    .if_the_target(Need::Extension(extension))
}

fn payment(stage: &mut Stage<'_>, asked: bool, at_registration: bool) -> Outcome {
    let registration = stage.registration();
    let registration = if asked { registration.extension("thirdPartyPayment", true) } else { registration };
    let made = stage.make(registration)?;
    if at_registration {
        return output_is(&made.data, "thirdPartyPayment", Some(&Value::Bool(true)));
    }
    let (_, data) = signed(stage, &made, |assertion| assertion.extension("thirdPartyPayment", true))?;
    match (data.output("thirdPartyPayment"), asked) {
        (Some(Value::Bool(true)), true) | (Some(Value::Bool(false)) | None, false) => Ok(()),
        (found, _) => Err(Stop::fail(format!("thirdPartyPayment: found {found:?}"))),
    }
}

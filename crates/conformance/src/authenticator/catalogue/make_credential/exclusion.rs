//! The exclude list (CTAP 2.1 §6.1.2 step 12).

use ciborium::Value;

use super::super::ceremony::takes;
use crate::authenticator::need::Need;
use crate::authenticator::platform::code::{command, status as s};
use crate::authenticator::platform::parameters::members;
use crate::authenticator::stage::Hand;
use crate::authenticator::stage::ceremony::{Making, descriptor};
use crate::authenticator::suite::AuthenticatorCase;
use crate::core::outcome::Stop;

pub(super) fn cases() -> Vec<AuthenticatorCase> {
    vec![
        AuthenticatorCase::of(
            "make-credential/exclude/known",
            "refuse a registration that excludes one of its credentials",
            "CTAP 2.1 §6.1.2 step 12",
            |stage| {
                let made = stage.made()?;
                let registration = stage.registration_at(&made.rp_id);
                let registration = registration.with(5, Value::Array(vec![descriptor(made.id())]));
                let registration = stage.authorized(registration)?;
                stage
                    .expect_ceremony(
                        &registration,
                        "a registration that excludes the credential",
                        &[s::CREDENTIAL_EXCLUDED],
                    )
                    .map(drop)
            },
        ),
        AuthenticatorCase::of(
            "make-credential/exclude/later-entry",
            "look at every entry of the exclude list",
            "CTAP 2.1 §6.1.2 step 12",
            |stage| {
                let made = stage.made()?;
                let unknown = vec![9; made.id().len()];
                let list = vec![descriptor(&unknown), descriptor(made.id())];
                let registration = stage.registration_at(&made.rp_id).with(5, Value::Array(list));
                let registration = stage.authorized(registration)?;
                stage
                    .expect_ceremony(
                        &registration,
                        "a registration that excludes the credential second",
                        &[s::CREDENTIAL_EXCLUDED],
                    )
                    .map(drop)
            },
        ),
        AuthenticatorCase::of(
            "make-credential/exclude/touch",
            "wait for a touch before it says that a credential is excluded",
            "CTAP 2.1 §6.1.2 step 12",
            |stage| {
                let made = stage.made()?;
                let registration = stage.registration_at(&made.rp_id);
                let registration = registration.with(5, Value::Array(vec![descriptor(made.id())]));
                let registration = stage.authorized(registration)?;
                stage.waits = 0;
                let request = registration.parameters.request(command::MAKE_CREDENTIAL);
                stage.send_with(&request, Hand::Cancels)?;
                match stage.waits {
                    0 => Err(Stop::fail("it answered without waiting for a touch")),
                    _ => Ok(()),
                }
            },
        )
        .if_the_target(Need::WithheldTouch),
        AuthenticatorCase::of(
            "make-credential/exclude/other-rp",
            "not exclude a credential of another relying party",
            "CTAP 2.1 §6.1.2 step 12",
            |stage| {
                let made = stage.made()?;
                let registration = stage.registration().with(5, Value::Array(vec![descriptor(made.id())]));
                let registration = stage.authorized(registration)?;
                let what = "a registration that excludes another relying party's credential";
                stage.expect_ceremony(&registration, what, &[s::OK]).map(drop)
            },
        ),
        takes::<Making>(
            "make-credential/exclude/unknown-id",
            "not exclude a credential that it does not know",
            "CTAP 2.1 §6.1.2 step 12",
            |registration| registration.with(5, Value::Array(vec![descriptor(&[9; 32])])),
        ),
        AuthenticatorCase::of(
            "make-credential/exclude/unknown-type",
            "pass over entries of types that it does not know",
            "CTAP 2.1 §6.1.2 step 12",
            |stage| {
                let made = stage.made()?;
                let entry = members! { "id" => made.id().to_vec(), "type" => "private-key" };
                let registration = stage.registration_at(&made.rp_id).with(5, Value::Array(vec![entry]));
                let registration = stage.authorized(registration)?;
                let what = "a registration that excludes a credential of an unknown type";
                stage.expect_ceremony(&registration, what, &[s::OK]).map(drop)
            },
        ),
    ]
}

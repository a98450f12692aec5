//! What can go wrong with minPinLength, pinComplexityPolicy, thirdPartyPayment and uvm.

use ciborium::Value;

use super::super::{AuthenticatorFlaw, Change};
use crate::authenticator::platform::code::command;

pub(in super::super) const FLAWS: &[AuthenticatorFlaw] = &[
    answers!(
        MAKE_CREDENTIAL,
        "extensions/min-pin-length/unlisted",
        "tells everybody how long PINs have to be",
        |call, reply| {
            if call.input("minPinLength").is_some() {
                reply.set_output("minPinLength", Some(4.into()));
            }
        }
    ),
    answers!(
        MAKE_CREDENTIAL,
        "extensions/pin-complexity-policy/unlisted",
        "tells everybody whether PINs have to be complex",
        |call, reply| {
            if call.input("pinComplexityPolicy").is_some() {
                reply.set_output("pinComplexityPolicy", Some(false.into()));
            }
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "extensions/min-pin-length/listed",
        "tells nobody how long PINs have to be",
        |call| {
            call.set_input("minPinLength", None);
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "extensions/pin-complexity-policy/listed",
        "tells nobody whether PINs have to be complex",
        |call| {
            call.set_input("pinComplexityPolicy", None);
        }
    ),
    answers!(
        GET_ASSERTION,
        "extensions/uvm/shape",
        "tells how it verified its user in no entry",
        |_call, reply| {
            reply.set_output("uvm", Some(Value::Array(Vec::new())));
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "extensions/third-party-payment/registration",
        "does not say that it keeps what a credential is for",
        |call| {
            call.set_input("thirdPartyPayment", None);
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "extensions/third-party-payment/stored",
        "forgets what a credential is for",
        |call| {
            call.set_input("thirdPartyPayment", None);
        }
    ),
    mends!(
        MAKE_CREDENTIAL,
        "extensions/third-party-payment/not-stored",
        "takes every credential for one that is for payments",
        |call| {
            call.set_input("thirdPartyPayment", Some(true.into()));
        }
    ),
];

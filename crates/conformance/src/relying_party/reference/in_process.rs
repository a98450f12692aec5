//! The reference relying party as a target in the same process, without HTTP.

use std::sync::atomic::Ordering;

use serde_json::json;

use super::{Denied, Logins, ReferenceRelyingParty, options};
use crate::relying_party::target::{Answer, AuthenticationRequest, RegistrationRequest, Session, Target};

impl Target for ReferenceRelyingParty {
    fn session(&self) -> Box<dyn Session + '_> {
        let number = self.next_session.fetch_add(1, Ordering::Relaxed);
        Box::new(InProcess { relying_party: self, session: format!("in process {number}") })
    }

    fn logs_in_by_name(&self) -> bool {
        self.settings.configuration.logins != Logins::Nameless
    }
}

struct InProcess<'a> {
    relying_party: &'a ReferenceRelyingParty,
    session: String,
}

impl Session for InProcess<'_> {
    fn registration_options(&mut self, wanted: &RegistrationRequest<'_>) -> Answer {
        let wanted = options::Registration {
            username: wanted.username.to_owned(),
            display_name: wanted.display_name.to_owned(),
            user_verification: wanted.user_verification.as_str().to_owned(),
            resident_key: wanted.resident_key.as_str().to_owned(),
            attestation: wanted.attestation.as_str().to_owned(),
            attachment: None,
            extensions: serde_json::from_str(wanted.extensions).unwrap_or_default(),
        };
        answer(
            self.relying_party.begin_registration(&self.session, &wanted).map(|options| options.to_string()),
        )
    }

    fn register(&mut self, reply: &str) -> Answer {
        answer(self.relying_party.finish_registration(&self.session, reply).map(|_| ok_body()))
    }

    fn authentication_options(&mut self, wanted: &AuthenticationRequest<'_>) -> Answer {
        let wanted = options::Authentication {
            username: wanted.username.map(str::to_owned),
            user_verification: wanted.user_verification.as_str().to_owned(),
        };
        answer(
            self.relying_party
                .begin_authentication(&self.session, &wanted)
                .map(|options| options.to_string()),
        )
    }

    fn authenticate(&mut self, reply: &str) -> Answer {
        answer(self.relying_party.finish_authentication(&self.session, reply).map(|_| ok_body()))
    }

    fn renew(&mut self) -> bool {
        self.forget();
        true
    }
}

impl InProcess<'_> {
    fn forget(&self) {
        self.relying_party.state().forget_session(&self.session);
    }
}

impl Drop for InProcess<'_> {
    fn drop(&mut self) {
        self.forget();
    }
}

fn ok_body() -> String {
    json!({ "status": "ok", "errorMessage": "" }).to_string()
}

fn answer(result: Result<String, Denied>) -> Answer {
    match result {
        Ok(body) => Answer::Accepted(body),
        Err(denied) => Answer::Refused(denied.to_string()),
    }
}

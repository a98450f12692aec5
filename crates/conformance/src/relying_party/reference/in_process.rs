//! The reference relying party as a target in the same process, without HTTP.

use std::sync::atomic::Ordering;
use std::thread;

use serde_json::json;
use stuntkey::webauthn::Ceremony;

use super::{Denied, Logins, ReferenceRelyingParty, options};
use crate::core::exchange::Exchange;
use crate::relying_party::target::{Answer, AuthenticationRequest, RegistrationRequest, Session, Target};

impl Target for ReferenceRelyingParty {
    fn session(&self) -> Box<dyn Session + '_> {
        Box::new(InProcess { relying_party: self, session: self.next_session() })
    }

    fn logs_in_by_name(&self) -> bool {
        self.settings.configuration.logins != Logins::Nameless
    }

    fn related_origins(&self) -> Option<(String, String)> {
        let document = self.related_origins_document()?;
        Some(("application/json".into(), document.to_string()))
    }

    fn second(&self) -> Option<(&dyn Target, &str)> {
        let second = self.second.as_deref()?;
        Some((second, second.settings.origins.first()?))
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
            mediation: wanted.conditional.then(|| "conditional".to_owned()),
            extensions: serde_json::from_str(wanted.extensions).unwrap_or_default(),
        };
        answer(
            self.relying_party.begin_registration(&self.session, &wanted).map(|options| options.to_string()),
        )
    }

    fn register(&mut self, reply: &str) -> Answer {
        self.finish(Ceremony::Create, reply)
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
        let answer = self.finish(Ceremony::Get, reply);
        if matches!(answer, Answer::Accepted(_)) && self.relying_party.renews_sessions() {
            self.forget();
            self.session = self.relying_party.next_session();
        }
        answer
    }

    fn finish_at_once(
        &mut self,
        ceremony: Ceremony,
        replies: [&str; 2],
    ) -> Option<[(Answer, Option<Exchange>); 2]> {
        let session = &*self;
        Some(thread::scope(|scope| {
            let [first, second] = replies.map(|reply| scope.spawn(move || session.finish(ceremony, reply)));
            let broken = || Answer::Crashed("the relying party broke down".into());
            [first, second].map(|answer| (answer.join().unwrap_or_else(|_| broken()), None))
        }))
    }

    fn login_session(&self) -> Option<String> {
        Some(self.session.clone())
    }

    fn renew(&mut self) -> bool {
        self.forget();
        true
    }
}

impl ReferenceRelyingParty {
    fn next_session(&self) -> String {
        format!("in process {}", self.next_session.fetch_add(1, Ordering::Relaxed))
    }
}

impl InProcess<'_> {
    fn finish(&self, ceremony: Ceremony, reply: &str) -> Answer {
        let finished = match ceremony {
            Ceremony::Create => self.relying_party.finish_registration(&self.session, reply),
            Ceremony::Get => self.relying_party.finish_authentication(&self.session, reply),
        };
        answer(finished.map(|_| ok_body()))
    }

    fn forget(&self) {
        self.relying_party.forget_session(&self.session);
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
        Err(Denied::Broken(how)) => Answer::Crashed(how),
        Err(denied) => Answer::Refused(denied.to_string()),
    }
}

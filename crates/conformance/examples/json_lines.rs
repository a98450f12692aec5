//! A relying party in another process: JSON lines on standard input and output, for `stuntkey conform --command`.
//!
//! `cargo build --example json_lines -p stuntkey-conformance`, then
//! `stuntkey conform --command target/debug/examples/json_lines --origin https://example.org`.
//!
//! A program in any language that does the same can be tested so. This one asks the reference relying party.

use std::collections::HashMap;
use std::error::Error;
use std::io::{self, BufRead, Write};

use serde_json::{Value, json};
use stuntkey::webauthn::{AttestationConveyance, ResidentKey, UserVerification};
use stuntkey_conformance::{
    Answer, AuthenticationRequest, ReferenceRelyingParty, RegistrationRequest, Session, Settings, Target,
};

fn main() -> Result<(), Box<dyn Error>> {
    let relying_party = ReferenceRelyingParty::new(Settings::new("example.org", "https://example.org"))?;
    let mut sessions: HashMap<u64, Box<dyn Session + '_>> = HashMap::new();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let number = request["session"].as_u64().unwrap_or_default();
        let session = sessions.entry(number).or_insert_with(|| relying_party.session());
        let answer = match answer(session.as_mut(), &request) {
            Answer::Accepted(body) => json!({ "accepted": serde_json::from_str::<Value>(&body)? }),
            Answer::Refused(why) => json!({ "refused": why }),
            other => json!({ "crashed": format!("{other:?}") }),
        };
        println!("{answer}");
        io::stdout().flush()?;
    }
    Ok(())
}

fn answer(session: &mut dyn Session, request: &Value) -> Answer {
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    let user_verification =
        UserVerification::from_name(text("userVerification")).unwrap_or(UserVerification::Preferred);
    match text("do") {
        "registration options" => session.registration_options(&RegistrationRequest {
            username: text("username"),
            display_name: text("displayName"),
            user_verification,
            resident_key: ResidentKey::from_name(text("residentKey")).unwrap_or(ResidentKey::Preferred),
            conditional: request["mediation"] == "conditional",
            attestation: AttestationConveyance::from_name(text("attestation"))
                .unwrap_or(AttestationConveyance::None),
            extensions: &request["extensions"].to_string(),
        }),
        "registration result" => session.register(&request["reply"].to_string()),
        "authentication options" => session.authentication_options(&AuthenticationRequest {
            username: request["username"].as_str(),
            user_verification,
        }),
        "authentication result" => session.authenticate(&request["reply"].to_string()),
        other => Answer::Crashed(format!("an unknown request: {other:?}")),
    }
}

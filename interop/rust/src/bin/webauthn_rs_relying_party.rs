//! webauthn-rs as a relying party in a subprocess; see `../python/relying_party.py`.

use std::error::Error;
use std::io::{self, BufRead, Write};
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{
    AttestationCaList, AttestationConveyancePreference, AuthenticationState, COSEAlgorithm, Credential,
    RegistrationState, UserVerificationPolicy,
};

const ORIGIN: &str = "https://login.example.com";
const RP_ID: &str = "example.com";

struct RelyingParty {
    core: WebauthnCore,
    roots: Option<AttestationCaList>,
    registration: Option<RegistrationState>,
    authentication: Option<AuthenticationState>,
    credential: Option<Credential>,
}

impl RelyingParty {
    fn answer(&mut self, request: &Value) -> Result<Value, Box<dyn Error>> {
        match request["do"].as_str() {
            Some("name") => Ok(json!({ "name": "webauthn-rs 0.6.2" })),
            Some("trust") => {
                let roots = request["roots"].as_array().ok_or("no roots")?;
                let pem: String = roots.iter().filter_map(Value::as_str).collect();
                self.roots = match pem.is_empty() {
                    true => None,
                    false => Some(AttestationCaList::try_from(pem.as_bytes()).map_err(|e| e.to_string())?),
                };
                Ok(json!({}))
            }
            Some("begin registration") => self.begin_registration(request),
            Some("finish registration") => Ok(refusal(self.finish_registration(&request["response"]))),
            Some("begin authentication") => self.begin_authentication(request["listed"] == true),
            Some("finish authentication") => Ok(refusal(self.finish_authentication(&request["response"]))),
            other => Err(format!("unknown: {other:?}").into()),
        }
    }

    fn begin_registration(&mut self, request: &Value) -> Result<Value, Box<dyn Error>> {
        let user = request["user"].as_str().ok_or("no user")?;
        let wanted = request["algorithms"].as_array().ok_or("no algorithms")?;
        let known = |identifier: &Value| COSEAlgorithm::try_from(i128::from(identifier.as_i64()?)).ok();
        let builder = self
            .core
            .new_challenge_register_builder(user.as_bytes(), user, user)?
            .attestation(AttestationConveyancePreference::Direct)
            .credential_algorithms(wanted.iter().filter_map(known).collect())
            .user_verification_policy(UserVerificationPolicy::Required)
            .require_resident_key(true);
        let (options, state) = self.core.generate_challenge_register(builder)?;
        self.registration = Some(state);
        let mut options = serde_json::to_value(options)?["publicKey"].take();
        // What the library has no name for is asked for all the same; it refuses it at the end.
        let named = wanted.iter().map(|alg| json!({ "type": "public-key", "alg": alg }));
        options["pubKeyCredParams"] = named.collect();
        Ok(json!({ "options": options }))
    }

    fn finish_registration(&mut self, response: &Value) -> Result<(), Box<dyn Error>> {
        let state = self.registration.as_ref().ok_or("no registration has begun")?;
        let response = serde_json::from_value(response.clone())?;
        self.credential = Some(self.core.register_credential(&response, state, self.roots.as_ref())?);
        Ok(())
    }

    fn begin_authentication(&mut self, listed: bool) -> Result<Value, Box<dyn Error>> {
        let credential = self.credential.clone().ok_or("no credential")?;
        let listed = if listed { vec![credential] } else { vec![] };
        let builder =
            self.core.new_challenge_authenticate_builder(listed, Some(UserVerificationPolicy::Required))?;
        let (options, state) = self.core.generate_challenge_authenticate(builder)?;
        self.authentication = Some(state);
        Ok(json!({ "options": serde_json::to_value(options)?["publicKey"].take() }))
    }

    fn finish_authentication(&mut self, response: &Value) -> Result<(), Box<dyn Error>> {
        let mut state = self.authentication.clone().ok_or("no authentication has begun")?;
        let credential = self.credential.as_mut().ok_or("no credential")?;
        state.set_allowed_credentials(vec![credential.clone()]);
        let response = serde_json::from_value(response.clone())?;
        let result = self.core.authenticate_credential(&response, &state)?;
        credential.counter = result.counter();
        Ok(())
    }
}

fn refusal(result: Result<(), Box<dyn Error>>) -> Value {
    match result {
        Ok(()) => json!({}),
        Err(error) => json!({ "refused": error.to_string() }),
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let origin = vec![Url::parse(ORIGIN)?];
    let timeout = Duration::from_secs(60);
    let mut relying_party = RelyingParty {
        core: WebauthnCore::new_unsafe_experts_only("Example", RP_ID, origin, timeout, None, None),
        roots: None,
        registration: None,
        authentication: None,
        credential: None,
    };
    for line in io::stdin().lock().lines() {
        let answer = relying_party.answer(&serde_json::from_str(&line?)?)?;
        println!("{answer}");
        io::stdout().flush()?;
    }
    Ok(())
}

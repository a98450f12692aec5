//! The REST interface of Nevis Authentication Cloud: a token identifies an enrolment or approval, not a cookie.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};

use super::fido_binding::{Response, failed, read};
use super::options::{Authentication, Registration};
use super::{Denied, ReferenceRelyingParty, encode};

/// How many transactions are kept at least. The older ones are forgotten after every so many.
const MOST_TRANSACTIONS: u64 = 100_000;

/// Every enrolment and approval, with its status.
#[derive(Default)]
pub(super) struct Transactions {
    by_token: HashMap<String, Transaction>,
    begun: u64,
}

#[derive(Clone)]
struct Transaction {
    id: String,
    number: u64,
    user_name: String,
    user_id: String,
    status: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Enrolment {
    username: String,
    channel: String,
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    fido2_options: Fido2Options,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Fido2Options {
    attestation: Option<String>,
    resident_key: Option<String>,
    user_verification: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Approval {
    username: Option<String>,
    user_id: Option<String>,
    channel: String,
    #[serde(default)]
    fido2_options: Fido2Options,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Token {
    status_token: String,
}

impl ReferenceRelyingParty {
    /// Answers a request of this interface; `None` for another path.
    pub(super) fn nevis(&self, authorization: Option<&str>, path: &str, body: &str) -> Option<Response> {
        let needs_key = matches!(path, "/api/v1/users/enroll" | "/api/v1/approval");
        if needs_key && !self.is_authorized(authorization) {
            return Some((401, json!({ "errorMessage": "expected Authorization: Bearer ACCESS_KEY" })));
        }
        let result = match path {
            "/api/v1/users/enroll" => self.enroll(body).map(|body| (201, body)),
            "/api/v1/approval" => self.approve(body).map(|body| (201, body)),
            "/api/v1/status" => self.status(body).map(|body| (200, body)),
            "/_app/attestation/result" => self.end(body, Self::finish_registration).map(|body| (200, body)),
            "/_app/assertion/result" => self.end(body, Self::finish_authentication).map(|body| (200, body)),
            _ => return None,
        };
        Some(result.unwrap_or_else(|denied| match path.starts_with("/_app/") {
            // Nevis's server answers 200 to a refused ceremony, and says in the body that it failed.
            true => (200, failed(&denied)),
            false => (400, json!({ "errorMessage": denied.to_string() })),
        }))
    }

    fn is_authorized(&self, authorization: Option<&str>) -> bool {
        let given = authorization.and_then(|value| value.strip_prefix("Bearer "));
        self.settings.access_key.as_deref().is_none_or(|key| given == Some(key))
    }

    fn enroll(&self, body: &str) -> Result<Value, Denied> {
        let enrolment: Enrolment = read(body)?;
        expect_fido2(&enrolment.channel)?;
        let wanted = enrolment.fido2_options;
        let wanted = Registration {
            display_name: match enrolment.display_name.is_empty() {
                true => enrolment.username.clone(),
                false => enrolment.display_name,
            },
            username: enrolment.username,
            user_verification: wanted.user_verification.unwrap_or_else(|| "preferred".into()),
            resident_key: wanted.resident_key.unwrap_or_else(|| "required".into()),
            attestation: wanted.attestation.unwrap_or_else(|| "direct".into()),
            attachment: None,
            mediation: None,
            extensions: Value::Null,
        };
        let token = self.new_token();
        let options = self.begin_registration(&token, &wanted)?;
        let transaction = self.begin(&token, &wanted.username);
        Ok(json!({
            "userId": transaction.user_id,
            "username": wanted.username,
            "status": "new",
            "enrollment": {
                "transactionId": transaction.id,
                "statusToken": token,
                "credentialCreationOptions": options,
            },
        }))
    }

    fn approve(&self, body: &str) -> Result<Value, Denied> {
        let approval: Approval = read(body)?;
        expect_fido2(&approval.channel)?;
        let named = match approval.user_id {
            Some(id) => Some(self.user_with_id(&id)?),
            None => approval.username,
        };
        let user_verification =
            approval.fido2_options.user_verification.unwrap_or_else(|| "preferred".into());
        let wanted = Authentication { username: named.filter(|name| !name.is_empty()), user_verification };
        let token = self.new_token();
        let options = self.begin_authentication(&token, &wanted)?;
        let transaction = self.begin(&token, &wanted.username.unwrap_or_default());
        Ok(json!({
            "transactionId": transaction.id,
            "userId": transaction.user_id,
            "statusToken": token,
            "credentialRequestOptions": options,
        }))
    }

    fn end(
        &self,
        body: &str,
        finish: impl FnOnce(&Self, &str, &str) -> Result<String, Denied>,
    ) -> Result<Value, Denied> {
        let Token { status_token: token } = read(body)?;
        let result = finish(self, &token, body);
        let mut transactions = self.transactions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transaction) = transactions.by_token.get_mut(&token) {
            // A transaction that has ended keeps its status, whatever is posted later.
            if transaction.status == "pending" {
                transaction.status = if result.is_ok() { "succeeded" } else { "failed" };
            }
            if let Ok(name) = &result {
                transaction.user_name.clone_from(name);
            }
        }
        result.map(|_| json!({ "status": "ok", "token": token }))
    }

    fn status(&self, body: &str) -> Result<Value, Denied> {
        let Token { status_token: token } = read(body)?;
        let transactions = self.transactions.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(match transactions.by_token.get(&token) {
            None => json!({ "status": "unknown" }),
            Some(transaction) => json!({
                "transactionId": transaction.id,
                "status": transaction.status,
                "userId": transaction.user_id,
                "username": transaction.user_name,
                "token": token,
            }),
        })
    }

    fn begin(&self, token: &str, user_name: &str) -> Transaction {
        let id = self.new_token();
        let user_id = self.state().handle_of(user_name).map(|handle| encode(&handle)).unwrap_or_default();
        let mut transactions = self.transactions.lock().unwrap_or_else(PoisonError::into_inner);
        transactions.begun += 1;
        let number = transactions.begun;
        if number.is_multiple_of(MOST_TRANSACTIONS) {
            let oldest = number.saturating_sub(MOST_TRANSACTIONS);
            transactions.by_token.retain(|_, transaction| transaction.number > oldest);
        }
        let transaction =
            Transaction { id, number, user_name: user_name.to_owned(), user_id, status: "pending" };
        transactions.by_token.insert(token.to_owned(), transaction.clone());
        transaction
    }

    fn user_with_id(&self, id: &str) -> Result<String, Denied> {
        let handle = stuntkey::encoding::base64url::decode(id).unwrap_or_default();
        match self.state().name_of(&handle) {
            name if name.is_empty() => Err(Denied::Request(format!("no user has the id {id:?}"))),
            name => Ok(name),
        }
    }

    pub(super) fn new_token(&self) -> String {
        encode(&self.state().draw())
    }
}

fn expect_fido2(channel: &str) -> Result<(), Denied> {
    match channel {
        "fido2" => Ok(()),
        other => Err(Denied::Request(format!("$.channel: found {other:?}, expected \"fido2\""))),
    }
}

/// The transactions have a lock of their own, apart from the state's.
pub(super) type SharedTransactions = Mutex<Transactions>;

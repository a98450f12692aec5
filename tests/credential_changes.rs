//! authenticatorCredentialManagement: deleting and updating, and the prototype (CTAP 2.1 §6.8.5, §6.8.6).

#![cfg(feature = "ctap")]

mod common;

use ciborium::cbor;
use common::codes::status;
use common::credentials::{
    self, CREDENTIALS, DELETE, Listed, METADATA, NEXT_CREDENTIAL, UPDATE, key, listed, named, of, one,
    renamed, token,
};
use common::device::with_pin;
use common::management::{bytes, map};
use common::platform::OK;
use stuntkey::ctap2::Command;

#[test]
fn a_credential_that_is_deleted_is_gone_and_the_others_stay() {
    let (mut key, made) = key();
    let token = token(&mut key, None);
    key.manage(DELETE, one(&made[0].credential_id), Some(&token)).unwrap();
    let again = key.manage(DELETE, one(&made[0].credential_id), Some(&token));
    assert_eq!(again.unwrap_err(), status::NO_CREDENTIALS);
    assert_eq!(listed(&mut key, "example.org").len(), 1);
    let got = key.get_with(None, |_| ()).unwrap();
    assert_eq!((got.credential_id, got.number_of_credentials), (made[1].credential_id.clone(), None));
    let token = credentials::token(&mut key, None);
    key.manage(DELETE, one(&made[1].credential_id), Some(&token)).unwrap();
    assert_eq!(key.get(None), Err(status::NO_CREDENTIALS));
    assert_eq!(listed(&mut key, "example.com").len(), 1);
}

#[test]
fn a_token_for_a_relying_party_changes_its_credentials_alone() {
    let (mut key, made) = key();
    let id = &made[0].credential_id;
    for (sub, parameters) in [(UPDATE, renamed(id, named(1, "new", "N"))), (DELETE, one(id))] {
        let other = token(&mut key, Some("example.com"));
        let refused = key.manage(sub, parameters.clone(), Some(&other)).unwrap_err();
        assert_eq!(refused, status::PIN_AUTH_INVALID, "{sub}");
        let own = token(&mut key, Some("example.org"));
        key.manage(sub, parameters, Some(&own)).unwrap();
    }
}

#[test]
fn what_is_to_be_changed_has_to_be_said_and_to_exist() {
    let (mut key, made) = key();
    let token = token(&mut key, None);
    let user = named(1, "new", "N");
    let unknown = [7; 32];
    let mut status = |sub, parameters| key.manage(sub, parameters, Some(&token)).err().unwrap_or(OK);
    assert_eq!(status(DELETE, None), status::MISSING_PARAMETER);
    assert_eq!(status(DELETE, Some(map([]))), status::MISSING_PARAMETER);
    assert_eq!(status(UPDATE, one(&made[0].credential_id)), status::MISSING_PARAMETER);
    assert_eq!(status(UPDATE, Some(map([(3, Some(user.clone()))]))), status::MISSING_PARAMETER);
    assert_eq!(status(DELETE, one(&unknown)), status::NO_CREDENTIALS);
    assert_eq!(status(UPDATE, renamed(&unknown, user.clone())), status::NO_CREDENTIALS);
    assert_eq!(status(UPDATE, renamed(&made[1].credential_id, user.clone())), status::INVALID_PARAMETER);
    assert_eq!(status(UPDATE, renamed(&made[0].credential_id, user)), OK);
}

#[test]
fn an_update_replaces_the_names_and_removes_those_it_leaves_out() {
    let (mut key, made) = key();
    let id = made[0].credential_id.clone();
    let without = |name: &str| cbor!({"id" => bytes(&[1]), name => "kept"}).unwrap();
    for (user, name, display_name) in [
        (named(1, "new", "New"), Some("new"), Some("New")),
        (without("name"), Some("kept"), None),
        (without("displayName"), None, Some("kept")),
        (named(1, "new", ""), Some("new"), None),
        (named(1, "", "New"), None, Some("New")),
        (cbor!({"id" => bytes(&[1])}).unwrap(), None, None),
    ] {
        let token = token(&mut key, None);
        key.manage(UPDATE, renamed(&id, user), Some(&token)).unwrap();
        let listed = listed(&mut key, "example.org");
        let [name, display_name] = [name, display_name].map(|name| name.map(str::to_owned));
        let expected = Listed { id: id.clone(), user: 1, name, display_name };
        assert_eq!(listed[0], expected);
        assert_eq!(listed[1].name.as_deref(), Some("user"), "the other account");
    }
    // The key is the same.
    let token = token(&mut key, None);
    let first = key.manage(CREDENTIALS, of("example.org"), Some(&token)).unwrap();
    let second = key.manage(NEXT_CREDENTIAL, None, None).unwrap();
    let updated = [first, second].into_iter().find(|response| response.user.as_ref().unwrap().id == [1]);
    assert_eq!(updated.unwrap().public_key.as_ref(), Some(&made[0].public_key));
}

/// The prototype has the same messages under another command.
#[test]
fn the_prototype_answers_where_the_model_has_it() {
    let mut key = with_pin("security_key_ctap2_1", |_| ());
    let info = key.info();
    assert!(info.versions.contains(&"FIDO_2_1_PRE".into()));
    assert_eq!(info.options.get("credentialMgmtPreview"), Some(true));
    let made = key.make_at("example.org", 1);
    let token = token(&mut key, None);
    let request = key.managing(METADATA, None, Some(&token));
    assert_eq!(key.refusal(Command::CredentialManagementPreview, &request), OK);
    let request = key.managing(CREDENTIALS, of("example.org"), Some(&token));
    assert_eq!(key.refusal(Command::CredentialManagementPreview, &request), OK);
    let request = key.managing(DELETE, one(&made.credential_id), Some(&token));
    assert_eq!(key.refusal(Command::CredentialManagementPreview, &request), OK);
    let (mut key, _) = credentials::key();
    let token = credentials::token(&mut key, None);
    assert_eq!(key.info().options.get("credentialMgmtPreview"), None);
    let request = key.managing(METADATA, None, Some(&token));
    assert_eq!(key.refusal(Command::CredentialManagementPreview, &request), status::INVALID_COMMAND);
}

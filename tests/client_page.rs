//! What else a page can do with its client: learn what there is, tell of its credentials, wait, choose among devices.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "clippy.toml allows them in tests, but does not reach the helpers of an integration test"
)]

use stuntkey::authenticator::{Model, Signal};
use stuntkey::client::{ClientBuilder, Devices, DomException, Fetched};
use stuntkey::webauthn::{
    Attachment, CreationOptions, CredentialDescriptor, Hint, RelyingParty, RequestOptions, ResidentKey, User,
};
use stuntkey::{Authenticator, Client, Error};

const ORIGIN: &str = "https://example.org";

fn builder() -> ClientBuilder {
    Client::builder(ORIGIN)
}

fn client() -> Client {
    builder().authenticator(Authenticator::builder().seed("page")).build().unwrap()
}

/// A security key that verifies its user by itself, as every build can have one.
fn security_key() -> Model {
    let mut model = Model::default();
    model.attachment = Attachment::CrossPlatform;
    model
}

fn creation(user: u8) -> CreationOptions {
    let rp = RelyingParty { id: Some("example.org".into()), name: "Example".into() };
    let user = User { id: vec![user], name: "alice".into(), display_name: "Alice".into() };
    let mut options = CreationOptions::new(rp, user, vec![7; 16], vec![-7]);
    options.authenticator_selection.resident_key = ResidentKey::Required;
    options
}

fn login() -> RequestOptions {
    let mut options = RequestOptions::new(vec![8; 16]);
    options.rp_id = Some("example.org".into());
    options
}

fn exception<T>(outcome: Result<T, Error>) -> DomException {
    outcome.err().unwrap().dom_exception().unwrap()
}

#[test]
fn capabilities_are_sorted_and_true_of_the_device() {
    let mut platform = client();
    let capabilities = platform.capabilities().unwrap();
    let mut sorted = capabilities.clone();
    sorted.sort_unstable();
    assert_eq!(capabilities, sorted);
    for there in ["conditionalGet", "extension:credProps", "userVerifyingPlatformAuthenticator"] {
        assert!(capabilities.contains(&there), "{there}");
    }
    for absent in ["extension:prf", "extension:largeBlob", "hybridTransport"] {
        assert!(!capabilities.contains(&absent), "{absent}");
    }
    let mut key = builder().authenticator(security_key()).build().unwrap();
    assert!(!key.capabilities().unwrap().contains(&"userVerifyingPlatformAuthenticator"));
}

#[test]
fn signals_remove_and_rename_what_they_speak_of() {
    let mut client = client();
    let [alice, bob, carol] = [1, 2, 3].map(|user| client.create(&creation(user)).unwrap().id);
    let names = |client: &mut Client| -> Vec<(Vec<u8>, String)> {
        let credentials = client.authenticator().credentials().unwrap();
        credentials.into_iter().map(|credential| (credential.id, credential.user.name)).collect()
    };
    client.signal("example.org", &Signal::UnknownCredential { credential_id: alice.clone() }).unwrap();
    let left = names(&mut client);
    assert_eq!(left.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>(), [carol.clone(), bob.clone()]);
    let details =
        Signal::CurrentUserDetails { user_id: vec![2], name: "robert".into(), display_name: "R".into() };
    client.signal("example.org", &details).unwrap();
    assert_eq!(names(&mut client)[1].1, "robert");
    assert_eq!(names(&mut client)[0].1, "alice", "another account keeps its name");
    let accepted =
        |ids: Vec<Vec<u8>>| Signal::AllAcceptedCredentials { user_id: vec![2], credential_ids: ids };
    client.signal("example.org", &accepted(vec![bob.clone()])).unwrap();
    assert_eq!(names(&mut client).len(), 2);
    client.signal("example.org", &accepted(Vec::new())).unwrap();
    assert_eq!(names(&mut client).len(), 1);
    // Another relying party's signals reach nothing, and a page speaks for its own alone.
    let unknown = Signal::UnknownCredential { credential_id: carol };
    assert_eq!(exception(client.signal("example.com", &unknown)), DomException::SecurityError);
    client.navigate("https://example.com").unwrap();
    client.signal("example.com", &unknown).unwrap();
    assert_eq!(names(&mut client).len(), 1);
}

#[test]
fn a_conditional_login_waits_until_a_credential_comes_or_the_page_gives_up() {
    let mut client = client();
    let mut looks = 0;
    let outcome = client.get_conditionally(&login(), |_| {
        looks += 1;
        looks < 3
    });
    assert_eq!((exception(outcome), looks), (DomException::AbortError, 3));
    let mut other = self::client();
    let id = other.create(&creation(1)).unwrap().id;
    let credential = other.authenticator().credentials().unwrap().remove(0);
    let got = client.get_conditionally(&login(), |authenticator| {
        let mut transaction = authenticator.store().begin().unwrap();
        transaction.put(&credential).unwrap();
        transaction.commit().unwrap();
        true
    });
    assert_eq!(got.unwrap().id, id);
}

#[test]
fn related_origins_are_fetched_where_they_are_needed() {
    let fetch = |url: &str| {
        assert_eq!(url, "https://example.org/.well-known/webauthn");
        Some(Fetched {
            status: 200,
            content_type: "application/json".into(),
            body: r#"{"origins":["https://example.de"]}"#.into(),
        })
    };
    let at = |origin: &str| {
        let builder = Client::builder(origin).authenticator(Authenticator::builder().seed("related"));
        builder.fetch_related_origins(fetch).build().unwrap()
    };
    at("https://example.de").create(&creation(1)).unwrap();
    assert_eq!(exception(at("https://example.fr").create(&creation(1))), DomException::SecurityError);
    let never = builder().fetch_related_origins(|_| panic!("the origin gives the RP ID"));
    never.build().unwrap().create(&creation(1)).unwrap();
}

#[test]
fn client_data_of_the_page_are_used_as_they_stand_where_they_are_permitted() {
    let text = r#"{"type":"webauthn.create","challenge":"AA","origin":"https://elsewhere.example"}"#;
    let mut options = creation(1);
    options.rp.id = Some("elsewhere.example".into());
    options.extensions.remote_client_data_json = Some(text.into());
    let mut permitted = builder().remote_client_data(true).build().unwrap();
    let made = permitted.create(&options).unwrap();
    assert_eq!(made.client_data_json, text.as_bytes());
    assert_eq!(made.extension_results.remote_client_data, Some(true));
    options.extensions.remote_client_data_json = Some("no JSON".into());
    assert_eq!(exception(permitted.create(&options)), DomException::EncodingError);
    options.extensions.remote_client_data_json = Some(text.into());
    options.rp.id = None;
    assert_eq!(exception(permitted.create(&options)), DomException::NotAllowedError);
    options.rp.id = Some("example.org".into());
    assert_eq!(exception(client().create(&options)), DomException::NotAllowedError);
}

/// A platform authenticator, and a security key.
fn devices() -> Devices {
    let key = security_key().builder().seed("key").build().unwrap();
    let mut devices =
        Devices::new(vec![Box::new(Authenticator::builder().seed("platform").build().unwrap())]);
    devices.push(key);
    devices
}

#[test]
fn of_several_devices_the_one_is_used_that_is_asked_for() {
    let mut client = builder().build_with(devices()).unwrap();
    let mut made_by = |options: &CreationOptions| {
        let made = client.create(options).unwrap();
        (made.attachment.unwrap(), made.id)
    };
    assert_eq!(made_by(&creation(1)).0, Attachment::Platform, "the first");
    let mut options = creation(2);
    options.authenticator_selection.attachment = Some(Attachment::CrossPlatform);
    let (attachment, on_the_key) = made_by(&options);
    assert_eq!(attachment, Attachment::CrossPlatform);
    let mut options = creation(3);
    options.hints = vec![Hint::SecurityKey];
    assert_eq!(made_by(&options).0, Attachment::CrossPlatform);
    // A hint comes before the attachment that it contradicts.
    options.authenticator_selection.attachment = Some(Attachment::Platform);
    options.user.id = vec![4];
    assert_eq!(made_by(&options).0, Attachment::CrossPlatform);
    let mut login = login();
    login.allow_credentials =
        Some(vec![CredentialDescriptor { id: on_the_key.clone(), transports: Vec::new() }]);
    let got = client.get(&login).unwrap();
    assert_eq!((got.id, got.attachment), (on_the_key, Some(Attachment::CrossPlatform)));
}

#[test]
fn without_a_device_nothing_can_be_done() {
    let mut client = builder().build_with(Devices::default()).unwrap();
    assert!(client.create(&creation(1)).is_err());
    assert!(client.get(&login()).is_err());
}

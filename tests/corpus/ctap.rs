//! Seeds for the targets about CTAP: messages of every kind, and commands in a sensible order.

use stuntkey::authenticator::Model;
use stuntkey::ctap2::{
    ClientPinRequest, ClientPinResponse, ClientPinSubCommand, CredentialManagementResponse, EncodedItem,
    GetAssertionRequest, HmacSecretInput, KeyAgreementKey, LargeBlobSupport, LargeBlobsRequest,
    MakeCredentialRequest, PinUvAuth, PublicKeyCredentialDescriptor, RpEntity, U2fControl, U2fRequest,
    UserEntity,
};
use stuntkey::webauthn::{CredentialDescriptor, User};

type Seeds = Vec<(&'static str, &'static str, Vec<u8>)>;

pub(crate) fn seeds() -> Seeds {
    let mut seeds = messages();
    seeds.extend(commands());
    seeds
}

/// For `ctap_messages`: which message it is, and the message.
fn messages() -> Seeds {
    let mut authenticator = Model::named("full").unwrap().builder().seed("corpus").build().unwrap();
    let mut answer = |request: &[u8]| authenticator.call(1, request).split_off(1);
    let auth = || Some(PinUvAuth { param: vec![1; 32].into(), protocol: Some(2) });
    let key = KeyAgreementKey([[1; 32], [2; 32]]);
    let descriptor = CredentialDescriptor { id: vec![3; 16], transports: Vec::new() };

    let mut pin = ClientPinRequest::new(ClientPinSubCommand::GetTokenUsingPin);
    (pin.pin_uv_auth_protocol, pin.key_agreement) = (Some(2), Some(key));
    (pin.pin_hash_enc, pin.permissions) = (Some(vec![4; 32]), Some(3));
    pin.rp_id = Some("example.org".into());
    let mut token = ClientPinResponse::default();
    (token.key_agreement, token.pin_uv_auth_token, token.pin_retries) =
        (Some(key), Some(vec![5; 48]), Some(8));
    (token.power_cycle_state, token.uv_retries) = (Some(true), Some(3));

    let user = User { id: vec![1], name: "user".into(), display_name: "User".into() };
    let mut make =
        MakeCredentialRequest::new([7; 32], "example.org", std::borrow::Cow::Owned(user), vec![-7]);
    make.exclude_list = vec![descriptor.clone()].into();
    (make.resident_key, make.pin_uv_auth) = (true, auth());
    make.extensions.cred_protect = Some(2);
    make.extensions.hmac_secret = true;
    make.extensions.large_blob = Some(LargeBlobSupport::new("preferred"));
    make.extensions.hmac_secret_mc = Some(Box::new(HmacSecretInput::new(key, vec![6; 32], vec![7; 16])));
    let mut get = GetAssertionRequest::new([9; 32], "example.org");
    (get.allow_list, get.user_presence, get.pin_uv_auth) = (Some(vec![descriptor].into()), false, auth());
    get.extensions.cred_blob = true;

    let mut managed = CredentialManagementResponse::default();
    managed.rp = Some(RpEntity::new("example.org"));
    managed.user = Some(UserEntity::new(vec![1]));
    managed.credential_id = Some(PublicKeyCredentialDescriptor::new(vec![3; 16]));
    (managed.total_credentials, managed.cred_protect) = (Some(1), Some(2));
    let mut blobs = LargeBlobsRequest::default();
    (blobs.set, blobs.offset, blobs.length) = (Some(vec![0x80; 17]), Some(0), Some(17));
    let parameters = EncodedItem(vec![0xa1, 0x01, 0x08]);
    let [made, asserted] = [[&[1][..], &plain().to_cbor()].concat(), super::targets::get_assertion(1, &[])]
        .map(|request| answer(&request));
    let handle = U2fRequest::Authenticate {
        control: U2fControl::CheckOnly,
        challenge: [1; 32],
        application: [2; 32],
        key_handle: vec![3; 64],
    };
    let register = U2fRequest::Register { challenge: [1; 32], application: [2; 32] };

    let seeds: Vec<(&'static str, u8, Vec<u8>)> = vec![
        ("client-pin-request", 0, pin.to_cbor()),
        ("client-pin-response", 1, token.to_cbor()),
        ("credential-management-request", 2, [&[0xa2, 0x01, 0x04, 0x02][..], &parameters.0].concat()),
        ("credential-management-response", 3, managed.to_cbor()),
        ("large-blobs-request", 4, blobs.to_cbor()),
        ("large-blobs-response", 5, answer(&[0x0c, 0xa2, 0x01, 0x11, 0x03, 0x00])),
        ("config-request", 6, [&[0xa2, 0x01, 0x03, 0x02][..], &parameters.0].concat()),
        ("bio-enrollment-request", 7, vec![0xa2, 0x01, 0x01, 0x02, 0x07]),
        ("bio-enrollment-response", 8, answer(&[0x09, 0xa2, 0x01, 0x01, 0x02, 0x07])),
        ("bio-enrollment-templates", 8, vec![0xa1, 0x07, 0x81, 0xa2, 0x01, 0x41, 0x01, 0x02, 0x61, b'n']),
        ("get-info", 9, answer(&[0x04])),
        ("make-credential-request", 10, make.to_cbor()),
        ("make-credential-response", 11, made),
        ("get-assertion-request", 12, get.to_cbor()),
        ("get-assertion-response", 13, asserted),
        ("u2f-authenticate", 14, handle.to_apdu().unwrap()),
        ("u2f-register", 14, register.to_apdu().unwrap()),
        ("u2f-version", 14, U2fRequest::Version.to_apdu().unwrap()),
    ];
    seeds
        .into_iter()
        .map(|(name, which, bytes)| ("ctap_messages", name, [&[which][..], &bytes].concat()))
        .collect()
}

/// A registration with the relying party that `get_assertion(1, …)` asks for.
fn plain() -> MakeCredentialRequest<'static> {
    let user = User { id: vec![1], name: "user".into(), display_name: String::new() };
    let mut request =
        MakeCredentialRequest::new([7; 32], "rp1.example", std::borrow::Cow::Owned(user), vec![-7]);
    request.resident_key = true;
    request
}

/// For `ctap_commands`: what each function there draws, in its order. After each command's byte stands one for the channel
/// and the user, who does what is asked where it is 0.
fn commands() -> Seeds {
    const SET_PIN: &[u8] = &[0, 0, 1, 0];
    // A token by protocol two and the right PIN, with these permissions, for the first relying party or for none.
    let token = |permissions: u8, rp: u8| vec![2, 0, 1, 0, permissions, rp];
    let make = |rp: u8, user: u8, kind: u8, shown: u8| vec![5, 0, rp, user, kind, shown];
    let get = |rp: u8, kind: u8, shown: u8| vec![6, 0, rp, kind, shown];
    let manage = |sub: u8, rp: u8, at: u8, shown: u8| vec![9, 0, sub, rp, at, shown];
    let pass = |step: u8| vec![15, 0, step];
    const NEXT: &[u8] = &[8, 0];
    const RESET: &[u8] = &[16, 0, 1];
    const ENROL: &[u8] = &[16, 0, 4];
    let steps = |steps: &[&[u8]]| steps.concat();
    // Two users of the first relying party, and one of the second, before a PIN is set.
    let accounts = steps(&[&make(0, 0, 1, 0), &make(0, 1, 1, 0), &make(1, 0, 17, 0), &make(1, 2, 8, 0)]);
    // Whatever takes a permission, each with what is shown: fingers, the array, the authenticator, credentials, ceremonies.
    let everything = |shown: u8| {
        let others = [[11, 0, 3, 0, shown], [11, 0, 0, 0, shown], [12, 0, 1, 1, shown]].concat();
        let configured = [[13, 0, 1, 0, 0, shown], [13, 0, 0, 0, 0, shown]].concat();
        let managed = [manage(0, 0, 0, shown), manage(3, 0, 0, shown), manage(5, 0, 1, shown)].concat();
        let ceremonies = [make(0, 3, 1, shown), get(0, 1, shown), get(0, 0, shown)].concat();
        [others, configured, managed, ceremonies].concat()
    };
    let seeds = vec![
        (
            "ceremonies",
            steps(&[
                SET_PIN,
                &token(3, 0),
                &make(0, 0, 45, 1),
                &make(0, 0, 1, 1),
                &token(3, 0),
                &get(0, 0, 1),
                &get(0, 0, 1),
                &make(0, 0, 1, 0),
                &get(0, 0, 0),
                &token(2, 1),
                &get(0, 0, 1),
            ]),
        ),
        (
            "accounts",
            steps(&[
                &accounts,
                &get(0, 0, 0),
                NEXT,
                NEXT,
                &get(1, 8, 0),
                &get(0, 8, 0),
                &get(0, 0, 0),
                &pass(5),
                NEXT,
            ]),
        ),
        (
            "expired",
            steps(&[
                &accounts,
                SET_PIN,
                &token(4, 2),
                &pass(5),
                &manage(0, 0, 0, 1),
                &token(4, 2),
                &manage(0, 0, 0, 1),
                &pass(5),
                &manage(0, 0, 0, 1),
                &pass(6),
                &manage(0, 0, 0, 1),
                &token(3, 0),
                &pass(5),
                &get(0, 0, 1),
            ]),
        ),
        (
            "managed",
            steps(&[
                &accounts,
                SET_PIN,
                &token(4, 2),
                &manage(1, 0, 0, 1),
                &manage(2, 0, 0, 0),
                &manage(3, 0, 0, 1),
                &manage(4, 0, 0, 0),
                &manage(6, 0, 0, 1),
                &manage(5, 0, 2, 1),
                &manage(0, 0, 0, 1),
                &token(4, 0),
                &manage(5, 0, 0, 1),
                &manage(5, 0, 1, 1),
                &token(64, 2),
                &manage(0, 0, 0, 6),
                &manage(5, 0, 0, 6),
            ]),
        ),
        (
            "fingers",
            steps(&[
                SET_PIN,
                &token(8, 2),
                ENROL,
                &[11, 0, 4, 5, 1],
                &[11, 0, 3, 0, 1],
                &[4, 0, 1, 7, 0],
                &make(0, 0, 1, 1),
                &[4, 0, 1, 7, 0],
                &get(0, 0, 1),
                &get(0, 2, 0),
                &token(8, 2),
                &[11, 0, 5, 0, 1],
                &get(0, 2, 0),
            ]),
        ),
        (
            "blobs",
            steps(&[
                SET_PIN,
                &token(16, 2),
                &[12, 0, 1, 60, 1],
                &[12, 0, 2, 0, 1],
                &[12, 0, 2, 0, 1],
                &[12, 0, 2, 0, 1],
                &[12, 0, 0, 90, 0],
                &[12, 0, 5, 1, 1],
                &[12, 0, 0x85, 1, 1],
                &[12, 0, 1, 1, 0],
                &[12, 0, 1, 60, 1],
                &pass(5),
                &[12, 0, 2, 0, 1],
                RESET,
                &[12, 0, 1, 1, 0],
            ]),
        ),
        (
            "configured",
            steps(&[
                SET_PIN,
                &token(32, 2),
                &[13, 0, 1, 0, 0, 1],
                &get(0, 0, 0),
                &[14, 0, 0, 0, 0],
                &[13, 0, 2, 1, 6, 1],
                &token(32, 2),
                &[1, 0, 1, 0, 1],
                &token(32, 2),
                &[13, 0, 1, 0, 0, 1],
                &[13, 0, 0, 0, 0, 1],
                RESET,
                &[13, 0, 1, 0, 0, 0],
                &make(0, 0, 0, 0),
                &[13, 0, 1, 0, 0, 0],
            ]),
        ),
        (
            "u2f",
            steps(&[
                &[14, 0, 1, 0, 0],
                &[14, 0, 0, 0, 0],
                &[14, 0, 6, 0, 0],
                &[14, 0, 10, 0, 0],
                &[14, 0, 2, 0, 0],
                &[14, 0, 6, 1, 0],
                &get(0, 8, 0),
                &get(1, 8, 0),
                &make(0, 0, 193, 0),
                &make(1, 0, 1, 0),
                &[14, 0, 6, 1, 0],
            ]),
        ),
        (
            "wrong-pins",
            steps(&[
                SET_PIN,
                &[2, 0, 1, 0xc1, 4, 2],
                &[2, 0, 0, 0xc1, 4, 2],
                &[1, 0, 1, 1, 0],
                &token(4, 2),
                &[16, 0, 0],
                &token(4, 2),
                &[1, 0, 0, 0, 2],
                &manage(0, 0, 0, 1),
                &token(4, 2),
                &manage(0, 0, 0, 1),
                &manage(0, 0, 0, 9),
                RESET,
            ]),
        ),
        (
            "two-channels",
            steps(&[
                &accounts,
                &get(0, 0, 0),
                &[8, 1],
                NEXT,
                SET_PIN,
                &token(4, 2),
                &[9, 1, 0, 0, 0, 1],
                &manage(1, 0, 0, 1),
                &[9, 1, 2, 0, 0, 0],
                &manage(2, 0, 0, 0),
                &[17, 1, 5, 0x06, 0xa1, 0x02, 0x01, 0x00],
                &[17, 0, 1, 0x07],
            ]),
        ),
        ("without-a-token", steps(&[&accounts, SET_PIN, &everything(0), &token(127, 0), &everything(0)])),
        ("made-up", steps(&[&accounts, SET_PIN, &token(63, 0), &everything(7)])),
        ("manager", steps(&[&accounts, SET_PIN, &token(4, 2), &everything(1)])),
        ("no-manager", steps(&[&accounts, SET_PIN, &token(59, 0), &manage(0, 0, 0, 1), &manage(5, 0, 1, 1)])),
        ("writer", steps(&[&accounts, SET_PIN, &token(16, 2), &everything(1)])),
        ("reader", steps(&[&accounts, SET_PIN, &token(64, 2), &manage(5, 0, 1, 6), &everything(6)])),
        ("other-protocol", steps(&[&accounts, SET_PIN, &token(63, 0), &everything(9)])),
        (
            "spent",
            steps(&[
                &accounts,
                SET_PIN,
                &token(63, 0),
                &manage(3, 0, 0, 1),
                &make(0, 0, 1, 1),
                &manage(3, 0, 0, 1),
                &everything(1),
                &token(63, 0),
                &get(0, 1, 1),
                &manage(3, 0, 0, 1),
                &get(0, 0, 1),
                &everything(1),
            ]),
        ),
        (
            "protected",
            steps(&[&make(0, 0, 12, 0), &[14, 0, 6, 0, 0], &get(0, 8, 0), &make(0, 1, 9, 0), &get(0, 0, 0)]),
        ),
        // A token of ten minutes less ten seconds begins what goes on twenty seconds later.
        (
            "enumeration-ends",
            steps(&[
                &accounts,
                SET_PIN,
                &token(4, 2),
                &manage(0, 0, 0, 1),
                &pass(3),
                &manage(0, 0, 0, 1),
                &pass(6),
                &manage(1, 0, 0, 1),
                &pass(3),
                &manage(2, 0, 0, 0),
            ]),
        ),
        (
            "assertions-end",
            steps(&[
                &accounts,
                SET_PIN,
                &token(2, 0),
                &get(0, 9, 1),
                &pass(3),
                &get(0, 9, 1),
                &pass(6),
                &get(0, 0, 1),
                &pass(3),
                NEXT,
            ]),
        ),
        (
            "fragments-again",
            steps(&[
                &[12, 0, 1, 60, 0],
                &[12, 0, 2, 0, 0],
                &[12, 0, 0x42, 0, 0],
                &[12, 0, 2, 0, 0],
                &[12, 0, 2, 0, 0],
            ]),
        ),
        (
            "nobody-there",
            steps(&[
                &[5, 12, 0, 0, 1, 0],
                &[5, 14, 0, 0, 1, 0],
                &[16, 12, 1],
                &[5, 10, 0, 0, 3, 0],
                &[16, 14, 2],
                &[16, 0, 3],
            ]),
        ),
    ];
    seeds.into_iter().map(|(name, bytes)| ("ctap_commands", name, bytes)).collect()
}

//! The authenticator behind its byte codec: requests written by `ciborium`, responses read by it.

use ciborium::{Value, cbor};
use stuntkey::authenticator::{Answer, Authenticator, AuthenticatorBuilder, Clock, MAX_MSG_SIZE, Script};
use stuntkey::webauthn::{AuthenticatorData, Flags};

// Commands and status codes: CTAP 2.1 §6 and §6.3.
const MAKE_CREDENTIAL: u8 = 0x01;
const GET_ASSERTION: u8 = 0x02;
const GET_INFO: u8 = 0x04;
const RESET: u8 = 0x07;
const GET_NEXT_ASSERTION: u8 = 0x08;

fn authenticator() -> Authenticator {
    build(Authenticator::builder())
}

fn build(builder: AuthenticatorBuilder) -> Authenticator {
    builder.seed("ctap2").build().unwrap()
}

fn request(command: u8, parameters: &Value) -> Vec<u8> {
    let mut bytes = vec![command];
    ciborium::into_writer(parameters, &mut bytes).unwrap();
    bytes
}

fn ok(authenticator: &mut Authenticator, request: &[u8]) -> Value {
    let response = authenticator.call(1, request);
    assert_eq!(response[0], 0x00, "status {:#04x}", response[0]);
    ciborium::from_reader(&response[1..]).unwrap()
}

fn status(authenticator: &mut Authenticator, request: &[u8]) -> u8 {
    let response = authenticator.call(1, request);
    assert_eq!(response.len(), 1, "an error has no body");
    response[0]
}

fn at(value: &Value, key: u64) -> &Value {
    get(value, key).unwrap_or_else(|| panic!("no member {key}"))
}

fn get(value: &Value, key: u64) -> Option<&Value> {
    value.as_map().unwrap().iter().find(|(k, _)| *k == Value::from(key)).map(|(_, v)| v)
}

fn set(mut request: Value, key: u64, member: Value) -> Value {
    let map = request.as_map_mut().unwrap();
    map.retain(|(k, _)| *k != Value::from(key));
    map.push((key.into(), member));
    map.sort_by_key(|(k, _)| u64::try_from(k.as_integer().unwrap()).unwrap());
    request
}

fn unset(mut request: Value, key: u64) -> Value {
    request.as_map_mut().unwrap().retain(|(k, _)| *k != Value::from(key));
    request
}

fn creation(user: u8) -> Value {
    cbor!({
        1 => Value::Bytes(vec![1; 32]),
        2 => {"id" => "example.org"},
        3 => {"id" => Value::Bytes(vec![user]), "name" => format!("user {user}"), "displayName" => "U"},
        4 => [{"alg" => -7, "type" => "public-key"}],
        7 => {"rk" => true},
    })
    .unwrap()
}

fn assertion() -> Value {
    cbor!({1 => "example.org", 2 => Value::Bytes(vec![2; 32])}).unwrap()
}

fn descriptor(id: &[u8]) -> Value {
    cbor!([{"id" => Value::Bytes(id.to_vec()), "type" => "public-key"}]).unwrap()
}

fn make(authenticator: &mut Authenticator, user: u8) -> Vec<u8> {
    let made = ok(authenticator, &request(MAKE_CREDENTIAL, &creation(user)));
    let data = AuthenticatorData::parse(at(&made, 2).as_bytes().unwrap()).unwrap();
    data.attested_credential_data.unwrap().credential_id
}

#[test]
fn get_info_states_what_it_can_do() {
    let info = ok(&mut authenticator(), &[GET_INFO]);
    assert_eq!(at(&info, 1), &cbor!(["FIDO_2_0"]).unwrap());
    assert_eq!(at(&info, 3).as_bytes().unwrap().len(), 16);
    assert_eq!(at(&info, 4), &cbor!({"rk" => true, "up" => true, "uv" => true, "plat" => true}).unwrap());
    assert_eq!(at(&info, 5), &Value::from(7609));
}

/// CTAP 2.0 §5.4: the response has the members 1 to 6, and the options plat, rk, clientPin, up and uv.
#[test]
fn get_info_of_ctap_2_0_has_nothing_of_later_versions() {
    let info = ok(&mut build(Authenticator::builder().enterprise_attestation(b"1")), &[GET_INFO]);
    let keys =
        info.as_map().unwrap().iter().map(|(key, _)| u64::try_from(key.as_integer().unwrap()).unwrap());
    assert_eq!(keys.collect::<Vec<_>>(), [1, 3, 4, 5]);
    assert_eq!(at(&info, 4), &cbor!({"rk" => true, "up" => true, "uv" => true, "plat" => true}).unwrap());
}

#[test]
fn responses_are_canonical() {
    let mut authenticator = build(Authenticator::builder().enterprise_attestation(b"1"));
    make(&mut authenticator, 1);
    make(&mut authenticator, 2);
    let uv = set(assertion(), 5, cbor!({"uv" => true}).unwrap());
    let enterprise = set(creation(3), 10, 2.into());
    for request in [
        vec![GET_INFO],
        request(MAKE_CREDENTIAL, &enterprise),
        request(GET_ASSERTION, &uv),
        vec![GET_NEXT_ASSERTION],
    ] {
        let response = authenticator.call(1, &request);
        assert_eq!(response[0], 0);
        stuntkey::encoding::cbor::read(&response[1..]).unwrap();
    }
}

#[test]
fn a_credential_is_made_and_asserted_with() {
    let mut authenticator = authenticator();
    let made = ok(&mut authenticator, &request(MAKE_CREDENTIAL, &creation(1)));
    assert_eq!(at(&made, 1).as_text(), Some("packed"));
    assert!(at(&made, 3).is_map());
    let asserted = ok(&mut authenticator, &request(GET_ASSERTION, &assertion()));
    assert_eq!(at(&asserted, 4), &cbor!({"id" => Value::Bytes(vec![1])}).unwrap());
    assert!(get(&asserted, 5).is_none(), "one account is no choice");
    let data = AuthenticatorData::parse(at(&asserted, 2).as_bytes().unwrap()).unwrap();
    assert_eq!((data.flags, data.sign_count), (Flags::UP, 1));
}

#[test]
fn get_next_assertion_goes_through_the_accounts_newest_first() {
    let mut authenticator = authenticator();
    let ids: Vec<Vec<u8>> = (1..=3).map(|user| make(&mut authenticator, user)).collect();
    let id = |value: &Value| at(value, 1).as_map().unwrap()[0].1.as_bytes().unwrap().clone();
    let first = ok(&mut authenticator, &request(GET_ASSERTION, &assertion()));
    assert_eq!(at(&first, 5), &Value::from(3));
    assert_eq!(id(&first), ids[2]);
    assert_eq!(id(&ok(&mut authenticator, &[GET_NEXT_ASSERTION])), ids[1]);
    assert_eq!(id(&ok(&mut authenticator, &[GET_NEXT_ASSERTION])), ids[0]);
    assert_eq!(status(&mut authenticator, &[GET_NEXT_ASSERTION]), 0x30);
}

#[test]
fn get_next_assertion_follows_get_assertion_only() {
    let mut authenticator = authenticator();
    make(&mut authenticator, 1);
    make(&mut authenticator, 2);
    assert_eq!(status(&mut authenticator, &[GET_NEXT_ASSERTION]), 0x30);
    ok(&mut authenticator, &request(GET_ASSERTION, &assertion()));
    ok(&mut authenticator, &[GET_INFO]);
    assert_eq!(status(&mut authenticator, &[GET_NEXT_ASSERTION]), 0x30);
}

#[test]
fn get_next_assertion_comes_within_thirty_seconds() {
    let (first, later) = (1_000_000, |seconds: u64| Clock::Fixed(1_000_000 + seconds * 1_000));
    let mut authenticator = authenticator();
    for user in 1..=3 {
        make(&mut authenticator, user);
    }
    authenticator.set_clock(Clock::Fixed(first));
    ok(&mut authenticator, &request(GET_ASSERTION, &assertion()));
    authenticator.set_clock(later(30));
    ok(&mut authenticator, &[GET_NEXT_ASSERTION]);
    // The time begins again with each assertion (§6.3).
    authenticator.set_clock(later(61));
    assert_eq!(status(&mut authenticator, &[GET_NEXT_ASSERTION]), 0x30);
    authenticator.set_clock(later(59));
    assert_eq!(status(&mut authenticator, &[GET_NEXT_ASSERTION]), 0x30, "discarded");
}

#[test]
fn what_one_channel_enumerates_another_does_not_continue() {
    let mut authenticator = authenticator();
    make(&mut authenticator, 1);
    make(&mut authenticator, 2);
    ok(&mut authenticator, &request(GET_ASSERTION, &assertion()));
    assert_eq!(authenticator.call(2, &[GET_NEXT_ASSERTION]), [0x30]);
    assert_eq!(authenticator.call(2, &[GET_INFO])[0], 0x00);
    ok(&mut authenticator, &[GET_NEXT_ASSERTION]);
    assert_eq!(status(&mut authenticator, &[GET_NEXT_ASSERTION]), 0x30);
}

#[test]
fn names_that_were_never_given_are_not_told() {
    let mut authenticator = authenticator();
    for user in 1..=2 {
        let entity = cbor!({"id" => Value::Bytes(vec![user]), "displayName" => "U"}).unwrap();
        ok(&mut authenticator, &request(MAKE_CREDENTIAL, &set(creation(user), 3, entity)));
    }
    let verified = set(assertion(), 5, cbor!({"uv" => true}).unwrap());
    let asserted = ok(&mut authenticator, &request(GET_ASSERTION, &verified));
    let told = cbor!({"id" => Value::Bytes(vec![2]), "displayName" => "U"}).unwrap();
    assert_eq!(at(&asserted, 4), &told);
}

#[test]
fn names_are_told_only_to_a_verified_user_who_has_to_choose() {
    let mut authenticator = authenticator();
    make(&mut authenticator, 1);
    let members = |value: &Value| at(value, 4).as_map().unwrap().len();
    let verified = set(assertion(), 5, cbor!({"uv" => true}).unwrap());
    assert_eq!(members(&ok(&mut authenticator, &request(GET_ASSERTION, &verified))), 1);
    make(&mut authenticator, 2);
    assert_eq!(members(&ok(&mut authenticator, &request(GET_ASSERTION, &assertion()))), 1);
    assert_eq!(members(&ok(&mut authenticator, &request(GET_ASSERTION, &verified))), 3);
}

#[test]
fn silent_assertions_have_no_up() {
    let mut authenticator = authenticator();
    make(&mut authenticator, 1);
    let silent = set(assertion(), 5, cbor!({"up" => false}).unwrap());
    let asserted = ok(&mut authenticator, &request(GET_ASSERTION, &silent));
    assert_eq!(AuthenticatorData::parse(at(&asserted, 2).as_bytes().unwrap()).unwrap().flags, Flags(0));
}

#[test]
fn reset_forgets_everything() {
    let mut authenticator = authenticator();
    make(&mut authenticator, 1);
    assert_eq!(authenticator.call(1, &[RESET]), [0x00]);
    assert_eq!(status(&mut authenticator, &request(GET_ASSERTION, &assertion())), 0x2e);
}

#[test]
fn the_user_decides() {
    let answers = [Answer::Denied, Answer::NoAnswer, Answer::Present, Answer::Denied];
    let mut authenticator = build(Authenticator::builder().user(Script::new(answers)));
    let verified = set(creation(1), 7, cbor!({"uv" => true}).unwrap());
    assert_eq!(status(&mut authenticator, &request(MAKE_CREDENTIAL, &creation(1))), 0x27);
    assert_eq!(status(&mut authenticator, &request(MAKE_CREDENTIAL, &creation(1))), 0x2f);
    assert_eq!(status(&mut authenticator, &request(MAKE_CREDENTIAL, &verified)), 0x27);
    assert_eq!(status(&mut authenticator, &[RESET]), 0x27);
}

#[test]
fn an_excluded_credential_is_told_after_the_touch() {
    let answers = [Answer::Verified, Answer::Verified, Answer::Denied, Answer::Verified];
    let mut authenticator = build(Authenticator::builder().user(Script::new(answers)));
    let id = make(&mut authenticator, 1);
    let excluding = request(MAKE_CREDENTIAL, &set(creation(2), 5, descriptor(&id)));
    assert_eq!(status(&mut authenticator, &excluding), 0x19);
    assert_eq!(status(&mut authenticator, &excluding), 0x27);
    let elsewhere = set(set(creation(2), 5, descriptor(&id)), 2, cbor!({"id" => "example.com"}).unwrap());
    assert_eq!(authenticator.call(1, &request(MAKE_CREDENTIAL, &elsewhere))[0], 0x00);
}

#[test]
fn an_allow_list_finds_server_side_credentials_of_the_relying_party_only() {
    let mut authenticator = authenticator();
    let server_side = set(creation(1), 7, cbor!({"rk" => false}).unwrap());
    let made = ok(&mut authenticator, &request(MAKE_CREDENTIAL, &server_side));
    let data = AuthenticatorData::parse(at(&made, 2).as_bytes().unwrap()).unwrap();
    let id = data.attested_credential_data.unwrap().credential_id;
    assert_eq!(status(&mut authenticator, &request(GET_ASSERTION, &assertion())), 0x2e);
    let allowed = set(assertion(), 3, descriptor(&id));
    let asserted = ok(&mut authenticator, &request(GET_ASSERTION, &allowed));
    assert!(get(&asserted, 4).is_none(), "a server-side credential has no user");
    let elsewhere = set(allowed, 1, "example.com".into());
    assert_eq!(status(&mut authenticator, &request(GET_ASSERTION, &elsewhere)), 0x2e);
}

/// An allow list of types that the authenticator does not know allows none of its credentials, and the same goes for an
/// empty one: a discoverable credential is used only where there is no list.
#[test]
fn an_allow_list_without_known_types_allows_nothing() {
    let mut authenticator = authenticator();
    let id = make(&mut authenticator, 1);
    let unknown =
        cbor!([{"id" => Value::Bytes(id.clone()), "type" => "unknown"}, {"type" => "bare"}]).unwrap();
    assert_eq!(status(&mut authenticator, &request(GET_ASSERTION, &set(assertion(), 3, unknown))), 0x2e);
    let empty = set(assertion(), 3, cbor!([]).unwrap());
    assert_eq!(status(&mut authenticator, &request(GET_ASSERTION, &empty)), 0x2e);
    ok(&mut authenticator, &request(GET_ASSERTION, &set(assertion(), 3, descriptor(&id))));
    ok(&mut authenticator, &request(GET_ASSERTION, &assertion()));
}

/// Which members an entry has to have depends on its type (CTAP 2.1 §6.1.2 step 3); one of an unknown type is no
/// obstacle.
#[test]
fn a_parameter_of_an_unknown_type_needs_no_algorithm() {
    let mut authenticator = authenticator();
    let mut with =
        |entries: Value| authenticator.call(1, &request(MAKE_CREDENTIAL, &set(creation(1), 4, entries)))[0];
    let known = cbor!({"alg" => -7, "type" => "public-key"}).unwrap();
    let unknown = cbor!({"type" => "unknown"}).unwrap();
    assert_eq!(with(Value::Array(vec![unknown.clone(), known.clone()])), 0x00);
    assert_eq!(with(Value::Array(vec![unknown])), 0x26);
    assert_eq!(with(Value::Array(vec![known.clone(), cbor!({"type" => "public-key"}).unwrap()])), 0x14);
    assert_eq!(with(Value::Array(vec![known, cbor!({"alg" => -7}).unwrap()])), 0x14);
}

#[test]
fn malformed_requests_have_their_status() {
    let mut authenticator = authenticator();
    let mut status = |bytes: &[u8]| status(&mut authenticator, bytes);
    assert_eq!(status(&[]), 0x03);
    assert_eq!(status(&[0x00]), 0x01);
    assert_eq!(status(&[0x3f, 0xa0]), 0x01);
    assert_eq!(status(&[MAKE_CREDENTIAL]), 0x12);
    assert_eq!(status(&[MAKE_CREDENTIAL, 0xff]), 0x12);
    assert_eq!(status(&[MAKE_CREDENTIAL, 0x80]), 0x11);
    assert_eq!(status(&[MAKE_CREDENTIAL, 0xa0]), 0x14);
    assert_eq!(status(&[GET_ASSERTION, 0xa0, 0x00]), 0x12);
    assert_eq!(status(&[GET_INFO, 0xa0]), 0x03);
    assert_eq!(status(&[RESET, 0xff]), 0x03);
    assert_eq!(status(&vec![GET_INFO; usize::from(MAX_MSG_SIZE) + 1]), 0x39);
    let mut small = build(Authenticator::builder().max_msg_size(1024));
    assert_eq!(small.call(1, &[GET_INFO; 1025]), [0x39]);
    assert_ne!(small.call(1, &[GET_INFO; 1024]), [0x39]);
    assert_eq!(at(&ok(&mut small, &[GET_INFO]), 5), &Value::from(1024));
}

#[test]
fn each_member_of_make_credential_has_its_status() {
    let mut authenticator = authenticator();
    let mut status = |value: &Value| status(&mut authenticator, &request(MAKE_CREDENTIAL, value));
    for key in 1..=4 {
        assert_eq!(status(&unset(creation(1), key)), 0x14, "member {key} is required");
    }
    for key in [1, 2, 3, 4, 5, 6, 7, 8, 10, 11] {
        let text = if key == 2 { Value::from(1) } else { "text".into() };
        assert_eq!(status(&set(creation(1), key, text)), 0x11, "member {key} has a type");
    }
    assert_eq!(status(&set(creation(1), 1, Value::Bytes(vec![0; 31]))), 0x03);
    assert_eq!(status(&set(creation(1), 2, cbor!({"name" => "x"}).unwrap())), 0x14);
    assert_eq!(status(&set(creation(1), 3, cbor!({"id" => Value::Bytes(vec![])}).unwrap())), 0x03);
    assert_eq!(status(&set(creation(1), 3, cbor!({"id" => Value::Bytes(vec![0; 65])}).unwrap())), 0x03);
    assert_eq!(
        status(&set(creation(1), 4, cbor!([{"alg" => -65536, "type" => "public-key"}]).unwrap())),
        0x26
    );
    assert_eq!(status(&set(creation(1), 4, cbor!([]).unwrap())), 0x26);
    assert_eq!(status(&set(creation(1), 4, cbor!([{"alg" => -7}]).unwrap())), 0x14);
    assert_eq!(status(&set(creation(1), 5, cbor!([{"type" => "public-key"}]).unwrap())), 0x14);
    assert_eq!(status(&set(creation(1), 7, cbor!({"up" => false}).unwrap())), 0x2c);
    assert_eq!(status(&set(creation(1), 7, cbor!({"rk" => 1}).unwrap())), 0x11);
    // Whether it gives any comes before which one (§6.1.2 step 9).
    assert_eq!(status(&set(creation(1), 10, 3.into())), 0x02);
    assert_eq!(status(&set(creation(1), 10, 1.into())), 0x02);
    assert_eq!(status(&set(creation(1), 8, Value::Bytes(vec![]))), 0x35);
    assert_eq!(status(&set(creation(1), 8, Value::Bytes(vec![1]))), 0x14);
    assert_eq!(status(&set(set(creation(1), 8, Value::Bytes(vec![1])), 9, 1.into())), 0x02);
}

#[test]
fn each_member_of_get_assertion_has_its_status() {
    let mut authenticator = authenticator();
    make(&mut authenticator, 1);
    let mut status = |value: &Value| status(&mut authenticator, &request(GET_ASSERTION, value));
    assert_eq!(status(&unset(assertion(), 1)), 0x14);
    assert_eq!(status(&unset(assertion(), 2)), 0x14);
    for key in [2, 3, 4, 5, 6] {
        assert_eq!(status(&set(assertion(), key, "text".into())), 0x11, "member {key} has a type");
    }
    assert_eq!(status(&set(assertion(), 1, 1.into())), 0x11);
    assert_eq!(status(&set(assertion(), 2, Value::Bytes(vec![0; 33]))), 0x03);
    assert_eq!(status(&set(assertion(), 5, cbor!({"rk" => true}).unwrap())), 0x2b);
    assert_eq!(status(&set(assertion(), 6, Value::Bytes(vec![]))), 0x35);
}

#[test]
fn an_authenticator_without_the_option_refuses_it() {
    let mut plain = build(Authenticator::builder().resident_key(false).user_verification(false));
    let info = ok(&mut plain, &[GET_INFO]);
    assert_eq!(at(&info, 4), &cbor!({"rk" => false, "up" => true, "plat" => true}).unwrap());
    assert_eq!(status(&mut plain, &request(MAKE_CREDENTIAL, &creation(1))), 0x2b);
    let verified = set(creation(1), 7, cbor!({"uv" => true}).unwrap());
    assert_eq!(status(&mut plain, &request(MAKE_CREDENTIAL, &verified)), 0x2c);
    let verified = set(assertion(), 5, cbor!({"uv" => true}).unwrap());
    assert_eq!(status(&mut plain, &request(GET_ASSERTION, &verified)), 0x2c);
}

#[test]
fn unknown_members_options_and_extensions_are_ignored() {
    let mut authenticator = authenticator();
    let request_with = set(set(creation(1), 0x20, "new".into()), 6, cbor!({"unknown" => true}).unwrap());
    let request_with = set(request_with, 7, cbor!({"rk" => true, "new" => 1}).unwrap());
    let made = ok(&mut authenticator, &request(MAKE_CREDENTIAL, &request_with));
    let data = AuthenticatorData::parse(at(&made, 2).as_bytes().unwrap()).unwrap();
    assert!(data.extensions.is_none());
}

#[test]
fn enterprise_attestation_is_for_the_platform_to_vouch_for() {
    let mut authenticator = build(Authenticator::builder().enterprise_attestation(b"1"));
    let asking = |value: i64| request(MAKE_CREDENTIAL, &set(creation(1), 10, value.into()));
    let ep_att = |made: &Value| get(made, 4).cloned();
    assert_eq!(ep_att(&ok(&mut authenticator, &asking(2))), Some(true.into()));
    assert_eq!(
        ep_att(&ok(&mut authenticator, &asking(1))),
        None,
        "no RP ID is on a list of the vendor's own"
    );
    assert_eq!(status(&mut authenticator, &asking(3)), 0x2c);
}

#[test]
fn a_counter_at_its_end_is_an_error() {
    let mut authenticator = authenticator();
    make(&mut authenticator, 1);
    let mut credential = authenticator.credentials().unwrap().remove(0);
    credential.sign_count = u32::MAX;
    let mut transaction = authenticator.store().begin().unwrap();
    transaction.put(&credential).unwrap();
    transaction.commit().unwrap();
    assert_eq!(status(&mut authenticator, &request(GET_ASSERTION, &assertion())), 0x7f);
}

#[test]
fn formats_are_chosen_by_preference() {
    let mut authenticator = authenticator();
    let mut fmt = |formats: Value| {
        let made = ok(&mut authenticator, &request(MAKE_CREDENTIAL, &set(creation(1), 11, formats)));
        at(&made, 1).as_text().unwrap().to_owned()
    };
    assert_eq!(fmt(cbor!(["none"]).unwrap()), "none");
    assert_eq!(fmt(cbor!(["tpm", "packed", "none"]).unwrap()), "packed");
    assert_eq!(fmt(cbor!(["tpm"]).unwrap()), "packed");
}

"""makeCredential, getAssertion, getNextAssertion, selection and reset."""

import secrets

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from ctap2.common import (
    BUILT_IN,
    ERR,
    FULL,
    OTHER_RP_ID,
    PLAIN,
    Platform,
    Subject,
    descriptor,
    get,
    hash_of,
    key_of,
    make,
    new_hash,
    refused,
    user_id,
    user_of,
)
from fido2.attestation import AttestationType, PackedAttestation
from fido2.attestation.base import verify_x509_chain
from fido2.cose import ES256
from fido2.ctap2 import AttestationResponse, Ctap2
from fido2.hid import CTAPHID
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
# Not assigned by IANA.
UNKNOWN = -65_536
NOT_TOUCHED = (ERR.OPERATION_DENIED, ERR.USER_ACTION_TIMEOUT, ERR.ACTION_TIMEOUT)


def no_credentials(ctap, allowed=None):
    return refused(ERR.NO_CREDENTIALS, lambda: get(ctap, allowed=allowed))


@check()
def the_authenticator_describes_itself(ctap, stuntkey):
    expect("FIDO_2_0" in ctap.info.versions, f"the versions are {ctap.info.versions}")
    expect(ctap.info.options.get("rk") is True, f"the options are {ctap.info.options}")
    return ", ".join(ctap.info.versions)


@check(sentence="makes an ES256 credential, attested to our root")
def makes_a_credential(ctap, stuntkey):
    client_data_hash = new_hash()
    made = make(ctap, client_data_hash)
    expect(made.fmt == "packed", f"fmt is {made.fmt}")
    data = made.auth_data
    expect(data.rp_id_hash == hash_of(RP_ID), "another RP ID's hash")
    expect(data.is_user_present(), "user presence is clear")
    expect(data.credential_data.aaguid == ctap.info.aaguid, "not the AAGUID of get_info")
    expect(isinstance(key_of(made), ES256), "not an ES256 key")
    result = PackedAttestation().verify(made.att_stmt, data, client_data_hash)
    expect(result.attestation_type is AttestationType.BASIC, f"{result.attestation_type!r}")
    root = x509.load_pem_x509_certificate(stuntkey.root()).public_bytes(Encoding.DER)
    verify_x509_chain([*result.trust_path, root])


@check()
def picks_the_supported_algorithm_among_those_offered(ctap, stuntkey):
    made = make(ctap, algorithms=(UNKNOWN, ES256.ALGORITHM))
    expect(isinstance(key_of(made), ES256), "not an ES256 key")


@check()
def refuses_unsupported_algorithms(ctap, stuntkey):
    return refused(ERR.UNSUPPORTED_ALGORITHM, lambda: make(ctap, algorithms=(UNKNOWN,)))


@check(sentence="excludes a credential it holds, and no other")
def excludes_a_credential_it_holds(ctap, stuntkey):
    held = descriptor(make(ctap))
    make(ctap, name="bob", exclude_list=[descriptor(secrets.token_bytes(32))])
    return refused(ERR.CREDENTIAL_EXCLUDED, lambda: make(ctap, exclude_list=[held]))


@check()
def signs_for_an_allow_list(ctap, stuntkey):
    alice = make(ctap, name="alice")
    make(ctap, name="bob")
    client_data_hash = new_hash()
    assertion = get(ctap, client_data_hash, allowed=[alice])
    expect(assertion.credential["id"] == descriptor(alice)["id"], "signed with another credential")
    assertion.verify(client_data_hash, key_of(alice))


@check(sentence="signs without an allow list, counting up")
def signs_without_an_allow_list(ctap, stuntkey):
    alice = make(ctap)
    client_data_hash = new_hash()
    first = get(ctap, client_data_hash)
    expect(first.credential["id"] == descriptor(alice)["id"], "signed with another credential")
    expect(first.user["id"] == user_id("alice"), f"the user is {first.user}")
    first.verify(client_data_hash, key_of(alice))
    counters = [first.auth_data.counter, get(ctap).auth_data.counter]
    expect(counters[0] < counters[1], f"the counter went from {counters[0]} to {counters[1]}")
    return f"counter {counters[0]}, {counters[1]}"


@check(sentence="offers two accounts, the newest first")
def offers_two_accounts_newest_first(ctap, stuntkey):
    accounts = {user_id(name): make(ctap, name=name) for name in ("alice", "bob")}
    client_data_hash = new_hash()
    assertions = ctap.get_assertions(RP_ID, client_data_hash)
    numbers = [assertion.number_of_credentials for assertion in assertions]
    expect(numbers == [2, None], f"numberOfCredentials is {numbers}")
    found = [assertion.user["id"] for assertion in assertions]
    expect(found == [user_id("bob"), user_id("alice")], f"the users are {found}")
    for assertion in assertions:
        assertion.verify(client_data_hash, key_of(accounts[assertion.user["id"]]))
    return "then " + refused(ERR.NOT_ALLOWED, ctap.get_next_assertion)


@check()
def has_no_credentials_at_first(ctap, stuntkey):
    return no_credentials(ctap)


@check()
def has_no_credentials_after_a_reset(ctap, stuntkey):
    alice = make(ctap)
    get(ctap)
    ctap.reset()
    no_credentials(ctap, [alice])
    return no_credentials(ctap)


@check()
def refuses_an_unknown_command(ctap, stuntkey):
    return refused(ERR.INVALID_COMMAND, lambda: ctap.send_cbor(0x3F))


@check(sentence="refuses malformed CBOR and goes on")
def refuses_malformed_cbor(ctap, stuntkey):
    # A map said to hold one pair, which ends before its value.
    answer = ctap.device.call(CTAPHID.CBOR, bytes([Ctap2.CMD.MAKE_CREDENTIAL, 0xA1, 0x01]))
    expect(answer == bytes([ERR.INVALID_CBOR]), f"answered {answer.hex()}")
    ctap.get_info()
    return str(ERR.INVALID_CBOR)


@check(*FULL)
def refuses_a_message_that_is_too_long(ctap, stuntkey):
    data = bytes([Ctap2.CMD.GET_INFO]) + bytes(ctap.info.max_msg_size)
    answer = ctap.device.call(CTAPHID.CBOR, data)
    expect(answer == bytes([ERR.REQUEST_TOO_LARGE]), f"answered {answer.hex()}")
    return str(ERR.REQUEST_TOO_LARGE)


@check(*FULL, "max_credential_count_in_list=2")
def refuses_a_list_that_is_too_long(ctap, stuntkey):
    expect(ctap.info.max_creds_in_list == 2, f"maxCredentialCountInList is {ctap.info.max_creds_in_list}")
    made = make(ctap)
    unknown = [secrets.token_bytes(32) for _ in range(2)]
    get(ctap, allowed=[unknown[0], made])
    return refused(ERR.LIMIT_EXCEEDED, lambda: get(ctap, allowed=[*unknown, made]))


@check(*FULL)
def ignores_options_extensions_and_members_that_it_does_not_know(ctap, stuntkey):
    made = make(ctap, options={"brightness": True}, extensions={"org.example.unknown": 1})
    expect(not made.auth_data.extensions, f"the outputs are {made.auth_data.extensions}")
    answer = ctap.send_cbor(Ctap2.CMD.GET_ASSERTION, {1: RP_ID, 2: new_hash(), 0x40: "more"})
    expect(answer[1]["id"] == descriptor(made)["id"], "signed with another credential")


@check(*FULL)
def keeps_a_plain_credential_out_of_sight(ctap, stuntkey):
    made = make(ctap, rk=False)
    expect(get(ctap, allowed=[made]).credential["id"] == descriptor(made)["id"], "another credential")
    return no_credentials(ctap)


@check(*FULL)
def replaces_the_credential_of_the_same_account(ctap, stuntkey):
    old, elsewhere = make(ctap), make(ctap, rp_id=OTHER_RP_ID)
    new = make(ctap)
    get(ctap, rp_id=OTHER_RP_ID, allowed=[elsewhere])
    assertion = get(ctap)
    expect(assertion.number_of_credentials is None, "two credentials")
    expect(assertion.credential["id"] == descriptor(new)["id"], "the old one is left")
    return no_credentials(ctap, [old])


@check(*FULL, "max_credentials=2")
def says_when_it_is_full(ctap, stuntkey):
    make(ctap, name="alice")
    make(ctap, name="bob")
    remaining = ctap.get_info().remaining_disc_creds
    expect(remaining in (None, 0), f"remainingDiscoverableCredentials is {remaining}")
    make(ctap, name="alice")
    return refused(ERR.KEY_STORE_FULL, lambda: make(ctap, name="carol"))


@check(*FULL)
def answers_once_for_an_allow_list(ctap, stuntkey):
    accounts = [make(ctap, name=name) for name in ("alice", "bob")]
    assertion = get(ctap, allowed=accounts)
    expect(assertion.number_of_credentials is None, "numberOfCredentials with an allow list")
    return refused(ERR.NOT_ALLOWED, ctap.get_next_assertion)


@check(*FULL)
def forgets_the_other_accounts_after_thirty_seconds(ctap, stuntkey):
    for name in ("alice", "bob", "carol"):
        make(ctap, name=name)
    get(ctap)
    ctap.device.advance(29_000)
    ctap.get_next_assertion()
    ctap.device.advance(30_001)
    return refused(ERR.NOT_ALLOWED, ctap.get_next_assertion)


@check(*FULL)
def forgets_the_other_accounts_without_power(ctap, stuntkey):
    for name in ("alice", "bob"):
        make(ctap, name=name)
    get(ctap)
    ctap.device.power_cycle()
    refused(ERR.NOT_ALLOWED, ctap.get_next_assertion)
    expect(get(ctap).number_of_credentials == 2, "the credentials went away")


@check(*FULL)
def names_the_accounts_only_to_a_verified_user(ctap, stuntkey):
    platform = Platform(ctap)
    for name in ("alice", "bob"):
        platform.make(name)
    unverified = [get(ctap), ctap.get_next_assertion()]
    for assertion in unverified:
        expect(set(assertion.user) == {"id"}, f"the user is {assertion.user}")
    verified = [platform.get(), ctap.get_next_assertion()]
    found = [assertion.user for assertion in verified]
    expect(found == [user_of("bob"), user_of("alice")], f"the users are {found}")
    for assertion in verified:
        expect(assertion.auth_data.is_user_verified(), "UV is clear")


@check(*FULL, "user=verified,denied")
def signs_silently_without_a_touch(ctap, stuntkey):
    made = make(ctap)
    client_data_hash = new_hash()
    assertion = get(ctap, client_data_hash, allowed=[made], up=False)
    expect(assertion.auth_data.flags & 0x05 == 0, f"the flags are {assertion.auth_data.flags!r}")
    assertion.verify(client_data_hash, key_of(made))
    # The denial was not used up.
    return refused(NOT_TOUCHED, lambda: get(ctap))


@check(*FULL, "user=denied,verified")
def makes_nothing_without_a_touch(ctap, stuntkey):
    said = refused(NOT_TOUCHED, lambda: make(ctap))
    no_credentials(ctap)
    return said


@check(*FULL, "user=verified,denied")
def excludes_also_without_a_touch(ctap, stuntkey):
    held = descriptor(make(ctap))
    return refused(ERR.CREDENTIAL_EXCLUDED, lambda: make(ctap, exclude_list=[held]))


@check(*PLAIN)
def refuses_options_that_make_no_sense(ctap, stuntkey):
    refused((ERR.INVALID_OPTION, ERR.UNSUPPORTED_OPTION), lambda: make(ctap, rk=False, options={"up": False}))
    refused(ERR.INVALID_OPTION, lambda: make(ctap, rk=False, options={"uv": True}))
    refused(ERR.UNSUPPORTED_OPTION, lambda: make(ctap, rk=True))
    made = make(ctap, rk=False)
    both = (ERR.UNSUPPORTED_OPTION, ERR.INVALID_OPTION)
    for value in (False, True):
        refused(both, lambda: ctap.get_assertion(RP_ID, new_hash(), [descriptor(made)], options={"rk": value}))
    return refused(ERR.INVALID_OPTION, lambda: ctap.get_assertion(RP_ID, new_hash(), options={"uv": True}))


@check(*FULL)
def tells_by_an_empty_parameter_whether_a_pin_is_set(ctap, stuntkey):
    refused(ERR.PIN_NOT_SET, lambda: make(ctap, pin_uv_param=b"", pin_uv_protocol=2))
    refused(ERR.PIN_NOT_SET, lambda: get(ctap, pin_uv_param=b"", pin_uv_protocol=2))
    Platform(ctap)
    refused(ERR.PIN_INVALID, lambda: get(ctap, pin_uv_param=b"", pin_uv_protocol=2))
    return refused(ERR.PIN_INVALID, lambda: make(ctap, pin_uv_param=b"", pin_uv_protocol=2))


@check(*FULL, "user=denied")
def tells_nothing_by_an_empty_parameter_without_a_touch(ctap, stuntkey):
    return refused(NOT_TOUCHED, lambda: make(ctap, pin_uv_param=b"", pin_uv_protocol=2))


@check(*BUILT_IN, "user=verified,denied")
def verifies_and_asks_for_presence_by_one_gesture(ctap, stuntkey):
    made = make(ctap, options={"uv": True})
    expect(made.auth_data.is_user_verified() and made.auth_data.is_user_present(), "UV or UP is clear")


@check(*BUILT_IN, "user=present")
def asks_for_the_pin_when_built_in_verification_fails(ctap, stuntkey):
    Platform(ctap)
    return refused(ERR.PUAT_REQUIRED, lambda: make(ctap, options={"uv": True}))


@check(*FULL)
def gives_no_attestation_when_none_is_preferred(ctap, stuntkey):
    request = {
        1: new_hash(),
        2: {"id": RP_ID},
        3: user_of("alice"),
        4: [{"type": "public-key", "alg": ES256.ALGORITHM}],
    }

    def formats(preferred):
        return AttestationResponse.from_dict(ctap.send_cbor(Ctap2.CMD.MAKE_CREDENTIAL, {**request, 0x0B: preferred}))

    # The statement may be an empty map, or missing.
    answer = ctap.send_cbor(Ctap2.CMD.MAKE_CREDENTIAL, {**request, 0x0B: ["none"]})
    expect(answer[1] == "none" and not answer.get(3), f"fmt is {answer[1]}, attStmt is {answer.get(3)}")
    known = ctap.info.attestation_formats[0]
    expect(formats(["org.example", known]).fmt == known, "not the preferred format")
    for other in ([], ["org.example"]):
        expect(formats(other).fmt in (*ctap.info.attestation_formats, "none"), "an unknown format")
    return ", ".join(ctap.info.attestation_formats)


@check(*FULL)
def selects_by_a_touch(ctap, stuntkey):
    ctap.selection()


@check(*FULL, "user=denied")
def is_not_selected_by_somebody_who_declines(ctap, stuntkey):
    return refused(ERR.OPERATION_DENIED, ctap.selection)


@check(*FULL, "user=none")
def is_not_selected_without_a_touch(ctap, stuntkey):
    return refused((ERR.USER_ACTION_TIMEOUT, ERR.OPERATION_DENIED), ctap.selection)


@check(*FULL, "reset_within=10")
def resets_only_in_the_first_ten_seconds(ctap, stuntkey):
    made = make(ctap)
    ctap.device.advance(10_001)
    said = refused(ERR.NOT_ALLOWED, ctap.reset)
    get(ctap, allowed=[made])
    ctap.device.power_cycle()
    ctap.device.advance(9_000)
    ctap.reset()
    no_credentials(ctap, [made])
    return said


@check(*FULL, "user=verified,denied")
def does_not_reset_without_a_touch(ctap, stuntkey):
    made = make(ctap)
    said = refused((ERR.OPERATION_DENIED, ERR.USER_ACTION_TIMEOUT, ERR.NOT_ALLOWED), ctap.reset)
    get(ctap, allowed=[made], up=False)
    return said

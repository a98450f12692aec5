"""clientPIN: setting and changing a PIN, and what wrong ones cost."""

from hashlib import sha256

from ctap2.common import (
    ERR,
    FULL,
    GA,
    NEW_PIN,
    PIN,
    UNKNOWN_SUB_COMMAND,
    WRONG_PIN,
    Platform,
    Subject,
    get,
    make,
    new_hash,
    options_of,
    protocols,
    refused,
)
from fido2.ctap2 import ClientPin, Ctap2
from fido2.ctap2.pin import PinProtocolV1
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
CMD = ClientPin.CMD
RESULT = ClientPin.RESULT
PIN_OF_2_0 = ("ctap_version=2.0", "client_pin=true")
# Not 16 letters: 63 bytes and 4 code points of 4 bytes.
LONG_PIN = "\u00fc" * 31 + "n"
KEYS_PIN = "\U0001f511\U0001f5dd\U0001f510\U0001f512"


def retries(client_pin):
    return client_pin.get_pin_retries()[0]


def wrong(client_pin, code=ERR.PIN_INVALID):
    return refused(code, lambda: client_pin.get_pin_token(WRONG_PIN))


def send_pin(client_pin, padded, *, spoil=False):
    """setPIN with these bytes, also where python-fido2 would not send them."""
    protocol = client_pin.protocol
    key_agreement, secret = client_pin._get_shared_secret()
    encrypted = protocol.encrypt(secret, padded)
    proof = protocol.authenticate(secret, encrypted)
    client_pin.ctap.client_pin(
        protocol.VERSION,
        CMD.SET_PIN,
        key_agreement=key_agreement,
        new_pin_enc=encrypted,
        pin_uv_param=bytes([proof[0] ^ 1]) + proof[1:] if spoil else proof,
    )


def pin_of(ctap):
    """A client of the PIN, whose PIN is set to 1234."""
    client_pin = ClientPin(ctap, PinProtocolV1())
    client_pin.set_pin("1234")
    expect(options_of(ctap)["clientPin"] is True, "clientPin is not true")
    return client_pin


@check(*PIN_OF_2_0)
def sets_and_changes_a_pin(ctap, stuntkey):
    expect(ctap.info.options["clientPin"] is False, f"the options are {ctap.info.options}")
    expect(ctap.info.pin_uv_protocols == [1], f"the protocols are {ctap.info.pin_uv_protocols}")
    client_pin = pin_of(ctap)
    refused((ERR.PIN_AUTH_INVALID, ERR.NOT_ALLOWED), lambda: client_pin.set_pin("5678"))
    client_pin.change_pin("1234", "\u00fcber-p\u00efn\U0001f511")
    refused(ERR.PIN_INVALID, lambda: client_pin.get_pin_token("1234"))
    client_pin.get_pin_token("\u00fcber-p\u00efn\U0001f511")


@check(*PIN_OF_2_0)
def verifies_the_user_by_a_pin(ctap, stuntkey):
    client_pin = pin_of(ctap)
    refused(ERR.PUAT_REQUIRED, lambda: make(ctap))
    token = client_pin.get_pin_token("1234")
    client_data_hash = new_hash()
    proof = {"pin_uv_param": PinProtocolV1().authenticate(token, client_data_hash), "pin_uv_protocol": 1}
    made = make(ctap, client_data_hash, **proof)
    expect(made.auth_data.is_user_verified(), "UV is clear")
    assertion = get(ctap, client_data_hash, **proof)
    expect(assertion.auth_data.is_user_verified(), "UV is clear")
    assertion.verify(client_data_hash, made.auth_data.credential_data.public_key)
    expect(not get(ctap).auth_data.is_user_verified(), "UV without a token")
    return refused(ERR.PIN_AUTH_INVALID, lambda: make(ctap, **proof))


@check(*PIN_OF_2_0)
def counts_wrong_pins(ctap, stuntkey):
    client_pin = pin_of(ctap)
    expect(retries(client_pin) == 8, f"retries are {retries(client_pin)}")
    wrong(client_pin)
    refused(ERR.PIN_INVALID, lambda: client_pin.change_pin("0000", "5678"))
    expect(retries(client_pin) == 6, f"retries are {retries(client_pin)}")
    client_pin.get_pin_token("1234")
    expect(retries(client_pin) == 8, "the right PIN restores them")
    for _ in range(2):
        wrong(client_pin)
    wrong(client_pin, ERR.PIN_AUTH_BLOCKED)
    refused(ERR.PIN_AUTH_BLOCKED, lambda: client_pin.get_pin_token("1234"))
    expect(retries(client_pin) == 5, "a blocked PIN costs nothing")
    ctap.reset()
    expect(options_of(ctap)["clientPin"] is False, "a reset leaves the PIN")
    expect(retries(client_pin) == 8, "a reset leaves the retries")


@check(*FULL)
def sets_and_changes_a_pin_by_both_protocols(ctap, stuntkey):
    expect(set(ctap.info.pin_uv_protocols) == {1, 2}, f"the protocols are {ctap.info.pin_uv_protocols}")
    for protocol in protocols():
        client_pin = ClientPin(ctap, protocol)
        client_pin.set_pin(PIN)
        client_pin.change_pin(PIN, NEW_PIN)
        refused(ERR.PIN_INVALID, lambda: client_pin.get_pin_token(PIN, GA, RP_ID))
        for other in protocols():
            ClientPin(ctap, other).get_pin_token(NEW_PIN, GA, RP_ID)
        ctap.reset()
    return f"preferred: {ctap.info.pin_uv_protocols[0]}"


@check(*FULL)
def takes_a_pin_of_63_bytes_and_one_of_four_keys(ctap, stuntkey):
    client_pin = ClientPin(ctap)
    expect(len(LONG_PIN.encode()) == 63, "not 63 bytes")
    client_pin.set_pin(LONG_PIN)
    client_pin.change_pin(LONG_PIN, KEYS_PIN)
    client_pin.get_pin_token(KEYS_PIN, GA, RP_ID)


@check(*FULL)
def refuses_pins_that_are_too_short_or_too_long(ctap, stuntkey):
    client_pin = ClientPin(ctap)
    for padded in (b"123".ljust(64, b"\0"), KEYS_PIN[:3].encode().ljust(64, b"\0"), bytes(64)):
        refused(ERR.PIN_POLICY_VIOLATION, lambda: send_pin(client_pin, padded))
    unpadded = (ERR.PIN_POLICY_VIOLATION, ERR.INVALID_PARAMETER)
    refused(unpadded, lambda: client_pin.set_pin("n" * 64))
    length = (ERR.INVALID_PARAMETER, ERR.PIN_AUTH_INVALID, ERR.PIN_POLICY_VIOLATION)
    refused(length, lambda: send_pin(client_pin, b"12345".ljust(80, b"\0")))
    expect(options_of(ctap)["clientPin"] is False, "a PIN is set")
    client_pin.set_pin(PIN)
    return refused(ERR.PIN_POLICY_VIOLATION, lambda: change_to(client_pin, b"123"))


def change_to(client_pin, pin):
    protocol = client_pin.protocol
    key_agreement, secret = client_pin._get_shared_secret()
    new = protocol.encrypt(secret, pin.ljust(64, b"\0"))
    old = protocol.encrypt(secret, sha256(PIN.encode()).digest()[:16])
    client_pin.ctap.client_pin(
        protocol.VERSION,
        CMD.CHANGE_PIN,
        key_agreement=key_agreement,
        new_pin_enc=new,
        pin_hash_enc=old,
        pin_uv_param=protocol.authenticate(secret, new + old),
    )


@check(*FULL)
def refuses_a_pin_that_is_not_authenticated(ctap, stuntkey):
    client_pin = ClientPin(ctap)
    said = refused(ERR.PIN_AUTH_INVALID, lambda: send_pin(client_pin, PIN.encode().ljust(64, b"\0"), spoil=True))
    expect(options_of(ctap)["clientPin"] is False, "a PIN is set")
    return said


@check(*FULL)
def sets_a_pin_only_once(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    said = refused((ERR.PIN_AUTH_INVALID, ERR.NOT_ALLOWED), lambda: client_pin.set_pin(NEW_PIN))
    client_pin.get_pin_token(PIN, GA, RP_ID)
    return said


@check(*FULL)
def has_nothing_to_change_or_to_verify_before_a_pin_is_set(ctap, stuntkey):
    client_pin = ClientPin(ctap)
    refused((ERR.PIN_NOT_SET, ERR.PIN_INVALID, ERR.NOT_ALLOWED), lambda: client_pin.change_pin(PIN, NEW_PIN))
    without = (ERR.PIN_NOT_SET, ERR.PUAT_REQUIRED, ERR.PIN_INVALID)
    refused(without, lambda: client_pin.get_pin_token(PIN))
    return refused(without, lambda: client_pin.get_pin_token(PIN, GA, RP_ID))


@check(*FULL)
def a_change_that_is_not_authenticated_costs_no_retry(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    protocol = client_pin.protocol
    key_agreement, secret = client_pin._get_shared_secret()
    said = refused(
        ERR.PIN_AUTH_INVALID,
        lambda: ctap.client_pin(
            protocol.VERSION,
            CMD.CHANGE_PIN,
            key_agreement=key_agreement,
            new_pin_enc=protocol.encrypt(secret, NEW_PIN.encode().ljust(64, b"\0")),
            pin_hash_enc=protocol.encrypt(secret, bytes(16)),
            pin_uv_param=bytes(32),
        ),
    )
    expect(retries(client_pin) == 8, f"retries are {retries(client_pin)}")
    return said


@check(*FULL)
def three_wrong_pins_in_a_row_ask_for_a_power_cycle(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    for _ in range(2):
        wrong(client_pin)
    wrong(client_pin, ERR.PIN_AUTH_BLOCKED)
    state = client_pin.get_pin_retries()
    expect(state[0] == 5 and state[1] in (None, True), f"getPINRetries says {state}")
    refused(ERR.PIN_AUTH_BLOCKED, lambda: client_pin.get_pin_token(PIN, GA, RP_ID))
    ctap.device.power_cycle()
    state = client_pin.get_pin_retries()
    expect(state[0] == 5 and not state[1], f"getPINRetries says {state}")
    client_pin.get_pin_token(PIN, GA, RP_ID)
    expect(retries(client_pin) == 8, "the right PIN restores them")


@check(*FULL)
def eight_wrong_pins_block_it_until_a_reset(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    for used in range(1, 8):
        wrong(client_pin, ERR.PIN_AUTH_BLOCKED if used % 3 == 0 else ERR.PIN_INVALID)
        if used % 3 == 0:
            ctap.device.power_cycle()
    wrong(client_pin, ERR.PIN_BLOCKED)
    expect(retries(client_pin) == 0, f"retries are {retries(client_pin)}")
    ctap.device.power_cycle()
    refused(ERR.PIN_BLOCKED, lambda: client_pin.change_pin(PIN, NEW_PIN))
    said = refused(ERR.PIN_BLOCKED, lambda: client_pin.get_pin_token(PIN, GA, RP_ID))
    ctap.reset()
    client_pin.set_pin(NEW_PIN)
    client_pin.get_pin_token(NEW_PIN, GA, RP_ID)
    return said


def key_of(ctap, protocol):
    return ctap.client_pin(protocol, CMD.GET_KEY_AGREEMENT)[RESULT.KEY_AGREEMENT]


@check(*FULL)
def has_a_key_for_each_protocol_and_a_new_one_after_a_wrong_pin(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    one, two = key_of(ctap, 1), key_of(ctap, 2)
    for key in (one, two):
        expect((key[1], key[3], key[-1]) == (2, -25, 1), f"the key is {key}")
        expect(len(key[-2]) == len(key[-3]) == 32, "not 32 bytes")
    expect(one != two, "one key for both protocols")
    expect(key_of(ctap, 2) == two, "another key, although nothing happened")
    wrong(client_pin)
    expect(key_of(ctap, client_pin.protocol.VERSION) not in (one, two), "the same key after a wrong PIN")


@check(*FULL)
def refuses_a_key_that_is_not_on_the_curve(ctap, stuntkey):
    key = {1: 2, 3: -25, -1: 1, -2: bytes(31) + b"\1", -3: bytes(31) + b"\1"}

    def send():
        ctap.client_pin(2, CMD.SET_PIN, key_agreement=key, new_pin_enc=bytes(80), pin_uv_param=bytes(32))

    return refused(ERR.INVALID_PARAMETER, send)


@check(*FULL)
def misses_members_and_refuses_what_it_does_not_know(ctap, stuntkey):
    def send(request):
        return ctap.send_cbor(Ctap2.CMD.CLIENT_PIN, request)

    refused(ERR.MISSING_PARAMETER, lambda: send({1: 2}))
    refused(ERR.MISSING_PARAMETER, lambda: send({2: CMD.GET_KEY_AGREEMENT}))
    refused(ERR.INVALID_PARAMETER, lambda: send({1: 0x7F, 2: CMD.GET_KEY_AGREEMENT}))
    refused(UNKNOWN_SUB_COMMAND, lambda: send({1: 2, 2: 0x7E}))
    expect(send({2: CMD.GET_PIN_RETRIES})[RESULT.PIN_RETRIES] == 8, "not 8 retries")
    whole = {1: 2, 2: CMD.SET_PIN, 3: key_of(ctap, 2), 4: bytes(32), 5: bytes(80)}
    for absent in (3, 4, 5):
        refused(ERR.MISSING_PARAMETER, lambda: send({key: whole[key] for key in whole if key != absent}))
    return refused(ERR.PIN_AUTH_INVALID, lambda: send(whole))


@check(*FULL)
def never_encrypts_twice_with_the_same_start(ctap, stuntkey):
    platform = Platform(ctap, protocols()[1])
    key_agreement, secret = platform.client_pin._get_shared_secret()

    def encrypted():
        return ctap.client_pin(
            2,
            CMD.GET_TOKEN_USING_PIN,
            key_agreement=key_agreement,
            pin_hash_enc=platform.protocol.encrypt(secret, sha256(PIN.encode()).digest()[:16]),
            permissions=GA,
            permissions_rpid=RP_ID,
        )[RESULT.PIN_UV_TOKEN]

    answers = [encrypted() for _ in range(4)]
    expect(all(len(answer) == 48 for answer in answers), "not a start of 16 bytes and a token of 32")
    expect(len({answer[:16] for answer in answers}) == 4, "a start that was there before")

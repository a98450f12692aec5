"""The user of a key: waits, signs of life, touches by signal and by the control socket, and cancels."""

import time

from ctap2.common import ERR, GA, Platform, get, hash_of, make, new_hash, refused
from device.common import BUILT_IN, WAITS, Subject
from device.key import Asked
from fido2.ctap import STATUS
from fido2.ctap1 import APDU, ApduError, Ctap1
from fido2.ctap2 import Ctap2
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
# Who does not answer, and who says no: the clauses of makeCredential have one status for both.
NOT_TOUCHED = (ERR.USER_ACTION_TIMEOUT, ERR.OPERATION_DENIED)


def asked_to_make(key):
    """A credential that is being made, and waits for its user."""
    ctap = Ctap2(key.connect())
    asked = Asked(lambda event, sign: make(ctap, event=event, on_keepalive=sign))
    key.waits()
    asked.goes_on()
    return ctap, asked


def shows_that_it_waits(asked):
    expect(STATUS.UPNEEDED in asked.signs, f"the signs of life are {asked.signs}")


@check(*WAITS)
def waits_for_a_touch_by_signal(key):
    _, asked = asked_to_make(key)
    time.sleep(0.3)
    key.touch()
    expect(asked.outcome().auth_data.is_user_present(), "UP is clear")
    shows_that_it_waits(asked)
    return key.said("waits for the user")


@check(*WAITS)
def waits_for_a_touch_by_its_socket(key):
    expect(key.tell("status") == "idle", "it waits before anybody asks")
    ctap, asked = asked_to_make(key)
    key.told("touch")
    made = asked.outcome()
    expect(key.tell("status") == "idle", "it waits for what it has")
    asked = Asked(lambda event, sign: get(ctap, allowed=[made], event=event, on_keepalive=sign))
    key.waits()
    key.told("touch")
    expect(asked.outcome().auth_data.is_user_present(), "UP is clear")


@check(*WAITS)
def is_denied_by_its_socket(key):
    _, asked = asked_to_make(key)
    key.told("deny")
    return refused(ERR.OPERATION_DENIED, asked.outcome)


@check(*WAITS, *BUILT_IN)
def is_touched_by_somebody_who_fails_to_be_verified(key):
    ctap = Ctap2(key.connect())
    client_pin = Platform(ctap).client_pin
    tries = client_pin.get_uv_retries()
    asked = Asked(lambda event, sign: client_pin.get_uv_token(GA, RP_ID, event=event, on_keepalive=sign))
    key.waits()
    key.told("present")
    said = refused(ERR.UV_INVALID, asked.outcome)
    expect(client_pin.get_uv_retries() == tries - 1, "the failure costs nothing")
    asked = Asked(lambda event, sign: client_pin.get_uv_token(GA, RP_ID, event=event, on_keepalive=sign))
    key.waits()
    key.told("touch")
    asked.outcome()
    return said


@check(*WAITS)
def takes_a_touch_that_comes_a_little_early(key):
    ctap = Ctap2(key.connect())
    key.told("touch")
    expect(make(ctap).auth_data.is_user_present(), "UP is clear")


@check(*WAITS)
def is_selected_by_a_touch(key):
    ctap = Ctap2(key.connect())
    asked = Asked(lambda event, sign: ctap.selection(event=event, on_keepalive=sign))
    key.waits()
    key.touch()
    asked.outcome()
    shows_that_it_waits(asked)


@check(*WAITS)
def ends_its_wait_when_it_is_cancelled(key):
    ctap, asked = asked_to_make(key)
    asked.event.set()
    said = refused(ERR.KEEPALIVE_CANCEL, asked.outcome)
    expect(key.tell("status") == "idle", "it waits for nobody")
    expect("FIDO_2_0" in ctap.get_info().versions, "it does not go on")
    asked = Asked(lambda event, sign: make(ctap, event=event, on_keepalive=sign))
    key.waits()
    key.touch()
    asked.outcome()
    return said


@check(*WAITS, "--touch-timeout", "1s")
def ends_its_wait_when_nobody_comes(key):
    begun = time.monotonic()
    _, asked = asked_to_make(key)
    said = refused(NOT_TOUCHED, asked.outcome)
    took = time.monotonic() - begun
    expect(0.9 < took < 5, f"it waited for {took:.1f} s")
    shows_that_it_waits(asked)
    return said


@check("--touch-after", "2s")
def takes_as_long_as_its_user(key):
    ctap = Ctap2(key.connect())
    signs = []
    begun = time.monotonic()
    make(ctap, on_keepalive=signs.append)
    took = time.monotonic() - begun
    expect(1.9 < took < 6, f"it took {took:.1f} s")
    expect(STATUS.UPNEEDED in signs, f"the signs of life are {signs}")
    return f"{took:.1f} s"


@check(*WAITS)
def has_a_client_of_u2f_ask_until_it_is_touched(key):
    u2f = Ctap1(key.connect())
    application = hash_of(RP_ID)
    for _ in range(3):
        try:
            u2f.register(new_hash(), application)
        except ApduError as error:
            expect(error.code == APDU.USE_NOT_SATISFIED, f"the status is {error.code:04X}")
        else:
            raise AssertionError("registered without a touch")
    key.touch()
    challenge = new_hash()
    registered = registers_soon(u2f, challenge, application)
    registered.verify(application, challenge)
    return f"{APDU.USE_NOT_SATISFIED:04X}"


def registers_soon(u2f, challenge, application):
    # The signal may take a moment.
    for _ in range(50):
        try:
            return u2f.register(challenge, application)
        except ApduError as error:
            expect(error.code == APDU.USE_NOT_SATISFIED, f"the status is {error.code:04X}")
            time.sleep(0.02)
    raise AssertionError("the touch is not taken")


@check()
def knows_what_its_socket_is_told(key):
    answer = key.tell("poke")
    expect(answer.startswith('error: found "poke", expected one of touch, '), f"the answer is {answer}")
    return answer


@check()
def goes_when_its_socket_says_so(key):
    key.connect()
    key.told("stop")
    key.process.wait(10)

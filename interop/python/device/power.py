"""What the power takes with it, and what it leaves: by signal, by the control socket, and with another process."""

import time

from ctap2.common import ERR, GA, MC, PIN, WRONG_PIN, Platform, get, make, refused
from device.common import BUILT_IN, Subject
from fido2.ctap2 import ClientPin, Ctap2
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check


def again(key):
    """The key over a new connection, as the old one has gone with the power."""
    key.disconnect()
    return Ctap2(key.connect())


@check()
def forgets_its_tokens_with_the_power(key):
    platform = Platform(Ctap2(key.connect()))
    token = platform.token(MC | GA, RP_ID)
    made = platform.make_by(token)
    key.power_cycle()
    platform.ctap = again(key)
    # The protocol's key agreement is another, too; the token is what counts here.
    said = refused(ERR.PIN_AUTH_INVALID, lambda: platform.get_by(token, allowed=[made]))
    platform.client_pin = ClientPin(platform.ctap)
    assertion = platform.get_by(platform.token(GA, RP_ID), allowed=[made])
    expect(assertion.auth_data.is_user_verified(), "UV is clear")
    return said


@check()
def loses_its_power_by_its_socket(key):
    platform = Platform(Ctap2(key.connect()))
    token = platform.token(MC, RP_ID)
    key.told("power-cycle")
    key.said("the power was away")
    platform.ctap = again(key)
    return refused(ERR.PIN_AUTH_INVALID, lambda: platform.make_by(token))


@check()
def blocks_the_pin_after_three_misses_until_the_power_was_away(key):
    client_pin = Platform(Ctap2(key.connect())).client_pin
    for expected in (ERR.PIN_INVALID, ERR.PIN_INVALID, ERR.PIN_AUTH_BLOCKED):
        said = refused(expected, lambda: client_pin.get_pin_token(WRONG_PIN))
    refused(ERR.PIN_AUTH_BLOCKED, lambda: client_pin.get_pin_token(PIN))
    key.power_cycle()
    client_pin = ClientPin(again(key))
    expect(client_pin.get_pin_retries()[0] == 5, "the misses are not counted")
    client_pin.get_pin_token(PIN)
    return said


@check(*BUILT_IN)
def is_reset_only_after_the_power_came(key):
    begun = time.monotonic()
    ctap = Ctap2(key.connect())
    made = make(ctap, options={"uv": True})
    # No clock but the system's is there.
    time.sleep(max(0.0, 2.2 - (time.monotonic() - begun)))
    said = refused(ERR.NOT_ALLOWED, ctap.reset)
    get(ctap, allowed=[made])
    key.power_cycle()
    ctap = again(key)
    ctap.reset()
    refused(ERR.NO_CREDENTIALS, lambda: get(ctap, allowed=[made]))
    return said

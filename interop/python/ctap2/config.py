"""authenticatorConfig: enterprise attestation, alwaysUv, the shortest PIN and who is told it, the long touch."""

from ctap2.common import (
    ACFG,
    CM,
    ERR,
    FULL,
    GA,
    MC,
    NEW_PIN,
    OTHER_RP_ID,
    PIN,
    UNKNOWN_SUB_COMMAND,
    Platform,
    Subject,
    get,
    make,
    options_of,
    refused,
)
from fido2.ctap2 import Config, Ctap2, CredentialManagement
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
CMD = Config.CMD
# Without a name in python-fido2.
ENABLE_LONG_TOUCH = 0x04
POLICY = ERR.PIN_POLICY_VIOLATION
PREFIX = b"\xff" * 32 + b"\x0d"
LONGER = NEW_PIN + "93"


def told(platform, rp_id=RP_ID, name="minPinLength"):
    """What an extension says to a relying party about the PIN."""
    made = platform.make(rp_id=rp_id, extensions={name: True}, rk=False)
    return (made.auth_data.extensions or {}).get(name)


@check(*FULL, "always_uv=false")
def configures_nothing_without_its_permission(ctap, stuntkey):
    platform = Platform(ctap)
    for sub_command in (CMD.TOGGLE_ALWAYS_UV, CMD.SET_MIN_PIN_LENGTH):
        refused(ERR.PUAT_REQUIRED, lambda: ctap.config(sub_command, {1: 6}))
        refused(ERR.MISSING_PARAMETER, lambda: ctap.config(sub_command, {1: 6}, None, bytes(32)))
        refused(ERR.INVALID_PARAMETER, lambda: ctap.config(sub_command, {1: 6}, 0x7F, bytes(32)))
    toggle = bytes([CMD.TOGGLE_ALWAYS_UV])

    def send(token, message):
        proof = platform.proof(token, message)
        return ctap.config(CMD.TOGGLE_ALWAYS_UV, None, proof["pin_uv_protocol"], proof["pin_uv_param"])

    refused(ERR.PIN_AUTH_INVALID, lambda: send(platform.token(CM), PREFIX + toggle))
    refused(ERR.PIN_AUTH_INVALID, lambda: send(platform.token(ACFG), toggle))
    expect(not options_of(ctap).get("alwaysUv"), "toggled")
    return str(ERR.PIN_AUTH_INVALID)


@check(*FULL)
def misses_and_refuses_configuration_sub_commands(ctap, stuntkey):
    refused(ERR.MISSING_PARAMETER, lambda: ctap.send_cbor(Ctap2.CMD.CONFIG, {2: {}}))
    return refused(UNKNOWN_SUB_COMMAND, lambda: ctap.config(0x7E))


@check(*FULL, "enterprise_attestation=true", f"enterprise_rp_ids={RP_ID}")
def attests_as_an_enterprise_to_those_on_its_list(ctap, stuntkey):
    expect(ctap.info.options.get("ep") is True, f"the options are {ctap.info.options}")
    for value in (0, 3):
        refused(ERR.INVALID_OPTION, lambda: make(ctap, enterprise_attestation=value))
    expect(make(ctap, enterprise_attestation=1).ep_att is True, "epAtt is not true")
    expect(not make(ctap).ep_att, "epAtt, unasked")
    expect(not make(ctap, rp_id=OTHER_RP_ID, enterprise_attestation=1).ep_att, "epAtt for another RP")
    return f"2: {make(ctap, enterprise_attestation=2).ep_att}"


@check(*FULL, "enterprise_attestation=true", f"enterprise_rp_ids={RP_ID}")
def attests_as_an_enterprise_again_when_told_after_a_reset(ctap, stuntkey):
    ctap.reset()
    expect(options_of(ctap)["ep"] is False, "a reset leaves enterprise attestation on")
    said = refused(ERR.INVALID_PARAMETER, lambda: make(ctap, enterprise_attestation=1))
    platform = Platform(ctap)
    for _ in range(2):
        platform.config().enable_enterprise_attestation()
        expect(options_of(ctap)["ep"] is True, "ep is not true")
    expect(platform.make(enterprise_attestation=1).ep_att is True, "epAtt is not true")
    return said


@check(*FULL, "enterprise_attestation=false")
def does_not_attest_as_an_enterprise_where_it_cannot(ctap, stuntkey):
    expect("ep" not in ctap.info.options, f"the options are {ctap.info.options}")
    refused(UNKNOWN_SUB_COMMAND, lambda: ctap.config(CMD.ENABLE_ENTERPRISE_ATT))
    for value in (1, 2):
        said = refused(ERR.INVALID_PARAMETER, lambda: make(ctap, enterprise_attestation=value))
    refused((ERR.INVALID_PARAMETER, ERR.INVALID_OPTION), lambda: make(ctap, enterprise_attestation=3))
    return said


@check(*FULL, "always_uv=false", "make_cred_uv_not_rqd=true")
def always_verifies_when_told(ctap, stuntkey):
    platform = Platform(ctap)
    made = make(ctap, rk=False)
    platform.config().toggle_always_uv()
    options = options_of(ctap)
    expect(options["alwaysUv"] is True, "alwaysUv is not true")
    expect(not options.get("makeCredUvNotRqd"), "makeCredUvNotRqd beside alwaysUv")
    refused(ERR.PUAT_REQUIRED, lambda: make(ctap, rk=False))
    said = refused(ERR.PUAT_REQUIRED, lambda: get(ctap, allowed=[made]))
    get(ctap, allowed=[made], up=False)
    expect(platform.get(allowed=[made]).auth_data.is_user_verified(), "UV is clear")
    platform.config().toggle_always_uv()
    expect(options_of(ctap)["alwaysUv"] is False, "alwaysUv is not false")
    get(ctap, allowed=[made])
    make(ctap, rk=False)
    return said


@check(*FULL, "always_uv=false")
def always_verifies_also_before_a_pin_is_set(ctap, stuntkey):
    Config(ctap).toggle_always_uv()
    expect(options_of(ctap)["alwaysUv"] is True, "alwaysUv is not true")
    said = refused((ERR.PUAT_REQUIRED, ERR.OPERATION_DENIED), lambda: make(ctap, rk=False))
    refused(ERR.PUAT_REQUIRED, lambda: ctap.config(CMD.SET_MIN_PIN_LENGTH, {1: 6}))
    Config(ctap).toggle_always_uv()
    make(ctap, rk=False)
    Config(ctap).toggle_always_uv()
    ctap.reset()
    expect(options_of(ctap)["alwaysUv"] is False, "a reset leaves alwaysUv on")
    return said


@check(*FULL, "always_uv=true")
def a_reset_restores_what_the_factory_set(ctap, stuntkey):
    expect(ctap.info.options.get("alwaysUv") is True, f"the options are {ctap.info.options}")
    Platform(ctap).config().toggle_always_uv()
    expect(options_of(ctap)["alwaysUv"] is False, "alwaysUv is not false")
    ctap.reset()
    expect(options_of(ctap)["alwaysUv"] is True, "alwaysUv is not true")


@check(*FULL)
def raises_the_shortest_pin(ctap, stuntkey):
    at_first = ctap.info.min_pin_length
    platform = Platform(ctap)
    platform.client_pin.change_pin(PIN, NEW_PIN)
    config = Config(ctap, platform.protocol, platform.client_pin.get_pin_token(NEW_PIN, ACFG))
    config.set_min_pin_length(6)
    info = ctap.get_info()
    expect(info.min_pin_length == 6 and not info.force_pin_change, f"minPINLength is {info.min_pin_length}")
    refused(POLICY, lambda: config.set_min_pin_length(5))
    refused(POLICY, lambda: platform.client_pin.change_pin(NEW_PIN, "73916"))
    platform.client_pin.change_pin(NEW_PIN, "739160")
    ctap.reset()
    expect(ctap.get_info().min_pin_length == at_first, "a reset leaves the shortest PIN")
    return f"from {at_first}"


@check(*FULL)
def a_pin_that_became_too_short_has_to_be_changed(ctap, stuntkey):
    platform = Platform(ctap)
    platform.config().set_min_pin_length(8)
    expect(ctap.get_info().force_pin_change is True, "forcePINChange is not true")
    refused(POLICY, lambda: platform.token(MC | GA, RP_ID))
    refused((ERR.PIN_INVALID, POLICY), lambda: platform.client_pin.get_pin_token(PIN))
    platform.client_pin.change_pin(PIN, NEW_PIN)
    expect(not ctap.get_info().force_pin_change, "forcePINChange is left")
    platform.client_pin.get_pin_token(NEW_PIN, MC | GA, RP_ID)
    return str(POLICY)


@check(*FULL)
def forces_a_change_when_told(ctap, stuntkey):
    platform = Platform(ctap)
    manager = platform.manager(CM | ACFG)
    Config(ctap, platform.protocol, manager.pin_uv.token).set_min_pin_length(force_change_pin=True)
    expect(ctap.get_info().force_pin_change is True, "forcePINChange is not true")
    refused(POLICY, lambda: platform.token(MC | GA, RP_ID))
    refused((ERR.PIN_INVALID, POLICY), lambda: platform.client_pin.get_pin_token(PIN))
    # The clause is of 2.3: the token from before has gone too.
    refused((ERR.PIN_AUTH_INVALID, POLICY), manager.get_metadata)
    said = refused(POLICY, lambda: platform.client_pin.change_pin(PIN, PIN))
    platform.client_pin.change_pin(PIN, NEW_PIN)
    expect(not ctap.get_info().force_pin_change, "forcePINChange is left")
    token = platform.client_pin.get_pin_token(NEW_PIN, CM)
    CredentialManagement(ctap, platform.protocol, token).get_metadata()
    return said


@check(*FULL)
def forces_no_change_of_a_pin_that_is_not_set(ctap, stuntkey):
    return refused(ERR.PIN_NOT_SET, lambda: Config(ctap).set_min_pin_length(force_change_pin=True))


@check(*FULL, "max_pin_length=16")
def the_shortest_pin_is_not_longer_than_the_longest(ctap, stuntkey):
    expect(ctap.info.max_pin_length == 16, f"maxPINLength is {ctap.info.max_pin_length}")
    said = refused((POLICY, ERR.INVALID_PARAMETER), lambda: Config(ctap).set_min_pin_length(17))
    platform = Platform(ctap)
    refused(POLICY, lambda: platform.client_pin.change_pin(PIN, "7391" * 4 + "5"))
    platform.client_pin.change_pin(PIN, "7391" * 4)
    return said


@check(*FULL, "min_pin_length=6")
def begins_with_the_shortest_pin_of_the_factory(ctap, stuntkey):
    expect(ctap.info.min_pin_length == 6, f"minPINLength is {ctap.info.min_pin_length}")
    said = refused(POLICY, lambda: Platform(ctap))
    Platform(ctap, pin=NEW_PIN)
    return said


@check(*FULL, "max_rpids_for_set_min_pin_length=2")
def tells_the_shortest_pin_to_those_on_its_list(ctap, stuntkey):
    expect(ctap.info.max_rpids_for_min_pin == 2, f"{ctap.info.max_rpids_for_min_pin} RP IDs")
    platform = Platform(ctap)
    expect(told(platform) is None, "told unasked")
    platform.config().set_min_pin_length(rp_ids=[RP_ID])
    expect(told(platform) == ctap.info.min_pin_length, f"told {told(platform)}")
    platform.config().set_min_pin_length(rp_ids=[OTHER_RP_ID])
    expect(told(platform) is None, "told although no more on the list")
    platform.config().set_min_pin_length(rp_ids=[])
    expect(told(platform, OTHER_RP_ID) == ctap.info.min_pin_length, "an empty list changed the list")
    three = ["one.example", "two.example", "three.example"]
    said = refused(ERR.KEY_STORE_FULL, lambda: platform.config().set_min_pin_length(rp_ids=three))
    ctap.reset()
    expect(told(Platform(ctap), OTHER_RP_ID) is None, "a reset leaves the list")
    return said


@check(*FULL, "pin_complexity_policy=false", f"min_pin_length_rp_ids={RP_ID}")
def asks_for_a_better_pin_when_told(ctap, stuntkey):
    expect(ctap.info.pin_complexity_policy is False, f"pinComplexityPolicy is {ctap.info.pin_complexity_policy}")
    platform = Platform(ctap)
    expect(told(platform, name="pinComplexityPolicy") is False, "not told")
    platform.config().set_min_pin_length(pin_complexity_policy=True)
    expect(ctap.get_info().pin_complexity_policy is True, "pinComplexityPolicy is not true")
    said = refused(POLICY, lambda: platform.client_pin.change_pin(PIN, "1111"))
    platform.client_pin.change_pin(PIN, NEW_PIN)
    ctap.reset()
    expect(ctap.get_info().pin_complexity_policy is False, "a reset leaves pinComplexityPolicy")
    return said


@check(*FULL, "long_touch_for_reset=false")
def asks_for_a_long_touch_when_told(ctap, stuntkey):
    expect(not ctap.info.long_touch_for_reset, "longTouchForReset at first")
    expect(ENABLE_LONG_TOUCH in ctap.info.authenticator_config_commands, "a sub-command that is not listed")
    platform = Platform(ctap)
    for _ in range(2):
        platform.config()._call(ENABLE_LONG_TOUCH)
        expect(ctap.get_info().long_touch_for_reset is True, "longTouchForReset is not true")
    ctap.reset()
    expect(not ctap.get_info().long_touch_for_reset, "a reset leaves longTouchForReset")

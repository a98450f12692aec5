"""pinUvAuthTokens: permissions, bindings, lifetimes, single use, and those by built-in verification."""

from ctap2.common import (
    ACFG,
    BE,
    BUILT_IN,
    CM,
    ERR,
    FULL,
    GA,
    LBW,
    MC,
    NEW_PIN,
    OTHER_RP_ID,
    PCMR,
    PIN,
    PLAIN,
    Platform,
    Subject,
    get,
    make,
    new_hash,
    protocols,
    raw_token,
    refused,
)
from fido2.ctap2 import ClientPin, CredentialManagement, LargeBlobs
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
CMD = ClientPin.CMD
INVALID = ERR.PIN_AUTH_INVALID


def metadata(platform, token):
    return CredentialManagement(platform.ctap, platform.protocol, token).get_metadata()


def silently(platform, token, made, rp_id=RP_ID):
    """Uses a token without using it up."""
    return platform.get_by(token, rp_id=rp_id, allowed=[made], up=False)


@check(*FULL)
def a_token_gives_one_credential_or_one_assertion(ctap, stuntkey):
    for protocol in protocols():
        platform = Platform(ctap, protocol)
        token = platform.token(MC | GA, RP_ID)
        made = platform.make_by(token)
        expect(made.auth_data.is_user_verified(), "UV is clear")
        refused(INVALID, lambda: platform.make_by(token))
        refused(INVALID, lambda: platform.get_by(token))
        token = platform.token(MC | GA, RP_ID)
        expect(platform.get_by(token).auth_data.is_user_verified(), "UV is clear")
        said = refused(INVALID, lambda: platform.make_by(token))
        ctap.reset()
    return said


@check(*FULL)
def a_silent_assertion_leaves_the_token(ctap, stuntkey):
    platform = Platform(ctap)
    made = platform.make()
    token = platform.token(GA, RP_ID)
    for _ in range(2):
        flags = silently(platform, token, made).auth_data.flags
        expect(flags & 0x05 == 0x04, f"the flags are {flags!r}")
    platform.get_by(token)
    return refused(INVALID, lambda: silently(platform, token, made))


@check(*FULL)
def permissions_are_needed(ctap, stuntkey):
    platform = Platform(ctap)
    platform.make()
    refused(INVALID, lambda: platform.make_by(platform.token(GA, RP_ID)))
    refused(INVALID, lambda: platform.get_by(platform.token(MC, RP_ID)))
    return refused(INVALID, lambda: metadata(platform, platform.token(LBW | ACFG)))


@check(*FULL)
def a_token_is_bound_to_its_rp_id(ctap, stuntkey):
    platform = Platform(ctap)
    platform.make(rp_id=OTHER_RP_ID)
    refused(INVALID, lambda: platform.make_by(platform.token(MC, RP_ID), rp_id=OTHER_RP_ID))
    return refused(INVALID, lambda: platform.get_by(platform.token(GA, RP_ID), rp_id=OTHER_RP_ID))


@check(*FULL)
def an_old_token_is_bound_at_its_first_use(ctap, stuntkey):
    platform = Platform(ctap)
    made = platform.make()
    platform.make(rp_id=OTHER_RP_ID)
    refused(INVALID, lambda: metadata(platform, platform.client_pin.get_pin_token(PIN)))
    token = platform.client_pin.get_pin_token(PIN)
    silently(platform, token, made)
    refused(INVALID, lambda: platform.get_by(token, rp_id=OTHER_RP_ID))
    token = platform.client_pin.get_pin_token(PIN)
    platform.make_by(token, rp_id=OTHER_RP_ID)
    return refused(INVALID, lambda: platform.get_by(token, rp_id=OTHER_RP_ID))


@check(*FULL)
def asks_for_permissions_and_an_rp_id(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    refused(ERR.MISSING_PARAMETER, lambda: raw_token(client_pin, CMD.GET_TOKEN_USING_PIN))
    refused(ERR.INVALID_PARAMETER, lambda: raw_token(client_pin, CMD.GET_TOKEN_USING_PIN, permissions=0))
    both = (ERR.MISSING_PARAMETER, ERR.INVALID_PARAMETER)
    for permission in (MC, GA):
        refused(both, lambda: raw_token(client_pin, CMD.GET_TOKEN_USING_PIN, permissions=permission))
    old = CMD.GET_TOKEN_USING_PIN_LEGACY
    refused(ERR.INVALID_PARAMETER, lambda: raw_token(client_pin, old, permissions=GA))
    refused(ERR.INVALID_PARAMETER, lambda: raw_token(client_pin, old, permissions_rpid=RP_ID))
    expect(client_pin.get_pin_retries()[0] == 8, "it cost a retry")


@check(*PLAIN)
def refuses_permissions_for_what_it_has_not(ctap, stuntkey):
    platform = Platform(ctap)
    for permission in (CM, BE, LBW, ACFG, PCMR):
        said = refused(ERR.UNAUTHORIZED_PERMISSION, lambda: platform.token(permission))
        refused(ERR.UNAUTHORIZED_PERMISSION, lambda: platform.token(permission | GA, RP_ID))
    return said


@check(*FULL)
def ignores_a_permission_that_nobody_knows(ctap, stuntkey):
    platform = Platform(ctap)
    token = raw_token(platform.client_pin, CMD.GET_TOKEN_USING_PIN, permissions=0x80 | MC, permissions_rpid=RP_ID)
    platform.make_by(token)


@check(*BUILT_IN, "no_mc_ga_permissions_with_client_pin=true")
def gives_no_ceremonies_by_a_pin_where_only_the_user_may(ctap, stuntkey):
    expect(ctap.info.options.get("noMcGaPermissionsWithClientPin") is True, f"the options are {ctap.info.options}")
    platform = Platform(ctap)
    for permission in (MC, GA, MC | GA | CM):
        said = refused(ERR.UNAUTHORIZED_PERMISSION, lambda: platform.token(permission, RP_ID))
    refused(INVALID, lambda: platform.make_by(platform.client_pin.get_pin_token(PIN)))
    platform.make_by(platform.client_pin.get_uv_token(MC, RP_ID))
    metadata(platform, platform.token(CM))
    return said


@check(*FULL)
def a_new_token_ends_the_old_one_of_any_protocol(ctap, stuntkey):
    one = Platform(ctap, protocols()[0])
    two = ClientPin(ctap, protocols()[1])
    for client_pin in (one.client_pin, two):
        token = one.token(CM)
        metadata(one, token)
        client_pin.get_pin_token(PIN, CM)
        said = refused(INVALID, lambda: metadata(one, token))
    return said


@check(*FULL)
def a_token_belongs_to_its_protocol(ctap, stuntkey):
    one, two = protocols()
    token = Platform(ctap, one).token(MC, RP_ID)
    client_data_hash = new_hash()

    def claim(version, proof):
        return make(ctap, client_data_hash, pin_uv_param=proof, pin_uv_protocol=version)

    refused(INVALID, lambda: claim(2, two.authenticate(token, client_data_hash)))
    # A proof of the other protocol's length.
    length = (INVALID, ERR.INVALID_PARAMETER)
    refused(length, lambda: claim(1, two.authenticate(token, client_data_hash)))
    refused(length, lambda: claim(2, one.authenticate(token, client_data_hash)))
    proof = one.authenticate(token, client_data_hash)
    refused(ERR.MISSING_PARAMETER, lambda: make(ctap, client_data_hash, pin_uv_param=proof))
    refused(ERR.INVALID_PARAMETER, lambda: claim(0x7F, proof))
    claim(1, proof)


@check(*FULL)
def a_token_dies_unused_after_thirty_seconds(ctap, stuntkey):
    platform = Platform(ctap)
    token = platform.token(CM)
    ctap.device.advance(30_001)
    return refused(INVALID, lambda: metadata(platform, token))


@check(*FULL)
def a_token_dies_after_ten_minutes_however_often_it_is_used(ctap, stuntkey):
    platform = Platform(ctap)
    token = platform.token(CM)
    for _ in range(29):
        metadata(platform, token)
        ctap.device.advance(20_000)
    metadata(platform, token)
    ctap.device.advance(20_001)
    return refused(INVALID, lambda: metadata(platform, token))


@check(*FULL)
def a_token_dies_without_power_and_the_pin_does_not(ctap, stuntkey):
    platform = Platform(ctap)
    token = platform.token(CM)
    ctap.device.power_cycle()
    said = refused(INVALID, lambda: metadata(platform, token))
    metadata(platform, platform.token(CM))
    return said


@check(*FULL)
def a_changed_pin_ends_every_token(ctap, stuntkey):
    platform = Platform(ctap)
    persistent, token = platform.token(PCMR), platform.token(CM)
    for held in (persistent, token):
        metadata(platform, held)
    platform.client_pin.change_pin(PIN, NEW_PIN)
    for held in (persistent, token):
        said = refused(INVALID, lambda: metadata(platform, held))
    return said


@check(*FULL)
def a_persistent_token_goes_alone_and_beside_the_others(ctap, stuntkey):
    platform = Platform(ctap)
    for other in (CM, LBW, MC | GA):
        said = refused(ERR.UNAUTHORIZED_PERMISSION, lambda: platform.token(PCMR | other, RP_ID))
    token = platform.token(CM)
    persistent = platform.token(PCMR)
    metadata(platform, token)
    metadata(platform, persistent)
    platform.token(CM)
    metadata(platform, persistent)
    return said


@check(*FULL)
def a_persistent_token_outlives_time_and_power_but_no_reset(ctap, stuntkey):
    platform = Platform(ctap)
    persistent = platform.token(PCMR)
    ctap.device.advance(3_600_000)
    metadata(platform, persistent)
    ctap.device.power_cycle()
    metadata(platform, persistent)
    expect(platform.token(PCMR) == persistent, "another one each time")
    ctap.reset()
    return refused(INVALID, lambda: metadata(platform, persistent))


@check(*FULL)
def large_blobs_may_be_written_after_the_ceremony(ctap, stuntkey):
    platform = Platform(ctap)
    token = platform.token(MC | LBW, RP_ID)
    platform.make_by(token)
    blobs = LargeBlobs(ctap, platform.protocol, token)
    blobs.write_blob_array([{1: bytes(17), 2: bytes(12), 3: 1}])
    expect(len(blobs.read_blob_array()) == 1, "not written")
    return refused(INVALID, lambda: platform.make_by(token))


@check(*FULL)
def a_token_makes_the_option_uv_idle(ctap, stuntkey):
    platform = Platform(ctap)
    made = platform.make(options={"uv": True})
    expect(made.auth_data.is_user_verified(), "UV is clear")


@check(*FULL, "make_cred_uv_not_rqd=true")
def a_plain_credential_needs_no_token(ctap, stuntkey):
    Platform(ctap)
    made = make(ctap, rk=False)
    expect(not made.auth_data.is_user_verified(), "UV without a token")
    return refused(ERR.PUAT_REQUIRED, lambda: make(ctap, rk=True))


@check(*FULL, "make_cred_uv_not_rqd=false")
def every_credential_needs_a_token(ctap, stuntkey):
    platform = Platform(ctap)
    for rk in (False, True):
        said = refused(ERR.PUAT_REQUIRED, lambda: make(ctap, rk=rk))
    made = platform.make(rk=False)
    expect(not get(ctap, allowed=[made]).auth_data.is_user_verified(), "UV without a token")
    return said


@check(*BUILT_IN)
def gives_tokens_by_built_in_verification(ctap, stuntkey):
    platform = Platform(ctap)
    client_pin = platform.client_pin
    expect(ctap.info.options.get("uv") is True, f"the options are {ctap.info.options}")
    made = platform.make_by(client_pin.get_uv_token(MC, RP_ID))
    expect(made.auth_data.is_user_verified(), "UV is clear")
    platform.get_by(client_pin.get_uv_token(GA, RP_ID))
    metadata(platform, client_pin.get_uv_token(CM))
    uv = CMD.GET_TOKEN_USING_UV
    refused(ERR.INVALID_PARAMETER, lambda: ask_uv(client_pin, uv, permissions=0))
    return refused(ERR.MISSING_PARAMETER, lambda: ask_uv(client_pin, uv))


def ask_uv(client_pin, sub_command, **more):
    key_agreement, _ = client_pin._get_shared_secret()
    version = client_pin.protocol.VERSION
    return client_pin.ctap.client_pin(version, sub_command, key_agreement=key_agreement, **more)


@check(*BUILT_IN, "user=verified,verified,denied", "make_cred_uv_not_rqd=true")
def a_verified_user_is_present_for_at_most_thirty_seconds(ctap, stuntkey):
    platform = Platform(ctap)
    made = make(ctap, rk=False)
    token = platform.client_pin.get_uv_token(GA, RP_ID)
    silently(platform, token, made)
    ctap.device.advance(20_000)
    silently(platform, token, made)
    ctap.device.advance(10_001)
    return refused(ERR.OPERATION_DENIED, lambda: platform.get_by(token, allowed=[made]))


@check(*BUILT_IN, "user=present")
def built_in_verification_is_blocked_until_the_pin_is_right(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    at_first = client_pin.get_uv_retries()
    expect(1 <= at_first <= 25, f"uvRetries are {at_first}")
    for _ in range(at_first):
        before = client_pin.get_uv_retries()
        refused((ERR.UV_INVALID, ERR.UV_BLOCKED), lambda: client_pin.get_uv_token(GA, RP_ID))
        after = client_pin.get_uv_retries()
        expect(after < before, f"uvRetries went from {before} to {after}")
        if after == 0:
            break
    expect(client_pin.get_uv_retries() == 0, f"uvRetries are {client_pin.get_uv_retries()}")
    refused(ERR.UV_BLOCKED, lambda: client_pin.get_uv_token(GA, RP_ID))
    client_pin.get_pin_token(PIN, GA, RP_ID)
    expect(client_pin.get_uv_retries() == at_first, "the right PIN does not restore them")
    return f"{at_first} attempts"


@check(*BUILT_IN, "user=none")
def built_in_verification_waits_and_gives_up(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    return refused(ERR.USER_ACTION_TIMEOUT, lambda: client_pin.get_uv_token(GA, RP_ID))


@check(*FULL)
def gives_no_token_by_a_finger_before_one_is_enrolled(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    expect(ctap.info.options.get("uv") is False, f"the options are {ctap.info.options}")
    return refused(ERR.NOT_ALLOWED, lambda: client_pin.get_uv_token(GA, RP_ID))


@check(*PLAIN)
def gives_no_token_by_a_verification_that_it_has_not(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    codes = (ERR.INVALID_SUBCOMMAND, ERR.INVALID_PARAMETER, ERR.NOT_ALLOWED, ERR.INVALID_COMMAND)
    return refused(codes, lambda: client_pin.get_uv_token(GA, RP_ID))


@check(*BUILT_IN, "uv_acfg=false")
def gives_configuration_only_by_the_pin(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    client_pin.get_pin_token(PIN, ACFG)
    return refused(ERR.UNAUTHORIZED_PERMISSION, lambda: client_pin.get_uv_token(ACFG))


@check(*BUILT_IN, "uv_acfg=true")
def gives_configuration_by_built_in_verification(ctap, stuntkey):
    expect(ctap.info.options.get("uvAcfg") is True, f"the options are {ctap.info.options}")
    Platform(ctap).client_pin.get_uv_token(ACFG)

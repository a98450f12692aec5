"""credentialManagement, with a token for it, read-only and as a preview; and the two members that getInfo encrypts."""

import secrets

from ctap2.common import (
    CM,
    ERR,
    FULL,
    GA,
    MC,
    OTHER_RP_ID,
    PCMR,
    UNKNOWN_SUB_COMMAND,
    Platform,
    Subject,
    descriptor,
    get,
    hash_of,
    key_of,
    make,
    refused,
    user_id,
    user_of,
)
from fido2.cose import CoseKey
from fido2.ctap2 import CredentialManagement, Ctap2
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
CMD = CredentialManagement.CMD
RESULT = CredentialManagement.RESULT
INVALID = ERR.PIN_AUTH_INVALID
COUNTS = (RESULT.EXISTING_CRED_COUNT, RESULT.MAX_REMAINING_COUNT)
UNKNOWN = descriptor(secrets.token_bytes(32))


def counts(manager):
    metadata = manager.get_metadata()
    return [metadata[name] for name in COUNTS]


def three_accounts(platform):
    """Alice and Bob here, Carol elsewhere."""
    return {
        "alice": platform.make("alice"),
        "bob": platform.make("bob"),
        "carol": platform.make("carol", rp_id=OTHER_RP_ID),
    }


@check(*FULL)
def counts_discoverable_credentials(ctap, stuntkey):
    platform = Platform(ctap)
    manager = platform.manager()
    existing, remaining = counts(manager)
    expect(existing == 0 and remaining > 0, f"{existing} of {remaining} at first")
    platform.make("alice")
    platform.make("bob", rk=False)
    after = counts(platform.manager())
    expect(after[0] == 1 and after[1] < remaining, f"{after} after one of {remaining}")
    return f"{remaining} at first, {after[1]} after one"


@check(*FULL)
def lists_no_rps_at_first(ctap, stuntkey):
    platform = Platform(ctap)
    expect(platform.manager().enumerate_rps() == [], "a relying party")
    said = refused(ERR.NO_CREDENTIALS, platform.manager().enumerate_rps_begin)
    refused(ERR.NO_CREDENTIALS, lambda: platform.manager().enumerate_creds_begin(hash_of(RP_ID)))
    return said


@check(*FULL)
def lists_each_rp_once(ctap, stuntkey):
    platform = Platform(ctap)
    three_accounts(platform)
    manager = platform.manager()
    found = manager.enumerate_rps()
    rps = {rp[RESULT.RP]["id"]: rp[RESULT.RP_ID_HASH] for rp in found}
    expect(rps == {RP_ID: hash_of(RP_ID), OTHER_RP_ID: hash_of(OTHER_RP_ID)}, f"the RPs are {rps}")
    totals = [rp.get(RESULT.TOTAL_RPS) for rp in found]
    expect(totals == [2, None], f"totalRPs is {totals}")
    return refused(ERR.NOT_ALLOWED, manager.enumerate_rps_next)


@check(*FULL)
def lists_credentials_with_all_that_belongs_to_them(ctap, stuntkey):
    platform = Platform(ctap)
    made = three_accounts(platform)
    manager = platform.manager()
    found = manager.enumerate_creds(hash_of(RP_ID))
    totals = [one.get(RESULT.TOTAL_CREDENTIALS) for one in found]
    expect(totals == [2, None], f"totalCredentials is {totals}")
    for one in found:
        name = one[RESULT.USER]["name"]
        expect(one[RESULT.USER] == user_of(name), f"the user is {one[RESULT.USER]}")
        expect(one[RESULT.CREDENTIAL_ID] == descriptor(made[name]), "another credential")
        expect(CoseKey.parse(one[RESULT.PUBLIC_KEY]) == key_of(made[name]), "another key")
        expect(one[RESULT.CRED_PROTECT] == 1, f"credProtect is {one[RESULT.CRED_PROTECT]}")
    expect({one[RESULT.USER]["name"] for one in found} == {"alice", "bob"}, "one account twice")
    return refused(ERR.NOT_ALLOWED, manager.enumerate_creds_next)


@check(*FULL)
def goes_on_only_where_it_began(ctap, stuntkey):
    platform = Platform(ctap)
    three_accounts(platform)
    manager = platform.manager()
    refused(ERR.NOT_ALLOWED, manager.enumerate_rps_next)
    refused(ERR.NOT_ALLOWED, manager.enumerate_creds_next)
    manager.enumerate_rps_begin()
    ctap.device.power_cycle()
    return refused(ERR.NOT_ALLOWED, manager.enumerate_rps_next)


@check(*FULL)
def lists_a_long_rp_id_whole_or_shortened(ctap, stuntkey):
    rp_id = ".".join(["n" * 60] * 4) + ".example"
    platform = Platform(ctap)
    made = platform.make(rp_id=rp_id)
    [rp] = platform.manager().enumerate_rps()
    expect(rp[RESULT.RP_ID_HASH] == hash_of(rp_id), "not the hash of the whole ID")
    shown = rp[RESULT.RP]["id"]
    cut = shown.startswith("\u2026") and rp_id.endswith(shown[1:]) and len(shown.encode()) >= 32
    expect(shown == rp_id or cut, f"shortened to {shown}")
    [found] = platform.manager().enumerate_creds(hash_of(rp_id))
    expect(found[RESULT.CREDENTIAL_ID] == descriptor(made), "another credential")
    return f"{len(shown.encode())} bytes of {len(rp_id)}"


@check(*FULL)
def deletes_one_credential_and_no_other(ctap, stuntkey):
    platform = Platform(ctap)
    made = three_accounts(platform)
    platform.manager().delete_cred(descriptor(made["alice"]))
    said = refused(ERR.NO_CREDENTIALS, lambda: get(ctap, allowed=[made["alice"]]))
    [left] = platform.manager().enumerate_creds(hash_of(RP_ID))
    expect(left[RESULT.USER]["name"] == "bob", f"the user is {left[RESULT.USER]}")
    get(ctap, rp_id=OTHER_RP_ID)
    platform.manager().delete_cred(descriptor(made["carol"]))
    expect(len(platform.manager().enumerate_rps()) == 1, "an RP without credentials is listed")
    refused(ERR.NO_CREDENTIALS, lambda: platform.manager().delete_cred(UNKNOWN))
    return said


@check(*FULL)
def renames_an_account(ctap, stuntkey):
    platform = Platform(ctap)
    made = platform.make("alice")

    def shown():
        [found] = platform.manager().enumerate_creds(hash_of(RP_ID))
        expect(found[RESULT.CREDENTIAL_ID] == descriptor(made), "another credential")
        return found[RESULT.USER]

    renamed = {"id": user_id("alice"), "name": "alice@example.com", "displayName": "Alice B."}
    platform.manager().update_user_info(descriptor(made), renamed)
    expect(shown() == renamed, f"the user is {shown()}")
    platform.manager().update_user_info(descriptor(made), {"id": user_id("alice"), "name": "a"})
    expect(shown() == {"id": user_id("alice"), "name": "a"}, f"the user is {shown()}")
    client_data_hash = bytes(32)
    get(ctap, client_data_hash).verify(client_data_hash, key_of(made))
    manager = platform.manager()
    refused(ERR.NO_CREDENTIALS, lambda: manager.update_user_info(UNKNOWN, renamed))
    return refused(ERR.INVALID_PARAMETER, lambda: manager.update_user_info(descriptor(made), user_of("bob")))


@check(*FULL)
def manages_nothing_without_its_permission(ctap, stuntkey):
    platform = Platform(ctap)
    made = platform.make()
    hash_param = {1: hash_of(RP_ID)}
    for sub_command, params in (
        (CMD.GET_CREDS_METADATA, None),
        (CMD.ENUMERATE_RPS_BEGIN, None),
        (CMD.ENUMERATE_CREDS_BEGIN, hash_param),
        (CMD.DELETE_CREDENTIAL, {2: descriptor(made)}),
        (CMD.UPDATE_USER_INFO, {2: descriptor(made), 3: user_of("alice")}),
    ):
        refused(ERR.PUAT_REQUIRED, lambda: ctap.credential_mgmt(sub_command, params))
        refused(INVALID, lambda: ctap.credential_mgmt(sub_command, params, 2, bytes(32)))
        refused(ERR.MISSING_PARAMETER, lambda: ctap.credential_mgmt(sub_command, params, None, bytes(32)))
        other = platform.manager(MC | GA, RP_ID)
        refused(INVALID, lambda: other._call(sub_command, params))
    get(ctap, allowed=[made])


@check(*FULL)
def asks_for_permission_also_where_no_pin_is_set(ctap, stuntkey):
    return refused(ERR.PUAT_REQUIRED, lambda: ctap.credential_mgmt(CMD.GET_CREDS_METADATA))


@check(*FULL)
def misses_parameters_and_refuses_unknown_sub_commands(ctap, stuntkey):
    manager = Platform(ctap).manager()
    for sub_command in (CMD.ENUMERATE_CREDS_BEGIN, CMD.DELETE_CREDENTIAL, CMD.UPDATE_USER_INFO):
        refused(ERR.MISSING_PARAMETER, lambda: manager._call(sub_command))
    return refused(UNKNOWN_SUB_COMMAND, lambda: manager._call(0x7E))


@check(*FULL)
def a_token_of_one_rp_manages_only_its_credentials(ctap, stuntkey):
    platform = Platform(ctap)
    made = three_accounts(platform)
    manager = platform.manager(CM, RP_ID)
    for action in (
        manager.get_metadata,
        manager.enumerate_rps_begin,
        lambda: manager.enumerate_creds_begin(hash_of(OTHER_RP_ID)),
        lambda: manager.delete_cred(descriptor(made["carol"])),
        lambda: manager.update_user_info(descriptor(made["carol"]), user_of("carol")),
    ):
        said = refused(INVALID, action)
    manager.update_user_info(descriptor(made["alice"]), user_of("alice"))
    manager.delete_cred(descriptor(made["alice"]))
    return said


@check(*FULL)
def a_persistent_token_reads_and_does_not_write(ctap, stuntkey):
    platform = Platform(ctap)
    made = three_accounts(platform)
    expect(CredentialManagement.is_readonly_supported(ctap.info), f"the options are {ctap.info.options}")
    manager = platform.manager(PCMR)
    ctap.device.power_cycle()
    expect(counts(manager)[0] == 3, "not 3 credentials")
    expect(len(manager.enumerate_rps()) == 2, "not 2 RPs")
    expect(len(manager.enumerate_creds(hash_of(RP_ID))) == 2, "not 2 credentials")
    refused(INVALID, lambda: manager.delete_cred(descriptor(made["alice"])))
    return refused(INVALID, lambda: manager.update_user_info(descriptor(made["alice"]), user_of("alice")))


@check(*FULL, "credential_management_read_only=false")
def gives_no_persistent_token_where_nothing_is_read_only(ctap, stuntkey):
    expect(not CredentialManagement.is_readonly_supported(ctap.info), f"the options are {ctap.info.options}")
    platform = Platform(ctap)
    return refused(ERR.UNAUTHORIZED_PERMISSION, lambda: platform.token(PCMR))


@check(*FULL)
def tells_its_identifier_only_by_a_persistent_token(ctap, stuntkey):
    platform = Platform(ctap)
    expect(ctap.get_info().enc_identifier is None, "encIdentifier without a token to read it")
    expect(ctap.get_info().enc_cred_store_state is None, "encCredStoreState without a token to read it")
    token = platform.token(PCMR)
    infos = [ctap.get_info(), ctap.get_info()]
    expect(all(len(info.enc_identifier) == 32 for info in infos), "not 32 bytes")
    expect(infos[0].enc_identifier != infos[1].enc_identifier, "twice the same bytes")
    found = {info.get_identifier(token) for info in infos}
    expect(len(found) == 1, "two identifiers")
    ctap.device.power_cycle()
    expect(ctap.get_info().get_identifier(token) in found, "another identifier")
    ctap.reset()
    expect(ctap.get_info().enc_identifier is None, "encIdentifier after a reset")
    token = Platform(ctap).token(PCMR)
    expect(ctap.get_info().get_identifier(token) not in found, "the same identifier after a reset")


@check(*FULL)
def tells_whether_the_credentials_changed(ctap, stuntkey):
    platform = Platform(ctap)
    token = platform.token(PCMR)
    states = [ctap.get_info().get_cred_store_state(token)]

    def changed(by, expected=True):
        states.append(ctap.get_info().get_cred_store_state(token))
        expect(len(states[-1]) == 16, "not 16 bytes")
        expect((states[-1] != states[-2]) is expected, f"{by}: {'the same' if expected else 'another'} state")

    changed("nothing", False)
    made = platform.make()
    changed("a new credential")
    platform.get(allowed=[made])
    changed("an assertion", False)
    platform.make("bob", rk=False)
    changed("a credential that is not kept", False)
    platform.manager().update_user_info(descriptor(made), {**user_of("alice"), "name": "a"})
    changed("a new name")
    ctap.device.power_cycle()
    changed("no power", False)
    platform.manager().delete_cred(descriptor(made))
    changed("a deletion")


def knowing_the_preview_only(ctap):
    """What an old client sees."""
    expect("FIDO_2_1_PRE" in ctap.info.versions, f"the versions are {ctap.info.versions}")
    expect(ctap.info.options.get("credentialMgmtPreview") is True, f"the options are {ctap.info.options}")
    ctap.info.options.pop("credMgmt", None)
    return ctap


@check(*FULL, "previews=true")
def an_old_client_manages_by_the_preview(ctap, stuntkey):
    platform = Platform(knowing_the_preview_only(ctap))
    made = three_accounts(platform)
    expect(counts(platform.manager())[0] == 3, "not 3 credentials")
    expect(len(platform.manager().enumerate_rps()) == 2, "not 2 RPs")
    expect(len(platform.manager().enumerate_creds(hash_of(RP_ID))) == 2, "not 2 credentials")
    platform.manager().delete_cred(descriptor(made["alice"]))
    expect(counts(platform.manager())[0] == 2, "not 2 credentials")


@check(*FULL, "previews=false")
def has_no_preview_unless_told(ctap, stuntkey):
    expect("FIDO_2_1_PRE" not in ctap.info.versions, f"the versions are {ctap.info.versions}")
    refused(ERR.INVALID_COMMAND, lambda: ctap.send_cbor(Ctap2.CMD.BIO_ENROLLMENT_PRE, {6: True}))
    return refused(ERR.INVALID_COMMAND, lambda: ctap.send_cbor(Ctap2.CMD.CREDENTIAL_MGMT_PRE, {1: 1}))


@check("ctap_version=2.0", "client_pin=true", "user_verification=false", "credential_management=false")
def has_no_management_in_2_0(ctap, stuntkey):
    make(ctap)
    expect(not CredentialManagement.is_supported(ctap.info), f"the options are {ctap.info.options}")
    return refused(ERR.INVALID_COMMAND, lambda: ctap.send_cbor(Ctap2.CMD.CREDENTIAL_MGMT, {1: 1}))

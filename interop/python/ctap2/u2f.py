"""CTAP1/U2F by python-fido2's `Ctap1`, and what it shares with CTAP2."""

import secrets

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from ctap2.common import ERR, FULL, OTHER_RP_ID, Platform, Subject, descriptor, get, hash_of, make, new_hash, refused
from fido2.attestation.base import verify_x509_chain
from fido2.client import DefaultClientDataCollector, Fido2Client
from fido2.cose import ES256
from fido2.ctap1 import APDU, ApduError, Ctap1
from fido2.ctap2 import Config
from fido2.hid import CTAPHID
from fido2.server import Fido2Server
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
APPLICATION = hash_of(RP_ID)
DONT_ENFORCE = 0x08
WRONG_LENGTH = 0x6700
# Of a command that is not allowed, and of a class and an instruction that are not known.
NOT_ALLOWED = 0x6986
WRONG_CLASS = 0x6E00
WRONG_INSTRUCTION = 0x6D00
U2F = (*FULL, "u2f=true", "always_uv=false")


def status(codes, action):
    """Runs `action`, which must end with one of these status words. Returns what to print."""
    codes = codes if isinstance(codes, tuple) else (codes,)
    expected = " or ".join(f"{code:04X}" for code in codes)
    try:
        outcome = action()
    except ApduError as error:
        expect(error.code in codes, f"expected {expected}, not {error.code:04X}")
        expect(not error.data, "content beside a status")
        return f"{error.code:04X}"
    raise AssertionError(f"accepted: {outcome}, expected {expected}")


def register(device):
    return Ctap1(device).register(new_hash(), APPLICATION)


def authenticate(device, handle, application=APPLICATION, check_only=False):
    return Ctap1(device).authenticate(new_hash(), application, handle, check_only)


@check(*U2F)
def has_the_version_of_u2f(ctap, stuntkey):
    expect("U2F_V2" in ctap.info.versions, f"the versions are {ctap.info.versions}")
    found = Ctap1(ctap.device).get_version()
    expect(found == "U2F_V2", f"the version is {found}")


@check(*U2F)
def registers_by_u2f_attested_to_our_root(ctap, stuntkey):
    challenge = new_hash()
    registered = Ctap1(ctap.device).register(challenge, APPLICATION)
    registered.verify(APPLICATION, challenge)
    root = x509.load_pem_x509_certificate(stuntkey.root()).public_bytes(Encoding.DER)
    verify_x509_chain([registered.certificate, root])
    return f"a key handle of {len(registered.key_handle)} bytes"


@check(*U2F)
def signs_by_u2f_counting_up(ctap, stuntkey):
    registered = register(ctap.device)
    counters = []
    for _ in range(2):
        challenge = new_hash()
        signed = Ctap1(ctap.device).authenticate(challenge, APPLICATION, registered.key_handle)
        signed.verify(APPLICATION, challenge, registered.public_key)
        expect(signed.user_presence == 1, f"user presence is {signed.user_presence}")
        counters.append(signed.counter)
    expect(counters[0] < counters[1], f"the counter went from {counters[0]} to {counters[1]}")


@check(*U2F, "user=verified,denied,verified")
def tells_by_check_only_whose_a_handle_is(ctap, stuntkey):
    handle = register(ctap.device).key_handle
    said = status(APDU.USE_NOT_SATISFIED, lambda: authenticate(ctap.device, handle, check_only=True))
    other = hash_of(OTHER_RP_ID)
    status(APDU.WRONG_DATA, lambda: authenticate(ctap.device, handle, other, check_only=True))
    foreign = secrets.token_bytes(len(handle))
    status(APDU.WRONG_DATA, lambda: authenticate(ctap.device, foreign, check_only=True))
    # None of these asked for a touch: the denial is still to come.
    status(APDU.USE_NOT_SATISFIED, lambda: authenticate(ctap.device, handle))
    authenticate(ctap.device, handle)
    return said


@check(*U2F)
def signs_for_no_foreign_handle(ctap, stuntkey):
    handle = register(ctap.device).key_handle
    foreign = handle[:-1] + bytes([handle[-1] ^ 1])
    codes = (APDU.WRONG_DATA, APDU.USE_NOT_SATISFIED)
    status(codes, lambda: authenticate(ctap.device, handle, hash_of(OTHER_RP_ID)))
    return status(codes, lambda: authenticate(ctap.device, foreign))


@check(*U2F, "user=verified,denied,none")
def waits_for_a_touch_by_u2f(ctap, stuntkey):
    handle = register(ctap.device).key_handle
    status(APDU.USE_NOT_SATISFIED, lambda: authenticate(ctap.device, handle))
    return status(APDU.USE_NOT_SATISFIED, lambda: register(ctap.device))


@check(*U2F, "user=verified,denied,denied")
def signs_without_a_touch_only_saying_so(ctap, stuntkey):
    registered = register(ctap.device)
    challenge = new_hash()
    data = challenge + APPLICATION + bytes([len(registered.key_handle)]) + registered.key_handle

    def send(control):
        return Ctap1(ctap.device).send_apdu(ins=Ctap1.INS.AUTHENTICATE, p1=control, data=data)

    try:
        presence = send(DONT_ENFORCE)[0]
        expect(presence & 1 == 0, "user presence without a touch")
        said = "user presence is clear"
    except ApduError as error:
        expect(error.code == APDU.USE_NOT_SATISFIED, f"the status is {error.code:04X}")
        said = f"{error.code:04X}"
    status((APDU.WRONG_DATA, 0x6A86, WRONG_INSTRUCTION), lambda: send(0x55))
    return said


@check(*U2F)
def refuses_messages_that_u2f_has_not(ctap, stuntkey):
    u2f = Ctap1(ctap.device)
    status(WRONG_INSTRUCTION, lambda: u2f.send_apdu(ins=0x3F))
    status((WRONG_CLASS, WRONG_INSTRUCTION), lambda: u2f.send_apdu(cla=0x80, ins=Ctap1.INS.VERSION))
    status(WRONG_LENGTH, lambda: u2f.send_apdu(ins=Ctap1.INS.REGISTER, data=bytes(63)))
    short = bytes(64) + b"\x40" + bytes(63)
    return status((WRONG_LENGTH, APDU.WRONG_DATA), lambda: u2f.send_apdu(ins=Ctap1.INS.AUTHENTICATE, p1=3, data=short))


@check(*U2F)
def signs_by_ctap2_for_a_handle_of_u2f(ctap, stuntkey):
    registered = register(ctap.device)
    client_data_hash = new_hash()
    assertion = get(ctap, client_data_hash, allowed=[registered.key_handle])
    assertion.verify(client_data_hash, ES256.from_ctap1(registered.public_key))
    refused(ERR.NO_CREDENTIALS, lambda: get(ctap))
    held = [descriptor(registered.key_handle)]
    refused(ERR.NO_CREDENTIALS, lambda: get(ctap, rp_id=OTHER_RP_ID, allowed=[registered.key_handle]))
    return refused(ERR.CREDENTIAL_EXCLUDED, lambda: make(ctap, exclude_list=held))


@check(*U2F)
def lists_no_handle_of_u2f(ctap, stuntkey):
    register(ctap.device)
    expect(Platform(ctap).manager().enumerate_rps() == [], "an RP")


@check(*U2F)
def signs_by_u2f_for_no_credential_of_level_three(ctap, stuntkey):
    made = Platform(ctap).make(rk=False, extensions={"credProtect": 3})
    handle = descriptor(made)["id"]
    status(APDU.WRONG_DATA, lambda: authenticate(ctap.device, handle, check_only=True))
    return status(APDU.WRONG_DATA, lambda: authenticate(ctap.device, handle))


@check(*U2F)
def a_reset_forgets_the_handles_of_u2f(ctap, stuntkey):
    handle = register(ctap.device).key_handle
    ctap.reset()
    refused(ERR.NO_CREDENTIALS, lambda: get(ctap, allowed=[handle]))
    return status(APDU.WRONG_DATA, lambda: authenticate(ctap.device, handle, check_only=True))


@check(*U2F)
def has_no_u2f_where_it_always_verifies(ctap, stuntkey):
    handle = register(ctap.device).key_handle
    Config(ctap).toggle_always_uv()
    expect("U2F_V2" not in ctap.get_info().versions, "U2F_V2 is listed")
    status(NOT_ALLOWED, lambda: register(ctap.device))
    said = status(NOT_ALLOWED, lambda: authenticate(ctap.device, handle))
    # VERSION is not named: it may work.
    answer = ctap.device.call(CTAPHID.MSG, bytes([0, Ctap1.INS.VERSION, 0, 0, 0, 0, 0]))
    expect(answer in (b"U2F_V2\x90\0", b"\x69\x86"), f"VERSION answers {answer.hex()}")
    Config(ctap).toggle_always_uv()
    expect("U2F_V2" in ctap.get_info().versions, "U2F_V2 is not listed")
    authenticate(ctap.device, handle)
    return said


@CHECKS.check_device("model=u2f_only")
def the_whole_client_logs_in_where_there_is_only_u2f(device, stuntkey):
    client = Fido2Client(device, DefaultClientDataCollector(f"https://{RP_ID}"))
    expect(client.info.versions == ["U2F_V2"], f"the versions are {client.info.versions}")
    server = Fido2Server({"id": RP_ID, "name": "Example"})
    user = {"id": b"the id of alice", "name": "alice", "displayName": "Alice"}
    options, state = server.register_begin(user, user_verification="discouraged")
    made = client.make_credential(options["publicKey"])
    data = server.register_complete(state, made).credential_data
    options, state = server.authenticate_begin([data], user_verification="discouraged")
    answer = client.get_assertion(options["publicKey"]).get_response(0)
    server.authenticate_complete(state, [data], answer)
    return made.response.attestation_object.fmt

"""What clients do with a key of whatever kind: PINs, accounts, long messages, U2F; and what python-fido2's whole client does
with an authenticator in `ctap2/`, here by a real way to it."""

from pathlib import Path

from ctap2 import client, u2f
from ctap2.common import (
    ERR,
    FULL,
    GA,
    NEW_PIN,
    PIN,
    WRONG_PIN,
    Platform,
    descriptor,
    get,
    hash_of,
    make,
    refused,
    user_id,
)
from ctap2.large_blobs import array_of, whole
from device.common import Subject
from fido2.ctap import CtapError
from fido2.ctap1 import Ctap1
from fido2.ctap2 import ClientPin, CredentialManagement, Ctap2, LargeBlobs
from harness import RP_ID, describe, expect

CHECKS = Subject()
check = CHECKS.check
RESULT = CredentialManagement.RESULT
# Those of the checks in `ctap2/` that take a key with everything as it is.
OF_OTHERS = [
    *((sentence, body) for sentence, body, settings, device in client.CHECKS if settings == FULL and not device),
    *((sentence, body) for sentence, body, settings, device in u2f.CHECKS if settings == u2f.U2F and not device),
]
ML_DSA_65 = -49


@check()
def says_what_it_is(key):
    info = Ctap2(key.connect()).info
    expect({"FIDO_2_0", "FIDO_2_1", "FIDO_2_3", "U2F_V2"} <= set(info.versions), f"the versions are {info.versions}")
    expect(info.options["rk"] and info.options["clientPin"] is False, f"the options are {info.options}")
    return ", ".join(info.versions)


@check()
def has_its_pin_set_and_changed(key):
    client_pin = ClientPin(Ctap2(key.connect()))
    client_pin.set_pin(PIN)
    client_pin.get_pin_token(PIN, GA, RP_ID)
    client_pin.change_pin(PIN, NEW_PIN)
    said = refused(ERR.PIN_INVALID, lambda: client_pin.get_pin_token(PIN, GA, RP_ID))
    expect(client_pin.get_pin_retries()[0] == 7, f"{client_pin.get_pin_retries()[0]} tries are left")
    client_pin.get_pin_token(NEW_PIN, GA, RP_ID)
    refused(ERR.PIN_INVALID, lambda: client_pin.change_pin(WRONG_PIN, PIN))
    return said


@check()
def lists_and_deletes_its_accounts(key):
    platform = Platform(Ctap2(key.connect()))
    names = [f"user-{number}" for number in range(8)]
    for name in names:
        platform.make(name)
    platform.make("elsewhere", rp_id="example.org")
    expect(len(platform.manager().enumerate_rps()) == 2, "other relying parties")
    listed = platform.manager().enumerate_creds(hash_of(RP_ID))
    expect({one[RESULT.USER]["id"] for one in listed} == set(map(user_id, names)), "other accounts")
    platform.manager().delete_cred(listed[0][RESULT.CREDENTIAL_ID])
    expect(len(platform.manager().enumerate_creds(hash_of(RP_ID))) == 7, "nothing is deleted")
    assertions = platform.ctap.get_assertions(RP_ID, bytes(32))
    expect(len(assertions) == 7, f"{len(assertions)} accounts log in")


@check()
def takes_a_request_of_many_packets(key):
    ctap = Ctap2(key.connect())
    held = descriptor(make(ctap))
    unknown = [{"type": "public-key", "id": bytes([number]) * 900} for number in range(ctap.info.max_creds_in_list - 1)]
    make(ctap, name="bob", exclude_list=unknown)
    said = refused(ERR.CREDENTIAL_EXCLUDED, lambda: make(ctap, name="carol", exclude_list=[*unknown, held]))
    get(ctap, allowed=[*(one["id"] for one in unknown), held["id"]])
    return f"{900 * len(unknown)} bytes of ids: {said}"


@check()
def refuses_a_request_that_is_longer_than_it_says(key):
    ctap = Ctap2(key.connect(), strict_cbor=False)
    longest = ctap.info.max_msg_size
    # python-fido2 looks at maxMsgSize itself.
    too_long = b"\x01" + bytes(longest)
    try:
        answer = ctap.device.call(0x10, too_long)
    except CtapError as error:
        said = describe(error)
    else:
        expect(answer == bytes([ERR.REQUEST_TOO_LARGE]), f"the answer is {answer.hex()}")
        said = "REQUEST_TOO_LARGE"
    expect("FIDO_2_0" in ctap.get_info().versions, "it does not go on")
    return said


@check()
def gives_an_answer_of_many_packets(key):
    ctap = Ctap2(key.connect())
    client_data_hash = bytes(range(32))
    made = make(ctap, client_data_hash, algorithms=(ML_DSA_65,))
    public_key = made.auth_data.credential_data.public_key
    expect(len(public_key[-1]) == 1952, f"a public key of {len(public_key[-1])} bytes")
    signature = get(ctap, allowed=[made]).signature
    expect(len(signature) == 3309, f"a signature of {len(signature)} bytes")
    return f"{len(made.auth_data)} bytes, and {len(signature)}"


@check()
def keeps_a_large_array_of_blobs(key):
    platform = Platform(Ctap2(key.connect()))
    blobs = platform.large_blobs()
    array = [{1: bytes([number]) * 600, 2: bytes(12), 3: 600} for number in range(6)]
    blobs.write_blob_array(array)
    expect(LargeBlobs(platform.ctap).read_blob_array() == array, "another array")
    kept = whole(platform.ctap)
    expect(len(kept) > len(array_of(3600)), f"{len(kept)} bytes")
    return f"{len(kept)} bytes"


@check("--fault", "get-assertion/signature/of-another")
def tells_the_lie_that_it_is_asked_for(key):
    site = client.Site(Ctap2(key.connect()))
    data = site.register(verification="discouraged")
    try:
        site.log_in(data, verification="discouraged")
    except Exception as error:
        expect(str(error) == "Invalid signature.", describe(error))
        return describe(error)
    raise AssertionError("python-fido2's server takes it")


@check("--model", "u2f_only")
def registers_and_logs_in_by_u2f_alone(key):
    device = key.connect()
    expect(Ctap1(device).get_version() == "U2F_V2", "another version")
    [body] = [body for sentence, body, *_ in u2f.CHECKS if "only U2F" in sentence]
    return body(device, None)


def stays_in_a_file(start):
    """A check of two keys, one after the other: `start(*options)` starts one, and ends it with the block."""

    def body(stuntkey):
        store = Path(stuntkey.store).with_name("key")
        with start("--store", str(store)) as key:
            platform = Platform(Ctap2(key.connect()))
            made = platform.make()
        with start("--store", str(store)) as key:
            platform = Platform.__new__(Platform)
            platform.ctap = Ctap2(key.connect())
            platform.client_pin = ClientPin(platform.ctap)
            expect(platform.get(allowed=[made]).auth_data.is_user_verified(), "UV is clear")

    return body

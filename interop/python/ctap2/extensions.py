"""The extensions, each by what is sent to the authenticator; `client.py` has them through the whole client."""

from hashlib import sha256

from ctap2.common import (
    ERR,
    FULL,
    GA,
    OTHER_RP_ID,
    PLAIN,
    Platform,
    Subject,
    descriptor,
    get,
    hash_of,
    make,
    new_hash,
    protocols,
    refused,
    user_id,
)
from fido2.ctap2 import ClientPin, CredentialManagement, Ctap2
from fido2.ctap2.extensions import (
    CredBlobExtension,
    CredProtectExtension,
    HmacSecretExtension,
    LargeBlobExtension,
    MinPinLengthExtension,
    PinComplexityPolicyExtension,
    ThirdPartyPaymentExtension,
)
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
RESULT = CredentialManagement.RESULT
SECRET = HmacSecretExtension.NAME
SECRET_AT_MAKE = HmacSecretExtension.MC_NAME
PROTECT = CredProtectExtension.NAME
BLOB = CredBlobExtension.NAME
BLOB_KEY = LargeBlobExtension.NAME
MIN_PIN = MinPinLengthExtension.NAME
COMPLEXITY = PinComplexityPolicyExtension.NAME
PAYMENT = ThirdPartyPaymentExtension.NAME
# The extension of 2.3, which python-fido2 does not know.
LARGE_BLOB = "largeBlob"
SALTS = [sha256(bytes([number])).digest() for number in range(3)]
HARMLESS = (ERR.INVALID_PARAMETER, ERR.INVALID_OPTION, ERR.INVALID_CBOR)


def outputs(response):
    return response.auth_data.extensions or {}


class Secrets:
    """One input for hmac-secret, and the reading of its output."""

    def __init__(self, ctap, *salts, protocol=None):
        client_pin = ClientPin(ctap, protocol)
        self.protocol = client_pin.protocol
        self.key_agreement, self.secret = client_pin._get_shared_secret()
        self.encrypted = self.protocol.encrypt(self.secret, b"".join(salts))

    def input(self, **more):
        proof = self.protocol.authenticate(self.secret, self.encrypted)
        members = {"key": self.key_agreement, "encrypted": self.encrypted, "proof": proof,
                   "version": self.protocol.VERSION, **more}
        return {number: value for number, value in enumerate(members.values(), 1) if value is not None}

    def read(self, output):
        found = self.protocol.decrypt(self.secret, output)
        return [found[start : start + 32] for start in range(0, len(found), 32)]


def evaluate(ctap, made, *salts, protocol=None, by=None, **more):
    """The secrets of a credential for these salts."""
    asked = Secrets(ctap, *salts, protocol=protocol)
    signed = by.get_by if by else lambda **rest: get(ctap, **rest)
    token = {"token": more.pop("token")} if by else {}
    assertion = signed(**token, allowed=[made], extensions={SECRET: asked.input(**more)})
    return asked.read(outputs(assertion)[SECRET])


@check(*FULL)
def gives_a_secret_for_each_salt(ctap, stuntkey):
    made = make(ctap, extensions={SECRET: True})
    expect(outputs(made) == {SECRET: True}, f"the outputs are {outputs(made)}")
    [one] = evaluate(ctap, made, SALTS[0])
    expect(len(one) == 32, f"{len(one)} bytes")
    expect(evaluate(ctap, made, SALTS[0], SALTS[1])[0] == one, "the same salt, another secret")
    expect(evaluate(ctap, made, SALTS[1], SALTS[0])[1] == one, "the same salt in the second place, another secret")
    expect(evaluate(ctap, made, SALTS[1]) != [one], "another salt, the same secret")
    ctap.device.power_cycle()
    expect(evaluate(ctap, made, SALTS[0]) == [one], "another secret after a power cycle")


@check(*FULL)
def gives_each_credential_its_own_secret_asked_for_or_not(ctap, stuntkey):
    alice, bob = make(ctap, name="alice"), make(ctap, name="bob", rk=False)
    found = [evaluate(ctap, made, SALTS[0])[0] for made in (alice, bob)]
    expect(found[0] != found[1], "one secret for two credentials")
    expect(evaluate(ctap, alice, SALTS[0])[0] == found[0], "another secret")


@check(*FULL)
def gives_the_same_secret_by_both_protocols(ctap, stuntkey):
    made = make(ctap, extensions={SECRET: True})
    one, two = protocols()
    found = [
        evaluate(ctap, made, *SALTS[:2], protocol=one),
        evaluate(ctap, made, *SALTS[:2], protocol=two),
        # Without a number it is the first.
        evaluate(ctap, made, *SALTS[:2], protocol=one, version=None),
    ]
    expect(found[0] == found[1] == found[2], "different secrets")


@check(*FULL, "make_cred_uv_not_rqd=true")
def gives_a_verified_user_another_secret(ctap, stuntkey):
    platform = Platform(ctap)
    made = platform.make(extensions={SECRET: True})
    verified = [evaluate(ctap, made, SALTS[0], by=platform, token=platform.token(GA, RP_ID)) for _ in range(2)]
    expect(verified[0] == verified[1], "different secrets")
    expect(evaluate(ctap, made, SALTS[0]) != verified[0], "the same secret without verification")


@check(*FULL)
def gives_each_of_several_accounts_its_secret(ctap, stuntkey):
    made = {user_id(name): make(ctap, name=name) for name in ("alice", "bob")}
    asked = Secrets(ctap, SALTS[0])
    assertions = [get(ctap, extensions={SECRET: asked.input()}), ctap.get_next_assertion()]
    for assertion in assertions:
        found = asked.read(outputs(assertion)[SECRET])
        expect(found == evaluate(ctap, made[assertion.user["id"]], SALTS[0]), "another account's secret")


@check(*FULL)
def gives_no_secret_to_what_is_not_right(ctap, stuntkey):
    made = make(ctap, extensions={SECRET: True})

    def ask(asked, up=True, **more):
        return get(ctap, allowed=[made], up=up, extensions={SECRET: asked.input(**more)})

    refused(ERR.UNSUPPORTED_OPTION, lambda: ask(Secrets(ctap, SALTS[0]), up=False))
    refused(ERR.PIN_AUTH_INVALID, lambda: ask(Secrets(ctap, SALTS[0]), proof=bytes(32)))
    length = (ERR.INVALID_PARAMETER, ERR.INVALID_LENGTH, ERR.PIN_AUTH_INVALID)
    for salt in (bytes(16), bytes(48)):
        refused(length, lambda: ask(Secrets(ctap, salt)))
    off = {1: 2, 3: -25, -1: 1, -2: bytes(31) + b"\1", -3: bytes(31) + b"\1"}
    refused(ERR.INVALID_PARAMETER, lambda: ask(Secrets(ctap, SALTS[0]), key=off))
    missing = (ERR.MISSING_PARAMETER, ERR.CBOR_UNEXPECTED_TYPE)
    for name in ("key", "encrypted", "proof"):
        refused(missing, lambda: ask(Secrets(ctap, SALTS[0]), **{name: None}))
    return str(ERR.PIN_AUTH_INVALID)


@check(*FULL)
def gives_secrets_already_at_creation(ctap, stuntkey):
    platform = Platform(ctap)
    for protocol in protocols():
        asked = Secrets(ctap, *SALTS[:2], protocol=protocol)
        made = platform.make(extensions={SECRET: True, SECRET_AT_MAKE: asked.input()})
        expect(outputs(made)[SECRET] is True, f"the outputs are {outputs(made)}")
        found = asked.read(outputs(made)[SECRET_AT_MAKE])
        later = evaluate(ctap, made, *SALTS[:2], by=platform, token=platform.token(GA, RP_ID))
        expect(found == later, "other secrets than later")
    alone = {SECRET_AT_MAKE: Secrets(ctap, SALTS[0]).input()}
    return refused(ERR.MISSING_PARAMETER, lambda: platform.make(extensions=alone))


@check(*FULL)
def protects_credentials_by_three_levels(ctap, stuntkey):
    platform = Platform(ctap)
    for level, name in enumerate(("alice", "bob", "carol"), 1):
        made = platform.make(name, extensions={PROTECT: level})
        expect(outputs(made) == {PROTECT: level}, f"the outputs are {outputs(made)}")
    listed = platform.manager().enumerate_creds(hash_of(RP_ID))
    levels = {one[RESULT.USER]["name"]: one[RESULT.CRED_PROTECT] for one in listed}
    expect(levels == {"alice": 1, "bob": 2, "carol": 3}, f"the levels are {levels}")
    # Only Alice's is to be discovered without verification.
    assertion = get(ctap)
    expect(assertion.user["id"] == user_id("alice"), f"the user is {assertion.user}")
    expect(assertion.number_of_credentials is None, f"{assertion.number_of_credentials} credentials")
    expect(platform.get().number_of_credentials == 3, "not 3 credentials for a verified user")


@check(*FULL)
def a_credential_of_level_two_is_found_by_its_id(ctap, stuntkey):
    platform = Platform(ctap)
    made = platform.make(extensions={PROTECT: 2})
    get(ctap, allowed=[made])
    get(ctap, allowed=[made], up=False)
    said = refused(ERR.NO_CREDENTIALS, lambda: get(ctap))
    platform.get()
    return said


@check(*FULL)
def a_credential_of_level_three_is_found_by_nobody_but_its_user(ctap, stuntkey):
    platform = Platform(ctap)
    made = platform.make(extensions={PROTECT: 3}, rk=False)
    for up in (True, False):
        said = refused(ERR.NO_CREDENTIALS, lambda: get(ctap, allowed=[made], up=up))
    platform.get(allowed=[made])
    return said


@check(*FULL, "make_cred_uv_not_rqd=true")
def a_credential_of_level_three_excludes_only_for_its_user(ctap, stuntkey):
    platform = Platform(ctap)
    held = [descriptor(platform.make(extensions={PROTECT: 3}))]
    make(ctap, name="bob", rk=False, exclude_list=held)
    return refused(ERR.CREDENTIAL_EXCLUDED, lambda: platform.make("bob", exclude_list=held))


@check(*FULL)
def knows_no_other_level(ctap, stuntkey):
    def ask(level):
        try:
            return f"{level}: {outputs(make(ctap, extensions={PROTECT: level}))}"
        except Exception as error:
            expect(getattr(error, "code", None) in HARMLESS, f"{error}")
            return f"{level}: {error}"

    return ", ".join(ask(level) for level in (0, 4))


@check(*FULL, "max_cred_blob_length=40")
def keeps_a_blob_with_a_credential(ctap, stuntkey):
    expect(ctap.info.max_cred_blob_length == 40, f"maxCredBlobLength is {ctap.info.max_cred_blob_length}")

    def stored(name, blob):
        made = make(ctap, name=name, extensions={BLOB: blob} if blob is not None else None)
        return outputs(made).get(BLOB), outputs(get(ctap, allowed=[made], extensions={BLOB: True})).get(BLOB)

    found = stored("alice", b"n" * 40)
    expect(found == (True, b"n" * 40), f"40 bytes: {found}")
    found = stored("bob", b"n" * 41)
    expect(found == (False, b""), f"41 bytes: {found}")
    found = stored("carol", None)
    expect(found == (None, b""), f"none: {found}")


@check(*FULL)
def gives_a_credential_a_key_for_large_blobs(ctap, stuntkey):
    platform = Platform(ctap)
    alice = platform.make("alice", extensions={BLOB_KEY: True})
    bob = platform.make("bob", extensions={BLOB_KEY: True})
    carol = platform.make("carol")
    expect(len(alice.large_blob_key) == 32 and alice.large_blob_key != bob.large_blob_key, "not two keys")
    expect(carol.large_blob_key is None and not outputs(alice), "a key unasked, or an output")
    for made in (alice, bob, carol):
        assertion = get(ctap, allowed=[made], extensions={BLOB_KEY: True})
        expect(assertion.large_blob_key == made.large_blob_key, "another key")
        expect(get(ctap, allowed=[made]).large_blob_key is None, "a key unasked")
    listed = platform.manager().enumerate_creds(hash_of(RP_ID))
    keys = {one[RESULT.CREDENTIAL_ID]["id"]: one.get(RESULT.LARGE_BLOB_KEY) for one in listed}
    for made in (alice, bob, carol):
        expect(keys[descriptor(made)["id"]] == made.large_blob_key, "another key in the list")


@check(*FULL)
def gives_no_key_for_large_blobs_to_what_is_not_kept(ctap, stuntkey):
    refused(ERR.INVALID_OPTION, lambda: make(ctap, extensions={BLOB_KEY: False}))
    said = refused(ERR.INVALID_OPTION, lambda: make(ctap, rk=False, extensions={BLOB_KEY: True}))
    made = make(ctap, extensions={BLOB_KEY: True})
    refused(ERR.INVALID_OPTION, lambda: get(ctap, allowed=[made], extensions={BLOB_KEY: False}))
    return said


@check(*FULL, f"min_pin_length_rp_ids={RP_ID}", "min_pin_length=5", "pin_complexity_policy=true")
def tells_about_the_pin_to_those_on_the_list_of_the_factory(ctap, stuntkey):
    asked = {MIN_PIN: True, COMPLEXITY: True}
    found = outputs(make(ctap, extensions=asked))
    expect(found == {MIN_PIN: 5, COMPLEXITY: True}, f"the outputs are {found}")
    found = outputs(make(ctap, rk=False, rp_id=OTHER_RP_ID, extensions=asked))
    expect(found == {}, f"the outputs for another RP are {found}")
    ctap.reset()
    found = outputs(make(ctap, extensions=asked))
    expect(found == {MIN_PIN: 5, COMPLEXITY: True}, f"the outputs after a reset are {found}")


@check(*FULL)
def remembers_what_may_pay(ctap, stuntkey):
    platform = Platform(ctap)
    made = platform.make("alice", extensions={PAYMENT: True})
    expect(outputs(made).get(PAYMENT) is True, f"the outputs are {outputs(made)}")
    other = platform.make("bob")
    found = [outputs(get(ctap, allowed=[one], extensions={PAYMENT: True})).get(PAYMENT) for one in (made, other)]
    expect(found == [True, False], f"thirdPartyPayment is {found}")
    listed = platform.manager().enumerate_creds(hash_of(RP_ID))
    pays = {one[RESULT.USER]["name"]: bool(one.get(RESULT.THIRD_PARTY_PAYMENT)) for one in listed}
    expect(pays == {"alice": True, "bob": False}, f"in the list it is {pays}")


@check(*FULL)
def says_how_the_user_was_verified(ctap, stuntkey):
    platform = Platform(ctap)
    made = platform.make(extensions={"uvm": True})
    signed = platform.get(allowed=[made], extensions={"uvm": True})
    for response in (made, signed):
        found = outputs(response)["uvm"]
        expect(1 <= len(found) <= 3 and all(len(entry) == 3 for entry in found), f"uvm is {found}")
        # A PIN in FIDO's registry: a passcode, internal or external.
        expect(any(entry[0] in (0x04, 0x800) for entry in found), f"uvm is {found}")
    return str(found)


@check(*FULL)
def gives_no_output_unasked(ctap, stuntkey):
    made = make(ctap)
    for response in (made, get(ctap, allowed=[made])):
        expect(response.auth_data.extensions is None, f"the outputs are {outputs(response)}")


LARGE_BLOB_SETTINGS = (
    *(setting for setting in PLAIN if not setting.startswith(("ctap_version", "resident_key", "extensions"))),
    "ctap_version=2.3",
    "credential_management=true",
    f"extensions={SECRET},{PROTECT},{LARGE_BLOB}",
)


def ask_large_blob(ctap, made, value, allowed=True):
    """A getAssertion with the extension of 2.3: what it answers outside the signature."""
    request = {1: RP_ID, 2: new_hash(), 4: {LARGE_BLOB: value}}
    if allowed:
        request[3] = [descriptor(made)]
    answer = ctap.send_cbor(Ctap2.CMD.GET_ASSERTION, request)
    return answer.get(8, {}).get(LARGE_BLOB)


@check(*LARGE_BLOB_SETTINGS)
def keeps_a_large_blob_by_the_extension_of_2_3(ctap, stuntkey):
    expect("largeBlobs" not in ctap.info.options, f"the options are {ctap.info.options}")
    made = make(ctap, extensions={LARGE_BLOB: {"support": "required"}})
    supported = made.unsigned_extension_outputs
    expect(supported == {LARGE_BLOB: {"supported": True}}, f"the outputs are {supported}")
    found = ask_large_blob(ctap, made, {"read": True})
    expect(found is None, f"read {found} before anything was written")
    for blob, size in ((b"compressed", 40), (b"compressed again", 50)):
        found = ask_large_blob(ctap, made, {"write": blob, "originalSize": size})
        expect(found == {"written": True}, f"writing said {found}")
        found = ask_large_blob(ctap, made, {"read": True}, allowed=False)
        expect(found == {"blob": blob, "originalSize": size}, f"reading said {found}")
    other = make(ctap, name="bob", extensions={LARGE_BLOB: {"support": "preferred"}})
    expect(ask_large_blob(ctap, other, {"read": True}) is None, "another credential's blob")


@check(*LARGE_BLOB_SETTINGS)
def understands_the_extension_of_2_3_only_as_it_is(ctap, stuntkey):
    made = make(ctap, extensions={LARGE_BLOB: {"support": "preferred"}})
    both = {"read": True, "write": b"blob", "originalSize": 4}
    for value in ({}, both, {"write": b"blob"}, {"read": False}):
        said = refused(ERR.INVALID_CBOR, lambda: ask_large_blob(ctap, made, value))
    return said


@check(*LARGE_BLOB_SETTINGS)
def has_no_command_for_large_blobs_beside_the_extension(ctap, stuntkey):
    return refused(ERR.INVALID_COMMAND, lambda: ctap.large_blobs(0, get=17))

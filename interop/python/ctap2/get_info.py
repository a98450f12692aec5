"""getInfo: what has to go together in it, for each model."""

from ctap2.common import FULL, ERR, WRONG_PIN, Platform, Subject, make, refused
from fido2.ctap2 import Ctap2
from fido2.hid import CTAPHID
from harness import expect

CHECKS = Subject()
check = CHECKS.check
MODELS = (
    "security_key_ctap2_0",
    "security_key_ctap2_1",
    "security_key_ctap2_3",
    "no_pin",
    "with_fingers",
    "platform",
    "every_algorithm",
    "phone",
    "full",
)
# The members, by their names in the specification.
MEMBERS = {
    "versions": 0x01,
    "extensions": 0x02,
    "aaguid": 0x03,
    "options": 0x04,
    "maxMsgSize": 0x05,
    "pinUvAuthProtocols": 0x06,
    "maxCredentialCountInList": 0x07,
    "maxCredentialIdLength": 0x08,
    "transports": 0x09,
    "algorithms": 0x0A,
    "maxSerializedLargeBlobArray": 0x0B,
    "forcePINChange": 0x0C,
    "minPINLength": 0x0D,
    "firmwareVersion": 0x0E,
    "maxCredBlobLength": 0x0F,
    "maxRPIDsForSetMinPINLength": 0x10,
    "preferredPlatformUvAttempts": 0x11,
    "uvModality": 0x12,
    "certifications": 0x13,
    "remainingDiscoverableCredentials": 0x14,
    "vendorPrototypeConfigCommands": 0x15,
    "attestationFormats": 0x16,
    "uvCountSinceLastPinEntry": 0x17,
    "longTouchForReset": 0x18,
    "encIdentifier": 0x19,
    "transportsForReset": 0x1A,
    "pinComplexityPolicy": 0x1B,
    "pinComplexityPolicyURL": 0x1C,
    "maxPINLength": 0x1D,
    "encCredStoreState": 0x1E,
    "authenticatorConfigCommands": 0x1F,
}
LISTS = ("versions", "pinUvAuthProtocols", "transports", "algorithms", "attestationFormats", "transportsForReset")
LAST_MEMBER_OF_2_0 = 0x06


class Found(dict):
    """The answer to getInfo, by the members' names."""

    def __init__(self, ctap):
        answer = ctap.send_cbor(Ctap2.CMD.GET_INFO)
        self.numbers = set(answer)
        super().__init__({name: answer[number] for name, number in MEMBERS.items() if number in answer})

    def option(self, name):
        return self.get("options", {}).get(name)

    def extension(self, name):
        return name in self.get("extensions", [])

    @property
    def is_2_1(self):
        return bool({"FIDO_2_1", "FIDO_2_3"} & set(self["versions"]))

    @property
    def is_2_3(self):
        return "FIDO_2_3" in self["versions"]


def is_well_formed(found):
    expect(found.numbers <= set(MEMBERS.values()), f"the members are {sorted(found.numbers)}")
    expect("FIDO_2_2" not in found["versions"], f"the versions are {found['versions']}")
    expect(len(found["aaguid"]) == 16, f"{len(found['aaguid'])} bytes")
    for name in LISTS:
        if name in found:
            values = [str(value) for value in found[name]]
            expect(values and len(values) == len(set(values)), f"{name} is {values}")
    expect(all(isinstance(value, bool) for value in found.get("options", {}).values()), "an option that is no boolean")
    for algorithm in found.get("algorithms", []):
        expect(set(algorithm) == {"alg", "type"} and algorithm["type"] == "public-key", f"an algorithm is {algorithm}")
    expect("none" not in found.get("attestationFormats", []), "the format none is listed")


def has_its_numbers(found):
    expect(found.get("maxMsgSize", 1024) >= 1024, f"maxMsgSize is {found.get('maxMsgSize')}")
    for name in ("maxCredentialCountInList", "maxCredentialIdLength", "preferredPlatformUvAttempts"):
        expect(found.get(name, 1) > 0, f"{name} is 0")
    together = (
        ("maxSerializedLargeBlobArray", found.option("largeBlobs") is True, 1024),
        ("maxCredBlobLength", found.extension("credBlob"), 32),
        ("maxRPIDsForSetMinPINLength", found.option("setMinPINLength") is True, 0),
        ("minPINLength", found.is_2_1 and found.option("clientPin") is not None, 4),
    )
    for name, expected, least in together:
        expect((name in found) is expected, f"{name} is {found.get(name)}, expected it: {expected}")
        expect(found.get(name, least) >= least, f"{name} is {found.get(name)}")
    if "maxPINLength" in found:
        expect("clientPin" in found["options"], "maxPINLength without a PIN")
        expect(max(8, found["minPINLength"]) <= found["maxPINLength"] <= 63, f"it is {found['maxPINLength']}")


# An option, and those that have to be there beside it.
BESIDE = (
    ("noMcGaPermissionsWithClientPin", "clientPin"),
    ("uvAcfg", "authnrCfg"),
    ("uvBioEnroll", "bioEnroll"),
    ("setMinPINLength", "authnrCfg"),
    ("setMinPINLength", "clientPin"),
    ("ep", "authnrCfg"),
)
# An extension, and those that have to be there beside it.
EXTENSIONS_BESIDE = (("credBlob", "credProtect"), ("hmac-secret-mc", "hmac-secret"))


def has_options_that_go_together(found):
    for name, other in BESIDE:
        expect(found.option(name) is None or found.option(other) is not None, f"{name} without {other}")
    for name, other in EXTENSIONS_BESIDE:
        expect(not found.extension(name) or found.extension(other), f"{name} without {other}")
    verifies = found.option("clientPin") is not None or found.option("uv") is not None
    if found.option("clientPin") or found.option("uv"):
        expect(found.option("pinUvAuthToken") is True, "verification without tokens")
        expect(found.extension("credProtect"), "verification without credProtect")
    if found.option("pinUvAuthToken"):
        expect(verifies and "pinUvAuthProtocols" in found, "tokens without protocols")
    if found.option("rk"):
        expect(verifies, "discoverable credentials without verification")
    if found.option("setMinPINLength"):
        expect(found.extension("minPinLength"), "setMinPINLength without its extension")
    if found.option("alwaysUv"):
        expect(not found.option("makeCredUvNotRqd"), "alwaysUv beside makeCredUvNotRqd")
    if found.extension("largeBlobKey"):
        expect(found.option("largeBlobs") is True, "largeBlobKey without largeBlobs")
    if found.extension("largeBlob"):
        expect(not found.option("largeBlobs"), "largeBlob beside largeBlobs")
    expect(found.extension("hmac-secret"), "no hmac-secret")


def has_what_2_3_asks_for(found):
    expect(2 in found.get("pinUvAuthProtocols", [2]), "no protocol two")
    commands = found.get("authenticatorConfigCommands")
    if commands is not None:
        expect("ep" not in found["options"] or 0x01 in commands, f"the commands are {commands}")
        expect(not found.option("setMinPINLength") or 0x03 in commands, f"the commands are {commands}")
    expect("pinComplexityPolicyURL" not in found or "pinComplexityPolicy" in found, "a URL without a policy")


def describes_itself_by_the_rules(ctap, stuntkey):
    found = Found(ctap)
    is_well_formed(found)
    has_its_numbers(found)
    if found.is_2_1:
        has_options_that_go_together(found)
    else:
        expect(max(found.numbers) <= LAST_MEMBER_OF_2_0, f"the members are {sorted(found.numbers)}")
    if found.is_2_3:
        has_what_2_3_asks_for(found)
    return ", ".join(found["versions"])


for model in MODELS:
    sentence = f"{model} describes itself by the rules"
    check(f"model={model}", sentence=sentence)(describes_itself_by_the_rules)


@check(*FULL)
def describes_itself_always_and_always_the_same(ctap, stuntkey):
    client_pin = Platform(ctap).client_pin
    before = Found(ctap)
    for code in (ERR.PIN_INVALID, ERR.PIN_INVALID, ERR.PIN_AUTH_BLOCKED):
        refused(code, lambda: client_pin.get_pin_token(WRONG_PIN))
    expect(Found(ctap) == before, "another description")
    answer = ctap.device.call(CTAPHID.CBOR, bytes([Ctap2.CMD.GET_INFO]))
    expect(answer[:1] == b"\0", f"answered {answer.hex()}")


@check(*FULL)
def makes_a_credential_by_each_algorithm_that_it_lists(ctap, stuntkey):
    listed = [algorithm["alg"] for algorithm in ctap.info.algorithms]
    for algorithm in listed:
        key = make(ctap, algorithms=(algorithm,)).auth_data.credential_data.public_key
        expect(key[3] == algorithm, f"a key of {key[3]} for {algorithm}")
    return ", ".join(map(str, listed))


@check("model=full", "ctap_version=2.1", "extensions=hmac-secret,credProtect,credBlob,largeBlobKey,minPinLength",
       "credential_management_read_only=false", "long_touch_for_reset=false")
def describes_itself_as_2_1(ctap, stuntkey):
    found = Found(ctap)
    expect("FIDO_2_1" in found["versions"] and not found.is_2_3, f"the versions are {found['versions']}")
    # A device of 2.2 says that it is of 2.1, so these are not forbidden, but nothing of 2.3 is to be there.
    newer = {"encCredStoreState", "authenticatorConfigCommands"} & set(found)
    expect(not newer, f"members of 2.3: {newer}")
    return describes_itself_by_the_rules(ctap, stuntkey)

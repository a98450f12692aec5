"""What the checks share: how one is declared, a platform with a PIN, and the ceremonies in short."""

import re
import secrets
from hashlib import sha256

from fido2.cose import ES256
from fido2.ctap import CtapError
from fido2.ctap2 import ClientPin, Config, CredentialManagement, FPBioEnrollment, LargeBlobs
from fido2.ctap2.pin import PinProtocolV1, PinProtocolV2
from harness import RP_ID, describe, expect

ERR = CtapError.ERR
PERMISSION = ClientPin.PERMISSION
MC = PERMISSION.MAKE_CREDENTIAL
GA = PERMISSION.GET_ASSERTION
CM = PERMISSION.CREDENTIAL_MGMT
BE = PERMISSION.BIO_ENROLL
LBW = PERMISSION.LARGE_BLOB_WRITE
ACFG = PERMISSION.AUTHENTICATOR_CFG
PCMR = PERMISSION.PERSISTENT_CREDENTIAL_MGMT

OTHER_RP_ID = "example.org"
PIN = "7391"
NEW_PIN = "50826471"
WRONG_PIN = "6284"

# Everything there is, with a PIN that is not set and fingers that are not enrolled.
FULL = ("model=full",)
# The same, but its built-in user verification needs no enrolment.
BUILT_IN = (*FULL, "bio_enrollment=false", "uv_bio_enroll=false", "user_verification=true")
# A PIN, and none of what needs a permission of its own.
PLAIN = (
    "ctap_version=2.1",
    "client_pin=true",
    "user_verification=false",
    "resident_key=false",
    "extensions=hmac-secret,credProtect",
    "attachment=cross-platform",
)
# What there may be in place of INVALID_SUBCOMMAND: two clauses disagree.
UNKNOWN_SUB_COMMAND = (ERR.INVALID_SUBCOMMAND, ERR.INVALID_PARAMETER)
ACRONYMS = {
    "pin": "PIN",
    "pins": "PINs",
    "uv": "UV",
    "rp": "RP",
    "rps": "RPs",
    "id": "ID",
    "init": "INIT",
    "u2f": "U2F",
    "ctap2": "CTAP2",
    "2 0": "2.0",
    "2 1": "2.1",
    "2 3": "2.3",
}


class Subject(list):
    """The checks of one module. Each function is one, and its name a sentence."""

    def check(self, *settings, sentence=None):
        """Takes a function `body(ctap, stuntkey)`, for a fresh authenticator with these settings."""

        def take(body):
            self.append((sentence or sentence_of(body.__name__), body, settings, False))
            return body

        return take

    def check_device(self, *settings):
        """Takes a function `body(device, stuntkey)`, for what does not begin with getInfo."""

        def take(body):
            self.append((sentence_of(body.__name__), body, settings, True))
            return body

        return take


def sentence_of(name):
    words = name.replace("_", " ")
    for plain, written in ACRONYMS.items():
        words = re.sub(rf"\b{plain}\b", written, words)
    return words


def refused(codes, action):
    """Runs `action`, which must be refused with one of these statuses. Returns what to print."""
    codes = codes if isinstance(codes, tuple) else (codes,)
    try:
        outcome = action()
    except CtapError as error:
        expected = " or ".join(code.name for code in codes)
        expect(error.code in codes, f"expected {expected}, not {describe(error)}")
        return describe(error)
    raise AssertionError(f"accepted: {outcome}")


def new_hash():
    return sha256(secrets.token_bytes(32)).digest()


def hash_of(rp_id):
    return sha256(rp_id.encode()).digest()


def descriptor(made):
    """A descriptor of an attestation response, of credential data, or of an ID."""
    if not isinstance(made, bytes) or hasattr(made, "credential_id"):
        data = getattr(made, "auth_data", None)
        made = (data.credential_data if data else made).credential_id
    return {"type": "public-key", "id": bytes(made)}


def key_of(made):
    return made.auth_data.credential_data.public_key


def user_id(name):
    return f"the id of {name}".encode()


def user_of(name):
    return {"id": user_id(name), "name": name, "displayName": name.title()}


def make(ctap, client_data_hash=None, *, name="alice", rp_id=RP_ID, algorithms=(ES256.ALGORITHM,), rk=True,
         options=None, **more):
    """A makeCredential; `more` goes to python-fido2."""
    return ctap.make_credential(
        client_data_hash or new_hash(),
        {"id": rp_id, "name": "Example"},
        user_of(name),
        [{"type": "public-key", "alg": algorithm} for algorithm in algorithms],
        options={**({"rk": True} if rk else {}), **(options or {})} or None,
        **more,
    )


def get(ctap, client_data_hash=None, *, rp_id=RP_ID, allowed=None, up=True, **more):
    """A getAssertion; `allowed` are credentials, `more` goes to python-fido2."""
    return ctap.get_assertion(
        rp_id,
        client_data_hash or new_hash(),
        [descriptor(made) for made in allowed] if allowed else None,
        options=None if up else {"up": False},
        **more,
    )


class Platform:
    """A platform that sets the PIN, and gets its tokens by it."""

    def __init__(self, ctap, protocol=None, pin=PIN):
        self.ctap = ctap
        self.client_pin = ClientPin(ctap, protocol)
        self.client_pin.set_pin(pin)

    @property
    def protocol(self):
        return self.client_pin.protocol

    def token(self, permissions, rp_id=None):
        return self.client_pin.get_pin_token(PIN, permissions, rp_id)

    def proof(self, token, message):
        """The two members of a request that show a token."""
        return {
            "pin_uv_param": self.protocol.authenticate(token, message),
            "pin_uv_protocol": self.protocol.VERSION,
        }

    def make_by(self, token, **more):
        client_data_hash = new_hash()
        return make(self.ctap, client_data_hash, **self.proof(token, client_data_hash), **more)

    def get_by(self, token, **more):
        client_data_hash = new_hash()
        return get(self.ctap, client_data_hash, **self.proof(token, client_data_hash), **more)

    def make(self, name="alice", *, rp_id=RP_ID, **more):
        """Makes a credential by a token of its own."""
        return self.make_by(self.token(MC, rp_id), name=name, rp_id=rp_id, **more)

    def get(self, *, rp_id=RP_ID, **more):
        """Signs by a token of its own."""
        return self.get_by(self.token(GA, rp_id), rp_id=rp_id, **more)

    def manager(self, permissions=CM, rp_id=None):
        return CredentialManagement(self.ctap, self.protocol, self.token(permissions, rp_id))

    def config(self):
        return Config(self.ctap, self.protocol, self.token(ACFG))

    def large_blobs(self):
        return LargeBlobs(self.ctap, self.protocol, self.token(LBW))

    def fingers(self, permissions=BE):
        return FPBioEnrollment(self.ctap, self.protocol, self.token(permissions))


def options_of(ctap):
    """The options now, and not those of the beginning."""
    return ctap.get_info().options


def raw_token(client_pin, sub_command, *, pin=PIN, **more):
    """Asks for a token with just these members, also where python-fido2 would not."""
    key_agreement, secret = client_pin._get_shared_secret()
    answer = client_pin.ctap.client_pin(
        client_pin.protocol.VERSION,
        sub_command,
        key_agreement=key_agreement,
        pin_hash_enc=client_pin.protocol.encrypt(secret, sha256(pin.encode()).digest()[:16]),
        **more,
    )
    return client_pin.protocol.decrypt(secret, answer[ClientPin.RESULT.PIN_UV_TOKEN])


def protocols():
    return PinProtocolV1(), PinProtocolV2()

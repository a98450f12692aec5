"""Drives stuntkey's authenticator, byte for byte, with python-fido2's CTAP2 client.

Usage: ctap2_peer.py STUNTKEY CTAP2_PIPE
"""

import os
import secrets
import select
import struct
import subprocess
import sys
from hashlib import sha256
from importlib.metadata import version

from harness import RP_ID, Checks, describe, expect, program_from, refusal

try:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding
    from fido2.attestation import AttestationType, PackedAttestation
    from fido2.attestation.base import verify_x509_chain
    from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
    from fido2.cose import ES256
    from fido2.ctap import CtapDevice, CtapError
    from fido2.ctap2 import ClientPin, Ctap2
    from fido2.ctap2.pin import PinProtocolV1
    from fido2.hid import CAPABILITY, CTAPHID
    from fido2.server import Fido2Server
    from fido2.utils import websafe_decode
except ImportError as error:
    sys.exit(f"python-fido2 is not installed: {error}")

ERR = CtapError.ERR
# Not assigned by IANA.
UNKNOWN = -65_536
ANSWER_WITHIN = 30


class PipeDevice(CtapDevice):
    """An authenticator in a child process: frames of a four-byte length, then a command and data."""

    def __init__(self, program, *settings):
        self.child = subprocess.Popen(
            [program, *settings], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    @property
    def capabilities(self):
        return CAPABILITY.CBOR | CAPABILITY.NMSG

    def call(self, cmd, data=b"", event=None, on_keepalive=None):
        if cmd != CTAPHID.CBOR:
            raise CtapError(ERR.INVALID_COMMAND)
        self.child.stdin.write(struct.pack(">IB", 1 + len(data), cmd) + data)
        (length,) = struct.unpack(">I", self._read(4))
        return self._read(length)

    def _read(self, length):
        data = b""
        while len(data) < length:
            ready, _, _ = select.select([self.child.stdout], [], [], ANSWER_WITHIN)
            expect(ready, f"no answer within {ANSWER_WITHIN} seconds")
            more = os.read(self.child.stdout.fileno(), length - len(data))
            expect(more, "the authenticator went away")
            data += more
        return data

    def close(self):
        self.child.stdin.close()
        self.child.stdout.close()
        try:
            self.child.wait(timeout=ANSWER_WITHIN)
        except subprocess.TimeoutExpired:
            self.child.kill()
            raise

    @classmethod
    def list_devices(cls):
        return iter(())


def new_hash():
    return sha256(secrets.token_bytes(32)).digest()


def descriptor(credential_id):
    return {"type": "public-key", "id": credential_id}


def user_id(name):
    return f"the id of {name}".encode()


def make(ctap, client_data_hash, *, name="alice", algorithms=(ES256.ALGORITHM,), exclude=None):
    return ctap.make_credential(
        client_data_hash,
        {"id": RP_ID, "name": "Example"},
        {"id": user_id(name), "name": name, "displayName": name},
        [{"type": "public-key", "alg": algorithm} for algorithm in algorithms],
        exclude_list=exclude,
        options={"rk": True},
    )


def credential(ctap, name="alice"):
    return make(ctap, new_hash(), name=name).auth_data.credential_data


def refused(code, action):
    return describe(refusal(action, CtapError, str(code)))


def no_credentials(ctap, allowed=None):
    return refused(ERR.NO_CREDENTIALS, lambda: ctap.get_assertion(RP_ID, new_hash(), allowed))


def describes_itself(ctap, stuntkey):
    expect("FIDO_2_0" in ctap.info.versions, f"the versions are {ctap.info.versions}")
    expect(ctap.info.options.get("rk") is True, f"the options are {ctap.info.options}")
    return ", ".join(ctap.info.versions)


def makes_a_credential(ctap, stuntkey):
    client_data_hash = new_hash()
    made = make(ctap, client_data_hash)
    expect(made.fmt == "packed", f"fmt is {made.fmt}")
    data = made.auth_data
    expect(data.rp_id_hash == sha256(RP_ID.encode()).digest(), "another RP ID's hash")
    expect(data.is_user_present(), "user presence is clear")
    expect(data.credential_data.aaguid == ctap.info.aaguid, "not the AAGUID of get_info")
    expect(isinstance(data.credential_data.public_key, ES256), "not an ES256 key")
    result = PackedAttestation().verify(made.att_stmt, data, client_data_hash)
    expect(result.attestation_type is AttestationType.BASIC, f"{result.attestation_type!r}")
    root = x509.load_pem_x509_certificate(stuntkey.root()).public_bytes(Encoding.DER)
    verify_x509_chain([*result.trust_path, root])


def picks_a_supported_algorithm(ctap, stuntkey):
    made = make(ctap, new_hash(), algorithms=(UNKNOWN, ES256.ALGORITHM))
    expect(isinstance(made.auth_data.credential_data.public_key, ES256), "not an ES256 key")


def refuses_unsupported_algorithms(ctap, stuntkey):
    return refused(ERR.UNSUPPORTED_ALGORITHM, lambda: make(ctap, new_hash(), algorithms=(UNKNOWN,)))


def excludes_a_credential_it_holds(ctap, stuntkey):
    held = descriptor(credential(ctap).credential_id)
    make(ctap, new_hash(), name="bob", exclude=[descriptor(secrets.token_bytes(32))])
    return refused(ERR.CREDENTIAL_EXCLUDED, lambda: make(ctap, new_hash(), exclude=[held]))


def signs_for_an_allow_list(ctap, stuntkey):
    alice = credential(ctap, "alice")
    credential(ctap, "bob")
    client_data_hash = new_hash()
    assertion = ctap.get_assertion(RP_ID, client_data_hash, [descriptor(alice.credential_id)])
    expect(assertion.credential["id"] == alice.credential_id, "signed with another credential")
    assertion.verify(client_data_hash, alice.public_key)


def signs_without_an_allow_list(ctap, stuntkey):
    alice = credential(ctap)
    client_data_hash = new_hash()
    first = ctap.get_assertion(RP_ID, client_data_hash)
    expect(first.credential["id"] == alice.credential_id, "signed with another credential")
    expect(first.user["id"] == user_id("alice"), f"the user is {first.user}")
    first.verify(client_data_hash, alice.public_key)
    second = ctap.get_assertion(RP_ID, client_data_hash)
    counters = [first.auth_data.counter, second.auth_data.counter]
    expect(counters[0] < counters[1], f"the counter went from {counters[0]} to {counters[1]}")
    return f"counter {counters[0]}, {counters[1]}"


def offers_two_accounts_newest_first(ctap, stuntkey):
    accounts = {user_id(name): credential(ctap, name) for name in ("alice", "bob")}
    client_data_hash = new_hash()
    assertions = ctap.get_assertions(RP_ID, client_data_hash)
    expect(assertions[0].number_of_credentials == 2, "numberOfCredentials is not 2")
    found = [assertion.user["id"] for assertion in assertions]
    expect(found == [user_id("bob"), user_id("alice")], f"the users are {found}")
    for assertion in assertions:
        assertion.verify(client_data_hash, accounts[assertion.user["id"]].public_key)
    return "then " + refused(ERR.NOT_ALLOWED, ctap.get_next_assertion)


def has_no_credentials_at_first(ctap, stuntkey):
    return no_credentials(ctap)


def has_no_credentials_after_a_reset(ctap, stuntkey):
    alice = credential(ctap)
    ctap.get_assertion(RP_ID, new_hash())
    ctap.reset()
    no_credentials(ctap, [descriptor(alice.credential_id)])
    return no_credentials(ctap)


def refuses_an_unknown_command(ctap, stuntkey):
    return refused(ERR.INVALID_COMMAND, lambda: ctap.send_cbor(0x3F))


def refuses_malformed_cbor(ctap, stuntkey):
    # A map said to hold one pair, which ends before its value.
    answer = ctap.device.call(CTAPHID.CBOR, bytes([Ctap2.CMD.MAKE_CREDENTIAL, 0xA1, 0x01]))
    expect(answer == bytes([ERR.INVALID_CBOR]), f"answered {answer.hex()}")
    ctap.get_info()
    return str(ERR.INVALID_CBOR)


def pin_of(ctap):
    """A client of the PIN, whose PIN is set to 1234."""
    client_pin = ClientPin(ctap, PinProtocolV1())
    client_pin.set_pin("1234")
    expect(ctap.get_info().options["clientPin"] is True, "clientPin is not true")
    return client_pin


def make_by(ctap, token, client_data_hash):
    return ctap.make_credential(
        client_data_hash,
        {"id": RP_ID},
        {"id": user_id("alice"), "name": "alice"},
        [{"type": "public-key", "alg": ES256.ALGORITHM}],
        options={"rk": True},
        pin_uv_param=PinProtocolV1().authenticate(token, client_data_hash),
        pin_uv_protocol=1,
    )


def takes_a_pin(ctap, stuntkey):
    expect(ctap.info.options["clientPin"] is False, f"the options are {ctap.info.options}")
    expect(ctap.info.pin_uv_protocols == [1], f"the protocols are {ctap.info.pin_uv_protocols}")
    client_pin = pin_of(ctap)
    refused(ERR.PIN_AUTH_INVALID, lambda: client_pin.set_pin("5678"))
    client_pin.change_pin("1234", "\u00fcber-p\u00efn\U0001f511")
    refused(ERR.PIN_INVALID, lambda: client_pin.get_pin_token("1234"))
    client_pin.get_pin_token("\u00fcber-p\u00efn\U0001f511")


def verifies_by_a_pin(ctap, stuntkey):
    client_pin = pin_of(ctap)
    refused(ERR.PUAT_REQUIRED, lambda: make(ctap, new_hash()))
    token = client_pin.get_pin_token("1234")
    client_data_hash = new_hash()
    made = make_by(ctap, token, client_data_hash)
    expect(made.auth_data.is_user_verified(), "UV is clear")
    assertion = ctap.get_assertion(
        RP_ID,
        client_data_hash,
        pin_uv_param=PinProtocolV1().authenticate(token, client_data_hash),
        pin_uv_protocol=1,
    )
    expect(assertion.auth_data.is_user_verified(), "UV is clear")
    assertion.verify(client_data_hash, made.auth_data.credential_data.public_key)
    expect(not ctap.get_assertion(RP_ID, new_hash()).auth_data.is_user_verified(), "UV without a token")
    return refused(ERR.PIN_AUTH_INVALID, lambda: make_by(ctap, bytes(32), new_hash()))


def counts_wrong_pins(ctap, stuntkey):
    client_pin = pin_of(ctap)
    expect(client_pin.get_pin_retries()[0] == 8, f"retries are {client_pin.get_pin_retries()}")
    refused(ERR.PIN_INVALID, lambda: client_pin.get_pin_token("0000"))
    refused(ERR.PIN_INVALID, lambda: client_pin.change_pin("0000", "5678"))
    expect(client_pin.get_pin_retries()[0] == 6, f"retries are {client_pin.get_pin_retries()}")
    client_pin.get_pin_token("1234")
    expect(client_pin.get_pin_retries()[0] == 8, "the right PIN restores them")
    for _ in range(2):
        refused(ERR.PIN_INVALID, lambda: client_pin.get_pin_token("0000"))
    refused(ERR.PIN_AUTH_BLOCKED, lambda: client_pin.get_pin_token("0000"))
    refused(ERR.PIN_AUTH_BLOCKED, lambda: client_pin.get_pin_token("1234"))
    expect(client_pin.get_pin_retries()[0] == 5, "a blocked PIN costs nothing")
    ctap.reset()
    expect(ctap.get_info().options["clientPin"] is False, "a reset leaves the PIN")
    expect(client_pin.get_pin_retries()[0] == 8, "a reset leaves the retries")


class Person(UserInteraction):
    def request_pin(self, permissions, rp_id):
        return "1234"


def client_of(ctap):
    collector = DefaultClientDataCollector(f"https://{RP_ID}")
    return Fido2Client(ctap.device, collector, user_interaction=Person())


def gives_secrets_by_prf(ctap, stuntkey):
    """The whole client with its defaults: it registers, asks for the PIN, and evaluates prf twice."""
    expect("hmac-secret" in ctap.info.extensions, f"the extensions are {ctap.info.extensions}")
    pin_of(ctap)
    server = Fido2Server({"id": RP_ID, "name": "Example"})
    user = {"id": user_id("alice"), "name": "alice", "displayName": "Alice"}
    options, state = server.register_begin(
        user, resident_key_requirement="required", user_verification="required", extensions={"prf": {}}
    )
    made = client_of(ctap).make_credential(options["publicKey"])
    expect(made.client_extension_results["prf"]["enabled"] is True, "prf is not enabled")
    data = server.register_complete(state, made)
    expect(data.is_user_verified(), "UV is clear")

    def evaluate(first, second=None, verification="required"):
        salts = {"first": first} if second is None else {"first": first, "second": second}
        options, state = server.authenticate_begin(
            [data.credential_data], user_verification=verification, extensions={"prf": {"eval": salts}}
        )
        answer = client_of(ctap).get_assertion(options["publicKey"]).get_response(0)
        server.authenticate_complete(state, [data.credential_data], answer)
        results = answer.client_extension_results["prf"]["results"]
        return [websafe_decode(results[name]) for name in salts]

    [one] = evaluate(b"1")
    expect(len(one) == 32, f"{len(one)} bytes")
    expect(evaluate(b"1", b"2")[0] == one, "the same salt, another secret")
    expect(evaluate(b"2", b"1")[1] == one, "the same salt in the second place, another secret")
    expect(evaluate(b"2") != [one], "another salt, the same secret")
    return "32 bytes, and 64"


def main():
    stuntkey = program_from(1, "STUNTKEY", "stuntkey")
    pipe = program_from(2, "CTAP2_PIPE", "ctap2_pipe")
    checks = Checks(f"python-fido2 {version('fido2')} over CTAP2", stuntkey)

    def on_a_fresh_authenticator(stuntkey, body, *settings):
        with PipeDevice(pipe, *settings) as device:
            return body(Ctap2(device), stuntkey)

    for sentence, body in [
        ("the authenticator describes itself", describes_itself),
        ("makes an ES256 credential, attested to our root", makes_a_credential),
        ("picks the supported algorithm among those offered", picks_a_supported_algorithm),
        ("refuses unsupported algorithms", refuses_unsupported_algorithms),
        ("excludes a credential it holds, and no other", excludes_a_credential_it_holds),
        ("signs for an allow list", signs_for_an_allow_list),
        ("signs without an allow list, counting up", signs_without_an_allow_list),
        ("offers two accounts, the newest first", offers_two_accounts_newest_first),
        ("has no credentials at first", has_no_credentials_at_first),
        ("has no credentials after a reset", has_no_credentials_after_a_reset),
        ("refuses an unknown command", refuses_an_unknown_command),
        ("refuses malformed CBOR and goes on", refuses_malformed_cbor),
    ]:
        checks.check(sentence, on_a_fresh_authenticator, body)
    for sentence, body in [
        ("sets and changes a PIN", takes_a_pin),
        ("verifies the user by a PIN", verifies_by_a_pin),
        ("counts wrong PINs", counts_wrong_pins),
    ]:
        checks.check(sentence, on_a_fresh_authenticator, body, "client_pin=true")
    checks.check(
        "gives secrets by prf, through the whole client",
        on_a_fresh_authenticator,
        gives_secrets_by_prf,
        "client_pin=true",
        "user_verification=false",
        "extensions=hmac-secret",
        "attachment=cross-platform",
    )
    checks.finish()


if __name__ == "__main__":
    main()

"""Libraries in Python beside stuntkey: `peer.py NAME` answers JSON lines, as ../README.md describes them.

The names are python-fido2 and py_webauthn, which verify, and soft-webauthn, which is an authenticator. What a library
leaves to the application is done as in interop/python.
"""

import base64
import json
import platform
import sys
import time
from contextlib import suppress
from importlib.metadata import version


def python_fido2(fixture):
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import load_pem_x509_certificate
    from fido2.attestation import AttestationVerifier, InvalidSignature
    from fido2.attestation.base import verify_x509_chain
    from fido2.server import Fido2Server
    from fido2.webauthn import PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity

    root = load_pem_x509_certificate(fixture["root"].encode()).public_bytes(Encoding.DER)

    class Root(AttestationVerifier):
        def ca_lookup(self, attestation_result, auth_data):
            with suppress(InvalidSignature):
                verify_x509_chain([*attestation_result.trust_path, root])
                return root
            return None

    challenge = from_b64url(fixture["challenge"])
    server = Fido2Server(
        PublicKeyCredentialRpEntity(name="Example", id=fixture["rpId"]),
        attestation="direct",
        verify_origin=lambda origin: origin == fixture["origin"],
        verify_attestation=Root(),
    )
    user = PublicKeyCredentialUserEntity(id=from_b64url(fixture["userHandle"]), name="u_1654")
    _, registration = server.register_begin(user, user_verification="preferred", challenge=challenge)
    _, login = server.authenticate_begin(user_verification="preferred", challenge=challenge)
    registered = server.register_complete(registration, json.loads(fixture["registration"]))
    credentials = [registered.credential_data]
    return "fido2", {
        "verify registration": Verify(
            fixture["registration"], lambda reply: server.register_complete(registration, json.loads(reply))
        ),
        "verify login": Verify(
            fixture["login"], lambda reply: server.authenticate_complete(login, credentials, json.loads(reply))
        ),
    }


def py_webauthn(fixture):
    from webauthn import verify_authentication_response, verify_registration_response
    from webauthn.helpers.cose import COSEAlgorithmIdentifier
    from webauthn.helpers.structs import AttestationFormat

    expected = {
        "expected_challenge": from_b64url(fixture["challenge"]),
        "expected_rp_id": fixture["rpId"],
        "expected_origin": fixture["origin"],
    }
    roots = {AttestationFormat.PACKED: [fixture["root"].encode()]}

    def registration(reply):
        return verify_registration_response(
            credential=reply,
            supported_pub_key_algs=[COSEAlgorithmIdentifier.ECDSA_SHA_256],
            pem_root_certs_bytes_by_fmt=roots,
            **expected,
        )

    registered = registration(fixture["registration"])

    def login(reply):
        return verify_authentication_response(
            credential=reply,
            credential_public_key=registered.credential_public_key,
            credential_current_sign_count=registered.sign_count,
            **expected,
        )

    return "webauthn", {
        "verify registration": Verify(fixture["registration"], registration),
        "verify login": Verify(fixture["login"], login),
    }


def soft_webauthn(fixture):
    from soft_webauthn import SoftWebauthnDevice

    # It attests nothing, and refuses to be asked.
    creation = fixture["creationOptions"].replace('"attestation":"direct"', '"attestation":"none"')
    request = fixture["requestOptions"]
    origin = fixture["origin"]
    device = SoftWebauthnDevice()

    # The library takes and gives bytes, where JSON has base64url.
    def register():
        options = json.loads(creation)
        public_key = options["publicKey"]
        public_key["challenge"] = from_b64url(public_key["challenge"])
        public_key["user"]["id"] = from_b64url(public_key["user"]["id"])
        return as_json(device.create(options, origin))

    def authenticate():
        options = json.loads(request)
        public_key = options["publicKey"]
        public_key["challenge"] = from_b64url(public_key["challenge"])
        return as_json(device.get(options, origin))

    def as_json(credential):
        response = {name: b64url(value) for name, value in credential["response"].items()}
        identifier = b64url(credential["rawId"])
        return json.dumps({"id": identifier, "rawId": identifier, "type": credential["type"], "response": response})

    register()
    return "soft-webauthn", {
        "register none": Make(register, register, authenticate),
        "authenticate": Make(authenticate, register, authenticate),
    }


class Verify:
    """A reply that is verified again and again. A library refuses one by an exception."""

    def __init__(self, sound, verify):
        self.verify = verify
        self.run = lambda: verify(sound)

    def answer(self, request):
        try:
            self.verify(request["reply"])
        except Exception as error:
            return {"refused": f"{type(error).__name__}: {error}"}
        return {"accepted": True}


class Make:
    """A reply that is made again and again, and a pair of replies by one key to be looked at."""

    def __init__(self, run, register, authenticate):
        self.run = run
        self.show = lambda: {"registration": register(), "login": authenticate()}

    def answer(self, request):
        return self.show()


def nanoseconds(run, count):
    start = time.perf_counter_ns()
    for _ in range(count):
        run()
    return time.perf_counter_ns() - start


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


LIBRARIES = {"python-fido2": python_fido2, "py_webauthn": py_webauthn, "soft-webauthn": soft_webauthn}


def main():
    name = sys.argv[1] if len(sys.argv) == 2 else None
    if name not in LIBRARIES:
        sys.exit(f"usage: peer.py {'|'.join(LIBRARIES)}")
    package, works = LIBRARIES[name](json.loads(sys.stdin.readline()))
    runtime = f"{platform.python_implementation()} {platform.python_version()}"
    answer = {"name": name, "version": version(package), "runtime": runtime, "works": list(works)}
    print(json.dumps(answer), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        work = works[request["work"]]
        if "count" in request:
            answer = {"nanoseconds": nanoseconds(work.run, request["count"])}
        else:
            answer = work.answer(request)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

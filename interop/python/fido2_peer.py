"""Checks stuntkey against python-fido2's server. Usage: fido2_peer.py STUNTKEY"""

import json
import secrets
import sys
from importlib.metadata import version

from harness import (
    ORIGIN,
    OTHER_ORIGIN,
    OTHER_RP_ID,
    RP_ID,
    Checks,
    describe,
    expect,
    last_bit_flipped,
    program_from,
    refusal,
    replaced_once,
    with_changed,
)

try:
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key
    from fido2.attestation import (
        Attestation,
        AttestationType,
        AttestationVerifier,
        InvalidSignature,
        UntrustedAttestation,
    )
    from fido2.cose import ES256
    from fido2.server import Fido2Server
    from fido2.utils import websafe_decode, websafe_encode
    from fido2.webauthn import (
        AttestedCredentialData,
        AuthenticationResponse,
        RegistrationResponse,
    )
except ImportError as error:
    sys.exit(f"python-fido2 is not installed: {error}")

# What is registered: the attestation asked for, stuntkey's flags, and what must come back.
X5C = ("direct", [], "packed", AttestationType.BASIC, 1)
X5C_INTERMEDIATE = ("direct", ["--attestation-intermediate"], "packed", AttestationType.BASIC, 2)
SELF = ("direct", ["--format", "packed-self"], "packed", AttestationType.SELF, 0)
NONE = ("none", [], "none", AttestationType.NONE, 0)


class OneRoot(AttestationVerifier):
    """Trusts what a certificate chain ties to one root, and nothing else."""

    def __init__(self, pem):
        super().__init__()
        self.root = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)

    def ca_lookup(self, attestation_result, auth_data):
        return self.root if attestation_result.trust_path else None


class OneRootForEverything(OneRoot):
    """Hands out its root without looking at what was attested."""

    def ca_lookup(self, attestation_result, auth_data):
        return self.root


class AnyValidStatement:
    """Wants a valid attestation statement, and trust in nobody."""

    def __call__(self, attestation_object, client_data_hash):
        statement = Attestation.for_type(attestation_object.fmt)()
        self.result = statement.verify(
            attestation_object.att_stmt, attestation_object.auth_data, client_data_hash
        )


def server(attestation=None, verifier=None, rp_id=RP_ID, origin=None):
    """A server which accepts the origins below its RP ID, or else only the one given."""
    return Fido2Server(
        {"id": rp_id, "name": "Example"},
        attestation=attestation,
        verify_attestation=verifier,
        verify_origin=origin and (lambda found: found == origin),
    )


def with_another_challenge(state):
    return {**state, "challenge": websafe_encode(secrets.token_bytes(32))}


class Registration:
    """One registration ceremony: the server's options, and stuntkey's reply to them."""

    def __init__(self, stuntkey, kind, *extra_flags, user="alice"):
        self.attestation, flags, self.fmt, self.type, self.certificates = kind
        self.stuntkey = stuntkey
        self.user_id = f"the id of {user}".encode()
        options, self.state = server(self.attestation).register_begin(
            {"id": self.user_id, "name": user, "displayName": user},
            resident_key_requirement="required",
            user_verification="required",
        )
        self.reply = stuntkey.register(json.dumps(dict(options)), *flags, *extra_flags)
        self.parsed = RegistrationResponse.from_dict(self.reply).response

    def finish(self, *, verifier=None, reply=None, state=None, **changed):
        verifier = verifier or OneRoot(self.stuntkey.root())
        return server(self.attestation, verifier, **changed).register_complete(
            state or self.state, reply or self.reply
        )

    def accepted(self):
        return self.finish().credential_data


class SignIn:
    """One authentication ceremony, for a credential already registered."""

    def __init__(self, stuntkey, credential, *flags, discoverable=False):
        self.credential = credential
        options, self.state = server().authenticate_begin(
            None if discoverable else [credential], user_verification="required"
        )
        self.reply = stuntkey.authenticate(json.dumps(dict(options)), *flags)
        self.parsed = AuthenticationResponse.from_dict(self.reply).response
        self.count = self.parsed.authenticator_data.counter

    def finish(self, *, credential=None, reply=None, state=None, **changed):
        return server(**changed).authenticate_complete(
            state or self.state, [credential or self.credential], reply or self.reply
        )


def accepts_registration(stuntkey, kind, root_required):
    registration = Registration(stuntkey, kind)
    statement = AnyValidStatement()
    data = registration.finish(verifier=None if root_required else statement)
    expect(data.is_user_verified(), "the user was not verified")
    attestation = registration.parsed.attestation_object
    expect(attestation.fmt == registration.fmt, f"fmt is {attestation.fmt}")
    # Fido2Server skips the verifier when it asked for no attestation.
    statement(attestation, registration.parsed.client_data.hash)
    found = statement.result
    expect(found.attestation_type is registration.type, f"found {found.attestation_type!r}")
    expect(
        len(found.trust_path) == registration.certificates,
        f"the trust path holds {len(found.trust_path)} certificates",
    )
    return f"type {found.attestation_type.name}"


def convenience_members_agree(stuntkey):
    registration = Registration(stuntkey, X5C)
    data = registration.parsed.attestation_object.auth_data
    credential = data.credential_data
    reply, response = registration.reply, registration.reply["response"]
    expect(reply["id"] == reply["rawId"] == websafe_encode(credential.credential_id), "id")
    expect(websafe_decode(response["authenticatorData"]) == data, "authenticatorData")
    key = load_der_public_key(websafe_decode(response["publicKey"]))
    expect(ES256.from_cryptography_key(key) == credential.public_key, "publicKey")
    expect(response["publicKeyAlgorithm"] == ES256.ALGORITHM, "publicKeyAlgorithm")
    expect(response["transports"] == sorted(set(response["transports"])), "transports")


def accepts_sign_ins(stuntkey, kind):
    registration = Registration(stuntkey, kind)
    data = registration.finish(verifier=AnyValidStatement())
    first = SignIn(stuntkey, data.credential_data, discoverable=True)
    expect(
        first.parsed.user_handle == registration.user_id,
        f"userHandle is {first.parsed.user_handle}",
    )
    first.finish()
    second = SignIn(stuntkey, data.credential_data)
    second.finish()
    expect(second.count > first.count, f"the counter went from {first.count} to {second.count}")
    return f"counter {data.counter}, {first.count}, {second.count}"


def accepts_another_seed(stuntkey):
    registration = Registration(stuntkey, X5C, "--seed", "other")
    registration.finish(verifier=OneRoot(stuntkey.root("--seed", "other")))


def refuses_another_root(stuntkey, kind):
    registration = Registration(stuntkey, kind)
    registration.finish()
    other = OneRoot(stuntkey.root("--seed", "other"))
    error = refusal(lambda: registration.finish(verifier=other), UntrustedAttestation, "")
    expect(
        isinstance(error.__context__, InvalidSignature),
        "the reason is not the signature over the last certificate",
    )
    return f"{describe(error)} (the chain's signature: {describe(error.__context__)})"


def refuses_self_attestation(stuntkey):
    registration = Registration(stuntkey, SELF)
    return describe(refusal(registration.finish, UntrustedAttestation, "No root found"))


def accepts_self_attestation_for_a_careless_lookup(stuntkey):
    registration = Registration(stuntkey, SELF)
    registration.finish(verifier=OneRootForEverything(stuntkey.root()))


def refuses_registration(stuntkey, words, flags, changed):
    registration = Registration(stuntkey, X5C, *flags)
    return describe(refusal(lambda: registration.finish(**changed), ValueError, words))


def refuses_registration_for_another_challenge(stuntkey):
    registration = Registration(stuntkey, X5C)
    state = with_another_challenge(registration.state)
    return describe(
        refusal(lambda: registration.finish(state=state), ValueError, "Wrong challenge")
    )


def refuses_corrupted_attestation(stuntkey, kind):
    registration = Registration(stuntkey, kind)
    registration.finish(verifier=AnyValidStatement())
    good = registration.parsed.attestation_object.att_stmt["sig"]
    corrupted = with_changed(
        registration.reply,
        "attestationObject",
        lambda encoded: replaced_once(encoded, good, last_bit_flipped(good)),
    )
    return describe(
        refusal(
            lambda: registration.finish(verifier=AnyValidStatement(), reply=corrupted),
            InvalidSignature,
            "",
        )
    )


def refuses_sign_in(stuntkey, words, flags, changed):
    sign_in = SignIn(stuntkey, Registration(stuntkey, X5C).accepted(), *flags)
    return describe(refusal(lambda: sign_in.finish(**changed), ValueError, words))


def refuses_sign_in_for_another_challenge(stuntkey):
    sign_in = SignIn(stuntkey, Registration(stuntkey, X5C).accepted())
    state = with_another_challenge(sign_in.state)
    return describe(refusal(lambda: sign_in.finish(state=state), ValueError, "Wrong challenge"))


def refuses_corrupted_signature(stuntkey):
    sign_in = SignIn(stuntkey, Registration(stuntkey, X5C).accepted())
    sign_in.finish()
    corrupted = with_changed(sign_in.reply, "signature", last_bit_flipped)
    return describe(
        refusal(lambda: sign_in.finish(reply=corrupted), ValueError, "Invalid signature")
    )


def accepts_an_older_assertion(stuntkey):
    credential = Registration(stuntkey, X5C).accepted()
    older = SignIn(stuntkey, credential)
    newer = SignIn(stuntkey, credential)
    newer.finish()
    older.finish()
    return f"counter {newer.count}, then {older.count}"


def refuses_another_key(stuntkey):
    alice = Registration(stuntkey, X5C, user="alice").accepted()
    bob = Registration(stuntkey, X5C, user="bob").accepted()
    sign_in = SignIn(stuntkey, alice)
    sign_in.finish()
    crossed = AttestedCredentialData.create(alice.aaguid, alice.credential_id, bob.public_key)
    return describe(
        refusal(lambda: sign_in.finish(credential=crossed), ValueError, "Invalid signature")
    )


def main():
    checks = Checks(f"python-fido2 {version('fido2')}", program_from(1, "STUNTKEY", "stuntkey"))
    check = checks.check

    for name, kind, root_required in [
        ("packed x5c under direct attestation, our root trusted", X5C, True),
        ("packed x5c through an issuing intermediate, our root trusted", X5C_INTERMEDIATE, True),
        ("packed self attestation, no trust required", SELF, False),
        ("no attestation", NONE, False),
    ]:
        check(f"accepts {name}", accepts_registration, kind, root_required)
        check(f"accepts a discoverable and a listed sign-in after {name}", accepts_sign_ins, kind)
    check("accepts packed x5c of another seed, that seed's root trusted", accepts_another_seed)

    check("the reply's other members agree with its attestation object", convenience_members_agree)

    check("refuses packed x5c, another root trusted", refuses_another_root, X5C)
    check(
        "refuses packed x5c through an issuing intermediate, another root trusted",
        refuses_another_root,
        X5C_INTERMEDIATE,
    )
    check("refuses packed self attestation, our root required", refuses_self_attestation)
    # An empty trust path followed by the root is a chain with nothing to verify.
    checks.deviation(
        "accepts packed self attestation when ca_lookup offers our root for it",
        accepts_self_attestation_for_a_careless_lookup,
    )
    check("refuses packed x5c with its signature corrupted", refuses_corrupted_attestation, X5C)
    check(
        "refuses packed self attestation with its signature corrupted",
        refuses_corrupted_attestation,
        SELF,
    )

    check(
        "refuses a registration with the reply to another challenge",
        refuses_registration_for_another_challenge,
    )
    check(
        "refuses a sign-in with the reply to another challenge",
        refuses_sign_in_for_another_challenge,
    )
    for name, words, flags, changed in [
        ("another origin", "Invalid origin", [], {"origin": OTHER_ORIGIN}),
        ("another RP ID", "Wrong RP ID hash", [], {"rp_id": OTHER_RP_ID, "origin": ORIGIN}),
        ("user presence clear", "User Present flag not set", ["--flag", "up=0"], {}),
        ("a user not verified, verification required", "User verification required",
         ["--flag", "uv=0"], {}),
    ]:  # fmt: skip
        check(f"refuses a registration with {name}", refuses_registration, words, flags, changed)
        check(f"refuses a sign-in with {name}", refuses_sign_in, words, flags, changed)
    check("refuses a sign-in with its signature corrupted", refuses_corrupted_signature)
    # Fido2Server leaves the signature counter to its caller.
    checks.deviation("accepts a sign-in older than the last one", accepts_an_older_assertion)
    check("refuses a sign-in under another credential's key", refuses_another_key)
    checks.finish()


if __name__ == "__main__":
    main()

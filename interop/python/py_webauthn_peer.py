"""Checks stuntkey against py_webauthn. Usage: py_webauthn_peer.py STUNTKEY"""

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
    from_b64url,
    last_bit_flipped,
    program_from,
    refusal,
    replaced_once,
    with_changed,
)

try:
    from webauthn import (
        generate_authentication_options,
        generate_registration_options,
        options_to_json,
        verify_authentication_response,
        verify_registration_response,
    )
    from webauthn.helpers import generate_challenge, parse_attestation_object
    from webauthn.helpers.exceptions import (
        InvalidAuthenticationResponse,
        InvalidCertificateChain,
        InvalidRegistrationResponse,
    )
    from webauthn.helpers.structs import (
        AttestationConveyancePreference,
        AttestationFormat,
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )
except ImportError as error:
    sys.exit(f"py_webauthn is not installed: {error}")

# What is registered: the attestation asked for, stuntkey's flags, and what must come back.
X5C = ("direct", [], AttestationFormat.PACKED, 1)
X5C_INTERMEDIATE = ("direct", ["--attestation-intermediate"], AttestationFormat.PACKED, 2)
SELF = ("direct", ["--format", "packed-self"], AttestationFormat.PACKED, 0)
NONE = ("none", [], AttestationFormat.NONE, 0)


class Registration:
    """One registration ceremony: the server's options, and stuntkey's reply to them."""

    def __init__(self, stuntkey, kind, *extra_flags, user="alice"):
        attestation, flags, self.fmt, self.certificates = kind
        self.stuntkey = stuntkey
        self.user_id = f"the id of {user}".encode()
        self.options = generate_registration_options(
            rp_id=RP_ID,
            rp_name="Example",
            user_id=self.user_id,
            user_name=user,
            attestation=AttestationConveyancePreference(attestation),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
        self.reply = stuntkey.register(options_to_json(self.options), *flags, *extra_flags)

    def finish(self, *, roots=None, reply=None, **changed):
        expected = {
            "expected_challenge": self.options.challenge,
            "expected_rp_id": RP_ID,
            "expected_origin": ORIGIN,
            "require_user_verification": True,
        }
        return verify_registration_response(
            credential=reply or self.reply,
            pem_root_certs_bytes_by_fmt={AttestationFormat.PACKED: roots or [self.stuntkey.root()]},
            **{**expected, **changed},
        )

    def statement(self):
        encoded = from_b64url(self.reply["response"]["attestationObject"])
        return parse_attestation_object(encoded).att_stmt


class SignIn:
    """One authentication ceremony, for a registration already accepted."""

    def __init__(self, stuntkey, registered, *flags, discoverable=False):
        self.registered = registered
        allowed = [] if discoverable else [PublicKeyCredentialDescriptor(registered.credential_id)]
        self.options = generate_authentication_options(
            rp_id=RP_ID,
            allow_credentials=allowed,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        self.reply = stuntkey.authenticate(options_to_json(self.options), *flags)

    def finish(self, *, reply=None, **changed):
        expected = {
            "expected_challenge": self.options.challenge,
            "expected_rp_id": RP_ID,
            "expected_origin": ORIGIN,
            "credential_public_key": self.registered.credential_public_key,
            "credential_current_sign_count": self.registered.sign_count,
            "require_user_verification": True,
        }
        return verify_authentication_response(
            credential=reply or self.reply, **{**expected, **changed}
        )


def accepts_registration(stuntkey, kind):
    registration = Registration(stuntkey, kind)
    verified = registration.finish()
    expect(verified.fmt == registration.fmt, f"fmt is {verified.fmt}")
    expect(verified.user_verified, "the user was not verified")
    found = len(registration.statement().x5c or [])
    expect(found == registration.certificates, f"x5c holds {found} certificates")


def accepts_sign_ins(stuntkey, kind):
    registration = Registration(stuntkey, kind)
    registered = registration.finish()
    first = SignIn(stuntkey, registered, discoverable=True)
    handle = first.reply["response"].get("userHandle")
    expect(handle, "no userHandle in a discoverable sign-in")
    expect(from_b64url(handle) == registration.user_id, f"userHandle is {handle}")
    count = first.finish().new_sign_count
    second = SignIn(stuntkey, registered)
    risen = second.finish(credential_current_sign_count=count).new_sign_count
    expect(risen > count, f"the counter went from {count} to {risen}")
    return f"counter {registered.sign_count}, {count}, {risen}"


def accepts_another_seed(stuntkey):
    registration = Registration(stuntkey, X5C, "--seed", "other")
    registration.finish(roots=[stuntkey.root("--seed", "other")])


def refuses_another_root(stuntkey, kind):
    registration = Registration(stuntkey, kind)
    registration.finish()
    other = stuntkey.root("--seed", "other")
    error = refusal(
        lambda: registration.finish(roots=[other]),
        InvalidRegistrationResponse,
        "Certificate chain could not be validated",
    )
    chain = error.__context__
    expect(isinstance(chain, InvalidCertificateChain), f"the reason is {chain!r}")
    return f"{describe(error)} ({describe(chain.__cause__)})"


def refuses_registration(stuntkey, words, flags, changed):
    registration = Registration(stuntkey, X5C, *flags)
    return describe(
        refusal(lambda: registration.finish(**changed), InvalidRegistrationResponse, words)
    )


def refuses_corrupted_attestation(stuntkey, kind, words):
    registration = Registration(stuntkey, kind)
    registration.finish()
    good = registration.statement().sig
    corrupted = with_changed(
        registration.reply,
        "attestationObject",
        lambda encoded: replaced_once(encoded, good, last_bit_flipped(good)),
    )
    return describe(
        refusal(lambda: registration.finish(reply=corrupted), InvalidRegistrationResponse, words)
    )


def refuses_sign_in(stuntkey, words, flags, changed):
    registered = Registration(stuntkey, X5C).finish()
    sign_in = SignIn(stuntkey, registered, *flags)
    return describe(
        refusal(lambda: sign_in.finish(**changed), InvalidAuthenticationResponse, words)
    )


def refuses_corrupted_signature(stuntkey):
    registered = Registration(stuntkey, X5C).finish()
    sign_in = SignIn(stuntkey, registered)
    sign_in.finish()
    corrupted = with_changed(sign_in.reply, "signature", last_bit_flipped)
    return describe(
        refusal(
            lambda: sign_in.finish(reply=corrupted),
            InvalidAuthenticationResponse,
            "Could not verify authentication signature",
        )
    )


def refuses_an_older_assertion(stuntkey):
    registered = Registration(stuntkey, X5C).finish()
    older = SignIn(stuntkey, registered)
    older.finish()
    stored = SignIn(stuntkey, registered).finish().new_sign_count
    return describe(
        refusal(
            lambda: older.finish(credential_current_sign_count=stored),
            InvalidAuthenticationResponse,
            f"was not greater than current count of {stored}",
        )
    )


def refuses_another_key(stuntkey):
    alice = Registration(stuntkey, X5C, user="alice").finish()
    bob = Registration(stuntkey, X5C, user="bob").finish()
    sign_in = SignIn(stuntkey, alice)
    sign_in.finish()
    return describe(
        refusal(
            lambda: sign_in.finish(credential_public_key=bob.credential_public_key),
            InvalidAuthenticationResponse,
            "Could not verify authentication signature",
        )
    )


def main():
    checks = Checks(f"py_webauthn {version('webauthn')}", program_from(1, "STUNTKEY", "stuntkey"))
    check = checks.check

    for name, kind in [
        ("packed x5c under direct attestation, our root trusted", X5C),
        ("packed x5c through an issuing intermediate, our root trusted", X5C_INTERMEDIATE),
        ("packed self attestation", SELF),
        ("no attestation", NONE),
    ]:
        check(f"accepts {name}", accepts_registration, kind)
        check(f"accepts a discoverable and a listed sign-in after {name}", accepts_sign_ins, kind)
    check("accepts packed x5c of another seed, that seed's root trusted", accepts_another_seed)

    check("refuses packed x5c, another root trusted", refuses_another_root, X5C)
    check(
        "refuses packed x5c through an issuing intermediate, another root trusted",
        refuses_another_root,
        X5C_INTERMEDIATE,
    )
    check(
        "refuses packed x5c with its signature corrupted",
        refuses_corrupted_attestation,
        X5C,
        "Could not verify attestation statement signature (Packed)",
    )
    check(
        "refuses packed self attestation with its signature corrupted",
        refuses_corrupted_attestation,
        SELF,
        "Could not verify attestation statement signature (Packed|Self)",
    )

    for name, words, flags, changed in [
        ("the reply to another challenge", "challenge was not expected", [],
         {"expected_challenge": generate_challenge()}),
        ("another origin", "Unexpected client data origin", [],
         {"expected_origin": OTHER_ORIGIN}),
        ("another RP ID", "Unexpected RP ID hash", [], {"expected_rp_id": OTHER_RP_ID}),
        ("a user not verified, verification required", "user was not verified",
         ["--flag", "uv=0"], {}),
    ]:  # fmt: skip
        check(f"refuses a registration with {name}", refuses_registration, words, flags, changed)
        check(f"refuses a sign-in with {name}", refuses_sign_in, words, flags, changed)
    check(
        "refuses a registration with user presence clear",
        refuses_registration,
        "User presence was required",
        ["--flag", "up=0"],
        {},
    )
    check(
        "refuses a sign-in with user presence clear",
        refuses_sign_in,
        "User was not present",
        ["--flag", "up=0"],
        {},
    )
    check("refuses a sign-in with its signature corrupted", refuses_corrupted_signature)
    check("refuses a sign-in older than the last one counted", refuses_an_older_assertion)
    check("refuses a sign-in under another credential's key", refuses_another_key)
    checks.finish()


if __name__ == "__main__":
    main()

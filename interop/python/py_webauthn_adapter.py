"""py_webauthn as a relying party; see adapter.py.

What the library leaves to the application is done as in webauthn.io, the demo of py_webauthn's makers
(github.com/duo-labs/webauthn.io, _app/homepage: views/ and services/).
"""

import json
from dataclasses import dataclass

from adapter import ORIGIN, RP_ID, RP_NAME, Refused, library, run
from cryptography.hazmat.primitives.serialization import Encoding
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    bytes_to_base64url,
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

ALGORITHMS = list(COSEAlgorithmIdentifier)


@dataclass
class Credential:
    username: str
    public_key: bytes
    sign_count: int
    transports: list


class RelyingParty:
    def __init__(self, roots):
        pems = [root.public_bytes(Encoding.PEM) for root in roots]
        self.roots = {format: pems for format in AttestationFormat}
        self.credentials = {}

    def registration_options(self, session, wanted):
        username = wanted["username"]
        with library():
            options = generate_registration_options(
                rp_id=RP_ID,
                rp_name=RP_NAME,
                # No user_id: as in webauthn.io, the library makes a new one for every registration.
                user_name=username,
                user_display_name=wanted["displayName"],
                attestation=AttestationConveyancePreference(wanted["attestation"]),
                authenticator_selection=AuthenticatorSelectionCriteria(
                    resident_key=ResidentKeyRequirement(wanted["residentKey"]),
                    user_verification=UserVerificationRequirement(wanted["userVerification"]),
                ),
                supported_pub_key_algs=ALGORITHMS,
                exclude_credentials=self.descriptors(username),
            )
            answer = json.loads(options_to_json(options))
        session["registration"] = username, options
        # The library has no parameter for extensions; webauthn.io puts its own into the JSON as well.
        return {**answer, "extensions": wanted["extensions"]} if wanted["extensions"] else answer

    def registration_result(self, session, reply):
        with library():
            response = parse_registration_credential_json(reply)
        username, options = take(session, "registration")
        with library():
            verified = verify_registration_response(
                credential=response,
                expected_challenge=options.challenge,
                expected_rp_id=RP_ID,
                expected_origin=ORIGIN,
                require_user_verification=is_required(options.authenticator_selection.user_verification),
                supported_pub_key_algs=ALGORITHMS,
                pem_root_certs_bytes_by_fmt=self.roots,
            )
        # webauthn.io stores by credential id: a credential takes the place of an older one with its id,
        # whoever's that was (services/credential.py, store_credential).
        self.credentials[bytes_to_base64url(verified.credential_id)] = Credential(
            username, verified.credential_public_key, verified.sign_count, response.response.transports
        )

    def authentication_options(self, session, wanted):
        username = wanted["username"]
        allowed = self.descriptors(username) if username else []
        if username and not allowed:
            raise Refused("That username has no registered credentials")
        with library():
            options = generate_authentication_options(
                rp_id=RP_ID,
                allow_credentials=allowed,
                user_verification=UserVerificationRequirement(wanted["userVerification"]),
            )
            answer = json.loads(options_to_json(options))
        session["authentication"] = options
        # webauthn.io's page sends it along with the response.
        session["username"] = username
        return answer

    def authentication_result(self, session, reply):
        # webauthn.io looks for the credential first, and at its owner if a user name was given
        # (services/credential.py, retrieve_credential_by_id). It does not look at the user handle.
        identifier = reply.get("id")
        credential = self.credentials.get(identifier) if isinstance(identifier, str) else None
        if not credential:
            raise Refused("Unrecognized credential ID")
        if session.get("username") and credential.username != session["username"]:
            raise Refused("Credential does not belong to user")
        with library():
            response = parse_authentication_credential_json(reply)
        options = take(session, "authentication")
        with library():
            verified = verify_authentication_response(
                credential=response,
                expected_challenge=options.challenge,
                expected_rp_id=RP_ID,
                expected_origin=ORIGIN,
                credential_public_key=credential.public_key,
                credential_current_sign_count=credential.sign_count,
                require_user_verification=is_required(options.user_verification),
            )
        credential.sign_count = verified.new_sign_count

    def descriptors(self, username):
        return [
            PublicKeyCredentialDescriptor(base64url_to_bytes(identifier), transports=credential.transports)
            for identifier, credential in self.credentials.items()
            if credential.username == username
        ]


def is_required(user_verification):
    return user_verification == UserVerificationRequirement.REQUIRED


def take(session, ceremony):
    """The options of a pending ceremony, which webauthn.io deletes before it verifies the response."""
    if ceremony not in session:
        raise Refused(f"no {ceremony} is pending")
    return session.pop(ceremony)


if __name__ == "__main__":
    run("py_webauthn", "webauthn", RelyingParty)

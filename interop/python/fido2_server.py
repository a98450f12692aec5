"""python-fido2's server behind the FIDO conformance REST binding; see fido_binding.py.

What the library leaves to the application is done as in its example server (github.com/Yubico/python-fido2,
examples/server/server/server.py), whose one user is many here.
"""

import os
from contextlib import suppress
from importlib.metadata import version

from cryptography.hazmat.primitives.serialization import Encoding
from fido2.attestation import AttestationVerifier, InvalidSignature
from fido2.attestation.base import verify_x509_chain
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity
from fido_binding import RP_ID, RP_NAME, Refused, library, optional_text, serve, text


class Roots(AttestationVerifier):
    """As examples/verify_attestation.py, whose one CA is for every trust path; here it is the one that fits."""

    def __init__(self, roots):
        super().__init__()
        self.roots = [root.public_bytes(Encoding.DER) for root in roots]

    def ca_lookup(self, attestation_result, auth_data):
        for root in self.roots:
            with suppress(InvalidSignature):
                verify_x509_chain([*attestation_result.trust_path, root])
                return root
        return None


class RelyingParty:
    def __init__(self, origin, roots):
        # As in the example, any origin will do that may use the RP ID: every port of localhost.
        self.verify_attestation = Roots(roots) if roots else None
        self.user_ids = {}
        self.credentials = {}

    def server(self, attestation=None):
        return Fido2Server(
            PublicKeyCredentialRpEntity(name=RP_NAME, id=RP_ID),
            attestation=attestation,
            verify_attestation=self.verify_attestation,
        )

    def attestation_options(self, session, body):
        username = text(body, "username")
        with library():
            selection = body.get("authenticatorSelection") or {}
            required = "required" if selection.get("requireResidentKey") else None
            server = self.server(body.get("attestation"))
            options, state = server.register_begin(
                PublicKeyCredentialUserEntity(
                    id=self.user_ids.setdefault(username, os.urandom(32)),
                    name=username,
                    display_name=body.get("displayName"),
                ),
                self.credentials.get(username, []),
                resident_key_requirement=selection.get("residentKey") or required,
                user_verification=selection.get("userVerification"),
                authenticator_attachment=selection.get("authenticatorAttachment"),
                extensions=body.get("extensions"),
            )
            answer = dict(options)["publicKey"]
        # The example has one state for both ceremonies.
        session["state"] = server, username, state
        return answer

    def attestation_result(self, session, body):
        # The example leaves the state in the session here, and does not ask whether the id is known.
        server, username, state = pending(session)
        with library():
            auth_data = server.register_complete(state, body)
        self.credentials.setdefault(username, []).append(auth_data.credential_data)

    def assertion_options(self, session, body):
        username = optional_text(body, "username")
        if username and username not in self.credentials:
            raise Refused("the user has no credentials")
        with library():
            server = self.server()
            options, state = server.authenticate_begin(
                # Without a user name as in examples/resident_key.py: no credentials.
                self.credentials[username] if username else None,
                user_verification=body.get("userVerification"),
                extensions=body.get("extensions"),
            )
            answer = dict(options)["publicKey"]
        session["state"] = server, username, state
        return answer

    def assertion_result(self, session, body):
        server, username, state = pending(session)
        del session["state"]
        # The example accepts the credentials that it listed, and looks at neither user handle nor counter.
        # Without a user name they are everybody's, as in the one list of examples/resident_key.py.
        users = [username] if username else self.credentials
        accepted = [credential for user in users for credential in self.credentials.get(user, [])]
        with library():
            server.authenticate_complete(state, accepted, body)


def pending(session):
    if "state" not in session:
        raise Refused("no ceremony is pending")
    return session["state"]


if __name__ == "__main__":
    serve("python-fido2", version("fido2"), RelyingParty)

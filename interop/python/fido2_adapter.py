"""python-fido2's server as a relying party; see adapter.py.

What the library leaves to the application is done as in its example server (github.com/Yubico/python-fido2,
examples/server/server/server.py), whose one user is many here.
"""

import os
from contextlib import suppress

from adapter import RP_ID, RP_NAME, Refused, library, run
from cryptography.hazmat.primitives.serialization import Encoding
from fido2.attestation import AttestationVerifier, InvalidSignature
from fido2.attestation.base import verify_x509_chain
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity, PublicKeyCredentialUserEntity


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
    def __init__(self, roots):
        # As in the example, any origin will do that may use the RP ID.
        self.verify_attestation = Roots(roots) if roots else None
        self.user_ids = {}
        self.credentials = {}

    def server(self, attestation=None):
        return Fido2Server(
            PublicKeyCredentialRpEntity(name=RP_NAME, id=RP_ID),
            attestation=attestation,
            verify_attestation=self.verify_attestation,
        )

    def registration_options(self, session, wanted):
        username = wanted["username"]
        with library():
            server = self.server(wanted["attestation"])
            options, state = server.register_begin(
                PublicKeyCredentialUserEntity(
                    id=self.user_ids.setdefault(username, os.urandom(32)),
                    name=username,
                    display_name=wanted["displayName"],
                ),
                self.credentials.get(username, []),
                resident_key_requirement=wanted["residentKey"],
                user_verification=wanted["userVerification"],
                extensions=wanted["extensions"],
            )
            answer = dict(options)["publicKey"]
        # The example has one state for both ceremonies.
        session["state"] = server, username, state
        return answer

    def registration_result(self, session, reply):
        # The example leaves the state in the session here, and does not ask whether the id is known.
        server, username, state = pending(session)
        with library():
            auth_data = server.register_complete(state, reply)
        self.credentials.setdefault(username, []).append(auth_data.credential_data)

    def authentication_options(self, session, wanted):
        username = wanted["username"]
        if username and username not in self.credentials:
            raise Refused("the user has no credentials")
        with library():
            server = self.server()
            options, state = server.authenticate_begin(
                # Without a user name as in examples/resident_key.py: no credentials.
                self.credentials[username] if username else None,
                user_verification=wanted["userVerification"],
            )
            answer = dict(options)["publicKey"]
        session["state"] = server, username, state
        return answer

    def authentication_result(self, session, reply):
        server, username, state = pending(session)
        del session["state"]
        # The example accepts the credentials that it listed, and looks at neither user handle nor counter.
        # Without a user name they are everybody's, as in the one list of examples/resident_key.py.
        users = [username] if username else self.credentials
        accepted = [credential for user in users for credential in self.credentials.get(user, [])]
        with library():
            server.authenticate_complete(state, accepted, reply)


def pending(session):
    if "state" not in session:
        raise Refused("no ceremony is pending")
    return session["state"]


if __name__ == "__main__":
    run("python-fido2", "fido2", RelyingParty)

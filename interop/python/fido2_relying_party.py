"""python-fido2's server as a relying party in a subprocess; see relying_party.py."""

from importlib.metadata import version

import fido2.features
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fido2.attestation import (
    AndroidSafetynetAttestation,
    AppleAttestation,
    Attestation,
    AttestationVerifier,
    FidoU2FAttestation,
    NoneAttestation,
    PackedAttestation,
    TpmAttestation,
)
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialParameters
from relying_party import ORIGIN, RP_ID, serve

FORMATS = [
    AndroidSafetynetAttestation,
    AppleAttestation,
    FidoU2FAttestation,
    NoneAttestation,
    PackedAttestation,
    TpmAttestation,
]


class Roots(AttestationVerifier):
    """Trusts what a certificate chain ties to one of the roots; self attestation and none need no trust."""

    def __init__(self, roots):
        super().__init__([format() for format in FORMATS])
        self.roots = [x509.load_pem_x509_certificate(root.encode()) for root in roots]

    def ca_lookup(self, attestation_result, auth_data):
        if not attestation_result.trust_path:
            return None
        last = x509.load_der_x509_certificate(attestation_result.trust_path[-1])
        found = [root for root in self.roots if root.subject == last.issuer]
        return found[0].public_bytes(Encoding.DER) if found else None


class AnyValidStatement:
    """Wants a valid attestation statement, and trust in nobody."""

    def __call__(self, attestation_object, client_data_hash):
        statement = Attestation.for_type(attestation_object.fmt)()
        statement.verify(attestation_object.att_stmt, attestation_object.auth_data, client_data_hash)


class RelyingParty:
    roots = []

    def name(self):
        return {"name": f"python-fido2 {version('fido2')}"}

    def trust(self, roots):
        self.roots = roots

    def server(self):
        server = Fido2Server(
            {"id": RP_ID, "name": "Example"},
            attestation="direct",
            verify_attestation=Roots(self.roots) if self.roots else AnyValidStatement(),
            verify_origin=lambda origin: origin == ORIGIN,
        )
        server.allowed_algorithms = [
            PublicKeyCredentialParameters(type="public-key", alg=identifier) for identifier in self.algorithms
        ]
        return server

    def begin_registration(self, user, algorithms):
        self.algorithms = algorithms
        options, self.state = self.server().register_begin(
            {"id": user.encode(), "name": user, "displayName": user},
            resident_key_requirement="required",
            user_verification="required",
        )
        return {"options": dict(options)}

    def finish_registration(self, response):
        data = self.server().register_complete(self.state, response)
        self.credential = data.credential_data
        # It takes keys that it cannot use: only a login would tell.
        if type(self.credential.public_key) is CoseKey:
            raise ValueError(f"no support for the algorithm {self.credential.public_key.ALGORITHM}")

    def begin_authentication(self, listed):
        options, self.state = self.server().authenticate_begin(
            [self.credential] if listed else None, user_verification="required"
        )
        return {"options": dict(options)}

    def finish_authentication(self, response):
        self.server().authenticate_complete(self.state, [self.credential], response)


serve(RelyingParty())

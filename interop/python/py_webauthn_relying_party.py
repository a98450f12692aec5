"""py_webauthn as a relying party in a subprocess; see relying_party.py."""

import json
from importlib.metadata import version

from relying_party import ORIGIN, RP_ID, serve
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
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


class RelyingParty:
    roots = []

    def name(self):
        return {"name": f"py_webauthn {version('webauthn')}"}

    def trust(self, roots):
        self.roots = [root.encode() for root in roots]

    def begin_registration(self, user, algorithms):
        known = {identifier.value: identifier for identifier in COSEAlgorithmIdentifier}
        self.algorithms = [known[identifier] for identifier in algorithms if identifier in known]
        self.options = generate_registration_options(
            rp_id=RP_ID,
            rp_name="Example",
            user_id=user.encode(),
            user_name=user,
            attestation=AttestationConveyancePreference.DIRECT,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            supported_pub_key_algs=self.algorithms,
        )
        options = json.loads(options_to_json(self.options))
        # What the library has no name for is asked for all the same; it refuses it at the end.
        options["pubKeyCredParams"] = [{"type": "public-key", "alg": identifier} for identifier in algorithms]
        return {"options": options}

    def finish_registration(self, response):
        self.credential = verify_registration_response(
            credential=response,
            expected_challenge=self.options.challenge,
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
            require_user_verification=True,
            pem_root_certs_bytes_by_fmt={format: self.roots for format in AttestationFormat},
            supported_pub_key_algs=self.algorithms,
        )
        self.sign_count = self.credential.sign_count

    def begin_authentication(self, listed):
        allowed = [PublicKeyCredentialDescriptor(self.credential.credential_id)] if listed else []
        self.options = generate_authentication_options(
            rp_id=RP_ID,
            allow_credentials=allowed,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return {"options": json.loads(options_to_json(self.options))}

    def finish_authentication(self, response):
        verified = verify_authentication_response(
            credential=response,
            expected_challenge=self.options.challenge,
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
            credential_public_key=self.credential.credential_public_key,
            credential_current_sign_count=self.sign_count,
            require_user_verification=True,
        )
        self.sign_count = verified.new_sign_count


serve(RelyingParty())

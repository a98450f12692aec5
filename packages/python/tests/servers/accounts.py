"""What two small apps over py_webauthn share: accounts in memory, and both ceremonies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import webauthn
from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement
from webauthn.registration.verify_registration_response import VerifiedRegistration

RP_ID = "example.com"
ORIGIN = "https://login.example.com"


@dataclass
class Accounts:
    """Credentials by their ids, and what each session was asked."""

    credentials: dict[str, VerifiedRegistration] = field(default_factory=dict)
    challenges: dict[str, bytes] = field(default_factory=dict)

    def creation_options(self, session: str, name: str) -> str:
        options = webauthn.generate_registration_options(rp_id=RP_ID, rp_name="Example", user_name=name)
        self.challenges[session] = options.challenge
        return webauthn.options_to_json(options)

    def register(self, session: str, credential: dict[str, Any]) -> None:
        self.credentials[credential["id"]] = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=self.challenges.pop(session),
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
        )

    def request_options(self, session: str) -> str:
        options = webauthn.generate_authentication_options(
            rp_id=RP_ID,
            allow_credentials=[
                PublicKeyCredentialDescriptor(id=known.credential_id) for known in self.credentials.values()
            ],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        self.challenges[session] = options.challenge
        return webauthn.options_to_json(options)

    def log_in(self, session: str, credential: dict[str, Any]) -> None:
        known = self.credentials[credential["id"]]
        verified = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=self.challenges.pop(session),
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
            credential_public_key=known.credential_public_key,
            credential_current_sign_count=known.sign_count,
            require_user_verification=True,
        )
        known.sign_count = verified.new_sign_count

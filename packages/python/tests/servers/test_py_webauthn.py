"""py_webauthn as the server."""

from __future__ import annotations

import pytest
import webauthn
from webauthn.helpers.exceptions import InvalidAuthenticationResponse, InvalidRegistrationResponse
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    ResidentKeyRequirement,
)

from stuntkey import Authenticator, Client

RP_ID = "example.com"
ORIGIN = "https://login.example.com"


@pytest.mark.parametrize("model", ["platform", "security_key_ctap2_1", "phone"])
def test_registers_and_logs_in(model: str) -> None:
    client = Client(ORIGIN, model=model, pin="1234")
    creation = webauthn.generate_registration_options(
        rp_id=RP_ID,
        rp_name="Example",
        user_name="ada",
        attestation=AttestationConveyancePreference.DIRECT,
        authenticator_selection=AuthenticatorSelectionCriteria(resident_key=ResidentKeyRequirement.REQUIRED),
    )
    registration = client.register(webauthn.options_to_json(creation))
    registered = webauthn.verify_registration_response(
        credential=registration.body,
        expected_challenge=creation.challenge,
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        pem_root_certs_bytes_by_fmt={AttestationFormat.PACKED: [client.authenticator.attestation_root.encode()]},
    )
    assert registered.credential_id == registration.raw_id

    request = webauthn.generate_authentication_options(rp_id=RP_ID)
    login = client.authenticate(webauthn.options_to_json(request))
    verified = webauthn.verify_authentication_response(
        credential=login.body,
        expected_challenge=request.challenge,
        expected_rp_id=RP_ID,
        expected_origin=ORIGIN,
        credential_public_key=registered.credential_public_key,
        credential_current_sign_count=registered.sign_count,
    )
    assert verified.credential_id == registration.raw_id


def test_refuses_a_fault_of_a_registration(passkey: Authenticator) -> None:
    creation = webauthn.generate_registration_options(rp_id=RP_ID, rp_name="Example", user_name="ada")
    options = webauthn.options_to_json(creation)
    registration = passkey.at(ORIGIN).create(options, fault="client-data/origin/subdomain")
    with pytest.raises(InvalidRegistrationResponse, match="Unexpected client data origin"):
        webauthn.verify_registration_response(
            credential=registration.body,
            expected_challenge=creation.challenge,
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
        )


def test_refuses_a_fault_of_an_authentication(passkey: Authenticator) -> None:
    added = passkey.credentials.add(RP_ID, user_handle=b"ada")
    request = webauthn.generate_authentication_options(rp_id=RP_ID)
    login = passkey.at(ORIGIN).get(webauthn.options_to_json(request), fault="signature/value/client-data-written-anew")
    with pytest.raises(InvalidAuthenticationResponse):
        webauthn.verify_authentication_response(
            credential=login.body,
            expected_challenge=request.challenge,
            expected_rp_id=RP_ID,
            expected_origin=ORIGIN,
            credential_public_key=added.public_key,
            credential_current_sign_count=0,
        )

"""python-fido2 as the server."""

from __future__ import annotations

import json

import pytest
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    UserVerificationRequirement,
)

from stuntkey import Client

ORIGIN = "https://login.example.com"
DIRECT = AttestationConveyancePreference.DIRECT
ADA = PublicKeyCredentialUserEntity(name="ada", id=b"ada", display_name="Ada")


@pytest.fixture
def server() -> Fido2Server:
    return Fido2Server(PublicKeyCredentialRpEntity(name="Example", id="example.com"), attestation=DIRECT)


def register(server: Fido2Server, client: Client) -> AttestedCredentialData:
    options, state = server.register_begin(ADA, user_verification=UserVerificationRequirement.REQUIRED)
    # What it gives is a mapping, which is taken as it is.
    registration = client.register(options)
    registered = server.register_complete(state, json.loads(registration.body)).credential_data
    assert registered is not None
    assert registered.credential_id == registration.raw_id
    return registered


def test_registers_and_logs_in(server: Fido2Server) -> None:
    client = Client(ORIGIN)
    registered = register(server, client)
    options, state = server.authenticate_begin([registered])
    login = client.authenticate(options)
    verified = server.authenticate_complete(state, [registered], json.loads(login.body))
    assert verified == registered


def test_refuses_a_fault(server: Fido2Server) -> None:
    client = Client(ORIGIN)
    registered = register(server, client)
    options, state = server.authenticate_begin([registered])
    login = client.authenticate(options, fault="client-data/challenge/other")
    with pytest.raises(ValueError, match="challenge"):
        server.authenticate_complete(state, [registered], json.loads(login.body))

"""The scenarios of packages/scenarios.json, each under its name."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

import stuntkey
from shared import scenarios, transcript
from stuntkey import Authenticator, Error, Fault, RelyingParty, VerificationError, _door

ORIGIN = "https://login.example.com"


def register(key: Authenticator, server: RelyingParty, **members: Any) -> stuntkey.VerifiedRegistration:
    options = server.begin_registration(**members)
    return server.finish_registration(key.at(server.origin).create(options))


def test_every_scenario_has_a_test() -> None:
    names = {f"test_{name.replace('-', '_')}" for name in scenarios()}
    assert names - set(globals()) == set()


def test_registers_and_logs_in(passkey: Authenticator, relying_party: RelyingParty) -> None:
    page = passkey.at(relying_party.origin)
    registration = page.create(relying_party.begin_registration("ada"))
    verified = relying_party.finish_registration(registration)
    assert verified.credential.id == registration.raw_id
    assert registration.content_type == "application/json"
    assert json.loads(registration.body) == registration.response

    login = page.get(relying_party.begin_login("ada"))
    assert login.client_data["origin"] == relying_party.origin
    assert relying_party.finish_login(login).credential.sign_count == 1


def test_direct_attestation(passkey: Authenticator, relying_party: RelyingParty) -> None:
    options = relying_party.begin_registration(attestation="direct")
    registration = passkey.at(ORIGIN).create(options)
    verified = stuntkey.verify_registration(registration, options=options, origin=ORIGIN, trust="test-root")
    assert verified.format == "packed"
    assert passkey.attestation_root == stuntkey.attestation_root()
    another = stuntkey.attestation_root(seed="another")
    with pytest.raises(VerificationError) as refused:
        stuntkey.verify_registration(registration, options=options, origin=ORIGIN, trust=another)
    assert refused.value.step == 24
    assert refused.value.check.startswith("trust/")


@pytest.mark.parametrize("algorithm", stuntkey.build().algorithms)
def test_every_algorithm(algorithm: str, relying_party: RelyingParty) -> None:
    with Authenticator({"algorithms": [algorithm]}) as key:
        page = key.at(ORIGIN)
        options = relying_party.begin_registration(
            pubKeyCredParams=[{"type": "public-key", "alg": COSE_IDENTIFIERS[algorithm]}]
        )
        registration = page.create(options)
        assert registration.public_key_algorithm == COSE_IDENTIFIERS[algorithm]
        relying_party.finish_registration(registration)
        relying_party.finish_login(page.get(relying_party.begin_login()))
        assert [credential.algorithm for credential in key.credentials] == [algorithm]


# IANA, "COSE Algorithms".
COSE_IDENTIFIERS = {
    "ES256": -7,
    "ES384": -35,
    "ES512": -36,
    "ES256K": -47,
    "EdDSA": -8,
    "Ed448": -53,
    "RS256": -257,
    "RS384": -258,
    "RS512": -259,
    "PS256": -37,
    "PS384": -38,
    "PS512": -39,
    "RS1": -65535,
    "ML-DSA-44": -48,
    "ML-DSA-65": -49,
    "ML-DSA-87": -50,
}

FORMATS = next(setting.values for setting in stuntkey.settings() if setting.name == "attestation.format")


@pytest.mark.parametrize("format", FORMATS)
def test_every_attestation_format(format: str, relying_party: RelyingParty) -> None:
    with Authenticator({"attestation": {"format": format}}) as key:
        verified = register(key, relying_party)
        assert verified.format == format.removesuffix("-self")
        assert relying_party.trust == "test-root"


def test_discoverable_login(passkey: Authenticator, relying_party: RelyingParty) -> None:
    register(passkey, relying_party, user_name="ada")
    register(passkey, RelyingParty("https://other.example"))
    options = relying_party.begin_login()
    assert options["allowCredentials"] == []
    login = passkey.at(ORIGIN).get(options)
    assert login.user_handle == relying_party.credentials_of("ada")[0].user_handle
    relying_party.finish_login(login)


def test_two_pages_one_key(passkey: Authenticator) -> None:
    servers = [RelyingParty("https://one.example"), RelyingParty("https://two.example")]
    ids = [register(passkey, server).credential.id for server in servers]
    assert len(set(ids)) == 2
    for server, id in zip(servers, ids, strict=True):
        login = passkey.at(server.origin).get(server.begin_login())
        assert server.finish_login(login).credential.id == id == login.raw_id


def test_iframe(passkey: Authenticator, relying_party: RelyingParty) -> None:
    register(passkey, relying_party)
    framed = passkey.at(ORIGIN, top_origin="https://shop.example")
    options = relying_party.begin_login()
    login = framed.get(options)
    assert login.client_data["crossOrigin"] is True
    assert login.client_data["topOrigin"] == "https://shop.example"
    with pytest.raises(VerificationError, match="cross-origin"):
        relying_party.finish_login(login)
    stuntkey.verify_authentication(
        login,
        options=options,
        origin=ORIGIN,
        credentials=relying_party.credentials,
        top_origins=["https://shop.example"],
    )


def test_user_denies(passkey: Authenticator, relying_party: RelyingParty) -> None:
    with pytest.raises(Error, match="NotAllowedError") as refused:
        passkey.at(ORIGIN).create(relying_party.begin_registration(), user="denied")
    assert refused.value.name == "NotAllowedError"
    assert len(passkey.credentials) == 0
    with Authenticator(user="denied") as key, pytest.raises(Error, match="NotAllowedError"):
        key.at(ORIGIN).create(relying_party.begin_registration())


def test_user_not_verified(passkey: Authenticator, relying_party: RelyingParty) -> None:
    register(passkey, relying_party)
    lenient = relying_party.begin_login(userVerification="discouraged")
    login = passkey.at(ORIGIN).get(lenient, user="present")
    with pytest.raises(VerificationError, match="user-verified"):
        stuntkey.verify_authentication(
            login,
            options=lenient,
            origin=ORIGIN,
            credentials=relying_party.credentials,
            user_verification=True,
        )
    with pytest.raises(Error, match="NotAllowedError"):
        passkey.at(ORIGIN).get(relying_party.begin_login(), user="present")


def test_excluded_credential(passkey: Authenticator, relying_party: RelyingParty) -> None:
    register(passkey, relying_party)
    options = relying_party.begin_registration()
    assert len(options["excludeCredentials"]) == 1
    with pytest.raises(Error) as refused:
        passkey.at(ORIGIN).create(options)
    assert refused.value.name == "InvalidStateError"


def test_no_credential(passkey: Authenticator, relying_party: RelyingParty) -> None:
    with pytest.raises(Error) as refused:
        passkey.at(ORIGIN).get(relying_party.begin_login())
    assert refused.value.name == "NotAllowedError"
    assert refused.value.hint is not None
    assert "register a credential first" in refused.value.hint
    assert refused.value.hint in str(refused.value)


def test_wrong_rp_id(passkey: Authenticator) -> None:
    server = RelyingParty(ORIGIN, rp_id="example.org")
    with pytest.raises(Error) as refused:
        passkey.at(ORIGIN).create(server.begin_registration())
    assert refused.value.name == "SecurityError"
    assert refused.value.hint


def test_counter(passkey: Authenticator, relying_party: RelyingParty) -> None:
    register(passkey, relying_party)
    page = passkey.at(ORIGIN)
    counts = []
    for _ in range(3):
        login = page.get(relying_party.begin_login())
        counts.append(relying_party.finish_login(login).credential.sign_count)
    assert counts == [1, 2, 3]

    options = relying_party.begin_login()
    (record,) = relying_party.credentials
    cloned = stuntkey.CredentialRecord.from_json({**record.to_json(), "signCount": 9})
    login = page.get(options)
    with pytest.raises(VerificationError, match="sign-count"):
        stuntkey.verify_authentication(login, options=options, origin=ORIGIN, credentials=cloned)


def test_export_and_import(passkey: Authenticator, relying_party: RelyingParty) -> None:
    register(passkey, relying_party)
    (exported,) = passkey.credentials.export("webdriver")
    assert exported["rpId"] == relying_party.rp_id
    with Authenticator() as another:
        assert another.credentials.import_([exported]) == ()
        relying_party.finish_login(another.at(ORIGIN).get(relying_party.begin_login()))
    (pem,) = passkey.credentials.export("pkcs8", rp_id=relying_party.rp_id)
    assert pem.startswith("-----BEGIN PRIVATE KEY-----")
    assert passkey.credentials.export("playwright", rp_id="other.example") == ()


def test_added_credential(passkey: Authenticator, relying_party: RelyingParty) -> None:
    added = passkey.credentials.add(
        relying_party.rp_id, user_handle=b"ada's handle", user_name="ada", algorithm="ES256"
    )
    record = stuntkey.CredentialRecord(added.id, added.public_key, user_handle=b"ada's handle")
    options = relying_party.begin_login()
    login = passkey.at(ORIGIN).get(options)
    stuntkey.verify_authentication(login, options=options, origin=ORIGIN, credentials=record)
    (listed,) = passkey.credentials.list(user_name="ada")
    assert (listed.id, listed.discoverable, listed.user_handle) == (added.id, True, b"ada's handle")
    assert passkey.credentials.remove(id=added.id) == 1
    assert passkey.credentials.clear() == 0


@pytest.mark.passkey({"extensions": ["hmac-secret"]})
def test_prf(passkey: Authenticator, relying_party: RelyingParty) -> None:
    register(passkey, relying_party, extensions={"prf": {}})

    def secret(salt: str) -> str:
        options = relying_party.begin_login(extensions={"prf": {"eval": {"first": salt}}})
        login = passkey.at(ORIGIN).get(options)
        relying_party.finish_login(login)
        first: str = login.client_extension_results["prf"]["results"]["first"]
        return first

    assert secret("c2FsdA") == secret("c2FsdA")
    assert secret("c2FsdA") != secret("cGVwcGVy")


@pytest.mark.parametrize("fault", stuntkey.faults("registration"))
def test_faults_of_registrations(fault: Fault, passkey: Authenticator, relying_party: RelyingParty) -> None:
    registration = passkey.at(ORIGIN).create(relying_party.begin_registration(), fault=fault)
    with pytest.raises(VerificationError) as refused:
        relying_party.finish_registration(registration)
    assert f"step {refused.value.step}" in refused.value.clause


@pytest.mark.parametrize("fault", stuntkey.faults("authentication"))
def test_faults_of_authentications(fault: Fault, passkey: Authenticator, relying_party: RelyingParty) -> None:
    # A key that is prepared for a fault may be faulty in each of its ceremonies.
    with Authenticator() as sound:
        register(sound, relying_party)
        passkey.credentials.import_(sound.credentials.export())
    login = passkey.at(ORIGIN).get(relying_party.begin_login(), fault=fault)
    with pytest.raises(VerificationError):
        relying_party.finish_login(login)


def test_sound_beside_a_fault(relying_party: RelyingParty) -> None:
    (fault,) = stuntkey.faults(id="client-data/origin/subdomain")
    with Authenticator(fault=fault) as key:
        page = key.at(ORIGIN)
        with pytest.raises(VerificationError, match="client-data/origin"):
            relying_party.finish_registration(page.create(relying_party.begin_registration()))
        relying_party.finish_registration(page.create(relying_party.begin_registration(), sound=True))
        relying_party.finish_login(page.get(relying_party.begin_login(), sound=True))


def test_signals(passkey: Authenticator, relying_party: RelyingParty) -> None:
    kept, gone = (register(passkey, relying_party, user_name=name).credential for name in ("ada", "bob"))
    page = passkey.at(ORIGIN)
    page.signal_unknown_credential(relying_party.rp_id, gone.id)
    assert [credential.id for credential in passkey.credentials] == [kept.id]
    assert kept.user_handle is not None
    page.signal_current_user_details(relying_party.rp_id, kept.user_handle, "countess", "Ada")
    assert [credential.user_name for credential in passkey.credentials] == ["countess"]
    page.signal_all_accepted_credentials(relying_party.rp_id, kept.user_handle, [])
    assert len(passkey.credentials) == 0
    with pytest.raises(Error, match="SecurityError"):
        passkey.at("https://evil.example").signal_unknown_credential(relying_party.rp_id, kept.id)


def test_inspect(passkey: Authenticator, relying_party: RelyingParty) -> None:
    registration = passkey.at(ORIGIN).create(relying_party.begin_registration())
    found = stuntkey.inspect(registration.response["response"]["attestationObject"])
    assert found["kind"] == "attestation object"
    verified = relying_party.finish_registration(registration)
    nodes = {node["name"]: node for node in flat(found["tree"])}
    assert verified.aaguid.replace("-", "") in json.dumps(nodes["aaguid"]).replace("-", "")


def flat(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [node, *(inner for child in node.get("children", []) for inner in flat(child))]


def test_root_and_metadata(passkey: Authenticator) -> None:
    assert passkey.attestation_root.startswith("-----BEGIN CERTIFICATE-----")
    statement = passkey.metadata_statement()
    body = re.sub(r"-----[^-]+-----|\s", "", passkey.attestation_root)
    assert statement["attestationRootCertificates"] == [body]
    assert passkey.metadata_blob("ES256").count(".") == 2


def test_same_seed_same_bytes() -> None:
    handle = 0
    for exchange in transcript():
        request = exchange["request"]
        if request.get("client") == "$client":
            request = {**request, "client": handle}
        answer = _door.text(request)
        if request["op"] == "client.new" and answer.startswith('{"ok"'):
            handle = json.loads(answer)["ok"]["client"]
        assert answer == exchange["answer"].replace("$client", str(handle)), request


def test_misuse(passkey: Authenticator, relying_party: RelyingParty) -> None:
    with pytest.raises(Error, match="did you mean 'user'") as unknown:
        Authenticator(usr="denied")  # type: ignore[call-arg]
    assert unknown.value.path == "$.usr"
    page = passkey.at(ORIGIN)
    with pytest.raises(Error) as no_fault:
        page.create(relying_party.begin_registration(), fault="client-data/origni")
    assert (no_fault.value.name, no_fault.value.path) == ("FaultError", "$.fault")
    assert "client-data/" in (no_fault.value.hint or "")
    with pytest.raises(Error) as no_options:
        page.create({"hello": "world"})
    assert no_options.value.name == "TypeError"
    assert no_options.value.path
    with pytest.raises(Error) as nothing:
        page.create(None)  # type: ignore[arg-type]
    assert nothing.value.path == "$.options"
    assert nothing.value.hint
    (prepared,) = stuntkey.faults(id="tpm/ver/1.2")
    with pytest.raises(Error) as unprepared:
        page.create(relying_party.begin_registration(), fault=prepared)
    assert 'prepared_for="tpm/ver/1.2"' in (unprepared.value.hint or "")
    passkey.close()
    with pytest.raises(Error) as closed:
        page.create(relying_party.begin_registration())
    assert (closed.value.name, closed.value.path) == ("HandleError", "$.client")
    assert closed.value.hint

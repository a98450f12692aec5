"""What is Python's own: memory, threads, processes, and the choice of an engine."""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import stuntkey
from stuntkey import Authenticator, Client, Error, RelyingParty, VerificationError, _door


def frees(handle: int) -> bool:
    """Whether the engine has forgotten the client of this handle."""
    try:
        _door.call("credentials.list", client=handle)
    except Error as error:
        return error.name == "HandleError"
    return False


def test_a_key_is_freed_with_the_last_reference_to_it() -> None:
    key = Authenticator()
    handle = key._handle
    page = key.at("https://login.example.com")
    credentials = key.credentials
    del key
    gc.collect()
    assert not frees(handle)
    del page, credentials
    gc.collect()
    assert frees(handle)


def test_a_key_is_freed_when_it_is_closed_and_twice_does_no_harm() -> None:
    with Client("https://login.example.com") as client:
        handle = client.authenticator._handle
        assert not frees(handle)
    assert frees(handle)
    client.close()
    assert repr(client.authenticator) == "<Authenticator: closed>"


def test_threads_share_the_engine() -> None:
    def log_in(number: int) -> int:
        server = RelyingParty(f"https://{number}.example")
        with Client(server.origin) as client:
            server.finish_registration(client.register(server.begin_registration()))
            for _ in range(5):
                verified = server.finish_login(client.authenticate(server.begin_login()))
            return verified.credential.sign_count

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(log_in, range(32))) == [5] * 32


def test_errors_go_from_one_process_to_another(passkey: Authenticator, relying_party: RelyingParty) -> None:
    with pytest.raises(Error) as refused:
        passkey.at(relying_party.origin).get(relying_party.begin_login())
    copy = pickle.loads(pickle.dumps(refused.value))
    assert (str(copy), copy.hint) == (str(refused.value), refused.value.hint)

    options = relying_party.begin_registration()
    registration = passkey.at(relying_party.origin).create(options, fault="client-data/origin/subdomain")
    with pytest.raises(VerificationError) as failed:
        relying_party.finish_registration(registration)
    copy = pickle.loads(pickle.dumps(failed.value))
    assert (copy.step, copy.check, str(copy)) == (9, "client-data/origin", str(failed.value))


def test_steps_are_told_if_asked_for(passkey: Authenticator, relying_party: RelyingParty) -> None:
    options = relying_party.begin_registration()
    registration = passkey.at(relying_party.origin).create(options)
    verified = stuntkey.verify_registration(
        registration.body.encode(), options=options, origin=relying_party.origin, steps=True
    )
    assert verified.steps
    with pytest.raises(VerificationError) as refused:
        stuntkey.verify_registration(registration, options=options, origin="https://other.example", steps=True)
    assert refused.value.steps


def test_a_policy_says_more_than_the_standard(passkey: Authenticator, relying_party: RelyingParty) -> None:
    options = relying_party.begin_registration(attestation="none")
    registration = passkey.at(relying_party.origin).create(options)
    verified = stuntkey.verify_registration(registration, options=options, origin=relying_party.origin)
    assert verified.format == "none"
    with pytest.raises(VerificationError, match="trust/none"):
        stuntkey.verify_registration(
            registration,
            options=options,
            origin=relying_party.origin,
            policy={"none_attestation": False},
        )
    members = {member for fault in stuntkey.faults() for member in fault.policy or {}}
    assert members <= stuntkey.Policy.__optional_keys__


def test_a_key_speaks_ctap(passkey: Authenticator) -> None:
    status, *cbor = passkey.ctap(b"\x04")
    assert status == 0
    assert b"FIDO_2_0" in bytes(cbor)
    passkey.power_cycle()
    assert "userVerifyingPlatformAuthenticator" in passkey.at("https://login.example.com").capabilities()


def test_every_model_is_made() -> None:
    for model in stuntkey.models():
        Authenticator(model.name).close()
    Authenticator({"base": "phone", "counter": "zero"}, user=["denied", "verified"], pin="1234").close()


def test_an_environment_variable_chooses_the_engine() -> None:
    def run(engine: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", "import stuntkey; print(stuntkey.build().engine)"],
            env={**os.environ, "STUNTKEY_ENGINE": engine},
            capture_output=True,
            text=True,
            check=False,
        )

    # Each wheel has one, and a checkout may have both.
    assert stuntkey.build().engine in (run("native").stdout + run("wasm").stdout)
    assert "expected one of native, wasm" in run("steam").stderr


def test_no_engine_is_loaded_before_it_is_needed() -> None:
    code = "import sys, stuntkey, stuntkey.pytest_plugin; print([m for m in sys.modules if m == 'wasmtime'])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_versions_are_in_step() -> None:
    assert stuntkey.build().version == stuntkey.__version__
    project = Path(__file__).resolve().parents[1]
    for file in (project / "pyproject.toml", project / "native" / "Cargo.toml"):
        assert f'\nversion = "{stuntkey.__version__}"\n' in file.read_text()

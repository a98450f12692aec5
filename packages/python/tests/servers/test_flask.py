"""A Flask app over py_webauthn."""

from __future__ import annotations

import secrets

import flask
import pytest
from flask.testing import FlaskClient
from webauthn.helpers.exceptions import WebAuthnException

from accounts import ORIGIN, Accounts
from stuntkey import Client


@pytest.fixture
def browser() -> FlaskClient:
    app = flask.Flask("tests")
    app.secret_key = secrets.token_bytes()
    accounts = Accounts()

    def session() -> str:
        return str(flask.session.setdefault("id", secrets.token_hex()))

    @app.post("/register/begin")
    def register_begin() -> str:
        return accounts.creation_options(session(), flask.request.get_json()["name"])

    @app.post("/register/finish")
    def register_finish() -> str:
        accounts.register(session(), flask.request.get_json())
        return "registered"

    @app.post("/login/begin")
    def login_begin() -> str:
        return accounts.request_options(session())

    @app.post("/login/finish")
    def login_finish() -> str:
        accounts.log_in(session(), flask.request.get_json())
        return "logged in"

    @app.errorhandler(WebAuthnException)
    def refused(error: WebAuthnException) -> tuple[str, int]:
        return str(error), 400

    return app.test_client()


@pytest.fixture
def client(browser: FlaskClient) -> Client:
    client = Client(ORIGIN)
    options = browser.post("/register/begin", json={"name": "ada"}).text
    registration = client.register(options)
    answer = browser.post("/register/finish", data=registration.body, content_type=registration.content_type)
    assert answer.text == "registered"
    return client


def test_registers_and_logs_in(browser: FlaskClient, client: Client) -> None:
    login = client.authenticate(browser.post("/login/begin").text)
    answer = browser.post("/login/finish", data=login.body, content_type=login.content_type)
    assert (answer.status_code, answer.text) == (200, "logged in")


def test_refuses_a_fault(browser: FlaskClient, client: Client) -> None:
    login = client.authenticate(browser.post("/login/begin").text, fault="authenticator-data/rp-id-hash/other-site")
    answer = browser.post("/login/finish", data=login.body, content_type=login.content_type)
    assert (answer.status_code, answer.text) == (400, "Unexpected RP ID hash")

"""A FastAPI app over py_webauthn."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import PlainTextResponse
from fastapi.testclient import TestClient
from webauthn.helpers.exceptions import WebAuthnException

from accounts import ORIGIN, Accounts
from stuntkey import Client


@pytest.fixture
def browser() -> TestClient:
    app = FastAPI()
    accounts = Accounts()

    @app.post("/register/begin")
    async def register_begin(body: dict[str, str]) -> Response:
        return Response(accounts.creation_options("one", body["name"]), media_type="application/json")

    @app.post("/register/finish")
    async def register_finish(credential: dict[str, Any]) -> str:
        accounts.register("one", credential)
        return "registered"

    @app.post("/login/begin")
    async def login_begin() -> Response:
        return Response(accounts.request_options("one"), media_type="application/json")

    @app.post("/login/finish")
    async def login_finish(credential: dict[str, Any]) -> str:
        accounts.log_in("one", credential)
        return "logged in"

    @app.exception_handler(WebAuthnException)
    async def refused(_: Request, error: WebAuthnException) -> PlainTextResponse:
        return PlainTextResponse(str(error), status_code=400)

    return TestClient(app, base_url=ORIGIN)


@pytest.fixture
def client(browser: TestClient) -> Client:
    client = Client(ORIGIN)
    registration = client.register(browser.post("/register/begin", json={"name": "ada"}).json())
    assert browser.post("/register/finish", json=registration.response).json() == "registered"
    return client


def test_registers_and_logs_in(browser: TestClient, client: Client) -> None:
    login = client.authenticate(browser.post("/login/begin").json())
    assert browser.post("/login/finish", json=login.response).json() == "logged in"


def test_refuses_a_fault(browser: TestClient, client: Client) -> None:
    login = client.authenticate(browser.post("/login/begin").json(), fault="client-data/type/other-ceremony")
    answer = browser.post("/login/finish", json=login.response)
    assert answer.status_code == 400
    assert "Unexpected client data type" in answer.text


def test_refuses_a_user_who_is_not_verified(browser: TestClient) -> None:
    client = Client(ORIGIN, model={"flags": ["uv=0"]})
    registration = client.register(browser.post("/register/begin", json={"name": "ada"}).json())
    browser.post("/register/finish", json=registration.response)
    login = client.authenticate(browser.post("/login/begin").json())
    answer = browser.post("/login/finish", json=login.response)
    assert (answer.status_code, "User verification" in answer.text) == (400, True)

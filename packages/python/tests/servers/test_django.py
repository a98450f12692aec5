"""Django with django-allauth, by its JSON API."""

from __future__ import annotations

from typing import Any

import django
import pytest
from django.conf import settings

from stuntkey import Authenticator, Page

ORIGIN = "https://login.example.com"
API = "/_allauth/browser/v1"

urlpatterns: list[Any] = []


@pytest.fixture(scope="module")
def _site() -> None:
    """A site in memory."""
    settings.configure(
        ALLOWED_HOSTS=["login.example.com"],
        AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
        ACCOUNT_EMAIL_VERIFICATION="none",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.messages",
            "django.contrib.sessions",
            "allauth",
            "allauth.account",
            "allauth.headless",
            "allauth.mfa",
        ],
        MFA_PASSKEY_LOGIN_ENABLED=True,
        MFA_REAUTHENTICATION_REQUIRED=False,
        MFA_SUPPORTED_TYPES=["webauthn"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "allauth.account.middleware.AccountMiddleware",
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="tests",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
            }
        ],
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command
    from django.urls import include, path

    urlpatterns.extend(
        [path("accounts/", include("allauth.urls")), path("_allauth/", include("allauth.headless.urls"))]
    )
    call_command("migrate", verbosity=0)


class Browser:
    """Django's client for tests, at the right host."""

    def __init__(self) -> None:
        from django.test import Client

        self.client = Client(headers={"host": "login.example.com"})

    def get(self, path: str) -> Any:
        return self.client.get(API + path, secure=True).json()["data"]

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self.client.post(API + path, body, content_type="application/json", secure=True)


@pytest.fixture
def page(_site: None, passkey: Authenticator) -> Page:
    """A page at which ada has registered the key."""
    from django.contrib.auth import get_user_model

    # With a passkey, her password is no longer enough.
    get_user_model().objects.filter(username="ada").delete()
    get_user_model().objects.create_user("ada", "ada@example.com", "correct horse")
    page = passkey.at(ORIGIN)
    browser = Browser()
    answer = browser.post("/auth/login", {"username": "ada", "password": "correct horse"})
    assert answer.status_code == 200, answer.content
    found = browser.get("/account/authenticators/webauthn?passwordless")
    registration = page.create(found["creation_options"])
    answer = browser.post("/account/authenticators/webauthn", {"name": "stuntkey", "credential": registration.response})
    assert answer.status_code == 200, answer.content
    return page


def test_registers_and_logs_in(page: Page) -> None:
    browser = Browser()
    login = page.get(browser.get("/auth/webauthn/login")["request_options"])
    answer = browser.post("/auth/webauthn/login", {"credential": login.response})
    assert answer.status_code == 200, answer.content
    assert answer.json()["data"]["user"]["username"] == "ada"


def test_refuses_a_fault(page: Page) -> None:
    browser = Browser()
    options = browser.get("/auth/webauthn/login")["request_options"]
    login = page.get(options, fault="client-data/challenge/other")
    answer = browser.post("/auth/webauthn/login", {"credential": login.response})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["param"] == "credential"

"""django-allauth's headless API with WebAuthn and logins by passkey, over a database in a temporary folder.

Arguments: the port.
"""

import os
import sys
import tempfile

import django
from django.conf import settings
from django.core.management import call_command
from django.urls import include, path

PORT = int(sys.argv[1])
FOLDER = tempfile.mkdtemp()

settings.configure(
    SECRET_KEY="a secret of a test",
    ALLOWED_HOSTS=["localhost"],
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": os.path.join(FOLDER, "db.sqlite3"),
            "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": "PRAGMA synchronous=OFF"},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "allauth",
        "allauth.account",
        "allauth.mfa",
        "allauth.headless",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
        }
    ],
    AUTHENTICATION_BACKENDS=["allauth.account.auth_backends.AuthenticationBackend"],
    # Passwords are not what is tested, and slow hashes take most of the time.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ACCOUNT_LOGIN_METHODS={"email"},
    ACCOUNT_SIGNUP_FIELDS=["email*", "password1*"],
    ACCOUNT_EMAIL_VERIFICATION="none",
    ACCOUNT_PREVENT_ENUMERATION=False,
    ACCOUNT_RATE_LIMITS=False,
    MFA_RATE_LIMITS=False,
    HEADLESS_ONLY=True,
    MFA_SUPPORTED_TYPES=["webauthn"],
    MFA_PASSKEY_LOGIN_ENABLED=True,
    MFA_ALLOW_UNVERIFIED_EMAIL=True,
)
django.setup()

urlpatterns = [path("accounts/", include("allauth.urls")), path("_allauth/", include("allauth.headless.urls"))]

if __name__ == "__main__":
    from django.core.wsgi import get_wsgi_application
    from waitress import serve

    call_command("migrate", verbosity=0)
    serve(get_wsgi_application(), host="127.0.0.1", port=PORT, threads=4)

"""A user for Locust: load with passkeys, on as many machines as Locust has workers.

```
from stuntkey.locust import PasskeyUser

class Visitor(PasskeyUser):
    host = "https://login.example.com"
```
"""

from __future__ import annotations

import itertools
import json
import secrets
from typing import Any
from urllib.parse import urlsplit

from locust import FastHttpUser, constant, task
from locust.exception import StopUser

from ._authenticator import Client
from ._error import Error

_numbers = itertools.count()
# Of each process that runs users.
_run = secrets.token_hex(4)


class PasskeyUser(FastHttpUser):
    """A visitor with a key of their own, who registers a new account and logs in, again and again.

    The endpoints are those of the FIDO conformance interface; a subclass has others, and other bodies.
    """

    abstract = True
    wait_time = constant(0)

    #: The paths that give creation options and take the answer.
    registration = ("/attestation/options", "/attestation/result")
    #: The paths that give request options and take the answer.
    authentication = ("/assertion/options", "/assertion/result")
    #: The origin of the page. Default: that of `host`.
    origin: str | None = None
    #: What the key is made of, as for `stuntkey.Client`.
    key_options: dict[str, Any] = {}  # noqa: RUF012

    def on_start(self) -> None:
        """Gives the visitor a key."""
        page = urlsplit(self.host or "")
        self.key = Client(self.origin or f"{page.scheme}://{page.netloc}", **self.key_options)

    def on_stop(self) -> None:
        self.key.close()

    @task
    def register_and_log_in(self) -> None:
        """A new account, and a login to it. The key forgets the account afterwards."""
        account = f"load-{_run}-{next(_numbers)}"
        if self.register(account):
            self.log_in(account)
        self.key.credentials.clear()

    def register(self, account: str) -> bool:
        """Registers the key for this account, and says whether the server took it."""
        options = self.ask(self.registration[0], self.registration_body(account))
        return options is not None and self.answer(self.registration[1], self.key.register, options)

    def log_in(self, account: str) -> bool:
        """Logs in to this account, and says whether the server let it."""
        options = self.ask(self.authentication[0], self.authentication_body(account))
        return options is not None and self.answer(self.authentication[1], self.key.authenticate, options)

    def registration_body(self, account: str) -> dict[str, Any]:
        """What is posted for creation options."""
        return {"username": account, "displayName": account, "attestation": "none"}

    def authentication_body(self, account: str) -> dict[str, Any]:
        """What is posted for request options."""
        return {"username": account}

    def refusal(self, body: str) -> str | None:
        """Why an answer with a status of success is a refusal all the same. Default: `"status": "failed"` in JSON."""
        try:
            found = json.loads(body)
        except ValueError:
            return None
        failed = isinstance(found, dict) and found.get("status") == "failed"
        return str(found.get("errorMessage") or "failed") if failed else None

    def ask(self, path: str, body: dict[str, Any]) -> str | None:
        """The options that the server sends, as text."""
        return self.post(path, json.dumps(body), "application/json")

    def answer(self, path: str, ceremony: Any, options: str) -> bool:
        """Whether the server takes what the key makes of the options."""
        try:
            reply = ceremony(options)
        except Error as error:
            # The server is not what this user was written for, and will not be at the next try.
            self.environment.events.request.fire(
                request_type="KEY",
                name=path,
                response_time=0,
                response_length=0,
                exception=error,
                context=self.context(),
            )
            raise StopUser from error
        return self.post(path, reply.body, reply.content_type) is not None

    def post(self, path: str, body: str, content_type: str) -> str | None:
        """Posts, and gives the text of the answer if it is no refusal."""
        with self.client.post(path, data=body, headers={"content-type": content_type}, catch_response=True) as response:
            text = response.text or ""
            if response.status_code == 0 or response.status_code >= 400:
                response.failure(f"status {response.status_code}: {text[:200]}")
                return None
            refusal = self.refusal(text)
            if refusal is not None:
                response.failure(refusal)
                return None
            return str(text)

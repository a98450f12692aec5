"""What a page gives to its server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypedDict, TypeVar, cast

from ._encoding import from_base64url
from ._error import Error


class _Response(TypedDict):
    clientDataJSON: str


class AuthenticatorAttestationResponseJSON(_Response):
    """WebAuthn L3 §5.2.1.1."""

    attestationObject: str
    authenticatorData: str
    transports: list[str]
    publicKeyAlgorithm: int
    publicKey: str


class AuthenticatorAssertionResponseJSON(_Response, total=False):
    """WebAuthn L3 §5.2.2.1. `userHandle` may be missing."""

    authenticatorData: str
    signature: str
    userHandle: str


class _Credential(TypedDict):
    id: str
    rawId: str
    type: str
    authenticatorAttachment: str
    clientExtensionResults: dict[str, Any]


class RegistrationResponseJSON(_Credential):
    """What `PublicKeyCredential.toJSON()` gives after `create()` (WebAuthn L3 §5.1)."""

    response: AuthenticatorAttestationResponseJSON


class AuthenticationResponseJSON(_Credential):
    """What `PublicKeyCredential.toJSON()` gives after `get()` (WebAuthn L3 §5.1)."""

    response: AuthenticatorAssertionResponseJSON


@dataclass(frozen=True)
class Notice:
    """Something in the options that was mended or ignored."""

    path: str
    message: str


@dataclass(frozen=True)
class _Reply:
    #: The body of the request to the server, in the shape that goes with the options.
    body: str
    content_type: str
    #: The name of the shape: `l3` is the standard's.
    preset: str
    #: What was mended or ignored in the options.
    notices: tuple[Notice, ...]
    #: Members that the shape requires, and that nobody gave.
    missing: tuple[str, ...]
    _response: Any

    @property
    def id(self) -> str:
        """The credential id in base64url."""
        return str(self._member("id"))

    @property
    def raw_id(self) -> bytes:
        """The credential id."""
        return from_base64url(self.id)

    @property
    def client_data_json(self) -> bytes:
        return self._bytes("clientDataJSON")

    @property
    def client_data(self) -> dict[str, Any]:
        """Type, challenge, origin and what else the client signs for."""
        return cast("dict[str, Any]", json.loads(self.client_data_json))

    @property
    def authenticator_data(self) -> bytes:
        return self._bytes("authenticatorData")

    @property
    def client_extension_results(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self._member("clientExtensionResults"))

    def _bytes(self, member: str) -> bytes:
        return from_base64url(self._member("response", member))

    def _member(self, *names: str) -> Any:
        value = self._response
        for name in names:
            # A fault may have taken anything away.
            if not isinstance(value, dict) or name not in value:
                path = ".".join(["$", *names])
                raise Error("TypeError", f"{path}: the response has none, or no text", path=path)
            value = value[name]
        return value


@dataclass(frozen=True)
class Registration(_Reply):
    """What `create()` gives."""

    @property
    def response(self) -> RegistrationResponseJSON:
        """The standard's `RegistrationResponseJSON`."""
        return cast("RegistrationResponseJSON", self._response)

    @property
    def attestation_object(self) -> bytes:
        return self._bytes("attestationObject")

    @property
    def public_key(self) -> bytes:
        """The credential public key as SubjectPublicKeyInfo (DER)."""
        return self._bytes("publicKey")

    @property
    def public_key_algorithm(self) -> int:
        """The COSE algorithm identifier: -7 is ES256."""
        return int(self._member("response", "publicKeyAlgorithm"))

    @property
    def transports(self) -> tuple[str, ...]:
        return tuple(self._member("response", "transports"))


@dataclass(frozen=True)
class Authentication(_Reply):
    """What `get()` gives."""

    @property
    def response(self) -> AuthenticationResponseJSON:
        """The standard's `AuthenticationResponseJSON`."""
        return cast("AuthenticationResponseJSON", self._response)

    @property
    def signature(self) -> bytes:
        return self._bytes("signature")

    @property
    def user_handle(self) -> bytes | None:
        handle = self._member("response").get("userHandle")
        return None if handle is None else from_base64url(handle)


_R = TypeVar("_R", bound=_Reply)


def read(kind: type[_R], answer: dict[str, Any]) -> _R:
    """A reply from the engine's answer."""
    return kind(
        body=answer["body"],
        content_type=answer["contentType"],
        preset=answer["preset"],
        notices=tuple(Notice(notice["path"], notice["message"]) for notice in answer["notices"]),
        missing=tuple(answer["missing"]),
        _response=answer["response"],
    )

"""A relying party's side of both ceremonies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _door
from ._ceremony import Authentication, Registration
from ._encoding import document, from_base64url, to_base64url
from ._error import VerificationError
from ._policy import Policy, write_policy


@dataclass(frozen=True)
class CredentialRecord:
    """What a relying party keeps of a credential (WebAuthn L3 §4)."""

    id: bytes
    #: The credential public key, a COSE_Key.
    public_key: bytes
    sign_count: int = 0
    uv_initialized: bool = False
    transports: tuple[str, ...] = ()
    backup_eligible: bool = False
    backup_state: bool = False
    #: The user handle of its user.
    user_handle: bytes | None = None

    def to_json(self) -> dict[str, Any]:
        """The record as JSON can hold it."""
        members: dict[str, Any] = {
            "id": to_base64url(self.id),
            "publicKey": to_base64url(self.public_key),
            "signCount": self.sign_count,
            "uvInitialized": self.uv_initialized,
            "transports": list(self.transports),
            "backupEligible": self.backup_eligible,
            "backupState": self.backup_state,
        }
        if self.user_handle is not None:
            members["userHandle"] = to_base64url(self.user_handle)
        return members

    @classmethod
    def from_json(cls, members: Mapping[str, Any]) -> CredentialRecord:
        """The record that `to_json()` has written."""
        handle = members.get("userHandle")
        return cls(
            id=from_base64url(members["id"]),
            public_key=from_base64url(members["publicKey"]),
            sign_count=members["signCount"],
            uv_initialized=members["uvInitialized"],
            transports=tuple(members["transports"]),
            backup_eligible=members["backupEligible"],
            backup_state=members["backupState"],
            user_handle=None if handle is None else from_base64url(handle),
        )


@dataclass(frozen=True)
class VerifiedRegistration:
    """A registration that holds."""

    #: What to store.
    credential: CredentialRecord
    #: The authenticator's model.
    aaguid: str
    #: The attestation statement format.
    format: str
    #: The type of attestation, in the standard's words.
    attestation: str
    #: Every step, if that was asked for.
    steps: Any = field(default=None, repr=False)


@dataclass(frozen=True)
class VerifiedAuthentication:
    """An authentication that holds."""

    #: What to store from now on.
    credential: CredentialRecord
    #: Every step, if that was asked for.
    steps: Any = field(default=None, repr=False)


#: What a client sent: a reply of a page, text, or what `json.loads()` makes of it.
Response = Registration | Authentication | str | bytes | Mapping[str, Any]
_Options = str | bytes | Mapping[str, Any]


def verify_registration(
    response: Response,
    *,
    origin: str | Iterable[str],
    options: _Options | None = None,
    challenge: bytes | str | None = None,
    rp_id: str | None = None,
    algorithms: Iterable[str] | None = None,
    user_verification: bool | None = None,
    trust: str | Iterable[str] | None = None,
    credentials: Iterable[CredentialRecord] = (),
    cross_origin: bool = False,
    top_origins: Iterable[str] = (),
    policy: Policy | None = None,
    conditional: bool = False,
    steps: bool = False,
) -> VerifiedRegistration:
    """Verifies a registration as a relying party does (WebAuthn L3 §7.1). Raises `VerificationError`.

    `options` are what the server sent; what they do not say, or say otherwise, is given beside them. `trust` says who
    may attest: `anybody`, which is the default, `test-root`, or PEM of certificates. `credentials` are registered
    already.
    """
    __tracebackhide__ = True
    answer = _door.call(
        "verify.registration",
        response=_response(response),
        **_expected(options, challenge, rp_id, origin, user_verification, cross_origin, top_origins, policy),
        algorithms=None if algorithms is None else list(algorithms),
        trust=trust if trust is None or isinstance(trust, str) else list(trust),
        credentials=[record.to_json() for record in credentials],
        conditional=conditional,
        steps=steps,
    )
    return VerifiedRegistration(
        credential=_held(answer),
        aaguid=answer["aaguid"],
        format=answer["format"],
        attestation=answer["attestation"],
        steps=answer.get("steps"),
    )


def verify_authentication(
    response: Response,
    *,
    origin: str | Iterable[str],
    credentials: CredentialRecord | Iterable[CredentialRecord],
    options: _Options | None = None,
    challenge: bytes | str | None = None,
    rp_id: str | None = None,
    user_handle: bytes | None = None,
    user_verification: bool | None = None,
    stale_sign_count: bool = False,
    cross_origin: bool = False,
    top_origins: Iterable[str] = (),
    policy: Policy | None = None,
    steps: bool = False,
) -> VerifiedAuthentication:
    """Verifies an authentication as a relying party does (WebAuthn L3 §7.2). Raises `VerificationError`.

    `credentials` are what is registered. `user_handle` is of a user who was identified before. With
    `stale_sign_count`, a signature counter that does not rise is let pass.
    """
    __tracebackhide__ = True
    records = [credentials] if isinstance(credentials, CredentialRecord) else credentials
    answer = _door.call(
        "verify.authentication",
        response=_response(response),
        **_expected(options, challenge, rp_id, origin, user_verification, cross_origin, top_origins, policy),
        credentials=[record.to_json() for record in records],
        userHandle=None if user_handle is None else to_base64url(user_handle),
        staleSignCount=stale_sign_count,
        steps=steps,
    )
    return VerifiedAuthentication(_held(answer), answer.get("steps"))


def _expected(
    options: _Options | None,
    challenge: bytes | str | None,
    rp_id: str | None,
    origin: str | Iterable[str],
    user_verification: bool | None,
    cross_origin: bool,
    top_origins: Iterable[str],
    policy: Policy | None,
) -> dict[str, Any]:
    return {
        "options": None if options is None else document(options, "$.options"),
        "challenge": None if challenge is None else to_base64url(challenge),
        "rpId": rp_id,
        "origin": origin if isinstance(origin, str) else list(origin),
        "userVerification": user_verification,
        "crossOrigin": cross_origin,
        "topOrigins": list(top_origins),
        "policy": write_policy(policy),
    }


def _response(response: Response) -> object:
    if isinstance(response, Registration | Authentication):
        return response.response
    return document(response, "$.response")


def _held(answer: Mapping[str, Any]) -> CredentialRecord:
    __tracebackhide__ = True
    if "credential" not in answer:
        raise VerificationError(answer["failure"], answer.get("steps"))
    return CredentialRecord.from_json(answer["credential"])

"""The credentials of an authenticator."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, overload

from ._encoding import document, from_base64url, to_base64url


@dataclass(frozen=True)
class Credential:
    """A credential as an authenticator keeps it, without its private key."""

    id: bytes
    rp_id: str
    user_handle: bytes
    user_name: str
    user_display_name: str
    algorithm: str
    discoverable: bool
    sign_count: int
    backup_eligible: bool
    backup_state: bool


@dataclass(frozen=True)
class AddedCredential:
    """What a server stores of a credential that was added."""

    id: bytes
    #: The credential public key, a COSE_Key.
    public_key: bytes
    #: The same as a SubjectPublicKeyInfo.
    public_key_spki: bytes


class Credentials:
    """The credentials of an authenticator, newest first. A method takes those that fit everything that is given."""

    def __init__(self, call: Callable[..., Any]) -> None:
        self._call = call

    def __iter__(self) -> Iterator[Credential]:
        return iter(self.list())

    def __len__(self) -> int:
        return len(self.list())

    def __repr__(self) -> str:
        return f"<{len(self)} credentials>"

    def list(
        self,
        *,
        id: bytes | str | None = None,
        rp_id: str | None = None,
        user_name: str | None = None,
        user_handle: bytes | None = None,
    ) -> tuple[Credential, ...]:
        """The credentials that fit, without their keys."""
        found = self._call("credentials.list", **_filter(id, rp_id, user_name, user_handle))
        return tuple(_read(one) for one in found)

    def add(
        self,
        rp_id: str,
        *,
        id: bytes | str | None = None,
        user_handle: bytes | None = None,
        user_name: str | None = None,
        user_display_name: str | None = None,
        algorithm: str | None = None,
        private_key: bytes | str | None = None,
        sign_count: int | None = None,
        backup_eligible: bool | None = None,
        backup_state: bool | None = None,
    ) -> AddedCredential:
        """Adds a credential that no ceremony made; with a user handle, it is discoverable.

        `private_key` is PKCS#8: DER, or PEM as text. What is left out is drawn.
        """
        added = self._call(
            "credentials.add",
            rpId=rp_id,
            id=_text(id),
            userHandle=_text(user_handle),
            userName=user_name,
            userDisplayName=user_display_name,
            algorithm=algorithm,
            privateKey=_text(private_key),
            signCount=sign_count,
            backupEligible=backup_eligible,
            backupState=backup_state,
        )
        return AddedCredential(
            from_base64url(added["id"]),
            from_base64url(added["publicKey"]),
            from_base64url(added["publicKeySpki"]),
        )

    def remove(
        self,
        *,
        id: bytes | str | None = None,
        rp_id: str | None = None,
        user_name: str | None = None,
        user_handle: bytes | None = None,
    ) -> int:
        """Removes the credentials that fit, and says how many they were."""
        removed: int = self._call("credentials.remove", **_filter(id, rp_id, user_name, user_handle))["removed"]
        return removed

    def clear(self) -> int:
        """Removes every credential, and says how many they were."""
        removed: int = self._call("credentials.remove", all=True)["removed"]
        return removed

    def import_(self, credentials: str | bytes | Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """Takes credentials in the form of WebDriver, the DevTools Protocol or Playwright, and says what was mended."""
        answer = self._call("credentials.import", credentials=document(credentials, "$.credentials"))
        return tuple(answer["notices"])

    @overload
    def export(
        self,
        form: Literal["webdriver", "playwright"] = "webdriver",
        *,
        id: bytes | str | None = None,
        rp_id: str | None = None,
        user_name: str | None = None,
        user_handle: bytes | None = None,
    ) -> tuple[dict[str, Any], ...]: ...

    @overload
    def export(
        self,
        form: Literal["pkcs8"],
        *,
        id: bytes | str | None = None,
        rp_id: str | None = None,
        user_name: str | None = None,
        user_handle: bytes | None = None,
    ) -> tuple[str, ...]: ...

    def export(
        self,
        form: str = "webdriver",
        *,
        id: bytes | str | None = None,
        rp_id: str | None = None,
        user_name: str | None = None,
        user_handle: bytes | None = None,
    ) -> tuple[dict[str, Any], ...] | tuple[str, ...]:
        """The credentials that fit, with their private keys: `webdriver`, `playwright`, or `pkcs8` (PEM)."""
        return tuple(self._call("credentials.export", **{"as": form}, **_filter(id, rp_id, user_name, user_handle)))


def _filter(
    id: bytes | str | None, rp_id: str | None, user_name: str | None, user_handle: bytes | None
) -> dict[str, Any]:
    return {"id": _text(id), "rpId": rp_id, "userName": user_name, "userHandle": _text(user_handle)}


def _text(given: bytes | str | None) -> str | None:
    return None if given is None else to_base64url(given)


def _read(found: Mapping[str, Any]) -> Credential:
    return Credential(
        id=from_base64url(found["id"]),
        rp_id=found["rpId"],
        user_handle=from_base64url(found.get("userHandle") or ""),
        user_name=found.get("userName") or "",
        user_display_name=found.get("userDisplayName") or "",
        algorithm=found["alg"],
        discoverable=found["discoverable"],
        sign_count=found["signCount"],
        backup_eligible=found["backupEligible"],
        backup_state=found["backupState"],
    )

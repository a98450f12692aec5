"""A small relying party in process, for tests that need no server."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ._encoding import to_base64url
from ._error import Error
from ._faults import Fault
from ._policy import Policy
from ._verify import (
    CredentialRecord,
    Response,
    VerifiedAuthentication,
    VerifiedRegistration,
    verify_authentication,
    verify_registration,
)


class RelyingParty:
    """A relying party that remembers accounts, and verifies everything that the standard asks for.

    It serves one visitor: what was begun last is what is finished, once. `prepared_for` is a fault that it has to be
    able to refuse: it takes the policy, and knows what it has to know for that.
    """

    def __init__(
        self,
        origin: str = "https://login.example.com",
        *,
        rp_id: str | None = None,
        name: str = "Example",
        attestation: str = "direct",
        trust: str | Iterable[str] | None = "test-root",
        user_verification: str = "required",
        resident_key: str = "required",
        algorithms: Sequence[int] = (-7, -8, -257),
        policy: Policy | None = None,
        prepared_for: Fault | None = None,
    ) -> None:
        host = urlsplit(origin).hostname
        if host is None:
            raise Error("TypeError", f"$.origin: found {origin!r}, expected an origin", path="$.origin")
        self.origin = origin
        self.rp_id = rp_id or host
        self.name = name
        self.attestation = attestation
        self.trust = trust
        self.user_verification = user_verification
        self.resident_key = resident_key
        self.algorithms = tuple(algorithms)
        self.policy = policy
        self._prepared_for = ""
        self._accounts: dict[str, bytes] = {}
        self._records: dict[bytes, CredentialRecord] = {}
        self._begun: dict[str, dict[str, Any]] = {}
        if prepared_for is not None:
            self._prepare(prepared_for)

    @property
    def credentials(self) -> tuple[CredentialRecord, ...]:
        """What it has stored."""
        return tuple(self._records.values())

    def credentials_of(self, user_name: str) -> tuple[CredentialRecord, ...]:
        """What it has stored of this account."""
        handle = self._accounts.get(user_name)
        return tuple(record for record in self._records.values() if record.user_handle == handle)

    def begin_registration(self, user_name: str = "alice", **members: Any) -> dict[str, Any]:
        """Creation options for a new credential of this account, with these members over its own."""
        handle = self._accounts.setdefault(user_name, secrets.token_bytes(16))
        options: dict[str, Any] = {
            "rp": {"id": self.rp_id, "name": self.name},
            "user": {"id": to_base64url(handle), "name": user_name, "displayName": user_name},
            "challenge": to_base64url(secrets.token_bytes(32)),
            "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in self.algorithms],
            "excludeCredentials": self._descriptors(user_name),
            "authenticatorSelection": {
                "residentKey": self.resident_key,
                "requireResidentKey": self.resident_key == "required",
                "userVerification": self.user_verification,
            },
            "attestation": self.attestation,
            **members,
        }
        self._begun["registration"] = options
        return options

    def finish_registration(self, response: Response) -> VerifiedRegistration:
        """Verifies the answer to what was begun, and stores the credential. Raises `VerificationError`."""
        __tracebackhide__ = True
        verified = verify_registration(
            response,
            options=self._take("registration"),
            origin=self.origin,
            trust=self.trust,
            credentials=self.credentials,
            policy=self.policy,
        )
        record = verified.credential
        if self._prepared_for.startswith("policy/sign-count/"):
            # A counter of zero cannot be rolled back.
            record = replace(record, sign_count=1)
        self._records[record.id] = record
        return verified

    def begin_login(self, user_name: str | None = None, **members: Any) -> dict[str, Any]:
        """Request options, for this account or for whoever comes, with these members over its own."""
        if user_name is None and self._prepared_for.startswith("user/allowed-credential/"):
            user_name = next(iter(self._accounts), None)
        options: dict[str, Any] = {
            "challenge": to_base64url(secrets.token_bytes(32)),
            "rpId": self.rp_id,
            "userVerification": self.user_verification,
            "allowCredentials": self._descriptors(user_name),
            **members,
        }
        self._begun["login"] = options
        return options

    def finish_login(self, response: Response) -> VerifiedAuthentication:
        """Verifies the answer to what was begun, and updates the credential. Raises `VerificationError`."""
        __tracebackhide__ = True
        verified = verify_authentication(
            response,
            options=self._take("login"),
            origin=self.origin,
            credentials=self.credentials,
            policy=self.policy,
        )
        self._records[verified.credential.id] = verified.credential
        return verified

    def _prepare(self, fault: Fault) -> None:
        self._prepared_for = fault.id
        if fault.policy is not None:
            self.policy = {**fault.policy, **(self.policy or {})}
        if fault.id.startswith("credential-id/in-use/"):
            taken = CredentialRecord(id=bytes([0x2A] * 32), public_key=b"", user_handle=b"mallory")
            self._records[taken.id] = taken

    def _descriptors(self, user_name: str | None) -> list[dict[str, Any]]:
        return [
            {"type": "public-key", "id": to_base64url(record.id), "transports": list(record.transports)}
            for record in (() if user_name is None else self.credentials_of(user_name))
        ]

    def _take(self, ceremony: str) -> Mapping[str, Any]:
        options = self._begun.pop(ceremony, None)
        if options is None:
            raise Error(
                "StateError", f"found no {ceremony} that was begun", hint=f"call begin_{ceremony}() before each"
            )
        return options

"""Authenticators, and the pages that they are used at."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from . import _door
from ._ceremony import Authentication, Registration, read
from ._credentials import Credentials
from ._encoding import document, from_base64url, to_base64url
from ._error import Error
from ._faults import GivenFaults, ids
from ._options import AuthenticatorOptions, ClientOptions, GivenModel, User, members

if TYPE_CHECKING:
    from types import TracebackType

    from ._options import Unpack

_R = TypeVar("_R", Registration, Authentication)

#: What a server sent: text, or what `json.loads()` makes of it.
Options = str | bytes | Mapping[str, Any]


class Authenticator:
    """An authenticator, its user, and the browser that they use: a key in short.

    It is freed with the last reference to it; `close()` and `with` do so at once.
    """

    def __init__(self, model: GivenModel | None = None, **options: Unpack[AuthenticatorOptions]) -> None:
        handle: int = _door.call("client.new", **members(model, options))["client"]
        self._handle = handle
        self._finalizer = weakref.finalize(self, _door.release, handle)
        # The process takes everything with it.
        self._finalizer.atexit = False

    def at(self, origin: str, *, top_origin: str | None = None) -> Page:
        """A page at this origin; with the origin of the page at the top, it is in a frame."""
        return Page(self, origin, top_origin=top_origin)

    @property
    def credentials(self) -> Credentials:
        """The credentials that it keeps."""
        return Credentials(self._call)

    @property
    def attestation_root(self) -> str:
        """The certificate (PEM) in which its attestation ends, which a server has to trust."""
        return str(self._call("attestation.root")["pem"])

    def metadata_statement(self) -> dict[str, Any]:
        """Its metadata statement, as the FIDO Metadata Service has it."""
        statement: dict[str, Any] = self._call("attestation.metadata")
        return statement

    def metadata_blob(self, algorithm: str = "ES256") -> str:
        """A metadata BLOB with its statement, signed in the name of the same root."""
        return str(self._call("attestation.metadata", blob=algorithm))

    def ctap(self, request: bytes, *, channel: int | None = None, user: User | None = None) -> bytes:
        """Carries out one CTAP2 command: the command byte and CBOR. The answer is the status byte and CBOR."""
        answer = self._call("ctap", request=to_base64url(request), channel=channel, user=user)
        return from_base64url(answer["response"])

    def power_cycle(self) -> None:
        """Takes its power away and gives it back."""
        self._call("client.powerCycle")

    def close(self) -> None:
        """Frees it, with its credentials."""
        if self._finalizer.detach() is not None:
            _door.call("client.free", client=self._handle)

    def __enter__(self) -> Authenticator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = f"{len(self.credentials)} credentials" if self._finalizer.alive else "closed"
        return f"<{type(self).__name__}: {state}>"

    def _call(self, op: str, **given: Any) -> Any:
        __tracebackhide__ = True
        if not self._finalizer.alive:
            raise Error(
                "HandleError",
                "$.client: found an authenticator that was closed",
                path="$.client",
                hint="make another one, or close it later",
            )
        return _door.call(op, client=self._handle, **given)


class Page:
    """A page of a server, at which a key is used: `navigator.credentials` with `create()` and `get()`."""

    def __init__(self, authenticator: Authenticator, origin: str, *, top_origin: str | None = None) -> None:
        self.authenticator = authenticator
        self.origin = origin
        self.top_origin = top_origin

    def create(
        self,
        options: Options,
        *,
        fault: GivenFaults | None = None,
        user: User | None = None,
        sound: bool = False,
    ) -> Registration:
        """Answers creation options in any known shape, as `navigator.credentials.create()` does.

        `fault` and `user` are for this ceremony alone. With `sound`, it has no fault, whatever the key was made with.
        """
        __tracebackhide__ = True
        return self._perform("client.register", Registration, options, fault, user, sound)

    def get(
        self,
        options: Options,
        *,
        fault: GivenFaults | None = None,
        user: User | None = None,
        sound: bool = False,
    ) -> Authentication:
        """Answers request options in any known shape, as `navigator.credentials.get()` does."""
        __tracebackhide__ = True
        return self._perform("client.authenticate", Authentication, options, fault, user, sound)

    def capabilities(self) -> frozenset[str]:
        """What `PublicKeyCredential.getClientCapabilities()` says that there is."""
        self._go()
        return frozenset(self.authenticator._call("client.capabilities"))

    def signal_unknown_credential(self, rp_id: str, credential_id: bytes | str) -> None:
        """The relying party does not know this credential: the authenticator forgets it."""
        self._signal("unknownCredential", rp_id, credentialId=to_base64url(credential_id))

    def signal_all_accepted_credentials(
        self, rp_id: str, user_id: bytes | str, all_accepted_credential_ids: Iterable[bytes | str]
    ) -> None:
        """The relying party accepts these credentials of the user, and no other."""
        accepted = [to_base64url(id) for id in all_accepted_credential_ids]
        self._signal("allAcceptedCredentials", rp_id, userId=to_base64url(user_id), allAcceptedCredentialIds=accepted)

    def signal_current_user_details(self, rp_id: str, user_id: bytes | str, name: str, display_name: str) -> None:
        """The user has this name now."""
        self._signal("currentUserDetails", rp_id, userId=to_base64url(user_id), name=name, displayName=display_name)

    def __repr__(self) -> str:
        frame = "" if self.top_origin is None else f" in {self.top_origin}"
        return f"<{type(self).__name__} at {self.origin}{frame}>"

    def _perform(
        self,
        op: str,
        kind: type[_R],
        options: Options,
        fault: GivenFaults | None,
        user: User | None,
        sound: bool,
    ) -> _R:
        __tracebackhide__ = True
        answer = self.authenticator._call(
            op,
            origin=self.origin,
            topOrigin=self.top_origin,
            options=document(options, "$.options"),
            fault=ids(fault),
            user=user,
            sound=sound,
        )
        return read(kind, answer)

    def _signal(self, signal: str, rp_id: str, **given: Any) -> None:
        self._go()
        self.authenticator._call("client.signal", signal=signal, rpId=rp_id, **given)

    def _go(self) -> None:
        self.authenticator._call("client.navigate", origin=self.origin, topOrigin=self.top_origin)


class Client(Page):
    """A page with a key of its own, for tests that need no second one."""

    def __init__(self, origin: str, *, top_origin: str | None = None, **options: Unpack[ClientOptions]) -> None:
        model = options.pop("model", None)
        # What is left has no model, which type checkers cannot see.
        super().__init__(Authenticator(model, **options), origin, top_origin=top_origin)  # type: ignore[misc]

    @property
    def credentials(self) -> Credentials:
        """The credentials that its key keeps."""
        return self.authenticator.credentials

    def register(
        self,
        options: Options,
        *,
        fault: GivenFaults | None = None,
        user: User | None = None,
        sound: bool = False,
    ) -> Registration:
        """The same as `create()`, in the standard's word for the ceremony."""
        __tracebackhide__ = True
        return self.create(options, fault=fault, user=user, sound=sound)

    def authenticate(
        self,
        options: Options,
        *,
        fault: GivenFaults | None = None,
        user: User | None = None,
        sound: bool = False,
    ) -> Authentication:
        """The same as `get()`, in the standard's word for the ceremony."""
        __tracebackhide__ = True
        return self.get(options, fault=fault, user=user, sound=sound)

    def close(self) -> None:
        """Frees its key."""
        self.authenticator.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

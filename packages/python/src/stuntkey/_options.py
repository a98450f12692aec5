"""What an authenticator is made of."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

from ._encoding import camel, to_base64url
from ._error import Error
from ._faults import GivenFaults, ids

if TYPE_CHECKING:
    from typing_extensions import Unpack as Unpack

#: What the user does: agrees and is verified, agrees alone, says no, does nothing.
User: TypeAlias = Literal["verified", "present", "denied", "none"]
#: The name of a model (`stuntkey.models()`), or settings (`stuntkey.settings()`) over those of the model `base`.
GivenModel: TypeAlias = str | Mapping[str, Any]


class AuthenticatorOptions(TypedDict, total=False):
    """What an authenticator is made of, and the browser around it."""

    #: What the user does, one answer each time or several in turn. Default: `verified`.
    user: User | Sequence[User]
    #: What keys, ids and signatures follow from: same seed, same bytes. Default: they are random.
    seed: str
    #: What the private keys of credentials follow from that take no storage.
    stateless: str
    #: PEM of a certificate and its private key: the authority at the end of attestation chains.
    attestation_authority: str
    #: The ids of the next credentials.
    credential_ids: Sequence[bytes | str]
    #: The PIN that the user knows.
    pin: str
    #: Whether an authenticator without a PIN is given the user's where it is to verify its user. Default: yes.
    sets_pin: bool
    #: The name of the account to log in with where there are several.
    account: str
    #: `mediation: "conditional"`, or not, whatever stands beside the options.
    conditional: bool
    #: Refuses options that stray from the standard instead of mending them.
    strict: bool
    #: Whether pages are in frames that are not same-origin with their ancestors.
    cross_origin: bool
    #: The origins that `/.well-known/webauthn` of the RP ID lists.
    related_origins: Sequence[str]
    #: Uses whatever RP ID the options name, as no browser does.
    any_rp_id: bool
    #: Lets pages give client data of their own (`remoteClientDataJSON`).
    remote_client_data: bool
    #: The shape of replies. Default: the one that goes with the shape of the options.
    reply: str
    #: Members that some shapes of replies carry and the options may lack.
    reply_members: Mapping[str, str]
    #: Members of client data after those of the standard.
    client_data_members: Mapping[str, Any]
    #: The RP IDs that may have an enterprise attestation.
    enterprise_rp_ids: Sequence[str]
    #: Faults that every ceremony has.
    fault: GivenFaults
    #: Faults that single ceremonies will have: the authenticator becomes what they need.
    prepared_for: GivenFaults


class ClientOptions(AuthenticatorOptions, total=False):
    """The same, and the model."""

    model: GivenModel | None


def members(model: GivenModel | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The members of `client.new`."""
    known = AuthenticatorOptions.__optional_keys__
    for name in options:
        if name not in known:
            raise _unknown(name, known)
    given = dict(options)
    user = given.pop("user", None)
    if user is not None:
        base = dict(model) if isinstance(model, Mapping) else {} if model is None else {"base": model}
        model = {**base, "user": user}
    for name in ("fault", "prepared_for"):
        if name in given:
            given[name] = ids(given[name])
    if given.get("credential_ids") is not None:
        given["credential_ids"] = [to_base64url(id) for id in given["credential_ids"]]
    return {"model": model, **{camel(name): value for name, value in given.items()}}


def _unknown(name: str, known: frozenset[str]) -> Error:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"the options are model, {', '.join(sorted(known))}"
    return Error(
        "TypeError", f"$.{name}: found an unknown option, expected one that there is", path=f"$.{name}", hint=hint
    )

"""What the standard leaves to the relying party."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, cast

from ._encoding import camel


class Policy(TypedDict, total=False):
    """What the standard leaves to the relying party. What is left out has the standard's default."""

    #: Whether a registration without attestation is acceptable. Default: yes.
    none_attestation: bool
    #: Whether self attestation is acceptable. Default: yes.
    self_attestation: bool
    #: Whether `x5c` of a packed statement may include the trust anchor. Default: yes.
    root_in_x5c: bool
    #: Whether the AAGUID of a fido-u2f attestation has to be zero. Default: no.
    fido_u2f_zero_aaguid: bool
    #: What BE has to be. Default: either.
    backup_eligible: bool
    #: What BS has to be. Default: either.
    backed_up: bool
    #: Whether extension outputs that were not asked for are refused. Default: no.
    refuse_unsolicited_extensions: bool
    #: Whether CBOR has to be in the CTAP2 canonical encoding form. Default: yes.
    canonical_cbor: bool
    #: The attestation statement formats that are acceptable, by identifier. Default: all.
    formats: Sequence[str]


def write_policy(policy: Policy | None) -> dict[str, Any] | None:
    """The policy as the engine takes it."""
    return None if policy is None else {camel(name): value for name, value in policy.items()}


def read_policy(policy: Mapping[str, Any] | None) -> Policy | None:
    """The policy as the engine gives it."""
    if policy is None:
        return None
    return cast("Policy", {_snake(name): value for name, value in policy.items()})


def _snake(name: str) -> str:
    # An initial that stands after a digit begins no word.
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", re.sub(r"U2f", "_u2f_", name)).lower().replace("__", "_")

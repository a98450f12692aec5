"""The catalogue of faults."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from . import _door
from ._policy import Policy, read_policy

Ceremony: TypeAlias = Literal["registration", "authentication"]


@dataclass(frozen=True)
class Fault:
    """One named change to a ceremony, which a server has to refuse."""

    id: str
    #: What is wrong, in a sentence without its full stop.
    sentence: str
    #: The ceremonies that can have it.
    ceremonies: tuple[str, ...]
    #: The clauses of the standard by which it is to be refused.
    clauses: tuple[str, ...]
    #: The attestation statement format that it needs.
    format: str | None
    #: The algorithm that it needs.
    algorithm: str | None
    #: Whether it needs an authenticator that is made for it: `prepared_for`.
    needs_preparation: bool
    #: The policy with which a verifier refuses it, where the standard leaves that to the relying party.
    policy: Policy | None = field(default=None, hash=False)
    #: What else the relying party has to know, so that it can refuse it.
    given: str | None = None

    def __str__(self) -> str:
        return self.id


GivenFaults: TypeAlias = Fault | str | Iterable[Fault | str]


def faults(ceremony: Ceremony | None = None, id: str | None = None) -> tuple[Fault, ...]:
    """The faults that a ceremony can have, those of one chapter of the catalogue (`id="challenge"`), or all."""
    return tuple(
        Fault(
            id=found["id"],
            sentence=found["sentence"],
            ceremonies=tuple(found["ceremonies"]),
            clauses=tuple(found["clauses"]),
            format=found.get("format"),
            algorithm=found.get("algorithm"),
            needs_preparation=found["needsPreparation"],
            policy=read_policy(found.get("policy")),
            given=found.get("given"),
        )
        for found in _door.call("faults", ceremony=ceremony, id=id)
    )


def ids(given: GivenFaults | None) -> list[str] | None:
    """The ids of one fault, or of several."""
    if given is None:
        return None
    if isinstance(given, Fault | str):
        return [str(given)]
    return [str(fault) for fault in given]

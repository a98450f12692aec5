"""What this build is, and what a model has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import _door
from ._encoding import document


@dataclass(frozen=True)
class Build:
    """What this build is."""

    version: str
    #: `native` or `wasm`.
    engine: str
    #: The algorithms that authenticators can sign with.
    algorithms: tuple[str, ...]
    #: The shapes of replies.
    presets: tuple[str, ...]


@dataclass(frozen=True)
class Model:
    """A model of authenticators that is ready to use."""

    name: str
    what: str


@dataclass(frozen=True)
class Setting:
    """A setting of a model. Those after `attestation.` stand in the object `attestation` of a model."""

    name: str
    what: str
    #: `flag`, `number`, `text` or `list`.
    kind: str
    #: Every value that it, or an item of the list, can have, and what that means; empty where they are too many.
    values: dict[str, str]
    #: Its text form in the default model, if it is set there.
    default: str | None


def build() -> Build:
    """What this build is."""
    found = _door.call("version")
    return Build(found["version"], _door.ENGINE, tuple(found["algorithms"]), tuple(found["presets"]))


def models() -> tuple[Model, ...]:
    """The models that are ready to use."""
    return tuple(Model(found["name"], found["what"]) for found in _door.call("models"))


def settings() -> tuple[Setting, ...]:
    """The settings that a model has."""
    return tuple(
        Setting(found["name"], found["what"], found["kind"], dict(found["values"]), found["default"])
        for found in _door.call("settings")
    )


def inspect(given: Any, *, kind: str | None = None, show_secrets: bool = False) -> dict[str, Any]:
    """Explains anything that WebAuthn and CTAP put on the wire: a response, options, an attestation object, CBOR, PEM.

    The tree is in `tree`: each node has a `name`, what it holds, and its `children`.
    """
    found: dict[str, Any] = _door.call("inspect", input=document(given, "$.input"), kind=kind, showSecrets=show_secrets)
    return found


def attestation_root(*, seed: str | None = None) -> str:
    """The certificate (PEM) that a server has to trust: of keys without a seed, or of those with this one."""
    pem: str = _door.call("attestation.root", seed=seed)["pem"]
    return pem

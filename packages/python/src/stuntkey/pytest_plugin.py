"""The plugin for pytest: fixtures `passkey` and `relying_party`, and readable ids of faults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ._authenticator import Authenticator
from ._faults import Fault
from .relying_party import RelyingParty


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "passkey(model=None, **options): what the fixture `passkey` is made of")
    config.addinivalue_line("markers", "relying_party(**options): what the fixture `relying_party` is made of")


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    return val.id if isinstance(val, Fault) else None


@pytest.fixture
def passkey(request: pytest.FixtureRequest) -> Iterator[Authenticator]:
    """A key. If the test has a parameter `fault`, the key is prepared for it; the marker `passkey` has its options."""
    options = _options(request, "passkey")
    with Authenticator(**options) as key:
        yield key


@pytest.fixture
def relying_party(request: pytest.FixtureRequest) -> RelyingParty:
    """A relying party in process, which trusts the keys of `passkey`; the marker `relying_party` has its options.

    If the test has a parameter `fault`, the relying party is one that has to refuse it.
    """
    return RelyingParty(**_options(request, "relying_party"))


def _options(request: pytest.FixtureRequest, marker: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    # The nearest one is the first, and says the last word.
    for found in reversed(list(request.node.iter_markers(marker))):
        options.update(found.kwargs)
        if found.args:
            options["model"] = found.args[0]
    callspec = getattr(request.node, "callspec", None)
    fault = None if callspec is None else callspec.params.get("fault")
    if isinstance(fault, Fault):
        options.setdefault("prepared_for", fault)
    return options

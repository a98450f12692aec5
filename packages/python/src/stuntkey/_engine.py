"""The engine: native code where the wheel has it, WebAssembly elsewhere.

The environment variable `STUNTKEY_ENGINE` (`native` or `wasm`) chooses one.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Protocol

from ._error import Error

NAMES = ("native", "wasm")


class Engine(Protocol):
    """What carries out requests: JSON in, JSON out."""

    def call(self, request: str) -> str: ...


def choose() -> str:
    """The name of the engine. Nothing is loaded yet: WebAssembly takes its time, and not every test needs a key."""
    asked = os.environ.get("STUNTKEY_ENGINE")
    if asked:
        if asked not in NAMES:
            raise Error("EngineError", f"STUNTKEY_ENGINE: found {asked!r}, expected one of {', '.join(NAMES)}")
        return asked
    return "native" if find_spec("stuntkey._native") is not None else "wasm"


def load(name: str) -> Engine:
    """Loads the engine of this name."""
    try:
        if name == "native":
            from ._native import Door

            return Door()
        from ._wasm import Instance

        return Instance()
    except ImportError as error:
        hint = {
            "native": "this installation has no native code for this Python: leave STUNTKEY_ENGINE out",
            "wasm": "pip install 'stuntkey[wasm]'",
        }
        raise Error("EngineError", f"the engine {name!r} cannot be loaded: {error}", hint=hint[name]) from error

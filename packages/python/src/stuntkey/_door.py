"""Requests to the engine, and what comes back."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from typing import Any

from . import _engine
from ._encoding import json_text
from ._error import Error

ENGINE = _engine.choose()

_loading = threading.Lock()
_loaded: _engine.Engine | None = None
# Handles of what nobody holds any more.
_left: deque[int] = deque()


def call(op: str, **members: Any) -> Any:
    """Carries out an operation. Members that are `None` are left out."""
    # pytest shows the caller's line then.
    __tracebackhide__ = True
    while _left:
        try:
            handle = _left.popleft()
        except IndexError:
            # Another thread was faster.
            break
        text({"op": "client.free", "client": handle})
    given = {name: value for name, value in members.items() if value is not None}
    answer = json.loads(text({"op": op, "now": time.time_ns() // 1_000_000, **given}))
    if "error" in answer:
        raise _raised(answer["error"])
    return answer["ok"]


def text(request: object) -> str:
    """The answer to a request as the engine gives it."""
    return _load().call(json_text(request))


def release(handle: int) -> None:
    """Lets the next call free a handle: the garbage collector may come in the midst of a call."""
    _left.append(handle)


def _load() -> _engine.Engine:
    global _loaded
    if _loaded is None:
        with _loading:
            if _loaded is None:
                _loaded = _engine.load(ENGINE)
    return _loaded


def _raised(error: dict[str, Any]) -> Error:
    hint = error.get("hint")
    if hint is not None:
        # As it is spelled in Python.
        hint = hint.replace('make the client with "preparedFor": ', "make the key with prepared_for=")
    return Error(error["name"], error["message"], path=error.get("path"), hint=hint)

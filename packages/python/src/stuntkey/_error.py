"""What is raised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Error(Exception):
    """Why there is no answer.

    `name` is the name of the DOMException that a browser would raise, `TypeError`, or a name of stuntkey's own such as
    `FaultError`. `path` is a JSON path into what was given. `hint` says what to do next; it is part of what is printed.
    """

    name: str
    message: str
    path: str | None
    hint: str | None

    def __init__(self, name: str, message: str, *, path: str | None = None, hint: str | None = None) -> None:
        super().__init__(name, message)
        self.name = name
        self.message = message
        self.path = path
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.name}: {self.message}"
        return text if self.hint is None else f"{text}\n  hint: {self.hint}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Test runners send exceptions from one process to another.
        return (_rebuild, (type(self), self.args, dict(self.__dict__)))


class VerificationError(Error):
    """A response that a relying party has to refuse, with the first check that failed.

    `step` is the step of WebAuthn L3 §7.1 or §7.2, `clause` says it in words, and `check` is the check's name.
    """

    step: int
    clause: str
    check: str
    requirement: str
    found: str
    expected: str
    place: str | None
    steps: Any

    def __init__(self, failure: Mapping[str, Any], steps: Any = None) -> None:
        super().__init__("VerificationError", failure["message"], path=failure.get("place"))
        self.step = failure["step"]
        self.clause = failure["clause"]
        self.check = failure["check"]
        self.requirement = failure["requirement"]
        self.found = failure["found"]
        self.expected = failure["expected"]
        self.place = failure.get("place")
        self.steps = steps


def _rebuild(kind: type[Error], args: tuple[Any, ...], members: dict[str, Any]) -> Error:
    error = kind.__new__(kind, *args)
    error.__dict__.update(members)
    return error

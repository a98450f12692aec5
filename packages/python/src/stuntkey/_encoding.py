"""JSON and base64url."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from ._error import Error


def to_base64url(given: bytes | str) -> str:
    """Bytes as base64url without padding. A text is taken as base64url that is there already."""
    if isinstance(given, str):
        return given
    return base64.urlsafe_b64encode(given).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """The bytes of base64url without padding."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise Error("EncodingError", f"found {text!r}, expected base64url: {error}") from None


def json_text(value: object) -> str:
    """A JSON text. Bytes become base64url, as in all JSON of WebAuthn."""
    try:
        return json.dumps(value, default=_plain, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise Error("TypeError", str(error), hint="give JSON as text, or what json.dumps() takes") from None


def document(given: object, where: str) -> object:
    """What a server or a client sent, as the door takes it: text as it is, everything else as JSON."""
    if isinstance(given, bytes | bytearray):
        try:
            return given.decode()
        except UnicodeDecodeError as error:
            raise Error("TypeError", f"{where}: found bytes that are no UTF-8 ({error})", path=where) from None
    if given is None:
        raise Error(
            "TypeError",
            f"{where}: found None, expected JSON",
            path=where,
            hint="give what the server sent, as text or as dict",
        )
    return given


def camel(name: str) -> str:
    """A name of Python's as it is spelled in JSON."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return to_base64url(bytes(value))
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"found {type(value).__name__}, expected what JSON can hold")

"""What the tests share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PACKAGES = Path(__file__).resolve().parents[2]


def scenarios() -> dict[str, str]:
    """The scenarios that the package of every language shows."""
    listed: dict[str, str] = json.loads((PACKAGES / "scenarios.json").read_text())["scenarios"]
    return listed


def transcript() -> list[dict[str, Any]]:
    """Requests to the engine and its answers, letter by letter."""
    listed: list[dict[str, Any]] = json.loads((PACKAGES / "transcript.json").read_text())["exchanges"]
    return listed

"""Load by Locust: one user for three seconds, before a server with the FIDO conformance interface."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from stuntkey import Error, RelyingParty


class Handler(BaseHTTPRequestHandler):
    """One visitor at a time is all that a relying party in process has."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet: two would wait for each other.
    wbufsize = -1
    server_: RelyingParty

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        try:
            answer = {"status": "ok", "errorMessage": "", **self.handle_(body)}
        except Error as error:
            answer = {"status": "failed", "errorMessage": str(error)}
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def handle_(self, body: dict[str, Any]) -> dict[str, Any]:
        server = self.server_
        match self.path:
            case "/attestation/options":
                return server.begin_registration(body["username"])
            case "/attestation/result":
                server.finish_registration(body)
            case "/assertion/options":
                return server.begin_login(body["username"])
            case "/assertion/result":
                server.finish_login(body)
        return {}

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = f"http://localhost:{server.server_port}"
    Handler.server_ = RelyingParty(host, attestation="none")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield host
    server.shutdown()


def run(tmp_path: Path, host: str, body: str) -> tuple[int, dict[str, dict[str, str]]]:
    """Locust's exit code, and its figures by the name of the request."""
    file = tmp_path / "locustfile.py"
    file.write_text(f"from stuntkey.locust import PasskeyUser\n\n\nclass Visitor(PasskeyUser):\n    {body}\n")
    command = ["-f", str(file), "--headless", "-u", "1", "-t", "3s", "--host", host]
    command += ["--csv", str(tmp_path / "load"), "--only-summary"]
    ended = subprocess.run([sys.executable, "-m", "locust", *command], check=False)
    with (tmp_path / "load_stats.csv").open() as rows:
        return ended.returncode, {row["Name"]: row for row in csv.DictReader(rows)}


def test_a_user_registers_and_logs_in(host: str, tmp_path: Path) -> None:
    code, figures = run(tmp_path, host, "pass")
    assert code == 0
    assert set(figures) == {
        "/attestation/options",
        "/attestation/result",
        "/assertion/options",
        "/assertion/result",
        "Aggregated",
    }
    assert int(figures["/assertion/result"]["Request Count"]) > 0
    assert int(figures["Aggregated"]["Failure Count"]) == 0


def test_a_refusal_is_a_failure(host: str, tmp_path: Path) -> None:
    fault = "client-data/origin/subdomain"
    code, figures = run(tmp_path, host, f"key_options = {{'fault': {fault!r}}}")
    assert code == 1
    refused = figures["/attestation/result"]
    assert refused["Failure Count"] == refused["Request Count"] != "0"
    assert "/assertion/options" not in figures

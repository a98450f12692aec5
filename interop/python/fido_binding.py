"""The FIDO conformance REST binding before a relying party: HTTP, sessions by cookie, and the four endpoints.

    SERVER [--port N] [--root FILE]

serves on 127.0.0.1, prints `NAME VERSION URL` once it does, and ends when its standard input does. A relying
party has a method for each endpoint, named after its path, which takes the session and the JSON body and
returns what goes into the answer beside `status` and `errorMessage`; it raises `Refused` to say no. One request
is handled at a time, so relying parties and sessions need no locks of their own.
"""

import json
import secrets
import sys
import traceback
from argparse import ArgumentParser
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

from cryptography import x509
from relying_party import describe

RP_ID = "localhost"
RP_NAME = "Example"
ENDPOINTS = ["/attestation/options", "/attestation/result", "/assertion/options", "/assertion/result"]
LONGEST_BODY = 1 << 24


class Refused(Exception):
    """What the relying party refuses; the message is for the client."""


@contextmanager
def library():
    """What the library raises in this block is a refusal of its own."""
    try:
        yield
    except Exception as error:
        raise Refused(describe(error)) from error


def text(body, member):
    """A member that has to be there, and be text."""
    value = optional_text(body, member)
    if not value:
        raise Refused(f"{member} is missing")
    return value


def optional_text(body, member):
    """A member that has to be text, if it is there and not empty."""
    value = body.get(member) or None
    if value and not isinstance(value, str):
        raise Refused(f"{member} is not text")
    return value


def serve(name, version, relying_party):
    """Serves what `relying_party` makes of the expected origin and the trusted root certificates."""
    parser = ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--root", type=Path)
    arguments = parser.parse_args()
    roots = x509.load_pem_x509_certificates(arguments.root.read_bytes()) if arguments.root else []

    server = Server(("127.0.0.1", arguments.port), Handler)
    server.relying_party = relying_party(f"http://localhost:{server.server_port}", roots)
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"{name} {version} http://127.0.0.1:{server.server_port}", flush=True)
    for _ in sys.stdin.buffer:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.lock = Lock()
        self.sessions = {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or len(length) > 8 or int(length) > LONGEST_BODY:
            # Where the next request begins is not known.
            self.close_connection = True
            self.answer(400, "Content-Length is missing, or too large", {}, None)
            return
        data = self.rfile.read(int(length))
        with self.server.lock:
            session, cookie = self.session()
            try:
                reply = 200, "", self.ask_relying_party(session, data)
            except Refused as refusal:
                reply = 400, str(refusal), {}
            except Exception:
                traceback.print_exc()
                reply = 500, "this server is at fault", {}
        self.answer(*reply, cookie)

    def session(self):
        """The session that the cookie names; else a new one, and its cookie."""
        for pair in self.headers.get("Cookie", "").split(";"):
            name, _, identifier = pair.strip().partition("=")
            if name == "session" and identifier in self.server.sessions:
                return self.server.sessions[identifier], None
        identifier = secrets.token_urlsafe(32)
        self.server.sessions[identifier] = {}
        return self.server.sessions[identifier], f"session={identifier}; Path=/; HttpOnly"

    def ask_relying_party(self, session, data):
        if self.path not in ENDPOINTS:
            raise Refused(f"there is no {self.path}")
        try:
            body = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise Refused(f"the body is not JSON: {error}") from error
        if not isinstance(body, dict):
            raise Refused("the body is not a JSON object")
        if self.path.endswith("/result") and "id" in body:
            # Both libraries demand rawId, which the binding leaves out.
            body.setdefault("rawId", body["id"])
        endpoint = getattr(self.server.relying_party, self.path[1:].replace("/", "_"))
        return endpoint(session, body) or {}

    def answer(self, status, error, members, cookie):
        answer = {**members, "status": "failed" if error else "ok", "errorMessage": error}
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if cookie:
            self.send_header("Set-Cookie", cookie)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass

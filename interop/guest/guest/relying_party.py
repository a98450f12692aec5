#!/usr/bin/env python3
"""A relying party, python-fido2's, its page, and Chromium, which shows it.

    relying_party.py ASKED ANSWERED

Both are named pipes. Each expression of JavaScript that is written to ASKED, a line, is evaluated in the page, and what it
says is one line in ANSWERED: `ok` and a value, or `error` and a reason. The page's functions are in `page.js`.
"""
import base64
import http.server
import json
import os
import subprocess
import sys
import threading
import time

from fido2.client import ClientData
from fido2.ctap2 import AttestationObject, AuthenticatorData
from fido2.server import Fido2Server
from fido2.webauthn import PublicKeyCredentialRpEntity

PORT = 8080
ORIGIN = f"http://localhost:{PORT}"
HERE = os.path.dirname(os.path.abspath(__file__))
CHROMIUM = [
    "/usr/bin/chromium-headless-shell",
    "--remote-debugging-pipe",
    # Root may not use the sandbox.
    "--no-sandbox",
    "--disable-gpu",
    "--user-data-dir=/tmp/chromium",
    "about:blank",
]


class RelyingParty:
    """What it keeps: the ceremony that began last, and the credentials that were registered."""

    def __init__(self) -> None:
        self.server = Fido2Server(PublicKeyCredentialRpEntity("localhost", "a page"), verify_origin=ORIGIN.__eq__)
        self.state: dict[str, str] = {}
        self.credentials: list = []

    def begin(self, request: dict) -> dict:
        verification = request["userVerification"]
        if request["ceremony"] == "create":
            options, self.state = self.server.register_begin({"id": b"alice", "name": "alice"}, user_verification=verification)
        else:
            options, self.state = self.server.authenticate_begin(user_verification=verification)
        return {"challenge": text(options["publicKey"]["challenge"])}

    def registered(self, response: dict) -> dict:
        client_data = ClientData(data(response["clientDataJSON"]))
        authenticator_data = self.server.register_complete(
            self.state, client_data, AttestationObject(data(response["attestationObject"]))
        )
        self.credentials.append(authenticator_data.credential_data)
        return {"flags": authenticator_data.flags, "counter": authenticator_data.counter}

    def logged_in(self, response: dict) -> dict:
        authenticator_data = AuthenticatorData(data(response["authenticatorData"]))
        self.server.authenticate_complete(
            self.state,
            self.credentials,
            data(response["id"]),
            ClientData(data(response["clientDataJSON"])),
            authenticator_data,
            data(response["signature"]),
        )
        return {"flags": authenticator_data.flags, "counter": authenticator_data.counter}


def text(value: bytes) -> str:
    return base64.b64encode(value).decode()


def data(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


class Handler(http.server.BaseHTTPRequestHandler):
    relying_party = RelyingParty()

    def do_GET(self) -> None:
        self.answer(200, "text/html", b"<!doctype html><title>a page</title>")

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        step = {
            "/begin": self.relying_party.begin,
            "/registered": self.relying_party.registered,
            "/logged_in": self.relying_party.logged_in,
        }[self.path]
        try:
            status, said = 200, step(request)
        except Exception as error:
            status, said = 400, {"refused": f"{type(error).__name__} {error}".strip()}
        self.answer(status, "application/json", json.dumps(said).encode())

    def answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Page:
    """The page in Chromium, by the DevTools protocol: JSON that ends with a zero byte, on file descriptors 3 and 4."""

    def __init__(self) -> None:
        read_by_chromium, self.output = os.pipe()
        self.input, written_by_chromium = os.pipe()
        # Chromium's ends become 3 and 4 in a shell, after which nothing else is open.
        command = f'exec "$@" 3<&{read_by_chromium} 4>&{written_by_chromium}'
        subprocess.Popen(["bash", "-c", command, "bash", *CHROMIUM], pass_fds=[read_by_chromium, written_by_chromium])
        os.close(read_by_chromium)
        os.close(written_by_chromium)
        self.session: dict[str, str] = {}
        self.number = 0
        self.unread = b""
        self.product = self.call("Browser.getVersion", {})["product"]
        target = self.call("Target.createTarget", {"url": ORIGIN})["targetId"]
        session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self.session = {"sessionId": session}
        with open(os.path.join(HERE, "page.js"), encoding="utf-8") as functions:
            script = functions.read()
        while self.evaluate("document.readyState + location.origin") != f"ok complete{ORIGIN}":
            time.sleep(0.1)
        self.evaluate(script)

    def call(self, method: str, params: dict) -> dict:
        self.number += 1
        message = {"id": self.number, "method": method, "params": params, **self.session}
        os.write(self.output, json.dumps(message).encode() + b"\0")
        while True:
            # Events have no number.
            answer = self.read()
            if answer.get("id") == self.number:
                return answer["result"] if "result" in answer else {"failed": answer["error"]}

    def read(self) -> dict:
        while b"\0" not in self.unread:
            said = os.read(self.input, 65536)
            if not said:
                sys.exit("Chromium ended")
            self.unread += said
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def evaluate(self, expression: str) -> str:
        params = {"expression": expression, "awaitPromise": True, "returnByValue": True, "userGesture": True}
        answer = self.call("Runtime.evaluate", params)
        if "failed" in answer:
            return f"error {answer['failed']}"
        if "exceptionDetails" in answer:
            return "error " + str(answer["exceptionDetails"].get("exception", {}).get("description")).splitlines()[0]
        value = answer["result"].get("value")
        return f"ok {value}"


def main() -> None:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    page = Page()
    print(f"ready: {page.product}", flush=True)
    while True:
        with open(sys.argv[1], encoding="utf-8") as asked:
            expression = asked.read()
        with open(sys.argv[2], "w", encoding="utf-8") as answered:
            answered.write(page.evaluate(expression) + "\n")


main()

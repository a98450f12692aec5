"""What the Python peers share: running stuntkey, and keeping the tally of checks."""

import base64
import json
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

ORIGIN = "https://login.example.com"
RP_ID = "example.com"


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_b64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def expect(condition, complaint):
    if not condition:
        raise AssertionError(complaint)


def last_bit_flipped(signature):
    # The last byte belongs to the number s, so the DER structure stays whole.
    return signature[:-1] + bytes([signature[-1] ^ 1])


def program_from(position, variable, name):
    """A program's path from the command line or, failing that, the environment."""
    path = sys.argv[position] if len(sys.argv) > position else os.environ.get(variable)
    if not path:
        sys.exit(f"give the path of {name} as argument {position}, or in {variable}")
    path = Path(path).resolve()
    if not path.is_file():
        sys.exit(f"{name} is not at {path}")
    return str(path)


class Stuntkey:
    """The command, with its credentials in a store file of its own."""

    def __init__(self, program, store):
        self.program = program
        self.store = store

    def _run(self, *arguments, stdin=""):
        done = subprocess.run(
            [self.program, *arguments], input=stdin, capture_output=True, text=True, timeout=60
        )
        expect(
            done.returncode == 0,
            f"stuntkey {' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()}",
        )
        return done.stdout

    def register(self, options, *flags):
        where = ["--store", self.store, "--origin", ORIGIN]
        return json.loads(self._run("register", *where, *flags, "-", stdin=options))

    def root(self, *flags):
        """The PEM root certificate that attestation chains to."""
        return self._run("attestation", "root", *flags).encode()

    def metadata(self, *flags):
        """The metadata statement or, by `--blob`, the BLOB."""
        return self._run("attestation", "metadata", *flags)

    def blobs(self, directory):
        """The BLOBs of the cases about metadata, by their names, in the order in which they are to be read."""
        self._run("attestation", "blobs", str(directory))
        return {path.stem.split("-", 1)[1]: path.read_bytes() for path in sorted(Path(directory).iterdir())}


class Checks:
    """Runs checks, each with a fresh store, and prints one line for each."""

    def __init__(self, peer, program):
        self.peer = peer
        self.program = program
        self.passed = 0
        self.failed = 0

    def check(self, sentence, body, *arguments):
        """Runs `body(stuntkey, *arguments)`. What it returns, if anything, is shown."""
        with tempfile.TemporaryDirectory() as directory:
            stuntkey = Stuntkey(self.program, str(Path(directory, "store")))
            try:
                detail = body(stuntkey, *arguments)
            except Exception as error:
                self.failed += 1
                print(f"{self.peer}: {sentence} ... FAILED: {describe(error)}", flush=True)
                traceback.print_exc()
                return
        self.passed += 1
        print(f"{self.peer}: {sentence}{f': {detail}' if detail else ''} ... ok", flush=True)

    def deviation(self, sentence, body, *arguments):
        """A check that a library still does what it ought not to."""
        self.check(f"DEVIATION: {sentence}", body, *arguments)

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)


def describe(error):
    return f"{type(error).__name__}: {error}".rstrip(": ")


def refusal(action, kind, words):
    """Runs `action`, which must raise exactly `kind` and say `words`. Returns the error."""
    try:
        outcome = action()
    except Exception as error:
        expect(type(error) is kind, f"expected {kind.__name__}, not {describe(error)}")
        expect(words in str(error), f"expected {words!r} in {describe(error)}")
        return error
    raise AssertionError(f"accepted: {outcome}")

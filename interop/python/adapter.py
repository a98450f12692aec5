"""What the Python adapters share: a library as a relying party that `stuntkey conform --command` can play.

    ADAPTER [--root FILE]    trusts these root certificates (PEM), and answers JSON lines
    ADAPTER --version        prints the library's name and version

`docs/conform.md` says what the lines are. An adapter has a method for each kind of request, named after it. It takes
the session, a dict that is the same for every request of one browser, and the request or, for a result, the client's
reply; it returns the options, if they were asked for, and raises `Refused` to say no. Lines are answered one after
the other, so nothing needs locks.
"""

import json
import sys
import traceback
from argparse import ArgumentParser
from collections import defaultdict
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from cryptography import x509

RP_ID = "example.org"
RP_NAME = "Example"
ORIGIN = "https://example.org"


class Refused(Exception):
    """What the relying party refuses, and why."""


@contextmanager
def library():
    """What the library raises in this block is a refusal of its own."""
    try:
        yield
    except Exception as error:
        raise Refused(describe(error)) from error


def describe(error):
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    cause = error.__cause__ or error.__context__
    return f"{text} ({describe(cause)})" if cause and str(cause) not in text else text


def run(name, package, relying_party):
    """Runs the adapter of the library `name`, whose Python package is `package`. `relying_party` makes one of the
    trusted root certificates."""
    parser = ArgumentParser()
    parser.add_argument("--root", type=Path, metavar="FILE", help="trust these root certificates (PEM)")
    parser.add_argument("--version", action="version", version=f"{name} {version(package)}")
    file = parser.parse_args().root
    adapted = relying_party(x509.load_pem_x509_certificates(file.read_bytes()) if file else [])
    sessions = defaultdict(dict)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(answer(adapted, sessions[request["session"]], request)), flush=True)


def answer(relying_party, session, request):
    try:
        method = getattr(relying_party, request["do"].replace(" ", "_"))
        return {"accepted": method(session, reply_or(request)) or {}}
    except Refused as refusal:
        return {"refused": str(refusal)}
    except Exception as error:
        traceback.print_exc()
        return {"crashed": describe(error)}


def reply_or(request):
    """The client's reply, if the request has one, or else the request."""
    if "reply" not in request:
        return request
    if not isinstance(request["reply"], dict):
        raise Refused("the reply is not a JSON object")
    return request["reply"]

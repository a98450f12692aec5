"""The lines that a relying party in a subprocess speaks: one JSON object a line, one answer a line.

    {"do": "name"}                                          -> {"name": "py_webauthn 3.0.1"}
    {"do": "trust", "roots": [PEM, ...]}                    -> {}
    {"do": "begin registration", "user": NAME, "algorithms": [-7, ...]}
                                                            -> {"options": creation options}
    {"do": "finish registration", "response": reply}        -> {} | {"refused": why}
    {"do": "begin authentication", "listed": BOOL}          -> {"options": request options}
    {"do": "finish authentication", "response": reply}      -> {} | {"refused": why}

User verification is required, attestation is asked for directly, and a login is the last registered user's.
"""

import json
import sys

ORIGIN = "https://login.example.com"
RP_ID = "example.com"


def describe(error):
    text = f"{type(error).__name__}: {error}".rstrip(": ")
    cause = error.__cause__ or error.__context__
    return f"{text} ({describe(cause)})" if cause and str(cause) not in text else text


def serve(relying_party):
    """Answers every line with the method that it names; what a `finish` raises is a refusal."""
    for line in sys.stdin:
        request = json.loads(line)
        task = request.pop("do")
        try:
            answer = getattr(relying_party, task.replace(" ", "_"))(**request) or {}
        except Exception as error:
            if not task.startswith("finish"):
                raise
            answer = {"refused": describe(error)}
        print(json.dumps(answer), flush=True)

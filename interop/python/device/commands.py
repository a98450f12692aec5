"""`stuntkey register` and `authenticate` at a card, by the same service: PINs, and what is said when there is none.

By the other ways, the tests of the command line do it, which need no service of the system's.
"""

import json
import subprocess
from pathlib import Path

from ctap2.common import NEW_PIN, PIN
from device import pcsc
from device.common import Subject
from device.key import WITHIN
from harness import ORIGIN, RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
USER = {"id": "dQ", "name": "alice", "displayName": "Alice"}
CREATION = {
    "rp": {"id": RP_ID, "name": "Example"},
    "user": USER,
    "challenge": "GVeXqotfQOWSaaWZuWj94Q",
    "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
    "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
}
REQUEST = {"rpId": RP_ID, "challenge": "GVeXqotfQOWSaaWZuWj94Q", "userVerification": "required"}


def run(key, command, options, *flags, device="reader:"):
    """Our client, without a terminal on which it could ask."""
    return subprocess.run(
        [key.program, command, "--device", device, "--origin", ORIGIN, *flags, "-"],
        input=json.dumps(options),
        capture_output=True,
        text=True,
        timeout=WITHIN,
        start_new_session=True,
    )


def answered(done):
    expect(done.returncode == 0, f"exit {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def refused(done, status, words):
    expect(done.returncode == status, f"exit {done.returncode}, expected {status}: {done.stderr.strip()}")
    expect(words in done.stderr and not done.stdout, f"{words!r} is not in {done.stderr.strip()!r}")
    return done.stderr.splitlines()[0]


def pin_file(key, pin):
    file = Path(key.directory.name, f"pin-{pin}")
    file.write_text(f"{pin}\n")
    return ("--pin-file", str(file))


@check()
def our_client_registers_and_logs_in_at_a_card(key):
    pcsc.is_there()
    right = pin_file(key, PIN)
    made = answered(run(key, "register", CREATION, *right, "--set-pin"))
    found = answered(run(key, "authenticate", REQUEST, *right, device="reader:Virtual PCD"))
    expect(found["id"] == made["id"], "another credential")
    return refused(run(key, "authenticate", REQUEST, *pin_file(key, NEW_PIN)), 1, "the PIN is wrong")


@check()
def our_client_says_what_it_misses_at_a_card(key):
    pcsc.is_there()
    refused(run(key, "register", CREATION, *pin_file(key, PIN)), 1, "this key has no PIN yet")
    refused(run(key, "register", CREATION), 1, "--pin PIN, --pin-file FILE or STUNTKEY_PIN")
    words = 'no reader with a card has "Elsewhere" in its name, expected one of ["Virtual PCD 00 00"]'
    return refused(run(key, "register", CREATION, device="reader:Elsewhere"), 3, words)


@check("--touch-after", "1s")
def our_client_waits_for_the_user_of_a_card(key):
    pcsc.is_there()
    verification = {**CREATION, "authenticatorSelection": {"residentKey": "required"}}
    answered(run(key, "register", verification))
    return key.said("MakeCredential example.com: Ok")

"""What real clients make of the lies of an authenticator: docs/client-faults.md.

Usage: client_faults.py STUNTKEY CTAP2_PIPE LIBFIDO2_PEER [--write FILE] [--json FILE] [--only WORDS]

Each lie of `stuntkey faults --answers` is played before python-fido2 (the scenarios of ctap2/lies.py) and libfido2
(those of ../libfido2/faults.c), and a sound authenticator as well, which has to pass them all. Everything is played
twice, and has to come out the same. `--write` writes the page, `--json` each scenario with its error, `--only` plays the
lies in whose ids these words stand.
"""

import argparse
import json
import multiprocessing
import os
import signal
import ssl
import subprocess
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from importlib.metadata import version

from harness import Stuntkey, program_from

try:
    from ctap2.device import NoAnswer
    from ctap2.lies import World
    from tables import row, table
except ImportError as error:
    sys.exit(f"python-fido2 is not installed: {error}")

SOUND = "sound"
# A last guard against a client that never ends.
LIE_WITHIN = 120
AT_ONCE = max(4, os.cpu_count() or 1)
# The worst first.
OUTCOMES = ("hangs", "breaks", "accepted", "the relying party", "refused")
WORDS = {"breaks": "**breaks**", "accepted": "**accepted**", None: "–"}

PYTHON_FIDO2, LIBFIDO2 = "python-fido2", "libfido2"

# Why a client is never told a lie.
UNTOLD = {
    (PYTHON_FIDO2, "make-credential/id/excluded"): "`Fido2Client` asks by getAssertion which of the excluded "
    "credentials there are, and puts into makeCredential none but one that there is. The authenticator refuses that "
    "request, so there is no answer to change.",
}

# Where a clause puts a duty on the client: the lie, what becomes of it before which clients, and what to say.
FINDINGS = [
    (
        "client-pin/key-agreement/other-curve",
        "accepted",
        [PYTHON_FIDO2, LIBFIDO2],
        (
            "{} takes a key for key agreement that says that it is on P-384 for one on P-256, where CTAP 2.1 §6.5.6 "
            "(`ecdh`) has the platform return an error if it is not such a key as `getPublicKey` gives."
        ),
    ),
    (
        "cbor/trailing-byte",
        "accepted",
        [LIBFIDO2],
        (
            "{} reads an answer that goes on after its map, which by CTAP 2.1 §8 a decoder SHOULD reject: it is not in "
            "the canonical form."
        ),
    ),
    (
        "cbor/long-integer",
        "accepted",
        [LIBFIDO2],
        (
            "{} reads an answer whose first key is longer than it has to be, which by CTAP 2.1 §8 a decoder SHOULD "
            "reject: it is not in the canonical form."
        ),
    ),
    (
        "cbor/float",
        "refused",
        [PYTHON_FIDO2],
        (
            "{} refuses an answer for a floating-point number under a key that it does not know, where CTAP 2.1 §8 has "
            "it ignore such a key. The canonical form has such numbers."
        ),
    ),
]


def options():
    """The options; the programs are left where `program_from` finds them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="*", help="STUNTKEY, CTAP2_PIPE and LIBFIDO2_PEER")
    parser.add_argument("--write", metavar="FILE", help="write the page there")
    parser.add_argument("--json", metavar="FILE", help="write each scenario there, with its error")
    parser.add_argument("--only", metavar="WORDS", default="", help="play the lies in whose ids these stand")
    found = parser.parse_args()
    if found.write and found.only:
        parser.error("a page has every lie")
    sys.argv[1:] = found.programs
    return found


class Client:
    """A client, and what it made of each lie."""

    def __init__(self, kind, name, played):
        self.kind = kind
        self.name = name
        self.played = played

    def told(self, id):
        return [one for one in self.played[id] if one["lies"]]

    def outcome(self, id):
        """The worst of the scenarios that the lie concerns, and in which it was told; None if there is none."""
        concerned = [one["outcome"] for one in self.told(id) if concerns(id, one["scenario"])]
        return min(concerned, key=OUTCOMES.index, default=None)

    def cell(self, id):
        outcome = self.outcome(id)
        return WORDS.get(outcome, outcome)


def concerns(id, scenario):
    """Whether a scenario needs what the lie is about. Of what getInfo says, nothing is needed to open alone."""
    if id == "get-info/protocols/unknown":
        return "PIN" in scenario
    return not id.startswith("get-info/") or scenario != "opens"


def play_python_fido2(world, ids):
    """Plays the lies, in several processes at once."""
    forked = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(AT_ONCE, mp_context=forked, initializer=remember, initargs=(world,)) as pool:
        played = dict(zip(ids, pool.map(play_lie, ids)))
    return Client(PYTHON_FIDO2, f"python-fido2 {version('fido2')}", played)


def remember(world):
    """What each process has."""
    global WORLD
    WORLD = world
    signal.signal(signal.SIGALRM, too_long)


def too_long(number, frame):
    raise NoAnswer


def play_lie(id):
    signal.alarm(LIE_WITHIN)
    try:
        return WORLD.play(None if id == SOUND else id)
    finally:
        signal.alarm(0)


def play_libfido2(peer, pipe, ids):
    """Plays the lies, in several processes at once."""
    parts = [ids[first::AT_ONCE] for first in range(AT_ONCE) if ids[first::AT_ONCE]]

    def play(part):
        done = subprocess.run([peer, pipe, "--fault", *part], check=True, stdout=subprocess.PIPE, text=True)
        return [json.loads(line) for line in done.stdout.splitlines()]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(play, parts))
    names = {head["client"] for head, *_ in found}
    played = {one["id"]: one["played"] for _, *rest in found for one in rest}
    return Client(LIBFIDO2, names.pop(), played)


def complaints(clients, faults):
    """What makes the page worth nothing, or out of date."""
    ids = [fault["id"] for fault in faults]
    for client in clients:
        for one in client.played[SOUND]:
            if one["outcome"] != "accepted":
                yield f"{client.name}: a sound authenticator does not pass: {shown(one)}"
        for id in ids:
            for one in client.played[id]:
                if not one["lies"] and one["outcome"] != "accepted":
                    yield f"{client.name}: {id}: ended without a lie: {shown(one)}"
            reason = UNTOLD.get((client.kind, id))
            if client.outcome(id) is None and not reason:
                yield f"{client.name}: {id}: never told, and nothing says why"
            if client.outcome(id) is not None and reason:
                yield f"{client.name}: {id}: told, although a note says that it is not"
    for id in ids:
        if not any(client.told(id) for client in clients):
            yield f"{id}: told to no client"
    for id, outcome, kinds, _ in FINDINGS:
        for client in clients:
            if id in ids and client.kind in kinds and client.outcome(id) != outcome:
                yield f"{client.name}: {id}: {client.outcome(id)}, although a finding says {outcome}"


def shown(one):
    return f"{one['scenario']}: {one['outcome']}" + (f" ({one['error']})" if one["error"] else "")


def summary(told):
    """The outcomes of the scenarios, and the errors."""
    counts = Counter(one["outcome"] + (f" by {one['error']}" if one["error"] else "") for one in told)
    return f" ({'; '.join(f'{number} {words}' for words, number in counts.items())})" if counts else ""


def page(clients, faults):
    count = {client.kind: len(client.played[SOUND]) for client in clients}
    notes = list(dict.fromkeys(UNTOLD.values()))
    lines = [
        "# Lies of an authenticator before real clients",
        "",
        "A row is a sound authenticator with one lie: an answer that is another than the sound one, as",
        "`stuntkey faults --answers` says. What follows the answer is not computed again, so that a relying party which",
        "verifies the signature refuses each change to what is signed. The clients are whole: python-fido2's",
        "`Fido2Client`, `ClientPin` and `LargeBlobs`, and libfido2's functions for applications. They open the",
        "authenticator, set and change a PIN, register and log in, with extensions and large blobs; whole messages go",
        "through a pipe of ours instead of CTAPHID. A cell is the worst of the scenarios in which the lie was told, the",
        "worst first:",
        "",
        "- hangs: the client still waits for an answer after five seconds. It has no time limit of its own.",
        "- **breaks**: the lie ends it by an error that it did not mean, such as a `KeyError`.",
        "- **accepted**: it says that everything went well, and so does what it has to verify that.",
        "- the relying party: it passes the lie on, and what verifies it refuses: `Fido2Server`, `fido_cred_verify`,",
        "  `fido_assert_verify`, or an application that knows no credential of this id.",
        "- refused: it refuses, or takes the authenticator for one that has U2F alone, or passes on the refusal of an",
        "  authenticator that it can no longer understand.",
        "- –: it is never told the lie.",
        "",
        "For a lie of getInfo, to open the authenticator does not count alone, and for the one about protocols only what",
        "is done with a PIN. That a client accepts is not always a mistake: no clause has it look at everything, and much",
        "is for the relying party to find, and nobody else.",
        "",
        "Written by `interop/python/client_faults.py`, checked by `./check`.",
        "",
        table("lie", "clause", *(client.name for client in clients)),
        row("none", "", *(f"passes {count[client.kind]} scenarios" for client in clients)),
    ]
    for fault in faults:
        id = fault["id"]
        marks = [UNTOLD.get((client.kind, id)) for client in clients]
        cells = [
            client.cell(id) + (f" [{notes.index(mark) + 1}]" if mark else "") for client, mark in zip(clients, marks)
        ]
        lines.append(row(id, fault["clause"], *cells))
    lines += ["", f"{len(faults)} lies:", ""]
    for client in clients:
        found = [client.outcome(fault["id"]) for fault in faults]
        counts = [f"{found.count(word)} {WORDS.get(word, word)}" for word in (*OUTCOMES, None) if word in found]
        lines.append(f"- {client.name}: {', '.join(counts)}")
    if notes:
        lines += ["", "## Never told", "", *(f"{number}. {note}" for number, note in enumerate(notes, 1))]
    lines += ["", "## Findings", "", "Where the clause puts the duty on the client:", ""]
    for _, _, kinds, sentence in FINDINGS:
        lines += [f"- {sentence.format(client.name)}" for client in clients if client.kind in kinds]
    return "\n".join(lines) + "\n"


def main():
    asked = options()
    stuntkey = program_from(1, "STUNTKEY", "stuntkey")
    pipe = program_from(2, "CTAP2_PIPE", "ctap2_pipe")
    peer = program_from(3, "LIBFIDO2_PEER", "libfido2_peer")
    listing = subprocess.run([stuntkey, "faults", "--answers", "--json"], check=True, stdout=subprocess.PIPE).stdout
    faults = [fault for fault in json.loads(listing)["faults"] if asked.only in fault["id"]]
    ids = [SOUND, *(fault["id"] for fault in faults)]
    root = ssl.PEM_cert_to_DER_cert(Stuntkey(stuntkey, None).root().decode())
    world = World(pipe, root)

    def play():
        return [play_python_fido2(world, ids), play_libfido2(peer, pipe, ids)]

    clients, again = play(), play()
    wrong = list(complaints(clients, faults))
    for client, second in zip(clients, again):
        different = [id for id in ids if client.played[id] != second.played[id]]
        wrong += [f"{client.name}: {id}: another time another outcome" for id in different]
        for fault in faults:
            id = fault["id"]
            print(f"{client.name}: {id}: {client.outcome(id) or 'never told'}{summary(client.told(id))}")
    if asked.json:
        with open(asked.json, "w", encoding="utf-8") as file:
            json.dump({client.name: client.played for client in clients}, file, indent=1)
    if asked.write:
        with open(asked.write, "w", encoding="utf-8") as file:
            file.write(page(clients, faults))
    for complaint in wrong:
        print(f"FAILED: {complaint}")
    print(f"{len(faults)} lies before {len(clients)} clients, {len(wrong)} failed")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()

"""What real relying parties make of every format, algorithm and fault: writes docs/formats.md and docs/faults.md.

Usage: matrix.py [--check] STUNTKEY WEBAUTHN_RS_RELYING_PARTY
With --check nothing is written; it fails if the files are not what they would be.
"""

import difflib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent.parent / "docs"
ORIGIN = "https://login.example.com"
RP_ID = "example.com"

FORMATS = [
    "packed",
    "packed-self",
    "tpm",
    "android-key",
    "android-safetynet",
    "apple",
    "fido-u2f",
    "compound",
    "none",
]
ALGORITHMS = {
    "ES256": -7,
    "ES384": -35,
    "ES512": -36,
    "ES256K": -47,
    "EdDSA": -8,
    "Ed448": -53,
    "RS256": -257,
    "RS384": -258,
    "RS512": -259,
    "PS256": -37,
    "PS384": -38,
    "PS512": -39,
    "RS1": -65535,
    "ML-DSA-44": -48,
    "ML-DSA-65": -49,
    "ML-DSA-87": -50,
}
# The attestation key has an algorithm of its own.
ATTESTATION_ALGORITHMS = ["ES256", "ES384", "RS256", "EdDSA"]
# Reasons that follow from a signature's bytes, and so differ from run to run: by library, format and algorithm.
UNSTEADY = {
    ("SimpleWebAuthn", "android-safetynet", "ES256, attested by ES256"): (
        "what its ASN.1 reader makes of the raw signature of a JWS (RFC 7518 §3.4), which it takes for DER"
    ),
}


class Peer:
    """A relying party in a subprocess; see relying_party.py."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.name = self.ask("name")["name"]

    def ask(self, task, **arguments):
        self.process.stdin.write(json.dumps({"do": task, **arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.process.args} stopped at {task}")
        return json.loads(line)


class Judge:
    """stuntkey's own verifier, by `stuntkey inspect`."""

    name = "stuntkey verifier"

    def __init__(self, stuntkey, directory):
        self.stuntkey = stuntkey
        self.directory = directory
        self.key = None

    def ask(self, task, **arguments):
        return getattr(self, task.replace(" ", "_"))(**arguments)

    def trust(self, roots):
        self.root = Path(self.directory, "root.pem")
        self.root.write_text("".join(roots))
        self.roots = bool(roots)

    def begin_registration(self, user, algorithms):
        self.options = {
            "challenge": "c3R1bnRrZXkgbWF0cml4IGNoYWxsZW5nZSAwMDAwMDE",
            "rp": {"id": RP_ID, "name": "Example"},
            "user": {"id": "dXNlcg", "name": user, "displayName": user},
            "pubKeyCredParams": [{"type": "public-key", "alg": identifier} for identifier in algorithms],
            "attestation": "direct",
            "authenticatorSelection": {"residentKey": "required", "userVerification": "required"},
        }
        return {"options": self.options}

    def finish_registration(self, response):
        answer = self.inspect(response, *(["--trust", self.root] if self.roots else []))
        if not answer:
            self.key = response["response"]["publicKey"]
        return answer

    def begin_authentication(self, listed):
        self.options = {
            "challenge": "c3R1bnRrZXkgbWF0cml4IGNoYWxsZW5nZSAwMDAwMDI",
            "rpId": RP_ID,
            "userVerification": "required",
        }
        return {"options": self.options}

    def finish_authentication(self, response):
        return self.inspect(response, "--public-key", self.key)

    def inspect(self, response, *arguments):
        options = Path(self.directory, "options.json")
        options.write_text(json.dumps(self.options))
        done = subprocess.run(
            [self.stuntkey, "inspect", "--json", "--origin", ORIGIN, "--options", options, *arguments, "-"],
            input=json.dumps(response),
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            return {}
        if done.returncode != 1:
            raise SystemExit(f"stuntkey inspect: {done.stderr}")
        steps = json.loads(done.stdout)["verification"]["steps"]
        failed = [step for step in steps if step["verdict"] == "failed"]
        return {"refused": f"step {failed[0]['step']}: {failed[0]['failures'][0]['check']}"}


class Stuntkey:
    """The command, with a store of its own for each ceremony pair."""

    def __init__(self, program, directory):
        self.program = program
        self.directory = directory
        self.count = 0

    def fresh(self):
        self.count += 1
        self.store = str(Path(self.directory, f"store-{self.count}"))

    def run(self, *arguments, stdin=""):
        return subprocess.run([self.program, *arguments], input=stdin, capture_output=True, text=True)

    def ceremony(self, command, options, *flags):
        """The reply, or why there is none."""
        where = ["--store", self.store, "--origin", ORIGIN, "--reply", "l3", "--json"]
        done = self.run(command, *where, *flags, "-", stdin=json.dumps(options))
        if done.returncode == 0:
            return json.loads(done.stdout), None
        errors = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
        return None, [error["message"] for error in errors if error["level"] == "error"][0]

    def root(self):
        return self.run("attestation", "root").stdout


def tidy(text):
    """A refusal without what differs from run to run, and short enough for a table."""
    text = re.sub(r"[0-9a-fA-F]{16,}|[A-Za-z0-9_-]{32,}", "…", text)
    text = re.sub(r"0x[0-9a-f]+", "…", text)
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= 160 else text[:157] + "…"


def attempt(stuntkey, peer, flags, identifiers, trusted):
    """One registration and one login: nothing, or why it was refused, or why stuntkey makes none."""
    stuntkey.fresh()
    peer.ask("trust", roots=[stuntkey.root()] if trusted else [])
    options = peer.ask("begin registration", user="alice", algorithms=identifiers)["options"]
    reply, unable = stuntkey.ceremony("register", options, *flags)
    if unable:
        return "unable", unable
    answer = peer.ask("finish registration", response=reply)
    if "refused" in answer:
        return "refused", answer["refused"]
    options = peer.ask("begin authentication", listed=False)["options"]
    reply, unable = stuntkey.ceremony("authenticate", options)
    if unable:
        raise SystemExit(f"no login with {flags}: {unable}")
    answer = peer.ask("finish authentication", response=reply)
    return ("refused", f"at login: {answer['refused']}") if "refused" in answer else ("accepted", None)


class Notes:
    """Footnotes, each text once."""

    def __init__(self):
        self.texts = []

    def mark(self, text):
        text = tidy(text)
        if text not in self.texts:
            self.texts.append(text)
        return f"[{self.texts.index(text) + 1}]"

    def lines(self):
        return [f"{number}. {text}" for number, text in enumerate(self.texts, 1)]


def formats_page(stuntkey, peers):
    notes = Notes()
    judges = [peer.name for peer in peers]
    lines = [
        "# Formats and algorithms against real relying parties",
        "",
        "Each cell is a registration with this attestation statement format and credential algorithm, its root being",
        "trusted, and a login after it. ✓: both accepted. A number: refused, for the reason below. –: stuntkey makes no",
        "such registration. User verification is required, and attestation is asked for directly.",
        "",
        "Written by `interop/python/matrix.py`, checked by `./check`.",
        "",
        f"| format | algorithm | {' | '.join(judges)} |",
        f"|---|---|{'---|' * len(judges)}",
    ]
    holes = {}
    rows = [(format, name, []) for format in FORMATS for name in ALGORITHMS]
    rows += [("packed", f"ES256, attested by {name}", ["--attestation-alg", name]) for name in ATTESTATION_ALGORITHMS[1:]]
    rows += [("tpm", f"RS256, attested by {name}", ["--attestation-alg", name]) for name in ("RS256", "RS1")]
    rows += [("android-safetynet", "ES256, attested by ES256", ["--attestation-alg", "ES256"])]
    counts = {name: [0, 0] for name in judges}
    for format, name, further in rows:
        algorithm = name.split(",")[0]
        flags = ["--format", format, "--alg", algorithm, *further]
        trusted = format not in ("none", "packed-self")
        cells = []
        for peer in peers:
            outcome, why = attempt(stuntkey, peer, flags, [ALGORITHMS[algorithm]], trusted)
            if outcome == "unable":
                holes.setdefault((format, why), []).append(name)
                break
            counts[peer.name][outcome == "refused"] += 1
            why = UNSTEADY.get((peer.name.split()[0], format, name), why)
            cells.append("✓" if outcome == "accepted" else notes.mark(why))
        else:
            lines.append(f"| {format} | {name} | {' | '.join(cells)} |")
    lines += ["", "Accepted and refused:", ""]
    lines += [f"- {name}: {accepted} accepted, {refused} refused" for name, (accepted, refused) in counts.items()]
    lines += ["", "## Why refused", "", *notes.lines()]
    lines += ["", "## What stuntkey does not make", ""]
    lines += [f"- {format} with {', '.join(names)}: {tidy(why)}" for (format, why), names in holes.items()]
    return "\n".join(lines) + "\n"


def faults_page(stuntkey, peers):
    faults = json.loads(stuntkey.run("faults", "--json").stdout)["faults"]
    judges = [peer.name for peer in peers]
    lines = [
        "# Faults against real relying parties",
        "",
        "Each row is one valid ceremony with one change; `stuntkey faults` says what each is. **accepted**: the library",
        "let it pass. –: the library refuses the valid ceremony, too, as it does not know the format; so a refusal would",
        "say nothing. Every one of these is refused by stuntkey's own verifier at the step that is told, with the policy",
        "that the fault is about.",
        "",
        "A relying party with other settings, or one that does more than call the library, may do better. Some are",
        "policies of the relying party's (`policy/`, `trust/none`, `trust/self`, `extensions/`), some the library leaves to",
        "it (`user/`, `credential-id/in-use`), and some are only SHOULD in the standard (canonical CBOR, the length of a",
        "credential id) or of FIDO's own (`fido-u2f/aaguid`, `trust/root-included`).",
        "",
        "Written by `interop/python/matrix.py`, checked by `./check`.",
        "",
        f"| fault | step | {' | '.join(judges)} |",
        f"|---|---|{'---|' * len(judges)}",
    ]
    counts = {name: {"refused": 0, "**accepted**": 0, "–": 0} for name in judges}
    valid = {}
    for fault in faults:
        for ceremony, step in fault["steps"].items():
            cells = []
            for peer in peers:
                cell = "refused" if fault_at(stuntkey, peer, fault, ceremony) else "**accepted**"
                kind = (peer.name, fault.get("format"), fault.get("algorithm", "ES256"))
                if cell == "refused" and kind not in valid:
                    valid[kind] = is_valid_accepted(stuntkey, peer, *kind[1:])
                if cell == "refused" and not valid[kind]:
                    cell = "–"
                counts[peer.name][cell] += 1
                cells.append(cell)
            section = {"registration": "7.1", "authentication": "7.2"}[ceremony]
            lines.append(f"| {fault['id']} | §{section} {step} | {' | '.join(cells)} |")
    total = sum(len(fault["steps"]) for fault in faults)
    lines += ["", f"{len(faults)} faults, {total} with the ceremonies:", ""]
    for name, count in counts.items():
        refused, accepted, unknown = count.values()
        lines.append(f"- {name}: {refused} refused, {accepted} accepted, {unknown} not to be told")
    return "\n".join(lines) + "\n"


def is_valid_accepted(stuntkey, peer, format, algorithm):
    """Whether the library accepts the ceremony without a fault."""
    flags = ["--alg", algorithm] + (["--format", format] if format else [])
    trusted = format not in ("none", "packed-self")
    return attempt(stuntkey, peer, flags, [ALGORITHMS[algorithm]], trusted)[0] == "accepted"


def fault_at(stuntkey, peer, fault, ceremony):
    """Why the faulty ceremony was refused, or nothing if it was accepted."""
    stuntkey.fresh()
    algorithm = fault.get("algorithm", "ES256")
    identifiers = [ALGORITHMS[algorithm]]
    with_fault = ["--fault", fault["id"]]
    valid = ["--alg", algorithm]
    # A format of which the library trusts nobody would hide the fault.
    trusted = fault.get("format") not in ("none", "packed-self")
    peer.ask("trust", roots=[stuntkey.root()] if trusted else [])
    options = peer.ask("begin registration", user="alice", algorithms=identifiers)["options"]
    flags = with_fault if ceremony == "registration" else valid
    reply, unable = stuntkey.ceremony("register", options, *flags)
    if unable:
        raise SystemExit(f"{fault['id']}: {unable}")
    answer = peer.ask("finish registration", response=reply)
    if ceremony == "registration":
        return answer.get("refused")
    for flags in ([], with_fault):
        options = peer.ask("begin authentication", listed=True)["options"]
        reply, unable = stuntkey.ceremony("authenticate", options, *flags)
        if unable:
            raise SystemExit(f"{fault['id']}: {unable}")
        answer = peer.ask("finish authentication", response=reply)
    return answer.get("refused")


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    check = len(arguments) < len(sys.argv) - 1
    program, webauthn_rs = (str(Path(argument).resolve()) for argument in arguments)
    with tempfile.TemporaryDirectory() as directory:
        stuntkey = Stuntkey(program, directory)
        peers = [
            Peer(sys.executable, "-W", "ignore", str(HERE / "py_webauthn_relying_party.py")),
            Peer(sys.executable, "-W", "ignore", str(HERE / "fido2_relying_party.py")),
            Peer("node", str(HERE.parent / "node" / "simplewebauthn_relying_party.mjs")),
            Peer(webauthn_rs),
        ]
        pages = {
            "formats.md": formats_page(stuntkey, [Judge(program, directory), *peers]),
            "faults.md": faults_page(stuntkey, peers),
        }
    for name, text in pages.items():
        path = DOCS / name
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            committed = path.read_text() if path.is_file() else ""
            sys.stderr.writelines(difflib.unified_diff(committed.splitlines(True), text.splitlines(True), "committed", "found"))
            sys.exit(f"docs/{name} is not current: run interop/python/matrix.py")
        summary = [line for line in text.splitlines() if line.startswith("- ") and ("refused" in line)]
        print("\n".join([f"docs/{name}", *summary]))


main()

"""A Markdown table of what the authenticator and this client agree on, and what each model says of itself."""

from collections import defaultdict

from ctap2.device import PipeDevice
from ctap2.get_info import MODELS, Found
from fido2.ctap import CtapError
from fido2.ctap1 import Ctap1
from fido2.ctap2 import ClientPin, Config, CredentialManagement, Ctap2, FPBioEnrollment
from fido2.hid import CTAPHID

# The command, its sub-commands, and the modules whose subject it is.
COMMANDS = {
    Ctap2.CMD.MAKE_CREDENTIAL: ("authenticatorMakeCredential", None, ["ceremonies"]),
    Ctap2.CMD.GET_ASSERTION: ("authenticatorGetAssertion", None, ["ceremonies"]),
    Ctap2.CMD.GET_INFO: ("authenticatorGetInfo", None, ["get_info"]),
    Ctap2.CMD.CLIENT_PIN: ("authenticatorClientPIN", ClientPin.CMD, ["client_pin", "tokens"]),
    Ctap2.CMD.RESET: ("authenticatorReset", None, ["ceremonies"]),
    Ctap2.CMD.GET_NEXT_ASSERTION: ("authenticatorGetNextAssertion", None, ["ceremonies"]),
    Ctap2.CMD.BIO_ENROLLMENT: ("authenticatorBioEnrollment", FPBioEnrollment.CMD, ["bio_enrollment"]),
    Ctap2.CMD.CREDENTIAL_MGMT: (
        "authenticatorCredentialManagement", CredentialManagement.CMD, ["credential_management"]
    ),
    Ctap2.CMD.SELECTION: ("authenticatorSelection", None, ["ceremonies"]),
    Ctap2.CMD.LARGE_BLOBS: ("authenticatorLargeBlobs", None, ["large_blobs"]),
    Ctap2.CMD.CONFIG: ("authenticatorConfig", Config.CMD, ["config"]),
    Ctap2.CMD.BIO_ENROLLMENT_PRE: ("authenticatorBioEnrollment, preview", FPBioEnrollment.CMD, []),
    Ctap2.CMD.CREDENTIAL_MGMT_PRE: ("authenticatorCredentialManagement, preview", CredentialManagement.CMD, []),
}
INSTRUCTIONS = {
    Ctap1.INS.REGISTER: "U2F_REGISTER",
    Ctap1.INS.AUTHENTICATE: "U2F_AUTHENTICATE",
    Ctap1.INS.VERSION: "U2F_VERSION",
}
# Shown in columns of their own, or different in each run.
INTRODUCTION = """# CTAP before real clients

The authenticator speaks CTAP 2.0 to 2.3 and U2F, as its model says. Clients of others drive it byte for byte:
python-fido2 (below), libfido2 and OpenSSH ([interop](../interop/README.md)).

A row names a command, a check in which the client and stuntkey agreed on it, and how many more there are. In the
second table is what each ready-made model answers to getInfo when it is new; `u2f_only` has no CTAP2.

Written by `interop/python/ctap2_peer.py --table`, checked by `./check`.
"""

APART = ("versions", "extensions", "options", "aaguid", "encIdentifier", "encCredStoreState")


class Agreements:
    """For each command and sub-command, the checks that saw it agree."""

    def __init__(self):
        self.checks = defaultdict(list)

    def add(self, sentence, module, detail, agreed):
        for call in agreed:
            about = call[0] == CTAPHID.CBOR and module in COMMANDS.get(call[1], ("", None, []))[2]
            # A check about this command, then one that does not end with a refusal, then one that needs few others.
            rank = (not about, str(detail).startswith("CtapError"), len(agreed))
            self.checks[call].append((rank, sentence))

    def rows(self, client):
        order = sorted(self.checks, key=lambda call: (call[0] != CTAPHID.CBOR, call[1], str(call[2])))
        for call in order:
            [(_, sentence), *others] = sorted(self.checks[call], key=lambda check: check[0])
            yield (*names_of(call), sentence + (f", and {len(others)} more" if others else ""), client)


def names_of(call):
    message, command, sub_command = call
    if message == CTAPHID.MSG:
        return INSTRUCTIONS.get(command, f"{command:02X}"), "" if sub_command is None else f"{sub_command:02X}"
    name, sub_commands, _ = COMMANDS.get(command, ("unknown", None, []))
    return f"{command:02X} {name}", sub_name(sub_command, sub_commands)


def sub_name(sub_command, sub_commands):
    if sub_command is None or isinstance(sub_command, str):
        return sub_command or ""
    try:
        return f"{sub_command:02X} {sub_commands(sub_command).name}"
    except ValueError:
        return f"{sub_command:02X}"


def markdown(titles, rows):
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def shown(value):
    if isinstance(value, list):
        return ", ".join(str(item.get("alg", item)) if isinstance(item, dict) else str(item) for item in value)
    return value.hex() if isinstance(value, bytes) else str(value)


def described(pipe, model):
    """A row: what a model answers to getInfo."""
    try:
        with PipeDevice(pipe, f"model={model}") as device:
            found = Found(Ctap2(device))
    except (CtapError, AssertionError, OSError) as error:
        return [model, str(error), "", "", ""]
    options = ", ".join(f"{name}: {str(value).lower()}" for name, value in found["options"].items())
    rest = "; ".join(f"{name}: {shown(value)}" for name, value in found.items() if name not in APART)
    return [model, shown(found["versions"]), options, shown(found.get("extensions", [])), rest]


def write(path, agreements, client, pipe):
    commands = markdown(["Command", "Sub-command", "A check that saw it agree", "Client"], agreements.rows(client))
    titles = ["Model", "Versions", "Options", "Extensions", "Further members"]
    models = markdown(titles, [described(pipe, model) for model in ("u2f_only", *MODELS)])
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{INTRODUCTION}\n## What stuntkey and {client} agree on\n\n{commands}\n")
        file.write(f"## What the models answer to getInfo\n\n{models}")

"""Drives stuntkey's authenticator, byte for byte, with python-fido2's CTAP2 client.

Usage: ctap2_peer.py STUNTKEY CTAP2_PIPE [--table FILE] [--only WORDS]

The checks are in `ctap2/`, a module for each subject. `--table` writes what agrees to a file in Markdown, `--only`
runs the checks in whose sentences these words stand.
"""

import argparse
import sys
from importlib.metadata import version

from harness import Checks, program_from

try:
    from ctap2 import (
        bio_enrollment,
        ceremonies,
        client,
        client_pin,
        config,
        credential_management,
        extensions,
        get_info,
        large_blobs,
        table,
        tokens,
        u2f,
    )
    from ctap2.device import PipeDevice
    from fido2.ctap2 import Ctap2
except ImportError as error:
    sys.exit(f"python-fido2 is not installed: {error}")

SUBJECTS = (
    get_info,
    ceremonies,
    client_pin,
    tokens,
    credential_management,
    large_blobs,
    config,
    bio_enrollment,
    extensions,
    u2f,
    client,
)


def options():
    """The options; the programs are left where `program_from` finds them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="*", help="STUNTKEY and CTAP2_PIPE")
    parser.add_argument("--table", metavar="FILE", help="write there, in Markdown, what agrees")
    parser.add_argument("--only", metavar="WORDS", default="", help="run the checks in whose sentences these stand")
    found = parser.parse_args()
    sys.argv[1:] = found.programs
    return found


def main():
    asked = options()
    stuntkey = program_from(1, "STUNTKEY", "stuntkey")
    pipe = program_from(2, "CTAP2_PIPE", "ctap2_pipe")
    peer = f"python-fido2 {version('fido2')}"
    checks = Checks(f"{peer} over CTAP2", stuntkey)
    agreements = table.Agreements()

    def on_a_fresh_authenticator(stuntkey, module, sentence, body, settings, wants_device):
        with PipeDevice(pipe, *settings) as device:
            detail = body(device if wants_device else Ctap2(device), stuntkey)
            agreements.add(sentence, module, detail, device.agreed)
            return detail

    for subject in SUBJECTS:
        module = subject.__name__.rpartition(".")[2]
        for sentence, *rest in subject.CHECKS:
            if asked.only in sentence:
                checks.check(sentence, on_a_fresh_authenticator, module, sentence, *rest)
    if asked.table:
        table.write(asked.table, agreements, peer, pipe)
    checks.finish()


if __name__ == "__main__":
    main()

"""Holds `stuntkey device` with python-fido2: its own CTAPHID by datagrams and by a stream, and its own NFC by a reader.

Usage: device_peer.py STUNTKEY [--by WAY...] [--only WORDS]

The ways are udp, tcp and reader; all of them if there is none. A reader takes pcscd and vsmartcard's vpcd. The checks are in
`device/`, a module for each subject; `--only` runs those in whose sentences these words stand.
"""

import argparse
import gc
import logging
import sys
from contextlib import ExitStack, contextmanager
from importlib.metadata import version

from harness import Checks, program_from

try:
    from device import ceremonies, channels, power, users, wires
    from device.key import Key
    from fido2.ctap2 import Ctap2
except ImportError as error:
    sys.exit(f"python-fido2 is not installed: {error}")

WAYS = ("udp", "tcp", "reader")
PEER = f"python-fido2 {version('fido2')}"


def options():
    """The options; the program is left where `program_from` finds it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", nargs="?", help="STUNTKEY")
    parser.add_argument("--by", metavar="WAY", nargs="+", choices=WAYS, default=WAYS, help="the ways to the key")
    parser.add_argument("--only", metavar="WORDS", default="", help="run the checks in whose sentences these stand")
    found = parser.parse_args()
    sys.argv[1:] = [found.program] if found.program else []
    return found


class Way:
    """The checks of one way to a key."""

    def __init__(self, checks, name, only, wire, to_it, is_gone=lambda: None):
        self.checks = checks
        self.name = name
        self.only = only
        self.wire = wire
        self.to_it = to_it
        self.is_gone = is_gone

    @contextmanager
    def start(self, *given):
        self.is_gone()
        key = Key(self.checks.program, self.wire, self.to_it, *given)
        try:
            yield key
        except BaseException:
            # What it said may say why.
            print(*(f"    {line}" for line in key.lines), sep="\n", file=sys.stderr)
            with ExitStack() as stack:
                stack.callback(key.process.kill)
                key.disconnect()
            raise
        key.close()

    def check(self, sentence, body):
        if self.only in sentence:
            self.checks.check(f"{self.name}: {sentence}", body)

    def play(self, checks):
        for sentence, body, given in checks:

            def with_a_key(stuntkey, body=body, given=given):
                with self.start(*given) as key:
                    return body(key)

            self.check(sentence, with_a_key)

    def play_by_authenticator(self, checks):
        for sentence, body in checks:

            def with_a_key(stuntkey, body=body):
                with self.start() as key:
                    return body(Ctap2(key.connect()), stuntkey)

            self.check(sentence, with_a_key)

    def stays_in_its_file(self):
        self.check("stays in its file when its process ends", ceremonies.stays_in_a_file(self.start))


def main():
    asked = options()
    # python-fido2 warns each time that it tries a busy device again.
    logging.getLogger("fido2").setLevel(logging.ERROR)
    checks = Checks(PEER, program_from(1, "STUNTKEY", "stuntkey"))
    for name, kind in (("udp", wires.Datagrams), ("tcp", wires.Stream)):
        if name in asked.by:
            way = Way(checks, name, asked.only, kind.wire, wires.to_key(kind))
            for subject in (channels, ceremonies, users, power):
                way.play(subject.CHECKS)
            way.check(*wires.other_parts(kind, way.start))
            way.stays_in_its_file()
            way.play_by_authenticator(ceremonies.OF_OTHERS)
    if "reader" in asked.by:
        play_by_reader(checks, asked.only)
    checks.finish()


def play_by_reader(checks, only):
    try:
        from device import cards, commands, pcsc
    except ImportError as error:
        sys.exit(f"pyscard is not installed: {error}")
    with pcsc.service():
        way = Way(checks, "reader", only, pcsc.WIRE, pcsc.to_card, pcsc.is_gone)
        way.play(cards.CHECKS)
        way.play(cards.OF_ALL)
        way.play(commands.CHECKS)
        way.stays_in_its_file()
        way.play_by_authenticator(cards.OF_OTHERS)
        # pyscard takes its leave of the service when an object goes, which has to be before the service does.
        gc.collect()


if __name__ == "__main__":
    main()

"""Kills stuntkey's authenticator in the middle of its work, and looks at what is left in the store file.

Usage: ctap2_kill.py CTAP2_PIPE [--runs 200] [--seed 1] [--only WORD]

Each run is a process of `ctap2_pipe` on the file that the last one left. It first says whether the file has what it must
have after the last kill; then it is killed by SIGKILL while it works, at a moment between before the first request is
written and after the last answer came. What was answered has to be there, whole, and what was not answered is there whole
or not at all. SIGKILL takes the process away, not the power: what the operating system was given, it still writes.
"""

import argparse
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from hashlib import sha256
from pathlib import Path

from harness import RP_ID, describe, expect, program_from

try:
    from ctap2.bio_enrollment import enrol
    from ctap2.common import BE, ERR, FULL, GA, LBW, PIN, WRONG_PIN, get, key_of, make, new_hash, options_of
    from ctap2.device import PipeDevice
    from ctap2.large_blobs import INITIAL, send, whole
    from fido2 import cbor
    from fido2.ctap import CtapError
    from fido2.ctap2 import ClientPin, Ctap2, FPBioEnrollment, LargeBlobs
    from fido2.ctap2.pin import PinProtocolV2
except ImportError as error:
    sys.exit(f"python-fido2 is not installed: {error}")

MOST_RETRIES = 8
# Short messages: an array of large blobs goes in several.
SETTINGS = (*FULL, "max_msg_size=1024")
# A file that is used for ever would be full of credentials. Its first run is not cut short, but measured.
RUNS_PER_FILE = 20
# Kills come within so many times what the work takes: some of them when it is done.
AS_LONG_AS = 1.4
MISSES = (ERR.PIN_INVALID, ERR.PIN_AUTH_BLOCKED)


class Killed(Exception):
    """The process was killed before it answered."""


class DoomedDevice(PipeDevice):
    """An authenticator that is killed after a while."""

    timer = None

    def kill_after(self, seconds):
        self.timer = threading.Timer(seconds, self.child.kill)
        self.timer.start()

    def _exchange(self, cmd, data=b""):
        try:
            return super()._exchange(cmd, data)
        except AssertionError:
            if self.timer and self.child.wait(timeout=10) == -signal.SIGKILL:
                raise Killed from None
            raise

    def close(self):
        if self.timer:
            self.timer.join()
        super().close()


class Scenario:
    """One kind of work. `check` is what a new process says of the file, `work` is killed."""

    NAME = ""

    def __init__(self, draw):
        self.draw = draw
        # The seconds that the work takes, of the runs that nothing cut short.
        self.took = []
        self.seen = Counter()
        self.fresh()

    def fresh(self):
        """The file is a new one."""

    def prepare(self, ctap):
        """What happens before there is a kill to come."""

    def check(self, ctap):
        raise NotImplementedError

    def work(self, ctap):
        raise NotImplementedError

    def run(self, pipe, file, is_measured):
        """A run that is killed at some moment, or that is measured and killed when it is done."""
        with DoomedDevice(pipe, *SETTINGS, f"store={file}") as device:
            ctap = Ctap2(device)
            self.check(ctap)
            self.prepare(ctap)
            if not is_measured:
                device.kill_after(self.draw.uniform(0, AS_LONG_AS * statistics.median(self.took)))
            began = time.monotonic()
            try:
                self.work(ctap)
            except Killed:
                self.seen["killed"] += 1
            if is_measured:
                self.took.append(time.monotonic() - began)
                device.kill_after(0)

    def finish(self, pipe, file):
        """What the last kill left."""
        with PipeDevice(pipe, *SETTINGS, f"store={file}") as device:
            self.check(Ctap2(device))


class Pins(Scenario):
    NAME = "PIN checks"

    def fresh(self):
        self.is_set = False
        self.least = self.most = MOST_RETRIES

    def token(self, ctap, pin):
        """Asks for a token. Kept apart: what is in flight, if it is a PIN at all."""
        client_pin = ClientPin(ctap, PinProtocolV2())
        key_agreement, secret = client_pin._get_shared_secret()
        encrypted = client_pin.protocol.encrypt(secret, sha256(pin.encode()).digest()[:16])
        # The request may be carried out from here on; it is answered below.
        answered = self.least
        self.least = answered - 1
        if pin == PIN:
            self.most = MOST_RETRIES
        outcome = None
        try:
            ctap.client_pin(
                client_pin.protocol.VERSION,
                ClientPin.CMD.GET_TOKEN_USING_PIN,
                key_agreement=key_agreement,
                pin_hash_enc=encrypted,
                permissions=GA,
                permissions_rpid=RP_ID,
            )
        except CtapError as error:
            outcome = error.code
        if pin == PIN:
            expect(outcome is None, f"the right PIN is refused with {outcome!r}")
            self.least = self.most = MOST_RETRIES
        else:
            expect(outcome in MISSES, f"a wrong PIN is answered with {outcome!r}")
            self.least = self.most = answered - 1
        return outcome

    def check(self, ctap):
        left = ClientPin(ctap).get_pin_retries()[0]
        expect(
            self.least <= left <= self.most,
            f"{left} retries are left, where the answers allow {self.least} to {self.most}",
        )
        if left < self.most == self.least + 1:
            self.seen["spent"] += 1
        self.least = self.most = left
        if self.is_set and (left <= 4 or self.draw.random() < 0.5):
            self.token(ctap, PIN)
            expect(ClientPin(ctap).get_pin_retries()[0] == MOST_RETRIES, "the right PIN does not restore the retries")
            self.seen["right"] += 1

    def prepare(self, ctap):
        if not self.is_set:
            ClientPin(ctap).set_pin(PIN)
            self.is_set = True

    def work(self, ctap):
        for _ in range(6):
            wanted = PIN if self.least <= 2 or self.draw.random() < 0.2 else WRONG_PIN
            if self.token(ctap, wanted) == ERR.PIN_AUTH_BLOCKED:
                ctap.device.power_cycle()

    def summary(self):
        return (
            f"no retry was gained, and at most the one in flight was lost, which was so {self.seen['spent']} times; "
            f"the right PIN worked all {self.seen['right']} times"
        )


class Resets(Scenario):
    NAME = "resets"

    def fresh(self):
        self.made = None
        self.state = {"gone"}

    def prepare(self, ctap):
        if self.made:
            return
        client_pin = ClientPin(ctap, PinProtocolV2())
        self.made = [make(ctap, rk=True), make(ctap, rk=False)]
        self.array = new_array(self.draw, 800)
        send(ctap, {2: self.array, 3: 0, 4: len(self.array)})
        client_pin.set_pin(PIN)
        self.template, _ = enrol(FPBioEnrollment(ctap, client_pin.protocol, client_pin.get_pin_token(PIN, BE)))
        self.state = {"there"}

    def what(self, ctap):
        """Which of the things are there. A credential that is there signs."""
        options = options_of(ctap)
        is_set, is_enrolled = options["clientPin"], options["uv"]
        if is_set and is_enrolled:
            client_pin = ClientPin(ctap, PinProtocolV2())
            fingers = FPBioEnrollment(ctap, client_pin.protocol, client_pin.get_pin_token(PIN, BE))
            is_enrolled = list(fingers.enumerate_enrollments()) == [self.template]
        array = whole(ctap)
        expect(array in (INITIAL, self.array), f"the array is another: {array.hex()}")
        there = [is_set, is_enrolled, array == self.array]
        return there + [signs(ctap, made) for made in self.made]

    def check(self, ctap):
        if not self.made:
            return
        what = self.what(ctap)
        expect(len(set(what)) == 1, f"of PIN, finger, blobs and two credentials there are {what}")
        found = "there" if what[0] else "gone"
        expect(found in self.state, f"everything is {found}, and the answers say {self.state}")
        self.seen[found] += 1
        if found == "gone":
            self.fresh()

    def work(self, ctap):
        self.state = {"there", "gone"}
        ctap.reset()
        self.state = {"gone"}

    def summary(self):
        return f"everything was there {self.seen['there']} times, and gone {self.seen['gone']} times, and never a part"


class Blobs(Scenario):
    NAME = "writes of large blobs"

    def fresh(self):
        self.is_set = False
        self.old, self.new = INITIAL, None

    def check(self, ctap):
        array = whole(ctap)
        expect(sha256(array[:-16]).digest()[:16] == array[-16:], "the checksum is wrong")
        expect(array in (self.old, self.new), f"{len(array)} bytes of neither array")
        if self.new:
            self.seen["new" if array == self.new else "old"] += 1
        self.old, self.new = array, None

    def prepare(self, ctap):
        client_pin = ClientPin(ctap, PinProtocolV2())
        if not self.is_set:
            client_pin.set_pin(PIN)
            self.is_set = True
        self.protocol = client_pin.protocol
        self.by = client_pin.get_pin_token(PIN, LBW)

    def work(self, ctap):
        for _ in range(2):
            array = new_array(self.draw, 4000)
            step = LargeBlobs(ctap).max_fragment_length
            for offset in range(0, len(array), step):
                fragment = array[offset : offset + step]
                message = b"\xff" * 32 + b"\x0c\x00" + offset.to_bytes(4, "little") + sha256(fragment).digest()
                # Before its last fragment is sent, nothing of the new array may be there.
                if offset + step >= len(array):
                    self.new = array
                ctap.large_blobs(
                    offset,
                    set=fragment,
                    length=None if offset else len(array),
                    pin_uv_protocol=self.protocol.VERSION,
                    pin_uv_param=self.protocol.authenticate(self.by, message),
                )
            self.old, self.new = array, None

    def summary(self):
        return (
            f"with the last fragment in flight, the old array was whole {self.seen['old']} times "
            f"and the new one {self.seen['new']} times"
        )


class Registrations(Scenario):
    NAME = "registrations"

    def fresh(self):
        self.made = []
        # Discoverable credentials: those that were answered, and how many might be there beside them.
        self.discoverable, self.in_flight = 0, 0

    def check(self, ctap):
        # Those of the last run, and now and then all of them.
        for made in self.made if self.draw.random() < 0.1 else self.made[-4:]:
            expect(signs(ctap, made), "a credential that was made is not there")
            self.seen["signed"] += 1
        kept = 100 - ctap.get_info().remaining_disc_creds
        most = self.discoverable + self.in_flight
        expect(
            self.discoverable <= kept <= most,
            f"there are {kept} discoverable credentials, where the answers allow {self.discoverable} to {most}",
        )
        self.seen["extra"] += kept - self.discoverable
        self.discoverable, self.in_flight = kept, 0

    def work(self, ctap):
        for _ in range(4):
            discoverable = self.draw.random() < 0.5
            name = self.draw.randbytes(8).hex()
            self.in_flight = int(discoverable)
            made = make(ctap, name=name, rk=discoverable)
            self.in_flight = 0
            self.discoverable += discoverable
            self.seen["acknowledged"] += 1
            self.made.append(made)

    def finish(self, pipe, file):
        super().finish(pipe, file)
        with PipeDevice(pipe, *SETTINGS, f"store={file}") as device:
            ctap = Ctap2(device)
            for made in self.made:
                expect(signs(ctap, made), "a credential that was made is not there at the end")
                self.seen["signed"] += 1

    def summary(self):
        return (
            f"each of {self.seen['acknowledged']} credentials that were answered signs, in {self.seen['signed']} assertions; "
            f"{self.seen['extra']} were there of which the answer was lost"
        )


def new_array(draw, most):
    """A serialized array of large blobs that no run had, of about half to all of so many bytes, and its checksum."""
    content = cbor.encode([draw.randbytes(draw.randint(most // 2, most))])
    return content + sha256(content).digest()[:16]


def signs(ctap, made):
    """Whether a credential is there. If it is, its signature has to hold."""
    client_data_hash = new_hash()
    try:
        answer = get(ctap, client_data_hash, allowed=[made])
    except CtapError as error:
        expect(error.code == ERR.NO_CREDENTIALS, f"no assertion: {describe(error)}")
        return False
    answer.verify(client_data_hash, key_of(made))
    return True


def play(scenario, runs, pipe, directory):
    """Plays all runs of a scenario. Returns the seconds that it took."""
    began = time.monotonic()
    file = None
    for run in range(runs):
        if run % RUNS_PER_FILE == 0:
            if file:
                scenario.finish(pipe, file)
                shutil.rmtree(file.parent)
            file = Path(directory, f"{run}", "store")
            file.parent.mkdir()
            scenario.fresh()
        try:
            scenario.run(pipe, file, is_measured=run % RUNS_PER_FILE == 0)
        except Exception as error:
            raise AssertionError(f"run {run}: {describe(error)}") from error
    scenario.finish(pipe, file)
    shutil.rmtree(file.parent)
    return time.monotonic() - began


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pipe", nargs="*", help="CTAP2_PIPE")
    parser.add_argument("--runs", type=int, default=200, help="how often each kind of work is killed")
    parser.add_argument("--seed", default="1", help="what the moments follow from, as far as the machine keeps them")
    parser.add_argument("--only", default="", metavar="WORD", help="the kinds of work in whose name this stands")
    asked = parser.parse_args()
    sys.argv[1:] = asked.pipe
    pipe = program_from(1, "CTAP2_PIPE", "ctap2_pipe")
    failed = False
    for kind in (Pins, Resets, Blobs, Registrations):
        if asked.only not in kind.NAME:
            continue
        scenario = kind(random.Random(f"{asked.seed} {kind.NAME}"))
        with tempfile.TemporaryDirectory() as directory:
            try:
                seconds = play(scenario, asked.runs, pipe, directory)
                told = f"{scenario.summary()} ({seconds:.0f} s) ... ok"
            except Exception as error:
                failed = True
                told = f"FAILED: {describe(error)}"
        killed = f"{scenario.seen['killed']} of {asked.runs} runs were killed before the last answer"
        print(f"SIGKILL in {kind.NAME}: {killed}; {told}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

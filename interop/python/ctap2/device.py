"""The authenticator in a child process, and what it was seen to agree to."""

import os
import select
import struct
import subprocess

from fido2 import cbor
from fido2.ctap import CtapDevice, CtapError
from fido2.ctap1 import APDU
from fido2.ctap2 import Ctap2
from fido2.hid import CAPABILITY, CTAPHID
from harness import expect

ANSWER_WITHIN = 30
POWER_CYCLE = 0x40
ADVANCE = 0x41
LIES = 0x42
# Where a request has its sub-command, by the command.
SUB_COMMAND = {
    Ctap2.CMD.CLIENT_PIN: 2,
    Ctap2.CMD.BIO_ENROLLMENT: 2,
    Ctap2.CMD.BIO_ENROLLMENT_PRE: 2,
    Ctap2.CMD.CREDENTIAL_MGMT: 1,
    Ctap2.CMD.CREDENTIAL_MGMT_PRE: 1,
    Ctap2.CMD.CONFIG: 1,
}


class NoAnswer(AssertionError):
    """The authenticator says nothing."""


class PipeDevice(CtapDevice):
    """An authenticator in a child process: frames of a four-byte length, then a command and data."""

    def __init__(self, program, *settings, answer_within=ANSWER_WITHIN):
        self.agreed = set()
        self.answer_within = answer_within
        self.child = subprocess.Popen(
            [program, *settings], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )

    @property
    def capabilities(self):
        return CAPABILITY.CBOR

    def call(self, cmd, data=b"", event=None, on_keepalive=None):
        if cmd not in (CTAPHID.CBOR, CTAPHID.MSG):
            raise CtapError(CtapError.ERR.INVALID_COMMAND)
        response = self._exchange(cmd, data)
        if agrees(cmd, response):
            self.agreed.add(sub_command(cmd, data))
        return response

    def power_cycle(self):
        """Takes the power away, and gives it back."""
        self._exchange(POWER_CYCLE)

    def advance(self, milliseconds):
        """Sets the clock forward. It stands still from then on."""
        self._exchange(ADVANCE, struct.pack(">I", milliseconds))

    def lies(self):
        """How many lies were told."""
        (count,) = struct.unpack(">I", self._exchange(LIES))
        return count

    def _exchange(self, cmd, data=b""):
        try:
            self.child.stdin.write(struct.pack(">IB", 1 + len(data), cmd) + data)
        except BrokenPipeError:
            raise AssertionError("the authenticator went away") from None
        (length,) = struct.unpack(">I", self._read(4))
        return self._read(length)

    def _read(self, length):
        data = b""
        while len(data) < length:
            ready, _, _ = select.select([self.child.stdout], [], [], self.answer_within)
            if not ready:
                raise NoAnswer(f"no answer within {self.answer_within} seconds")
            more = os.read(self.child.stdout.fileno(), length - len(data))
            expect(more, "the authenticator went away")
            data += more
        return data

    def close(self):
        self.child.stdin.close()
        self.child.stdout.close()
        try:
            self.child.wait(timeout=ANSWER_WITHIN)
        except subprocess.TimeoutExpired:
            self.child.kill()
            raise

    @classmethod
    def list_devices(cls):
        return iter(())


def agrees(cmd, response):
    if cmd == CTAPHID.MSG:
        return response[-2:] == struct.pack(">H", APDU.OK)
    return response[:1] == b"\0"


def sub_command(cmd, data):
    """What is asked for: the command, the command byte or instruction, and a sub-command or None."""
    if cmd == CTAPHID.MSG:
        # The control byte says what kind of authentication it is; a registration ignores it.
        return cmd, data[1], data[2] if data[1] == 0x02 else None
    command = data[0]
    request = cbor.decode(data[1:]) if data[1:] else {}
    if command == Ctap2.CMD.LARGE_BLOBS:
        return cmd, command, "get" if 1 in request else "set"
    if command in (Ctap2.CMD.BIO_ENROLLMENT, Ctap2.CMD.BIO_ENROLLMENT_PRE) and 6 in request:
        return cmd, command, "getModality"
    return cmd, command, request.get(SUB_COMMAND.get(command))

"""The system's PC/SC service with vsmartcard's virtual reader, and python-fido2's own `CtapPcscDevice` on it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager

from device.key import WITHIN, until
from fido2.pcsc import CtapPcscDevice
from harness import expect
from smartcard import System, scard

SOCKET = os.environ.get("PCSCLITE_CSOCK_NAME", "/run/pcscd/pcscd.comm")
VPCD = ("127.0.0.1", 35963)
# vpcd has two readers; the first is at this port.
READER = "Virtual PCD 00 00"
WIRE = ("--reader", f"{VPCD[0]}:{VPCD[1]}")


def answers(family, address):
    with socket.socket(family) as connection:
        try:
            connection.connect(address)
        except OSError:
            return False
        return True


def listens():
    """Whether vpcd listens, without taking the place of a card: its port is bound."""
    with socket.socket() as port:
        port.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            port.bind(VPCD)
        except OSError:
            return True
        return False


@contextmanager
def service():
    """A PC/SC service: the one that runs, or one that is started here and ended afterwards."""
    if answers(socket.AF_UNIX, SOCKET):
        print(f"-- a PC/SC service runs already at {SOCKET}, and is used")
        yield from used(None)
        return
    program = shutil.which("pcscd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not program:
        sys.exit("there is no pcscd: install pcscd and vsmartcard-vpcd")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([program, "--foreground"], stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            yield from used(process)
        except SystemExit:
            said.seek(0)
            print(said.read().decode(errors="replace"), end="", file=sys.stderr)
            raise
        finally:
            process.terminate()
            process.wait(WITHIN)


def used(process):
    """What the service has to have before it is used; `process` is the one that was started for it, if any."""
    end = time.monotonic() + WITHIN
    while not (answers(socket.AF_UNIX, SOCKET) and listens()):
        if process and process.poll() is not None:
            sys.exit(f"pcscd has ended with {process.returncode}")
        if time.monotonic() > end:
            sys.exit(
                f"the PC/SC service has no virtual reader at port {VPCD[1]}: "
                "install vsmartcard-vpcd, and start pcscd again"
            )
        time.sleep(0.05)
    until(lambda: READER in names(), f"the PC/SC service has no reader {READER}")
    if has_card():
        sys.exit(f"there is a card in the reader {READER} already: end the program that holds it there")
    yield


def names():
    return [reader.name for reader in System.readers()]


def reader():
    [found] = [reader for reader in System.readers() if reader.name == READER]
    return found


def state():
    """Whether there is a card, and how often one has come or gone. To ask for it disturbs nobody."""
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
    expect(result == scard.SCARD_S_SUCCESS, scard.SCardGetErrorMessage(result))
    try:
        result, [found] = scard.SCardGetStatusChange(context, 0, [(READER, scard.SCARD_STATE_UNAWARE)])
        expect(result == scard.SCARD_S_SUCCESS, scard.SCardGetErrorMessage(result))
    finally:
        scard.SCardReleaseContext(context)
    return bool(found[1] & scard.SCARD_STATE_PRESENT), found[1] >> 16


def has_card():
    return state()[0]


def is_there():
    """Waits until the card is in the reader."""
    until(has_card, "there is no card in the reader")


def to_card(key):
    """The card in the reader, by python-fido2."""
    is_there()
    return CtapPcscDevice(reader().createConnection(), READER)


def is_gone():
    """Waits until the reader is empty, for the next card."""
    until(lambda: not has_card(), "the card stays in the reader")


def leaves_and_returns(act):
    """Does what has a card leave the field for a moment, and waits until it is back."""
    _, before = state()
    act()
    until(lambda: state()[1] >= before + 2 and has_card(), "the card does not leave the field and come back")

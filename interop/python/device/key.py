"""`stuntkey device` in a process of its own, and the hands that hold it."""

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from harness import describe, expect

# A last guard, not a measure of anything.
WITHIN = 20


class Key:
    """A key at `wire`, with these options. `to_it(key)` opens a way to it, as python-fido2 has them."""

    def __init__(self, program, wire, to_it, *options):
        self.program = program
        self.to_it = to_it
        self.directory = tempfile.TemporaryDirectory()
        self.control = str(Path(self.directory.name, "control"))
        self.ways = []
        self.lines = []
        self.heard = threading.Condition()
        where = [] if "--store" in options else ["--store", "memory"]
        self.process = subprocess.Popen(
            [program, "device", *wire, *where, "--control", self.control, *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            self.process.wait(WITHIN)
            self.listener.join(WITHIN)
            raise AssertionError(f"stuntkey device: exit {self.process.returncode}: {' '.join(self.lines)}")

    def _listen(self):
        for line in self.process.stderr:
            with self.heard:
                self.lines.append(line.rstrip("\n"))
                self.heard.notify_all()

    def said(self, words, times=1):
        """Waits until this many lines on its standard error have these words in them. Returns the last of them."""

        def found():
            lines = [line for line in self.lines if words in line]
            return lines[times - 1] if len(lines) >= times else None

        with self.heard:
            expect(self.heard.wait_for(found, WITHIN), f"{words!r} is not among {self.lines}")
            return found()

    def connect(self):
        """A way to it, which is closed with the key."""
        way = self.to_it(self)
        self.ways.append(way)
        return way

    def touch(self):
        """A touch, by signal."""
        self.process.send_signal(signal.SIGUSR1)

    def power_cycle(self):
        """Takes its power away for a moment, by signal, and waits until it is back."""
        times = sum("the power was away" in line for line in self.lines)
        self.process.send_signal(signal.SIGUSR2)
        self.said("the power was away", times + 1)

    def tell(self, command):
        """The answer to a line at its control socket."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(WITHIN)
            connection.connect(self.control)
            connection.sendall(command.encode() + b"\n")
            return connection.makefile().readline().strip()

    def told(self, command):
        """The same, where the answer has to be `ok`."""
        answer = self.tell(command)
        expect(answer == "ok", f"{command}: {answer}")

    def waits(self):
        """Waits until the key waits for its user."""
        until(lambda: self.tell("status") == "waiting", "the key does not wait")

    def disconnect(self):
        for way in self.ways:
            way.close()
        self.ways.clear()

    def close(self):
        """Stops it, which it has to do at once and in order."""
        try:
            self.disconnect()
        finally:
            if self.process.poll() is None:
                self.process.terminate()
            try:
                self.process.wait(WITHIN)
            except subprocess.TimeoutExpired:
                self.process.kill()
                raise
            finally:
                self.listener.join(WITHIN)
                self.process.stdout.close()
                self.process.stderr.close()
                left = os.path.exists(self.control)
                self.directory.cleanup()
        expect(self.process.returncode == 0, f"it ended with {self.process.returncode}: {self.lines}")
        expect(not left, "it left its control socket behind")


def until(holds, complaint):
    """Waits until something holds."""
    end = time.monotonic() + WITHIN
    while not holds():
        expect(time.monotonic() < end, complaint)
        time.sleep(0.02)


class Asked(threading.Thread):
    """A request that takes time: `action(event, on_keepalive)`, in a thread of its own."""

    def __init__(self, action):
        super().__init__(daemon=True)
        self.action = action
        self.event = threading.Event()
        self.signs = []
        self.result = self.error = None
        self.start()

    def run(self):
        try:
            self.result = self.action(self.event, self.signs.append)
        except Exception as error:
            self.error = error

    def outcome(self):
        """What it returned, or raises what it raised."""
        self.join(WITHIN)
        expect(not self.is_alive(), "it has not come to its end")
        if self.error:
            raise self.error
        return self.result

    def goes_on(self):
        expect(self.is_alive(), f"it has ended: {describe(self.error) if self.error else self.result}")

"""CTAPHID by datagrams and by a stream: python-fido2's own `CtapHidDevice` on a connection that carries reports."""

import socket
import time

from device.key import WITHIN
from fido2.hid import CtapHidDevice
from fido2.hid.base import CtapHidConnection, HidDescriptor
from harness import expect

REPORT = 64


class Connection(CtapHidConnection):
    """Reports of 64 bytes on a socket, as `fido2.hid` has them on a device of the system's."""

    def __init__(self, kind, address):
        self.socket = socket.socket(socket.AF_INET, kind)
        self.socket.settimeout(WITHIN)
        self.socket.connect(address)

    def write_packet(self, data):
        self.socket.sendall(data)

    def close(self):
        self.socket.close()


class Datagrams(Connection):
    """One report a datagram."""

    wire = ("--udp", "127.0.0.1:0")
    other_parts = "passes over datagrams that are no reports"

    def send_otherwise(self, data):
        """Sends what is no report, and then one."""
        for part in (b"", data[:-1], data + b"\0", data * 3):
            self.socket.send(part)
        self.socket.send(data)

    def __init__(self, address):
        super().__init__(socket.SOCK_DGRAM, address)

    def read_packet(self):
        return self.socket.recv(REPORT + 1)


class Stream(Connection):
    """One report after the other."""

    wire = ("--tcp", "127.0.0.1:0")
    other_parts = "takes reports however the stream cuts them"

    def send_otherwise(self, data):
        """Sends a report in parts."""
        for part in (data[:1], data[1:40], data[40:]):
            self.socket.sendall(part)
            time.sleep(0.05)

    def __init__(self, address):
        super().__init__(socket.SOCK_STREAM, address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read_packet(self):
        data = b""
        while len(data) < REPORT:
            more = self.socket.recv(REPORT - len(data))
            if not more:
                raise ConnectionError("the key has closed the connection")
            data += more
        return data


def to_key(kind):
    """What opens a way of this kind to a key."""

    def connect(key):
        host, port = key.address.partition("://")[2].rsplit(":", 1)
        descriptor = HidDescriptor(key.address, 0, 0, REPORT, REPORT, "stuntkey", None)
        return CtapHidDevice(descriptor, kind((host, int(port))))

    return connect


def other_parts(kind, start):
    """What only this way can do with a report: a sentence, and a check of it."""

    def body(stuntkey):
        with start() as key:
            device = key.connect()
            connection = device._connection
            sound = connection.write_packet
            connection.write_packet = connection.send_otherwise
            expect(device.ping() == b"Hello FIDO", "another message")
            connection.write_packet = sound
            expect(device.ping(bytes(200)) == bytes(200), "another message")

    return kind.other_parts, body

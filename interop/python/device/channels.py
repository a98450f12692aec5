"""CTAPHID itself: channels, messages in packets, and what more than one client at once gets."""

import os
import struct
import time

from ctap2.common import ERR, make, refused
from device.common import WAITS, Subject
from device.key import Asked
from fido2.ctap import CtapError
from fido2.ctap2 import Ctap2
from fido2.hid import CAPABILITY, CTAPHID, TYPE_INIT
from harness import expect

CHECKS = Subject()
check = CHECKS.check
LONGEST = 7609
FIRST, NEXT = 57, 59
UNKNOWN_COMMANDS = (0x20, 0x3A, CTAPHID.VENDOR_FIRST, 0x7F)


def packet(device, head, data=b""):
    """Sends one packet on the device's channel, which python-fido2 has no function for."""
    head = struct.pack(">I", device._channel_id) + head
    device._connection.write_packet((head + data).ljust(64, b"\0"))


def begin(device, command, length, data=b""):
    packet(device, struct.pack(">BH", TYPE_INIT | command, length), data)


def told(device):
    """The error of CTAPHID that comes next."""
    channel, command, length, code = struct.unpack_from(">IBHB", device._connection.read_packet())
    expect(channel == device._channel_id, f"it is for the channel {channel:#010x}")
    expect((command, length) == (TYPE_INIT | CTAPHID.ERROR, 1), f"found command {command:#04x}, {length} bytes")
    return CtapError.ERR(code)


@check()
def opens_a_channel_and_says_what_it_speaks(key):
    device = key.connect()
    expect(device.version == 2, f"the version of CTAPHID is {device.version}")
    expect(device.capabilities == CAPABILITY.WINK | CAPABILITY.CBOR, f"the capabilities are {device.capabilities}")
    return f"version {device.version}"


@check("--model", "u2f_only")
def says_that_it_has_u2f_alone(key):
    device = key.connect()
    expect(device.capabilities == CAPABILITY.WINK, f"the capabilities are {device.capabilities}")
    return refused(ERR.INVALID_COMMAND, lambda: device.call(CTAPHID.CBOR, b"\x04"))


@check("--model", "security_key_ctap2_3")
def says_that_it_has_no_u2f(key):
    device = key.connect()
    expect(CAPABILITY.NMSG in CAPABILITY(device.capabilities), f"the capabilities are {device.capabilities}")
    return refused(ERR.INVALID_COMMAND, lambda: device.call(CTAPHID.MSG, bytes([0, 3, 0, 0, 0, 0, 0])))


@check()
def gives_each_connection_a_channel_of_its_own(key):
    channels = [key.connect()._channel_id for _ in range(5)]
    expect(len(set(channels)) == 5, f"the channels are {channels}")
    expect(not {0, 0xFFFFFFFF} & set(channels), f"the channels are {channels}")


@check()
def echoes_a_message_of_any_length(key):
    device = key.connect()
    edges = [0, 1, FIRST - 1, FIRST, FIRST + 1, FIRST + NEXT, FIRST + NEXT + 1, 1024, LONGEST - 1, LONGEST]
    for length in edges:
        data = os.urandom(length)
        expect(device.ping(data) == data, f"another message of {length} bytes")
    return f"up to {LONGEST} bytes"


@check()
def refuses_a_message_that_is_too_long(key):
    device = key.connect()
    said = refused(ERR.INVALID_LENGTH, lambda: device.ping(bytes(LONGEST + 1)))
    expect(device.ping(b"after it") == b"after it", "it does not go on")
    return said


@check()
def winks(key):
    key.connect().wink()
    return key.said("wink")


@check()
def refuses_commands_that_it_has_not(key):
    device = key.connect()
    for command in UNKNOWN_COMMANDS:
        said = refused(ERR.INVALID_COMMAND, lambda: device.call(command))
    return said


@check()
def refuses_an_empty_request(key):
    device = key.connect()
    return refused(ERR.INVALID_LENGTH, lambda: device.call(CTAPHID.CBOR))


@check()
def refuses_channels_that_it_has_not_given(key):
    device = key.connect()
    for channel in (0, device._channel_id + 1, 0xFFFFFFFF):
        device._channel_id = channel
        said = refused(ERR.INVALID_CHANNEL, device.ping)
    return said


@check()
def refuses_a_message_whose_rest_does_not_come(key):
    device = key.connect()
    begun = time.monotonic()
    begin(device, CTAPHID.PING, 100, bytes(FIRST))
    found = told(device)
    expect(found == 0x05, f"expected ERR_MSG_TIMEOUT, not {found!r}")
    expect(device.ping() == b"Hello FIDO", "it does not go on")
    return f"after {time.monotonic() - begun:.1f} s"


@check()
def refuses_packets_out_of_order(key):
    device = key.connect()
    begin(device, CTAPHID.PING, 200, bytes(FIRST))
    packet(device, b"\x01", bytes(NEXT))
    found = told(device)
    expect(found == ERR.INVALID_SEQ, f"expected ERR_INVALID_SEQ, not {found!r}")
    expect(device.ping() == b"Hello FIDO", "it does not go on")


@check()
def begins_anew_by_init_within_a_message(key):
    device = key.connect()
    begin(device, CTAPHID.PING, 200, bytes(FIRST))
    nonce = os.urandom(8)
    answer = device.call(CTAPHID.INIT, nonce)
    expect(answer[:8] == nonce, "another nonce")
    expect(answer[8:12] == struct.pack(">I", device._channel_id), "another channel")
    expect(device.ping() == b"Hello FIDO", "it does not go on")


@check()
def is_busy_while_another_sends_its_message(key):
    slow, other = key.connect(), key.connect()
    begin(slow, CTAPHID.PING, 100, bytes(FIRST))
    asked = Asked(lambda event, _: event.set() or other.call(CTAPHID.PING, b"?", event))
    said = refused(ERR.CHANNEL_BUSY, asked.outcome)
    packet(slow, b"\x00", bytes(100 - FIRST))
    expect(slow._connection.read_packet()[4] == TYPE_INIT | CTAPHID.PING, "no answer to what was sent in parts")
    expect(other.ping() == b"Hello FIDO", "busy for ever")
    return said


@check(*WAITS)
def is_busy_while_it_waits_for_the_user_of_another(key):
    first = key.connect()
    waiting = Asked(lambda event, sign: make(Ctap2(first), event=event, on_keepalive=sign))
    key.waits()
    # INIT is answered all the same.
    second = key.connect()
    # Once its event is set, python-fido2 sends a cancel, on its own channel, and tries no further.
    asked = Asked(lambda event, _: event.set() or second.call(CTAPHID.CBOR, b"\x04", event))
    said = refused(ERR.CHANNEL_BUSY, asked.outcome)
    waiting.goes_on()
    key.touch()
    expect(waiting.outcome().auth_data.is_user_present(), "UP is clear")
    expect("FIDO_2_0" in Ctap2(second).info.versions, "no getInfo")
    return said


@check()
def is_locked_for_one_channel(key):
    first, second = key.connect(), key.connect()
    first.lock(10)
    asked = Asked(lambda event, _: event.set() or second.call(CTAPHID.PING, b"?", event))
    said = refused(ERR.CHANNEL_BUSY, asked.outcome)
    expect(first.ping() == b"Hello FIDO", "locked for itself")
    first.lock(0)
    expect(second.ping() == b"Hello FIDO", "locked for ever")
    first.lock(1)
    begun = time.monotonic()
    # python-fido2 tries until it is its turn.
    expect(second.ping() == b"Hello FIDO", "locked for ever")
    expect(time.monotonic() - begun > 0.8, "the lock is shorter than it was asked for")
    refused(ERR.INVALID_PARAMETER, lambda: first.lock(11))
    return said


@check()
def passes_over_a_cancel_of_nothing(key):
    device = key.connect()
    device._send_cancel()
    expect(device.ping() == b"Hello FIDO", "the cancel is answered")
    expect("FIDO_2_0" in Ctap2(device).info.versions, "no getInfo")


@check()
def passes_over_packets_that_continue_nothing(key):
    device = key.connect()
    packet(device, b"\x00", bytes(NEXT))
    expect(device.ping() == b"Hello FIDO", "it is answered")


@check()
def forgets_its_channels_with_the_power(key):
    device = key.connect()
    key.power_cycle()
    said = refused(ERR.INVALID_CHANNEL, device.ping)
    refused(ERR.INVALID_CHANNEL, lambda: device.call(CTAPHID.CBOR, b"\x04"))
    expect(key.connect().ping() == b"Hello FIDO", "it gives no channel any more")
    return said


@check(*WAITS)
def leaves_who_waits_for_its_user_without_an_answer_when_the_power_goes(key):
    device = key.connect()
    # Signs of life come ten times a second, as long as it waits.
    device._connection.socket.settimeout(1)
    asked = Asked(lambda event, sign: make(Ctap2(device), event=event, on_keepalive=sign))
    key.waits()
    key.power_cycle()
    try:
        outcome = asked.outcome()
    except TimeoutError as error:
        said = type(error).__name__
    else:
        raise AssertionError(f"answered: {outcome}")
    expect(key.tell("status") == "idle", "it waits for a touch")
    ctap = Ctap2(key.connect())
    asked = Asked(lambda event, sign: make(ctap, event=event, on_keepalive=sign))
    key.waits()
    key.touch()
    asked.outcome()
    return said


@check("--fault", "message/silence")
def is_cancelled_also_when_it_never_answers(key):
    ctap = Ctap2(key.connect())
    asked = Asked(lambda event, sign: make(ctap, event=event, on_keepalive=sign))
    time.sleep(0.3)
    asked.goes_on()
    expect(asked.signs, "no sign of life")
    asked.event.set()
    said = refused(ERR.KEEPALIVE_CANCEL, asked.outcome)
    expect(ctap.device.ping() == b"Hello FIDO", "it does not go on")
    return said

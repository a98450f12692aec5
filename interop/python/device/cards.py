"""A card in a reader: FIDO's applet by python-fido2's `CtapPcscDevice`, and by single commands where that sends none."""

from ctap2 import client, u2f
from ctap2.common import ERR, GA, MC, Platform, get, make, refused
from device import ceremonies, pcsc, users
from device.common import WAITS, Subject
from device.key import Asked
from fido2.ctap import CtapError
from fido2.ctap1 import Ctap1
from fido2.ctap2 import Ctap2
from fido2.hid import CAPABILITY, CTAPHID
from fido2.pcsc import AID_FIDO
from harness import RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
ML_DSA_65 = -49


def named(checks, *bodies):
    return [check for check in checks if check[1] in bodies]


# A card comes and goes slowly, so that it does not do all that the others do.
OF_ALL = [
    *named(
        ceremonies.CHECKS,
        ceremonies.has_its_pin_set_and_changed,
        ceremonies.keeps_a_large_array_of_blobs,
        ceremonies.registers_and_logs_in_by_u2f_alone,
    ),
    *named(
        users.CHECKS,
        users.waits_for_a_touch_by_signal,
        users.waits_for_a_touch_by_its_socket,
        users.is_denied_by_its_socket,
        users.ends_its_wait_when_it_is_cancelled,
        users.ends_its_wait_when_nobody_comes,
        users.has_a_client_of_u2f_ask_until_it_is_touched,
    ),
]
OF_OTHERS = named(
    ceremonies.OF_OTHERS,
    client.registers_and_logs_in_without_a_pin,
    client.registers_and_logs_in_by_a_pin_that_is_changed,
    client.manages_what_the_whole_client_registered,
    u2f.registers_by_u2f_attested_to_our_root,
    u2f.signs_by_u2f_counting_up,
)
GET_INFO = b"\x04"


def answer(card, *command):
    """The status word of a command, and its data."""
    data, *word = card.apdu_exchange(bytes(command))
    return f"{word[0]:02X}{word[1]:02X}", data


def status(card, *command):
    return answer(card, *command)[0]


def select(card, application=AID_FIDO):
    return answer(card, 0x00, 0xA4, 0x04, 0x00, len(application), *application, 0)


def counted(card):
    """Has a card count its commands: how many are chained, fetch more of an answer, and ask whether it is done."""
    counts = {"chained": 0, "fetched": 0, "polled": 0}
    sound = card.apdu_exchange

    def exchange(apdu, protocol=None):
        counts["chained"] += apdu[0] & 0x10 != 0
        counts["fetched"] += apdu[1] == 0xC0
        counts["polled"] += apdu[:2] == b"\x80\x11"
        return sound(apdu, protocol)

    card.apdu_exchange = exchange
    return counts


@check()
def is_selected_and_says_what_it_speaks(key):
    card = key.connect()
    expect(select(card) == ("9000", b"U2F_V2"), f"SELECT is answered with {select(card)}")
    expect(CAPABILITY.CBOR in card.capabilities and card.version == 2, f"the capabilities are {card.capabilities}")
    expect(card.get_atr()[:1] == b"\x3b", f"the ATR is {card.get_atr().hex()}")
    return f"ATR {card.get_atr().hex()}"


@check("--model", "security_key_ctap2_3")
def is_selected_without_u2f(key):
    card = key.connect()
    expect(select(card) == ("9000", b"FIDO_2_0"), f"SELECT is answered with {select(card)}")
    return status(card, 0x00, 0x03, 0x00, 0x00, 0x00)


@check()
def knows_no_other_application(key):
    card = key.connect()
    said = select(card, b"\xa0\x00\x00\x05\x27\x20\x01")[0]
    expect(said == "6A82", f"the status is {said}")
    after = status(card, 0x80, 0x10, 0x00, 0x00, 0x01, *GET_INFO, 0x00)
    expect(after != "9000", "the applet answers unselected")
    select(card)
    expect("FIDO_2_0" in Ctap2(card).info.versions, "no getInfo")
    return f"{said}, and {after} to what follows"


@check()
def refuses_commands_that_it_has_not_as_a_card(key):
    card = key.connect()
    for command, expected in {
        (0x80, 0x42, 0x00, 0x00, 0x00): "6D00",
        (0xA0, 0x10, 0x00, 0x00, 0x00): "6E00",
        (0x80, 0x10, 0x00, 0x00, 0x05, 0x04, 0x00): "6700",
        (0x80, 0x11, 0x00, 0x00, 0x00): "6985",
    }.items():
        said = status(card, *command)
        expect(said == expected, f"{bytes(command).hex()} is answered with {said}, expected {expected}")
    expect("FIDO_2_0" in Ctap2(card).info.versions, "it does not go on")


@check()
def takes_long_messages_in_chains_and_gives_them_in_parts(key):
    card = key.connect()
    counts = counted(card)
    ctap = Ctap2(card)
    made = make(ctap, algorithms=(ML_DSA_65,))
    unknown = [bytes([number]) * 900 for number in range(ctap.info.max_creds_in_list - 1)]
    assertion = get(ctap, allowed=[*unknown, made.auth_data.credential_data.credential_id])
    expect(len(assertion.signature) == 3309, f"a signature of {len(assertion.signature)} bytes")
    expect(counts["chained"] >= 24 and counts["fetched"] >= 20, f"found {counts}")
    return f"{counts['chained']} parts sent, {counts['fetched']} fetched"


@check()
def breaks_off_a_chain_that_does_not_hold_together(key):
    card = key.connect()
    expect(status(card, 0x90, 0x10, 0x00, 0x00, 0x01, 0x02) == "9000", "no chain")
    said = status(card, 0x80, 0x10, 0x80, 0x00, 0x01, *GET_INFO, 0x00)
    expect(said == "6883", f"the status is {said}")
    expect("FIDO_2_0" in Ctap2(card).info.versions, "it does not go on")
    return said


@check()
def takes_extended_commands(key):
    card = key.connect()
    card.use_ext_apdu = True
    counts = counted(card)
    platform = Platform(Ctap2(card))
    made = platform.make(algorithms=(ML_DSA_65,))
    expect(len(platform.get(allowed=[made]).signature) == 3309, "another signature")
    expect(counts["chained"] == counts["fetched"] == 0, f"found {counts}")


@check("--touch-after", "2s")
def says_that_it_waits_when_it_is_asked_again(key):
    card = key.connect()
    counts = counted(card)
    signs = []
    made = make(Ctap2(card), on_keepalive=signs.append)
    expect(made.auth_data.is_user_present(), "UP is clear")
    expect(counts["polled"] >= 5, f"asked {counts['polled']} times")
    return f"asked {counts['polled']} times"


@check("--touch-after", "1s")
def is_waited_for_by_a_reader_that_cannot_ask_again(key):
    card = key.connect()
    card.use_nfcctap_getresponse = False
    counts = counted(card)
    expect(make(Ctap2(card)).auth_data.is_user_present(), "UP is clear")
    expect(counts["polled"] == 0, f"asked {counts['polled']} times")


@check("--fault", "message/oversized")
def survives_a_lie_that_is_too_long_for_its_reader(key):
    card = key.connect()
    card.use_ext_apdu = True
    # What did not fit has to be fetched, which python-fido2 does for short commands alone.
    said = refused(ERR.OTHER, lambda: make(Ctap2(card)))
    expect("FIDO_2_0" in Ctap2(card).info.versions, "it does not go on")
    return said


@check()
def speaks_u2f_as_a_card(key):
    card = key.connect()
    expect(Ctap1(card).get_version() == "U2F_V2", "another version")
    # The version as U2F's own document for NFC writes it, without any length.
    return status(card, 0x00, 0x03, 0x00, 0x00)


@check()
def is_deselected_by_the_end_of_a_session(key):
    card = key.connect()
    expect(status(card, 0x80, 0x12, 0x01, 0x00) == "9000", "NFCCTAP_CONTROL is refused")
    said = status(card, 0x80, 0x10, 0x00, 0x00, 0x01, *GET_INFO, 0x00)
    expect(said != "9000", "the applet is still selected")
    expect(select(card)[0] == "9000", "it is not selected again")
    return said


@check()
def forgets_its_tokens_when_it_leaves_the_field(key):
    platform = Platform(Ctap2(key.connect()))
    token = platform.token(MC | GA, RP_ID)
    made = platform.make_by(token)
    key.disconnect()
    pcsc.leaves_and_returns(key.power_cycle)
    platform.ctap = Ctap2(key.connect())
    said = refused(ERR.PIN_AUTH_INVALID, lambda: platform.get_by(token, allowed=[made]))
    expect(get(platform.ctap, allowed=[made]).auth_data.is_user_present(), "UP is clear")
    return said


@check()
def leaves_the_field_under_its_client(key):
    card = key.connect()
    pcsc.leaves_and_returns(key.power_cycle)
    try:
        outcome = card.call(CTAPHID.CBOR, GET_INFO)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    else:
        raise AssertionError(f"answered: {outcome}")
    key.disconnect()
    expect("FIDO_2_0" in Ctap2(key.connect()).info.versions, "it does not come back")
    return said


@check(*WAITS)
def leaves_the_field_while_its_client_waits(key):
    card = key.connect()
    asked = Asked(lambda event, sign: make(Ctap2(card), event=event, on_keepalive=sign))
    key.waits()
    pcsc.leaves_and_returns(key.power_cycle)
    try:
        outcome = asked.outcome()
    except AssertionError:
        raise
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
    else:
        raise AssertionError(f"answered: {outcome}")
    key.disconnect()
    ctap = Ctap2(key.connect())
    asked = Asked(lambda event, sign: make(ctap, event=event, on_keepalive=sign))
    key.waits()
    key.touch()
    asked.outcome()
    return said

"""What python-fido2 makes of the lies of an authenticator.

A scenario is what an application does: it has the whole `Fido2Client`, which has `LargeBlobs` within, and
`ClientPin`, and a `Fido2Server` that verifies what they give, attestation statements too. A sound authenticator has
made the accounts before, in a store file, so that the only lies are those in the scenario.
"""

import linecache
import shutil
import tempfile
from pathlib import Path

import fido2
from ctap2.client import Person
from ctap2.common import FULL, NEW_PIN, PIN, Platform, user_of
from ctap2.device import NoAnswer, PipeDevice
from fido2.attestation import AttestationVerifier
from fido2.client import ClientError, DefaultClientDataCollector, Fido2Client
from fido2.ctap import CtapError
from fido2.ctap2 import ClientPin, Ctap2
from fido2.server import Fido2Server
from fido2.utils import websafe_decode
from fido2.webauthn import PublicKeyCredentialDescriptor
from harness import ORIGIN, RP_ID, expect

LIBRARY = Path(fido2.__file__).parent
ANSWER_WITHIN = 5
BLOB = b"A certificate, perhaps, or a note."
UNKNOWN = PublicKeyCredentialDescriptor(type="public-key", id=bytes([1] * 32))
SECRET_OF = {"prf": {"eval": {"first": b"1"}}}
BLOB_OF = {"largeBlob": {"read": True}}
SECRET_AND_BLOB = {**SECRET_OF, "largeBlob": {"support": "required"}}


class Refused(Exception):
    """The relying party refuses what the client passed on."""


class TakenForU2f(Exception):
    """The client does not believe getInfo, and takes the authenticator for one that has U2F alone."""


class Root(AttestationVerifier):
    """A relying party that trusts stuntkey's test root."""

    def __init__(self, certificate):
        super().__init__()
        self.certificate = certificate

    def ca_lookup(self, attestation_result, auth_data):
        return self.certificate


class Site:
    """A website: a server and a browser, with one authenticator."""

    def __init__(self, device, root):
        collector = DefaultClientDataCollector(ORIGIN)
        self.client = Fido2Client(device, collector, user_interaction=Person())
        if self.client.info.versions == ["U2F_V2"]:
            raise TakenForU2f
        self.server = Fido2Server(
            {"id": RP_ID, "name": "Example"}, attestation="direct", verify_attestation=Root(root)
        )
        self.outputs = None

    def register(self, name, *, verification="required", resident_key="required", excluded=None, extensions=None):
        options, state = self.server.register_begin(
            user_of(name),
            excluded,
            resident_key_requirement=resident_key,
            user_verification=verification,
            extensions=extensions,
        )
        made = self.client.make_credential(options["publicKey"])
        self.outputs = made.client_extension_results
        return verified(lambda: self.server.register_complete(state, made)).credential_data

    def log_in(self, accounts, *, discover=False, verification="required", extensions=None):
        """Logs in, with each assertion that there is."""
        options, state = self.server.authenticate_begin(
            None if discover else accounts, user_verification=verification, extensions=extensions
        )
        selection = self.client.get_assertion(options["publicKey"])
        for index in range(len(selection.get_assertions())):
            answer = selection.get_response(index)
            self.outputs = answer.client_extension_results
            verified(lambda: self.server.authenticate_complete(state, accounts, answer))


def verified(action):
    try:
        return action()
    except Exception as error:
        raise Refused(name_of(error)) from error


class World:
    """What a sound authenticator made: two accounts, with a PIN in one store, and without in the other."""

    def __init__(self, pipe, root):
        self.pipe = pipe
        self.root = root
        self.directory = tempfile.TemporaryDirectory()
        self.without_pin, self.with_pin = (self.store(name) for name in ("without-pin", "with-pin"))
        with self.device(self.without_pin) as device:
            site = Site(device, root)
            self.accounts = [
                site.register(name, verification="discouraged", extensions=SECRET_AND_BLOB)
                for name in ("alice", "bob")
            ]
        shutil.copy(self.without_pin, self.with_pin)
        with self.device(self.with_pin) as device:
            Platform(Ctap2(device))
            site = Site(device, root)
            site.log_in(self.accounts[:1], extensions={"largeBlob": {"write": BLOB}})
            site.log_in(self.accounts[:1], extensions=BLOB_OF)
            expect(websafe_decode(site.outputs["largeBlob"]["blob"]) == BLOB, "another blob")

    def store(self, name):
        return Path(self.directory.name, name)

    def device(self, store, *settings):
        return PipeDevice(self.pipe, *FULL, f"store={store}", *settings, answer_within=ANSWER_WITHIN)

    def play(self, fault):
        """Plays the scenarios for a lie, or all of them before a sound authenticator; returns how each went."""
        played = []
        for one in played_for(fault):
            played.append(self.play_scenario(one, fault))
            # Every other scenario would wait as long.
            if played[-1]["outcome"] == "hangs":
                break
        return played

    def play_scenario(self, scenario, fault):
        with tempfile.TemporaryDirectory() as directory:
            store = Path(directory, "store")
            shutil.copy(self.with_pin if scenario.has_pin else self.without_pin, store)
            with self.device(store, *([f"fault={fault}"] if fault else [])) as device:
                outcome, error = course(scenario.body, Stage(device, self))
                return {"scenario": scenario.sentence, "lies": device.lies(), "outcome": outcome, "error": error}


class Stage:
    """An authenticator, and what a scenario needs besides."""

    def __init__(self, device, world):
        self.device = device
        self.root = world.root
        self.accounts = world.accounts

    @property
    def alice(self):
        return self.accounts[:1]

    def site(self):
        return Site(self.device, self.root)

    def client_pin(self):
        return ClientPin(Ctap2(self.device))


def course(body, stage):
    """The outcome of a scenario in the words of the table, and the name of the error."""
    try:
        body(stage)
    except NoAnswer:
        return "hangs", ""
    except Refused as error:
        return "the relying party", str(error)
    except Exception as error:
        return ("refused" if is_meant(error) else "breaks"), name_of(error)
    return "accepted", ""


def is_meant(error):
    """Whether it is an error by which a client refuses, and not one that befell it."""
    if isinstance(error, (ClientError, CtapError, TakenForU2f)):
        return True
    if isinstance(error, ValueError) and not isinstance(error, UnicodeError):
        return True
    return raised_by_a_statement(error)


def raised_by_a_statement(error):
    """Whether it comes from a `raise` of python-fido2."""
    place = error.__traceback__
    while place.tb_next:
        place = place.tb_next
    file = place.tb_frame.f_code.co_filename
    return Path(file).is_relative_to(LIBRARY) and linecache.getline(file, place.tb_lineno).lstrip().startswith("raise ")


def name_of(error):
    if isinstance(error, CtapError):
        return f"CtapError {error.code.name if hasattr(error.code, 'name') else error.code}"
    if isinstance(error, ClientError):
        return f"ClientError {error.code.name}" + (f": {name_of(error.cause)}" if error.cause else "")
    if isinstance(error, Exception):
        return type(error).__name__
    return str(error)


# The chapters of the catalogue.
MESSAGES, INFO, CLIENT_PIN, MAKE, GET = "messages", "get-info", "client-pin", "make-credential", "get-assertion"
CHAPTERS = {"message": MESSAGES, "cbor": MESSAGES, INFO: INFO, CLIENT_PIN: CLIENT_PIN, MAKE: MAKE, GET: GET}
SCENARIOS = []


class Scenario:
    def __init__(self, body, chapters, has_pin):
        self.sentence = body.__name__.replace("_", " ").replace("pin", "PIN")
        self.body = body
        self.chapters = chapters
        self.has_pin = has_pin


def scenario(*chapters, has_pin=True):
    """Takes a function `body(stage)`, for the lies of these chapters."""

    def take(body):
        SCENARIOS.append(Scenario(body, chapters, has_pin))
        return body

    return take


def played_for(fault):
    """The scenarios for a lie; all of them for none."""
    chapter = CHAPTERS[fault.split("/")[0]] if fault else None
    return [one for one in SCENARIOS if chapter is None or chapter in one.chapters]


@scenario(MESSAGES, INFO, has_pin=False)
def opens(stage):
    Ctap2(stage.device)
    stage.site()


@scenario(MESSAGES, INFO, has_pin=False)
def is_selected(stage):
    stage.site().client.selection()


@scenario(MESSAGES, INFO, CLIENT_PIN, has_pin=False)
def sets_a_pin(stage):
    stage.client_pin().set_pin(PIN)


@scenario(MESSAGES, CLIENT_PIN)
def changes_the_pin(stage):
    stage.client_pin().change_pin(PIN, NEW_PIN)


@scenario(MESSAGES, CLIENT_PIN)
def counts_the_retries(stage):
    stage.client_pin().get_pin_retries()


@scenario(MESSAGES, INFO, MAKE, has_pin=False)
def registers_without_verification(stage):
    stage.site().register("carol", verification="discouraged", resident_key="discouraged")


@scenario(MESSAGES, INFO, CLIENT_PIN, MAKE)
def registers_by_a_pin(stage):
    stage.site().register("carol", excluded=[UNKNOWN])


@scenario(MAKE, has_pin=False)
def registers_two(stage):
    site = stage.site()
    for name in ("carol", "dave"):
        site.register(name, verification="discouraged")


@scenario(MESSAGES, CLIENT_PIN, MAKE)
def registers_with_extensions(stage):
    stage.site().register("carol", extensions=SECRET_AND_BLOB)


@scenario(MESSAGES, INFO, GET, has_pin=False)
def logs_in_without_verification(stage):
    stage.site().log_in(stage.alice, verification="discouraged")


@scenario(MESSAGES, INFO, CLIENT_PIN, GET)
def logs_in_by_a_pin(stage):
    stage.site().log_in(stage.alice)


@scenario(MESSAGES, INFO, GET)
def logs_in_with_one_of_two(stage):
    stage.site().log_in(stage.accounts)


@scenario(MESSAGES, INFO, GET)
def logs_in_without_a_list(stage):
    stage.site().log_in(stage.accounts, discover=True)


@scenario(GET, has_pin=False)
def logs_in_twice(stage):
    site = stage.site()
    for _ in range(2):
        site.log_in(stage.alice, verification="discouraged")


@scenario(MESSAGES, CLIENT_PIN, GET, has_pin=False)
def evaluates_a_secret(stage):
    site = stage.site()
    site.log_in(stage.alice, verification="discouraged", extensions=SECRET_OF)
    verified(lambda: expect(len(websafe_decode(site.outputs["prf"]["results"]["first"])) == 32, "another length"))


@scenario(MESSAGES, GET)
def reads_a_large_blob(stage):
    stage.site().log_in(stage.alice, extensions=BLOB_OF)


@scenario(MESSAGES, CLIENT_PIN, GET)
def writes_a_large_blob(stage):
    stage.site().log_in(stage.alice, extensions={"largeBlob": {"write": BLOB}})

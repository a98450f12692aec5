"""The whole `Fido2Client` with its defaults, before a server, against one authenticator with everything."""

import secrets

from ctap2.bio_enrollment import enrol
from ctap2.client_pin import pin_of
from ctap2.common import (
    BUILT_IN,
    ERR,
    FULL,
    GA,
    NEW_PIN,
    PIN,
    Platform,
    Subject,
    hash_of,
    options_of,
    refused,
    user_id,
    user_of,
)
from fido2.client import ClientError, DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap2 import ClientPin, CredentialManagement, Ctap2
from fido2.ctap2.extensions import ThirdPartyPaymentExtension
from fido2.payment import PaymentClientDataCollector
from fido2.server import Fido2Server
from fido2.utils import websafe_decode, websafe_encode
from harness import ORIGIN, RP_ID, expect

CHECKS = Subject()
check = CHECKS.check
RESULT = CredentialManagement.RESULT
# It cannot be made shorter, and needs more than one message of 1024 bytes.
BLOB = secrets.token_bytes(1200)


class Person(UserInteraction):
    """Somebody who knows the PIN, if there is one, and remembers how they were asked."""

    def __init__(self, pin=PIN):
        self.pin = pin
        self.asked = []

    def request_pin(self, permissions, rp_id):
        self.asked.append("PIN")
        return self.pin

    def request_uv(self, permissions, rp_id):
        self.asked.append("UV")
        return True


class Site:
    """A website: a server and a browser, with one authenticator."""

    def __init__(self, ctap, person=None, collector=None, **client):
        self.person = person or Person()
        collector = collector or DefaultClientDataCollector(ORIGIN)
        self.client = Fido2Client(ctap.device, collector, user_interaction=self.person, **client)
        self.server = Fido2Server({"id": RP_ID, "name": "Example"})
        self.outputs = None

    def register(self, name="alice", *, credentials=None, resident_key="required", verification="required",
                 extensions=None, attachment=None):
        """Registers an account. Returns its authenticator data; the outputs are kept."""
        options, state = self.server.register_begin(
            user_of(name),
            credentials,
            resident_key_requirement=resident_key,
            user_verification=verification,
            authenticator_attachment=attachment,
            extensions=extensions,
        )
        made = self.client.make_credential(options["publicKey"])
        self.outputs = made.client_extension_results
        return self.server.register_complete(state, made)

    def log_in(self, *registered, discover=False, verification="required", extensions=None):
        """Logs in with one of these. Returns the response; the outputs are kept."""
        credentials = [data.credential_data for data in registered]
        options, state = self.server.authenticate_begin(
            None if discover else credentials, user_verification=verification, extensions=extensions
        )
        answer = self.client.get_assertion(options["publicKey"]).get_response(0)
        self.outputs = answer.client_extension_results
        self.server.authenticate_complete(state, credentials, answer)
        return answer


def client_refused(code, action):
    """Runs `action`, which the client must refuse, or hand on a refusal, like this."""
    try:
        outcome = action()
    except ClientError as error:
        expect(error.code == code, f"expected {code.name}, not {error!r}")
        return repr(error)
    raise AssertionError(f"accepted: {outcome}")


@check("ctap_version=2.0", "client_pin=true", "user_verification=false", "extensions=hmac-secret",
       "attachment=cross-platform", sentence="gives secrets by prf, through the whole client")
def gives_secrets_by_prf(ctap, stuntkey):
    """The whole client with its defaults: it registers, asks for the PIN, and evaluates prf twice."""
    expect("hmac-secret" in ctap.info.extensions, f"the extensions are {ctap.info.extensions}")
    pin_of(ctap)
    site = Site(ctap, Person("1234"))
    data = site.register(extensions={"prf": {}})
    expect(site.outputs["prf"]["enabled"] is True, "prf is not enabled")
    expect(data.is_user_verified(), "UV is clear")
    evaluates(site, data)
    return "32 bytes, and 64"


def secrets_of(site, data, first, second=None):
    """What prf gives to an account for one input or two."""
    salts = {"first": first} if second is None else {"first": first, "second": second}
    site.log_in(data, extensions={"prf": {"eval": salts}})
    results = site.outputs["prf"]["results"]
    return [websafe_decode(results[name]) for name in salts]


def evaluates(site, data):
    [one] = secrets_of(site, data, b"1")
    expect(len(one) == 32, f"{len(one)} bytes")
    expect(secrets_of(site, data, b"1", b"2")[0] == one, "the same salt, another secret")
    expect(secrets_of(site, data, b"2", b"1")[1] == one, "the same salt in the second place, another secret")
    expect(secrets_of(site, data, b"2") != [one], "another salt, the same secret")
    return one


@check(*FULL)
def registers_and_logs_in_without_a_pin(ctap, stuntkey):
    site = Site(ctap)
    data = site.register(verification="discouraged")
    expect(not data.is_user_verified(), "UV without verification")
    site.log_in(data, verification="discouraged")
    answer = site.log_in(data, discover=True, verification="discouraged")
    expect(answer.response.user_handle == user_id("alice"), f"the user handle is {answer.response.user_handle}")
    expect(site.person.asked == [], f"asked for {site.person.asked}")
    cannot = ClientError.ERR.CONFIGURATION_UNSUPPORTED
    return client_refused(cannot, lambda: site.register("bob"))


@check(*FULL)
def registers_and_logs_in_by_a_pin_that_is_changed(ctap, stuntkey):
    Platform(ctap)
    site = Site(ctap)
    data = site.register()
    expect(data.is_user_verified(), "UV is clear")
    site.log_in(data)
    ClientPin(ctap).change_pin(PIN, NEW_PIN)
    said = client_refused(ClientError.ERR.BAD_REQUEST, lambda: site.log_in(data))
    site.person.pin = NEW_PIN
    answer = site.log_in(data, discover=True)
    expect(answer.response.authenticator_data.is_user_verified(), "UV is clear")
    return said


@check(*FULL)
def registers_an_account_only_once(ctap, stuntkey):
    Platform(ctap)
    site = Site(ctap)
    alice, bob = site.register("alice"), site.register("bob")
    held = [data.credential_data for data in (alice, bob)]
    said = client_refused(ClientError.ERR.DEVICE_INELIGIBLE, lambda: site.register("alice", credentials=held))
    site.log_in(alice, bob)
    options, _ = site.server.authenticate_begin(user_verification="required")
    found = site.client.get_assertion(options["publicKey"]).get_assertions()
    names = [assertion.user["name"] for assertion in found]
    expect(names == ["bob", "alice"], f"the accounts are {names}")
    return said


@check(*FULL)
def is_selected_by_the_whole_client(ctap, stuntkey):
    Site(ctap).client.selection()


@check("model=security_key_ctap2_0")
def is_selected_by_the_whole_client_in_2_0(ctap, stuntkey):
    Site(ctap).client.selection()
    pin_of(ctap)
    Site(ctap).client.selection()


@check(*FULL)
def gives_secrets_by_prf_at_once_and_by_credential(ctap, stuntkey):
    Platform(ctap)
    site = Site(ctap)
    alice = site.register("alice", extensions={"prf": {"eval": {"first": b"1", "second": b"2"}}})
    expect(site.outputs["prf"]["enabled"] is True, "prf is not enabled")
    at_creation = [websafe_decode(site.outputs["prf"]["results"][name]) for name in ("first", "second")]
    expect(secrets_of(site, alice, b"1", b"2") == at_creation, "other secrets than at creation")
    evaluates(site, alice)
    bob = site.register("bob", extensions={"prf": {}})
    inputs = {alice.credential_data.credential_id: b"2", bob.credential_data.credential_id: b"3"}
    expected = {alice.credential_data.credential_id: at_creation[1]}
    [expected[bob.credential_data.credential_id]] = secrets_of(site, bob, b"3")
    for accounts in ((alice,), (bob,), (alice, bob)):
        ids = [data.credential_data.credential_id for data in accounts]
        by_credential = {websafe_encode(one): {"first": inputs[one]} for one in ids}
        prf = {"eval": {"first": b"4"}, "evalByCredential": by_credential}
        answer = site.log_in(*accounts, extensions={"prf": prf})
        found = websafe_decode(site.outputs["prf"]["results"]["first"])
        expect(found == expected[answer.raw_id], "the secret of another input")
    return "32 bytes, and 64"


@check(*FULL, "max_msg_size=1024")
def writes_and_reads_a_large_blob(ctap, stuntkey):
    Platform(ctap)
    site = Site(ctap)
    data = {name: site.register(name, extensions={"largeBlob": {"support": "required"}}) for name in ("alice", "bob")}
    expect(site.outputs["largeBlob"]["supported"] is True, "largeBlob is not supported")
    for name, account in data.items():
        site.log_in(account, extensions={"largeBlob": {"write": BLOB + name.encode()}})
        expect(site.outputs["largeBlob"]["written"] is True, "not written")
    site.log_in(data["alice"], extensions={"largeBlob": {"write": b"less"}})
    for name, blob in (("alice", b"less"), ("bob", BLOB + b"bob")):
        site.log_in(data[name], extensions={"largeBlob": {"read": True}})
        expect(websafe_decode(site.outputs["largeBlob"]["blob"]) == blob, f"another blob for {name}")
    return f"{len(BLOB)} bytes"


@check(*FULL, f"min_pin_length_rp_ids={RP_ID}")
def registers_with_every_extension_at_once(ctap, stuntkey):
    Platform(ctap)
    site = Site(ctap)
    data = site.register(
        extensions={
            "credBlob": b"a small blob",
            "credentialProtectionPolicy": "userVerificationRequired",
            "enforceCredentialProtectionPolicy": True,
            "minPinLength": True,
            "credProps": True,
            "largeBlob": {"support": "required"},
            "prf": {"eval": {"first": b"1"}},
        }
    )
    found = {name: value for name, value in data.extensions.items() if name != "hmac-secret-mc"}
    expected = {"credBlob": True, "credProtect": 3, "minPinLength": ctap.info.min_pin_length, "hmac-secret": True}
    expect(found == expected, f"the outputs are {found}")
    expect(site.outputs["credProps"]["rk"] is True, "credProps says no")
    expect(site.outputs["largeBlob"]["supported"] is True, "largeBlob is not supported")
    answer = site.log_in(data, extensions={"getCredBlob": True, "prf": {"eval": {"first": b"1"}}})
    found = answer.response.authenticator_data.extensions["credBlob"]
    expect(found == b"a small blob", f"the blob is {found}")


@check(*FULL)
def protects_a_credential_from_those_who_do_not_verify(ctap, stuntkey):
    Platform(ctap)
    site = Site(ctap)
    required = {"credentialProtectionPolicy": "userVerificationRequired"}
    data = site.register(extensions=required)
    site.log_in(data)
    ineligible = ClientError.ERR.DEVICE_INELIGIBLE
    client_refused(ineligible, lambda: site.log_in(data, discover=True, verification="discouraged"))
    return client_refused(ineligible, lambda: site.log_in(data, verification="discouraged"))


@check(*FULL)
def pays_by_the_whole_client(ctap, stuntkey):
    Platform(ctap)
    extensions = [ThirdPartyPaymentExtension()]
    site = Site(ctap, collector=PaymentClientDataCollector(ORIGIN), extensions=extensions)
    data = site.register(extensions={"payment": {"isPayment": True}}, attachment="cross-platform")
    expect(data.extensions == {"thirdPartyPayment": True}, f"the outputs are {data.extensions}")


@check(*FULL)
def manages_what_the_whole_client_registered(ctap, stuntkey):
    platform = Platform(ctap)
    site = Site(ctap)
    alice, bob = site.register("alice"), site.register("bob")
    listed = platform.manager().enumerate_creds(hash_of(RP_ID))
    ids = {one[RESULT.CREDENTIAL_ID]["id"] for one in listed}
    expect(ids == {data.credential_data.credential_id for data in (alice, bob)}, "other credentials")
    platform.manager().delete_cred({"type": "public-key", "id": alice.credential_data.credential_id})
    said = client_refused(ClientError.ERR.DEVICE_INELIGIBLE, lambda: site.log_in(alice))
    site.log_in(bob)
    return said


@check(*FULL)
def prefers_an_enrolled_finger_to_the_pin(ctap, stuntkey):
    enrol(Platform(ctap).fingers())
    site = Site(ctap)
    data = site.register()
    expect(data.is_user_verified(), "UV is clear")
    site.log_in(data)
    site.log_in(data, discover=True)
    expect(site.person.asked == ["UV"] * 3, f"asked for {site.person.asked}")


@check(*BUILT_IN, "user=present")
def goes_back_to_the_pin_when_verification_is_blocked(ctap, stuntkey):
    platform = Platform(ctap)
    failed = (ERR.UV_INVALID, ERR.UV_BLOCKED)
    for _ in range(platform.client_pin.get_uv_retries()):
        refused(failed, lambda: platform.client_pin.get_uv_token(GA, RP_ID))
    site = Site(ctap)
    data = site.register()
    expect(data.is_user_verified(), "UV is clear")
    expect(site.person.asked == ["UV", "PIN"], f"asked for {site.person.asked}")


@check(*FULL, "always_uv=true")
def verifies_always_also_when_discouraged(ctap, stuntkey):
    Platform(ctap)
    site = Site(ctap)
    data = site.register(verification="discouraged", resident_key="discouraged")
    expect(data.is_user_verified(), "UV is clear")
    answer = site.log_in(data, verification="discouraged")
    expect(answer.response.authenticator_data.is_user_verified(), "UV is clear")


@check(*FULL)
def starts_anew_after_a_reset(ctap, stuntkey):
    Platform(ctap)
    data = Site(ctap).register()
    Ctap2(ctap.device).reset()
    expect(options_of(ctap)["clientPin"] is False, "a reset leaves the PIN")
    site = Site(ctap)
    gone = ClientError.ERR.DEVICE_INELIGIBLE
    said = client_refused(gone, lambda: site.log_in(data, verification="discouraged"))
    again = site.register(verification="discouraged")
    expect(again.credential_data.credential_id != data.credential_data.credential_id, "the same credential")
    return said

"""Holds both PIN/UV auth protocols against python-fido2's, in both directions, with random PINs, salts, keys and messages.

Usage: pin_protocols.py CTAP2_PIPE [PIN_UV_AUTH] [--runs 1000] [--seed SEED]

First the authenticator, in `ctap2_pipe`: python-fido2 sets, changes and tries PINs, and what the authenticator encrypts, it
decrypts and uses. Then the platform's side, in `pin_uv_auth`, which is looked for beside `ctap2_pipe`: python-fido2 is the
other side. What has another MAC, or one bit that is another, has to be refused.
"""

import argparse
import json
import random
import secrets
import subprocess
import sys
import time
import unicodedata
from collections import Counter
from hashlib import sha256
from pathlib import Path

from harness import RP_ID, describe, expect, program_from

try:
    from ctap2.common import ERR, FULL, GA, MC, get, make, new_hash, protocols, refused
    from ctap2.device import PipeDevice
    from fido2.ctap2 import ClientPin, Ctap2
    from fido2.utils import bytes2int
except ImportError as error:
    sys.exit(f"python-fido2 is not installed: {error}")

CMD = ClientPin.CMD
SECRET = "hmac-secret"
MOST_RETRIES = 8
# The order of P-256: a private key is below it.
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
# Every character that has a meaning, by the length of its UTF-8.
CHARACTERS = {length: [] for length in (1, 2, 3, 4)}
for point in range(0x20, 0x2FFFF):
    if unicodedata.category(chr(point))[0] in "LMNPSZ":
        CHARACTERS[len(chr(point).encode())].append(chr(point))


def new_pin(draw):
    """NFC text of 4 to 63 bytes and at least 4 code points, in any script, or in several."""
    while True:
        size = draw.choice((4, 63, draw.randint(4, 63), draw.randint(4, 63)))
        widths = draw.choice(((1,), (2,), (3,), (4,), (1, 2, 3, 4)))
        text = ""
        while (left := size - len(text.encode())) > 0:
            fitting = [width for width in widths if width <= left] or [left]
            text += draw.choice(CHARACTERS[draw.choice(fitting)])
        text = unicodedata.normalize("NFC", text)
        if len(text) >= 4 and 4 <= len(text.encode()) <= 63:
            return text


def padded(pin):
    return pin.encode().ljust(64, b"\0")


def hashed(pin):
    return sha256(pin.encode()).digest()[:16]


def flipped(draw, data):
    """The same bytes, but for one bit."""
    at = draw.randrange(8 * len(data))
    return bytes(byte ^ (1 << at % 8 if place == at // 8 else 0) for place, byte in enumerate(data))


class Authenticated:
    """One protocol of the authenticator, run after run."""

    def __init__(self, ctap, protocol, draw):
        self.ctap, self.protocol, self.draw = ctap, protocol, draw
        self.seen = Counter()

    def ask(self, sub_command, **members):
        return self.ctap.client_pin(self.protocol.VERSION, sub_command, **members)

    def agreed(self):
        key = self.ask(CMD.GET_KEY_AGREEMENT)[ClientPin.RESULT.KEY_AGREEMENT]
        return self.protocol.encapsulate(key)

    def proof(self, key, message, change=None):
        """The MAC, as the change makes it."""
        mac = self.protocol.authenticate(key, message)
        return change(mac) if change else mac

    def refused(self, status, action):
        refused(status, action)
        self.seen["refusals"] += 1

    def wrong_macs(self):
        """What may be wrong about a MAC: a bit, its end, its length, all of it."""
        return [
            lambda mac: flipped(self.draw, mac),
            lambda mac: mac[:-1],
            lambda mac: mac + b"\0",
            lambda mac: secrets.token_bytes(len(mac)),
            lambda mac: b"",
        ]

    def set_pin(self, pin, change=None):
        key_agreement, secret = self.agreed()
        encrypted = self.protocol.encrypt(secret, padded(pin))
        proof = self.proof(secret, encrypted, change)
        self.ask(CMD.SET_PIN, key_agreement=key_agreement, new_pin_enc=encrypted, pin_uv_param=proof)

    def change_pin(self, old, new, change=None, on_the_way=lambda members: None):
        key_agreement, secret = self.agreed()
        members = {
            "new_pin_enc": self.protocol.encrypt(secret, padded(new)),
            "pin_hash_enc": self.protocol.encrypt(secret, hashed(old)),
        }
        proof = self.proof(secret, members["new_pin_enc"] + members["pin_hash_enc"], change)
        on_the_way(members)
        self.ask(CMD.CHANGE_PIN, key_agreement=key_agreement, pin_uv_param=proof, **members)

    def token(self, pin, change=None):
        """A token, as python-fido2 decrypts it."""
        key_agreement, secret = self.agreed()
        encrypted = self.protocol.encrypt(secret, hashed(pin))
        answer = self.ask(
            CMD.GET_TOKEN_USING_PIN,
            key_agreement=key_agreement,
            pin_hash_enc=change(encrypted) if change else encrypted,
            permissions=MC | GA,
            permissions_rpid=RP_ID,
        )
        self.seen["tokens"] += 1
        encrypted = answer[ClientPin.RESULT.PIN_UV_TOKEN]
        return self.protocol.validate_token(self.protocol.decrypt(secret, encrypted))

    def retries(self):
        return ClientPin(self.ctap, self.protocol).get_pin_retries()[0]

    def prove(self, token, client_data_hash, change=None):
        proof = self.proof(token, client_data_hash, change)
        return {"pin_uv_param": proof, "pin_uv_protocol": self.protocol.VERSION}

    def secrets_for(self, made, salts, protocol=None, change=None, flip=False):
        """What hmac-secret gives for the salts, as python-fido2 decrypts it."""
        protocol = protocol or self.protocol
        key = self.ctap.client_pin(protocol.VERSION, CMD.GET_KEY_AGREEMENT)[ClientPin.RESULT.KEY_AGREEMENT]
        key_agreement, secret = protocol.encapsulate(key)
        encrypted = protocol.encrypt(secret, b"".join(salts))
        proof = protocol.authenticate(secret, encrypted)
        if change:
            proof = change(proof)
        if flip:
            encrypted = flipped(self.draw, encrypted)
        asked = {1: key_agreement, 2: encrypted, 3: proof, 4: protocol.VERSION}
        answer = get(self.ctap, allowed=[made], extensions={SECRET: asked})
        found = protocol.decrypt(secret, answer.auth_data.extensions[SECRET])
        expect(len(found) == 32 * len(salts), f"{len(found)} bytes for {len(salts)} salts")
        self.seen["secrets"] += len(salts)
        return [found[at : at + 32] for at in range(0, len(found), 32)]

    def run(self):
        draw, wrong = self.draw, self.draw.choice(self.wrong_macs())
        pin, other = new_pin(draw), new_pin(draw)
        while other == pin:
            other = new_pin(draw)
        self.ctap.reset()
        self.refused(ERR.PIN_AUTH_INVALID, lambda: self.set_pin(pin, wrong))
        self.refused(ERR.PIN_NOT_SET, lambda: self.token(pin))
        self.set_pin(pin)
        self.refused(ERR.PIN_AUTH_INVALID, lambda: self.change_pin(pin, other, wrong))

        def flip(members):
            name = draw.choice(list(members))
            members[name] = flipped(draw, members[name])

        self.refused(ERR.PIN_AUTH_INVALID, lambda: self.change_pin(pin, other, on_the_way=flip))
        expect(self.retries() == MOST_RETRIES, "a wrong MAC cost a retry")
        self.refused(ERR.PIN_INVALID, lambda: self.token(pin, lambda data: flipped(draw, data)))
        self.refused(ERR.PIN_INVALID, lambda: self.token(other))
        expect(self.retries() == MOST_RETRIES - 2, "a wrong PIN cost none")
        self.change_pin(pin, other)
        self.refused(ERR.PIN_INVALID, lambda: self.token(pin))
        token = self.token(other)
        self.use(token, wrong)

    def use(self, token, wrong):
        draw, hashes = self.draw, (new_hash(), new_hash())
        extensions = {SECRET: True}

        def claim(change=None, key=token, number=0):
            proof = self.prove(key, hashes[0], change)
            return make(self.ctap, hashes[number], extensions=extensions, **proof)

        # Without a byte, the MAC would ask for a touch.
        if wrong(bytes(16)):
            self.refused(ERR.PIN_AUTH_INVALID, lambda: claim(wrong))
        self.refused(ERR.PIN_AUTH_INVALID, lambda: claim(key=flipped(draw, token)))
        self.refused(ERR.PIN_AUTH_INVALID, lambda: claim(number=1))
        made = claim()
        expect(made.auth_data.is_user_verified(), "UV is clear")
        salts = [draw.randbytes(32) for _ in range(draw.choice((1, 2)))]
        found = self.secrets_for(made, salts)
        for salt, secret in zip(salts, found):
            expect(self.secrets_for(made, [salt]) == [secret], "another secret for the same salt alone")
        for protocol in protocols():
            expect(self.secrets_for(made, salts, protocol) == found, "another secret by the other protocol")
        expect(self.secrets_for(made, [flipped(draw, salts[0])])[0] != found[0], "the same secret for another salt")
        self.refused(ERR.PIN_AUTH_INVALID, lambda: self.secrets_for(made, salts, change=wrong))
        self.refused(ERR.PIN_AUTH_INVALID, lambda: self.secrets_for(made, salts, flip=True))


class PlatformSide:
    """The program that has the platform's side."""

    def __init__(self, program):
        self.child = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def ask(self, **members):
        written = {name: value.hex() if isinstance(value, bytes) else value for name, value in members.items()}
        self.child.stdin.write(json.dumps(written) + "\n")
        line = self.child.stdout.readline()
        expect(line, "the program went away")
        return json.loads(line)

    def bytes(self, **members):
        found = self.ask(**members)
        return None if found is None else bytes.fromhex(found)

    def close(self):
        self.child.stdin.close()
        self.child.wait(timeout=30)
        self.child.stdout.close()


def platform_run(side, protocol, draw, seen):
    """One key pair of the platform's, and one of python-fido2's, which takes the part of the authenticator."""
    scalar = draw.randrange(1, ORDER).to_bytes(32, "big")
    own = {"protocol": protocol.VERSION, "scalar": scalar}
    public = [bytes.fromhex(coordinate) for coordinate in side.ask(**own, **{"do": "public"})]
    peer, shared = protocol.encapsulate({1: 2, 3: -25, -1: 1, -2: public[0], -3: public[1]})
    own["peer"] = [peer[-2].hex(), peer[-3].hex()]

    def agree(condition, what):
        expect(condition, what)
        seen["agreements"] += 1

    def refuse(found, what):
        expect(found in (None, False), what)
        seen["refusals"] += 1

    data = draw.randbytes(16 * draw.randint(1, 8))
    agree(protocol.decrypt(shared, side.bytes(**own, data=data, do="encrypt")) == data, "it encrypts otherwise")
    encrypted = protocol.encrypt(shared, data)
    agree(side.bytes(**own, data=encrypted, do="decrypt") == data, "it decrypts otherwise")
    changed = side.bytes(**own, data=flipped(draw, encrypted), do="decrypt")
    agree(changed is not None and changed != data, "it decrypts what was changed to the same")
    message = draw.randbytes(draw.randint(0, 300))
    mac = protocol.authenticate(shared, message)
    # A token has no half for the MAC alone, and protocol two takes the first 32 bytes of a secret.
    agree(side.bytes(**own, data=message, do="authenticate") == mac, "it authenticates otherwise")
    agree(side.ask(**own, data=message, param=mac, do="verify") is True, "it refuses the right MAC")
    for wrong in (flipped(draw, mac), mac[:-1], mac + b"\0", b"", protocol.authenticate(draw.randbytes(64), message)):
        refuse(side.ask(**own, data=message, param=wrong, do="verify"), "it takes a wrong MAC")
    other = flipped(draw, message) if message else b"\0"
    refuse(side.ask(**own, data=other, param=mac, do="verify"), "it takes the MAC of another message")
    refuse(side.ask(**own, data=data[:-1], do="encrypt"), "it encrypts a part of a block")
    refuse(side.ask(**own, data=encrypted[:-1], do="decrypt"), "it decrypts a part of a block")
    off_curve = [own["peer"][0], (bytes2int(peer[-3]) ^ 1).to_bytes(32, "big").hex()]
    refuse(side.ask(**{**own, "peer": off_curve}, data=data, do="encrypt"), "it takes what is no point of the curve")


def authenticator(pipe, protocol, runs, seed):
    draw = random.Random(f"{seed} authenticator {protocol.VERSION}")
    # Each run begins with a reset, long after the power came.
    with PipeDevice(pipe, *FULL, "reset_within=65535") as device:
        subject = Authenticated(Ctap2(device), protocol, draw)
        for _ in range(runs):
            subject.run()
    seen = subject.seen
    return f"{seen['tokens']} tokens and {seen['secrets']} secrets decrypted and used, {seen['refusals']} refusals"


def platform(program, protocol, runs, seed):
    draw, seen = random.Random(f"{seed} platform {protocol.VERSION}"), Counter()
    side = PlatformSide(program)
    try:
        for _ in range(runs):
            platform_run(side, protocol, draw, seen)
    finally:
        side.close()
    return f"{seen['agreements']} agreements, {seen['refusals']} refusals"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("programs", nargs="*", help="CTAP2_PIPE and PIN_UV_AUTH")
    parser.add_argument("--runs", type=int, default=1000, help="how many for each protocol and direction")
    parser.add_argument("--seed", default=secrets.token_hex(4), help="what PINs, salts and changes follow from")
    asked = parser.parse_args()
    sys.argv[1:] = asked.programs
    pipe = program_from(1, "CTAP2_PIPE", "ctap2_pipe")
    if len(asked.programs) < 2:
        sys.argv[1:] = [pipe, str(Path(pipe).with_name("pin_uv_auth"))]
    program = program_from(2, "PIN_UV_AUTH", "pin_uv_auth")
    failed = False
    for side, play, played in (("authenticator", authenticator, pipe), ("platform", platform, program)):
        for protocol in protocols():
            name = f"PIN/UV auth protocol {protocol.VERSION}, {side}, seed {asked.seed}"
            began = time.monotonic()
            try:
                told = play(played, protocol, asked.runs, asked.seed)
                print(f"{name}: {asked.runs} runs, {told} ({time.monotonic() - began:.0f} s) ... ok", flush=True)
            except Exception as error:
                failed = True
                print(f"{name} ... FAILED: {describe(error)}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

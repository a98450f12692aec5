"""What `stuntkey conform` makes of real authenticators: writes docs/results/authenticators/.

Usage: authenticators.py [--check] STUNTKEY
       authenticators.py STUNTKEY NAME [ARGUMENT...]
Every run has to end as ../expect/NAME.toml has it. With --check nothing is written; it fails if a page is not what it would
be. With a name this authenticator alone is played, with further arguments of `stuntkey conform`, and nothing is written but
reports below target/authenticators.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

import writeups
from harness import Checks, expect
from results import Results, page_of, publish, sections

INTEROP = Path(__file__).resolve().parent.parent
ROOT = INTEROP.parent
EXPECT = INTEROP / "expect"
PAGES = ROOT / "docs" / "results" / "authenticators"
# Where `check` puts what it builds, and where a run by name leaves its reports.
BUILT = ROOT / "target" / "interop"
REPORTS = ROOT / "target" / "authenticators"
# A run takes most of its time to wait, so that some at once are not slower.
AT_ONCE = 3
# What a signal does is done a moment after it was sent.
SETTLE = "sleep 0.1"
HANDS = {
    "touch": "kill -USR1 {process}",
    "power_cycle": f"kill -USR2 {{process}} && {SETTLE}",
    "reset": f"kill -HUP {{process}} && {SETTLE}",
}


@dataclass
class Authenticator:
    """How one is started, and what its hands are: names of HANDS, or shell commands by such names."""

    command: list
    hands: tuple | dict = ()
    # Whether CTAPHID is its own.
    ctaphid: bool = True
    # What the page says about how it is held.
    about: str = ""

    def options(self, process):
        commands = self.hands if isinstance(self.hands, dict) else {hand: HANDS[hand] for hand in self.hands}
        for hand, command in commands.items():
            yield from (f"--{hand.replace('_', '-')}", command.format(process=process))


AUTHENTICATORS = {
    "opensk": Authenticator(
        [BUILT / "debug" / "opensk"],
        hands=("touch", "power_cycle"),
        about="The crate, with the features of the firmware's default and its default settings.",
    ),
    "passkey-rs": Authenticator(
        [BUILT / "debug" / "passkey_rs"],
        hands=("touch", "reset"),
        ctaphid=False,
        about="The crate `passkey-authenticator`, whose API takes and gives typed requests: messages are read into its types "
        "by our program, by `ciborium`, as its own client does. A user who touches is taken for verified.",
    ),
    "fido-authenticator": Authenticator(
        [BUILT / "debug" / "fido_authenticator"],
        hands=("touch", "power_cycle"),
        about="The crate, with its default settings, on the software platform of Trussed and behind `usbd-ctaphid` 0.5.0. "
        "When it panics, it starts anew.",
    ),
    "virtual-fido": Authenticator(
        [BUILT / "virtual_fido"],
        hands=("touch", "power_cycle", "reset"),
        about="The module, made as its `cmd/demo` makes it, by its own CTAPHID without its USB/IP. It panics in goroutines of "
        "its own: each time the process has ended, our program answers `ERR_OTHER` in its place, and starts it again with what "
        "it had saved.",
    ),
    "nid-webauthn-emulator": Authenticator(
        ["node", INTEROP / "authenticators" / "node" / "nid_webauthn_emulator.mjs"],
        hands=("power_cycle", "reset"),
        ctaphid=False,
        about="The npm package, with its default settings. What it throws that is no status of CTAP is `ERR_OTHER`.",
    ),
}


class Run(Results):
    """A run before an authenticator, with its reports in a directory."""

    def __init__(self, program, key, directory):
        directory.mkdir()
        authenticator = AUTHENTICATORS[key]
        expectations = EXPECT / f"{key}.toml"
        arguments = ["--expect", expectations] if expectations.is_file() else []
        for end in ("json", "md"):
            arguments += ["--report", directory / f"report.{end}"]
        done = play(program, authenticator, arguments, capture_output=True)
        expect(done.returncode in (0, 1), f"exit {done.returncode}: {done.stderr.strip()}")
        self.markdown = (directory / "report.md").read_text()
        self.about = authenticator.about
        super().__init__(key, version(authenticator), json.loads((directory / "report.json").read_text()))
        expect(done.returncode == 0, f"exit 1: {self.report.get('trouble') or done.stdout}")

    @property
    def short(self):
        """The name without the version."""
        return self.name.rpartition(" ")[0]

    def page(self):
        """The tool's report in Markdown, without what is another in every run."""
        what = "What was tested, and what a failure means, [the page about all of them](README.md) says."
        written = "Written by `interop/python/authenticators.py`, checked by `./check`."
        return page_of(self.name, self.markdown, what, written, *(["", self.about] if self.about else []))

    def writeup(self):
        reproduce = f"interop/python/authenticators.py target/debug/stuntkey {self.key} --only"
        return writeups.page(
            self, f"python3 {reproduce}", "authenticator", writeups.AUTHENTICATOR, "authenticators.py"
        )


def run_of(program, key, directory):
    """A run. Where it comes otherwise than known, a second one counts: times are short on a machine that is busy."""
    try:
        return Run(program, key, directory / key)
    except AssertionError as surprise:
        print(f"{key}: is played again, as the first run came otherwise: {surprise}", flush=True)
        return Run(program, key, directory / f"{key}-again")


def version(authenticator):
    command = [*authenticator.command, "--version"]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def play(program, authenticator, arguments, **options):
    """Starts an authenticator, and plays the cases before it."""
    with tempfile.TemporaryFile("w+") as said:
        # A group of its own, as some are started by a program that goes on.
        process = subprocess.Popen(
            authenticator.command, stdout=subprocess.PIPE, stderr=said, text=True, start_new_session=True
        )
        # One that says nothing is ended, so that its address is the empty line.
        patience = Timer(30, end, [process])
        patience.start()
        try:
            address = process.stdout.readline().strip()
            patience.cancel()
            expect(address, "no address was printed")
            played = [program, "conform", address, "--seed", "interop", "--allow-reset", "--wait", "12s"]
            played += [*authenticator.options(process.pid), *arguments]
            if not authenticator.ctaphid and "--only" not in arguments:
                # It is ours: it says nothing about the authenticator.
                played += [f"--only={chapter}" for chapter in chapters(program) if chapter != "hid"]
            done = subprocess.run(played, text=True, timeout=900, **options)
            code = process.poll()
            said.seek(0)
            expect(code is None, f"it ended by itself, with {code}: {said.read().strip()}")
            return done
        finally:
            patience.cancel()
            end(process)


def end(process):
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    except ProcessLookupError:
        pass


def chapters(program):
    """The first parts of the ids of all cases."""
    listing = [program, "conform", "--list", "--profile", "2.3", "--json"]
    cases = json.loads(subprocess.run(listing, check=True, stdout=subprocess.PIPE).stdout)["cases"]
    return dict.fromkeys(case["id"].partition("/")[0] for case in cases)


def overview(runs):
    """The page about all of them."""
    profiles = Counter(run.report["profile"] for run in runs)
    lines = [
        "# Real authenticators",
        "",
        "`stuntkey conform` has played the platform before each of these authenticators, and held what they answered to",
        f"the newest version of CTAP that they say they speak ({', '.join(sorted(profiles))}):",
        "",
        *(
            f"- [{run.name}]({run.key}.md): {run.summary()}; [for its maintainers](writeups/{run.key}.md)"
            for run in runs
        ),
        "",
        "They are software, in a process of their own. A program makes each reachable (in `interop/authenticators/`): it",
        "lends a clock, a store, a user whose touches are signals, and CTAPHID to those that have none, whose cases about",
        "CTAPHID are left out. So a failure is one of three things:",
        "",
        "- *authenticator*: it is in the authenticator, and so in every device that has it.",
        "- *application*: its library leaves it to whoever uses it, and the library's own example does not do it.",
        "- *adapter*: it is in our program.",
        "",
        "A SHOULD may have a good reason against it. A skipped case says nothing, mostly as the authenticator does not have",
        "what it is about. *weak* is what the documents let pass, but do not ask for. Each failure was looked up in the",
        "authenticator's source.",
        "",
        "Written by `interop/python/authenticators.py` from what is known in `interop/expect/`, checked by `./check`.",
        "",
        *sections("authenticator", runs, depth=1),
    ]
    return "\n".join(lines[:-1]) + "\n"


def one(program, key, arguments):
    """Plays one authenticator, for somebody who looks on."""
    if key not in AUTHENTICATORS:
        sys.exit(f"found {key!r}, expected one of {', '.join(AUTHENTICATORS)}")
    REPORTS.mkdir(parents=True, exist_ok=True)
    expectations = EXPECT / f"{key}.toml"
    if "--only" not in arguments and "--expect" not in arguments and expectations.is_file():
        arguments += ["--expect", str(expectations)]
    for end in ("json", "md", "html"):
        arguments += ["--report", str(REPORTS / f"{key}.{end}")]
    return play(program, AUTHENTICATORS[key], arguments).returncode


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    check_only = len(arguments) < len(sys.argv) - 1
    program = str(Path(arguments[0]).resolve())
    if len(arguments) > 1:
        sys.exit(one(program, arguments[1], arguments[2:]))
    checks = Checks("", program)
    runs = []
    with tempfile.TemporaryDirectory() as directory, ThreadPoolExecutor(AT_ONCE) as pool:
        started = {key: pool.submit(run_of, program, key, Path(directory)) for key in AUTHENTICATORS}
        for key, run in started.items():

            def plays_as_known(_):
                runs.append(run.result())
                return f"{runs[-1].name}: {runs[-1].summary()}"

            checks.peer = key
            checks.check("does what is known of it", plays_as_known)
    if len(runs) < len(AUTHENTICATORS):
        checks.finish()
    pages = {f"{run.key}.md": run.page for run in runs}
    pages |= {f"writeups/{run.key}.md": run.writeup for run in runs}
    pages["README.md"] = lambda: overview(runs)
    checks.peer = "docs"
    for name, page in pages.items():
        sentence = f"{name} is current" if check_only else f"{name} is written"
        checks.check(sentence, lambda _: publish(PAGES / name, page(), check_only))
    checks.finish()


if __name__ == "__main__":
    main()

"""What `stuntkey conform` makes of real libraries: writes docs/results/, docs/formats.md and docs/faults.md.

Usage: conform.py [--check] STUNTKEY REFERENCE
Every run has to end as ../expect/NAME.toml has it. REFERENCE is the example `json_lines`, stuntkey's own relying party,
which has to pass. With --check nothing is written; it fails if a page is not what it would be.
"""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import tables
import writeups
from adapter import ORIGIN
from harness import Checks, expect
from products import list_of_products
from results import Results, blame, page_of, publish, sections

HERE = Path(__file__).resolve().parent
INTEROP = HERE.parent
EXPECT = INTEROP / "expect"
DOCS = INTEROP.parent / "docs"
# Where `check` puts what it builds.
BUILT = INTEROP.parent / "target" / "interop"
# Starts at once, and takes no more than one core.
JAVA = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"]
JAVA += [os.pathsep.join(str(BUILT / "java" / part) for part in ("classes", "libraries/*"))]
# The adapter of each library.
LIBRARIES = {
    "py_webauthn": [sys.executable, "-W", "ignore", HERE / "py_webauthn_adapter.py"],
    "python-fido2": [sys.executable, "-W", "ignore", HERE / "fido2_adapter.py"],
    "simplewebauthn": ["node", INTEROP / "node" / "simplewebauthn_adapter.mjs"],
    "webauthn-rs": [BUILT / "debug" / "webauthn_rs_adapter"],
    "go-webauthn": [BUILT / "go_webauthn_adapter"],
    "java-webauthn-server": [*JAVA, "interop.JavaWebauthnServer"],
    "webauthn4j": [*JAVA, "interop.Webauthn4j"],
    "webauthn-ruby": ["ruby", INTEROP / "ruby" / "webauthn_ruby_adapter.rb"],
}
# What matters most, in this order: cases, and what a failure of one means. Whom it concerns, the runs show.
FINDINGS = {
    "authentication/user/handle/*": (
        "A login is not held to its user handle: one that names another user, or nobody, is accepted."
    ),
    "registration/credential-id/in-use/other-key": (
        "Whoever knows the id of another user's credential can register it again, with a key of their own."
    ),
    "registration/challenge/replayed": "A challenge is good for more than one registration.",
    "registration/apple/public-key/other": "An Apple attestation vouches for a key that it was not made for.",
    "registration/android-key/origin/imported": (
        "An Android key attestation is accepted for a key that was made elsewhere, or is not for signing."
    ),
    "registration/trust/basic-constraints/not-an-authority": (
        "Whoever has an attestation certificate can issue others: nothing asks whether an issuer is an authority."
    ),
    "registration/trust/expired/leaf": "Attestation certificates are trusted for ever.",
    "registration/packed/certificate/aaguid/other": (
        "An authenticator can say that it is of another model than its certificate."
    ),
    "registration/credential-public-key/algorithm/not-offered": (
        "A credential can have an algorithm that was not asked for."
    ),
    "registration/credential-public-key/key/off-curve": "A credential is registered though its key is none.",
    "*/client-data/origin/port": "Pages at other ports of the same host are taken for the relying party's own.",
    "*/client-data/cross-origin/true": "A page that another site has embedded can register or log in.",
    "authentication/sign-count/same": "A signature counter that does not move is not noticed.",
    "*/accepts/client-data/byte-order-mark": "Client data with a byte order mark is refused, though it is sound.",
}


class Run(Results):
    """A run before an adapter, with its reports in a directory. Every case is played twice, with two seeds and in two
    orders, and has to come out the same."""

    def __init__(self, program, library, name, command, directory):
        self.directory = directory
        directory.mkdir()
        played = [program, "conform", "--command", shlex.join(map(str, command)), "--origin", ORIGIN]
        played += ["--seed", "interop", "--twice"]
        if library:
            played += ["--expect", EXPECT / f"{library}.toml"]
        for end in ("json", "md", "html", "sarif", "xml"):
            played += ["--report", directory / f"report.{end}"]
        done = subprocess.run(played, capture_output=True, text=True, timeout=900)
        expect(done.returncode in (0, 1), f"exit {done.returncode}: {done.stderr.strip()}")
        report = json.loads((directory / "report.json").read_text())
        super().__init__(library, name, report)
        expect(done.returncode == 0, f"exit 1: {report.get('trouble') or done.stdout}")

    def page(self):
        """The tool's report in Markdown, without what is another in every run."""
        markdown = (self.directory / "report.md").read_text()
        what = "What was tested, and what a failure means, [the page about all of them](README.md) says."
        return page_of(self.name, markdown, what, "Written by `interop/python/conform.py`, checked by `./check`.")


def played(adapter):
    """How the case of a write-up is played again."""
    command = shlex.join(str(part) for part in adapter).replace(f"{INTEROP.parent}/", "")
    return f'stuntkey conform --command "{command} --root root.pem" --origin {ORIGIN} --only'


def overview(runs):
    """The page about all of them."""
    lines = [
        "# Real relying parties",
        "",
        f"`stuntkey conform` has played {len(runs[0].cases)} cases of WebAuthn Level 3 before each of these libraries:",
        "ceremonies that are sound but for one change, which have to be refused, and unusual ones, which have to be",
        "accepted.",
        "",
        *(
            f"- [{run.name}]({run.key}.md): {run.summary()}; [for its maintainers](writeups/{run.key}.md)"
            for run in runs
        ),
        "",
        "A library is no relying party yet. An adapter makes one of it (in `interop/`): it trusts stuntkey's test root,",
        "and does what the library leaves to the application as the library's own documentation or example does it. So a",
        "failure is one of two things:",
        "",
        "- *library*: it is in the library, and so in every application that uses it like this.",
        "- *application*: the library leaves it to the application, and its documentation or example does not do it. An",
        "  application that does more does better.",
        "",
        "A SHOULD may have a good reason against it. A skipped case says nothing, mostly as the library does not know",
        "the attestation format or the algorithm. A weak refusal is a breakdown, at which a server answers 500 if nothing",
        "else is done about it. A pass says that something was refused, and not why.",
        "",
        "Every case was played twice, with two seeds and in two orders, and came out the same.",
        "",
        "Written by `interop/python/conform.py` from what is known in `interop/expect/`, checked by `./check`.",
        "",
        "What real authenticators make of the cases for authenticators stands on [pages of their own](authenticators/README.md).",
        "",
        *list_of_products(),
        "## What matters most",
        "",
        *findings(runs),
        "",
        *sections("library", runs),
    ]
    return "\n".join(lines[:-1]) + "\n"


def findings(runs):
    for pattern, meaning in FINDINGS.items():
        cases = re.compile(re.escape(pattern).replace(r"\*", ".*"))
        expect(any(cases.fullmatch(id) for id in runs[0].cases), f"no case is {pattern}")
        concerned = []
        for run in runs:
            blamed = sorted({blame(case)[0] for case in run.failures() if cases.fullmatch(case["id"])})
            concerned += [f"{run.short}: {' and '.join(blamed)}"] if blamed else []
        if concerned:
            yield f"- {meaning} ({', '.join(concerned)})"


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--check"]
    check_only = len(arguments) < len(sys.argv) - 1
    program, reference = (str(Path(argument).resolve()) for argument in arguments)
    checks = Checks("", program)
    runs = []
    with tempfile.TemporaryDirectory() as directory:

        def play(library, name, command):
            def plays_as_known(_):
                runs.append(Run(program, library, name, command, Path(directory, library or "reference")))
                return runs[-1].summary()

            checks.peer = name
            checks.check("does what is known of it", plays_as_known)

        root = Path(directory, "root.pem")
        root.write_bytes(subprocess.run([program, "attestation", "root"], check=True, stdout=subprocess.PIPE).stdout)
        play(None, "stuntkey's reference", [reference])
        for library, adapter in LIBRARIES.items():
            version = subprocess.run([*adapter, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout
            play(library, version.strip(), [*adapter, "--root", root])
        checks.peer = "reports"
        checks.check("are what their readers read", lambda _: read([run.directory for run in runs]))
        if len(runs) < 1 + len(LIBRARIES):
            checks.finish()
        libraries = runs[1:]
        pages = {f"results/{run.key}.md": run.page for run in libraries}
        pages |= {
            f"results/writeups/{run.key}.md": lambda run=run: writeups.page(run, played(LIBRARIES[run.key])) for run in libraries
        }
        pages["results/README.md"] = lambda: overview(libraries)
        pages["formats.md"] = lambda: tables.formats(runs)
        pages["faults.md"] = lambda: tables.faults(program, libraries)
        checks.peer = "docs"
        for name, page in pages.items():
            sentence = f"{name} is current" if check_only else f"{name} is written"
            checks.check(sentence, lambda _: publish(DOCS / name, page(), check_only))
    checks.finish()


def read(directories):
    """Has the reports of all runs read by others."""
    command = [sys.executable, HERE / "reports.py", *directories]
    done = subprocess.run(command, capture_output=True, text=True)
    failed = [f"\n  {line}" for line in done.stdout.splitlines() if "FAILED" in line]
    expect(done.returncode == 0, f"reports.py: exit {done.returncode}{''.join(failed)}")
    return done.stdout.splitlines()[-1]


main()

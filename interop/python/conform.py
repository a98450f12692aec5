"""What `stuntkey conform` makes of real libraries: writes docs/results/, docs/formats.md and docs/faults.md.

Usage: conform.py [--check] STUNTKEY REFERENCE
Every run has to end as ../expect/NAME.toml has it. REFERENCE is the example `json_lines`, stuntkey's own relying party,
which has to pass. With --check nothing is written; it fails if a page is not what it would be.
"""

import difflib
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import tables
from adapter import ORIGIN
from harness import Checks, expect
from tables import row, table

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
# What a page leaves out of the tool's report, as it is another in every run.
CHANGING = ("- target: ", "- origin: ", "- began: ", "- took: ")
LEVELS = ["MUST", "SHOULD", "MAY", "advice"]
VERDICTS = ["pass", "weak", "fail", "advice", "skip", "error"]
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


class Run:
    """What came of a run: its reports, in a directory."""

    def __init__(self, program, library, name, command, directory):
        self.library = library
        self.name = name
        self.directory = directory
        directory.mkdir()
        played = [program, "conform", "--command", shlex.join(map(str, command)), "--origin", ORIGIN, "--seed", "interop"]
        if library:
            played += ["--expect", EXPECT / f"{library}.toml"]
        for end in ("json", "md", "html", "sarif", "xml"):
            played += ["--report", directory / f"report.{end}"]
        done = subprocess.run(played, capture_output=True, text=True, timeout=900)
        expect(done.returncode in (0, 1), f"exit {done.returncode}: {done.stderr.strip()}")
        self.report = json.loads((directory / "report.json").read_text())
        self.cases = {case["id"]: case for case in self.report["cases"]}
        surprises = [surprise for case in self.cases.values() if (surprise := surprise_of(case))]
        expect(not surprises, "".join(f"\n  {surprise}" for surprise in surprises))
        expect(done.returncode == 0, f"exit 1: {self.report.get('trouble') or done.stdout}")
        self.markdown = (directory / "report.md").read_text()

    def failures(self):
        return [case for case in self.cases.values() if case["verdict"] not in ("pass", "skip")]

    def summary(self):
        count = Counter(case["verdict"] for case in self.report["cases"])
        return ", ".join(f"{count[verdict]} {verdict}" for verdict in VERDICTS if count[verdict])

    def page(self):
        """The tool's report in Markdown, without what is another in every run."""
        lines = [line for line in self.markdown.splitlines() if not line.startswith(CHANGING)]
        lines[0] = f"# Conformance of {self.name}"
        lines[1:1] = [
            "",
            "What was tested, and what a failure means, [the page about all of them](README.md) says.",
            "Written by `interop/python/conform.py`, checked by `./check`.",
        ]
        return "\n".join(lines) + "\n"


def surprise_of(case):
    """How a case came otherwise than known, if it did: here a failed SHOULD has to be known, too."""
    known = case.get("expected", {}).get("verdict")
    # Who is known to fail a case does so, too, where it is only advised.
    if case["verdict"] in (["fail", "advice"] if known == "fail" else [known] if known else ["pass", "skip"]):
        return None
    return f"{case['id']}: {case['verdict']}, expected {known or 'pass'}: {case.get('why', '')}"


def overview(runs):
    """The page about all of them."""
    lines = [
        "# Real relying parties",
        "",
        f"`stuntkey conform` has played {len(runs[0].cases)} cases of WebAuthn Level 3 before each of these libraries:",
        "ceremonies that are sound but for one change, which have to be refused, and unusual ones, which have to be",
        "accepted.",
        "",
        *(f"- [{run.name}]({run.library}.md): {run.summary()}" for run in runs),
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
        "Written by `interop/python/conform.py` from what is known in `interop/expect/`, checked by `./check`.",
        "",
        "## What matters most",
        "",
        *findings(runs),
        "",
        "## Numbers",
        "",
        table("library", "level", *VERDICTS),
        *numbers(runs),
        "",
        "## What fails",
        "",
        *failures(runs),
        "## Why",
        "",
    ]
    for run in runs:
        lines += [f"### {run.name}", "", *causes(run), ""]
    return "\n".join(lines[:-1]) + "\n"


def findings(runs):
    for pattern, meaning in FINDINGS.items():
        cases = re.compile(re.escape(pattern).replace(r"\*", ".*"))
        expect(any(cases.fullmatch(id) for id in runs[0].cases), f"no case is {pattern}")
        concerned = []
        for run in runs:
            blamed = sorted({blame(case)[0] for case in run.failures() if cases.fullmatch(case["id"])})
            concerned += [f"{run.name.split()[0]}: {' and '.join(blamed)}"] if blamed else []
        if concerned:
            yield f"- {meaning} ({', '.join(concerned)})"


def numbers(runs):
    for run in runs:
        counts = Counter((case["level"], case["verdict"]) for case in run.report["cases"])
        for level in LEVELS:
            yield row(run.name, level, *(str(counts[level, verdict]) for verdict in VERDICTS))


def failures(runs):
    """Tables of what at least one of them fails: one for each chapter."""
    chapters = {}
    faulty = {case["id"] for run in runs for case in run.failures()}
    # Registrations first; the cases of a chapter stand apart from each other in a report.
    for ceremony in ("registration", "authentication"):
        for id in runs[0].cases:
            if id in faulty and id.startswith(f"{ceremony}/"):
                chapters.setdefault("/".join(id.split("/")[:2]), []).append(id)
    for chapter, ids in chapters.items():
        yield f"### {chapter}"
        yield ""
        yield table("case", "level", "clause", *(run.name.split()[0] for run in runs))
        for id in ids:
            case = runs[0].cases[id]
            verdicts = [run.cases[id]["verdict"] for run in runs]
            cells = [verdict if verdict in ("pass", "skip") else f"**{verdict}**" for verdict in verdicts]
            yield row(f"`{id}`", case["level"], case["clause"], *cells)
        yield ""


def causes(run):
    """The reasons, each with its cases, those of the library first."""
    reasons = {}
    for case in run.failures():
        reasons.setdefault(blame(case), []).append(case)
    for whose in ("library", "application"):
        for (blamed, why), cases in reasons.items():
            if blamed == whose:
                levels = [level for level in LEVELS if any(case["level"] == level for case in cases)]
                ids = ", ".join(f"`{case['id']}`" for case in cases)
                yield f"- *{blamed}*, {' and '.join(levels)}: {with_code(why)}. {ids}"


def blame(case):
    """`library` or `application`, and why."""
    blamed, _, why = case["expected"]["reason"].partition(": ")
    expect(blamed in ("library", "application"), f"the reason of {case['id']} blames nobody")
    return blamed, why


def with_code(text):
    """Names of code as code."""
    return re.sub(r"(?<![\w./*:-])(?=[\w./*:-]*(_|::|\.(?:py|go|java|rb)\b|[a-z][A-Z]))[\w./*:-]*[\w*]", r"`\g<0>`", text)


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
    pages = {f"results/{run.library}.md": run.page for run in libraries}
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


def publish(path, text, check_only):
    if not check_only:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return
    committed = path.read_text() if path.is_file() else ""
    if committed != text:
        lines = (committed.splitlines(True), text.splitlines(True))
        sys.stderr.writelines(difflib.unified_diff(*lines, "committed", "found"))
    expect(committed == text, "run interop/python/conform.py")


main()

"""The write-ups of docs/results/writeups/: what in a library does not follow the standard, in words for its maintainers.

The words are in ../writeups/NAME.toml, the facts come from the runs of conform.py: `cases` are the cases that a defect
fails, as patterns of file names, and each has to fail as told.
"""

import shlex
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

from harness import expect
from results import LEVELS

ROOT = Path(__file__).resolve().parent.parent.parent
WORDS = ROOT / "interop" / "writeups"
SEVERITIES = ["critical", "high", "medium", "low"]
INTRODUCTION = [
    "[stuntkey](../../../README.md) plays WebAuthn ceremonies that are sound but for one change, and others that are unusual",
    "but right. Below is what this library accepts that the standard refuses, refuses that it accepts, or breaks down at.",
    "Each point can be taken up by itself. A SHOULD may have a good reason against it; advice is good practice that no",
    "clause asks for. *weak* means that the change was refused, but by a runtime error instead of the library's own.",
    "",
    "To reproduce a point, build what is played, once, in a clone of stuntkey:",
    "",
    "    ./check peers                              # builds stuntkey, and each library behind its adapter",
    "    export PATH=$PWD/target/debug:$PATH",
    "    stuntkey attestation root >root.pem        # which the adapter is to trust",
    "",
    "Then its command plays the case before the library, as the adapter in `interop/` calls it. The same case before a",
    "server of your own: `stuntkey conform http://localhost:8080 --only CASE`, as `docs/conform.md` says.",
]


def page(run, adapter, words=WORDS):
    """The write-up about the library of a run. `adapter` is the command that starts its adapter."""
    file = tomllib.loads((words / f"{run.key}.toml").read_text())
    defects = sorted((Defect(run, words) for words in file["defect"]), key=lambda defect: defect.rank())
    told = [case["id"] for defect in defects for case in defect.cases]
    twice = {id for id in told if told.count(id) > 1}
    expect(not twice, f"{run.key}: more than one defect has {', '.join(sorted(twice))}")
    command = shlex.join(str(part) for part in adapter).replace(f"{ROOT}/", "")
    lines = [f"# {run.name}: for its maintainers", "", *INTRODUCTION, ""]
    if "about" in file:
        lines += [file["about"].strip(), ""]
    lines += ["Written by `interop/python/conform.py` from `interop/writeups/`, checked by `./check`.", ""]
    for number, defect in enumerate(defects, 1):
        lines += [f"## {number}. {defect.title}", "", *defect.lines(command), ""]
    return "\n".join(lines[:-1]) + "\n"


class Defect:
    """A defect: its words, and the cases that show it."""

    def __init__(self, run, words):
        self.title = words["title"]
        self.what = in_a_line(words["what"])
        self.where = words["where"]
        self.change = in_a_line(words["change"])
        self.cases = []
        for pattern in words["cases"]:
            found = [case for id, case in run.cases.items() if fnmatchcase(id, pattern)]
            # Where the words are about breakdowns, other failures are another defect.
            verdicts = ("weak",) if words.get("weak") else ("fail", "weak", "advice")
            failed = [case for case in found if case["verdict"] in verdicts]
            expect(failed, f"{run.key}: nothing fails {pattern} any more")
            self.cases += [case for case in failed if case not in self.cases]
        self.cases.sort(key=rank)

    def rank(self):
        return rank(self.cases[0])

    def lines(self, command):
        worst = self.cases[0]
        gravity = "low severity, as it is refused all the same" if is_weak(worst) else f"{worst['severity']} severity"
        played = f'stuntkey conform --command "{command} --root root.pem" --origin https://example.org'
        yield f"**{worst['level']}, {gravity}.** {self.what}"
        yield ""
        yield f"- Where: {', '.join(f'`{place}`' for place in self.where)}"
        yield f"- Standard: {worst['clause']}. A relying party {worst['requirement'].rstrip('.')}."
        yield f"- Change: {self.change}"
        yield f"- Cases: {', '.join(shown(case) for case in self.cases)}"
        yield "- Reproduce:"
        yield ""
        yield f"      {played} --only {worst['id']}"


def is_weak(case):
    return case["verdict"] == "weak"


def rank(case):
    """The gravest first, and what fails before what only breaks down."""
    severity = "low" if is_weak(case) else case["severity"]
    return SEVERITIES.index(severity), LEVELS.index(case["level"]), is_weak(case)


def shown(case):
    return f"`{case['id']}` ({case['level']}{', weak' if is_weak(case) else ''})"


def in_a_line(text):
    return " ".join(text.split())

"""The write-ups of docs/results/writeups/: what in a library does not follow the standard, in words for its maintainers.

The words are in ../writeups/NAME.toml, the facts come from the runs of conform.py and authenticators.py: `cases` are the
cases that a defect fails, as patterns of file names, and each has to fail as told.
"""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

from harness import expect
from results import LEVELS

WORDS = Path(__file__).resolve().parent.parent / "writeups"
SEVERITIES = ["critical", "high", "medium", "low"]
# What the page about a relying party, and the one about an authenticator, begin with.
RELYING_PARTY = [
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
AUTHENTICATOR = [
    "[stuntkey](../../../../README.md) plays the platform before authenticators, by CTAP as a client of its own speaks it. Below is",
    "what this authenticator does otherwise than the documents say. Each point can be taken up by itself. A SHOULD may",
    "have a good reason against it; advice is good practice that no clause asks for. *weak* means that what was asked for",
    "is done, but not as the clause has it: by another status, for one.",
    "",
    "To reproduce a point, build what is played, once, in a clone of stuntkey:",
    "",
    "    ./check authenticators        # builds stuntkey, and each authenticator behind its program",
    "",
    "Then its command plays the case again, and shows what went over the wire. The same case before an authenticator that is",
    "already there: `stuntkey conform ADDRESS --only CASE`, as `docs/authenticators.md` says.",
]


def page(run, reproduce, actor="relying party", introduction=RELYING_PARTY, written="conform.py", words=WORDS):
    """The write-up about what was played. `reproduce` is the command that plays the case whose id is put after it."""
    file = tomllib.loads((words / f"{run.key}.toml").read_text())
    defects = sorted((Defect(run, words) for words in file.get("defect", [])), key=lambda defect: defect.rank())
    told = [case["id"] for defect in defects for case in defect.cases]
    twice = {id for id in told if told.count(id) > 1}
    expect(not twice, f"{run.key}: more than one defect has {', '.join(sorted(twice))}")
    lines = [f"# {run.name}: for its maintainers", "", *introduction, ""]
    if "about" in file:
        lines += [file["about"].strip(), ""]
    lines += [f"Written by `interop/python/{written}` from `interop/writeups/`, checked by `./check`.", ""]
    for number, defect in enumerate(defects, 1):
        lines += [f"## {number}. {defect.title}", "", *defect.lines(reproduce, actor), ""]
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

    def lines(self, reproduce, actor):
        worst = self.cases[0]
        gravity = "low severity, as it is refused all the same" if is_weak(worst) else f"{worst['severity']} severity"
        article = "An" if actor[0] in "aeiou" else "A"
        yield f"**{worst['level']}, {gravity}.** {self.what}"
        yield ""
        yield f"- Where: {', '.join(f'`{place}`' for place in self.where)}"
        yield f"- Standard: {worst['clause']}. {article} {actor} {worst['requirement'].rstrip('.')}."
        yield f"- Change: {self.change}"
        yield f"- Cases: {', '.join(shown(case) for case in self.cases)}"
        yield "- Reproduce:"
        yield ""
        yield f"      {reproduce} {worst['id']}"


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

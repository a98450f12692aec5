"""What the pages in docs/results/ have in common: what came of a run, and tables of several runs."""

import difflib
import re
import sys
from collections import Counter

from harness import expect
from tables import row, table

LEVELS = ["MUST", "SHOULD", "MAY", "advice"]
VERDICTS = ["pass", "weak", "fail", "advice", "skip", "error"]
# Whom the reason of an expectation may blame.
BLAMED = ["library", "product", "authenticator", "application", "configuration", "adapter"]

# What a page leaves out of the tool's report, as it is another in every run.
CHANGING = ("- target: ", "- origin: ", "- began: ", "- took: ")

# Two replies at the same moment: who wins is another every time, so nothing can be known of it.
RACE = "product: a race, which comes out otherwise now and then"


class Results:
    """What came of a run, from its report in JSON. `key` is the name of the page."""

    def __init__(self, key, name, report):
        self.key = key
        self.name = name
        self.report = report
        self.cases = {case["id"]: case for case in report["cases"]}
        for case in self.cases.values():
            if case["id"].endswith("/challenge/at-once") and case["verdict"] not in ("pass", "skip"):
                case.setdefault("expected", {"verdict": case["verdict"], "reason": RACE})
        surprises = [surprise for case in self.cases.values() if (surprise := surprise_of(case))]
        expect(not surprises, "".join(f"\n  {surprise}" for surprise in surprises))

    @property
    def short(self):
        """The name without the version."""
        return re.sub(r" [0-9][0-9.]*", "", self.name)

    def failures(self):
        return [case for case in self.cases.values() if case["verdict"] not in ("pass", "skip")]

    def summary(self):
        count = Counter(case["verdict"] for case in self.report["cases"])
        return counted(count[verdict] for verdict in VERDICTS)


def counted(numbers):
    """The numbers of the verdicts in words."""
    return ", ".join(f"{number} {verdict}" for number, verdict in zip(numbers, VERDICTS) if number)


def page_of(name, markdown, *introduction):
    """A report of the tool in Markdown as a page: with a name, and without what is another in every run."""
    lines = [line for line in markdown.splitlines() if not line.startswith(CHANGING)]
    lines[0] = f"# Conformance of {name}"
    lines[1:1] = ["", *introduction]
    return "\n".join(lines) + "\n"


def surprise_of(case):
    """How a case came otherwise than known, if it did: here a failed SHOULD has to be known, too."""
    known = case.get("expected", {}).get("verdict")
    # Who is known to fail a case does so, too, where it is only advised.
    if case["verdict"] in (["fail", "advice"] if known == "fail" else [known] if known else ["pass", "skip"]):
        return None
    return f"{case['id']}: {case['verdict']}, expected {known or 'pass'}: {case.get('why', '')}"


def sections(kind, runs, depth=2):
    """The numbers of runs, what they fail, and why. A chapter is what as many parts of an id name."""
    yield from ("## Numbers", "", table(kind, "level", *VERDICTS), *numbers(runs), "")
    yield from ("## What fails", "", *failures(runs, depth), "## Why", "")
    for run in runs:
        yield from (f"### {run.name}", "", *causes(run), "")


def numbers(runs):
    for run in runs:
        counts = Counter((case["level"], case["verdict"]) for case in run.report["cases"])
        for level in LEVELS:
            yield row(run.name, level, *(str(counts[level, verdict]) for verdict in VERDICTS))


def failures(runs, depth):
    """Tables of what at least one of them fails: one for each chapter."""
    # Not every run has every case: a profile leaves some out.
    cases = {id: case for run in reversed(runs) for id, case in run.cases.items()}
    order = [id for run in runs for id in run.cases]
    faulty = {case["id"] for run in runs for case in run.failures()}
    chapters = {}
    # What a run begins with comes first; the cases of a chapter stand apart from each other in a report.
    for part in dict.fromkeys(id.partition("/")[0] for id in order):
        for id in dict.fromkeys(order):
            if id in faulty and id.startswith(f"{part}/"):
                chapters.setdefault("/".join(id.split("/")[:depth]), []).append(id)
    for chapter, ids in chapters.items():
        yield f"### {chapter}"
        yield ""
        yield table("case", "level", "clause", *(run.short for run in runs))
        for id in ids:
            case = cases[id]
            verdicts = [run.cases[id]["verdict"] if id in run.cases else "–" for run in runs]
            cells = [verdict if verdict in ("pass", "skip", "–") else f"**{verdict}**" for verdict in verdicts]
            yield row(f"`{id}`", case["level"], case["clause"], *cells)
        yield ""


def causes(run):
    """The reasons, each with its cases, those of the library first."""
    reasons = {}
    for case in run.failures():
        reasons.setdefault(blame(case), []).append(case)
    for whose in BLAMED:
        for (blamed, why), cases in reasons.items():
            if blamed == whose:
                levels = [level for level in LEVELS if any(case["level"] == level for case in cases)]
                ids = ", ".join(f"`{case['id']}`" for case in cases)
                yield f"- *{blamed}*, {' and '.join(levels)}: {with_code(why)}. {ids}"


def blame(case):
    """Whose failure it is, and why."""
    blamed, _, why = case["expected"]["reason"].partition(": ")
    expect(blamed in BLAMED, f"the reason of {case['id']} blames nobody")
    return blamed, why


def with_code(text):
    """Names of code as code."""
    return re.sub(r"(?<![\w./*:-])(?=[\w./*:-]*(_|::|\.(?:py|go|java|rb)\b|[a-z][A-Z]))[\w./*:-]*[\w*]", r"`\g<0>`", text)


def publish(path, text, check_only):
    if not check_only:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return
    committed = path.read_text() if path.is_file() else ""
    if committed != text:
        lines = (committed.splitlines(True), text.splitlines(True))
        sys.stderr.writelines(difflib.unified_diff(*lines, "committed", "found"))
    expect(committed == text, f"{path.name} is not current")

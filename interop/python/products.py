"""What `stuntkey conform` makes of products: writes docs/results/products/, and their place in docs/results/README.md.

Usage: products.py [--check]
Reads the reports that ../products/conform has left below target/products. With --check nothing is written; it fails if
a page is not what it would be.
"""

import json
import re
import sys
from collections import Counter
from pathlib import Path

from harness import expect
from results import VERDICTS, Results, blame, counted, publish, sections, with_code
from tables import row, table, tidy

INTEROP = Path(__file__).resolve().parent.parent
PRODUCTS = INTEROP / "products"
REPORTS = INTEROP.parent / "target" / "products"
RESULTS = INTEROP.parent / "docs" / "results"
PAGES = RESULTS / "products"
# The files that say which version is installed.
PINNED = ("start", "requirements.txt", "package.json", "pom.xml", "go.mod")
WRITTEN = "from what is known in `interop/products/expect/`, checked by `./check products`."
ABOUT = [
    "A *product* is a whole server as people install it, with its own accounts, pages or API, database and settings.",
    "stuntkey signs up, logs in and registers over HTTP, as a browser does; `interop/products` says how each is started.",
]


def list_of_products():
    """What the page about libraries says of products, from the pages that there are."""
    pages = [(key, (PAGES / f"{key}.md").read_text()) for key in names()]
    lines = ["## Products", "", *ABOUT, "Each stands on one of the libraries above.", ""]
    for key, text in pages:
        name = re.search(r"^# Conformance of (.*)$", text, re.MULTILINE)[1]
        counts = [int(count) for count in re.search(r"^\| cases \| (.*) \|$", text, re.MULTILINE)[1].split(" | ")]
        lines.append(f"- [{name}](products/{key}.md): {counted(counts)}")
    return [
        *lines,
        "",
        "[All products side by side](products/README.md), with the reason of every failure. They are played by hand,",
        "by `./check products`; where the numbers have another sum than those above, cases have come since.",
        "",
    ]


def names():
    """The products and, of each, its name with its version."""
    rows = re.findall(r"^\| `([\w-]+)` \| ([^|]*?) \(.*?\)(.*?) \|", (PRODUCTS / "README.md").read_text(), re.MULTILINE)
    return {key: name + more for key, name, more in rows}


def overview(products):
    """The page about all products."""
    cases = sorted({len(product.cases) for product in products})
    lines = [
        "# Products",
        "",
        *ABOUT,
        f"It has played {' or '.join(map(str, cases))} cases of WebAuthn Level 3 before each of these:",
        "",
        *(f"- [{product.name}]({product.key}.md): {product.summary()}" for product in products),
        "",
        "A failure is one of three things:",
        "",
        "- *library*: it is in the library for WebAuthn that the product stands on, or in what that one uses.",
        "- *product*: it is in the product's own code, or in how it calls the library.",
        "- *configuration*: the product can do it, and its default does not.",
        "",
        "Settings are those of the product's documentation. Most products ask for no attestation, so that all cases about",
        "it are skipped; so are those about logins that begin with a name, where there are none, and some that change",
        "nothing at the origin, `http://localhost`.",
        "",
        f"Written by `interop/python/products.py` {WRITTEN}",
        "",
        *sections("product", products),
    ]
    return "\n".join(lines[:-1]) + "\n"


def page(product):
    """The page about one product."""
    counts = Counter(case["verdict"] for case in product.report["cases"])
    known, skipped = {}, {}
    for case in product.report["cases"]:
        if case["verdict"] == "skip":
            skipped.setdefault(words(case["why"]), []).append(case["id"])
        elif case["verdict"] != "pass":
            known.setdefault((*blame(case), case["verdict"]), []).append(case["id"])
    lines = [
        f"# Conformance of {product.name}",
        "",
        "What a failure means, [the page about all products](README.md) says.",
        f"Written by `interop/python/products.py` {WRITTEN}",
        "",
        table("", *VERDICTS),
        row("cases", *(str(counts[verdict]) for verdict in VERDICTS)),
        "",
        "## Known failures",
        "",
        table("verdict", "whose", "why", "cases"),
    ]
    for (blamed, why, verdict), ids in sorted(known.items(), key=lambda entry: -len(entry[1])):
        lines.append(row(verdict, blamed, with_code(why), ", ".join(f"`{id}`" for id in ids)))
    lines += ["", "## Skipped", "", table("cases", "why", "where")]
    for why, ids in sorted(skipped.items(), key=lambda entry: -len(entry[1])):
        chapters = Counter("/".join(id.split("/")[:2]) for id in ids)
        lines.append(row(str(len(ids)), why, ", ".join(f"`{chapter}` ({count})" for chapter, count in chapters.items())))
    return "\n".join(lines) + "\n"


def words(text):
    """Why a case was skipped, without what is another in every run, and without markup."""
    text = re.sub(r"http://localhost:[0-9]+", "http://localhost", tidy(text)).replace("`", "'")
    return f"`{text}`" if re.search(r"[<>@#*_\[\]]|://", text) else text


def results_of(key, name):
    """A product's reports, if its name has the version that is installed."""
    version = re.search(r" ([0-9][0-9.]*)", name)[1]
    # Where one product is another with other settings, its `start` calls the other's.
    folders = [key, *re.findall(r"\.\./([\w-]+)/start", (PRODUCTS / key / "start").read_text())]
    files = [file for folder in folders for pinned in PINNED if (file := PRODUCTS / folder / pinned).is_file()]
    expect(any(version in path.read_text() for path in files), f"{key}: no version {version} is installed")
    return Results(key, name, json.loads((REPORTS / f"{key}.json").read_text()))


def main():
    check_only = "--check" in sys.argv[1:]
    products = [results_of(key, name) for key, name in names().items()]
    PAGES.mkdir(exist_ok=True)
    for product in products:
        publish(PAGES / f"{product.key}.md", page(product), check_only)
    publish(PAGES / "README.md", overview(products), check_only)
    # The other page is written by conform.py, but for this part.
    readme = RESULTS / "README.md"
    before, _, rest = readme.read_text().partition("## Products\n")
    after = rest.partition("\n## ")[2]
    part = "\n".join(list_of_products()) + "\n## "
    publish(readme, before + part.removesuffix("\n\n## ") + "\n\n## " + after, check_only)
    print(f"{len(products)} products: every page is {'current' if check_only else 'written'}")


if __name__ == "__main__":
    main()

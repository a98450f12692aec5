"""The pages that set the libraries side by side: docs/formats.md and docs/faults.md, from the runs of conform.py."""

import json
import re
import subprocess

WRITTEN = "Written by `interop/python/conform.py`, checked by `./check`."
ALGORITHM = "registration/accepts/algorithm/"
ATTESTED = "registration/accepts/attested/"
ATTESTATION_KEY = "registration/accepts/attestation-key/"


class Notes:
    """Footnotes, each text once."""

    def __init__(self):
        self.texts = []

    def mark(self, text):
        text = tidy(text)
        if text not in self.texts:
            self.texts.append(text)
        return f"[{self.texts.index(text) + 1}]"

    def lines(self):
        return [f"{number}. {text}" for number, text in enumerate(self.texts, 1)]


def tidy(text):
    """A reason without what differs from run to run, and short enough for a table."""
    text = re.sub(r"[0-9a-fA-F]{16,}|[A-Za-z0-9_-]{32,}", "…", text)
    text = re.sub(r"0x[0-9a-f]+", "…", text)
    text = " ".join(text.split()).replace("|", "\\|")
    return text if len(text) <= 160 else text[:157] + "…"


def formats(runs):
    """The page about attestation statement formats and algorithms."""
    notes = Notes()
    lines = [
        "# Formats and algorithms before real relying parties",
        "",
        "Each row is a case of `stuntkey conform`: a registration with an attestation statement of this format, whose",
        "credential has this algorithm, and a login after it. ✓: the relying party accepted both. A number: it did not,",
        "for the reason below. Attestation is asked for directly, and stuntkey's root is trusted. A pair is missing if",
        "no such statement can be made: keys of U2F, for one, are for ES256 alone.",
        "",
        "A relying party decides for itself what it supports, so none of these is a failure.",
        "",
        WRITTEN,
        "",
        table("format", "algorithm", *(run.name for run in runs)),
    ]
    for id in runs[0].cases:
        if id.startswith(ATTESTED):
            format, algorithm = id.removeprefix(ATTESTED).split("/")
            cells = format, name_of(algorithm)
        elif id.startswith(ALGORITHM):
            cells = "as it comes", name_of(id.removeprefix(ALGORITHM))
        elif id.startswith(ATTESTATION_KEY):
            format, _, algorithm = id.removeprefix(ATTESTATION_KEY).rpartition("-")
            cells = format, f"attested by a key of {name_of(algorithm)}"
        else:
            continue
        lines.append(row(*cells, *(cell(notes, run.cases[id]) for run in runs)))
    return "\n".join([*lines, "", "## Why not", "", *notes.lines()]) + "\n"


def cell(notes, case):
    return "✓" if case["verdict"] == "pass" else notes.mark(case["why"])


def faults(program, runs):
    """The page about every fault of the catalogue."""
    listing = subprocess.run([program, "faults", "--json"], check=True, stdout=subprocess.PIPE).stdout
    catalogue = json.loads(listing)["faults"]
    words = {"pass": "refused", "weak": "weakly", "fail": "**accepted**", "advice": "**accepted**", "skip": "–"}
    counts = {run.name: dict.fromkeys(words.values(), 0) for run in runs}
    rows, unplayed = [], []
    for fault in catalogue:
        for ceremony, step in fault["steps"].items():
            id = f"{ceremony}/{fault['id']}"
            if id not in runs[0].cases:
                unplayed.append(id)
                continue
            cells = [words[run.cases[id]["verdict"]] for run in runs]
            for run, found in zip(runs, cells):
                counts[run.name][found] += 1
            section = {"registration": "7.1", "authentication": "7.2"}[ceremony]
            rows.append(row(fault["id"], f"§{section} {step}", *cells))
    lines = [
        "# Faults before real relying parties",
        "",
        "Each row is a valid ceremony with one change, as a case of `stuntkey conform` plays it; `stuntkey faults` says",
        "what each is. **accepted**: the relying party let it pass. weakly: it refused, but broke down, or gave a reason",
        "that has nothing to do with the fault. –: it does not accept the valid ceremony either, mostly as it does not",
        "know the format, so that a refusal would say nothing. stuntkey's own verifier refuses every one of these at the",
        "step that is told.",
        "",
        "A relying party with other settings, or one that does more than call the library, may do better;",
        "[docs/results](results/README.md) says of each failure whose it is.",
        "",
        WRITTEN,
        "",
        table("fault", "step", *(run.name for run in runs)),
        *rows,
        "",
        f"{len(catalogue)} faults, {len(rows)} with the ceremonies:",
        "",
    ]
    for name, count in counts.items():
        lines.append(f"- {name}: {', '.join(f'{number} {word}' for word, number in count.items() if number)}")
    if unplayed:
        lines += ["", f"No case of the profile `l3` plays these by themselves: {', '.join(f'`{id}`' for id in unplayed)}."]
    return "\n".join(lines) + "\n"


def name_of(algorithm):
    """An algorithm's name as COSE writes it, from the lower case of an id."""
    return {"eddsa": "EdDSA", "ed448": "Ed448"}.get(algorithm, algorithm.upper())


def table(*names):
    return row(*names) + "\n" + row(*["---"] * len(names))


def row(*cells):
    return f"| {' | '.join(cells)} |"

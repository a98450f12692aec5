"""Counts the instructions of benches/instructions under callgrind, and fails when one grew by more than 3 %. Where
another compiler or another kind of processor made the file, it says so, and fails when one grew by more than 10 %.

`python3 tests/instructions.py --bless` writes the counts to benches/instructions.txt. A count is of one more time: of
three times as many minus once as many, so that nothing of the set-up is in it. Of ceremonies, curve arithmetic is left
out, as it is not ours and changes with how the compiler splits it."""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "benches" / "instructions.txt"
MOST_GROWTH = 0.03
# Compilers differ by a few percent for the same code. A gate that is off is none.
MOST_GROWTH_BETWEEN_COMPILERS = 0.10
TIMES = 20
# Where curve arithmetic begins: functions that are kept out of line for this, of src/crypto/backend.rs and of
# src/verifier/primitive.rs.
CURVE = re.compile(r"(crypto::backend::Signer::(?:prepare|sign)|verifier::primitive::Key::(?:read|verify))\b")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout


def build():
    package = "stuntkey-bench-instructions"
    build = ("cargo", "build", "--locked", "--quiet", "--profile", "bench", "--package", package)
    subprocess.run(build, check=True, cwd=ROOT)
    metadata = json.loads(output("cargo", "metadata", "--locked", "--format-version", "1", "--no-deps"))
    return Path(metadata["target_directory"], "release", package)


def count(program, work, times):
    with tempfile.NamedTemporaryFile() as profile:
        output("valgrind", "--tool=callgrind", f"--callgrind-out-file={profile.name}", program, work, str(times))
        listing = output("callgrind_annotate", "--inclusive=yes", "--auto=no", "--threshold=100", profile.name)
    total, curve = 0, {}
    for line in listing.splitlines():
        match = re.match(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+(.*)", line)
        if match:
            instructions = int(match[1].replace(",", ""))
            if "PROGRAM TOTALS" in match[2]:
                total = instructions
            # A function has a line for each file whose code is inlined in it; its own is the largest.
            elif function := CURVE.search(match[2]):
                curve[function[1]] = max(instructions, curve.get(function[1], 0))
    return total - sum(curve.values())


def measure(program):
    works = output(program).splitlines()
    # Counts do not depend on what else runs.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        once = pool.map(lambda work: count(program, work, TIMES), works)
        thrice = pool.map(lambda work: count(program, work, 3 * TIMES), works)
        for work, few, many in zip(works, once, thrice):
            yield work, round((many - few) / (2 * TIMES))


def main():
    compiler = " ".join(output("rustc", "--version").split()[:2])
    made_by = f"# {compiler}, {platform.machine()}"
    counts = list(measure(build()))
    if "--bless" in sys.argv[1:]:
        head = "# Instructions for one, outside curve arithmetic: `python3 tests/instructions.py --bless` writes this."
        FILE.write_text("\n".join([head, made_by, *(f"{work}: {n}" for work, n in counts)]) + "\n")
        return
    lines = FILE.read_text().splitlines()
    most_growth = MOST_GROWTH
    if made_by not in lines:
        most_growth = MOST_GROWTH_BETWEEN_COMPILERS
        banner = f"counted here by {made_by[2:]}, in benches/instructions.txt by {lines[1][2:]}"
        print("#" * 80, f"# NOT COMPARED EXACTLY: {banner}", "# The limit is 10 % in the place of 3 %.", "#" * 80, sep="\n")
        if "GITHUB_ACTIONS" in os.environ:
            print(f"::warning title=Instruction counts not compared exactly::{banner}")
    known = dict(line.rsplit(": ", 1) for line in lines if not line.startswith("#"))
    grown = []
    for work, instructions in counts:
        before = int(known.get(work, 0))
        change = instructions / before - 1 if before else float("inf")
        print(f"{work:<20} {instructions:>8}  {change:+7.1%}")
        if change > most_growth:
            grown.append(f"{work}: {before} before, {instructions} now")
    if grown or {work for work, _ in counts} != set(known):
        print(f"instructions: more than {most_growth:.0%} more than benches/instructions.txt says:", *grown, sep="\n  ", file=sys.stderr)
        print("If that is right: python3 tests/instructions.py --bless", file=sys.stderr)
        sys.exit(1)


main()

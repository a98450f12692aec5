"""Pastes README.md's commands into a shell, word by word, and compares what they print: `tests/readme.py STUNTKEY`.

A console block is a conversation: what stands behind `$ ` is typed (and goes on while lines end in `|` or `\\`), the lines
below it are expected, where `…` stands for any text, and alone on a line for any lines. Commands that need more than this
repository are not typed; they stand in NOT_TYPED, each with the reason."""

import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST = 120  # seconds for one command, as a last guard
NOT_TYPED = {
    "cargo install --locked --path crates/cli": "the program is built already",
    "./check": "this is a part of it",
    "cargo add --dev": "for a project of the reader's",
}


def conversations(markdown):
    """The commands of all console blocks, each with the lines that it is to print."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```", markdown, re.M | re.S):
        goes_on = False
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif goes_on:
                found[-1] = (found[-1][0] + "\n" + line, found[-1][1])
            else:
                found[-1][1].append(line)
                continue
            goes_on = line.endswith(("|", "\\"))
    return found


def agrees(expected, printed):
    """Whether the lines are those expected, whose `…` stand for any text or any lines."""
    parts = [
        r"(?:[^\n]*\n)*" if line.strip() == "…" else ".*".join(map(re.escape, line.split("…"))) + "\n"
        for line in expected
    ]
    return re.fullmatch("".join(parts), "".join(line + "\n" for line in printed)) is not None


class Shell:
    """A bash that is typed into."""

    def __init__(self, directory, program):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("STUNTKEY_")}
        environment |= {
            "PATH": f"{Path(program).resolve().parent}:{environment['PATH']}",
            "HOME": directory,
            "XDG_DATA_HOME": directory,
            "COLUMNS": "120",
        }
        self.bash = subprocess.Popen(
            ["bash", "--norc"],
            cwd=directory,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.bash.stdout:
            self.lines.put(line.removesuffix("\n"))

    def type(self, command, expected):
        """What the command printed. One in the background goes on; it has printed enough when it agrees."""
        end = f"-- end of {time.monotonic_ns()}"
        # The end begins a line of its own, whatever the command printed last.
        self.bash.stdin.write(f"{command}\necho; echo '{end}'\n")
        self.bash.stdin.flush()
        printed, until, ended = [], time.monotonic() + LONGEST, False
        while not ended or command.rstrip().endswith("&") and not agrees(expected, printed):
            try:
                line = self.lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if line == end:
                ended = True
            else:
                printed.append(line)
            while ended and printed and printed[-1] == "":
                printed.pop()
        return [line for line in printed if line or not command.rstrip().endswith("&")]

    def close(self):
        self.bash.stdin.write("kill $(jobs -p) 2>/dev/null\n")
        self.bash.stdin.close()
        self.bash.wait()


def main():
    [program] = sys.argv[1:]
    commands = conversations((ROOT / "README.md").read_text())
    typed, failures = 0, 0
    unused = set(NOT_TYPED)
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "examples").symlink_to(ROOT / "examples")
        shell = Shell(directory, program)
        for command, expected in commands:
            if reasons := [words for words in NOT_TYPED if words in command]:
                unused -= set(reasons)
                print(f"- {command}\n    not typed: {NOT_TYPED[reasons[0]]}")
                continue
            typed += 1
            printed = shell.type(command, expected)
            fits = agrees(expected, printed)
            failures += not fits
            print(f"{'✓' if fits else '✗'} {command}")
            if not fits:
                print("  expected", *expected, "  printed", *printed, sep="\n    ")
        shell.close()
    if unused:
        print(f"readme: README.md has none of {sorted(unused)}", file=sys.stderr)
    if typed < 8:
        print(f"readme: only {typed} commands were typed", file=sys.stderr)
    print(f"readme: {typed} commands typed, {failures} printed something else")
    sys.exit(1 if failures or unused or typed < 8 else 0)


main()

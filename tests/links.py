"""Every link of the repository's Markdown to a file of it, or to a heading, leads somewhere."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def anchors(text):
    """The anchors that readers of Markdown give to headings."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def main():
    listed = subprocess.run(["git", "ls-files", "-z", "*.md"], check=True, capture_output=True, text=True, cwd=ROOT).stdout
    files = [ROOT / name for name in listed.split("\0") if name]
    links, dead = 0, []
    for file in files:
        text = re.sub(r"^```.*?^```|`[^`\n]*`", "", file.read_text(), flags=re.M | re.S)
        for link in re.findall(r"\]\(([^)\s]+)\)", text):
            if re.match(r"[a-z][a-z+.-]*:", link):
                continue
            links += 1
            name, _, anchor = link.partition("#")
            target = (file.parent / name).resolve() if name else file
            if not target.exists():
                dead.append(f"{file.relative_to(ROOT)}: {link}")
            elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
                dead.append(f"{file.relative_to(ROOT)}: {link}: no such heading")
    print(f"links: {links} in {len(files)} files, {len(dead)} dead")
    for link in dead:
        print(f"links: {link}", file=sys.stderr)
    sys.exit(1 if dead or not links else 0)


main()

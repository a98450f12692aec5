"""Builds the wheel without native code: pure_wheel.py WASM OUT.

pyproject.toml has maturin as its backend, which always compiles. Here the same project is built by another backend, in
a folder of its own, with the WebAssembly beside the sources.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BACKEND = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["src/stuntkey"]
artifacts = ["stuntkey.wasm"]
"""


def main(wasm: Path, out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        shutil.copytree(
            HERE / "src", project / "src", ignore=shutil.ignore_patterns("__pycache__", "*.so", "_native.pyi", "*.wasm")
        )
        shutil.copy(wasm, project / "src" / "stuntkey" / "stuntkey.wasm")
        for name in ("README.md", "LICENSE-APACHE", "LICENSE-MIT"):
            shutil.copy(HERE / name, project)
        text, changed = re.subn(
            r"\[build-system\]\n.*?(?=\n\[)", "", (HERE / "pyproject.toml").read_text(), count=1, flags=re.DOTALL
        )
        if changed != 1:
            sys.exit("pure_wheel.py: pyproject.toml has no [build-system]")
        (project / "pyproject.toml").write_text(text + BACKEND)
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out.resolve())]
        subprocess.run(command, cwd=project, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

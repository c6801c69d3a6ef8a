"""Resolve pyproject.toml into requirements.lock, with hashes and without the name of any host."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "requirements.in"
        source.write_text("\n".join(wanted) + "\n")
        target = ROOT / "requirements.lock"
        subprocess.run(
            [sys.executable, "-m", "piptools", "compile", "-q", "--generate-hashes", "--allow-unsafe", "--strip-extras", "--no-header", "--no-annotate",
             "--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host", "-o", str(target), str(source)],
            check=True,
        )  # fmt: skip
    text = target.read_text()
    if "://" in text:
        sys.exit("requirements.lock names a host: look at it before you commit")


if __name__ == "__main__":
    main()

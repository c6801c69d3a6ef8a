"""Resolve pyproject.toml into two lock files, with hashes and without the name of any host.

requirements.lock is what runs (with what `make run` builds with); requirements-dev.lock has the tests and checks on top, in the same versions.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def resolve(wanted: list[str], target: Path, same_as: Path | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "requirements.in"
        source.write_text("\n".join([*wanted, *([f"-c {same_as}"] if same_as else [])]) + "\n")
        subprocess.run(
            [sys.executable, "-m", "piptools", "compile", "-q", "--generate-hashes", "--allow-unsafe", "--strip-extras", "--no-header", "--no-annotate",
             "--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host", "-o", str(target), str(source)],
            check=True,
        )  # fmt: skip
    lines = [line for line in target.read_text().splitlines(keepends=True) if not line.startswith("-c ")]
    target.write_text("".join(lines))
    if "://" in target.read_text():
        sys.exit(f"{target.name} names a host: look at it before you commit")


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    run = project["project"]["dependencies"] + groups["build"]
    resolve(run, ROOT / "requirements.lock")
    resolve(run + groups["dev"], ROOT / "requirements-dev.lock", same_as=ROOT / "requirements.lock")


if __name__ == "__main__":
    main()

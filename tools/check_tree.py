"""Rules of the house that no linter knows: no host names of registries, no machine's own paths, no overgrown files."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
# Put together so that this file does not match itself.
HOSTS = re.compile("|".join(("py" + r"pi\.org", "python" + r"hosted\.org", r"registry\.np" + "mjs", r"deb\.deb" + r"ian\.org")))
LONGEST = 420


def main() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n")
    found = []
    for name in filter(None, tracked):
        path = ROOT / name
        if not path.is_file() or path.suffix in {".png", ".wav", ".woff2", ".ico"} or path.is_symlink():
            continue
        text = path.read_text(errors="replace")
        if HOSTS.search(text):
            found.append(f"{name}: names a registry's host")
        lines = text.count("\n")
        counted = (
            name.startswith(("cordboard/", "islands/src/")) and path.suffix in {".py", ".ts", ".tsx"} and "/tests/" not in name and "/migrations/" not in name
        )
        if counted and lines > LONGEST:
            found.append(f"{name}: {lines} lines; split it by noun")
    for line in found:
        print(line)
    if found:
        sys.exit(1)


if __name__ == "__main__":
    main()

"""Every setting stands in the documentation for those who run a centre, with what it does when nobody sets it."""

from __future__ import annotations

import re
from pathlib import Path

import cordboard

ROOT = Path(next(iter(cordboard.__path__)))
DOCS = ROOT.parent / "docs" / "deployment"
INNER = {
    "CORDBOARD_FRONT_FD", "CORDBOARD_DJANGO_FD", "CORDBOARD_ROLE", "CORDBOARD_DRAINING",  # from a supervisor to its processes
    "CORDBOARD_DEBUG",  # for those who write Cordboard
    "CORDBOARD_TEST_DATABASE", "CORDBOARD_CALL_WALKS",  # for its tests
}  # fmt: skip
SETTING = re.compile(r"CORDBOARD_[A-Z][A-Z0-9_]*[A-Z0-9]\b(?!_)")


def _used() -> dict[str, str]:
    """Every variable that the program names, and a file that does."""
    found: dict[str, str] = {}
    for path in ROOT.rglob("*.py"):
        if "tests" in path.parts or "testing" in path.parts:
            continue
        text = path.read_text()
        names = set(SETTING.findall(text))
        if path.name == "config.py":
            names |= {f"CORDBOARD_{name}" for name in re.findall(r"_env\(\"([A-Z_]+)\"", text)}
        for name in names:
            found.setdefault(name, str(path.relative_to(ROOT)))
    return found


def test_every_setting_is_documented() -> None:
    told = set(SETTING.findall("\n".join(path.read_text() for path in DOCS.glob("*.md"))))
    missing = {name: where for name, where in _used().items() if name not in told and name not in INNER}
    assert not missing, f"docs/deployment says nothing of {missing}"


def test_no_setting_is_documented_that_does_not_exist() -> None:
    told = set(SETTING.findall("\n".join(path.read_text() for path in DOCS.glob("*.md"))))
    assert told <= set(_used()), told - set(_used())


def test_the_table_gives_the_default_of_each() -> None:
    rows = [line for line in (DOCS / "README.md").read_text().splitlines() if line.startswith("| `CORDBOARD_")]
    assert len(rows) > 20
    assert all(len([cell for cell in row.split("|")[1:-1] if cell.strip()]) == 3 for row in rows)

"""Which tests go to one process, and in which order processes get them.

A file whose tests share something dear (a running centre, data that are made once for the file) goes to one process whole; files that share a running centre go
together. Which these are is read in the files, for the process that deals out the tests does not import them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]

TALK, CALLS, MORE_CALLS, SCREENS, PAGES = (
    "demo centre: talk",
    "shared centre: calls",
    "shared centre: more calls",
    "demo centre: screens",
    "shared centre: pages",
)
LONGEST_FIRST = (TALK, MORE_CALLS, CALLS, SCREENS, PAGES)
"""Talk and calls take time and little of a processor: they go on beside one another, and the rest fills up what is left."""

OF_TALK = tuple(f"tests/scene/test_{name}.py" for name in ("auto_answer", "call_control", "reload", "scene"))
OF_CALLS = ("tests/voice/test_inbound.py", "tests/voice/test_ivr.py")
"""About half of the time of their kind."""


@cache
def group(file: str) -> str:
    """What a file of tests (its path from the root) goes with, "" for a file whose tests go anywhere."""
    text = (ROOT / file).read_text(errors="replace")
    if "demo_centre" in text:
        return TALK if file in OF_TALK else SCREENS
    if "shared_centre" in text:
        if not file.startswith("tests/voice/"):
            return PAGES
        return CALLS if file in OF_CALLS else MORE_CALLS
    return file if 'scope="module"' in text else ""


def rank(nodeid: str) -> int:
    """Smaller comes first."""
    found = group(nodeid.partition("::")[0])
    if found in LONGEST_FIRST:
        return LONGEST_FIRST.index(found)
    return len(LONGEST_FIRST) + (not found)


def scheduler(config: Any, log: Any) -> Any:
    """One of xdist's, with these groups and this order."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return group(nodeid.partition("::")[0]) or nodeid

    config.option.loadscopereorder = False  # by rank, not by number
    return ByGroup(config, log)

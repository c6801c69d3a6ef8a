"""What the path of an ended run adds to the figures of its flow. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Key = tuple[str, str, str]
"""(step, exit, how it ended): an edge has an exit, an end says how."""


@dataclass(slots=True)
class Tally:
    runs: int = 0
    times: int = 0
    seconds: float = 0.0


def passages(state: Mapping[str, Any], ended_by: str) -> dict[Key, Tally]:
    """Each edge that the run took, with how often and how long it waited there, and the step at which it ended. What a state lacks or has wrongly is
    passed over: it was written by some earlier version."""
    found: dict[Key, Tally] = {}
    for entry in state.get("path") or ():
        if not isinstance(entry, (list, tuple)) or len(entry) < 2:
            continue
        tally = found.setdefault((str(entry[0])[:200], str(entry[1])[:60] or "?", ""), Tally(runs=1))
        tally.times += 1
        if len(entry) > 2 and isinstance(entry[2], (int, float)):
            tally.seconds += float(entry[2])
    at = str(state.get("at") or "")[:200]
    if at:
        found[at, "", str(state.get("ended") or ended_by or "?")[:40]] = Tally(runs=1, times=1)
    return found


def summed(several: Iterable[Mapping[Key, Tally]]) -> dict[Key, Tally]:
    """The passages of several runs together."""
    total: dict[Key, Tally] = {}
    for one in several:
        for key, tally in one.items():
            into = total.setdefault(key, Tally())
            into.runs += tally.runs
            into.times += tally.times
            into.seconds += tally.seconds
    return total

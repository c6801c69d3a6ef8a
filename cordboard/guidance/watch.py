"""Rules that ask how long something lasts (on hold, in the talk) are asked again by the clock, as time passes without an event."""

from __future__ import annotations

import time

from cordboard.guidance.actions import AREA, evaluate, expire
from cordboard.guidance.facts import TIMED
from cordboard.interactions.models import Segment
from cordboard.lib.clock import every
from cordboard.rules.outcome import CompiledPolicy
from cordboard.rules.published import published

EVERY = 5.0
AT_MOST = 1.0
"""Seconds that one pass may take; who was not reached comes first in the next."""

_asked: dict[int, tuple[CompiledPolicy, frozenset[str]]] = {}
_looked: dict[int, float] = {}


def _facts(compiled: CompiledPolicy) -> frozenset[str]:
    known = _asked.get(id(compiled))
    if known is None or known[0] is not compiled:
        if len(_asked) > 50:
            _asked.clear()
        known = _asked[id(compiled)] = (compiled, compiled.facts_asked())
    return known[1]


def asks_for(*beginnings: str) -> bool:
    """Whether a published guidance policy asks for a fact whose name begins so. One query."""
    return any(name.startswith(beginnings) for policy in published(AREA) if policy.compiled is not None for name in _facts(policy.compiled))


def look() -> int:
    """Ask the rules again for contacts that are being talked in or on hold, those looked at longest ago first. Returns how many."""
    asked = {name for policy in published(AREA) if policy.compiled is not None for name in _facts(policy.compiled)} & TIMED
    if not asked:
        return 0
    parts = Segment.objects.filter(state__in=(Segment.State.ACTIVE, Segment.State.HELD)).exclude(kind=Segment.Kind.SUPERVISE)
    if asked == {"talk.held_for"}:
        parts = parts.filter(state=Segment.State.HELD)
    numbers = sorted(set(parts.values_list("interaction_id", flat=True)), key=lambda number: _looked.get(number, 0.0))
    begun = time.monotonic()
    done = 0
    for number in numbers:
        if done and time.monotonic() - begun > AT_MOST:
            break
        evaluate(number)
        _looked[number] = time.monotonic()
        done += 1
    for gone in _looked.keys() - set(numbers):
        del _looked[gone]
    return done


every(EVERY, "guidance.watch", look)
every(EVERY, "guidance.expire", expire)

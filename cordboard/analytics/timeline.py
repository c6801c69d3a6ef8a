"""An agent's day from the log of states. Pure, to the second.

Moments are cut to whole seconds before anything is measured: so the lengths are whole too, one state ends in the second in which the next begins, and the states' times add
up to the logged-in time exactly, not almost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Change:
    at: datetime
    state: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    begin: datetime
    end: datetime
    state: str
    reason: str | None
    open: bool = False
    """Lasts still: `end` is the moment of asking."""

    @property
    def seconds(self) -> int:
        return int((self.end - self.begin).total_seconds())


def spans(changes: Sequence[Change], begin: datetime, end: datetime, now: datetime) -> list[Span]:
    """What the agent was from `begin` to `end` (or to `now`, when that is earlier). `changes` in order, with the last one before `begin` first, if there is one; before the
    first change the agent was offline. Spans follow one another without gap; equal neighbours are one, those of less than a second are none."""
    begin, until = begin.replace(microsecond=0), min(end, now).replace(microsecond=0)
    found: list[Span] = []
    state, reason, since = OFFLINE, None, begin
    for change in [*changes, None]:
        at = until if change is None else min(max(change.at.replace(microsecond=0), begin), until)
        if at > since:
            if found and (found[-1].state, found[-1].reason) == (state, reason):
                since = found.pop().begin
            found.append(Span(since, at, state, reason))
            since = at
        if change is not None:
            state, reason = change.state, change.reason
    if found and now < end:
        last = found[-1]
        found[-1] = Span(last.begin, last.end, last.state, last.reason, open=True)
    return found


@dataclass(frozen=True, slots=True)
class Total:
    state: str
    reason: str | None
    seconds: int
    times: int


def totals(of: Sequence[Span]) -> list[Total]:
    """By state and reason, longest first, without offline. Their sum is `logged_in`."""
    kept: dict[tuple[str, str | None], list[int]] = {}
    for span in of:
        if span.state != OFFLINE:
            kept.setdefault((span.state, span.reason), []).append(span.seconds)
    return sorted(
        (Total(state, reason, sum(each), len(each)) for (state, reason), each in kept.items()), key=lambda one: (-one.seconds, one.state, one.reason or "")
    )


def logged_in(of: Sequence[Span]) -> int:
    """Seconds."""
    return sum(span.seconds for span in of if span.state != OFFLINE)

"""What the figures count, and what is worked out of it. Pure.

Every measure is a whole number, so that sums come out the same in whatever order they are made: counts, and times in milliseconds. What is a share or an average
is never kept: it is worked out of sums, so that the service level of a day is that of its contacts and not the mean of its half hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields

from cordboard.routing import levels


@dataclass(slots=True)
class Sums:
    """Sums over some parts of contacts. Names that end in `_ms` are milliseconds, the others numbers of contacts or of what the name says."""

    offered: int = 0
    """new contacts that entered the queue"""
    answered: int = 0
    answered_within: int = 0
    """answered within the queue's target, as the target was then"""
    abandoned: int = 0
    short_abandoned: int = 0
    """gave up before the queue's short-abandon limit; among `abandoned`"""
    abandoned_after: int = 0
    """gave up after the target; among `abandoned`"""
    elsewhere: int = 0
    """sent on by us before an answer: closed, callback, elsewhere"""
    wait_answered_ms: int = 0
    wait_abandoned_ms: int = 0
    offers: int = 0
    """times that a contact rang at an agent"""
    rona: int = 0
    """of these, not answered in time (ring on no answer)"""
    rejected: int = 0
    """of these, rejected by the agent"""
    handled: int = 0
    """agents' parts of talks with customers: what AHT is an average of"""
    transferred: int = 0
    """of these, given on to somebody else"""
    outbound: int = 0
    """calls that we made, reached or not; those reached are among `handled`"""
    talk_ms: int = 0
    hold_ms: int = 0
    acw_ms: int = 0
    consults: int = 0
    """talks with a colleague, and parts in a conference"""
    consult_ms: int = 0
    callbacks: int = 0
    """callbacks that were promised"""

    def __add__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) + getattr(other, name) for name in MEASURES))

    def __sub__(self, other: Sums) -> Sums:
        return Sums(*(getattr(self, name) - getattr(other, name) for name in MEASURES))

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in MEASURES)

    @classmethod
    def of(cls, values: Mapping[str, int | None]) -> Sums:
        """From a row that has the measures by name, among others; what is missing or None is 0."""
        return cls(*(int(values.get(name) or 0) for name in MEASURES))

    def counts(self) -> levels.Counts:
        """As the formulas of service level take them."""
        return levels.Counts(
            offered=self.offered,
            answered=self.answered,
            answered_within=self.answered_within,
            abandoned=self.abandoned,
            short_abandoned=self.short_abandoned,
            abandoned_after=self.abandoned_after,
            wait_answered=self.wait_answered_ms / 1000,
            left=self.elsewhere,
        )

    def service_level(self, code: str = levels.DEFAULT) -> float | None:
        """The share answered in time, 0 to 1, by one of `levels.LEVELS`; None when there is nothing to divide by."""
        return levels.service_level(self.counts(), code)

    @property
    def asa(self) -> float | None:
        """Average speed of answer, in seconds."""
        return levels.average_speed_of_answer(self.counts())

    @property
    def aht(self) -> float | None:
        """Average handling time, in seconds: (talk + hold + ACW) / handled."""
        return (self.talk_ms + self.hold_ms + self.acw_ms) / self.handled / 1000 if self.handled else None


MEASURES: tuple[str, ...] = tuple(field.name for field in fields(Sums))
TIMES = frozenset(name for name in MEASURES if name.endswith("_ms"))


def total(many: Iterable[Sums]) -> Sums:
    made = Sums()
    for one in many:
        for name in MEASURES:
            setattr(made, name, getattr(made, name) + getattr(one, name))
    return made

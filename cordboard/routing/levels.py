"""Service level and its relatives, with the formula as data so that every figure can show how it was made; and the half hours of a day. Pure.

There is no one formula in the field; what differs is what is done with callers who hang up. The default is the one that is asked for most, and that
does not count against the centre who hung up before anybody could answer: answered within T / (offered - short abandons).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

INTERVAL = timedelta(minutes=30)


@dataclass(slots=True)
class Counts:
    """Contacts offered to a queue in some time, by what became of them. A contact belongs to the moment it was offered (entered the queue)."""

    offered: int = 0
    answered: int = 0
    answered_within: int = 0
    """within T seconds"""
    abandoned: int = 0
    short_abandoned: int = 0
    """gave up before the short-abandon limit; among `abandoned`"""
    abandoned_after: int = 0
    """gave up after T seconds; among `abandoned`"""
    wait_answered: float = 0.0
    """seconds that the answered waited, all together"""
    left: int = 0
    """sent elsewhere, neither answered nor abandoned"""

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Formula:
    """`above` and `below` name the counts that are added (or taken off, with a minus), as they are shown: "answered_within / (offered - short_abandoned)"."""

    code: str
    above: tuple[str, ...]
    below: tuple[str, ...]

    @property
    def text(self) -> str:
        """The formula as written with the counts' names; a screen replaces them by words."""
        below = _written(self.below)
        return f"{_written(self.above)} / {f'({below})' if len(self.below) > 1 else below}"

    def of(self, counts: Counts) -> float | None:
        """The share, 0 to 1; None when there is nothing to divide by."""
        below = _sum(self.below, counts)
        return None if below <= 0 else max(0.0, min(1.0, _sum(self.above, counts) / below))


def _written(names: tuple[str, ...]) -> str:
    return " ".join(f"- {name[1:]}" if name.startswith("-") else f"+ {name}" for name in names).removeprefix("+ ")


def _sum(names: tuple[str, ...], counts: Counts) -> float:
    return float(sum(-getattr(counts, name[1:]) if name.startswith("-") else getattr(counts, name) for name in names))


DEFAULT = "without_short"
LEVELS: dict[str, Formula] = {
    formula.code: formula
    for formula in (
        Formula("without_short", ("answered_within",), ("offered", "-short_abandoned")),
        Formula("decided", ("answered_within",), ("answered", "abandoned", "-short_abandoned")),  # the live board: who still waits is not yet either
        Formula("of_offered", ("answered_within",), ("offered",)),
        Formula("of_answered", ("answered_within",), ("answered",)),
        Formula("abandons_against", ("answered_within",), ("answered", "abandoned")),
        Formula("late_abandons_against", ("answered_within",), ("answered", "abandoned_after")),
    )
}
"""The variants of service level, by code. What is `left` (sent elsewhere by us) is among the offered in the first two only."""

ABANDON_RATE = Formula("abandon_rate", ("abandoned", "-short_abandoned"), ("offered", "-short_abandoned"))


def service_level(counts: Counts, code: str = DEFAULT) -> float | None:
    """The share answered in time, 0 to 1, by one of LEVELS. None when nothing was offered. KeyError for a code that there is not."""
    return LEVELS[code].of(counts)


def average_speed_of_answer(counts: Counts) -> float | None:
    """ASA: seconds that the answered waited, on average."""
    return counts.wait_answered / counts.answered if counts.answered else None


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact as offered to a queue. `answered` and `abandoned` are moments; both None while it waits, or when it was sent elsewhere (`left`)."""

    offered: datetime
    answered: datetime | None = None
    abandoned: datetime | None = None
    left: datetime | None = None


def count(contacts: Iterable[Contact], *, within: float, short: float) -> Counts:
    """Counts of these contacts. `within`: T of the service level, `short`: the short-abandon limit, in seconds. Exactly T is in time; a contact that still
    waits counts as offered, since it was."""
    counts = Counts()
    for contact in contacts:
        counts.offered += 1
        if contact.answered is not None:
            wait = (contact.answered - contact.offered).total_seconds()
            counts.answered += 1
            counts.wait_answered += wait
            counts.answered_within += wait <= within
        elif contact.abandoned is not None:
            wait = (contact.abandoned - contact.offered).total_seconds()
            counts.abandoned += 1
            counts.short_abandoned += wait < short
            counts.abandoned_after += wait > within
        elif contact.left is not None:
            counts.left += 1
    return counts


def interval_of(moment: datetime, length: timedelta = INTERVAL) -> datetime:
    """The beginning (UTC) of the interval that the moment falls in. Intervals divide the hour, and every zone's offset is a whole number of quarters of an
    hour, so that for 15 and 30 minutes the walls' half hours and those of UTC coincide but for the few zones at a quarter (Nepal), where 15 is to be used."""
    seconds = int(length.total_seconds())
    if seconds <= 0 or 3600 % seconds:
        raise ValueError("an interval divides the hour")
    whole = int(moment.timestamp() // seconds) * seconds
    return datetime.fromtimestamp(whole, UTC)


def intervals(day: date, zone: ZoneInfo, length: timedelta = INTERVAL) -> Iterator[tuple[datetime, datetime]]:
    """The intervals of a day on the wall clock of `zone`, as (begin, end) in UTC: 48 half hours, 46 and 50 on the days when the clock is changed. None is
    missing and none is there twice, since they are laid along UTC between the two midnights."""
    begin = datetime.combine(day, time(), zone).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    while begin < end:
        yield begin, min(begin + length, end)
        begin += length

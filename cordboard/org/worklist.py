"""Work lists: what is to be done by a person, a position or a unit, whatever it is. Packages offer their kinds in a module `worklist.py`:

    offer(Kind("callback", _("Callbacks"), find=find, take=take, give=give, open_of=open_of, stand=stand))

Here is no business and no database: who asks, what a row is, and how the rows of all kinds become one list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

WHICH = ("mine", "position", "unit")
"""Whose list: one's own with those whom one stands in for, one's position's, one's unit's."""
MOST = 100
"""So many rows of a kind are read at a time, the first due first."""
FAR = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose list. `people`: of "mine", the reader and whoever the reader stands in for now; `position` and `unit`: of the other two."""

    which: str
    user: Any
    people: tuple[int, ...] = ()
    position: int | None = None
    unit: int | None = None


class Row(NamedTuple):
    """One thing to do. `number` is what acts are called with, `ref` what its page is called by."""

    kind: str
    number: int
    ref: str
    title: str
    due: datetime | None = None
    priority: int = 5
    owner: int | None = None
    owner_name: str = ""
    stands: str = ""
    """In whose list it stands while nobody owns it: a unit, a position, a queue."""
    party: int | None = None
    party_name: str = ""
    what: str = ""
    """What it is, in a word: a complaint, a message."""
    state: str = ""
    made: datetime | None = None
    waits: bool = False
    """For somebody else (the customer): nothing to do now."""
    takes: bool = True
    """Can be taken, released and given."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act: `words` is for the screen where it did not."""

    done: bool
    words: str = ""
    moved: bool = False
    """It changed hands just now; False: it was so before."""
    old: int | None = None
    unit: int | None = None
    position: int | None = None


Open = tuple[int, datetime | None, datetime | None]
"""Of something open: whose, since when, due when."""
Find = Callable[[Asked, int], Sequence[Row]]
"""(whose list, so many at most) -> rows, the first due first. A fixed number of queries; none where the reader may not see them."""
Take = Callable[[Any, int, datetime], Outcome]
"""(by whom, number, now), in the caller's transaction."""
Give = Callable[[Any, int, Any, str, datetime], Outcome]
"""(by whom, number, to whom or None: nobody, why, now), in the caller's transaction."""
Stand = Callable[[Any, int, Any, str, datetime], Outcome]
"""(by whom, number, in which position's list, why, now), in the caller's transaction: nobody's then, for whoever of the position takes it."""
OpenOf = Callable[[Sequence[int]], Iterable[Open]]
"""All that is open of these people. One query."""


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    words: str | StrPromise
    find: Find
    take: Take | None = None
    give: Give | None = None
    open_of: OpenOf | None = None
    order: int = 50
    stand: Stand | None = None


KINDS: dict[str, Kind] = {}


def offer(kind: Kind) -> None:
    """A package's own kind of work. The same code again replaces it only from the same module (a reload)."""
    known = KINDS.get(kind.code)
    if known is not None and known.find.__module__ != kind.find.__module__:
        raise ValueError(f"two packages offer work of the kind {kind.code!r}")
    KINDS[kind.code] = kind


def kinds() -> list[Kind]:
    return sorted(KINDS.values(), key=lambda kind: (kind.order, kind.code))


def rank(row: Row) -> tuple[datetime, int, str, int]:
    """The first due first, then the most urgent; what has no time comes last."""
    return (row.due or FAR, row.priority, row.kind, row.number)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows of a kind there are, and how many of them are late; `more`: at least so many."""

    code: str
    open: int
    late: int
    more: bool


@dataclass(frozen=True, slots=True)
class WorkList:
    rows: list[Row]
    counts: list[Counted]
    more: bool
    """More than stand here."""


def gathered(found: Mapping[str, Sequence[Row]], now: datetime, *, kind: str = "", most: int = MOST, read: int = MOST) -> WorkList:
    """One list of what was found of each kind (`read` rows at most of each), in order of due and priority, of one `kind` where that is wanted. Pure."""
    counts = [Counted(code, len(rows), sum(is_late(row, now) for row in rows), len(rows) >= read) for code, rows in found.items()]
    wanted = [sorted(rows, key=rank) for code, rows in found.items() if not kind or code == kind]
    shown = list(islice(merge(*wanted, key=rank), most))
    return WorkList(shown, counts, len(shown) < sum(map(len, wanted)) or any(len(rows) >= read for rows in wanted))


def is_late(row: Row, now: datetime) -> bool:
    """Past its time, and not waiting for somebody else. Pure."""
    return row.due is not None and row.due < now and not row.waits


# ---- workload ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody has open: by kind, how much of it is late and how much due today, and the mean age in hours (None where nothing says since when)."""

    user: int
    by_kind: Mapping[str, int]
    late: int
    today: int
    age_hours: float | None

    @property
    def open(self) -> int:
        return sum(self.by_kind.values())


def loads(people: Sequence[int], open_of: Mapping[str, Iterable[Open]], now: datetime, until: datetime) -> dict[int, Load]:
    """Who has how much, `until` the end of the day. Everybody asked for stands in it. Pure."""
    by_kind: dict[int, dict[str, int]] = {user: dict.fromkeys(open_of, 0) for user in people}
    late, today, ages = dict.fromkeys(people, 0), dict.fromkeys(people, 0), {user: [0.0, 0] for user in people}
    for code, rows in open_of.items():
        for user, made, due in rows:
            if user not in by_kind:
                continue
            by_kind[user][code] += 1
            if due is not None and due < now:
                late[user] += 1
            elif due is not None and due < until:
                today[user] += 1
            if made is not None:
                ages[user][0] += (now - made).total_seconds() / 3600
                ages[user][1] += 1
    return {user: Load(user, by_kind[user], late[user], today[user], ages[user][0] / ages[user][1] if ages[user][1] else None) for user in people}

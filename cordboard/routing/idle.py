"""Agents who can take work on one channel, in the order in which they became free, findable by what they can do.

Two views of the same agents are kept in step. For every skill (and queue) a **row**: an ordered dictionary of the free agents who have it, with their level,
longest idle first, so the one to offer to is near the front, or, where several things are asked for, the first in the shortest row who stands in the
others too. And one big integer with a bit for every free agent: together with a bit for everyone who *could* meet the whole of it (cached), one AND
and one count of bits say how many candidates there are, among ten thousand, in half a microsecond. All of it is as small as may be, since at that
size it is the processor's cache that counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from operator import attrgetter

from cordboard.routing.relaxation import Needs

Key = str | int
"""What an agent has or a contact needs: a skill by its code (str), membership of a queue by its id (int)."""

Ask = tuple[Key | None, int]
"""A key and the least level of it; (None, 0) asks for nothing."""

Row = dict[int, int]
"""Level by the number of a free agent, longest idle first."""


class Person:
    """One agent as the matcher knows it. `has` are skills with proficiency and queues with 1; `room` is what it can still take, by channel."""

    __slots__ = ("capacity", "free_in", "has", "home", "id", "number", "present", "room", "seq", "since")

    def __init__(self, id: int, number: int) -> None:
        self.id = id
        self.number = number
        """The place of this person's bit. The bit itself is made when needed: ten thousand of them would not fit into a processor's cache."""
        self.has: dict[Key, int] = {}
        self.capacity: dict[str, int] = {}
        self.room: dict[str, int] = {}
        self.home: tuple[Pool, ...] = ()
        """Where this person is free with all of the capacity."""
        self.free_in: tuple[Pool, ...] = ()
        self.since = 0.0
        self.seq = 0
        self.present = False


class Wanted:
    """Contacts that ask for the same: needs, queue and channel. `able` has the bit of every agent who meets them, free or not."""

    __slots__ = ("able", "anchor", "asked", "keys", "needs", "pool", "queue", "rows", "waiting")

    def __init__(self, pool: Pool, needs: Needs, queue: int | None, able: int) -> None:
        self.pool = pool
        self.needs = needs
        self.queue = queue
        self.asked: tuple[Ask, ...] = needs if queue is None else (*needs, (queue, 1))
        self.keys: frozenset[Key | None] = frozenset(key for key, _ in self.asked)
        self.anchor: Key | None = self.asked[0][0] if self.asked else None
        self.able = able
        self.rows: list[tuple[Row, int]] = [(pool.row(key), least) for key, least in self.asked or ((None, 0),)]
        """Where to look, with the least level there."""
        self.waiting: list[tuple[float, int]] = []
        """(place, contact) of those in a pool's lists for everybody, first in front."""

    def met_by(self, has: dict[Key, int]) -> bool:
        for key, least in self.asked:  # noqa: SIM110 - a generator costs three times as much, and this runs for every freed agent
            if has.get(key, 0) < least:  # type: ignore[arg-type]
                return False
        return True


class Pool:
    """The free agents of one channel."""

    __slots__ = ("bits", "channel", "everyone", "newest", "people", "rows")

    def __init__(self, channel: str, people: list[Person]) -> None:
        self.channel = channel
        self.people = people
        self.bits = 0
        self.rows: defaultdict[Key, Row] = defaultdict(dict)
        self.everyone: Row | None = None
        """Kept from the first time that somebody asks for nothing in particular."""
        self.newest = float("-inf")

    def row(self, key: Key | None) -> Row:
        """The row of those who have a skill or are members of a queue; of everyone for None."""
        if key is not None:
            return self.rows[key]
        if self.everyone is None:
            self.everyone = {person.number: 0 for person in self._read(self.bits)}
        return self.everyone

    def add(self, person: Person) -> None:
        """Put a person in at the place that `since` gives; among equals the last to come is last."""
        number, rows = person.number, self.rows
        self.bits |= 1 << number
        for key, level in person.has.items():
            rows[key][number] = level
        if self.everyone is not None:
            self.everyone[number] = 0
        if person.since >= self.newest:
            self.newest = person.since
        else:
            self._step_back(person)

    def remove(self, person: Person) -> None:
        number, rows = person.number, self.rows
        self.bits ^= 1 << number
        for key in person.has:
            del rows[key][number]
        if self.everyone is not None:
            del self.everyone[number]

    def first(self, wanted: Wanted) -> Person | None:
        """The longest idle of the free agents who meet the needs."""
        rows = wanted.rows
        row, least = rows[0]
        if len(rows) == 1:
            for number, level in row.items():
                if level >= least:
                    return self.people[number]
            return None
        if len(rows) == 2:
            other, least_there = rows[1]
            if len(other) < len(row):
                row, least, other, least_there = other, least_there, row, least
            there = other.get
            for number, level in row.items():
                if level >= least and there(number, 0) >= least_there:
                    return self.people[number]
            return None
        return next(self.walk(wanted), None)

    def walk(self, wanted: Wanted) -> Iterator[Person]:
        """All of them, longest idle first."""
        shortest = min(wanted.rows, key=lambda pair: len(pair[0]))
        others = [pair for pair in wanted.rows if pair is not shortest]
        row, least = shortest
        for number, level in row.items():
            if level >= least and all(other.get(number, 0) >= least_there for other, least_there in others):
                yield self.people[number]

    def all(self, wanted: Wanted, count: int) -> list[Person]:
        """The same as a list; `count` is how many there are."""
        if count * 4 < min(len(row) for row, _ in wanted.rows):
            return self._read(self.bits & wanted.able)  # few among many: cheaper to read them off the bits than to walk the row
        return list(self.walk(wanted))

    def _read(self, bits: int) -> list[Person]:
        found = []
        while bits:
            number = bits.bit_length() - 1
            bits ^= 1 << number
            found.append(self.people[number])
        found.sort(key=_order)
        return found

    def _step_back(self, person: Person) -> None:
        """The person was put last in the rows but has been idle longer than some: move those behind."""
        for row in [self.rows[key] for key in person.has] + ([self.everyone] if self.everyone is not None else []):
            later = []
            for number in reversed(row):
                if number != person.number:
                    if self.people[number].since <= person.since:
                        break
                    later.append(number)
            for number in reversed(later):
                row[number] = row.pop(number)


_order = attrgetter("since", "seq")

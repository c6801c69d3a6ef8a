"""Agents who can take work on one channel, in the order in which they became free, findable by what they can do.

Two views of the same agents are kept in step. For every ask (a skill at a level, a queue) a **row**: an ordered dictionary of the free agents
who meet it, longest idle first, so the one to offer to is at the front, or, where several things are asked for, the first in the shortest row
who stands in the others too. And one big integer with a bit for every free agent: together with a bit for everyone who *could* meet the
whole of it (cached), one AND and one count of bits say how many candidates there are, among ten thousand, in half a microsecond.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from cordboard.routing.relaxation import Needs

Key = str | int
"""What an agent has or a contact needs: a skill by its code (str), membership of a queue by its id (int)."""

Ask = tuple[Key | None, int]
"""A key and the least level of it; (None, 0) asks for nothing."""

Row = dict[int, "Person"]
"""Free agents by number, longest idle first."""


class Person:
    """One agent as the matcher knows it. `has` are skills with proficiency and queues with 1; `room` is what it can still take, by channel."""

    __slots__ = ("capacity", "free_in", "has", "home", "id", "number", "present", "room", "rows", "seq", "since")

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
        self.rows: dict[Pool, list[Row]] = {}
        """Where this person stands when free; forgotten when `has` changes."""
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
        self.rows: list[Row] = [pool.row(ask) for ask in self.asked or ((None, 0),)]
        self.waiting: list[tuple[float, int]] = []
        """(place, contact) of those in a pool's lists for everybody, first in front."""

    def met_by(self, has: dict[Key, int]) -> bool:
        for key, least in self.asked:  # noqa: SIM110 - a generator costs three times as much, and this runs for every freed agent
            if has.get(key, 0) < least:  # type: ignore[arg-type]
                return False
        return True


class Pool:
    """The free agents of one channel."""

    __slots__ = ("bits", "channel", "newest", "people", "rows")

    def __init__(self, channel: str, people: list[Person]) -> None:
        self.channel = channel
        self.people = people
        self.bits = 0
        self.rows: dict[Ask, Row] = {}
        """Every skill and queue at level 1; higher levels, and everybody (None, 0), from the first time that they are asked for."""
        self.newest = float("-inf")

    def row(self, ask: Ask) -> Row:
        """The row of those who meet an ask, made when it is asked for the first time."""
        row = self.rows.get(ask)
        if row is None:
            row = self.rows[ask] = {}
            key, least = ask
            met = [person for person in self.people if key is None or person.has.get(key, 0) >= least]
            for person in met:
                if self in person.rows:
                    person.rows[self].append(row)
            for person in sorted((person for person in met if self in person.free_in), key=_order):
                row[person.number] = person
        return row

    def _rows_of(self, person: Person) -> list[Row]:
        for key in person.has:
            self.rows.setdefault((key, 1), {})
        return [row for (key, least), row in self.rows.items() if key is None or person.has.get(key, 0) >= least]

    def add(self, person: Person) -> None:
        """Put a person in at the place that `since` gives; among equals the last to come is last."""
        number = person.number
        self.bits |= 1 << number
        rows = person.rows.get(self)
        if rows is None:
            rows = person.rows[self] = self._rows_of(person)
        for row in rows:
            row[number] = person
        if person.since >= self.newest:
            self.newest = person.since
        else:
            for row in rows:
                _step_back(row, person)

    def remove(self, person: Person) -> None:
        number = person.number
        self.bits ^= 1 << number
        for row in person.rows[self]:
            del row[number]

    def free_with(self, key: Key) -> int:
        """How many free agents have this skill at any level, or are members of this queue."""
        return len(self.rows[key, 1])

    def all(self, wanted: Wanted, count: int) -> list[Person]:
        """The same as a list; `count` is how many there are."""
        if count * 8 < min(map(len, wanted.rows)):
            return self._read(self.bits & wanted.able)  # few among many: cheaper to read them off the bits than to walk the row
        return list(self.walk(wanted))

    def first(self, wanted: Wanted) -> Person | None:
        """The longest idle of the free agents who meet the needs."""
        rows = wanted.rows
        shortest = rows[0]
        if len(rows) == 1:
            for person in shortest.values():
                return person
            return None
        if len(rows) == 2:
            other = rows[1]
            if len(other) < len(shortest):
                shortest, other = other, shortest
            for number in shortest:
                if number in other:
                    return shortest[number]
            return None
        return next(self.walk(wanted), None)

    def walk(self, wanted: Wanted) -> Iterator[Person]:
        """All of them, longest idle first."""
        rows = wanted.rows
        if len(rows) == 1:
            return iter(rows[0].values())
        shortest = min(rows, key=len)
        numbers: Iterator[int] = iter(shortest)
        for row in rows:
            if row is not shortest:
                numbers = filter(row.__contains__, numbers)
        return map(shortest.__getitem__, numbers)

    def _read(self, bits: int) -> list[Person]:
        found = []
        while bits:
            number = bits.bit_length() - 1
            bits ^= 1 << number
            found.append(self.people[number])
        found.sort(key=_order)
        return found


_order = attrgetter("since", "seq")


def _step_back(row: Row, person: Person) -> None:
    """The person was put last in the row but has been idle longer than some: move those behind."""
    later = []
    for other in reversed(row.values()):
        if other is not person:
            if other.since <= person.since:
                break
            later.append(other.number)
    for number in reversed(later):
        row[number] = row.pop(number)

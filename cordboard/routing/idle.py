"""Agents who can take work on one channel, in the order in which they became free, findable by what they can do.

Two views of the same agents are kept in step. For every skill (and queue) an ordered dictionary of its free agents, longest idle first: the
one to offer to is near its front. And one big integer with a bit for every free agent: with a bit for every agent who *could* meet certain needs
(cached by needs) one AND and one count of bits say how many candidates there are, among ten thousand, in less than a microsecond.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from cordboard.routing.relaxation import Needs

Key = str | int
"""What an agent has or a contact needs: a skill by its code (str), membership of a queue by its id (int)."""


class Person:
    """One agent as the matcher knows it. `has` are skills with proficiency and queues with 1; `room` is what it can still take, by channel."""

    __slots__ = ("bit", "capacity", "free_in", "has", "id", "number", "present", "room", "seq", "since")

    def __init__(self, id: int, number: int) -> None:
        self.id = id
        self.number = number
        self.bit = 1 << number
        self.has: dict[Key, int] = {}
        self.capacity: dict[str, int] = {}
        self.room: dict[str, int] = {}
        self.free_in: list[Pool] = []
        self.since = 0.0
        self.seq = 0
        self.present = False


class Wanted:
    """Contacts that ask for the same: needs, queue and channel. `able` has the bit of every agent who meets them, free or not."""

    __slots__ = ("able", "anchor", "asked", "keys", "needs", "pool", "queue", "waiting")

    def __init__(self, pool: Pool, needs: Needs, queue: int | None, able: int) -> None:
        self.pool = pool
        self.needs = needs
        self.queue = queue
        self.asked: tuple[tuple[Key, int], ...] = needs if queue is None else (*needs, (queue, 1))
        self.keys: frozenset[Key] = frozenset(key for key, _ in self.asked)
        self.anchor: Key | None = self.asked[0][0] if self.asked else None
        self.able = able
        self.waiting: list[tuple[float, int]] = []
        """(place, contact) of those in a pool's lists for everybody, first in front."""

    def met_by(self, has: dict[Key, int]) -> bool:
        for key, least in self.asked:  # noqa: SIM110 - a generator costs three times as much, and this runs for every freed agent
            if has.get(key, 0) < least:
                return False
        return True


class Pool:
    """The free agents of one channel."""

    __slots__ = ("bits", "by_key", "channel", "everyone", "newest", "people")

    def __init__(self, channel: str, people: list[Person]) -> None:
        self.channel = channel
        self.people = people
        self.bits = 0
        self.everyone: OrderedDict[int, Person] = OrderedDict()
        self.by_key: dict[Key, OrderedDict[int, Person]] = {}
        self.newest = float("-inf")

    def add(self, person: Person) -> None:
        """Put a person in at the place that `since` gives; among equals the last to come is last."""
        self.bits |= person.bit
        number = person.number
        late = person.since < self.newest
        if not late:
            self.newest = person.since
        by_key = self.by_key
        for key in person.has:
            row = by_key.get(key)
            if row is None:
                row = by_key[key] = OrderedDict()
            row[number] = person
            if late:
                _step_back(row, person)
        self.everyone[number] = person
        if late:
            _step_back(self.everyone, person)
        person.free_in.append(self)

    def remove(self, person: Person) -> None:
        self.bits ^= person.bit
        number = person.number
        by_key = self.by_key
        for key in person.has:
            del by_key[key][number]
        del self.everyone[number]
        person.free_in.remove(self)

    def fitting(self, wanted: Wanted, count: int) -> Iterator[Person]:
        """The free agents who meet the needs, longest idle first; `count` is how many there are."""
        row = self.everyone
        size = len(row)
        for key, _ in wanted.asked:
            other = self.by_key.get(key)
            if other is None:
                return
            if len(other) <= size:
                row, size = other, len(other)
        if count * 12 < size:  # few among many: cheaper to read them off the bits than to walk the row
            yield from self._read(self.bits & wanted.able)
            return
        asked = wanted.asked
        if len(asked) == 1:
            key, least = asked[0]
            for person in row.values():
                if person.has[key] >= least:
                    yield person
            return
        for person in row.values():
            has = person.has
            for key, least in asked:
                if has.get(key, 0) < least:
                    break
            else:
                yield person

    def _read(self, bits: int) -> list[Person]:
        found = []
        while bits:
            top = bits.bit_length() - 1
            bits ^= 1 << top
            found.append(self.people[top])
        found.sort(key=_order)
        return found


def _order(person: Person) -> tuple[float, int]:
    return (person.since, person.seq)


def _step_back(row: OrderedDict[int, Person], person: Person) -> None:
    """The person was put last in the row but has been idle longer than some: move those behind."""
    later = []
    for other in reversed(row.values()):
        if other is not person:
            if other.since <= person.since:
                break
            later.append(other.number)
    for number in reversed(later):
        row.move_to_end(number)

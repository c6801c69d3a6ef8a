"""Contacts for whom nobody was free, standing where an agent who comes free finds the first of them at once. Pure."""

from __future__ import annotations

from bisect import bisect_left, insort
from heapq import heappop, heappush

from cordboard.routing.idle import Key, Person, Wanted
from cordboard.routing.match import Contact


class Waiting:
    """Three views, kept in step: by what is asked for (Wanted.waiting, found by its anchor), by the agents whom a contact names (preferred, only), and by the
    moment when something changes by itself."""

    def __init__(self) -> None:
        self.contacts: dict[int, Contact] = {}
        self.deadlines: list[tuple[float, int, int]] = []
        self._open: dict[Key | None, dict[Wanted, None]] = {}
        self._asking: dict[int, list[tuple[float, int]]] = {}

    def put(self, contact: Contact) -> None:
        """Nobody may take it now."""
        wanted = contact.wanted
        assert wanted is not None
        contact.listed = True
        self.contacts[contact.id] = contact
        entry = (contact.place, contact.id)
        if contact.only is not None:
            insort(self._asking.setdefault(contact.only, []), entry)
            return
        for agent, _ in contact.preferred:
            insort(self._asking.setdefault(agent, []), entry)
        if not contact.holds:
            insort(wanted.waiting, entry)
            if len(wanted.waiting) == 1:
                self._open.setdefault(wanted.anchor, {})[wanted] = None
        due = _deadline(contact)
        if due is not None:
            heappush(self.deadlines, (due, contact.id, id(contact)))

    def take(self, contact: Contact) -> None:
        """It was matched, is gone, or is to be tried anew."""
        wanted = contact.wanted
        assert wanted is not None
        contact.listed = False
        del self.contacts[contact.id]
        entry = (contact.place, contact.id)
        for agent in (contact.only,) if contact.only is not None else [agent for agent, _ in contact.preferred]:
            row = self._asking[agent]
            del row[bisect_left(row, entry)]
            if not row:
                del self._asking[agent]
        if contact.only is None and not contact.holds:
            del wanted.waiting[bisect_left(wanted.waiting, entry)]
            if not wanted.waiting:
                rows = self._open[wanted.anchor]
                del rows[wanted]
                if not rows:
                    del self._open[wanted.anchor]

    def asking_for(self, agent: int) -> list[Contact]:
        """Those who name this agent, first in front."""
        return [self.contacts[number] for _, number in self._asking.get(agent, ())]

    def due(self, now: float) -> list[Contact]:
        """Those for whom something has changed by the clock; they are taken out, to be tried anew."""
        deadlines = self.deadlines
        found = []
        while deadlines and deadlines[0][0] <= now:
            entry = heappop(deadlines)
            contact = self._of(entry)
            if contact is not None:
                self.take(contact)
                found.append(contact)
        return found

    def next_deadline(self) -> float | None:
        deadlines = self.deadlines
        while deadlines and self._of(deadlines[0]) is None:
            heappop(deadlines)
        return deadlines[0][0] if deadlines else None

    def _of(self, entry: tuple[float, int, int]) -> Contact | None:
        """The contact of a deadline, if it still stands and the deadline is still its own."""
        when, number, mark = entry
        contact = self.contacts.get(number)
        return contact if contact is not None and id(contact) == mark and when == _deadline(contact) else None

    def first_for(self, person: Person) -> Contact | None:
        """The waiting contact with the first place among those this free agent may take."""
        best: tuple[float, int] | None = None
        contacts, agent = self.contacts, person.id
        for entry in self._asking.get(agent, ()):
            contact = contacts[entry[1]]
            if agent not in contact.excluded and contact.wanted is not None and contact.wanted.pool in person.free_in:
                best = entry
                break
        has, rows = person.has, self._open
        if None not in rows and rows.keys().isdisjoint(has):
            return None if best is None else contacts[best[1]]
        for key in (None, *has):
            for wanted in rows.get(key, ()):
                if best is not None and wanted.waiting[0] >= best:
                    continue
                if wanted.pool not in person.free_in or not wanted.met_by(has):
                    continue
                for entry in wanted.waiting:
                    if best is not None and entry >= best:
                        break
                    if agent not in contacts[entry[1]].excluded:
                        best = entry
                        break
        return None if best is None else contacts[best[1]]


def _deadline(contact: Contact) -> float | None:
    """When its needs give way, or its wait for a preferred agent ends."""
    steps = contact.plan
    due = contact.waiting_since + steps[contact.step + 1].after if contact.step + 1 < len(steps) else None
    if contact.holds and contact.preferred_until is not None and (due is None or contact.preferred_until < due):
        due = contact.preferred_until
    return due

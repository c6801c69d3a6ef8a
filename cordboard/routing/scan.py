"""The rule of matching.py said plainly: at every tick, every contact looks at every agent.

The reference that the fast matcher is tested against and benched beside; same calls, same picks. Not for a centre at work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cordboard.routing.match import Agent, Contact, Settings
from cordboard.routing.relaxation import step_at

Key = str | int


@dataclass(slots=True)
class _Seat:
    has: dict[Key, int] = field(default_factory=dict)
    capacity: dict[str, int] = field(default_factory=dict)
    room: dict[str, int] = field(default_factory=dict)
    present: bool = False
    since: float = 0.0
    seq: int = 0


class Scan:
    """Takes the same calls as Matcher; `tick` gives (contact, agent, why) in order."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.seats: dict[int, _Seat] = {}
        self.contacts: dict[int, Contact] = {}
        self.let_go: set[int] = set()
        self.seq = 0
        self.demand: dict[Key, float] = {}
        self.halve_at = 0.0

    def agent_here(self, agent: Agent) -> None:
        seat = self.seats.setdefault(agent.id, _Seat())
        seat.capacity = dict(agent.capacity)
        has: dict[Key, int] = {**{skill: level for skill, level in agent.skills.items() if level > 0}, **dict.fromkeys(agent.queues, 1)}
        if has != seat.has:
            seat.has = has
            if any(count > 0 for count in seat.room.values()):
                self._stamp(seat)

    def agent_free(self, agent: int, since: float, room: Mapping[str, int] | None = None) -> None:
        seat = self.seats[agent]
        seat.present, seat.since = True, since
        seat.room = dict(seat.capacity if room is None else room)
        self._stamp(seat)

    def agent_busy(self, agent: int) -> None:
        seat = self.seats.setdefault(agent, _Seat())
        seat.present, seat.room = True, {}

    def agent_gone(self, agent: int) -> None:
        seat = self.seats.setdefault(agent, _Seat())
        seat.present, seat.room = False, {}
        self.let_go.update(number for number, contact in self.contacts.items() if contact.preferred and not self._awaited(contact))

    def contact_waiting(self, contact: Contact) -> None:
        self.contacts[contact.id] = contact
        self.let_go.discard(contact.id)
        if not self._awaited(contact):
            self.let_go.add(contact.id)
        for key in self._asked(contact, 0):
            self.demand[key] = self.demand.get(key, 0.0) + 1.0

    def contact_gone(self, contact: int) -> None:
        self.contacts.pop(contact, None)

    def tick(self, now: float) -> list[tuple[int, int, str]]:
        if now >= self.halve_at:
            if self.halve_at:
                self.demand = {key: count / 2 for key, count in self.demand.items() if count > 0.01}
            self.halve_at = now + self.settings.demand_half_life
        made = []
        for contact in sorted(self.contacts.values(), key=lambda c: (c.waiting_since - c.earlier + (c.priority - 1) * self.settings.priority_step, c.id)):
            found = self._pick(contact, now)
            if found is not None:
                del self.contacts[contact.id]
                self._take(self.seats[found[0]], contact.channel, now)
                made.append((contact.id, *found))
        return made

    def _pick(self, contact: Contact, now: float) -> tuple[int, str] | None:
        channel = contact.channel

        def can(agent: int) -> bool:
            seat = self.seats.get(agent)
            return seat is not None and seat.room.get(channel, 0) > 0 and agent not in contact.excluded

        if contact.only is not None:
            return (contact.only, "only") if can(contact.only) else None
        for agent, _ in contact.preferred:
            if can(agent):
                return agent, "preferred"
        if contact.preferred and contact.preferred_until is not None and now < contact.preferred_until and contact.id not in self.let_go:
            return None
        asked = self._asked(contact, step_at(contact.plan, now - contact.waiting_since))
        seats = [
            (seat.since, seat.seq, agent)
            for agent, seat in self.seats.items()
            if seat.room.get(channel, 0) > 0 and agent not in contact.excluded and all(seat.has.get(key, 0) >= least for key, least in asked.items())
        ]
        if not seats:
            return None
        longest = min(seats)[2]
        if self.settings.choice == "longest_idle" or not 1 < len(seats) <= self.settings.few:
            return longest, "longest_idle"
        free: dict[Key, int] = {}
        for seat in self.seats.values():
            if seat.room.get(channel, 0) > 0:
                for key in seat.has:
                    free[key] = free.get(key, 0) + 1

        def need(row: tuple[float, int, int]) -> float:
            return sum(((1.0 + self.demand.get(key, 0.0)) / free[key] for key in self.seats[row[2]].has if key not in asked), 0.0)

        best = min(sorted(seats), key=need)[2]
        return best, "longest_idle" if best == longest else "least_needed"

    def _asked(self, contact: Contact, step: int) -> dict[Key, int]:
        asked: dict[Key, int] = dict(contact.plan[step].needs)
        if contact.queue is not None:
            asked[contact.queue] = 1
        return asked

    def _awaited(self, contact: Contact) -> bool:
        return any((seat := self.seats.get(agent)) is not None and seat.present and agent not in contact.excluded for agent, _ in contact.preferred)

    def _take(self, seat: _Seat, channel: str, now: float) -> None:
        left = {name: count for name, count in seat.room.items() if count > 0}
        if channel in self.settings.alone or (len(left) == 1 and left[channel] <= 1):
            seat.room = {}
            return
        seat.room[channel] -= 1
        seat.since = now
        self._stamp(seat)

    def _stamp(self, seat: _Seat) -> None:
        self.seq += 1
        seat.seq = self.seq

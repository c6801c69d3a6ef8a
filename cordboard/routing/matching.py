"""Who gets it: contacts that wait and agents who are free, matched step by step. Pure: no clock, no database; `now` is an argument.

The rule, in one paragraph. Contacts are served in the order of their **place**: the moment they began to wait, plus `priority_step` seconds for
each step of priority below the first; so a contact of low priority waits longer but never for ever. Each takes, in its turn, the best of
the agents who are free, not excluded (they rejected it or did not answer) and meet its needs: a preferred agent (account owner, deputy)
when one is free, and until `preferred_until` nobody else while one of them is at work; otherwise by the centre's choice:

- *longest idle*: who has been free the longest;
- *least needed elsewhere* (default): the same as long as plenty are free; when few are (`few` or less), the one whose other skills
  are least needed now, that is, the smallest sum over them of recent demand by free agents who have the skill. So calls of other types find
  somebody too. A tie goes to the longest idle.

Needs give way in steps (relaxation.py). `scan.py` says the same by looking at everybody at every tick; tests hold this module to its picks.

How a worker uses it: tell it what happened, `tick(now)` when something did or when `next_deadline()` has come, reserve the matches in the
database. A match leaves the matcher's books at once. When a reservation fails, tell what is true instead: `contact_waiting` again
(with its original wait) and `agent_free` or `agent_busy`. A new worker tells it the whole present state and goes on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush
from operator import attrgetter

from cordboard.routing.idle import Ask, Key, Person, Pool, Wanted
from cordboard.routing.match import Agent, Contact, Match, Settings
from cordboard.routing.relaxation import Needs, step_at
from cordboard.routing.waiting import Waiting

__all__ = ["Agent", "Contact", "Match", "Matcher", "Settings"]


class Matcher:
    """The matcher of one centre. Telling it something costs the same whether ten or ten thousand agents are free."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self._people: list[Person] = []
        self._by_id: dict[int, Person] = {}
        self._pools: dict[str, Pool] = {}
        self._capacities: dict[tuple[tuple[str, int], ...], tuple[dict[str, int], tuple[Pool, ...]]] = {}
        self._wanted: dict[tuple[str, Needs, int | None], Wanted] = {}
        self._skilled: dict[Ask, int] = {}  # a bit for everyone who has this at this level or better
        self._contacts: dict[int, Contact] = {}
        self._new: list[Contact] = []
        self._freed: list[Person] = []
        self._few = self.settings.few if self.settings.choice == "least_needed" else 0
        self._alone = self.settings.alone
        self._waiting = Waiting()
        self._seq = 0
        self._demand: dict[Key, float] = {}
        self._halve_at = 0.0

    # -- what happened ------------------------------------------------------------------------------------------

    def agent_here(self, agent: Agent) -> None:
        """An agent signed in, or what they can do has changed. Says nothing yet about being free."""
        person = self._person(agent.id)
        has: dict[Key, int] = {skill: min(level, 5) for skill, level in agent.skills.items() if level > 0}
        for queue in agent.queues:
            has[queue] = 1
        person.capacity, person.home = self._capacity(agent.capacity)
        if has == person.has:
            return
        pools = person.free_in
        for pool in pools:
            pool.remove(person)
        bit = 1 << person.number
        person.has = has
        for (key, least), bits in self._skilled.items():
            self._skilled[key, least] = bits | bit if key is not None and has.get(key, 0) >= least else bits & ~bit
        for wanted in self._wanted.values():
            wanted.able = wanted.able | bit if wanted.met_by(has) else wanted.able & ~bit
        if pools:
            self._seq += 1
            person.seq = self._seq
            self._freed.append(person)
        for pool in pools:
            pool.add(person)

    def agent_free(self, agent: int, since: float, room: Mapping[str, int] | None = None) -> None:
        """The agent can take work, and could since `since`; `room` by channel when some of the capacity is in use. KeyError when not known."""
        person = self._by_id[agent]
        for pool in person.free_in:
            pool.remove(person)
        person.present = True
        person.since = since
        self._seq = person.seq = self._seq + 1
        if room is None:
            person.room, person.free_in = person.capacity, person.home
        else:
            person.room = dict(room)
            person.free_in = tuple(self._pool(channel) for channel, count in room.items() if count > 0)
        for pool in person.free_in:
            pool.add(person)
        self._freed.append(person)

    def agent_busy(self, agent: int) -> None:
        """The agent is at work but can take nothing now. Their own customers may wait for them."""
        person = self._person(agent)
        person.present = True
        self._unfree(person)

    def agent_gone(self, agent: int) -> None:
        """Not ready or signed out: nobody waits for this agent, except contacts for them `only`."""
        person = self._person(agent)
        person.present = False
        self._unfree(person)
        for contact in self._waiting.asking_for(agent):
            if contact.holds and not self._awaited(contact):
                contact.let_go = True
                self._waiting.take(contact)
                self._new.append(contact)
        for contact in self._new:  # told since the last tick
            if contact.preferred and not self._awaited(contact):
                contact.let_go = True

    def contact_waiting(self, contact: Contact) -> None:
        """A contact came into a queue, or came back; an earlier contact with the same id is forgotten."""
        number = contact.id
        if number in self._contacts:
            self.contact_gone(number)
        contact.place = contact.waiting_since - contact.earlier + (contact.priority - 1) * self.settings.priority_step
        contact.let_go = bool(contact.preferred) and not self._awaited(contact)
        self._contacts[number] = contact
        self._new.append(contact)
        demand = self._demand
        for skill, _ in contact.plan[0].needs:
            demand[skill] = demand.get(skill, 0.0) + 1.0
        if contact.queue is not None:
            demand[contact.queue] = demand.get(contact.queue, 0.0) + 1.0

    def contact_gone(self, contact: int) -> None:
        """Hung up, or sent elsewhere. Not known is not an error: it may have been matched."""
        known = self._contacts.pop(contact, None)
        if known is not None and known.listed:
            self._waiting.take(known)

    def next_deadline(self) -> float | None:
        """When needs give way or the wait for an owner ends, if nothing else happens before: call tick() then."""
        return self._waiting.next_deadline()

    @property
    def waiting(self) -> int:
        """How many contacts wait, those told since the last tick included."""
        return len(self._contacts)

    # -- what follows -------------------------------------------------------------------------------------------

    def tick(self, now: float) -> list[Match]:
        """Every match that can be made, in the order of the contacts' places. Afterwards no waiting contact has a free agent it may take."""
        if now >= self._halve_at:
            if self._halve_at:
                self._demand = {key: count / 2 for key, count in self._demand.items() if count > 0.01}
            self._halve_at = now + self.settings.demand_half_life
        if self._waiting.deadlines and self._waiting.deadlines[0][0] <= now:
            self._new += self._waiting.due(now)
        new, freed = self._new, self._freed
        self._new, self._freed = [], []
        contacts = self._contacts
        matches: list[Match] = []
        if freed and self._waiting.contacts:
            proposals = [(proposal, person) for person in freed if person.free_in and (proposal := self._waiting.first_for(person)) is not None]
            if proposals:
                self._merge(new, proposals, now, matches)
                return matches
        if len(new) > 1:
            new.sort(key=_place)
        settle, choose, take = self._settle, self._choose, self._take
        for contact in new:
            number = contact.id
            if contacts.get(number) is not contact or contact.listed:
                continue
            wanted = settle(contact, now)
            if contact.preferred or contact.only is not None:
                match = self.pick(contact, now)
            else:
                match = choose(contact, wanted, contact.excluded, now)
            if match is None:
                self._waiting.put(contact)
            else:
                del contacts[number]
                take(match.person, contact.channel, now)
                matches.append(match)
        return matches

    def _merge(self, new: list[Contact], proposals: list[tuple[Contact, Person]], now: float, matches: list[Match]) -> None:
        """The same with contacts that waited before: each agent just freed proposes the first contact they may take."""
        contacts = self._contacts
        agenda: list[tuple[float, int, int, Contact, Person | None]] = []
        count = 0
        for contact in new:
            if contacts.get(contact.id) is contact and not contact.listed:
                count += 1
                agenda.append((contact.place, contact.id, count, contact, None))
        for contact, person in proposals:
            count += 1
            agenda.append((contact.place, contact.id, count, contact, person))
        heapify(agenda)
        while agenda:
            _, number, _, contact, proposer = heappop(agenda)
            if contacts.get(number) is contact and (proposer is not None or not contact.listed):
                if proposer is None:
                    self._settle(contact, now)
                match = self.pick(contact, now)
                if match is not None:
                    if contact.listed:
                        self._waiting.take(contact)
                    del contacts[number]
                    self._take(match.person, contact.channel, now)
                    matches.append(match)
                elif not contact.listed:
                    self._waiting.put(contact)
            if proposer is not None and proposer.free_in:
                proposal = self._waiting.first_for(proposer)
                if proposal is not None:
                    count += 1
                    heappush(agenda, (proposal.place, proposal.id, count, proposal, proposer))

    def pick(self, contact: Contact, now: float, *, without: Iterable[int] = ()) -> Match | None:
        """The agent this contact would get now, were it its turn; changes nothing. `without`: "and if they do not take it?"."""
        wanted = contact.wanted or self._settle(contact, now)
        excluded = contact.excluded
        if without:
            excluded = excluded.union(without)
        pool = wanted.pool
        if contact.only is not None:
            person = self._by_id.get(contact.only)
            if person is None or pool not in person.free_in or person.id in excluded:
                return None
            return Match(contact, person, now, "only", 1)
        for agent, role in contact.preferred:
            person = self._by_id.get(agent)
            if person is not None and pool in person.free_in and agent not in excluded:
                match = Match(contact, person, now, "preferred", 1)
                match.role = role
                return match
        if contact.holds:
            return None
        return self._choose(contact, wanted, excluded, now)

    def _choose(self, contact: Contact, wanted: Wanted, excluded: frozenset[int], now: float) -> Match | None:
        """The agent for a contact that anybody who meets its needs may take."""
        pool = wanted.pool
        bits = pool.bits & wanted.able
        count = bits.bit_count() if bits else 0
        if excluded and count:
            for agent in excluded:
                other = self._by_id.get(agent)
                if other is not None and pool in other.free_in and wanted.met_by(other.has):
                    count -= 1
        if not count:
            return None
        if 1 < count <= self._few:
            people = pool.all(wanted, count)
            return self._least_needed(contact, wanted, [person for person in people if person.id not in excluded] if excluded else people, now)
        front = next(person for person in pool.walk(wanted) if person.id not in excluded) if excluded else pool.first(wanted)
        assert front is not None  # there are `count` of them
        match = Match(contact, front, now, "longest_idle", count)
        if contact.preferred:
            match.notes = self._notes(contact)
        return match

    def _least_needed(self, contact: Contact, wanted: Wanted, candidates: list[Person], now: float) -> Match:
        keys, demand, rows = wanted.keys, self._demand, wanted.pool.rows
        best, least = candidates[0], float("inf")
        for person in candidates:
            score = 0.0
            for key in person.has:
                if key not in keys:
                    score += (1.0 + demand.get(key, 0.0)) / len(rows[key])
            if score < least:
                best, least = person, score
        longest = candidates[0]
        match = Match(contact, best, now, "longest_idle" if best is longest else "least_needed", len(candidates))
        if contact.preferred:
            match.notes = self._notes(contact)
        if best is not longest:
            others = [key for key in longest.has if key not in keys]
            scarce = max(others, key=lambda key: ((1.0 + demand.get(key, 0.0)) / len(rows[key]), str(key)))
            match.kept = (longest.id, scarce, longest.since)
        return match

    def _pool(self, channel: str) -> Pool:
        pool = self._pools.get(channel)
        if pool is None:
            pool = self._pools[channel] = Pool(channel, self._people)
        return pool

    def _capacity(self, given: Mapping[str, int]) -> tuple[dict[str, int], tuple[Pool, ...]]:
        """One and the same for all who can take the same: there are few kinds of capacity and many agents."""
        key = tuple(sorted(given.items()))
        known = self._capacities.get(key)
        if known is None:
            known = self._capacities[key] = (dict(given), tuple(self._pool(channel) for channel, count in given.items() if count > 0))
        return known

    def _unfree(self, person: Person) -> None:
        for pool in person.free_in:
            pool.remove(person)
        person.free_in = ()

    # -- the books ----------------------------------------------------------------------------------------------

    def _person(self, agent: int) -> Person:
        person = self._by_id.get(agent)
        if person is None:
            person = self._by_id[agent] = Person(agent, len(self._people))
            self._people.append(person)
            for wanted in self._wanted.values():
                if not wanted.asked:
                    wanted.able |= 1 << person.number
        return person

    def _awaited(self, contact: Contact) -> bool:
        for agent, _ in contact.preferred:
            person = self._by_id.get(agent)
            if person is not None and person.present and agent not in contact.excluded:
                return True
        return False

    def _notes(self, contact: Contact) -> tuple[tuple[int, str, str], ...]:
        """Why none of the preferred has it: (agent, as what, "busy" or "away" or "declined")."""
        notes = []
        for agent, role in contact.preferred:
            person = self._by_id.get(agent)
            here = person is not None and person.present
            notes.append((agent, role, "declined" if agent in contact.excluded else "busy" if here else "away"))
        return tuple(notes)

    def _settle(self, contact: Contact, now: float) -> Wanted:
        """Say what the contact asks for now."""
        steps, step = contact.plan, 0
        if len(steps) > 1 and now - contact.waiting_since >= steps[1].after:
            step = step_at(steps, now - contact.waiting_since)
        contact.step = step
        if contact.preferred:
            until = contact.preferred_until
            contact.holds = until is not None and now < until and not contact.let_go
        key = (contact.channel, steps[step].needs, contact.queue)
        wanted = self._wanted.get(key)
        if wanted is None:
            wanted = self._want(*key)
        contact.wanted = wanted
        return wanted

    def _want(self, channel: str, needs: Needs, queue: int | None) -> Wanted:
        if len(self._wanted) >= 4096:  # needs differ less than that in any centre; drop what nobody waits for
            self._wanted = {key: wanted for key, wanted in self._wanted.items() if wanted.waiting}
        pool = self._pool(channel)
        wanted = Wanted(pool, needs, queue, (1 << len(self._people)) - 1)
        for key, least in wanted.asked:
            wanted.able &= self._who_has(key, least)
        self._wanted[channel, needs, queue] = wanted
        return wanted

    def _who_has(self, key: Key | None, least: int) -> int:
        bits = self._skilled.get((key, least))
        if bits is None:
            row = bytearray(len(self._people) // 8 + 1)
            for number, person in enumerate(self._people):
                if key is not None and person.has.get(key, 0) >= least:
                    row[number >> 3] |= 1 << (number & 7)
            bits = self._skilled[key, least] = int.from_bytes(row, "little")
        return bits

    def _take(self, person: Person, channel: str, now: float) -> None:
        pools = person.free_in
        for pool in pools:
            pool.remove(person)
        room = person.room
        if channel in self._alone or (len(pools) == 1 and room[channel] <= 1):
            person.free_in = ()
            return
        person.room = room = dict(room)
        room[channel] -= 1
        person.free_in = tuple(pool for pool in pools if room[pool.channel] > 0)
        person.since = now
        self._seq = person.seq = self._seq + 1
        for pool in person.free_in:
            pool.add(person)


_place = attrgetter("place", "id")

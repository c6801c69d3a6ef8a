"""Pure routing decisions a second: the matcher of routing/matching.py beside a plain scan, on the same calls, with the same picks checked.

20 skills, three for each agent at levels 1 to 5, half of the contacts asking for two; every tenth agent also takes two chats, every tenth contact is one;
every twentieth contact has been declined by two agents; priorities 3 to 7; four of five agents are busy. A decision is the whole of it: a contact is told,
matched, its reasons put into data, and an agent told free again.
"""

from __future__ import annotations

import gc
import random
import time
from collections import deque
from typing import Any

from cordboard.routing.matching import Agent, Contact, Matcher, Settings
from cordboard.routing.relaxation import Plan, plan
from cordboard.routing.scan import Scan

SKILLS = [f"skill-{number}" for number in range(20)]
HANDLING = 300.0
BUSY = 0.8


def _agents(number: int, rng: random.Random) -> list[Agent]:
    return [
        Agent(agent, {skill: rng.randint(1, 5) for skill in rng.sample(SKILLS, 3)}, capacity={"voice": 1, "chat": 2} if agent % 10 == 0 else {"voice": 1})
        for agent in range(number)
    ]


def _plans(rng: random.Random) -> list[Plan]:
    made = []
    for number in range(2000):
        asked = rng.sample(SKILLS, 2 if number % 2 else 1)
        needs = [{"skill": skill, "proficiency": rng.randint(1, 3)} for skill in asked]
        relax: list[dict[str, Any]] = [{"after": 30, "lower": 2}, *({"after": 60, "drop": asked[1]} for _ in asked[1:])]
        made.append(plan(needs, relax))
    return made


class Traffic:
    """The same calls for whoever is measured: what comes when depends on what was matched, so equal picks give equal traffic."""

    def __init__(self, number: int, seed: int) -> None:
        rng = random.Random(seed)
        self.number = number
        self.agents = _agents(number, rng)
        self.plans = _plans(rng)
        self.rng = rng
        self.batch = max(1, min(50, number // 50))
        self.step = self.batch * HANDLING / (number * BUSY)
        self.now = 1000.0
        self.contacts = 0

    def begin(self, matcher: Matcher | Scan) -> deque[int]:
        """Everybody is here, four of five of them talking. Returns who talks, the first to hang up in front."""
        for agent in self.agents:
            matcher.agent_here(agent)
        order = self.rng.sample(range(self.number), self.number)
        free = order[int(self.number * BUSY) :]
        for place, agent in enumerate(free):
            matcher.agent_free(agent, 500.0 + place / self.number)
        return deque(order[: int(self.number * BUSY)])

    def arrivals(self) -> list[Contact]:
        self.now += self.step
        rng = self.rng
        made = []
        for _ in range(self.batch):
            self.contacts += 1
            made.append(
                Contact(
                    self.contacts,
                    self.now,
                    channel="chat" if self.contacts % 10 == 0 else "voice",
                    priority=rng.randint(3, 7),
                    plan=self.plans[rng.randrange(2000)],
                    excluded=frozenset(rng.sample(range(self.number), 2)) if self.contacts % 20 == 0 else frozenset(),
                )
            )
        return made


def fast(number: int, seconds: float, settings: Settings) -> tuple[float, list[tuple[int, int, str]]]:
    """(decisions a second, picks). Only the matcher's own time counts, not the making of traffic."""
    traffic, matcher = Traffic(number, 1), Matcher(settings)
    talking = traffic.begin(matcher)
    at_once = int(number * BUSY)
    picks: list[tuple[int, int, str]] = []
    gc.collect()
    gc.freeze()
    spent, warm, made = 0.0, 0, 0
    clock = time.process_time  # of this process: others on the machine are no concern of a pure function
    while spent < seconds:
        arrivals = traffic.arrivals()
        now = traffic.now
        begin = clock()
        for contact in arrivals:
            matcher.contact_waiting(contact)
        while len(talking) > at_once:
            matcher.agent_free(talking.popleft(), now)
        matches = matcher.tick(now)
        for match in matches:
            match.reasons()
        spent += clock() - begin
        made += len(matches)
        for match in matches:
            talking.append(match.person.id)
            if len(picks) < 20_000:
                picks.append((match.contact.id, match.person.id, match.why))
        if not warm and made >= 2000 + number // 2:  # rows and caches as in the middle of a day
            warm, spent, made = 1, 0.0, 0
    gc.unfreeze()
    return made / spent, picks


def naive(number: int, decisions: int, settings: Settings) -> tuple[float, list[tuple[int, int, str]]]:
    """The same by looking at everybody."""
    traffic, scan = Traffic(number, 1), Scan(settings)
    talking = traffic.begin(scan)
    at_once = int(number * BUSY)
    picks: list[tuple[int, int, str]] = []
    spent = 0.0
    while len(picks) < decisions:
        arrivals = traffic.arrivals()
        begin = time.process_time()
        for contact in arrivals:
            scan.contact_waiting(contact)
        while len(talking) > at_once:
            scan.agent_free(talking.popleft(), traffic.now)
        made = scan.tick(traffic.now)
        spent += time.process_time() - begin
        picks += made
        talking.extend(agent for _, agent, _ in made)
    return len(picks) / spent, picks


def measure(sizes: tuple[int, ...] = (100, 1_000, 10_000), seconds: float = 2.0) -> dict[str, Any]:
    """{"decisions_per_s": {size: ...}, "longest_idle_per_s": {...}, "naive_per_s": {...}}. RuntimeError when the picks differ."""
    found: dict[str, Any] = {"decisions_per_s": {}, "longest_idle_per_s": {}, "naive_per_s": {}}
    for size in sizes:
        settings = Settings()
        rate, picks = fast(size, seconds, settings)
        slow, same = naive(size, 1500 if size < 5000 else 400, settings)
        if picks[: len(same)] != same:
            at = next(place for place, (one, other) in enumerate(zip(picks, same, strict=False)) if one != other)
            raise RuntimeError(f"at {size} agents pick {at} differs: {picks[at]} and {same[at]}")
        found["decisions_per_s"][str(size)] = round(rate)
        found["naive_per_s"][str(size)] = round(slow)
        found["longest_idle_per_s"][str(size)] = round(fast(size, seconds, Settings(choice="longest_idle"))[0])
    return found

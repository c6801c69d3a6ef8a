"""A day in a centre, with the real matcher: six types of calls, 1.4 of each a minute, 10 minutes each, 90 agents, 120 trunks.

(The model of Wallace and Whitt, "A Staffing Algorithm for Call Centers with Skill-Based Routing", 2005.) Every pair of types is served by six agents. Beside
it, on the same arrivals and handling times, full pooling (everybody serves all), whose mean wait is known exactly (M/M/90/120): what chance did to it in a
replication is taken off the other's figure too, as far as the two go together (control variate).
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from dataclasses import dataclass, field
from statistics import fmean, stdev
from typing import Any

from cordboard.routing.matching import Agent, Contact, Matcher, Settings
from cordboard.routing.relaxation import Plan, plan

TYPES = [f"type-{number}" for number in range(6)]
PER_MINUTE = 1.4
MINUTES = 10.0
AGENTS = 90
TRUNKS = 120
PAIRS = list(itertools.combinations(TYPES, 2))


@dataclass(slots=True)
class Day:
    """What one replication showed. Waits in minutes, by type, without the warm-up; occupancy by agent."""

    waits: dict[str, list[float]] = field(default_factory=lambda: {type: [] for type in TYPES})
    blocked: int = 0
    occupancy: list[float] = field(default_factory=list)

    @property
    def all(self) -> list[float]:
        return [wait for row in self.waits.values() for wait in row]

    @property
    def mean(self) -> float:
        return fmean(self.all)


def day(skills: list[tuple[str, ...]], settings: Settings, calls: int, seed: int) -> Day:
    """One replication of so many calls after a tenth more to warm up; `skills` of each agent."""
    chance = random.Random(seed)
    plans: dict[str, Plan] = {type: plan([{"skill": type}]) for type in TYPES}
    matcher = Matcher(settings)
    for agent, own in enumerate(skills):
        matcher.agent_here(Agent(agent, dict.fromkeys(own, 3)))
        matcher.agent_free(agent, agent * 1e-6)
    found = Day()
    ends: list[tuple[float, int]] = []
    busy = [0.0] * len(skills)
    warm = calls // 10
    now = begun = 0.0
    arrival = chance.expovariate(PER_MINUTE * len(TYPES))
    lasts: dict[int, float] = {}
    kinds: dict[int, str] = {}
    number = inside = 0
    while number < calls + warm or ends:
        if number < calls + warm and (not ends or arrival <= ends[0][0]):
            now = arrival
            number += 1
            if number == warm:
                begun = now
                busy = [0.0] * len(skills)
            kind, length = chance.choice(TYPES), chance.expovariate(1 / MINUTES)
            arrival = now + chance.expovariate(PER_MINUTE * len(TYPES))
            if inside >= TRUNKS:
                found.blocked += number > warm
                continue
            inside += 1
            lasts[number], kinds[number] = length, kind
            matcher.contact_waiting(Contact(number, now * 60, plan=plans[kind]))
        else:
            now, agent = heapq.heappop(ends)
            inside -= 1
            matcher.agent_free(agent, now * 60)
        for match in matcher.tick(now * 60):
            contact, agent = match.contact.id, match.person.id
            length = lasts.pop(contact)
            heapq.heappush(ends, (now + length, agent))
            kind = kinds.pop(contact)
            if contact > warm:
                found.waits[kind].append(match.waited_seconds / 60)
                if number < calls + warm:
                    busy[agent] += length
    span = arrival - begun
    found.occupancy = [minutes / span for minutes in busy]
    return found


def pooled_mean() -> float:
    """Mean wait of M/M/90/120 in minutes, of those who were let in (Erlang)."""
    load = PER_MINUTE * len(TYPES) * MINUTES
    weights = [1.0]
    for count in range(1, TRUNKS + 1):
        weights.append(weights[-1] * load / min(count, AGENTS))
    total = math.fsum(weights)
    waiting = math.fsum((count - AGENTS) * weights[count] for count in range(AGENTS + 1, TRUNKS + 1)) / total
    return waiting / (PER_MINUTE * len(TYPES) * (1 - weights[-1] / total))


def simulate(replications: int = 10, calls: int = 80_000) -> dict[str, Any]:
    """Means with their 95 percent confidence (`..._pm`), by policy."""
    two = [PAIRS[agent % len(PAIRS)] for agent in range(AGENTS)]
    every = [tuple(TYPES)] * AGENTS
    exact = pooled_mean()
    pools, needed, longest = [], [], []
    for seed in range(replications):
        pools.append(day(every, Settings(choice="longest_idle"), calls, seed))
        needed.append(day(two, Settings(choice="least_needed"), calls, seed))
        longest.append(day(two, Settings(choice="longest_idle"), calls, seed))
    pool_means = [one.mean for one in pools]

    def steadied(days: list[Day]) -> tuple[float, float]:
        means = [one.mean for one in days]
        middle, pool_middle = fmean(means), fmean(pool_means)
        spread = math.fsum((pool - pool_middle) ** 2 for pool in pool_means)
        slope = math.fsum((mean - middle) * (pool - pool_middle) for mean, pool in zip(means, pool_means, strict=True)) / spread
        adjusted = [mean - slope * (pool - exact) for mean, pool in zip(means, pool_means, strict=True)]
        return fmean(adjusted), 2.26 * stdev(adjusted) / math.sqrt(len(adjusted))

    def by_type(days: list[Day]) -> dict[str, float]:
        return {type: fmean(wait for one in days for wait in one.waits[type]) for type in TYPES}

    def shares(days: list[Day]) -> tuple[float, float]:
        waits = sorted(wait for one in days for wait in one.all)
        return sum(1 for wait in waits if wait <= 20 / 60) / len(waits), waits[math.ceil(len(waits) * 0.99) - 1]

    needed_mean, needed_pm = steadied(needed)
    longest_mean, longest_pm = steadied(longest)
    types, (level, p99) = by_type(needed), shares(needed)
    longest_types, (longest_level, longest_p99) = by_type(longest), shares(longest)
    agents = [fmean(one.occupancy[agent] for one in needed) for agent in range(AGENTS)]
    return {
        "mean_wait_two_skills": round(needed_mean, 4),
        "mean_wait_two_skills_pm": round(needed_pm, 4),
        "mean_wait_longest_idle": round(longest_mean, 4),
        "mean_wait_longest_idle_pm": round(longest_pm, 4),
        "mean_wait_pool": round(exact, 4),
        "mean_wait_pool_simulated": round(fmean(pool_means), 4),
        "mean_wait_pool_simulated_pm": round(2.26 * stdev(pool_means) / math.sqrt(replications), 4),
        "type_spread": round(max(types.values()) / min(types.values()), 4),
        "type_spread_longest_idle": round(max(longest_types.values()) / min(longest_types.values()), 4),
        "service_level_20s": round(level, 4),
        "service_level_20s_longest_idle": round(longest_level, 4),
        "service_level_20s_pool": round(shares(pools)[0], 4),
        "p99_wait": round(p99, 3),
        "p99_wait_longest_idle": round(longest_p99, 3),
        "p99_wait_pool": round(shares(pools)[1], 3),
        "blocked": round(fmean(one.blocked for one in needed) / calls, 6),
        "occupancy_low": round(min(agents), 4),
        "occupancy_high": round(max(agents), 4),
    }

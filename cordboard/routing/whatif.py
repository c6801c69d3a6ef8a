"""What would have happened: contacts of past days let in again, with the real matcher, to agents at the hours at which they were there. Pure.

A call takes as long as it really took, times the pace, whoever answers it; it rings before that. A caller who hung up hangs up after the same wait; one who was answered after a
wait that calibration.py makes out. Agents are at work in the spans that are given; whoever talks at the end of one finishes first. Nobody rejects and nobody misses an offer.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Any

from cordboard.routing.match import Agent, Contact, Settings, earlier
from cordboard.routing.matching import Matcher
from cordboard.routing.relaxation import Plan, plan


@dataclass(slots=True)
class Terms:
    """How a policy places a contact: as routing/policy.py does, without its sentences."""

    queue: str
    priority: int
    requirements: tuple[tuple[str, int], ...]
    relaxation: tuple[tuple[tuple[str, Any], ...], ...]
    prefer: tuple[str, ...]
    """ "owner", "deputies", in this order"""
    seconds: float
    automated: str = ""
    """An automated service has the word first; whether it hands over to the queue nobody knows."""
    target: int | None = None

    @property
    def goes(self) -> str:
        """Where it goes: the queue, or "flow:<code>"."""
        return f"flow:{self.automated}" if self.automated else self.queue

    def same_as(self, other: Terms) -> bool:
        return self == other


@dataclass(frozen=True, slots=True)
class QueueTerms:
    """A queue's own terms. `kinds` of skills are the centre's."""

    code: str
    number: int
    requirements: tuple[tuple[str, int], ...] = ()
    relaxation: tuple[tuple[tuple[str, Any], ...], ...] = ()
    target_seconds: float = 20.0
    short_seconds: float = 5.0


DEFAULT_PRIORITY = 5
PREFERRED_SECONDS = 30.0


def terms_of(
    actions: Iterable[Mapping[str, Any]], asked: str, queues: Mapping[str, QueueTerms], skills: Mapping[str, str], automatic: Container[str] = ()
) -> Terms:
    """What a policy's actions come to, for a contact that asked for this queue. Queues, skills and automated services
    (`automatic`) that do not exist are passed over."""
    priority: int | None = None
    queue = ""
    needs: dict[str, int] = {}
    relax: list[tuple[tuple[str, Any], ...]] = []
    prefer: dict[str, None] = {}
    seconds = 0.0
    automated = ""
    target: int | None = None
    for action in actions:
        do = action["do"]
        if do == "automated":
            automated = automated or str(action["flow"])
        elif do == "target" and target is None:
            target = max(1, int(action["seconds"]))
        if do == "priority":
            value = int(action["priority"])
            priority = value if priority is None else min(priority, value)
        elif do == "queue" and not queue:
            queue = str(action["queue"])
        elif do == "require":
            level = max(1, min(5, int(action.get("proficiency", 1))))
            needs[action["skill"]] = max(needs.get(action["skill"], 0), level)
        elif do == "relax":
            relax.append(tuple((name, action[name]) for name in ("after", "lower", "drop", "skill") if name in action))
        elif do == "prefer":
            prefer[str(action["who"])] = None
            seconds = max(seconds, float(action.get("seconds", PREFERRED_SECONDS)))
    to = queues.get(queue) or queues[asked]
    for skill, level in to.requirements:
        needs[skill] = max(needs.get(skill, 0), level)
    return Terms(
        to.code,
        DEFAULT_PRIORITY if priority is None else max(1, min(9, priority)),
        tuple(sorted((skill, level) for skill, level in needs.items() if skill in skills)),
        (*to.relaxation, *relax),
        tuple(prefer),
        seconds,
        automated if automated in automatic else "",
        target,
    )


@dataclass(slots=True)
class Call:
    """A contact of the past. Times in seconds since 1970. `handling`: seconds for which it kept its agent; `patience`: the wait after which the caller hangs up, None: never;
    `ring`: seconds from the offer until it was accepted."""

    id: int
    at: float
    handling: float
    patience: float | None
    owner: int | None = None
    deputies: tuple[int, ...] = ()
    segment: str = ""
    agent: int | None = None
    """who really had it"""
    ring: float = 0.0


@dataclass(slots=True)
class Fate:
    wait: float
    agent: int | None
    """None: hung up, or"""
    automated: bool = False
    """it went to an automated service."""


@dataclass(slots=True)
class Measures:
    """Of one queue, or value segment, or all."""

    offered: int = 0
    answered: int = 0
    within: int = 0
    abandoned: int = 0
    waited: float = 0.0

    def add(self, fate: Fate, queue: QueueTerms, target: int | None = None) -> None:
        """Service level: answered within the target, over offered less short abandons (the formula of the figures, levels.py)."""
        if fate.automated or (fate.agent is None and fate.wait < queue.short_seconds):
            return
        self.offered += 1
        self.waited += fate.wait
        if fate.agent is None:
            self.abandoned += 1
        else:
            self.answered += 1
            self.within += fate.wait <= (target or queue.target_seconds)

    def as_json(self) -> dict[str, Any]:
        of = self.offered or 1
        return {
            "offered": self.offered,
            "answered": self.answered,
            "abandoned": self.abandoned,
            "level": round(self.within / of, 4),
            "abandoned_share": round(self.abandoned / of, 4),
            "wait": round(self.waited / of, 1),
        }


@dataclass(slots=True)
class Staff:
    """Who was there: agents with skills and queues, and the spans (begin, end) of each."""

    agents: Mapping[int, Agent] = field(default_factory=dict)
    spans: Mapping[int, Sequence[tuple[float, float]]] = field(default_factory=dict)


_SHIFT, _FREE, _GONE, _ARRIVAL, _LEAVES = range(5)


class Plans:
    """Plans by terms, made once."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self._kinds = kinds
        self._made: dict[tuple[Any, Any], Plan] = {}

    def of(self, terms: Terms) -> Plan:
        key = (terms.requirements, terms.relaxation)
        made = self._made.get(key)
        if made is None:
            needs = [{"skill": skill, "proficiency": level, "kind": self._kinds.get(skill, "")} for skill, level in terms.requirements]
            made = self._made[key] = plan(needs, [dict(step) for step in terms.relaxation])
        return made


def simulate(
    calls: Sequence[Call],
    terms: Sequence[Terms],
    staff: Staff,
    queues: Mapping[str, QueueTerms],
    plans: Plans,
    settings: Settings,
    tick: Callable[[int], None] | None = None,
    pace: float = 1.0,
) -> list[Fate]:
    """What became of each call, in their order (which is that of their times). `tick` is told now and then how many have come. `pace`: a factor on how long calls take."""
    matcher = Matcher(settings)
    agenda: list[tuple[float, int, int]] = []
    for agent, spans in staff.spans.items():
        if agent in staff.agents:
            matcher.agent_here(staff.agents[agent])
            for begin, end in spans:
                agenda += ((begin, _SHIFT, agent), (end, _GONE, agent))
    heapify(agenda)
    fates: list[Fate | None] = [None] * len(calls)
    number_of = {call.id: number for number, call in enumerate(calls)}
    ends: dict[int, float] = {}
    """The end of the span in which an agent is."""
    busy: set[int] = set()
    spans_of = {agent: sorted(spans) for agent, spans in staff.spans.items()}
    arriving = 0

    def tell(now: float) -> None:
        for match in matcher.tick(now):
            number = number_of[match.contact.id]
            agent = match.person.id
            call = calls[number]
            fates[number] = Fate(now - call.at + call.ring, agent)
            busy.add(agent)
            heappush(agenda, (now + call.ring + max(1.0, call.handling * pace), _FREE, agent))

    while arriving < len(calls) or agenda:
        deadline = matcher.next_deadline() if matcher.waiting else None
        next_call = calls[arriving].at if arriving < len(calls) else float("inf")
        next_thing = agenda[0][0] if agenda else float("inf")
        now = min(next_call, next_thing)
        if deadline is not None and deadline < now:
            tell(deadline)
            continue
        if arriving >= len(calls) and not matcher.waiting:
            break  # what agents do afterwards is no matter
        if next_call <= next_thing:
            call, how = calls[arriving], terms[arriving]
            arriving += 1
            if tick is not None and arriving % 2000 == 0:
                tick(arriving)
            if how.automated:
                fates[number_of[call.id]] = Fate(0.0, None, automated=True)
                continue
            preferred = _preferred(call, how)
            matcher.contact_waiting(
                Contact(
                    call.id,
                    call.at,
                    queue=queues[how.queue].number,
                    priority=how.priority,
                    plan=plans.of(how),
                    preferred=preferred,
                    preferred_until=call.at + how.seconds if preferred else None,
                    earlier=float(earlier(queues[how.queue].target_seconds, how.target)) if how.target is not None else 0.0,
                )
            )
            if call.patience is not None:
                heappush(agenda, (call.at + call.patience, _LEAVES, call.id))
        else:
            _at, what, who = heappop(agenda)
            if what == _LEAVES:
                if fates[number_of[who]] is None:
                    matcher.contact_gone(who)
                    fates[number_of[who]] = Fate(now - calls[number_of[who]].at, None)
                continue
            if what == _SHIFT:
                ends[who] = max(end for begin, end in spans_of[who] if begin <= now)
                if who not in busy:
                    matcher.agent_free(who, now)
            elif what == _FREE:
                busy.discard(who)
                if ends.get(who, 0.0) > now:
                    matcher.agent_free(who, now)
                else:
                    matcher.agent_gone(who)
            elif ends.get(who, 0.0) <= now and who not in busy:
                matcher.agent_gone(who)
        tell(now)
    end = max((call.at for call in calls), default=0.0)
    return [fate if fate is not None else Fate(max(0.0, end - call.at), None) for fate, call in zip(fates, calls, strict=True)]


def _preferred(call: Call, terms: Terms) -> tuple[tuple[int, str], ...]:
    found: list[tuple[int, str]] = []
    for who in terms.prefer:
        if who == "owner" and call.owner is not None:
            found.append((call.owner, "owner"))
        elif who == "deputies":
            found += [(deputy, "deputy") for deputy in call.deputies if deputy != call.owner]
    return tuple(found)


def merged(spans: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """Spans in order, those that touch joined."""
    found: list[tuple[float, float]] = []
    for begin, end in sorted(spans):
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found

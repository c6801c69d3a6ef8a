"""What a replay found, in figures and examples: made of the terms and the fates of each contact, before and after."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cordboard.flows.models import Flow
from cordboard.org.models import User
from cordboard.parties.models import Deputy
from cordboard.routing.models import Queue, Skill
from cordboard.routing.whatif import Call, Fate, Measures, QueueTerms, Terms

CHUNK = 1_000
EXAMPLES = 30
PER_MOVE = 4


@dataclass(slots=True)
class Kept:
    """One contact as it is in the rows."""

    interaction: int
    party: int | None
    segment: str
    owner: int | None
    at: datetime
    facts: dict[str, Any]
    fields: dict[str, Any]
    queue: str
    call: Call
    stood: str = ""
    """the queue in which it really waited"""
    waited: float | None = None
    """seconds that it really waited; None when it neither was answered nor hung up"""
    over: float | None = None
    """when its agent was done with it, in seconds since 1970"""

    @property
    def context(self) -> dict[str, Any]:
        return {name.removeprefix("context."): value for name, value in self.fields.items() if name.startswith("context.")}


class Centre:
    """Queues and skills as they are."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.rows: dict[str, Queue] = {}
        self.codes: dict[int, str] = {}
        self.queues: dict[str, QueueTerms] = {}
        for queue in Queue.objects.all():
            self.names[queue.code], self.codes[queue.pk], self.rows[queue.code] = queue.name, queue.code, queue
            needs = tuple((one["skill"], int(one.get("proficiency", 1))) for one in queue.requirements)
            relax = tuple(tuple(step.items()) for step in queue.relaxation)
            self.queues[queue.code] = QueueTerms(queue.code, queue.pk, needs, relax, float(queue.target_seconds), float(queue.short_abandon_seconds))
        self.automatic: set[str] = set()
        """Codes of the automated services of the telephone."""
        for code, name, surfaces in Flow.objects.filter(state=Flow.State.PUBLISHED).values_list("code", "name", "surfaces"):
            if "ivr" in surfaces:
                self.automatic.add(code)
                self.names[f"flow:{code}"] = name
        self.kinds = dict(Skill.objects.values_list("code", "kind"))
        self.deputies: dict[int, tuple[int, ...]] = {}
        for party, user in Deputy.objects.filter(user__is_active=True).order_by("party_id", "order").values_list("party_id", "user_id"):
            self.deputies[party] = (*self.deputies.get(party, ()), user)


def _measured(contacts: list[Kept], terms: list[Terms], fates: list[Fate], centre: Centre) -> dict[str, Any]:
    whole = Measures()
    queues: dict[str, Measures] = {}
    segments: dict[str, Measures] = {}
    agents: Counter[int] = Counter()
    for one, how, fate in zip(contacts, terms, fates, strict=True):
        queue = centre.queues[how.queue]
        for measures in (whole, queues.setdefault(how.queue, Measures()), segments.setdefault(one.segment, Measures())):
            measures.add(fate, queue, how.target)
        if fate.agent is not None:
            agents[fate.agent] += 1
    return {
        "all": whole.as_json(),
        "queues": {code: one.as_json() for code, one in queues.items()},
        "segments": {code: one.as_json() for code, one in segments.items()},
        "agents": agents,
    }


def report(
    contacts: list[Kept], before: list[Terms], after: list[Terms], fates: list[list[Fate]], rules: list[tuple[list[str], list[str]]], centre: Centre
) -> dict[str, Any]:
    moves: Counter[tuple[str, str]] = Counter()
    changed: Counter[str] = Counter()
    by_segment: Counter[str] = Counter()
    of_segment: Counter[str] = Counter(one.segment for one in contacts)
    examples: list[dict[str, Any]] = []
    shown: Counter[tuple[str, str]] = Counter()
    for number, (one, was, would) in enumerate(zip(contacts, before, after, strict=True)):
        if was == would:
            continue
        key = (was.goes, would.goes)
        if was.goes != would.goes:
            moves[key] += 1
            by_segment[one.segment] += 1
        else:
            for name in ("priority", "target", "requirements", "relaxation", "prefer"):
                changed[name] += getattr(was, name) != getattr(would, name)
        if len(examples) < EXAMPLES and shown[key] < PER_MOVE:
            shown[key] += 1
            sides = [_side(how, fates[turn][number], rules[number][turn], centre) for turn, how in enumerate((was, would))]
            examples.append({"interaction": one.interaction, "at": one.at.astimezone(UTC).isoformat(), "was": sides[0], "would": sides[1]})
    measured = [_measured(contacts, terms, fates[turn], centre) for turn, terms in enumerate((before, after))]
    shares = [one.pop("agents") for one in measured]
    names = dict(User.objects.filter(pk__in=set(shares[0]) | set(shares[1])).values_list("pk", "name"))
    agents = [[names.get(agent, "–"), shares[0][agent], shares[1][agent]] for agent in set(shares[0]) | set(shares[1])]
    different = sum(was != would for was, would in zip(before, after, strict=True))
    return {
        "contacts": len(contacts),
        "elsewhere": sum(moves.values()),
        "otherwise": different - sum(moves.values()),
        "changed": dict(changed),
        "automated": [sum(bool(how.automated) for how in terms) for terms in (before, after)],
        "moves": [[centre.names[was], centre.names[would], number] for (was, would), number in moves.most_common(10)],
        "moved_segments": [[segment, number, of_segment[segment]] for segment, number in by_segment.most_common()],
        "names": centre.names,
        "before": measured[0],
        "after": measured[1],
        "agents": sorted(agents, key=lambda row: -abs(row[2] - row[1]))[:12],
        "examples": examples,
    }


def _side(terms: Terms, fate: Fate, rules: list[str], centre: Centre) -> dict[str, Any]:
    return {
        "queue": centre.names[terms.goes],
        "automated": bool(terms.automated),
        "priority": terms.priority,
        "wait": round(fate.wait, 1),
        "agent": fate.agent,
        "rules": rules,
        "needs": [list(one) for one in terms.requirements],
    }


def real(contacts: list[Kept], centre: Centre) -> dict[str, Any]:
    """What really happened, for the reader to hold the simulation of the version in force against: as_json of Measures, and those of each queue."""
    whole = Measures()
    queues: dict[str, Measures] = {}
    for one in contacts:
        if one.waited is None:
            continue
        fate = Fate(one.waited, one.call.agent)
        for measures in (whole, queues.setdefault(one.stood, Measures())):
            measures.add(fate, centre.queues[one.stood])
    return {**whole.as_json(), "queues": {code: one.as_json() for code, one in queues.items()}}

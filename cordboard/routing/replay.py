"""A routing policy run over past contacts: where each would have gone, and how long all would have waited.

Each contact is decided on twice, by the version in force and by the draft, with the facts that were kept with the real decision. What the draft asks beyond them is read anew: as it
was, where that can still be known (the number that called, what was keyed), else as it is today; for so many customers at most, and the report says for how many contacts each was so.
Read in chunks, without a cursor that stays open; nothing is written here.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from cordboard.interactions.models import ContextValue, Decision
from cordboard.parties.models import Party
from cordboard.routing.calibration import Pace, endures, mean_patience, occupations, paced
from cordboard.routing.match import Agent, Settings
from cordboard.routing.models import AgentSkill, Entry, Queue, QueueMember, StateLog
from cordboard.routing.replay_report import CHUNK, Centre, Kept, real
from cordboard.routing.replay_report import report as made
from cordboard.routing.whatif import Call, Measures, Plans, Staff, Terms, merged, simulate, terms_of
from cordboard.rules import facts as registry
from cordboard.rules.evaluate import CompiledPolicy, compile_policy
from cordboard.rules.facts import Fact

USUAL_HANDLING = 240.0
"""Seconds that a call takes where nobody was ever answered."""
SAMPLE = 12_000
"""So many contacts at most, the newest, tell at which pace agents work: it is looked for with several simulations."""
AROUND = 1800.0
"""Seconds before the first and after the last contact of a day at which an agent counts as there."""
LATER_SECONDS = 15.0
"""So long at most facts are read as they are today."""
AT_WORK = frozenset({"ready", "offered", "talking", "wrapup"})
LONGEST_SHIFT = timedelta(hours=14)


@dataclass(slots=True)
class Read:
    """How well the facts were known, in contacts."""

    kept: int = 0
    later: int = 0
    unknown: int = 0
    facts: Counter[str] = field(default_factory=Counter)


_FIELDS = {"interaction.channel": "channel", "interaction.language": "language", "interaction.from": "from_address", "interaction.dialled": "to_address"}


def run(published: Mapping[str, Any] | None, draft: Mapping[str, Any], begin: datetime, end: datetime, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """The report (workbench/replays.py says of what form). `progress` is told how much is done of all. Raises BadPolicy."""
    started = time.monotonic()
    new = compile_policy(draft)
    old = compile_policy(published) if published is not None else None
    centre = Centre()
    reader = _Reader(new.facts_asked() | (old.facts_asked() if old is not None else frozenset()), centre.rows)
    count = _visits(begin, end).count()
    whole = count * 3 or 1
    contacts: list[Kept] = []
    before: list[Terms] = []
    after: list[Terms] = []
    rules: list[tuple[list[str], list[str]]] = []
    for one in _contacts(begin, end, centre, reader):
        was, would = _decide(old, one, centre, reader), _decide(new, one, centre, reader)
        contacts.append(one)
        before.append(was[0])
        after.append(would[0])
        rules.append((was[1], would[1]))
        if len(contacts) % CHUNK == 0:
            progress(len(contacts), whole)
    order = sorted(range(len(contacts)), key=lambda number: contacts[number].call.at)
    contacts, before, after, rules = ([listed[number] for number in order] for listed in (contacts, before, after, rules))  # type: ignore[assignment]
    calls = [one.call for one in contacts]
    patience = _known(contacts)
    staff, from_log = _staff(begin, end, contacts, centre)
    plans = Plans(centre.kinds)
    really = real(contacts, centre)
    pace = _paced(old, contacts, before, staff, centre, plans)
    fates = []
    for turn, (policy, terms) in enumerate(((old, before), (new, after)), 1):
        settings = Settings.of(policy.parameters if policy is not None else {})
        fates.append(simulate(calls, terms, staff, centre.queues, plans, settings, lambda done, base=turn * count: progress(base + done, whole), pace.factor))  # type: ignore[misc]
    report = made(contacts, before, after, fates, rules, centre)
    report["sure"] = {
        "kept": reader.read.kept,
        "later": reader.read.later,
        "unknown": reader.read.unknown,
        "facts": [[name, number] for name, number in reader.read.facts.most_common(8)],
        "from_log": from_log,
        "from_contacts": len(staff.spans) - from_log,
        "real": really,
        "pace": {"factor": pace.factor, "plain": round(pace.plain, 1), "patience": round(patience, 1)},
        "unfit": _unfit(contacts, before, staff, centre),
        "left_out": max(0, count - len(contacts)),
        "seconds": round(time.monotonic() - started, 1),
    }
    progress(whole, whole)
    return report


class _Reader:
    """Facts of past contacts."""

    def __init__(self, asked: frozenset[str], queues: Mapping[str, Queue]) -> None:
        self.asked = asked
        self._queues = queues
        self.context = sorted(name.removeprefix("context.") for name in asked if name.startswith("context."))
        self.read = Read()
        self._memo: dict[tuple[int | None, str, Any], Any] = {}
        self._parties: dict[int, Party | None] = {}
        self._left = LATER_SECONDS
        self._failed: set[str] = set()

    def of(self, one: Kept, met: set[str]) -> Callable[[str], Any]:
        facts, fields = one.facts, one.fields

        def read(name: str) -> Any:
            if name in facts:
                return facts[name]
            if name in fields:
                return fields[name]
            value = self._later(one, name)
            if value is not None or one.party is not None or name.startswith("queue."):
                met.add(name)  # of nobody nothing was known then either
            return value

        return read

    def note(self, met: set[str]) -> None:
        if not met:
            self.read.kept += 1
            return
        self.read.facts.update(met)
        if any(name in self._failed for name in met) or self._left <= 0:
            self.read.unknown += 1
        else:
            self.read.later += 1

    def _later(self, one: Kept, name: str) -> Any:
        """As it is today, once for a customer and day. Other databases and services are not asked for what is past."""
        if registry.REGISTRY.ahead_of((name,)):
            self._failed.add(name)
            return None
        fact: Fact | None = registry.REGISTRY.get(name)
        if fact is None or fact.read is None or name in self._failed or (name.startswith("queue.") and not fact.lasting):
            return None
        key = (one.party, name, one.at.date() if not fact.lasting else one.interaction)
        if key in self._memo:
            return self._memo[key]
        if self._left <= 0:
            return None
        begun = time.monotonic()
        if one.party not in self._parties and one.party is not None:
            self._parties[one.party] = Party.objects.select_related("account_owner").filter(pk=one.party).first()
        situation = {
            "party": self._parties.get(one.party) if one.party is not None else None,
            "now": one.at,
            "context": one.context,
            "interaction": None,
            "queue": self._queues.get(one.queue),
        }
        try:
            value = fact.read(situation)
        except Exception:  # noqa: BLE001 - readers are other packages'; not knowing is told in the report
            self._failed.add(name)
            value = None
        self._left -= time.monotonic() - begun
        self._memo[key] = value
        return value


def _visits(begin: datetime, end: datetime) -> QuerySet[Entry]:
    return Entry.objects.filter(counted=True, entered_at__gte=begin, entered_at__lt=end)


def _contacts(begin: datetime, end: datetime, centre: Centre, reader: _Reader) -> Iterator[Kept]:
    """Contacts that came into a queue, with the first decision of each that kept facts, if there is one. Three queries a chunk."""
    last = 0
    seen: set[int] = set()
    about = ("interaction__subject_id", "interaction__subject__value_segment", "interaction__subject__account_owner_id")
    of_segment = ("segment__offered_at", "segment__accepted_at", "segment__ended_at", "segment__wrapped_up_at", "segment__agent_id")
    columns = ("pk", "interaction_id", "queue_id", "entered_at", "state", "left_at", *of_segment, *about, *(f"interaction__{one}" for one in _FIELDS.values()))
    while True:
        rows = list(_visits(begin, end).filter(pk__gt=last).order_by("pk").values_list(*columns)[:CHUNK])
        if not rows:
            return
        last = rows[-1][0]
        fresh = {row[1]: row for row in reversed(rows) if row[1] not in seen}
        seen.update(fresh)
        decided: dict[int, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
        kept = Decision.objects.filter(interaction_id__in=list(fresh), kind="routing").exclude(policy="").order_by("-pk")
        for number, trace, sentences in kept.values_list("interaction_id", "trace", "sentences"):
            if isinstance(trace, dict) and trace:
                decided[number] = (trace, sentences)
        context: dict[int, dict[str, Any]] = {}
        if reader.context:
            values = ContextValue.objects.filter(interaction_id__in=list(fresh), name__in=reader.context).order_by("id")
            for number, name, value in values.values_list("interaction_id", "name", "value"):
                context.setdefault(number, {})[f"context.{name}"] = value
        absent = dict.fromkeys(f"context.{name}" for name in reader.context)
        for number, row in fresh.items():
            trace, sentences = decided.get(number, ({}, []))
            yield _kept(row, trace, sentences, {**absent, **context.get(number, {})}, centre)


def _kept(row: Any, trace: dict[str, Any], sentences: list[dict[str, Any]], context: dict[str, Any], centre: Centre) -> Kept:
    _pk, number, queue, entered, state, left, offered, accepted, ended, wrapped, agent, party, segment, owner, *fields = row
    moved = next((one["values"].get("asked") for one in sentences if one.get("code") == "routing.queue"), None)
    asked = centre.codes.get(moved if moved is not None else queue) or centre.codes[queue]
    known = {name: value or None for name, value in zip(_FIELDS, fields, strict=True)}
    known |= {"queue.code": asked, **context}
    answered = accepted is not None and agent is not None
    over = (wrapped or ended) if answered else None
    ring = (accepted - offered).total_seconds() if answered and offered is not None else 0.0
    gone = state == Entry.State.ABANDONED and left is not None
    until = accepted if answered else left if gone else None
    call = Call(
        number, entered.timestamp(), USUAL_HANDLING, None, owner, centre.deputies.get(party, ()) if party else (), segment or "", agent if answered else None,
        max(0.0, ring),
    )  # fmt: skip
    waited = max(0.0, (until - entered).total_seconds()) if until is not None else None
    return Kept(
        number, party, segment or "", owner, entered, trace.get("facts") or {}, known, asked, call, centre.codes[queue], waited,
        over.timestamp() if over is not None else None,
    )  # fmt: skip


def _known(contacts: list[Kept]) -> float:
    """Fills in how long each contact keeps an agent and after what wait its caller hangs up; returns the mean patience in seconds (calibration.py says how)."""
    mean = mean_patience((one.waited, one.call.agent is None) for one in contacts if one.waited is not None)
    held = [one for one in contacts if one.call.agent is not None and one.over is not None and one.waited is not None]
    spans = [(one.call.agent or 0, one.call.at + (one.waited or 0.0), one.over or 0.0) for one in held]
    for one, seconds in zip(held, occupations(spans), strict=True):
        one.call.handling = seconds
    usual = sum(one.call.handling for one in held) / len(held) if held else USUAL_HANDLING
    rings = sum(one.call.ring for one in held) / len(held) if held else 0.0
    for one in contacts:
        call = one.call
        if call.agent is None:
            call.ring = rings
        if one.over is None:
            call.handling = usual
        gave_up = call.agent is None and one.waited is not None
        call.patience = one.waited if gave_up else endures(call.id, one.waited or 0.0, mean)
    return mean


def _paced(policy: CompiledPolicy | None, contacts: list[Kept], terms: list[Terms], staff: Staff, centre: Centre, plans: Plans) -> Pace:
    """The pace at which the version in force comes nearest to what happened, by the newest contacts."""
    latest, how = contacts[-SAMPLE:], terms[-SAMPLE:]
    calls = [one.call for one in latest]
    settings = Settings.of(policy.parameters if policy is not None else {})

    def wait_at(factor: float) -> float:
        measures = Measures()
        for fate, one in zip(simulate(calls, how, staff, centre.queues, plans, settings, None, factor), how, strict=True):
            measures.add(fate, centre.queues[one.queue])
        return float(measures.as_json()["wait"])

    return paced(wait_at, float(real(latest, centre)["wait"]))


def _decide(policy: CompiledPolicy | None, one: Kept, centre: Centre, reader: _Reader) -> tuple[Terms, list[str]]:
    if policy is None:
        return terms_of((), one.queue, centre.queues, centre.kinds, centre.automatic), []
    met: set[str] = set()
    outcome = policy.evaluate(reader.of(one, met), one.at)
    reader.note(met)
    return terms_of(outcome.actions, one.queue, centre.queues, centre.kinds, centre.automatic), list(
        dict.fromkeys(action["rule"] for action in outcome.actions)
    )


def _unfit(contacts: list[Kept], terms: list[Terms], staff: Staff, centre: Centre) -> int:
    """How many contacts were really answered by somebody who, as skills are now, the version in force would never have sent them to."""
    count = 0
    for one, how in zip(contacts, terms, strict=True):
        agent = staff.agents.get(one.call.agent or 0)
        if agent is None:
            continue
        dropped = {value for step in how.relaxation for name, value in step if name == "drop"}
        needed = {skill for skill, _level in how.requirements if skill not in dropped and centre.kinds.get(skill) not in dropped}
        count += not needed <= agent.skills.keys()
    return count


def _staff(begin: datetime, end: datetime, contacts: list[Kept], centre: Centre) -> tuple[Staff, int]:
    """Agents with their skills as they are, at the hours of the state log; of whom it knows nothing, from the first to the last contact of each day. Whoever took contacts of a queue
    counts as one of it, though they may have left it since."""
    calls = [one.call for one in contacts]
    skills: dict[int, dict[str, int]] = {}
    for row in AgentSkill.objects.select_related("skill"):
        if (level := row.at(end)) is not None:
            skills.setdefault(row.agent_id, {})[row.skill.code] = level
    queues: dict[int, set[int]] = {}
    for agent, queue in QueueMember.objects.values_list("agent_id", "queue_id"):
        queues.setdefault(agent, set()).add(queue)
    for one in contacts:
        if one.call.agent is not None:
            queues.setdefault(one.call.agent, set()).add(centre.queues[one.stood].number)
    spans: dict[int, list[tuple[float, float]]] = {}
    now: dict[int, tuple[str, datetime]] = {}
    log = StateLog.objects.filter(at__gte=begin - LONGEST_SHIFT, at__lt=end + LONGEST_SHIFT).order_by("at", "pk")
    for agent, state, at in log.values_list("agent_id", "state", "at"):
        was = now.get(agent)
        if was is not None and was[0] in AT_WORK:
            spans.setdefault(agent, []).append((was[1].timestamp(), min(at, was[1] + LONGEST_SHIFT).timestamp()))
        now[agent] = (state, at)
    for agent, (state, at) in now.items():
        if state in AT_WORK:
            spans.setdefault(agent, []).append((at.timestamp(), min(end, at + LONGEST_SHIFT).timestamp()))
    spans = {agent: merged(listed) for agent, listed in spans.items()}
    from_log = len(spans)
    days: dict[tuple[int, int], tuple[float, float]] = {}
    for call in calls:
        if call.agent is not None and call.agent not in spans:
            day = (call.agent, int(call.at // 86400))
            low, high = days.get(day, (call.at, call.at))
            days[day] = (min(low, call.at - AROUND), max(high, call.at + call.handling + AROUND))
    for (agent, _day), span in days.items():
        spans.setdefault(agent, []).append(span)
    agents = {agent: Agent(agent, skills.get(agent, {}), frozenset(queues.get(agent, ()))) for agent in spans}
    return Staff(agents, {agent: merged(listed) for agent, listed in spans.items()}), from_log

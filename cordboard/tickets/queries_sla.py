"""Which calendar and which service level hold for a ticket, and what stands on its clocks."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordboard.lib.kept import Kept
from cordboard.org.models import Unit, User
from cordboard.parties.models import Party
from cordboard.rules.facts import REGISTRY
from cordboard.rules.published import published
from cordboard.tickets import calendar, sla
from cordboard.tickets.calendar import Left, Timeline, Week
from cordboard.tickets.models import Ticket, TicketKind
from cordboard.tickets.models_sla import BusinessCalendar, ClockChange, EscalationStep, ServicePlan, TicketClock

AREA = "tickets"
SAFETY_REASON = "product-safety"

# ---- calendars ----
_KEPT = 500
_lines: dict[tuple[int, int, str], Timeline] = {}
_lock = threading.Lock()


def week_of(row: BusinessCalendar, timezone: str) -> Week:
    """A calendar as the engine takes it. One query for its exceptions, none where they were read before."""
    return Week(
        row.timezone or timezone,
        {day: tuple((begin, end) for begin, end in spans) for day, spans in row.hours.items()},
        row.holidays,
        {one.date: (tuple((begin, end) for begin, end in one.hours), one.name) for one in row.exceptions.all()},
    )


def line_of(row: BusinessCalendar, timezone: str) -> Timeline:
    """A calendar, compiled once in each process for each version of it."""
    key = (row.pk, row.version, row.timezone or timezone)
    line = _lines.get(key)
    if line is None:
        line = Timeline(week_of(row, timezone))
        with _lock:
            if len(_lines) >= _KEPT:
                _lines.clear()
            _lines[key] = line
    return line


def forget() -> None:
    """For tests: numbers come again in a new database."""
    with _lock:
        _lines.clear()


def choose(rows: list[BusinessCalendar], unit: int | None, parents: Mapping[int, int | None], segment: str) -> BusinessCalendar | None:
    """The most particular calendar: of the unit and the segment, of the unit, of the units above it alike, of the segment, of all."""
    by_place = {(row.unit_id, row.segment): row for row in rows}
    places: list[int | None] = []
    at = unit
    while at is not None and at not in places:
        places.append(at)
        at = parents.get(at)
    for place in [*places, None]:
        for one in (segment, "") if segment else ("",):
            if (found := by_place.get((place, one))) is not None:
                return found
    return None


def calendar_for(unit: Unit | None, segment: str) -> tuple[BusinessCalendar | None, Timeline]:
    """The calendar for tickets of a unit and a value segment; without one whole days from Monday to Friday. One query, a second where units have calendars."""
    rows = list(BusinessCalendar.objects.all())
    timezone = unit.timezone if unit is not None else "UTC"
    parents = dict(Unit.objects.values_list("pk", "parent_id")) if unit is not None and any(row.unit_id for row in rows) else {}
    row = choose(rows, unit.pk if unit is not None else None, parents, segment)
    return (row, line_of(row, timezone)) if row is not None else (None, calendar.weekdays(timezone))


# ---- service levels ----
def plan_of(code: str) -> sla.Plan | None:
    """As it is kept, else as it is built in. One query."""
    row = ServicePlan.objects.filter(code=code).first()
    if row is None:
        return sla.BUILT_IN.get(code)
    return sla.Plan(row.code, row.name, row.targets, tuple(row.steps), row.around_the_clock, row.version)


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for a ticket now."""

    plan: sla.Plan
    line: Timeline
    calendar: BusinessCalendar | None
    targets: Mapping[str, str]
    policy: str = ""
    """Name of the policy whose rule chose the plan; empty where none did."""
    rule: str = ""
    missing: str = ""
    """The plan that a rule named and that there is not; the usual one holds."""


def terms_of(ticket: Ticket, now: datetime) -> Terms:
    """The service level, by the policies of the area "tickets" and else by segment and safety, and the calendar. Four to seven queries."""
    party = Party.objects.filter(pk=ticket.party_id).first() if ticket.party_id is not None else None
    segment = party.value_segment if party is not None else ""
    safety = ticket.reason is not None and ticket.reason.code == SAFETY_REASON if ticket.reason_id is not None else False
    code, policy, rule = _by_policy(ticket, party, now)
    plan = plan_of(code) if code else None
    missing = code if code and plan is None else ""
    if plan is None:
        plan, policy, rule = plan_of(sla.usual_plan(segment, safety)), "", ""
    assert plan is not None
    row, line = calendar_for(ticket.unit, segment)
    if plan.around_the_clock:
        row, line = None, calendar.always(line.week.timezone)
    like = "" if ticket.kind in plan.targets else TicketKind.objects.filter(code=ticket.kind).values_list("like", flat=True).first() or ""
    return Terms(plan, line, row, sla.targets_of(plan.targets, ticket.kind, like), policy, rule, missing)


def _by_policy(ticket: Ticket, party: Party | None, now: datetime) -> tuple[str, str, str]:
    """(plan, policy, rule) that the rules choose; empty where none does. The first rule of the first policy counts."""
    policies = published(AREA)
    if not policies:
        return "", "", ""
    situation: dict[str, Any] = {"ticket": ticket, "party": party, "now": now}
    for policy in policies:
        if policy.compiled is None:
            continue
        outcome = policy.compiled.evaluate(REGISTRY.reader(situation), now)
        for action in outcome.actions:
            if action["do"] == "service_level":
                names = {one["id"]: one["name"] for one in outcome.trace["rules"]}
                return str(action["plan"]), policy.name, str(names.get(action["rule"], action["rule"]))
    return "", "", ""


def fill(clock: TicketClock, terms: Terms, spans: Iterable[sla.Span] = ()) -> bool:
    """Deadline and explanation of a clock, not saved. False: the service level has no such target."""
    text = terms.targets.get(clock.kind)
    target = sla.read_target(text) if text else None
    if target is None:
        return False
    found = sla.deadline(terms.line, clock.started_at, target, spans)
    clock.due_at, clock.target, clock.target_seconds, clock.paused_seconds = found.due, str(target), found.seconds, found.paused
    clock.plan, clock.plan_name, clock.plan_version, clock.calendar = terms.plan.code, terms.plan.name, terms.plan.version, terms.calendar
    clock.explained = {
        "timezone": terms.line.week.timezone,
        "calendar": terms.calendar.name if terms.calendar is not None else "",
        "always": terms.plan.around_the_clock,
        "left": _left(found.left),
        "policy": terms.policy,
        "rule": terms.rule,
        "missing": terms.missing,
    }
    return True


def _left(left: Left) -> dict[str, Any]:
    """As JSON, without what is empty."""
    found: dict[str, Any] = {"breaks": left.breaks, "nights": left.nights, "weekdays": list(left.weekdays), "clock_changed": left.clock_changed}
    for name in ("holidays", "closed", "other_hours"):
        found[name] = [[day.isoformat(), words] for day, words in getattr(left, name)][:20]
    return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class Standing:
    """A ticket's clocks for its page: those that run or stand still, those that are over, what was computed when, what was and will be done."""

    clocks: list[TicketClock]
    changes: list[ClockChange]
    steps: list[EscalationStep]
    people: Mapping[int, str]
    units: Mapping[int, str]


_CLOCKS = Kept(lambda ticket: TicketClock.objects.filter(ticket=ticket).order_by("ended_at", "due_at", "pk"))
_CHANGES = Kept(lambda ticket, *, most: ClockChange.objects.filter(ticket=ticket).select_related("by").order_by("-at", "-pk")[:most])
_STEPS = Kept(lambda ticket: EscalationStep.objects.filter(ticket=ticket).select_related("clock").order_by("at", "pk"))


def standing(ticket: Ticket, *, changes: int = 12) -> Standing:
    """Three queries, two more where steps name people or units."""
    clocks = _CLOCKS(ticket.pk)
    clocks.sort(key=lambda one: one.ended_at is not None)
    done = _CHANGES(ticket.pk, most=changes)
    steps = _STEPS(ticket.pk)
    steps.sort(key=lambda one: (one.taken_at is None, one.taken_at or one.at or one.clock.started_at))
    who = {one.outcome["who"] for one in steps if one.outcome.get("who")}
    where = {number for one in steps for number in (one.outcome.get("unit"), *one.outcome.get("passed", ())) if number}
    people = dict(User.objects.filter(pk__in=who).values_list("pk", "name")) if who else {}
    units = dict(Unit.objects.filter(pk__in=where).values_list("pk", "name")) if where else {}
    return Standing(clocks, done, steps, people, units)

"""The report of pauses: how often each agent waited for the customer, against the unit's others, with examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_sla import ClockChange, TicketPause
from cordboard.tickets.sla_pauses import SHORTLY, Agent, judged

EXAMPLES = 3
MOST = 50_000
"""Pauses that one report reads."""


@dataclass(frozen=True, slots=True)
class Report:
    agents: list[Agent]
    names: Mapping[int, str]
    units: Mapping[int, str]
    examples: Mapping[int, list[tuple[int, str, int]]]
    """agent -> [(ticket number, title, pauses)], the most often paused first"""


def report(user: User, since: datetime, until: datetime) -> Report:
    """Pauses that began in the time, of the units that the user sees. Five queries. Worked on: owned by the agent and opened, resolved or paused in the time."""
    pauses = TicketPause.objects.filter(state="waiting", by__isnull=False, begun_at__gte=since, begun_at__lt=until)
    owned = Ticket.objects.filter(owner__isnull=False).filter(Q(opened_at__gte=since, opened_at__lt=until) | Q(resolved_at__gte=since, resolved_at__lt=until))
    people = User.objects.select_related("unit")
    if user_may(user, "tickets.view") != "all":
        pauses, owned, people = pauses.filter(by__unit=user.unit_id), owned.filter(owner__unit=user.unit_id), people.filter(unit=user.unit_id)
    per_ticket: Counter[tuple[int, int]] = Counter()
    worked: dict[int, set[int]] = defaultdict(set)
    for agent, ticket in pauses.values_list("by_id", "ticket_id")[:MOST]:
        assert agent is not None
        per_ticket[agent, ticket] += 1
        worked[agent].add(ticket)
    for agent, ticket in owned.values_list("owner_id", "pk")[:MOST]:
        assert agent is not None
        worked[agent].add(ticket)
    near: Counter[int] = Counter()
    seen: set[tuple[int, datetime]] = set()
    stopped = ClockChange.objects.filter(why="waiting", by__in=list(worked), at__gte=since, at__lt=until, due_before__isnull=False)
    for agent, ticket, at, due in stopped.values_list("by_id", "ticket_id", "at", "due_before")[:MOST]:
        assert agent is not None
        assert due is not None
        if timedelta() <= due - at <= timedelta(seconds=SHORTLY) and (ticket, at) not in seen:
            seen.add((ticket, at))  # several clocks are stopped by one pause
            near[agent] += 1
    found = {one.pk: one for one in people.filter(pk__in=list(worked))}
    total: Counter[int] = Counter()
    for (agent, _ticket), count in per_ticket.items():
        total[agent] += count
    agents = judged(Agent(pk, one.unit_id, len(worked[pk]), total[pk], near[pk]) for pk, one in found.items())
    shown: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for (agent, ticket), count in per_ticket.most_common():
        if len(shown[agent]) < EXAMPLES:
            shown[agent].append((ticket, count))
    titles = {
        pk: (number, title)
        for pk, number, title in Ticket.objects.filter(pk__in={ticket for some in shown.values() for ticket, _count in some}).values_list(
            "pk", "number", "title"
        )
    }
    examples = {agent: [(*titles[ticket], count) for ticket, count in some if ticket in titles] for agent, some in shown.items()}
    return Report(
        agents,
        {pk: one.name for pk, one in found.items()},
        {one.unit_id: one.unit.name for one in found.values() if one.unit is not None and one.unit_id is not None},
        examples,
    )

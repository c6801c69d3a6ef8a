"""Looking for many similar tickets within a short time, by the clock, and keeping what was found as suggestions. Managers' numbers say when (models_incident.IncidentRule)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cordboard.events import log
from cordboard.tickets import events_incident, incident, states
from cordboard.tickets.incident import Group, New, Rule
from cordboard.tickets.models_incident import IncidentRule, IncidentSuggestion, IncidentTicket, MassIncident
from cordboard.tickets.models_similar import TicketWords

State = IncidentSuggestion.State
KEPT = timedelta(days=7)
"""Suggestions so old are not compared any more."""


def rules() -> dict[str, Rule]:
    """By family of products. One query."""
    return {row.family: Rule(row.least, row.minutes, row.likeness / 100) for row in IncidentRule.objects.filter(active=True)}


def look(*, now: datetime | None = None) -> list[int]:
    """Suggest what looks like one incident; what is suggested already grows, what was dismissed stays so until it is twice as large, and what is like an open incident is suggested to be
    tied to it. Returns the suggestions made or changed."""
    now = now or timezone.now()
    known = rules()
    if not known:
        return []
    since = now - timedelta(minutes=max(rule.minutes for rule in known.values()))
    rows = TicketWords.objects.filter(at__gte=since, at__lte=now, ticket__state__in=states.OPEN)
    found = [
        New(pk, at, family, party or 0, words)
        for pk, at, family, party, words in rows.order_by("-at", "-pk").values_list("pk", "at", "family", "ticket__party_id", "words")[: 4 * incident.MOST]
    ]
    groups = incident.detect(found, now, known)
    if not groups:
        return []
    every = {number for group in groups for number in group.tickets}
    tied = dict(IncidentTicket.objects.filter(ticket__in=every, untied_at=None).values_list("ticket_id", "incident_id"))
    open_ = set(MassIncident.objects.filter(pk__in=tied.values(), state=MassIncident.State.OPEN).values_list("pk", flat=True))
    with transaction.atomic():
        before = list(IncidentSuggestion.objects.select_for_update().filter(found_at__gte=now - KEPT))
        changed = [_keep(group, tied, open_, before, known, now) for group in groups]
    return [number for number in changed if number]


def _keep(group: Group, tied: dict[int, int], open_: set[int], before: list[IncidentSuggestion], known: dict[str, Rule], now: datetime) -> int:
    """One group; 0 when there is nothing new in it."""
    free = [number for number in group.tickets if number not in tied]
    if not free:
        return 0
    of = next((tied[number] for number in group.tickets if tied.get(number) in open_), None)
    rule = known.get(group.family, known.get("", Rule()))
    why = {"customers": group.customers, "minutes": rule.minutes, "likeness": round(rule.likeness * 100)}
    alike = [one for one in before if incident.same(one.tickets, free) and one.incident_id in (of, None)]
    waiting = next((one for one in alike if one.state == State.OPEN), None)
    if waiting is not None:
        if set(free) <= set(waiting.tickets):
            return 0
        waiting.tickets, waiting.words, waiting.why, waiting.incident_id = sorted({*waiting.tickets, *free}), list(group.words), why, of
        waiting.save(update_fields=["tickets", "words", "why", "incident"])
        row = waiting
    elif any(one.state == State.DISMISSED and not incident.grown(one.tickets, free) for one in alike):
        return 0
    else:
        row = IncidentSuggestion.objects.create(family=group.family, words=list(group.words), tickets=free, why=why, incident_id=of, found_at=now)
    log.record(events_incident.SUGGESTED, actor="worker", suggestion=row.pk, incident=of, count=len(row.tickets), customers=group.customers)
    return row.pk

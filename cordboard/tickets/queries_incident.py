"""Reading mass incidents: what was found, what is tied, and what became of an answer."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, Q

from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.tickets import states
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_incident import IncidentResult, IncidentRun, IncidentSuggestion, IncidentTicket, MassIncident
from cordboard.tickets.queries import visible


def suggestions(user: User) -> list[tuple[IncidentSuggestion, list[Ticket]]]:
    """What is to be decided, each with those of its tickets that the user may see, the newest first. Two queries."""
    rows = list(IncidentSuggestion.objects.filter(state=IncidentSuggestion.State.OPEN).select_related("incident")[:20])
    wanted = {number for row in rows for number in row.tickets}
    by = {ticket.pk: ticket for ticket in visible(user).filter(pk__in=wanted).select_related("party")} if wanted else {}
    found = [(row, [by[number] for number in reversed(row.tickets) if number in by]) for row in rows]
    return [(row, tickets) for row, tickets in found if tickets]


def incidents(*, most: int = 50) -> list[MassIncident]:
    """The newest, open ones first, with how many tickets are tied (`count`) and how many of them are open (`open_count`). One query."""
    tied = Q(tied__untied_at=None)
    rows = MassIncident.objects.annotate(
        count=Count("tied", filter=tied), open_count=Count("tied", filter=tied & Q(tied__ticket__state__in=states.OPEN))
    ).select_related("opened_by")
    return sorted(rows.order_by("-opened_at", "-pk")[:most], key=lambda row: row.state != MassIncident.State.OPEN)


def tied(user: User, incident: int, *, most: int = 500) -> tuple[list[IncidentTicket], int]:
    """The tickets tied to it that the user may see, the newest first, and how many there are in all. Two queries."""
    rows = IncidentTicket.objects.filter(incident=incident, untied_at=None)
    seen = rows.filter(ticket__in=visible(user)).select_related("ticket__party", "ticket__owner", "tied_by")
    return list(seen.order_by("-ticket__opened_at", "-ticket_id")[:most]), rows.count()


def untied(user: User, incident: int, *, most: int = 20) -> list[IncidentTicket]:
    """Those untied from it lately that are free, so that they can be tied again. One query."""
    taken = IncidentTicket.objects.filter(untied_at=None).values("ticket")
    rows = IncidentTicket.objects.filter(incident=incident, untied_at__isnull=False, ticket__in=visible(user)).exclude(ticket__in=taken)
    return list(rows.select_related("ticket__party", "untied_by").order_by("-untied_at", "-pk")[:most])


def runs(incident: int, *, most: int = 10) -> list[IncidentRun]:
    """The answers to all, the newest first, counted by what became of their tickets (`waiting`, `done`, `failed`, `out`). One query."""
    states_ = IncidentResult.State
    return list(
        IncidentRun.objects.filter(incident=incident)
        .annotate(
            waiting=Count("results", filter=Q(results__state=states_.WAITING)),
            done=Count("results", filter=Q(results__state=states_.DONE)),
            failed=Count("results", filter=Q(results__state=states_.FAILED)),
            out=Count("results", filter=Q(results__state=states_.LEFT_OUT)),
        )
        .select_related("by")
        .order_by("-begun_at", "-pk")[:most]
    )


def failures(runs_: Sequence[IncidentRun], *, most: int = 100) -> list[IncidentResult]:
    """What was not done, with why. One query."""
    rows = IncidentResult.objects.filter(run__in=[one.pk for one in runs_], state=IncidentResult.State.FAILED)
    return list(rows.select_related("ticket__party").order_by("-run", "ticket")[:most])


def languages(incident: int) -> dict[str, int]:
    """How many tied open tickets have a customer of each first language. One query."""
    counts: dict[str, int] = {}
    rows = IncidentTicket.objects.filter(incident=incident, untied_at=None, left_out=False, ticket__state__in=states.OPEN)
    for spoken in rows.values_list("ticket__party__languages", flat=True):
        first = spoken[0] if spoken else "en"
        counts[first] = counts.get(first, 0) + 1
    return counts


def of_ticket(ticket: int) -> IncidentTicket | None:
    """To which incident a ticket is tied. One query."""
    return _OF_TICKET.first(ticket)


_OF_TICKET = Kept(lambda ticket: IncidentTicket.objects.filter(ticket=ticket, untied_at=None).select_related("incident").order_by("pk")[:1])

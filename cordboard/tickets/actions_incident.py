"""Mass incidents: made by hand or from a suggestion, tickets tied to them and untied, all answered and resolved at once by the worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.languages import LANGUAGES, best
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.tickets import actions, actions_message, events_incident, states
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_incident import IncidentResult, IncidentRun, IncidentSuggestion, IncidentTicket, MassIncident
from cordboard.tickets.permissions_level import INCIDENTS
from cordboard.tickets.queries import visible

MOST_TEXT = 10_000
MOST_TIED = 2_000
AT_ONCE = 50
"""Tickets that one job answers before others have their turn."""
SILENT = timedelta(seconds=60)
"""A run of which nothing was heard so long is taken up anew."""
Result = IncidentResult.State


def open_incident(
    user: User, title: str, *, cause: str = "", tickets: Sequence[int] = (), suggestion: int | None = None, now: datetime | None = None
) -> MassIncident:
    """A new one, with the tickets tied to it that are given or that the suggestion names. Raises ValidationError, PermissionDenied."""
    require(user, INCIDENTS)
    now = now or timezone.now()
    title = " ".join(title.split())[:200]
    if not title:
        raise ValidationError({"title": _("Say in a few words what has happened.")})
    with transaction.atomic():
        found = IncidentSuggestion.objects.select_for_update().filter(pk=suggestion, state=IncidentSuggestion.State.OPEN).first() if suggestion else None
        if suggestion and found is None:
            raise ValidationError({"title": _("A colleague has decided on this suggestion meanwhile.")})
        family = found.family if found is not None else ""
        row = MassIncident.objects.create(title=title, cause=cause.strip()[:MOST_TEXT], family=family, opened_by=user, opened_at=now)
        log.record(events_incident.OPENED, actor=f"user:{user.pk}", incident=row.pk, suggestion=suggestion)
        if found is not None:
            found.state, found.incident, found.settled_by, found.settled_at = IncidentSuggestion.State.TAKEN, row, user, now
            found.save(update_fields=["state", "incident", "settled_by", "settled_at"])
        _tie(user, row, tickets or (found.tickets if found is not None else ()), now)
    return row


def change(user: User, number: int, *, title: str, cause: str, now: datetime | None = None) -> MassIncident:
    """Other words for what has happened and why. Raises ValidationError, PermissionDenied, MassIncident.DoesNotExist."""
    require(user, INCIDENTS)
    title = " ".join(title.split())[:200]
    if not title:
        raise ValidationError({"title": _("Say in a few words what has happened.")})
    with transaction.atomic():
        row = MassIncident.objects.select_for_update().get(pk=number)
        row.title, row.cause = title, cause.strip()[:MOST_TEXT]
        row.version += 1
        row.save(update_fields=["title", "cause", "version"])
        log.record(events_incident.CHANGED, actor=f"user:{user.pk}", incident=row.pk, fields=["title", "cause"])
    return row


def tie(user: User, number: int, tickets: Sequence[int], *, now: datetime | None = None) -> list[int]:
    """Tie tickets to it; those that are tied to another one stay there. Returns those tied. Raises PermissionDenied, ValidationError when it is over."""
    require(user, INCIDENTS)
    with transaction.atomic():
        row = MassIncident.objects.select_for_update().get(pk=number)
        if row.state != MassIncident.State.OPEN:
            raise ValidationError({"tickets": _("This incident is resolved: open a new one.")})
        return _tie(user, row, tickets, now or timezone.now())


def tie_suggested(user: User, suggestion: int, *, now: datetime | None = None) -> MassIncident:
    """Tie what was found later to the incident that it was found for. Raises ValidationError, PermissionDenied."""
    require(user, INCIDENTS)
    now = now or timezone.now()
    with transaction.atomic():
        found = (
            IncidentSuggestion.objects.select_for_update(of=("self",))
            .select_related("incident")
            .filter(pk=suggestion, state=IncidentSuggestion.State.OPEN)
            .first()
        )
        if found is None or found.incident is None:
            raise ValidationError({"tickets": _("A colleague has decided on this suggestion meanwhile.")})
        tie(user, found.incident.pk, found.tickets, now=now)
        found.state, found.settled_by, found.settled_at = IncidentSuggestion.State.TAKEN, user, now
        found.save(update_fields=["state", "settled_by", "settled_at"])
    return found.incident


def untie(user: User, number: int, tickets: Sequence[int], *, now: datetime | None = None) -> list[int]:
    """These are not of it after all. They can be tied again. Returns those untied. Raises PermissionDenied."""
    require(user, INCIDENTS)
    now = now or timezone.now()
    with transaction.atomic():
        rows = IncidentTicket.objects.select_for_update().filter(incident=number, ticket__in=tickets, untied_at=None)
        done = sorted(rows.values_list("ticket_id", flat=True))
        rows.update(untied_at=now, untied_by=user)
        if done:
            log.record(events_incident.UNTIED, actor=f"user:{user.pk}", incident=number, tickets=done)
    return done


def leave_out(user: User, number: int, tickets: Sequence[int], on: bool) -> list[int]:
    """Tied, but answered by hand, or not so any more. Returns those that changed. Raises PermissionDenied."""
    require(user, INCIDENTS)
    with transaction.atomic():
        rows = IncidentTicket.objects.select_for_update().filter(incident=number, ticket__in=tickets, untied_at=None).exclude(left_out=on)
        done = sorted(rows.values_list("ticket_id", flat=True))
        IncidentTicket.objects.filter(incident=number, ticket__in=done, untied_at=None).update(left_out=on)
        if done:
            log.record(events_incident.LEFT_OUT, actor=f"user:{user.pk}", incident=number, tickets=done, on=on)
    return done


def dismiss(user: User, suggestion: int, *, now: datetime | None = None) -> bool:
    """Not one incident. Comes up again when it is twice as large. Returns whether it was to be decided."""
    require(user, INCIDENTS)
    with transaction.atomic():
        row = IncidentSuggestion.objects.select_for_update().filter(pk=suggestion, state=IncidentSuggestion.State.OPEN).first()
        if row is None:
            return False
        row.state, row.settled_by, row.settled_at = IncidentSuggestion.State.DISMISSED, user, now or timezone.now()
        row.save(update_fields=["state", "settled_by", "settled_at"])
        log.record(events_incident.DISMISSED, actor=f"user:{user.pk}", suggestion=row.pk)
    return True


def run(user: User, number: int, texts: Mapping[str, str], *, resolve: bool = False, now: datetime | None = None) -> IncidentRun:
    """Answer all tied tickets (each customer in their language where there is a text of it, else in English, else in what there is), resolve them, or both. The worker does it; each
    ticket's result is kept. Raises ValidationError, PermissionDenied."""
    require(user, INCIDENTS)
    now = now or timezone.now()
    kept = {language: text.strip()[:MOST_TEXT] for language, text in texts.items() if language in LANGUAGES and text.strip()}
    if not kept and not resolve:
        raise ValidationError({"texts": _("Write what customers are told, in one language at least, or resolve the tickets.")})
    with transaction.atomic():
        row = MassIncident.objects.select_for_update().get(pk=number)
        if IncidentRun.objects.filter(incident=row, ended_at=None).exists():
            raise ValidationError({"texts": _("An answer is on its way: wait until it is done.")})
        tied = list(row.tied.filter(untied_at=None).select_related("ticket").order_by("ticket_id"))
        open_ = [one for one in tied if one.ticket.state in states.OPEN]
        if not any(not one.left_out for one in open_):
            raise ValidationError({"texts": _("No open ticket is tied to it that is not left out.")})
        made = IncidentRun.objects.create(incident=row, texts=kept, resolve=resolve, by=user, begun_at=now)
        IncidentResult.objects.bulk_create(
            IncidentResult(run=made, ticket=one.ticket, state=Result.LEFT_OUT if one.left_out else Result.WAITING) for one in open_
        )
        if kept:
            row.texts = kept
        if resolve:
            row.state, row.resolved_at = MassIncident.State.RESOLVED, now
        row.version += 1
        row.save(update_fields=["texts", "state", "resolved_at", "version"])
        count = sum(not one.left_out for one in open_)
        log.record(events_incident.RUN, actor=f"user:{user.pk}", incident=row.pk, run=made.pk, count=count, resolve=resolve, answer=bool(kept))
        _enqueue(made.pk)
    return made


def again(user: User, run_id: int) -> int:
    """Try once more what was not done. Returns how many. Raises PermissionDenied."""
    require(user, INCIDENTS)
    with transaction.atomic():
        row = IncidentRun.objects.select_for_update().get(pk=run_id)
        count = row.results.filter(state=Result.FAILED).update(state=Result.WAITING, why="", at=None)
        if count:
            row.ended_at, row.by = None, user
            row.save(update_fields=["ended_at", "by"])
            _enqueue(row.pk)
    return count


def work(run_id: int, *, now: datetime | None = None) -> bool:
    """Some of a run's tickets, each in a transaction of its own: killed in the middle, none is answered twice. Returns whether there are more."""
    row = IncidentRun.objects.select_related("by", "incident").filter(pk=run_id, ended_at=None).first()
    if row is None:
        return False
    waiting = list(row.results.filter(state=Result.WAITING).order_by("ticket_id").values_list("pk", flat=True)[:AT_ONCE])
    for number in waiting:
        _one(row, number, now or timezone.now())
    if row.results.filter(state=Result.WAITING).exists():
        return True
    with transaction.atomic():
        if IncidentRun.objects.filter(pk=run_id, ended_at=None).update(ended_at=now or timezone.now()):
            done, failed = (row.results.filter(state=state).count() for state in (Result.DONE, Result.FAILED))
            log.record(events_incident.RAN, actor="worker", incident=row.incident_id, run=row.pk, done=done, failed=failed)
    return False


def take_up(*, now: datetime | None = None) -> int:
    """Runs that a worker left in the middle. Returns how many."""
    now = now or timezone.now()
    count = 0
    for row in IncidentRun.objects.filter(ended_at=None, begun_at__lt=now - SILENT)[:20]:
        last = row.results.exclude(at=None).order_by("-at").values_list("at", flat=True).first()
        if last is None or last < now - SILENT:
            _enqueue(row.pk)
            count += 1
    return count


def _one(run_row: IncidentRun, number: int, now: datetime) -> None:
    with transaction.atomic():
        result = IncidentResult.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=number, state=Result.WAITING).first()
        if result is None:
            return
        ticket = Ticket.objects.select_related("party").get(pk=result.ticket_id)
        language = language_for(run_row.texts, ticket.party.languages if ticket.party is not None else ())
        user = run_row.by
        try:
            if user is None:
                raise PermissionDenied(_("Who began it is not here any more."))
            with transaction.atomic(), translation.override(user.language):
                if run_row.texts:
                    actions_message.reply(user, ticket.pk, run_row.texts[language], then="resolved" if run_row.resolve else "", now=now)
                elif run_row.resolve:
                    actions.set_state(user, ticket.pk, "resolved", now=now)
        except (ValidationError, PermissionDenied) as problem:
            result.state, result.why = Result.FAILED, _said(problem)[:300]
        else:
            result.state, result.language, result.why = Result.DONE, language if run_row.texts else "", ""
        result.at = now
        result.save(update_fields=["state", "language", "why", "at"])


def language_for(texts: Mapping[str, str], spoken: Sequence[str]) -> str:
    """The language of the text that a customer gets: the first that they speak and that was written in, else English, else the first written."""
    return next((one for one in (best([code], "") for code in spoken) if one in texts), "en" if "en" in texts else next(iter(texts), ""))


def _said(problem: Exception) -> str:
    return " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem) or _("It is not allowed.")


def _tie(user: User, row: MassIncident, tickets: Sequence[int], now: datetime) -> list[int]:
    wanted = list(dict.fromkeys(tickets))[:MOST_TIED]
    taken = set(IncidentTicket.objects.filter(ticket__in=wanted, untied_at=None).values_list("ticket_id", flat=True))
    seen = set(visible(user).filter(pk__in=wanted).values_list("pk", flat=True))
    new = [number for number in wanted if number in seen and number not in taken]
    IncidentTicket.objects.bulk_create(IncidentTicket(incident=row, ticket_id=number, tied_by=user, tied_at=now) for number in new)
    if new:
        log.record(events_incident.TIED, actor=f"user:{user.pk}", incident=row.pk, tickets=new)
    return new


def _enqueue(number: int) -> None:
    from cordboard.tickets.tasks_incident import carry

    carry.enqueue(number)


__all__ = ("again", "change", "dismiss", "language_for", "leave_out", "open_incident", "run", "take_up", "tie", "tie_suggested", "untie", "work")

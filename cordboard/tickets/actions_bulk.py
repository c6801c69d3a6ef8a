"""Changes of many tickets at once, and their undo.

What is asked is one row; the worker goes through its tickets. For each there is one transaction with the change, its events and the row that says what came of it, so a
worker that is killed loses nothing and does nothing twice: whoever goes on passes over the tickets that have such a row. The undo is a bulk change too: it puts back
what still stands as the first one left it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import Error, transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.tickets import actions_bulk_each as each
from cordboard.tickets.events_view import BULK_ASKED, BULK_ENDED
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_view import BulkChange, BulkItem

logger = logging.getLogger(__name__)

MOST = 10_000
"""Tickets of one change."""
CHUNK = 100
"""Tickets between two looks at whether it is to stop."""
GIVEN_UP = timedelta(seconds=30)
"""A worker that took up none for so long is gone."""
State, Result = BulkChange.State, BulkItem.Result


def ask(user: User, what: str, to: Any, tickets: Sequence[int], *, now: datetime | None = None) -> BulkChange:
    """Have these tickets changed; `what` is one of actions_bulk_each.VERBS. The caller enqueues the work in the same transaction. Raises ValidationError, PermissionDenied."""
    require(user, "tickets.change")
    to = each.checked(what, to)
    ids = list(dict.fromkeys(tickets))
    if not ids:
        raise ValidationError(_("Choose some tickets first."))
    if len(ids) > MOST:
        raise ValidationError(_("At most %(most)d tickets at once. Narrow the view, or do it in parts.") % {"most": MOST})
    return _made(user, {"what": what, "to": to}, ids, None, now)


def undo(user: User, bulk: int, *, now: datetime | None = None) -> BulkChange:
    """Have put back what a bulk change of one's own did. Once; one that is still going on is stopped first. Raises ValidationError, PermissionDenied, BulkChange.DoesNotExist."""
    require(user, "tickets.change")
    with transaction.atomic():
        row = BulkChange.objects.select_for_update(of=("self",)).get(pk=bulk, by=user)
        if row.undoes_id is not None or BulkChange.objects.filter(undoes=row).exists():
            raise ValidationError(_("This was put back already."))
        if row.state in (State.WAITING, State.RUNNING):
            _end(row, State.STOPPED, now)
        ids = list(row.items.filter(result=Result.DONE).order_by("-pk").values_list("ticket_id", flat=True))
        if not ids:
            raise ValidationError(_("Nothing was changed, so there is nothing to put back."))
        return _made(user, {"what": each.UNDO, "to": None}, ids, row, now)


def stop(user: User, bulk: int, *, now: datetime | None = None) -> None:
    """What is not done yet stays as it is; `go_on` takes it up again. Raises BulkChange.DoesNotExist."""
    with transaction.atomic():
        row = BulkChange.objects.select_for_update(of=("self",)).get(pk=bulk, by=user)
        if row.state in (State.WAITING, State.RUNNING):
            _end(row, State.STOPPED, now)


def go_on(user: User, bulk: int, *, now: datetime | None = None) -> BulkChange:
    """Do the rest, and try again what was left. The caller enqueues the work in the same transaction. Raises ValidationError, BulkChange.DoesNotExist."""
    now = now or timezone.now()
    with transaction.atomic():
        row = BulkChange.objects.select_for_update(of=("self",)).get(pk=bulk, by=user)
        if row.state in (State.WAITING, State.RUNNING):
            return row
        if BulkChange.objects.filter(undoes=row).exists():
            raise ValidationError(_("This was put back: ask for the change anew."))
        row.items.filter(result=Result.LEFT).delete()
        row.state, row.ended_at, row.beat_at = State.WAITING, None, now
        row.save(update_fields=["state", "ended_at", "beat_at"])
        log.record(BULK_ASKED, actor=f"user:{user.pk}", bulk=row.pk, by=user.pk, what=row.change["what"], tickets=len(row.tickets))
    return row


def work(bulk: int, *, chunk: int = CHUNK, now: datetime | None = None) -> bool:
    """Do the next tickets. True when there may be more; False when it is over, was stopped, or is not there."""
    row = BulkChange.objects.select_related("by").filter(pk=bulk, state__in=(State.WAITING, State.RUNNING)).first()
    if row is None:
        return False
    BulkChange.objects.filter(pk=bulk, state__in=(State.WAITING, State.RUNNING)).update(state=State.RUNNING, beat_at=now or timezone.now())
    done = set(row.items.values_list("ticket_id", flat=True))
    left = [pk for pk in row.tickets if pk not in done]
    with translation.override(row.by.language or "en"):
        for ticket in left[:chunk]:
            _one(row, ticket, now)
    if len(left) > chunk:
        return True
    with transaction.atomic():
        standing = BulkChange.objects.select_for_update(of=("self",)).filter(pk=bulk, state=State.RUNNING).first()
        if standing is not None:
            _end(standing, State.DONE, now)
    return False


def given_up(now: datetime | None = None) -> list[int]:
    """Those that a worker left in the middle, marked as taken up now. Asked by the clock."""
    now = now or timezone.now()
    old = now - GIVEN_UP
    ids = BulkChange.objects.filter(ended_at=None, beat_at__lt=old).order_by("pk").values_list("pk", flat=True)[:20]
    return [pk for pk in ids if BulkChange.objects.filter(pk=pk, ended_at=None, beat_at__lt=old).update(beat_at=now)]


def _one(row: BulkChange, ticket_id: int, now: datetime | None) -> None:
    """One ticket, one transaction. What is in its way is written down, and the next one comes."""
    why = ""
    try:
        with transaction.atomic():
            ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
            if BulkItem.objects.filter(bulk=row, ticket=ticket).exists():  # another worker was quicker
                return
            before = each.standing(ticket)
            if row.undoes_id is not None:
                each.put_back(row.by, ticket, BulkItem.objects.get(bulk=row.undoes_id, ticket=ticket), now)
            else:
                each.apply(row.by, ticket, row.change["what"], row.change["to"], now)
            old = each.difference(before, each.standing(ticket))
            version = Ticket.objects.values_list("version", flat=True).get(pk=ticket_id)
            BulkItem.objects.create(bulk=row, ticket_id=ticket_id, result=Result.DONE if old else Result.SAME, old=old, version=version)
        return
    except ValidationError as refused:
        why = " ".join(refused.messages)
    except PermissionDenied as denied:
        why = str(denied) or _("You may not do that.")
    except Ticket.DoesNotExist:
        return  # nothing is left of it that could be told of
    except Error:
        logger.exception("bulk change %d could not change ticket %d", row.pk, ticket_id)
        why = _("The database did not take it. Try again.")
    with transaction.atomic():
        BulkItem.objects.get_or_create(bulk=row, ticket_id=ticket_id, defaults={"result": Result.LEFT, "why": why[:300]})


def _made(user: User, change: dict[str, Any], ids: list[int], undoes: BulkChange | None, now: datetime | None) -> BulkChange:
    now = now or timezone.now()
    with transaction.atomic():
        row = BulkChange.objects.create(by=user, change=change, tickets=ids, undoes=undoes, asked_at=now, beat_at=now)
        log.record(BULK_ASKED, actor=f"user:{user.pk}", bulk=row.pk, by=user.pk, what=change["what"], tickets=len(ids))
    return row


def _end(row: BulkChange, state: str, now: datetime | None) -> None:
    row.state, row.ended_at = state, now or timezone.now()
    row.save(update_fields=["state", "ended_at"])
    log.record(BULK_ENDED, actor="worker", bulk=row.pk, by=row.by_id, state=str(state))

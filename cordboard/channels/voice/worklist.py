"""Messages without a number to call back, in the work lists. Those with one are callbacks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cordboard.channels.voice import events
from cordboard.channels.voice.actions_voicemail import may_hear
from cordboard.channels.voice.models import Voicemail
from cordboard.channels.voice.queries_voicemail import loose_voicemails
from cordboard.events import log
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.org.worklist import Asked, Kind, Open, Outcome, Row, offer
from cordboard.routing.permissions import CALLBACKS


def messages(asked: Asked, most: int) -> list[Row]:
    """Those that the reader may hear. One query, one more for a list of one's own with those of colleagues whom one stands in for."""
    if asked.which == "position" or user_may(asked.user, CALLBACKS) is None:
        return []
    found = loose_voicemails(asked.user)
    if asked.which == "mine":
        found = [row for row in found if row.agent_id in asked.people]
    else:
        found = [row for row in found if row.queue.unit_id == asked.unit]
    return [_row(row) for row in found[:most]]


def _row(row: Voicemail) -> Row:
    contact = row.recording.call.interaction
    return Row(
        kind="message", number=row.pk, ref=str(row.pk), title=contact.headline or str(_("A caller left a message")), due=row.left_at, priority=4,
        owner=row.agent_id, owner_name=str(row.agent or ""), stands=row.queue.name, party=contact.subject_id,
        party_name=str(contact.subject or contact.from_address or ""), what=str(_("Message")), made=row.left_at,
        state=str(_("heard")) if row.heard_at is not None else "",
    )  # fmt: skip


def take(user: Any, number: int, now: datetime) -> Outcome:
    row = Voicemail.objects.select_for_update(of=("self",)).select_related("queue", "recording").filter(pk=number).first()
    if row is not None and row.agent is not None and row.agent_id != user.pk:
        return Outcome(False, _now("%(name)s has taken this one.") % {"name": row.agent})
    return _to(row, user, user)


def give(user: Any, number: int, to: User | None, why: str, now: datetime) -> Outcome:
    row = Voicemail.objects.select_for_update(of=("self",)).select_related("queue", "recording").filter(pk=number).first()
    return _to(row, user, to)


def _to(row: Voicemail | None, user: Any, to: User | None) -> Outcome:
    if row is None or row.done_at is not None:
        return Outcome(False, _now("This is finished already.") if row is not None else _now("This is not there any more."))
    if not may_hear(user, row):
        raise PermissionDenied(_now("This message is not for you."))
    if row.agent_id == (to.pk if to is not None else None):
        return Outcome(True)
    old, row.agent = row.agent_id, to
    row.save(update_fields=["agent"])
    log.record(events.MESSAGE_GIVEN, actor=f"user:{user.pk}", interaction=row.recording.call_id, recording=row.pk, agent=row.agent_id, old=old)
    return Outcome(True, moved=True, old=old, unit=row.queue.unit_id)


def open_of(people: Sequence[int]) -> Iterable[Open]:
    """One query."""
    rows: Iterable[Open] = (
        Voicemail.objects.filter(agent__in=people, done_at=None, callback=None).annotate(due=F("left_at")).values_list("agent_id", "left_at", "due")
    )
    return rows


offer(Kind("message", _("Messages"), messages, take, give, open_of, order=45))

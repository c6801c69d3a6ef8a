"""The contacts behind a figure, as lines of a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cordboard.analytics.asked import Choices
from cordboard.analytics.channels import words
from cordboard.analytics.columns import DASH, clock
from cordboard.analytics.models import Part, Tag
from cordboard.analytics.sums import Sums
from cordboard.interactions.models import ContactReason, Interaction
from cordboard.interactions.permissions import VIEW as SEE_CONTACTS
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.routing.models import Queue


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    number: int
    channel: str
    queue: str
    agent: str
    customer: str
    url: str
    reasons: str
    fate: str
    waited: str
    talk: str
    hold: str
    wrapup: str


def listed(parts: QuerySet[Part], choices: Choices, zone: ZoneInfo) -> list[Line]:
    """One line a part. Whom it was about is shown to those who may see contacts. Five queries, six with customers."""
    rows = list(parts)
    may_see = user_may(choices.user, SEE_CONTACTS) is not None
    known = Interaction.objects.filter(pk__in={row.interaction for row in rows}).select_related("subject")
    contacts = {one.pk: one for one in known} if may_see else {}
    queues = dict(Queue.objects.filter(pk__in={row.queue for row in rows}).values_list("pk", "name"))
    agents = dict(User.objects.filter(pk__in={row.agent for row in rows}).values_list("pk", "name"))
    names = {one.pk: one.name_in(choices.language) for one in ContactReason.objects.exclude(parent=None)}
    reasons: dict[int, list[str]] = {}
    for part, key in Tag.objects.filter(part__in=[row.pk for row in rows], kind=Tag.Kind.REASON).order_by("pk").values_list("part_id", "key"):
        if key in names:
            reasons.setdefault(part, []).append(names[key])
    return [_line(row, contacts.get(row.interaction), queues.get(row.queue, ""), agents.get(row.agent, ""), reasons.get(row.pk, []), zone) for row in rows]


def _line(row: Part, contact: Any, queue: str, agent: str, reasons: list[str], zone: ZoneInfo) -> Line:
    subject = contact.subject if contact is not None else None
    sums = Sums.of(row.__dict__)
    waited = sums.wait_answered_ms + sums.wait_abandoned_ms
    return Line(
        at=row.at.astimezone(zone),
        number=row.interaction,
        channel=words(row.channel),
        queue=queue,
        agent=agent,
        customer=subject.name if subject is not None else (contact.from_address if contact is not None else ""),
        url=reverse("desktop:customer", args=[subject.pk]) if subject is not None else "",
        reasons=", ".join(reasons),
        fate=_fate(sums),
        waited=clock(waited / 1000) if sums.answered or sums.abandoned else DASH,
        talk=_time(sums.talk_ms + sums.consult_ms, sums.handled or sums.consults),
        hold=_time(sums.hold_ms, sums.handled),
        wrapup=_time(sums.acw_ms, sums.handled),
    )


def _time(ms: int, there: int) -> str:
    return clock(ms / 1000) if there else DASH


def _fate(sums: Sums) -> str:
    """What became of it, in a word or two."""
    words = [
        (sums.short_abandoned, _("short abandon")),
        (sums.abandoned and not sums.short_abandoned, _("abandoned")),
        (sums.answered and sums.answered_within, _("answered in time")),
        (sums.answered and not sums.answered_within, _("answered late")),
        (sums.elsewhere, _("sent elsewhere")),
        (sums.outbound, _("called by us")),
        (sums.handled and not sums.answered and not sums.outbound, _("taken over")),
        (sums.consults, _("consulted")),
        (sums.rona, _("no answer")),
        (sums.rejected, _("rejected")),
        (sums.callbacks, _("callback promised")),
        (sums.transferred, _("transferred")),
    ]
    said = [text for holds, text in words if holds]
    return ", ".join(said) if said else _("open") if sums.offered else _("withdrawn")

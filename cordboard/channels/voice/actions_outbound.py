"""Calls of ours as the switch reports them: taken up, ringing, answered. How they end comes by `call_ending` like any other call's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cordboard.channels.voice import events
from cordboard.channels.voice.actions_call import SWITCH
from cordboard.channels.voice.models import Call
from cordboard.events import log
from cordboard.interactions.models import Interaction, Segment
from cordboard.lib.config import config
from cordboard.parties.normalise import phone_country
from cordboard.routing import actions_outbound as routing
from cordboard.routing.models import Outgoing

KIND = "outbound"


@dataclass(frozen=True, slots=True)
class Outbound:
    """A call that is to be placed: whom for whom."""

    interaction: int
    segment: int
    agent: int
    kind: str
    """Of the segment: outbound, callback."""
    number: str
    caller_id: str
    ring: float
    queue: str
    country: str
    language: str


def begin_outbound(interaction: int, reference: str, *, now: datetime | None = None) -> Outbound | None:
    """This switch places the call and calls it `reference`. None: another one does, or it is over already."""
    now = now or timezone.now()
    with transaction.atomic():
        row = Interaction.objects.select_for_update().filter(pk=interaction, ended_at=None).first()
        if row is None or not routing.begun(interaction, now):
            return None
        out = Outgoing.objects.select_related("queue").get(interaction=interaction)
        kinds = (Segment.Kind.OUTBOUND, Segment.Kind.CALLBACK)
        part = Segment.objects.filter(interaction=interaction, kind__in=kinds, state__in=("active", "held")).order_by("-id").first()
        if part is None:
            return None
        Call.objects.create(interaction=row, reference=reference, node=config().node, kind=KIND)
        log.record(events.CALL_BEGAN, actor=SWITCH, interaction=interaction, line=None, kind=KIND)
    return Outbound(
        interaction=interaction,
        segment=part.pk,
        agent=part.agent_id,
        kind=str(part.kind),
        number=out.number,
        caller_id=out.caller_id,
        ring=float(out.ring_seconds),
        queue=out.queue.code if out.queue is not None else "",
        country=phone_country(out.number),
        language=row.language or "en",
    )


def standing_dials() -> list[int]:
    """Interactions that are to be dialled and that no switch has taken up: asked for while none was there. One query."""
    return list(Outgoing.objects.filter(asked_at__isnull=False, begun_at=None, outcome="").order_by("asked_at").values_list("interaction_id", flat=True))


def customer_rings(interaction: int, *, trunk: str = "", now: datetime | None = None) -> bool:
    return routing.rings(interaction, trunk=trunk, actor=SWITCH, now=now)


def answered_by(interaction: int, what: str, *, now: datetime | None = None) -> bool:
    return routing.answered_by(interaction, what, actor=SWITCH, now=now)


def customer_answered(interaction: int, *, trunk: str = "", now: datetime | None = None) -> bool:
    return routing.answered(interaction, trunk=trunk, actor=SWITCH, now=now)

"""How well the legs of a call were heard, written down when each has ended."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from cordboard.channels.voice import events
from cordboard.channels.voice.actions_call import SWITCH
from cordboard.channels.voice.models import LegQuality
from cordboard.events import log
from cordboard.interactions.models import Segment
from cordboard.telephony import driver


def leg_heard(interaction: int, found: driver.LegQuality, segment: int | None = None, *, now: datetime | None = None) -> bool:
    """Keep the quality of a leg's whole life. `segment`: the agent's part it belonged to, None for the customer and for parties outside. False when it is
    known already."""
    with transaction.atomic():
        part = Segment.objects.filter(pk=segment, interaction=interaction).first() if segment is not None and segment > 0 else None
        made, fresh = LegQuality.objects.get_or_create(
            leg=found.leg[:80],
            defaults={
                "call_id": interaction,
                "segment": part,
                "codec": found.codec[:10],
                "seconds": found.seconds,
                "mos": found.mos,
                "lowest": found.lowest,
                "loss": found.loss,
                "jitter": found.jitter,
                "far_loss": found.far_loss,
                "far_jitter": found.far_jitter,
                "round_trip": found.round_trip,
                "at": now or timezone.now(),
            },
        )
        if fresh:
            log.record(events.LEG_HEARD, actor=SWITCH, interaction=interaction, leg=made.pk, mos=found.mos)
    return fresh

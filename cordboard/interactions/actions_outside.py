"""Somebody outside in a contact: dialled, rung, on the line, gone. For actions of routing: in the caller's transaction with the interaction locked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cordboard.interactions import events
from cordboard.interactions.models import Interaction, OutsideParty, Segment
from cordboard.interactions.tell import Tell

ON_LINE = (OutsideParty.State.ACTIVE, OutsideParty.State.HELD)


def _open_outside(interaction: int) -> list[OutsideParty]:
    """Whoever outside is dialled, rings or is on the line, oldest first."""
    return list(OutsideParty.objects.filter(interaction_id=interaction).exclude(state=OutsideParty.State.ENDED).select_related("segment").order_by("id"))


def _consulted_outside(parties: list[OutsideParty]) -> OutsideParty | None:
    """Who is asked while the customer waits: dialled or on the line."""
    return next((one for one in parties if one.purpose == OutsideParty.Purpose.CONSULT), None)


def _dial(row: Interaction, segment: Segment, number: str, purpose: str, tell: Tell, now: datetime, **terms: Any) -> OutsideParty:
    party = OutsideParty.objects.create(interaction=row, segment=segment, number=number, purpose=purpose, dialled_at=now, **terms)
    tell.add(events.OUTSIDE_DIALLED, **_fields(party), purpose=purpose)
    return party


def _fields(party: OutsideParty) -> dict[str, Any]:
    return {"interaction": party.interaction_id, "outside": party.pk, "segment": party.segment_id, "agent": party.segment.agent_id}


def _outside_is(
    party: OutsideParty, tell: Tell, *, state: str | None = None, purpose: str | None = None, answered_at: datetime | None = None, trunk: str = ""
) -> None:
    """What is given changes, and is told. `trunk`: the one that was chosen, whatever was asked for."""
    party.state, party.purpose = state or party.state, purpose or party.purpose
    party.answered_at, party.trunk = answered_at or party.answered_at, trunk[:40] or party.trunk
    party.save(update_fields=["state", "purpose", "answered_at", "trunk"])
    tell.add(events.OUTSIDE_CHANGED, **_fields(party), state=str(party.state), purpose=str(party.purpose))


def _outside_over(party: OutsideParty, cause: str, tell: Tell, now: datetime) -> None:
    party.state, party.cause, party.ended_at = OutsideParty.State.ENDED, cause, now
    party.save(update_fields=["state", "cause", "ended_at"])
    tell.add(events.OUTSIDE_ENDED, **_fields(party), purpose=str(party.purpose), cause=cause, answered=party.answered_at is not None)

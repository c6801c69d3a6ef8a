"""What the acts of handing over share: who has the contact, how many are in it, and whose it is next. In the caller's transaction, the interaction locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cordboard.interactions import actions_outside as outside
from cordboard.interactions import actions_segments as segments
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, OutsideParty, Segment
from cordboard.interactions.tell import Tell
from cordboard.routing import events
from cordboard.routing.models import Outgoing

MOST = 8
"""In one conversation, the customer among them. Supervisors do not count."""


def size(parts: Sequence[Segment], parties: Sequence[OutsideParty]) -> int:
    """How many are in the conversation or asked into it, the customer among them."""
    counted = [one for one in parts if one.state in (Segment.State.OFFERED, *segments.LIVE) and one.kind != Segment.Kind.SUPERVISE]
    return 1 + len(counted) + len(parties)


def had_by(user: Any, interaction: int) -> tuple[Interaction | None, list[Segment], Segment | None, Act]:
    """The locked interaction, its open segments and the user's main one; or why the user has none."""
    row = segments._locked(interaction)
    if row is None:
        return None, [], None, Act(Came.NO_SUCH, interaction)
    if row.ended_at is not None:
        return None, [], None, Act(Came.CUSTOMER_GONE, interaction)
    parts = segments._open_segments(interaction)
    main = segments._main(parts)
    if main is None or main.agent_id != user.pk:
        return None, parts, None, Act(Came.NOT_YOURS, interaction)
    return row, parts, main, Act(Came.DONE, interaction, main.pk)


def nobody_there(main: Segment) -> Act | None:
    """A message is given to a colleague whole, or to nobody: there is nobody on the line whom one could hold, park or bring together with others."""
    if main.kind != Segment.Kind.MESSAGE:
        return None
    return Act(Came.NOT_NOW, main.interaction_id, main.pk, why=_("This is a message: there is nobody on the line. Call back, or hand it over."))


def rings_still(row: Interaction) -> Act | None:
    """A call of ours that nobody has answered can be given to nobody: why not, None where that does not matter. One query."""
    if row.direction != Interaction.Direction.OUTBOUND or not Outgoing.objects.filter(interaction=row, answered_at=None).exists():
        return None
    return Act(Came.NOT_NOW, row.pk, why=_("The customer has not answered yet. Wait for the answer, or hang up."))


def hand_to_consulted(row: Interaction, main: Segment, consulted: Segment, tell: Tell, now: datetime) -> None:
    """The consulted colleague has the customer now. The former main segment was ended before. In the caller's transaction."""
    consulted.kind = Segment.Kind.TRANSFER
    consulted.save(update_fields=["kind"])
    segments._resume(consulted, tell, now)
    tell.add(
        events.CONSULT_COMPLETED,
        interaction=row.pk,
        segment=main.pk,
        agent=main.agent_id,
        to_agent=consulted.agent_id,
        to_queue=None,
        to_segment=consulted.pk,
    )
    segments._set_state(row, Interaction.State.ACTIVE, tell, agent=consulted.agent_id)


def given_to(row: Interaction, main: Segment, to: Segment, tell: Tell, now: datetime) -> None:
    """The former main segment was ended before. In the caller's transaction."""
    to.kind = Segment.Kind.TRANSFER
    to.save(update_fields=["kind"])
    segments._resume(to, tell, now)
    tell.add(
        events.CONFERENCE_HANDED_ON,
        interaction=row.pk,
        segment=main.pk,
        agent=main.agent_id,
        to_agent=to.agent_id,
        to_segment=to.pk,
    )
    segments._set_state(row, Interaction.State.ACTIVE, tell, agent=to.agent_id)


def hand_to_outside(row: Interaction, main: Segment, party: OutsideParty, tell: Tell) -> None:
    """Somebody outside, who is on the line, has the customer now. The former main segment was ended before. In the caller's transaction."""
    outside._outside_is(party, tell, state=OutsideParty.State.ACTIVE, purpose=OutsideParty.Purpose.TRANSFER)
    tell.add(events.HANDED_OUTSIDE, interaction=row.pk, segment=main.pk, agent=main.agent_id, outside=party.pk)
    segments._set_state(row, Interaction.State.ACTIVE, tell)

"""Somebody outside: dialled to be asked, to take the customer over, or to join. Until they answer the customer is the agent's, with music; when they
do not, the customer is back with the agent.

Rows first: the switch reads `interactions.outside_dialled`, dials, and reports here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import actions_outside as outside
from cordboard.interactions import actions_segments as segments
from cordboard.interactions import prohibitions
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, OutsideParty, Segment
from cordboard.interactions.tell import Tell
from cordboard.org.permissions import require
from cordboard.routing import actions_state as state
from cordboard.routing import dialling
from cordboard.routing.actions_call import queue_of, to_wrapup
from cordboard.routing.entries import open_entry
from cordboard.routing.handing import MOST, had_by, hand_to_outside, nobody_there, rings_still, size
from cordboard.routing.permissions import AGENT, DIAL

Purpose = OutsideParty.Purpose
FORBIDDEN_AS: dict[str, tuple[str, ...]] = {
    Purpose.TRANSFER: ("transfer_outside", "dial_outside"),
    Purpose.CONSULT: ("dial_outside",),
    Purpose.CONFERENCE: ("dial_outside", "conference"),
}
"""The acts as rules name them when they forbid one."""


def dial_outside(user: Any, interaction: int, number: str, purpose: str, *, trunk: str = "", now: datetime | None = None) -> Act:
    """Dial `number` for this contact, `purpose` consult, transfer or conference. Who carries and bills it is the first trunk that is up, or
    `trunk`; the number shown is the queue's. Needs routing.dial beside routing.agent. Came: done, not_dialled (why), full, not_now (somebody is asked already; a conference asks by inviting), forbidden (why), not_yours, customer_gone."""
    require(user, AGENT)
    require(user, DIAL)
    now = now or timezone.now()
    with transaction.atomic():
        row, parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            return refused
        if (refusal := rings_still(row) or nobody_there(main)) is not None:
            return refusal
        if (forbidden := prohibitions.refused(interaction, *FORBIDDEN_AS[purpose])) is not None:
            return forbidden
        verdict = dialling.verdict_for(user, number, now=now)
        if verdict.why is not None:
            return Act(Came.NOT_DIALLED, interaction, main.pk, dialling.words(verdict.why, verdict.by))
        parties = outside._open_outside(interaction)
        asked = segments._consulted(parts) is not None or open_entry(interaction) is not None
        asked = asked or any(one.purpose != Purpose.CONFERENCE or one.state not in outside.ON_LINE for one in parties)
        if asked or (purpose != Purpose.CONFERENCE and (segments._members(parts) or parties)):
            return Act(Came.NOT_NOW, interaction, main.pk)
        if size(parts, parties) >= MOST:
            return Act(Came.FULL, interaction, main.pk)
        tell = Tell.of(user)
        if purpose != Purpose.CONFERENCE:
            segments._hold(main, tell, now)
        queue = queue_of(main)
        shown = queue.caller_id if queue is not None else ""
        outside._dial(row, main, verdict.number, purpose, tell, now, caller_id=shown, trunk=trunk, ring_seconds=round(dialling.terms().ring))
        tell.write()
    return Act(Came.DONE, interaction, main.pk, verdict.number)


def call_off(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The number that is dialled for a transfer or a consultation is given up: the agent is with the customer again. Came: done, already, not_yours, ..."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row, _parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            return refused
        open_ = [one for one in outside._open_outside(interaction) if one.purpose != Purpose.CONFERENCE or one.state not in outside.ON_LINE]
        if not open_:
            return Act(Came.ALREADY if main.state == Segment.State.ACTIVE else Came.NOT_NOW, interaction, main.pk)
        tell = Tell.of(user)
        for party in open_:
            outside._outside_over(party, "called_off", tell, now)
        segments._resume(main, tell, now)
        tell.write()
    return Act(Came.DONE, interaction, main.pk)


# ---- what the switch reports --------------------------------------------------------------------------------------


def _reported(party: int) -> tuple[Interaction | None, OutsideParty | None]:
    """The interaction locked, and the party if it is not over."""
    interaction = OutsideParty.objects.filter(pk=party).values_list("interaction_id", flat=True).first()
    row = segments._locked(interaction) if interaction is not None else None
    found = OutsideParty.objects.select_related("segment__agent").filter(pk=party).exclude(state=OutsideParty.State.ENDED).first() if row is not None else None
    return row, found


def outside_ringing(party: int, *, trunk: str = "", actor: str = "switch", now: datetime | None = None) -> bool:
    with transaction.atomic():
        row, found = _reported(party)
        if row is None or found is None or found.state != OutsideParty.State.DIALLED:
            return False
        tell = Tell(actor)
        outside._outside_is(found, tell, state=OutsideParty.State.RINGING, trunk=trunk)
        tell.write()
    return True


def outside_answered(party: int, *, trunk: str = "", actor: str = "switch", now: datetime | None = None) -> bool:
    """They are on the line, over `trunk`. Of a transfer: the customer is theirs, the agent in wrap-up. Returns False when it was called off meanwhile."""
    now = now or timezone.now()
    with transaction.atomic():
        row, found = _reported(party)
        if row is None or found is None or found.state in outside.ON_LINE:
            return False
        tell = Tell(actor)
        outside._outside_is(found, tell, state=OutsideParty.State.ACTIVE, answered_at=now, trunk=trunk)
        if found.purpose == Purpose.TRANSFER:
            parts = segments._open_segments(row.pk)
            main = segments._main(parts)
            if main is not None:
                to_wrapup(main, "transferred", state.lock_agents([main.agent_id]).get(main.agent_id), tell, now)
                hand_to_outside(row, main, found, tell)
        tell.write()
    return True


def outside_gone(party: int, cause: str, *, actor: str = "switch", now: datetime | None = None) -> bool:
    """Busy, no answer, hung up. A transfer that came to nothing gives the customer back to the agent; after a consultation the agent has them on hold as
    before; a conference goes on without. That the customer is alone then is told as the customer's leaving."""
    now = now or timezone.now()
    with transaction.atomic():
        row, found = _reported(party)
        if row is None or found is None:
            return False
        tell = Tell(actor)
        answered = found.state in outside.ON_LINE
        outside._outside_over(found, cause, tell, now)
        main = segments._main(segments._open_segments(row.pk))
        if main is not None and found.purpose == Purpose.TRANSFER and not answered:
            segments._resume(main, tell, now)
        tell.write()
    return True

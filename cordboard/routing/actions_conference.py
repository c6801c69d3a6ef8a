"""More than two in a conversation: swap between customer and colleague, merge into a conference, invite, leave, remove.

A conference belongs to the agent who has the customer (the main segment); the others' segments are of kind conference. Whoever has the customer and
leaves hands them to the colleague who has been in it longest; the last agent ends it for all, or leaves the customer with somebody outside by an act
of its own. The customer leaving ends it for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions import actions_outside as outside
from cordboard.interactions import actions_segments as segments
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import OutsideParty, Segment
from cordboard.interactions.tell import Tell
from cordboard.org.permissions import require
from cordboard.routing import actions_state as state
from cordboard.routing import events
from cordboard.routing.actions_call import to_wrapup
from cordboard.routing.handing import given_to, had_by, hand_to_outside
from cordboard.routing.permissions import AGENT


def swap(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """During a consultation: from the colleague to the customer, or back; the other hears music. Came: done, not_now (nobody is consulted, or it still
    rings), not_yours, customer_gone."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row, parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            return refused
        colleague, party = _live_consult(parts, outside._open_outside(interaction))
        if colleague is None and party is None:
            return Act(Came.NOT_NOW, interaction, main.pk)
        tell = Tell.of(user)
        to_customer = main.state == Segment.State.HELD
        if to_customer:  # who is talked to next is told first: nobody is on hold with both for a moment
            segments._resume(main, tell, now)
        if colleague is not None:
            (segments._hold if to_customer else segments._resume)(colleague, tell, now)
        if party is not None:
            outside._outside_is(party, tell, state=OutsideParty.State.HELD if to_customer else OutsideParty.State.ACTIVE)
        if not to_customer:
            segments._hold(main, tell, now)
        tell.write()
    return Act(Came.DONE, interaction, main.pk)


def merge(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The colleague (or somebody outside) who is consulted joins the conversation with the customer. Came: done, already, not_now, not_yours, ..."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row, parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            return refused
        parties = outside._open_outside(interaction)
        colleague, party = _live_consult(parts, parties)
        if colleague is None and party is None:
            joined = segments._members(parts) or any(one.purpose == OutsideParty.Purpose.CONFERENCE for one in parties)
            return Act(Came.ALREADY if joined and main.state == Segment.State.ACTIVE else Came.NOT_NOW, interaction, main.pk)
        tell = Tell.of(user)
        if colleague is not None:
            colleague.kind = Segment.Kind.CONFERENCE
            colleague.save(update_fields=["kind"])
            segments._resume(colleague, tell, now)
        if party is not None:
            outside._outside_is(party, tell, state=OutsideParty.State.ACTIVE, purpose=OutsideParty.Purpose.CONFERENCE)
        tell.add(
            events.CONFERENCE_JOINED,
            interaction=interaction,
            segment=main.pk,
            agent=user.pk,
            to_agent=colleague.agent_id if colleague else None,
            to_segment=colleague.pk if colleague else None,
            outside=party.pk if party else None,
        )
        segments._resume(main, tell, now)
        tell.write()
    return Act(Came.DONE, interaction, main.pk)


def _live_consult(parts: Sequence[Segment], parties: list[OutsideParty]) -> tuple[Segment | None, OutsideParty | None]:
    colleague = segments._consulted(parts)
    party = outside._consulted_outside(parties)
    live = colleague is not None and colleague.state in segments.LIVE
    return (colleague if live else None, party if party is not None and party.state in outside.ON_LINE else None)


def leave_conference(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The agent leaves, the rest talk on. Who had the customer hands them to the colleague who has been in it longest; when only somebody outside is left
    besides the customer, to them. Came: done, already, not_yours, not_now (there is no conference: hang up, or hand over)."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row = segments._locked(interaction)
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        parts = segments._open_segments(interaction)
        main, members = segments._main(parts), segments._members(parts)
        mine = next((one for one in parts if one.agent_id == user.pk and one.state in segments.LIVE and one.kind != Segment.Kind.SUPERVISE), None)
        if mine is None:
            last = Segment.objects.filter(interaction=row, agent_id=user.pk, end_cause="left").order_by("-id").first()
            return Act(Came.ALREADY if last is not None else Came.NOT_YOURS, interaction, last.pk if last else None)
        tell = Tell.of(user)
        agents = state.lock_agents(one.agent_id for one in parts)
        if mine in members:
            to_wrapup(mine, "left", agents.get(user.pk), tell, now)
            tell.add(events.CONFERENCE_LEFT, interaction=interaction, segment=mine.pk, agent=user.pk)
        elif mine is main and members:
            to_wrapup(mine, "left", agents.get(user.pk), tell, now)
            given_to(row, mine, members[0], tell, now)
        elif mine is main and (party := _joined(interaction)) is not None:
            to_wrapup(mine, "left", agents.get(user.pk), tell, now)
            hand_to_outside(row, mine, party, tell)
        else:
            return Act(Came.NOT_NOW, interaction, mine.pk)
        tell.write()
    return Act(Came.DONE, interaction, mine.pk)


def _joined(interaction: int) -> OutsideParty | None:
    found = outside._open_outside(interaction)
    return next((one for one in found if one.purpose == OutsideParty.Purpose.CONFERENCE and one.state in outside.ON_LINE), None)


def remove_member(user: Any, interaction: int, *, segment: int | None = None, party: int | None = None, now: datetime | None = None) -> Act:
    """Who has the customer takes a colleague or somebody outside out of the conference, or calls an invitation off. Came: done, already, not_yours, no_such."""
    require(user, AGENT)
    now = now or timezone.now()
    with transaction.atomic():
        row, parts, main, refused = had_by(user, interaction)
        if row is None or main is None:
            return refused
        tell = Tell.of(user)
        if party is not None:
            them = next((one for one in outside._open_outside(interaction) if one.pk == party and one.purpose == OutsideParty.Purpose.CONFERENCE), None)
            if them is None:
                return Act(Came.NO_SUCH, interaction, main.pk)
            outside._outside_over(them, "removed", tell, now)
        else:
            member = next((one for one in segments._members(parts) if one.pk == segment), None)
            if member is None:
                ended = segment is not None and Segment.objects.filter(pk=segment, interaction=row, end_cause="removed").exists()
                return Act(Came.ALREADY if ended else Came.NO_SUCH, interaction, main.pk)
            agents = state.lock_agents([member.agent_id])
            to_wrapup(member, "removed", agents.get(member.agent_id), tell, now)
            tell.add(events.CONFERENCE_LEFT, interaction=interaction, segment=member.pk, agent=member.agent_id)
        tell.write()
    return Act(Came.DONE, interaction, main.pk)


def end_for_all(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """Who has the customer ends the conversation for everybody."""
    require(user, AGENT)
    return segments.request_hang_up(user, interaction, now=now)

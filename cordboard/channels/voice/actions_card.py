"""Card data in the middle of a talk: the agent sends the customer to key it and takes them back; what may be known of it comes back from the switch.

The rows say that it is wanted, the switch makes the sound follow. Nothing of what is keyed comes here: how many digits, whether the check digit is right, the last four.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.channels.voice import actions_recording, events
from cordboard.channels.voice.actions_call import SWITCH
from cordboard.channels.voice.models import Call, CardEntry
from cordboard.events import log
from cordboard.interactions.actions import set_context
from cordboard.interactions.actions_segments import BESIDE, LIVE
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import ContextValue, Segment

LAST = "card.last"
"""The context value with the last four digits, as the demo's flows name it."""


def _own(user: Any, interaction: int) -> Segment | None:
    """The part by which the user has the customer."""
    return Segment.objects.filter(interaction=interaction, agent=user, state__in=LIVE).exclude(kind__in=BESIDE).first()


def ask_card(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """Have the customer key card data. The recording is paused with it, unless it is already. Only who has the customer may."""
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(pk=interaction).first()
        segment = _own(user, interaction)
        if call is None or segment is None:
            return Act(Came.NOT_YOURS, interaction)
        if call.ended_at is not None:
            return Act(Came.CUSTOMER_GONE, interaction)
        if call.card_entries.filter(ended_at=None).exists():
            return Act(Came.ALREADY, interaction)
        if segment.state != Segment.State.ACTIVE:
            return Act(Came.NOT_NOW, interaction)
        pauses = actions_recording.keep_private(user, interaction, on=True, now=now)
        entry = CardEntry.objects.create(call=call, segment=segment, asked_at=now or timezone.now(), pauses=pauses)
        log.record(events.CARD_ASKED, actor=f"user:{user.pk}", interaction=interaction, segment=segment.pk, entry=entry.pk, user=user.pk)
    return Act(Came.DONE, interaction, segment.pk)


def take_back(user: Any, interaction: int, *, now: datetime | None = None) -> Act:
    """The customer is with the agent again, whatever was keyed by then is forgotten. The recording stays paused until the agent lets it go on: who is taken back in the
    middle of a number may be keying it still."""
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(pk=interaction).first()
        if call is None or _own(user, interaction) is None:
            return Act(Came.NOT_YOURS, interaction)
        entry = call.card_entries.filter(ended_at=None).first()
        if entry is None:
            return Act(Came.ALREADY, interaction)
        _end(entry, CardEntry.State.STOPPED, actor=f"user:{user.pk}", now=now)
    return Act(Came.DONE, interaction)


def card_keyed(entry: int, digits: int, last: str, *, final: bool, now: datetime | None = None) -> bool:
    """A try of the customer, as the switch reports it: so many digits, and the last four of a number whose check digit is right ("" else). `final`: it was accepted, or the last
    try. Returns whether it was still asked."""
    with transaction.atomic():
        row = _open(entry)
        if row is None:
            return False
        row.tries, row.digits, row.checked, row.last = row.tries + 1, digits, bool(last), last
        row.save(update_fields=["tries", "digits", "checked", "last"])
        log.record(events.CARD_TRIED, actor=SWITCH, interaction=row.call_id, entry=row.pk, tries=row.tries)
        if last:
            set_context(row.call_id, {LAST: last}, by=ContextValue.By.IVR, now=now)
        if final:
            _end(row, CardEntry.State.GIVEN if last else CardEntry.State.NOT_GIVEN, actor=SWITCH, now=now, records=True)
    return True


def card_over(interaction: int, why: str, *, now: datetime | None = None) -> bool:
    """It has ended without anybody's wish (`AsideOver.why`). With the agent gone nobody talks to the customer, so the recording may go on with whoever comes next; when the sound
    did not do as it was told it stays paused."""
    with transaction.atomic():
        row = CardEntry.objects.filter(call=interaction, ended_at=None).first()
        if row is None or (row := _open(row.pk)) is None:
            return False
        gone = why == "agent"
        _end(row, CardEntry.State.STOPPED if gone else CardEntry.State.FAILED, actor=SWITCH, now=now, records=gone)
    return True


def _open(entry: int) -> CardEntry | None:
    """The call is locked first, as in the acts of people."""
    call = CardEntry.objects.filter(pk=entry).values_list("call_id", flat=True).first()
    if call is None or not Call.objects.select_for_update().filter(pk=call).exists():
        return None
    return CardEntry.objects.filter(pk=entry, ended_at=None).first()


def _end(row: CardEntry, state: str, *, actor: str, now: datetime | None, records: bool = False) -> None:
    """In the caller's transaction. `records`: what was paused for it goes on."""
    row.state, row.ended_at = state, now or timezone.now()
    row.save(update_fields=["state", "ended_at"])
    log.record(events.CARD_ENDED, actor=actor, interaction=row.call_id, entry=row.pk, state=state)
    if records and row.pauses:
        actions_recording.keep_private(None, row.call_id, on=False, now=now)

"""What people do to the recording of a call that goes on: keep what is said now out of it, begin one, end it. The switch follows the log."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from cordboard.channels.voice import events
from cordboard.channels.voice.actions_call import SWITCH
from cordboard.channels.voice.models import Call
from cordboard.channels.voice.permissions import RECORD
from cordboard.events import log
from cordboard.interactions.models import Segment
from cordboard.org.permissions import require

TALKING = (Segment.State.ACTIVE, Segment.State.HELD)


def keep_private(user: Any, interaction: int, *, on: bool, now: datetime | None = None) -> bool:
    """From now on nothing of the call is recorded and keys are masked, until it is taken back: for card numbers. Whoever has a part in the call may (and
    should); with no `user` it is a flow's step. False when it is so already, or the call is over.

    :raises PermissionDenied: the user has no part in it.
    """
    if user is not None:
        _in_call(user, interaction)
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(pk=interaction, ended_at=None).first()
        if call is None or (call.private_at is not None) == on:
            return False
        call.private_at = (now or timezone.now()) if on else None
        call.save(update_fields=["private_at"])
        number = user.pk if user is not None else None
        log.record(events.RECORDING_PRIVATE, actor=f"user:{number}" if number else SWITCH, interaction=interaction, user=number, on=on)
    return True


def record(user: Any, interaction: int) -> str:
    """Record from now on, on demand. Needs voice.record and a part in the call. Returns the recording's reference, "" when one runs already.

    :raises PermissionDenied: not allowed, or no part in it.
    """
    require(user, RECORD)
    _in_call(user, interaction)
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(pk=interaction, ended_at=None).first()
        if call is None or call.recordings.filter(ended_at=None).exists():
            return ""
        reference = f"{call.reference}.d{secrets.token_hex(4)}"
        log.record(events.RECORDING_WANTED, actor=f"user:{user.pk}", interaction=interaction, user=user.pk, reference=reference)
    return reference


def stop_recording(user: Any, interaction: int) -> bool:
    """End the recording, the call goes on. Needs voice.record and a part in the call. False when none runs.

    :raises PermissionDenied: not allowed, or no part in it.
    """
    require(user, RECORD)
    _in_call(user, interaction)
    with transaction.atomic():
        call = Call.objects.select_for_update().filter(pk=interaction, ended_at=None).first()
        if call is None or not call.recordings.filter(ended_at=None).exists():
            return False
        log.record(events.RECORDING_WANTED, actor=f"user:{user.pk}", interaction=interaction, user=user.pk, reference="")
    return True


def _in_call(user: Any, interaction: int) -> None:
    if not Segment.objects.filter(interaction=interaction, agent=user, state__in=TALKING).exclude(kind=Segment.Kind.SUPERVISE).exists():
        raise PermissionDenied

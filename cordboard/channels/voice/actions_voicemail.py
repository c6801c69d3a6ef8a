"""Messages that callers leave: kept when something was said, put on the work list, heard, done with."""

from __future__ import annotations

import contextlib
import wave
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.channels.voice import events
from cordboard.channels.voice.actions_call import SWITCH
from cordboard.channels.voice.models import Listening, Recording, Voicemail
from cordboard.events import log
from cordboard.interactions.actions import identify
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction
from cordboard.lib.config import config
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.parties.queries import by_customer_number
from cordboard.routing import actions_callback, hours
from cordboard.routing.models import Callback, Queue
from cordboard.routing.permissions import CALLBACKS
from cordboard.telephony.speech import spoken_seconds

LEAST = 0.4
"""Seconds of speech; less is a breath, a click or silence."""


def message_left(interaction: int, reference: str, path: str, *, queue: str, agent: str = "", error: str = "", now: datetime | None = None) -> float:
    """What a caller has left stands in the file `path` (below the data folder's files). Returns the seconds of speech; 0 when there was none: then the file is thrown away. Told
    again for the same reference it changes nothing."""
    now = now or timezone.now()
    standing = Voicemail.objects.filter(recording__reference=reference).first()
    if standing is not None:
        return standing.seconds
    file = config().files / path
    length, spoken = measured(file)
    if spoken < LEAST:
        with contextlib.suppress(FileNotFoundError):
            file.unlink()
        with transaction.atomic():
            log.record(events.MESSAGE_DISCARDED, actor=SWITCH, interaction=interaction, seconds=length)
        return 0.0
    with transaction.atomic():
        row = Interaction.objects.select_for_update().get(pk=interaction)
        recording = Recording.objects.create(
            call_id=interaction, reference=reference, path=path, started_at=now - timedelta(seconds=length), ended_at=now, seconds=length, announced=True,
            rule="voicemail", error=error[:200],
        )  # fmt: skip
        owner = User.objects.filter(username=agent, is_active=True).first() if agent else None
        line = Queue.objects.filter(code=queue).first()
        if line is None:
            entry = row.entries.select_related("queue").order_by("-id").first()
            line = entry.queue if entry is not None else Queue.objects.order_by("id").first()
        if line is None:
            raise RuntimeError("a message was left and the centre has no queue")
        opens = hours.next_opening(line.hours, now) if line.open else None
        promised = None
        if row.from_address:
            promised = actions_callback.request(
                row.from_address, line, origin=Callback.Origin.VOICEMAIL, interaction=interaction, party=row.subject_id, owner=owner.pk if owner else None,
                at=opens or now, until=(opens or now) + timedelta(days=3), about=row.headline, language=row.language, actor=SWITCH, now=now,
            )  # fmt: skip
        Voicemail.objects.create(recording=recording, queue=line, agent=owner, callback=promised, left_at=now, seconds=spoken)
        log.record(
            events.MESSAGE_LEFT, actor=SWITCH, interaction=interaction, recording=recording.pk, queue=line.pk, agent=owner.pk if owner else None, seconds=spoken
        )
    return spoken


def measured(file: Path) -> tuple[float, float]:
    """Seconds of the file, and of speech in it. (0, 0) when there is no file that can be read."""
    try:
        with wave.open(str(file), "rb") as opened:
            rate, channels = opened.getframerate(), opened.getnchannels()
            sound = np.frombuffer(opened.readframes(opened.getnframes()), dtype=np.int16).reshape(-1, channels)
    except (OSError, EOFError, wave.Error, ValueError):
        return 0.0, 0.0
    return round(len(sound) / rate, 2), spoken_seconds(sound[:, 0], rate)


def may_hear(user: Any, row: Voicemail) -> bool:
    """For whom it was left, whoever works for its queue, and who may see the callbacks of its unit or all."""
    match user_may(user, CALLBACKS):
        case "all":
            return True
        case "unit" if user.unit_id is not None and row.queue.unit_id == user.unit_id:
            return True
        case "own" | "unit":
            return row.agent_id == user.pk or (row.agent_id is None and row.queue.members.filter(agent_id=user.pk).exists())
    return False


def hear(user: Any, recording: int, *, now: datetime | None = None) -> Voicemail:
    """Somebody plays it: that stands in the log each time, and the first is kept with it. Raises PermissionDenied, Voicemail.DoesNotExist."""
    row = Voicemail.objects.select_related("recording", "queue").get(pk=recording)
    if not may_hear(user, row):
        raise PermissionDenied
    with transaction.atomic():
        Voicemail.objects.filter(pk=recording, heard_at=None).update(heard_at=now or timezone.now(), heard_by=user)
        Listening.objects.create(recording_id=recording, user=user, at=now or timezone.now())
        log.record(events.RECORDING_HEARD, actor=f"user:{user.pk}", interaction=row.recording.call_id, recording=recording, user=user.pk)
    return row


def finish(user: Any, recording: int, why: str = "", *, now: datetime | None = None) -> bool:
    """Nothing is left to do about it, and why (`Voicemail.Why`); without a reason something is, after all. Its callback is another matter. Returns whether it
    changed.

    :raises PermissionDenied: it is not theirs.
    :raises ValueError: there is no such reason.
    :raises Voicemail.DoesNotExist:
    """
    row = Voicemail.objects.select_related("recording", "queue").get(pk=recording)
    if not may_hear(user, row):
        raise PermissionDenied
    if why and why not in Voicemail.Why.values:
        raise ValueError(why)
    with transaction.atomic():
        of = Voicemail.objects.filter(pk=recording, done_at__isnull=bool(why))
        changed = bool(of.update(done_at=(now or timezone.now()) if why else None, done_by=user if why else None, done_why=why))
        if changed:
            log.record(events.MESSAGE_DONE, actor=f"user:{user.pk}", interaction=row.recording.call_id, recording=recording, done=bool(why), reason=why)
    return changed


def assign(user: Any, recording: int, customer_number: str, *, now: datetime | None = None) -> Act:
    """Whoever heard it knows who called: the contact is about the customer with this number from now on. Came: done, already, no_such (number), not_now (an agent has
    confirmed another).

    :raises PermissionDenied: it is not theirs.
    :raises Voicemail.DoesNotExist:
    """
    row = Voicemail.objects.select_related("recording__call__interaction", "queue").get(pk=recording)
    if not may_hear(user, row):
        raise PermissionDenied
    party = by_customer_number(customer_number)
    if party is None:
        return Act(Came.NO_SUCH, why=_("No customer has this number."))
    contact = row.recording.call.interaction
    if contact.subject_id == party.pk:
        return Act(Came.ALREADY, contact.pk)
    found = identify(contact.pk, [party.pk], by=Interaction.IdentifiedBy.AGENT, actor=f"user:{user.pk}", now=now)
    return Act(Came.DONE if found == party.pk else Came.NOT_NOW, contact.pk)

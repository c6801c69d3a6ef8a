"""What is recorded and what is played: recordings, announcements."""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.channels.voice import events
from cordboard.channels.voice.actions_call import SWITCH
from cordboard.channels.voice.models import Listening, Prompt, Recording
from cordboard.channels.voice.permissions import MANAGE
from cordboard.channels.voice.prompts import UPLOADED
from cordboard.events import log
from cordboard.lib.config import config
from cordboard.org.permissions import require
from cordboard.telephony import wav


def recording_started(interaction: int, reference: str, path: str, *, announced: bool, rule: str, now: datetime | None = None) -> int:
    """Returns the recording's id."""
    now = now or timezone.now()
    with transaction.atomic():
        made, fresh = Recording.objects.get_or_create(
            reference=reference, defaults={"call_id": interaction, "path": path, "started_at": now, "announced": announced, "rule": rule[:120]}
        )
        if fresh:
            log.record(events.RECORDING_STARTED, actor=SWITCH, interaction=interaction, recording=made.pk, announced=announced)
    return made.pk


def recording_ended(reference: str, *, seconds: float, error: str = "", now: datetime | None = None) -> bool:
    """With an `error` and no `seconds` its length is not known yet: it is told again when the file is complete. Returns whether it was news."""
    now = now or timezone.now()
    with transaction.atomic():
        row = Recording.objects.select_for_update().filter(Q(ended_at=None) | Q(seconds=None), reference=reference).first()
        known = None if error and not seconds else round(seconds, 2)
        if row is None or (row.ended_at is not None and known is None):
            return False
        row.ended_at, row.seconds, row.error = row.ended_at or now, known, (row.error or error)[:200]
        row.save(update_fields=["ended_at", "seconds", "error"])
        log.record(events.RECORDING_ENDED, actor=SWITCH, interaction=row.call_id, recording=row.pk, seconds=known or 0.0, error=row.error)
    return True


def recording_heard(user: Any, recording: Recording) -> None:
    """Somebody opens a recording: who heard what stays in the log, and with the recording."""
    with transaction.atomic():
        Listening.objects.create(recording=recording, user=user, at=timezone.now())
        log.record(events.RECORDING_HEARD, actor=f"user:{user.pk}", interaction=recording.call_id, recording=recording.pk, user=user.pk)


def prompt_failed(interaction: int | None, error: str) -> None:
    with transaction.atomic():
        log.record(events.PROMPT_FAILED, actor=SWITCH, interaction=interaction, error=error[:400])


# ---- announcements ------------------------------------------------------------------------------------------------

PROMPT_BYTES = 20_000_000


class BadPrompt(ValueError):
    """The file is no WAV that can be played; the words say why."""


def set_prompt(user: Any, code: str, language: str, text: str, file: bytes | None = None, *, now: datetime | None = None) -> Prompt:
    """What an announcement says in one language, and (with `file`, a WAV) how it was recorded. Without a file the one there is stays. The text is
    spoken where there is no file or it is gone. Needs voice.manage. Raises BadPrompt, PermissionDenied."""
    require(user, MANAGE)
    if not text.strip():
        raise BadPrompt(_("An announcement needs its text as well: it is spoken when the file is gone."))
    name = _keep_file(file) if file is not None else None
    with transaction.atomic():
        row = Prompt.objects.update_or_create(
            code=code,
            language=language,
            defaults={"text": text, **({"file": name, "uploaded_by": user, "uploaded_at": now or timezone.now()} if name else {})},
        )[0]
        log.record(events.PROMPT_SET, actor=f"user:{user.pk}", prompt=row.pk, code=code, language=language, file=name is not None)
    return row


def forget_prompt(user: Any, code: str, language: str) -> bool:
    """The recorded voice of an announcement goes, its text is spoken again. False when there was none. Needs voice.manage."""
    require(user, MANAGE)
    with transaction.atomic():
        row = Prompt.objects.select_for_update().filter(code=code, language=language).first()
        if row is None:
            return False
        name, number = row.file, row.pk
        row.delete()
        log.record(events.PROMPT_SET, actor=f"user:{user.pk}", prompt=number, code=code, language=language, file=False)
        if name and not Prompt.objects.filter(file=name).exists():
            # a call that is just saying it has it open; one that comes a moment too late speaks the text
            transaction.on_commit(lambda: (config().files / UPLOADED / name).unlink(missing_ok=True))
    return True


def _keep_file(file: bytes) -> str:
    """Into the folder of uploaded announcements, by what it contains, synced before the row commits. The name is ours, never the visitor's."""
    if len(file) > PROMPT_BYTES:
        raise BadPrompt(_("The file is larger than 20 MB."))
    folder = config().files / UPLOADED
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{hashlib.sha256(file).hexdigest()[:32]}.wav"
    fresh = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        with fresh.open("wb") as out:
            out.write(file)
            out.flush()
            os.fsync(out.fileno())
        try:
            wav.read(fresh)
        except (wav.BadSound, OSError) as problem:
            raise BadPrompt(_("The file is no WAV that can be played.")) from problem
        fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)
    return path.name

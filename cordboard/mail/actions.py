"""Messages are written down, sent, given up, and tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail.message import make_msgid
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from cordboard.events import log
from cordboard.lib.config import config
from cordboard.mail import backoff, events
from cordboard.mail.models import MailAttachment, OutgoingMail
from cordboard.mail.permissions import MANAGE
from cordboard.org.permissions import require

NO_SERVER = "no_server"
"""Why a message failed while no mail server was set."""
TOO_LATE = "too_late"
"""Why a message was not sent once what it is about was over."""
MOST = 100_000
"""Characters of a text."""
MOST_ATTACHED = 1_000_000
"""Octets of all attachments of a message."""
CLAIM = timedelta(minutes=5)
"""How long one worker may take over a message before another tries."""


@dataclass(frozen=True, slots=True)
class Attached:
    """What is sent with a message; see MailAttachment."""

    name: str
    media_type: str
    data: bytes
    alternative: bool = False


def send(
    address: str, subject: str, text: str, *, purpose: str = "", key: str | None = None, interaction: int | None = None, party: int | None = None,
    language: str = "", by: Any = None, headers: dict[str, str] | None = None,
    attached: Sequence[Attached] = (), files: list[dict[str, str]] | None = None, until: datetime | None = None, now: datetime | None = None,
) -> OutgoingMail:  # fmt: skip
    """Have a message sent, with `files` ({path in the data folder, name, type}: the large ones). The same key again gives the message that stands. Without a mail server
    it is kept as failed, to be sent later by hand; what could not be sent `until` then is given up.
    Raises ValueError: no address, no subject, no text, or one too long; attachments too large."""
    now = now or timezone.now()
    address, subject = address.strip(), " ".join(subject.split())[:200]
    try:
        validate_email(address)
    except ValidationError:
        raise ValueError("this is no e-mail address") from None
    if not subject or not text.strip():
        raise ValueError("a message has a subject and a text")
    if len(text) > MOST:
        raise ValueError(f"a message has at most {MOST} characters")
    if sum(len(one.data) for one in attached) > MOST_ATTACHED:
        raise ValueError(f"attachments have at most {MOST_ATTACHED} octets together")
    ready = bool(config().smtp)
    fields = {
        "interaction_id": interaction, "party_id": party, "address": address, "subject": subject, "text": text.replace("\x00", ""), "language": language,
        "purpose": purpose[:20], "headers": headers or {}, "files": files or [], "by": by, "made_at": now,
        "message_id": make_msgid(domain=config().mail_domain), "next_at": now if ready else None,
        "until": until, "state": OutgoingMail.State.QUEUED if ready else OutgoingMail.State.FAILED, "error": "" if ready else NO_SERVER,
    }  # fmt: skip
    with transaction.atomic():
        if key is None:
            row, made = OutgoingMail.objects.create(**fields), True
        else:
            row, made = OutgoingMail.objects.get_or_create(key=key[:200], defaults=fields)
        if made:
            MailAttachment.objects.bulk_create(
                MailAttachment(message=row, name=one.name[:120], media_type=one.media_type[:120], data=one.data, alternative=one.alternative)
                for one in attached
            )
            _record(events.QUEUED if ready else events.FAILED, row, f"user:{by.pk}" if by is not None else "system", **({} if ready else {"attempts": 0}))
    return row


def send_again(message: int | None, by: Any, *, now: datetime | None = None) -> int:
    """Try what failed once more: this message, or all (None). Returns how many. Raises PermissionDenied; ValueError while there is no mail server."""
    require(by, MANAGE)
    if not config().smtp:
        raise ValueError(NO_SERVER)
    now = now or timezone.now()
    with transaction.atomic():
        rows = OutgoingMail.objects.select_for_update().filter(state=OutgoingMail.State.FAILED)
        if message is not None:
            rows = rows.filter(pk=message)
        found = list(rows.order_by("pk")[:500])
        for row in found:
            row.state, row.attempts, row.next_at, row.error = OutgoingMail.State.QUEUED, 0, now, ""
            _record(events.QUEUED, row, f"user:{by.pk}")
        OutgoingMail.objects.bulk_update(found, ["state", "attempts", "next_at", "error"])
    return len(found)


# -- the worker's ----------------------------------------------------------------------------------------------------------


def claim(now: datetime, most: int = 20) -> list[OutgoingMail]:
    """Messages whose time has come, for this worker alone: whoever dies over one leaves it to be tried again."""
    claimed = []
    for pk, seen in (
        OutgoingMail.objects.filter(state=OutgoingMail.State.QUEUED, next_at__lte=now).order_by("next_at", "pk").values_list("pk", "next_at")[:most]
    ):
        if OutgoingMail.objects.filter(pk=pk, state=OutgoingMail.State.QUEUED, next_at=seen).update(next_at=now + CLAIM):
            claimed.append(pk)
    return list(OutgoingMail.objects.filter(pk__in=claimed).prefetch_related("attachments").order_by("made_at", "pk"))


def sent(message: int, *, now: datetime | None = None) -> None:
    now = now or timezone.now()
    with transaction.atomic():
        row = OutgoingMail.objects.select_for_update().get(pk=message)
        if row.state != OutgoingMail.State.QUEUED:
            return
        row.state, row.sent_at, row.next_at, row.error, row.attempts = OutgoingMail.State.SENT, now, None, "", row.attempts + 1
        row.save(update_fields=["state", "sent_at", "next_at", "error", "attempts"])
        _record(events.SENT, row, "system", attempts=row.attempts)


def not_sent(message: int, why: str, *, for_good: bool = False, now: datetime | None = None) -> None:
    """It was tried and refused: again later, or given up."""
    now = now or timezone.now()
    with transaction.atomic():
        row = OutgoingMail.objects.select_for_update().get(pk=message)
        if row.state != OutgoingMail.State.QUEUED:
            return
        row.attempts, row.error = row.attempts + 1, why[:300]
        wait = None if for_good else backoff.pause(row.attempts)
        row.next_at = now + timedelta(seconds=wait) if wait is not None else None
        if wait is None:
            row.state = OutgoingMail.State.FAILED
            _record(events.FAILED, row, "system", attempts=row.attempts)
        row.save(update_fields=["state", "attempts", "error", "next_at"])


def _record(kind: str, row: OutgoingMail, actor: str, **more: Any) -> None:
    log.record(kind, actor=actor, message=row.pk, interaction=row.interaction_id, purpose=row.purpose, **more)

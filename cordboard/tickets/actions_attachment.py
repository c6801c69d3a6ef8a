"""Files on a ticket: taken when their content is of an allowed kind, kept under the data folder by a name of chance, given out to those who may see the ticket."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.config import config
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.tickets.actions import may_change
from cordboard.tickets.filetypes import HEAD, USUAL, kind_of, safe_name
from cordboard.tickets.models import Ticket, TicketAttachment, TicketMessage
from cordboard.tickets.models_message import TicketDraft

WAITS = timedelta(days=30)
"""So long a file is kept that was put on a ticket and never sent, from when it came; longer while its giver's reply is still being written."""
MOST_WAITING = 20
"""Files of one person on one ticket that belong to no message yet."""


def folder() -> Path:
    return config().files / "attachments"


def path_of(file: str) -> Path:
    return folder() / file[:2] / file


def allowed() -> tuple[str, ...]:
    return config().attachment_types or USUAL


def largest() -> int:
    """Bytes."""
    return config().attachment_mb * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was written down and is of no ticket yet."""

    file: str
    name: str
    type: str
    size: int


def attach(user: User, ticket_id: int, name: str, chunks: Iterable[bytes], *, now: datetime | None = None) -> TicketAttachment:
    """Put a file on a ticket; it waits for the message that `user` is writing. Raises ValidationError ("file") when its content is not of an allowed kind, or it is too large or
    empty, and then nothing is kept; PermissionDenied, Ticket.DoesNotExist."""
    require(user, "tickets.change")
    with taken([(name, chunks)]) as (stored,), transaction.atomic():
        ticket = may_change(user, ticket_id)
        if TicketAttachment.objects.filter(ticket=ticket, by=user, message=None).count() >= MOST_WAITING:
            raise ValidationError({"file": _("A message has at most %(n)s files.") % {"n": MOST_WAITING}})
        return put_on(ticket, stored, user, None, now or timezone.now())


@contextmanager
def taken(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[list[Stored]]:
    """Write files (name, content) down, before the transaction that puts them on a ticket; where that fails, nothing of them is kept. Raises ValidationError ("file")."""
    made: list[Stored] = []
    try:
        for given, chunks in files:
            if len(made) >= MOST_WAITING:
                raise ValidationError({"file": _("A message has at most %(n)s files.") % {"n": MOST_WAITING}})
            name, file = safe_name(given), secrets.token_hex(24)
            kind, size = store(path_of(file), name, chunks)
            made.append(Stored(file, name, kind, size))
        yield made
    except BaseException:
        for one in made:
            path_of(one.file).unlink(missing_ok=True)
        raise


def put_on(ticket: Ticket, stored: Stored, user: User | None, message: TicketMessage | None, now: datetime) -> TicketAttachment:
    """In the caller's transaction, within `taken`. `user` None: the customer gave it."""
    row = TicketAttachment.objects.create(
        ticket=ticket, message=message, by=user, name=stored.name, type=stored.type, size=stored.size, file=stored.file, at=now
    )
    log.record("tickets.attached", actor=f"user:{user.pk}" if user is not None else "customer", ticket=ticket.pk, attachment=row.pk, on=True)
    return row


def store(path: Path, name: str, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write the file down, synced before its row is there. Returns its kind and size."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    head, size, most = b"", 0, largest()
    try:
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    words = _("%(name)s is larger than %(n)s MB. It was not attached.")
                    raise ValidationError({"file": words % {"name": name, "n": most // (1024 * 1024)}})
                head = (head + chunk)[:HEAD] if len(head) < HEAD else head
                out.write(chunk)
            out.flush()
            os.fsync(out.fileno())
        if not size:
            raise ValidationError({"file": _("%(name)s is empty. It was not attached.") % {"name": name}})
        kind = kind_of(head, name)
        if kind not in allowed():
            words = _("%(name)s was not attached: files of this kind (%(kind)s) are not taken here.")
            raise ValidationError({"file": words % {"name": name, "kind": kind}})
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return kind, size


def detach(user: User, attachment_id: int) -> None:
    """Take back a file that one has attached to what one is still writing. Raises PermissionDenied for one that was sent, or is another's; TicketAttachment.DoesNotExist."""
    require(user, "tickets.change")
    with transaction.atomic():
        row = TicketAttachment.objects.select_for_update().get(pk=attachment_id)
        if row.by_id != user.pk or row.message_id is not None:
            raise PermissionDenied(_("Only a file that was not sent yet can be taken back, by whoever attached it."))
        ticket, file = row.ticket_id, row.file
        row.delete()
        log.record("tickets.attached", actor=f"user:{user.pk}", ticket=ticket, attachment=attachment_id, on=False)
        transaction.on_commit(lambda: path_of(file).unlink(missing_ok=True))


def sweep_waiting(now: datetime | None = None, most: int = 100) -> int:
    """By the clock: files that belong to no message go after :data:`WAITS`, from the disk too, unless somebody wrote on the reply that they wait for since. Returns how many went."""
    limit = (now or timezone.now()) - WAITS
    written = TicketDraft.objects.filter(ticket=OuterRef("ticket"), user=OuterRef("by"), at__gt=limit).exclude(text="")
    rows = TicketAttachment.objects.filter(~Exists(written), message=None, at__lte=limit)
    count = 0
    for number in list(rows.order_by("at", "pk").values_list("pk", flat=True)[:most]):
        with transaction.atomic():
            # Looked at again, locked: it may have been sent meanwhile.
            row = TicketAttachment.objects.select_for_update(of=("self",)).filter(pk=number, message=None).first()
            if row is None:
                continue
            ticket, path = row.ticket_id, path_of(row.file)
            row.delete()
            log.record("tickets.attached", actor="worker", why="never sent", ticket=ticket, attachment=number, on=False)
            transaction.on_commit(partial(path.unlink, missing_ok=True))
        count += 1
    return count

"""A message to many colleagues at once, with a receipt from each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction
from cordboard.interactions.tell import Tell
from cordboard.org.models import Unit, User
from cordboard.org.permissions import require
from cordboard.routing import events_broadcast as events
from cordboard.routing.models import Broadcast, BroadcastReceipt, Queue
from cordboard.routing.permissions import BROADCAST

To = Broadcast.To
LONGEST = 500


class NotSent(ValueError):
    """What is wrong with a message, in the sender's words."""


def readers(sender: Any, to: str, key: int | None = None) -> QuerySet[User]:
    """Who would get it: the active colleagues of `to`, the sender left out."""
    people = User.objects.filter(is_active=True).exclude(pk=sender.pk)
    if to == To.ALL:
        return people
    if to == To.UNIT and key is not None:
        return people.filter(unit_id=key, unit__isnull=False)
    if to == To.QUEUE and key is not None:
        return people.filter(queues__queue_id=key).distinct()
    raise NotSent(_("Say to whom it goes."))


def broadcast(sender: Any, text: str, to: str, key: int | None = None, *, now: datetime | None = None) -> Broadcast:
    """Send `text` to everybody, to the unit or to the agents of the queue `key`. Needs routing.broadcast; in the scope of a unit it reaches that unit's people
    only. Raises NotSent, PermissionDenied."""
    scope = require(sender, BROADCAST)
    text = text.strip()
    if not text:
        raise NotSent(_("There is nothing to send yet."))
    if len(text) > LONGEST:
        raise NotSent(_("The message is longer than %(n)s characters.") % {"n": LONGEST})
    chosen = readers(sender, to, key)
    if scope != "all":
        if to == To.ALL or (to == To.UNIT and key != sender.unit_id):
            raise PermissionDenied(_("You may send messages to your own unit."))
        chosen = chosen.filter(unit_id=sender.unit_id, unit__isnull=False)
    now = now or timezone.now()
    with transaction.atomic():
        ids = list(chosen.order_by("pk").values_list("pk", flat=True))
        if not ids:
            raise NotSent(_("Nobody would get it."))
        made = Broadcast.objects.create(
            text=text, sender=sender, to=to, unit_id=key if to == To.UNIT else None, queue_id=key if to == To.QUEUE else None, at=now
        )
        BroadcastReceipt.objects.bulk_create([BroadcastReceipt(broadcast=made, reader_id=one) for one in ids], batch_size=500)
        tell = Tell.of(sender)
        tell.add(events.BROADCAST_SENT, broadcast=made.pk, sender=sender.pk, readers=ids)
        tell.write()
    return made


def notify(
    texts: Mapping[str, Mapping[str, str]],
    people: QuerySet[User],
    *,
    rule: str = "",
    sender: Any = None,
    to: str,
    unit: Unit | None = None,
    queue: Queue | None = None,
    interaction: Interaction | None = None,
    tell: Tell,
    now: datetime,
) -> Broadcast | None:
    """A rule tells these people, each in their language; or a colleague (`sender`) does by what he wrote elsewhere. In the caller's transaction, told by `tell`. None when there
    is nobody, or nothing to say."""
    words = {language: " ".join(part for part in (text.get("strong", ""), text.get("text", "")) if part)[:LONGEST] for language, text in texts.items()}
    words = {language: text for language, text in words.items() if text}
    ids = list(people.order_by("pk").values_list("pk", flat=True))
    if not ids or not words:
        return None
    text = words.get("en") or next(iter(words.values()))
    made = Broadcast.objects.create(text=text, texts=words, sender=sender, rule=rule[:120], to=to, unit=unit, queue=queue, interaction=interaction, at=now)
    BroadcastReceipt.objects.bulk_create([BroadcastReceipt(broadcast=made, reader_id=one) for one in ids], batch_size=500)
    tell.add(events.BROADCAST_SENT, broadcast=made.pk, sender=sender.pk if sender is not None else None, readers=ids)
    return made


def read_broadcast(reader: Any, number: int, *, now: datetime | None = None) -> Act:
    """The reader acknowledges it; the first time counts. Came: done, already, no_such (it was never sent to this reader)."""
    now = now or timezone.now()
    with transaction.atomic():
        row = BroadcastReceipt.objects.select_for_update(of=("self",)).select_related("broadcast").filter(broadcast_id=number, reader_id=reader.pk).first()
        if row is None:
            return Act(Came.NO_SUCH)
        if row.read_at is not None:
            return Act(Came.ALREADY)
        row.read_at = now
        row.save(update_fields=["read_at"])
        tell = Tell.of(reader)
        tell.add(events.BROADCAST_READ, broadcast=number, sender=row.broadcast.sender_id, reader=reader.pk)
        tell.write()
    return Act(Came.DONE)

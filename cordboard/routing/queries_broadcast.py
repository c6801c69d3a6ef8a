"""Reading messages: what waits for a reader, and what a sender sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch

from cordboard.routing.models import Broadcast, BroadcastReceipt

SHOWN_FOR = timedelta(hours=24)
"""Who was away longer reads what a day brought, not what a month did."""


def unread(reader: Any, now: datetime, most: int = 5) -> list[Broadcast]:
    """What waits for `reader`, the oldest first. One query."""
    rows = BroadcastReceipt.objects.filter(reader_id=reader.pk, read_at=None, broadcast__at__gte=now - SHOWN_FOR)
    return [row.broadcast for row in rows.select_related("broadcast__sender").order_by("broadcast_id")[:most]]


@dataclass(frozen=True, slots=True)
class Sent:
    broadcast: Broadcast
    read: list[BroadcastReceipt]
    waiting: list[BroadcastReceipt]


def sent_by(sender: Any, most: int = 20) -> list[Sent]:
    """What `sender` sent, the newest first, with who has read it (in that order) and who has not. Two queries."""
    receipts = BroadcastReceipt.objects.select_related("reader").order_by("read_at", "reader__name")
    rows = (
        Broadcast.objects.filter(sender_id=sender.pk).select_related("unit", "queue").prefetch_related(Prefetch("receipts", receipts, to_attr="all_receipts"))
    )
    return [Sent(row, [one for one in row.all_receipts if one.read_at], [one for one in row.all_receipts if not one.read_at]) for row in rows[:most]]

"""Customers are written to when their appointments change: in the worker, once for each change whatever dies in between (the message's key)."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.mail.appointments import BOOKED, CANCELLED, MOVED, REMINDED, tell

WHAT = {
    "appointments.booked": BOOKED,
    "appointments.moved": MOVED,
    "appointments.cancelled": CANCELLED,
    "appointments.reminded": REMINDED,
}


def appointment(event: FeedEvent) -> None:
    tell(event.body["appointment"], WHAT[event.kind], event.body["sequence"])


subscribe("mail.appointments", WHAT, appointment)

"""Customers are written to when their appointments change, and when they have signed for a visit: in the worker, once for each change whatever dies in between (the message's key)."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.mail.appointments import tell
from cordboard.mail.service_orders import tell_signed
from cordboard.mail.visit_ways import BOOKED, CANCELLED, HANDED_ON, MOVED, REMINDED, SENT_BACK

WHAT = {
    "appointments.booked": BOOKED,
    "appointments.moved": MOVED,
    "appointments.cancelled": CANCELLED,
    "appointments.reminded": REMINDED,
    "appointments.sent_back": SENT_BACK,
}


def appointment(event: FeedEvent) -> None:
    what = WHAT[event.kind]
    if what == MOVED and event.body["old"] == event.body["minute"]:
        what = HANDED_ON
    tell(event.body["appointment"], what, event.body["sequence"])


subscribe("mail.appointments", WHAT, appointment)


def service_order(event: FeedEvent) -> None:
    tell_signed(event.body["signature"])


subscribe("mail.service_orders", ("tickets.order_confirmed",), service_order)

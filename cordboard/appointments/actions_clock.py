"""What the clock does with appointments: holds run out, customers are reminded."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cordboard.appointments import events
from cordboard.appointments.actions import State, alone, drop, record
from cordboard.appointments.models import Appointment


def expire(now: datetime | None = None, most: int = 100) -> int:
    """By the clock: holds whose time is over go. Returns how many."""
    now = now or timezone.now()
    count = 0
    for number, staff in Appointment.objects.filter(state=State.HELD, held_until__lte=now).order_by("held_until").values_list("pk", "staff")[:most]:
        with transaction.atomic():
            alone(staff, active=False)
            row = Appointment.objects.select_related("staff").filter(pk=number, state=State.HELD, held_until__lte=now).first()
            if row is not None:
                drop(row)
                count += 1
    return count


def remind(now: datetime | None = None, *, ahead: timedelta = timedelta(hours=26), most: int = 100) -> int:
    """By the clock: of visits that come within `ahead` the customer is reminded, once; not of those that were booked within that time. Returns how many."""
    now = now or timezone.now()
    rows = Appointment.objects.filter(state=State.BOOKED, reminded_at=None, starts_at__gt=now, starts_at__lte=now + ahead)
    count = 0
    for number in list(rows.order_by("starts_at").values_list("pk", flat=True)[:most]):
        with transaction.atomic():
            if not Appointment.objects.filter(pk=number, state=State.BOOKED, reminded_at=None).update(reminded_at=now):
                continue  # another worker was faster
            row = Appointment.objects.select_related("staff").get(pk=number)
            if row.made_at < row.starts_at - ahead:
                record(events.REMINDED, row, None)
                count += 1
    return count

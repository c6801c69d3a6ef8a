"""By the clock: holds run out, customers are reminded, quarters of an hour that are long past are forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from cordboard.appointments import actions, actions_clock, slots
from cordboard.appointments.models import Taken
from cordboard.lib.clock import every

PAST = timedelta(days=2)


def forget() -> int:
    """Quarters that nobody can book any more. Returns how many went, at most 500."""
    old = list(Taken.objects.filter(quarter__lt=slots.minute(timezone.now() - PAST) // actions.QUARTER).values_list("pk", flat=True)[:500])
    return Taken.objects.filter(pk__in=old).delete()[0] if old else 0


every(15.0, "appointments.holds", actions_clock.expire)
every(60.0, "appointments.reminders", actions_clock.remind)
every(600.0, "appointments.past", forget)

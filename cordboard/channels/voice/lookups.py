"""The answers to what flows look up: names as declared in `steps.py`. Each takes the interaction and the step's arguments, and returns the
result, or None for nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from cordboard.channels.voice import actions
from cordboard.parties.models import Party
from cordboard.routing import hours
from cordboard.routing.models import Entry, Queue

Reader = Callable[[int, dict[str, Any]], dict[str, Any] | None]


def customer_by_number(interaction: int, args: dict[str, Any]) -> dict[str, Any] | None:
    """The customer whose number was keyed; the interaction is about them from now on."""
    found = actions.identify_by_customer_number(interaction, str(args.get("number") or ""))
    if found is None:
        return None
    party = Party.objects.only("languages", "value_segment").get(pk=found)
    return {"party": party.pk, "language": party.language, "segment": party.value_segment}


def queue(interaction: int, args: dict[str, Any]) -> dict[str, Any] | None:
    row = Queue.objects.filter(code=str(args.get("queue") or "")).first()
    if row is None:
        return None
    waiting = Entry.objects.filter(queue=row, left_at=None, state=Entry.State.WAITING).count()
    return {"open": row.open and hours.is_open(row.hours, timezone.now()), "waiting": waiting}


READERS: dict[str, Reader] = {"customer_by_number": customer_by_number, "queue": queue}

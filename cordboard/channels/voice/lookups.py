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


def card_check(interaction: int, args: dict[str, Any]) -> dict[str, Any] | None:
    """Whether the keys could be a card number (ISO/IEC 7812-1 annex B: the Luhn check digit); of one that could, what may be kept: length and the last four digits."""
    keys = str(args.get("keys") or "")
    if not (keys.isascii() and keys.isdigit() and 12 <= len(keys) <= 19) or not luhn(keys):
        return None
    return {"last": keys[-4:], "length": len(keys)}


def luhn(digits: str) -> bool:
    """Is the last digit the check digit of the others? Pure."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[-1::-2])) % 10 == 0


READERS: dict[str, Reader] = {"customer_by_number": customer_by_number, "queue": queue, "card_check": card_check}

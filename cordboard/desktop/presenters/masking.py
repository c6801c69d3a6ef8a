"""What stays masked for a reader whose role says so, until in a contact it was checked who it is: all that could answer a question of the check."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from cordboard.interactions.actions_identity import IDENTITY
from cordboard.interactions.models import ContextValue, Interaction, Segment
from cordboard.org.permissions import masks
from cordboard.parties.identity import masked

NUMBERS = re.compile(r"\d{4,}")
"""Numbers of orders, invoices and the like within a sentence."""


def passed(context: Mapping[str, ContextValue], party: int | None) -> bool:
    """Whether in a contact with this context it was proven that it is this customer."""
    checked = context.get(IDENTITY)
    value = checked.value if checked is not None else None
    return isinstance(value, dict) and value.get("passed") is True and value.get("party") == party


def hides(user: Any, row: Interaction, context: Mapping[str, ContextValue]) -> bool:
    """Whether this reader sees the customer's details masked in this contact. No query."""
    return masks(user) and not passed(context, row.subject_id)


def hides_party(user: Any, parties: Collection[int]) -> bool:
    """Whether this reader sees a customer's details masked on a page beside the desk: unless it was checked in a contact that the reader has now. One query at most."""
    if not masks(user):
        return False
    mine = Segment.objects.filter(agent=user.pk).exclude(state=Segment.State.ENDED).values("interaction")
    checks = ContextValue.objects.filter(interaction__in=mine, interaction__subject__in=parties, name=IDENTITY).order_by("pk").values_list("value", flat=True)
    return not any(isinstance(value, dict) and value.get("passed") is True and value.get("party") in parties for value in checks)


def numbers(text: str) -> str:
    """A sentence whose long numbers cannot be read."""
    return NUMBERS.sub(lambda found: masked(found.group()), text)

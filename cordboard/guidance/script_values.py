"""What a script knows at its start: the contact, the customer, the agent, and what was answered and looked up before."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from cordboard.interactions.actions_context import newest
from cordboard.interactions.models import Interaction


def values_of(contact: Interaction, by: Any) -> dict[str, Any]:
    """The variables that steps.py declares, and every value of the contact's context under its own name. One query."""
    party = contact.subject
    known = newest(contact.pk)
    return {
        **{name: value for name, value in known.items() if isinstance(value, str | int | float | bool | list)},
        "customer.id": party.pk if party is not None else None,
        "customer.name": party.name if party is not None else "",
        "customer.number": party.customer_number if party is not None else known.get("customer.number"),
        "customer.segment": party.value_segment if party is not None else None,
        "customer.language": party.language if party is not None else contact.language or None,
        "customer.known": party is not None,
        "agent.name": by.name if by is not None else "",
        "agent.language": by.language if by is not None else None,
        "contact.channel": contact.channel,
        "contact.from": contact.from_address,
        "contact.date": timezone.localdate(contact.started_at).isoformat(),
    }

"""What sales offers to flows: how it stands with the customer's last order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.flows.steps import About, declare_lookup


def last_order(about: About, args: Mapping[str, Any]) -> dict[str, Any] | None:
    """The customer's newest order: of the contact that the run serves, or `customer`. None when nobody is known, or nothing was ever ordered. `spoken` is the number
    with its digits apart, as it is read out."""
    from cordboard.interactions.models import Interaction  # models are there only once all is loaded
    from cordboard.parties.queries import ids_of
    from cordboard.sales import queries

    given = str(args.get("customer") or "")
    party = int(given) if given.isdigit() else None
    if party is None and (contact := about.id_of("interaction")) is not None:
        party = Interaction.objects.filter(pk=contact).values_list("subject_id", flat=True).first()
    order = queries.last_order(ids_of(party)) if party is not None else None
    if order is None:
        return None
    spoken = " ".join(sign for sign in order.number if sign.isalnum())
    return {"number": order.number, "spoken": spoken, "state": order.state, "expected": order.expected_on, "delivered": order.delivered_on}


declare_lookup(
    "last_order",
    _("last order of a customer"),
    args={"customer": int},
    gives={"number": "text", "spoken": "text", "state": "text", "expected": "date", "delivered": "date"},
    read=last_order,
)

"""What sales offers to flows: how it stands with the customer's last order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import dateformat, translation
from django.utils.translation import gettext_lazy as _

from cordboard.flows.steps import About, declare_lookup
from cordboard.org.languages import LANGUAGES

SPOKEN = {"ru": "j E", "zh-hans": "n月j日"}
"""How a day is read out: with its month in full. Other languages: the day, then the month."""


def last_order(about: About, args: Mapping[str, Any]) -> dict[str, Any] | None:
    """The customer's newest order: of the contact that the run serves, or `customer`. None when nobody is known, or nothing was ever ordered. `spoken` is the number
    with its digits apart, as it is read out, `when` the day on which it is expected in the words of the run's language. All of it is JSON."""
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
    language = about.language if about.language in LANGUAGES else "en"
    with translation.override(language):
        when = dateformat.format(order.expected_on, SPOKEN.get(language, "j F")) if order.expected_on else ""
    days = {name: day.isoformat() for name, day in (("expected", order.expected_on), ("delivered", order.delivered_on)) if day is not None}
    return {"number": order.number, "spoken": spoken, "state": order.state, "when": when, **days}


declare_lookup(
    "last_order",
    _("last order of a customer"),
    args={"customer": int},
    gives={"number": "text", "spoken": "text", "state": "text", "when": "text", "expected": "date", "delivered": "date"},
    read=last_order,
)

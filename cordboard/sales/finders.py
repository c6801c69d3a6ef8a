"""An order's number leads to the customer who placed it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cordboard.parties.finders import Finding, register
from cordboard.sales.models import Order
from cordboard.sales.queries import tidy_number


def find_order(typed: str) -> list[Finding]:
    """By the whole number, spaced or not. One query at most."""
    number = tidy_number(typed)
    if not 4 <= len(number) <= 20 or not any(sign.isdigit() for sign in number):
        return []
    rows = Order.objects.filter(number=number).values_list("party_id", "number")
    return [Finding(party, "order", _("Order %(number)s") % {"number": shown}) for party, shown in rows]


register("sales.order", find_order)

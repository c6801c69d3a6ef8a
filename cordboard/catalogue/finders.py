"""A serial number leads to the customer who has the product."""

from __future__ import annotations

from cordboard.catalogue.models import RegisteredProduct
from cordboard.catalogue.queries import tidy_serial
from cordboard.lib.prefix import starts_with
from cordboard.parties.finders import Finding, register


def find_serial(typed: str) -> list[Finding]:
    """By the serial or its beginning, once it has a digit and four signs. One query at most."""
    serial = tidy_serial(typed)
    if len(serial) < 4 or not any(sign.isdigit() for sign in serial) or not any(sign.isalpha() for sign in serial):
        return []
    rows = RegisteredProduct.objects.filter(starts_with("serial", serial)).values_list("party_id", "serial")[:20]
    return [Finding(party, "serial", shown) for party, shown in rows]


register("catalogue.serial", find_serial)

"""What parties itself knows of a customer that can be asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from cordboard.parties import identity
from cordboard.parties.identity import Known
from cordboard.parties.models import Address, ContactPoint


def facts(parties: Sequence[int], today: date) -> Iterator[Known]:
    """Two queries."""
    for street, postcode, city in Address.objects.filter(party__in=parties).order_by("-primary", "pk").values_list("street", "postcode", "city"):
        yield Known("postcode", postcode, 2)
        yield Known("street", street, 2)
        yield Known("city", city, 1)
    for value in ContactPoint.objects.filter(party__in=parties, kind="email").order_by("-primary", "pk").values_list("value", flat=True):
        yield Known("email", value, 2)


identity.source(facts)

"""What stays masked for a reader whose role says so, until in a contact it was checked who it is: all that could answer a question of the check."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils import timezone

from cordboard.catalogue.models import RegisteredProduct
from cordboard.interactions.actions_identity import IDENTITY
from cordboard.interactions.models import ContextValue, Interaction, Segment
from cordboard.org.permissions import masks
from cordboard.parties import identity
from cordboard.parties.identity import masked
from cordboard.parties.models import Address
from cordboard.parties.queries import ids_of

NUMBERS = re.compile(r"\d{4,}")
"""Numbers of orders, invoices and the like within a sentence."""
ADDRESSES = re.compile(r"[^\s<>()\"',;:@]+@[^\s<>()\"',;:@]+\.\w+")
"""E-mail addresses within a sentence."""
SHORTEST = 3
"""Signs of an answer that is looked for within sentences: what is shorter stands in any of them."""
TEXTS = frozenset({"title", "text", "line", "detail", "words", "value", "note", "why", "said", "name_said", "message", "reason"})
"""Under which names presenters keep texts of people."""
PLACE = "place"
"""Under which they keep an address."""


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


@dataclass(frozen=True, slots=True)
class Mask:
    """How a reader sees the texts and details of one page. `answers`: what the record knows of the customers that the page is about."""

    on: bool
    answers: re.Pattern[str] | None = None
    do_not_call_in_templates: ClassVar[bool] = True
    """Of Django: a template hands it on to the filters `masked` and `masked_code`."""

    def __call__(self, text: str) -> str:
        """A text of people: without long numbers, e-mail addresses and what the record knows."""
        if not self.on or not text:
            return text
        text = ADDRESSES.sub(lambda found: masked(found.group()), str(text))
        if self.answers is not None:
            text = self.answers.sub(lambda found: masked(found.group()), text)
        return numbers(text)

    def code(self, value: str) -> str:
        """A detail: of a serial number, an address or a telephone number only the last signs."""
        return masked(value) if self.on and value else value

    def within(self, found: Any) -> Any:
        """The same plain values with the texts of people in them masked (TEXTS); addresses of pages, codes and numbers as they are."""
        if not self.on:
            return found
        if isinstance(found, dict):
            return {name: self._named(name, value) for name, value in found.items()}
        return [self.within(one) for one in found] if isinstance(found, list) else found

    def _named(self, name: str, value: Any) -> Any:
        if not isinstance(value, str):
            return self.within(value)
        return self.code(value) if name == PLACE else self(value) if name in TEXTS else value


OPEN = Mask(False)


def mask_of(user: Any, parties: Collection[int]) -> Mask:
    """For a page about these customers (ids of one customer, merged ones included). No query for readers whose role masks nothing."""
    return mask_of_several(user, [parties])


def mask_of_customer(user: Any, party: int | None) -> Mask:
    """For a page about this customer, or about nobody. No query for readers whose role masks nothing."""
    if not masks(user):
        return OPEN
    return mask_of(user, ids_of(party) if party is not None else [])


def mask_of_several(user: Any, customers: Sequence[Collection[int]]) -> Mask:
    """For a page about several customers: open when it was checked of each of them. One query for each at most, and those of the answers."""
    if not any(hides_party(user, one) for one in customers):
        return OPEN
    return covering([pk for one in customers for pk in one])


def covering(parties: Sequence[int]) -> Mask:
    """What the record knows of these customers is masked. As many queries as the answers take."""
    return Mask(True, _pattern(one.answer for one in identity.known(parties, timezone.localdate())) if parties else None)


def _pattern(answers: Iterable[str]) -> re.Pattern[str] | None:
    """Finds any of them, the longest first."""
    words = "|".join(re.escape(one) for one in sorted({one for one in answers if len(one) >= SHORTEST}, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None


def mask_of_list(user: Any, parties: Collection[int | None] = ()) -> Mask:
    """For a list of many customers: their addresses and serial numbers are found in its texts as well; numbers of orders are numbers. No query for readers whose role
    masks nothing, two else."""
    if not masks(user):
        return OPEN
    found: set[str] = set()
    if ids := {one for one in parties if one is not None}:
        found = {part for row in Address.objects.filter(party__in=ids).values_list("street", "postcode", "city") for part in row}
        found |= set(RegisteredProduct.objects.filter(party__in=ids).values_list("serial", flat=True))
    return Mask(True, _pattern(found))

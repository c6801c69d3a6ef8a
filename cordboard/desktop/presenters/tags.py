"""Tags of a contact and its customer, and what was proposed in it, for the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import CharField, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from cordboard.interactions.models import InteractionTag
from cordboard.parties.models import PartyTag
from cordboard.sales.models import ProductProposal


@dataclass(frozen=True, slots=True)
class TagChip:
    words: str
    on: str
    """contact or customer"""
    title: str
    remove_url: str


def chips(interaction: int, parties: Sequence[int], *, may_change: bool = True) -> tuple[TagChip, ...]:
    """The customer's first, then the contact's. One query."""
    of_contact = InteractionTag.objects.filter(interaction_id=interaction).values_list(Value("contact", CharField()), "tag", "rule")
    of_party = PartyTag.objects.filter(party_id__in=list(parties)).values_list(Value("customer", CharField()), "tag", "rule")
    base = reverse("desktop:tag", args=[interaction])
    found = []
    for on, tag, rule in sorted(set(of_party.union(of_contact)), key=lambda one: (one[0] == "contact", one[1])):
        said = _("Tag of the customer") if on == "customer" else _("Tag of this contact")
        title = _("%(what)s, added by the rule “%(rule)s”") % {"what": said, "rule": rule} if rule else said
        found.append(TagChip(tag, on, title, f"{base}?{urlencode({'on': on, 'tag': tag, 'away': 1})}" if may_change else ""))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Proposed:
    name: str
    state: str
    state_words: str
    url: str


def proposed(interaction: int, language: str) -> list[Proposed]:
    """Products that were proposed in this contact. One query."""
    rows = ProductProposal.objects.filter(interaction_id=interaction).select_related("product").order_by("pk")
    url = "desktop:proposal"
    return [Proposed(row.product.name_in(language), row.state, str(row.get_state_display()), reverse(url, args=[row.pk])) for row in rows]

"""The customer who is meant by what was typed in a form."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cordboard.org.models import User
from cordboard.parties.models import Party
from cordboard.parties.search import search


def customer_meant(user: User, typed: str, field: str) -> Party:
    """The one whom `typed` means, a customer number, an e-mail address, a telephone number or a name, among those whom the user may see.

    Raises ValidationError at `field`: nobody fits, or several do.
    """
    typed = typed.strip()
    hits = search(user, typed, region=user.unit.country if user.unit else "NL") if typed else []
    meant = [one for one in hits if typed == one.party.customer_number] or hits
    if len(meant) == 1:
        return meant[0].party
    several = _("Several customers fit: %(names)s. Give the customer number.") % {"names": ", ".join(one.party.name for one in meant[:3])}
    raise ValidationError({field: several if meant else _("Nobody fits this. Make the customer first, under Customers.")})

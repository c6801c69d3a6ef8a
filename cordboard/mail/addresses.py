"""Where a customer is written to."""

from __future__ import annotations

from cordboard.interactions.models import Interaction
from cordboard.parties import queries as parties


def address_of(contact: Interaction, wanted: str = "") -> str:
    """The customer's first e-mail address; of a contact by mail the address from which it came. With `wanted` that one, if it is the customer's; "" when there
    is none."""
    known = [contact.from_address] if contact.channel == Interaction.Channel.EMAIL and contact.from_address else []
    if contact.subject_id is not None:
        known += [point.value for point in parties.profile(contact.subject_id).emails]
    if wanted:
        return next((one for one in known if one.casefold() == wanted.casefold()), "")
    return known[0] if known else ""

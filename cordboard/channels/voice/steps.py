"""What flows on the telephone may look up. `lookups.py` answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from cordboard.flows.steps import declare_lookup

declare_lookup(
    "customer_by_number",
    _("customer with a customer number"),
    args={"number": str},
    gives={"party": "number", "language": "text", "segment": "text"},
)
declare_lookup(
    "card_check",
    _("a card number that was keyed: could it be one, and its last four digits; the number itself is not kept"),
    args={"keys": str},
    gives={"last": "text", "length": "number"},
)
declare_lookup(
    "queue",
    _("a queue as it is now"),
    args={"queue": str},
    gives={"open": "boolean", "waiting": "number"},
)

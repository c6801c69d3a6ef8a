"""What the catalogue offers to flows: which faults a product has, the most frequent first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.flows.steps import About, declare_lookup


def faults(about: About, args: Mapping[str, Any]) -> dict[str, Any] | None:
    """The codes of faults in the order in which they are to be asked about: those that this customer had with such a product, the most frequent first, then
    those that such products have with anybody. `product` is a serial number, a product's code or a family of products; empty: any product of the customer's.
    None when neither is known, or nothing was ever wrong."""
    from cordboard.catalogue.queries import fault_history

    customer = str(args.get("customer") or "")
    known = fault_history(int(customer) if customer.isdigit() else None, str(args.get("product") or "").strip()[:60])
    if known is None:
        return None
    return {"codes": known.codes, "own": known.own, "last": known.last, "last_remedy": known.last_remedy}


declare_lookup(
    "faults",
    _("faults of a product, the most frequent first"),
    args={"customer": int, "product": str},
    gives={"codes": "list", "own": "number", "last": "text", "last_remedy": "text"},
    read=faults,
)

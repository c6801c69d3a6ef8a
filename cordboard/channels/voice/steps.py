"""What flows on the telephone may look up. `lookups.py` answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.flows.steps import About, declare_lookup


def _reader(name: str) -> Callable[[About, Mapping[str, Any]], Any]:
    """The same answer where no telephone asks: on a script."""

    def read(about: About, args: Mapping[str, Any]) -> Any:
        from cordboard.channels.voice.lookups import READERS

        interaction = about.id_of("interaction")
        return READERS[name](interaction, dict(args)) if interaction is not None else None

    return read


declare_lookup(
    "customer_by_number",
    _("customer with a customer number"),
    args={"number": str},
    gives={"party": "number", "language": "text", "segment": "text"},
    read=_reader("customer_by_number"),
)
declare_lookup(
    "card_check",
    _("a card number that was keyed: could it be one, and its last four digits; the number itself is not kept"),
    args={"keys": str},
    gives={"last": "text", "length": "number"},
    read=_reader("card_check"),
)
declare_lookup(
    "queue",
    _("a queue as it is now"),
    args={"queue": str},
    gives={"open": "boolean", "waiting": "number"},
    read=_reader("queue"),
)

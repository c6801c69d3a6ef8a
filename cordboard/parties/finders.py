"""How upper packages help the one search box: they know numbers of their own (an order, a serial) that lead to a customer.

A package's `finders.py` registers a function that takes what was typed and gives what it found, in a fixed number of queries:

    register("sales.order", find_order)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    party: int
    why: str
    """what was recognised: "order", "serial", ..."""
    shown: str
    """how the screen writes it: Order 88 214"""


Finder = Callable[[str], list[Finding]]
_finders: dict[str, Finder] = {}


def register(name: str, finder: Finder) -> None:
    """Add a finder under a name of its own. Raises ValueError when another has the name."""
    if _finders.get(name, finder) is not finder:
        raise ValueError(f"two finders are called {name}")
    _finders[name] = finder


def findings(typed: str) -> list[Finding]:
    """What all finders together recognise in `typed`."""
    return [one for finder in _finders.values() for one in finder(typed)]

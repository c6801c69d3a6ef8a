"""Work by the clock: what a package wants done every so often, by one worker of the whole installation.

    every(5, "routing.expire_states", expire_states)

The worker that leads calls the function in a thread with a Django connection, never twice at a time. It must be idempotent and short: it
runs again at once when another worker takes over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sweeper:
    name: str
    seconds: float
    function: Callable[[], object]


_sweepers: dict[str, Sweeper] = {}


def every(seconds: float, name: str, function: Callable[[], object]) -> None:
    """Have `function` called about every `seconds` (at least 0.1)."""
    known = _sweepers.get(name)
    if known is not None and known.function is not function:
        raise ValueError(f"two sweepers are called {name!r}")
    _sweepers[name] = Sweeper(name, max(0.1, seconds), function)


def sweepers() -> list[Sweeper]:
    return list(_sweepers.values())

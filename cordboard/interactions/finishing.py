"""The end of a contact. What must be done before an agent finishes with it: packages above say what stands in the way.

    gate("guidance.required", lambda interaction, user: _("Still to do: check the address.") if ... else "")

Asked inside the transaction that ends the wrap-up; the clock, which ends it when the time is over, does not ask.

And what follows for the customer when the agent hangs up: packages above name the flow (a survey by keys) to which they are led.

    after_talk("guidance.survey", lambda interaction: "satisfaction" if ... else "")
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Gate = Callable[[int, Any], str]

_gates: dict[str, Gate] = {}


def gate(name: str, function: Gate) -> None:
    """Add what may stand in the way. ValueError when the name is taken by another one."""
    known = _gates.get(name)
    if known is not None and known.__qualname__ != function.__qualname__:
        raise ValueError(f"two gates are called {name!r}")
    _gates[name] = function


def in_the_way(interaction: int, user: Any) -> str:
    """Why the user cannot finish now, as sentences in the reader's language; "" when nothing stands in the way."""
    return " ".join(said for function in _gates.values() if (said := function(interaction, user)))


Follows = Callable[[int], str]

_follows: dict[str, Follows] = {}


def after_talk(name: str, function: Follows) -> None:
    """Add what may follow a talk: the code of a flow, or "". ValueError when the name is taken by another one."""
    known = _follows.get(name)
    if known is not None and known.__qualname__ != function.__qualname__:
        raise ValueError(f"two things that follow a talk are called {name!r}")
    _follows[name] = function


def what_follows(interaction: int) -> str:
    """The flow to which the customer is led when the agent hangs up now; "" when nothing follows. Asked inside the transaction that asks for the end."""
    return next((code for function in _follows.values() if (code := function(interaction))), "")

"""Areas that policies decide on. A package that asks policies declares its area, with the verbs that it acts on:

    areas.declare("routing", _("Routing"), _("Which queue, which skills, how urgent, who first"), verbs=("queue", "priority", ...), order=10)

and may offer to replay drafts over past contacts: `areas.offer_replay("routing", run)`. The screens of the workbench know no area by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from cordboard.rules.facts import REGISTRY, Fact

Replay = Callable[..., dict[str, Any]]
"""(published body or None, draft body, begin, end, progress: (done, all) -> None) -> the report that the workbench shows; workbench/replays.py says of what form."""


@dataclass(frozen=True, slots=True)
class Area:
    """`prefix`: only facts whose names begin so may be asked; empty: all that a package can read."""

    code: str
    words: Any
    help: Any = ""
    verbs: tuple[str, ...] = ()
    prefix: str = ""
    order: int = 100
    decision: str = ""
    """The kind of decision kept with contacts (interactions.Decision) for this area; empty: none is kept."""
    asleep: Any = ""
    """Why nothing asks these policies yet, where that is so: they can be written, tried and published all the same."""
    extra: dict[str, Any] = field(default_factory=dict, compare=False)

    def facts(self) -> list[Fact]:
        """What rules of this area may ask, by name."""
        return [one for name, one in sorted(REGISTRY.offered().items()) if (name.startswith(self.prefix) if self.prefix else one.read is not None)]


_areas: dict[str, Area] = {}
_replays: dict[str, Replay] = {}


def declare(
    code: str, words: Any, help: Any = "", *, verbs: Iterable[str] = (), prefix: str = "", order: int = 100, decision: str = "", asleep: Any = ""
) -> Area:
    """Make an area known. Declared again, its verbs are added."""
    known = _areas.get(code)
    own = tuple(dict.fromkeys((*(known.verbs if known else ()), *verbs)))
    made = Area(code, words, help, own, prefix, order, decision or (known.decision if known else ""), asleep)
    _areas[code] = made
    return made


def add_verbs(code: str, *verbs: str) -> None:
    """Verbs of another package that an area's policies may use too; the area may be declared later."""
    known = _areas.get(code) or Area(code, code)
    _areas[code] = replace(known, verbs=tuple(dict.fromkeys((*known.verbs, *verbs))))


def offer_replay(code: str, run: Replay) -> None:
    """How drafts of this area are run over past contacts. KeyError when the area is not declared."""
    _areas[code]
    _replays[code] = run


def replay_of(code: str) -> Replay | None:
    return _replays.get(code)


def area(code: str) -> Area:
    """The area, or one that knows nothing but its code: policies outlive packages."""
    return _areas.get(code) or Area(code, code)


def areas() -> list[Area]:
    """In the order in which screens show them."""
    return sorted(_areas.values(), key=lambda one: (one.order, one.code))

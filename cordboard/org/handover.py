"""Handing over what somebody who leaves had to keep: promises, callbacks, owned work. The plan is pure; packages offer what they keep in a module
`handover.py`:

    offer("ticket", _("Tickets"), find=open_tickets_of, give=give_tickets)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class Owned:
    """Something that somebody who leaves has to keep: `kind` as the packages call it, `due` when it must be done."""

    kind: str
    number: int
    due: datetime | None = None
    deputies: tuple[int, ...] = ()
    able: tuple[int, ...] | None = None
    """Who can take it; None: everybody can."""


def hand_over(owned: Sequence[Owned], to: Sequence[int], here: Collection[int], loads: Mapping[int, int] | None = None) -> dict[tuple[str, int], int]:
    """Who gets what: a deputy of the matter who is at work, else whoever of `to` has least (`loads`, counted on as it is given out); what is due first is given
    first. What nobody of `to` is able to take is left out. Empty when there is nobody to take it."""
    load = {agent: (loads or {}).get(agent, 0) for agent in to}
    plan: dict[tuple[str, int], int] = {}
    if not load:
        return plan
    for one in sorted(owned, key=lambda each: (each.due is None, each.due or datetime.max.replace(tzinfo=UTC), each.kind, each.number)):
        able = [agent for agent in to if one.able is None or agent in one.able]
        if not able:
            continue
        deputy = next((agent for agent in one.deputies if agent in able and agent in here), None)
        taker = deputy if deputy is not None else min(able, key=lambda agent: (load[agent], list(to).index(agent)))
        plan[one.kind, one.number] = taker
        load[taker] += 1
    return plan


# ---- what packages keep -------------------------------------------------------------------------------------------------

Find = Callable[[int], Sequence[Owned]]
"""What a user has to keep, by the user's id."""
Give = Callable[[Any, int, Mapping[int, int], datetime], int]
"""(by whom, from whom, number -> new owner, now) -> how many changed hands; in the caller's transaction, with events of its own."""


Able = Callable[[Sequence[int], Sequence[int], datetime], Mapping[int, Sequence[int]]]
"""(numbers, colleagues, now) -> who of them can take each; one that is not in it, nobody can."""


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    words: str | StrPromise
    find: Find
    give: Give
    able: Able | None = None
    """Where not everybody can take everything: a visit needs somebody who is free at that time."""


KINDS: dict[str, Kind] = {}


def offer(code: str, words: str | StrPromise, *, find: Find, give: Give, able: Able | None = None) -> None:
    """A package's own kind of things to keep. The same code again replaces it only from the same module (a reload)."""
    known = KINDS.get(code)
    if known is not None and known.find.__module__ != find.__module__:
        raise ValueError(f"two packages hand over {code!r}")
    KINDS[code] = Kind(code, words, find, give, able)


def with_able(owned: Sequence[Owned], to: Sequence[int], now: datetime) -> list[Owned]:
    """The same, with who of `to` can take each where its package says so."""
    found: list[Owned] = []
    for code in dict.fromkeys(one.kind for one in owned):
        rows = [one for one in owned if one.kind == code]
        kind = KINDS.get(code)
        if kind is None or kind.able is None:
            found += rows
            continue
        able = kind.able([one.number for one in rows], to, now)
        found += [replace(one, able=tuple(able.get(one.number, ()))) for one in rows]
    return found


def owned(user: int) -> list[Owned]:
    """All that a user has to keep, of every kind."""
    return [one for kind in KINDS.values() for one in kind.find(user)]

"""What was made for a customer in the course of an interaction, so that it can be put right when it turns out to be the wrong one.

Each package that makes documents for a party offers itself here: how to find what it made (origin: this interaction, for that party),
and how to move it to another party where that is right. What cannot be moved (a changed address, an order sent) is flagged to the agent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cordboard.parties.models import FieldChange


@dataclass(frozen=True, slots=True)
class Made:
    """One thing made for a party: `kind` as registered, `id` its row, `name` how the screen calls it."""

    kind: str
    id: int
    name: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


Find = Callable[[int, int], Sequence[Made]]
"""(interaction, party) -> what was made for that party in that interaction."""
Move = Callable[[Sequence[int], int, str], Sequence[int]]
"""(ids, new party, actor) -> ids that were moved, in the caller's transaction."""


@dataclass(frozen=True, slots=True)
class Kind:
    find: Find
    move: Move | None


_kinds: dict[str, Kind] = {}


def register(kind: str, find: Find, move: Move | None = None) -> None:
    """Offer a kind of document. Without `move` its documents are only flagged."""
    _kinds[kind] = Kind(find, move)


def put_right(interaction: int, old: int, new: int | None, actor: str) -> tuple[list[Made], list[Made]]:
    """Move what may be moved from `old` to `new`; returns (moved, flagged). In the caller's transaction."""
    moved: list[Made] = []
    flagged: list[Made] = []
    for kind in _kinds.values():
        made = list(kind.find(interaction, old))
        if not made:
            continue
        gone: set[int] = set()
        if new is not None and kind.move is not None:
            gone = set(kind.move([one.id for one in made], new, actor))
        moved += [one for one in made if one.id in gone]
        flagged += [one for one in made if one.id not in gone]
    return moved, flagged


def _profile_changes(interaction: int, party: int) -> list[Made]:
    rows = FieldChange.objects.filter(origin=f"interaction:{interaction}", party_id=party).order_by("id")
    return [Made("profile", row.pk, row.field) for row in rows]


register("profile", _profile_changes)

"""Which rows go along when a ticket is merged into another or split, and which come back when that is undone. Pure.

A ticket has rows of several nouns (messages, contacts, watchers, ...). Some nouns have a key that a ticket can have only once (a watcher's person, a contact's
number): a row whose key the other ticket has already stays where it is. So nothing is ever made or thrown away by a merge, and undoing it is moving rows."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping

Held = Mapping[str, Mapping[int, Hashable]]
"""noun -> row -> key; None for a row without one."""
Standing = Mapping[str, Mapping[int, tuple[int, Hashable]]]
"""noun -> row -> (its ticket, key)."""
Moved = dict[str, list[int]]
"""noun -> rows, in order."""


def to_move(source: Held, target: Held, only: Mapping[str, Collection[int]] | None = None, stay: Mapping[str, Collection[int]] | None = None) -> Moved:
    """The rows of `source` that go to `target`: all, or `only` these; never those that `stay`."""
    moved: Moved = {}
    for noun, rows in source.items():
        taken = {key for key in target.get(noun, {}).values() if key is not None}
        for row, key in sorted(rows.items()):
            if (only is not None and row not in only.get(noun, ())) or (stay is not None and row in stay.get(noun, ())):
                continue
            if key is not None and key in taken:
                continue
            if key is not None:
                taken.add(key)
            moved.setdefault(noun, []).append(row)
    return moved


def to_return(moved: Mapping[str, Iterable[int]], standing: Standing, source: int, holders: Collection[int]) -> Moved:
    """The rows that go back to `source`: those that still are, with one of the `holders` (the ticket that they went to, and where that was merged itself since).
    A row that somebody took away or moved elsewhere on purpose is left alone, and so is one whose key the source has again."""
    back: Moved = {}
    for noun, rows in moved.items():
        stands = standing.get(noun, {})
        taken = {key for ticket, key in stands.values() if ticket == source and key is not None}
        for row in rows:
            if row not in stands:
                continue
            ticket, key = stands[row]
            if ticket not in holders or (key is not None and key in taken):
                continue
            if key is not None:
                taken.add(key)
            back.setdefault(noun, []).append(row)
    return back


def unanswered(kinds: Iterable[tuple[str, object]]) -> object | None:
    """When the customer wrote first without having been answered since, of (kind, moment) in the order in which they were written: that of the moments is another where the clock was set back."""
    since = None
    for kind, at in kinds:
        if kind == "received" and since is None:
            since = at
        elif kind == "reply":
            since = None
    return since

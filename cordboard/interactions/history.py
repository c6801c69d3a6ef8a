"""One timeline of everything between a customer and us, across channels and documents. Each package adds its entries:

    source("ticket", ticket_entries)

A source reads at most `limit` entries older than `before`, newest first, with a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline."""

    kind: str
    """As registered: interaction, ticket, order, fault, ..."""
    id: int
    at: datetime
    title: str
    """In the customer's or agent's own words where there are any."""
    detail: str = ""
    icon: str = ""
    """Name of an icon of the sprite."""
    tone: str = ""
    """"" , "due" (something is owed), "bad" (late, unhappy), "good"."""
    mine: bool = False
    """The contact that is going on right now."""
    data: dict[str, Any] = field(default_factory=dict)
    """What the kind's own template wants beside: channel, state, number."""

    @property
    def key(self) -> tuple[datetime, str, int]:
        """Place in the timeline: newest first, and no two the same."""
        return (self.at, self.kind, self.id)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source is asked for."""

    parties: Sequence[int]
    """The customer and every record merged into it."""
    q: str
    """Words to look for, "" for all."""
    before: datetime | None
    """Entries at this moment or older (the page leaves out what it has)."""
    limit: int
    language: str
    interaction: int | None
    """The contact at hand."""

    @property
    def given(self) -> tuple[Any, ...]:
        """What fills the blanks of a kept query over the parties, and over the time where there is one."""
        return (self.parties,) if self.before is None else (self.parties, self.before)


Source = Callable[[Asked], Sequence[Entry]]

_sources: dict[str, Source] = {}


def source(kind: str, read: Source) -> None:
    """Add a kind of entries. `read` may give more than one kind; its name keys it."""
    _sources[kind] = read


def kinds() -> list[str]:
    return sorted(_sources)


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Entry]
    next: str
    """Cursor of the next page, "" at the end."""


def read(asked: Asked, cursor: str = "", only: Sequence[str] = ()) -> Page:
    """A page of the timeline: all sources (or `only` these), merged. As many queries as the sources make together.
    Raises ValueError on a cursor that is none."""
    after = _parsed(cursor) if cursor else None
    found: dict[tuple[datetime, str, int], Entry] = {}
    for name, one in _sources.items():
        if not only or name in only:
            found.update((entry.key, entry) for entry in _older(one, asked, after))
    ordered = [found[key] for key in sorted(found, reverse=True)]
    page = ordered[: asked.limit]
    return Page(page, _cursor(page[-1]) if len(ordered) > asked.limit and page else "")


def _older(source: Source, asked: Asked, after: tuple[datetime, str, int] | None) -> list[Entry]:
    """One more than the page takes, if there are so many. Entries of the cursor's own moment come again from the source and are told apart by
    kind and id; only where very many share one moment is the source asked once more."""
    wanted = asked.limit + 1
    limit = wanted + (1 if after is not None else 0)
    while True:
        given = source(Asked(asked.parties, asked.q, after[0] if after else asked.before, limit, asked.language, asked.interaction))
        older = [entry for entry in given if after is None or entry.key < after]
        if len(older) >= wanted or len(given) < limit:
            return older
        limit *= 2


def _cursor(entry: Entry) -> str:
    return f"{entry.at.isoformat()}~{entry.kind}~{entry.id}"


def _parsed(cursor: str) -> tuple[datetime, str, int]:
    at, kind, number = cursor.split("~")
    return (datetime.fromisoformat(at), kind, int(number))

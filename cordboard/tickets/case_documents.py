"""What may lie in a case. Each kind of document is offered once, by the package that has it:

    offer(Kind("mail", _("E-mail"), "mail", entries))

`entries(user, ids, language)` gives those of the documents that exist and that `user` may see, as entries of a timeline, with a fixed number of queries. What it leaves
out is shown as a document that is gone or that the reader may not see.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cordboard.interactions.history import Entry

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Entries = Callable[[Any, Sequence[int], str], Sequence[Entry]]


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    """Also the `kind` of its entries, in a customer's history too: what stands there can be put into a case."""
    words: str | StrPromise
    icon: str
    entries: Entries


KINDS: dict[str, Kind] = {}
"""Filled by `offer`."""


def offer(kind: Kind) -> None:
    KINDS[kind.code] = kind


def read(user: Any, documents: Iterable[tuple[str, int]], language: str) -> dict[tuple[str, int], Entry]:
    """The documents that exist and that the reader may see, by kind and number. As many queries as their kinds make."""
    ids: dict[str, list[int]] = {}
    for kind, document in documents:
        ids.setdefault(kind, []).append(document)
    return {(code, entry.id): entry for code, some in ids.items() if code in KINDS for entry in KINDS[code].entries(user, some, language)}

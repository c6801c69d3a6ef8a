"""Two people change a ticket at the same time: what differs is put together, what both changed is a clash that somebody decides. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Clash:
    """Both changed `field` from `seen`: it stands as `theirs` now, and was to become `mine`."""

    field: str
    seen: Any
    theirs: Any
    mine: Any


def put_together(seen: Mapping[str, Any], now: Mapping[str, Any], mine: Mapping[str, Any]) -> tuple[dict[str, Any], list[Clash]]:
    """What is to be written, and what clashes. `seen`: the values that the page of the writer showed, `now`: as they stand, `mine`: as the page was sent. A field that
    the writer left as it was is never written, so what somebody else made of it stays."""
    write: dict[str, Any] = {}
    clashes: list[Clash] = []
    for field, value in mine.items():
        before, stands = seen.get(field), now.get(field)
        if value in (before, stands):
            continue
        if stands == before:
            write[field] = value
        else:
            clashes.append(Clash(field, before, stands, value))
    return write, clashes

"""Which state of a ticket may follow which. Pure."""

from __future__ import annotations

AFTER: dict[str, frozenset[str]] = {
    "new": frozenset({"open", "waiting", "resolved", "closed"}),
    "open": frozenset({"waiting", "resolved", "closed"}),
    "waiting": frozenset({"open", "resolved", "closed"}),
    "resolved": frozenset({"open", "closed"}),
    "closed": frozenset({"open"}),
}
OPEN = ("new", "open", "waiting")
"""Somebody still has to do something, or to answer."""


def may_follow(new: str, old: str) -> bool:
    return new in AFTER[old]

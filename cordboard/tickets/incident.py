"""Many similar tickets within a short time: are they one incident? Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cordboard.tickets.similar import cosine

COMMON = 3
"""Words that most of a group share and that are shown, and more."""
MOST = 500
"""Tickets looked at; of more the newest."""


@dataclass(frozen=True, slots=True)
class Rule:
    """So many customers (`least`, 2 at least) within so many minutes, whose words are so alike (`likeness`, above 0 to 1)."""

    least: int = 5
    minutes: int = 60
    likeness: float = 0.35


@dataclass(frozen=True, slots=True)
class New:
    """A ticket that came in. `who` tells customers apart; 0: nobody knows who, which counts each ticket for one."""

    ticket: int
    at: datetime
    family: str
    who: int
    words: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Group:
    tickets: tuple[int, ...]
    """the oldest first"""
    family: str
    customers: int
    words: tuple[str, ...]
    """that at least half of them have, the commonest first"""


def detect(rows: Sequence[New], now: datetime, rules: Mapping[str, Rule]) -> list[Group]:
    """Groups of tickets that look like one cause, the largest first. `rules` by family of products, "" for those without one of their own; a family without any rule is not
    looked at. Two tickets belong together when their words are alike enough, weighted by how rare they are among the tickets at hand and no further apart than
    the rule's minutes; a chain of such is one group. The same customer writing ten times is one customer."""
    found: list[Group] = []
    for family in sorted({one.family for one in rows}):
        rule = rules.get(family, rules.get(""))
        if rule is not None:
            found += _of_family(sorted((one for one in rows if one.family == family), key=lambda one: (one.at, one.ticket))[-MOST:], family, now, rule)
    return sorted(found, key=lambda group: (-group.customers, group.tickets))


def _of_family(rows: Sequence[New], family: str, now: datetime, rule: Rule) -> list[Group]:
    window = timedelta(minutes=rule.minutes)
    rows = [one for one in rows if now - window <= one.at <= now]
    counts = Counter(word for one in rows for word in one.words)
    holders: dict[str, list[int]] = {}
    for place, one in enumerate(rows):
        for word in one.words:
            holders.setdefault(word, []).append(place)
    # Words are weighed as in a collection four times as large: what everybody says now is just what the incident is about, and must not count for nothing.
    total = 4 * len(rows)
    parent = list(range(len(rows)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    for place, one in enumerate(rows):
        for other in sorted({at for word in one.words for at in holders[word] if at < place}):
            a, b = root(place), root(other)
            if a != b and cosine(one.words, rows[other].words, counts, total) >= rule.likeness:
                parent[max(a, b)] = min(a, b)
    groups: dict[int, list[New]] = {}
    for place, one in enumerate(rows):
        groups.setdefault(root(place), []).append(one)
    return [_group(members, family) for members in groups.values() if customers(members) >= max(2, rule.least)]


def customers(rows: Sequence[New]) -> int:
    """How many different ones."""
    return len({one.who for one in rows if one.who}) + sum(not one.who for one in rows)


def _group(rows: Sequence[New], family: str) -> Group:
    shared = Counter(word for one in rows for word in one.words)
    words = [word for word, count in sorted(shared.items(), key=lambda pair: (-pair[1], pair[0])) if 2 * count >= len(rows)]
    return Group(tuple(one.ticket for one in rows), family, customers(rows), tuple(words[: 2 * COMMON]))


def same(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two groups are about the same: half of the smaller stands in the larger."""
    small, large = sorted((set(one), set(other)), key=len)
    return bool(small) and 2 * len(small & large) >= len(small)


def grown(before: Sequence[int], now: Sequence[int]) -> bool:
    """A group that somebody said is no incident comes up again only when it is twice as large."""
    return len(set(now)) >= 2 * len(set(before))

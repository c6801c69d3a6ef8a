"""Which tickets are alike, by their words and their product. Pure.

Words are those of the index of knowledge (knowledge/words.py): stems, dictionary words of Thai and Chinese, error codes whole. Likeness is the cosine of words weighted
by how rare they are (inverse document frequency, K. Spärck Jones, 1972), moved by what the tickets are about.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cordboard.knowledge.words import Token

TITLE, TEXT = 2.0, 1.0
CODE = 3.0
"""An error code counts as so many words."""
KEPT = 24
"""Words of a ticket that are kept."""
INDEXED = 12
"""Words of a closed ticket by which it is found: the rarest of those kept."""
ASKED = 6
"""Words of a ticket by which others are looked for: its rarest."""
LEAST = 0.25
"""Less is no likeness."""
SMALL = 50
"""Tickets."""
SAME_PRODUCT, SAME_FAMILY, SAME_REASON, OTHER_FAMILY = 0.15, 0.08, 0.12, 0.5


def telling(title: Iterable[Token], text: Iterable[Token]) -> dict[str, float]:
    """The words that say what a ticket is about, with weights, the strongest kept: what stands in the title counts twice, said again a little more."""
    weights: dict[str, float] = {}
    for tokens, weight in ((title, TITLE), (text, TEXT)):
        for token in tokens:
            worth = weight * (CODE if token.code else 1.0)
            before = weights.get(token.word, 0.0)
            weights[token.word] = max(before, worth) + (0.2 * min(before, worth) if before else 0.0)
    best = sorted(weights, key=lambda word: (-weights[word], word))[:KEPT]
    return {word: round(weights[word], 2) for word in best}


def idf(count: int, tickets: int) -> float:
    """How much a word tells that stands in `count` of `tickets`. Above 0. A small collection counts as one of SMALL: in the first ten closed tickets a word that all of
    them have would tell nothing, and one that none has everything."""
    return math.log(1 + (max(tickets, count, SMALL) - count + 0.5) / (count + 0.5))


def rarest(words: Mapping[str, float], counts: Mapping[str, int], tickets: int, most: int) -> list[str]:
    """Those that tell most: heavy in the text, rare among all."""
    return sorted(words, key=lambda word: (-words[word] * idf(counts.get(word, 0), tickets), word))[:most]


def cosine(one: Mapping[str, float], other: Mapping[str, float], counts: Mapping[str, int], tickets: int) -> float:
    """0 (no word in common) to 1 (the same words with the same weights)."""
    return Words(one, counts, tickets).cosine(other)


class Words:
    """A ticket's words, ready to be compared with those of many others: how much each word tells is worked out once. `counts`: in how many of `tickets` each stands; a word
    that is not among them stands in none."""

    def __init__(self, words: Mapping[str, float], counts: Mapping[str, int], tickets: int) -> None:
        self.words = words
        self._unknown = idf(0, tickets) ** 2
        self._known = {word: idf(count, tickets) ** 2 for word, count in counts.items()}
        self._more = {word: square - self._unknown for word, square in self._known.items()}
        self._mine = {word: weight * self._known.get(word, self._unknown) for word, weight in words.items()}
        self._length = self._length_of(words)

    def _length_of(self, words: Mapping[str, float]) -> float:
        whole = self._unknown * sum([weight * weight for weight in words.values()])
        more = self._more
        for word in words.keys() & more.keys():
            whole += words[word] ** 2 * more[word]
        return math.sqrt(max(whole, 0.0))

    def cosine(self, other: Mapping[str, float]) -> float:
        mine = self._mine
        shared = sum([mine[word] * other[word] for word in mine.keys() & other.keys()])
        if not shared:
            return 0.0
        return min(1.0, shared / (self._length * self._length_of(other)))

    def likeness(self, other: Mapping[str, float], a: About, b: About) -> float:
        """0 to 1: by words, moved by product and reason. Without a word in common there is none: the same product alone says nothing of the problem."""
        words = self.cosine(other)
        if not words:
            return 0.0
        if a.family and b.family and a.family != b.family:
            words *= OTHER_FAMILY
        extra = SAME_PRODUCT if a.product is not None and a.product == b.product else SAME_FAMILY if a.family and a.family == b.family else 0.0
        extra += SAME_REASON if a.reason is not None and a.reason == b.reason else 0.0
        return min(1.0, words + extra * min(1.0, words / LEAST))


@dataclass(frozen=True, slots=True)
class About:
    """What a ticket is about, beside its words."""

    product: int | None = None
    family: str = ""
    reason: int | None = None


def likeness(one: Mapping[str, float], other: Mapping[str, float], counts: Mapping[str, int], tickets: int, a: About, b: About) -> float:
    """Of two tickets, as `Words.likeness` says it of many."""
    return Words(one, counts, tickets).likeness(other, a, b)


def closing_key(article: int | None, measure: str) -> str:
    """The same for the same closing: an article, or a measure whatever its capitals and spaces; "" for none that is known."""
    return f"article:{article}" if article is not None else f"measure:{' '.join(measure.casefold().split())[:60]}" if measure.strip() else ""


@dataclass(frozen=True, slots=True)
class Found:
    """A closed ticket that is like the one at hand."""

    ticket: int
    rank: int
    likeness: float
    article: int | None
    measure: str
    shared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Closing:
    """What closed some of the tickets found: `count` of `of`, `here` of them at the level asked for; `first` is the likest of them."""

    key: str
    article: int | None
    measure: str
    count: int
    here: int
    of: int
    score: float
    first: Found
    tickets: tuple[int, ...]


def closings(found: Sequence[Found], rank: int) -> list[Closing]:
    """The solutions, by the likeness of the tickets that they closed; those of the level asked for count twice. Tickets that nothing known closed only count among `of`."""
    groups: dict[str, list[Found]] = {}
    for one in found:
        if key := closing_key(one.article, one.measure):
            groups.setdefault(key, []).append(one)
    made = []
    for key, rows in groups.items():
        rows.sort(key=lambda one: (-one.likeness, -one.ticket))
        score = sum(one.likeness * (2 if one.rank == rank else 1) for one in rows)
        here = sum(one.rank == rank for one in rows)
        made.append(Closing(key, rows[0].article, rows[0].measure, len(rows), here, len(found), score, rows[0], tuple(one.ticket for one in rows)))
    return sorted(made, key=lambda one: (-one.score, one.key))

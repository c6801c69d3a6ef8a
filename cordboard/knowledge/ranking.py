"""Which texts fit a note best: BM25 over words weighted by field. Pure.

S. Robertson, H. Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond (2009); the fields are joined before the
saturation, as BM25F does it: a word's frequency is the sum of the weights of the fields where it stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

K1 = 1.2
B = 0.75
FIELDS = {"title": 3.0, "problem": 2.0, "solution": 0.5}
"""What a word weighs by where it stands: people describe problems, not solutions."""
CODE = 3.0
"""An error code in the note counts as so many words."""


@dataclass(frozen=True, slots=True)
class Ranked:
    text: int
    score: float
    words: frozenset[str]
    """of the query, those that the text has"""


def weights(fields: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """The index rows of one text: word -> weighted frequency, from the words of each field."""
    total: dict[str, float] = {}
    for field, words in fields.items():
        for word in words:
            total[word] = total.get(word, 0.0) + FIELDS[field]
    return total


def rank(
    query: Mapping[str, float],
    postings: Mapping[str, Mapping[int, float]],
    lengths: Mapping[int, float],
    texts: int,
    mean_length: float,
) -> list[Ranked]:
    """Texts by BM25, best first. `query`: word -> how much it counts; `postings`: word -> text -> weighted frequency; `lengths`: sum of a
    text's weights; `texts`: how many the collection has; `mean_length` of theirs. Equal scores stand by id."""
    scores: dict[int, float] = {}
    found: dict[int, set[str]] = {}
    for word, count in query.items():
        holders = postings.get(word, {})
        idf = math.log(1 + (max(texts, len(holders)) - len(holders) + 0.5) / (len(holders) + 0.5))
        for text, weight in holders.items():
            length = lengths.get(text, mean_length) / mean_length if mean_length > 0 else 1.0
            scores[text] = scores.get(text, 0.0) + count * idf * weight * (K1 + 1) / (weight + K1 * (1 - B + B * length))
            found.setdefault(text, set()).add(word)
    return sorted((Ranked(text, score, frozenset(found[text])) for text, score in scores.items()), key=lambda one: (-one.score, one.text))


def helped_share(helped: int, tried: int) -> float:
    """The lower end of Wilson's 95% interval for "helped x of y": 1 of 1 is less sure than 90 of 100. 0.5 for nothing tried."""
    if tried <= 0:
        return 0.5
    z = 1.96
    share = helped / tried
    middle = share + z * z / (2 * tried)
    return max(0.0, (middle - z * math.sqrt((share * (1 - share) + z * z / (4 * tried)) / tried)) / (1 + z * z / tried))


def with_success(score: float, helped: int, tried: int) -> float:
    """The score, a tenth up or down for what experience says: words decide, success settles what they leave open."""
    return score * (0.9 + 0.2 * helped_share(helped, tried))

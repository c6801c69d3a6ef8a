"""What a text is about: the contact reason whose name and past texts share most of its telling words. Pure.

Each reason is one text made of its examples; a word weighs by how few reasons have it (inverse document frequency, K. Spärck Jones, 1972), and the answer is the reason with
the greatest cosine, if it is clearly ahead. Words are those of the index (words.py): stems, and dictionary words of Thai and Chinese.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from cordboard.knowledge import words as index
from cordboard.knowledge.analysis.registry import BUILT_IN, Example, Found, offer

LEAST = 0.12
"""A smaller likeness is none."""
LONGEST = 2_000


class Model:
    """Reasons by the words of their examples."""

    def __init__(self, examples: Sequence[Example]) -> None:
        counts: dict[str, Counter[str]] = {}
        for one in examples:
            counts.setdefault(one.reason, Counter()).update(index.words(one.text[:LONGEST], one.language))
        holders: Counter[str] = Counter(word for counted in counts.values() for word in counted)
        self._idf = {word: math.log(1 + len(counts) / held) for word, held in holders.items()}
        self._of_word: dict[str, list[tuple[str, float]]] = {}
        for reason, counted in counts.items():
            weights = {word: (1 + math.log(count)) * self._idf[word] for word, count in counted.items()}
            length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
            for word, weight in weights.items():
                self._of_word.setdefault(word, []).append((reason, weight / length))

    def intent(self, text: str, language: str) -> Found | None:
        counted = Counter(index.words(text[:LONGEST], language))
        weights = {word: (1 + math.log(count)) * self._idf[word] for word, count in counted.items() if word in self._idf}
        if not weights:
            return None
        unknown = sum(1 for word in counted if word not in self._idf)
        length = math.sqrt(sum(weight * weight for weight in weights.values()) + unknown * 0.25)
        scores: Counter[str] = Counter()
        for word, weight in weights.items():
            for reason, share in self._of_word[word]:
                scores[reason] += weight * share / length  # type: ignore[assignment]
        ranked = sorted(scores.items(), key=lambda one: (-one[1], one[0]))
        best = ranked[0]
        second = ranked[1][1] if len(ranked) > 1 else 0.0
        if best[1] < LEAST or best[1] <= second * 1.05:
            return None
        return Found(best[0], min(1.0, best[1] / (best[1] + second)))


@lru_cache(maxsize=4)
def model(examples: tuple[Example, ...]) -> Model:
    return Model(examples)


def intent(text: str, language: str, examples: Sequence[Example]) -> Found | None:
    """The contact reason (its code), or None when no word of the text tells."""
    return model(tuple(examples)).intent(text, language)


offer("intent", BUILT_IN, intent)

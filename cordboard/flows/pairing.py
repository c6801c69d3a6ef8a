"""Which names mean the same thing, in two lists that people wrote at different times ("Reset Two-Factor Auth" and "reset_2fa"). Pure.

Names are compared by their words, written words first, then the beginnings of words and initials. Pairs are chosen together, so that the sum of their
likenesses is greatest (the Hungarian method, Kuhn 1955, in the form of Jonker and Volgenant 1987): a name that is like two others gets the one that the
other cannot have.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

_WORD = re.compile(r"[a-z]+|\d+")
_NUMBERS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10"}
_SMALL = frozenset({"a", "an", "the", "of", "to", "up", "in", "out", "and", "or", "for", "due", "not", "on"})


@cache
def words(name: str) -> tuple[str, ...]:
    """The words of a name: lower case, numbers as digits, endings of the plural taken off."""
    spread = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()
    return tuple(_stem(_NUMBERS.get(word, word)) for word in _WORD.findall(spread))


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def rarity(names: Iterable[str]) -> Callable[[str], float]:
    """How much a word says: one that few of the names have says more than one that most have (inverse document frequency)."""
    all_names = list(names)
    counts = Counter(word for name in all_names for word in set(words(name)))
    return lambda word: (0.3 if word in _SMALL else 1.0) * math.log(1 + (len(all_names) + 1) / (1 + counts[word]))


def likeness(one: str, other: str, weight: Callable[[str], float] = lambda word: 1.0) -> float:
    """0 (nothing in common) to 1 (the same words): the weight of the words that both have in that of all words, as the mean of both sides."""
    a, b = words(one), words(other)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    return (_covered(a, b, weight) + _covered(b, a, weight)) / 2


def _covered(a: Sequence[str], b: Sequence[str], weight: Callable[[str], float]) -> float:
    total = sum(weight(word) for word in a)
    initials = "".join(word if word.isdigit() else word[0] for word in b)
    got = 0.0
    for place, word in enumerate(a):
        if word in b:
            got += weight(word)
        elif len(word) >= 4 and any(len(one) >= 4 and (one.startswith(word[:5]) or word.startswith(one[:5])) for one in b):
            got += 0.8 * weight(word)
        elif _initial(a, place, initials) or _initial_of(word, a, b):
            got += 0.7 * weight(word)
    return got / total if total else 0.0


def _initial(a: Sequence[str], place: int, initials: str) -> bool:
    """A short word, with a number before it or not, that is made of the other's initials: "2", "fa" of "two factor authentication"."""
    word = a[place]
    if word.isdigit() or len(word) > 3 or len(word) < 2:
        return False
    return word in initials or (place > 0 and a[place - 1].isdigit() and f"{a[place - 1]}{word}" in initials)


def _initial_of(word: str, a: Sequence[str], b: Sequence[str]) -> bool:
    """The other way: the word's initial stands in a short word of the other, at the place that fits."""
    mine = "".join(one if one.isdigit() else one[0] for one in a)
    return any(1 < len(one) <= 3 and one in mine and word[0] in one for one in b if not one.isdigit())


# -- sequences ------------------------------------------------------------------------------------------------------------


def aligned(a: Sequence[str], b: Sequence[str], like: Callable[[str, str], float], least: float = 0.3) -> list[tuple[int, int]]:
    """Places of `a` and `b` that mean the same, in the order of both (Needleman and Wunsch 1970, without a price for gaps)."""
    best = [[0.0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            score = like(a[i], b[j])
            taken = score + best[i + 1][j + 1] if score >= least else 0.0
            best[i][j] = max(taken, best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        score = like(a[i], b[j])
        if score >= least and best[i][j] == score + best[i + 1][j + 1]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def alike(a: Sequence[str], b: Sequence[str], like: Callable[[str, str], float]) -> float:
    """How like two sequences are, 0 to 1: in their order, and half as much out of it."""
    if not a or not b:
        return 0.0
    in_order = sum(like(a[i], b[j]) for i, j in aligned(a, b, like))
    anywhere = sum(max(like(one, other) for other in b) for one in a)
    return (2 * in_order / (len(a) + len(b)) + anywhere / max(len(a), len(b))) / 2


# -- choosing pairs ---------------------------------------------------------------------------------------------------------


def paired(scores: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairs (row, column) whose scores sum to the most, each row and column at most once. O(n³)."""
    if not scores or not scores[0]:
        return []
    rows, columns = len(scores), len(scores[0])
    if rows > columns:
        return sorted((row, column) for column, row in paired([[scores[row][column] for row in range(rows)] for column in range(columns)]))
    u, v = [0.0] * (rows + 1), [0.0] * (columns + 1)
    taken_by, way = [0] * (columns + 1), [0] * (columns + 1)
    for row in range(1, rows + 1):
        taken_by[0], column = row, 0
        least = [math.inf] * (columns + 1)
        used = [False] * (columns + 1)
        while True:
            used[column] = True
            current, delta, following = taken_by[column], math.inf, 0
            for other in range(1, columns + 1):
                if used[other]:
                    continue
                cost = -scores[current - 1][other - 1] - u[current] - v[other]
                if cost < least[other]:
                    least[other], way[other] = cost, column
                if least[other] < delta:
                    delta, following = least[other], other
            for other in range(columns + 1):
                if used[other]:
                    u[taken_by[other]] += delta
                    v[other] -= delta
                else:
                    least[other] -= delta
            column = following
            if taken_by[column] == 0:
                break
        while column:
            taken_by[column], column = taken_by[way[column]], way[column]
    return sorted((taken_by[column] - 1, column - 1) for column in range(1, columns + 1) if taken_by[column])


def together(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> Callable[[str, str], float]:
    """How often a word of one list of sequences and a word of the other stand in the same pair, 0 to 1 (Dice's coefficient): "Boots" and
    "search-boots" do whatever they are called."""
    left: Counter[str] = Counter()
    right: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for a, b in pairs:
        left.update(set(a))
        right.update(set(b))
        both.update((one, other) for one in set(a) for other in set(b))
    found: Mapping[tuple[str, str], int] = both
    return lambda one, other: 2 * found.get((one, other), 0) / (left[one] + right[other]) if left[one] + right[other] else 0.0

"""The mood of a text by the words in it, with what turns them round: "not happy", "werkt niet", "не работает", "ไม่ดี", "不满意". Pure; linear; reads the first LONGEST signs.

Thai and Chinese have no spaces: at each place the longest known word is taken.
"""

from __future__ import annotations

import re
from functools import cache

from cordboard.knowledge.analysis.registry import BUILT_IN, Found, offer
from cordboard.knowledge.analysis.sentiment_words import BAD, GOOD, MORE, NOT

LONGEST = 20_000
REACH = 3
"""Words before which a negation still holds."""
FLAT = 0.15
"""Scores nearer to 0 are neutral."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[.!?;,:\n]")
_SPACELESS = ("th", "zh-hans")
_STOPS = frozenset(".!?;,:\n")
_TAIL_NOT = frozenset({"nl"})
"""Languages in which the negation follows the verb: "het werkt niet"."""


def sentiment(text: str, language: str) -> Found | None:
    """ "positive", "negative" or "neutral", with a score from -1 to 1; None in a language that is not known here, or without any word."""
    if language not in GOOD:
        return None
    text = text[:LONGEST]
    marks = _without_spaces(text, language) if language in _SPACELESS else _with_spaces(text, language)
    if marks is None:
        return None
    good, bad = sum(one for one in marks if one > 0), -sum(one for one in marks if one < 0)
    if not good and not bad:
        return Found("neutral", 0.5, 0.0)
    score = (good - bad) / (good + bad + 0.5)
    value = "neutral" if abs(score) < FLAT else "positive" if score > 0 else "negative"
    return Found(value, min(1.0, 0.4 + 0.15 * (good + bad)), round(score, 3))


class _Words:
    """Words of one list, whole and beginnings."""

    def __init__(self, listed: str) -> None:
        words = listed.split()
        self.whole = frozenset(word for word in words if not word.endswith("*"))
        self.begins = frozenset(word[:-1] for word in words if word.endswith("*"))
        self.lengths = tuple(sorted({len(word) for word in self.begins}))

    def has(self, word: str) -> bool:
        return word in self.whole or any(word[:length] in self.begins for length in self.lengths if length <= len(word))


@cache
def _lists(language: str) -> tuple[_Words, _Words, _Words, _Words]:
    return _Words(GOOD[language]), _Words(BAD[language]), _Words(NOT[language]), _Words(MORE[language])


def _with_spaces(text: str, language: str) -> list[float] | None:
    good, bad, turns, more = _lists(language)
    words = _WORD.findall(text.casefold().replace("’", "'"))
    if not any(word not in _STOPS for word in words):
        return None
    marks: list[float] = []
    since_not, strong, last = REACH + 1, False, -2
    for at, word in enumerate(words):
        if word in _STOPS:
            since_not, strong = REACH + 1, False
            continue
        since_not += 1
        if turns.has(word):
            if language in _TAIL_NOT and marks and marks[-1] > 0 and at - last <= 2:
                marks[-1] = -marks[-1]  # "het werkt niet"
            else:
                since_not = 0
            if not bad.has(word):
                continue
        if more.has(word):
            strong = True
            continue
        mark = 1.0 if good.has(word) else -1.0 if bad.has(word) else 0.0
        if mark:
            if 0 < since_not <= REACH:
                mark = -mark * (0.5 if mark < 0 else 1.0)  # "not bad" is half a praise
            marks.append(mark * (1.5 if strong else 1.0))
            strong, last = False, at
    return marks


@cache
def _dictionary(language: str) -> tuple[dict[str, tuple[str, float]], int]:
    known: dict[str, tuple[str, float]] = {}
    for kind, listed, mark in (("more", MORE, 0.0), ("not", NOT, 0.0), ("bad", BAD, -1.0), ("good", GOOD, 1.0)):
        for word in listed[language].split():
            known[word] = (kind, mark)
    return known, max(map(len, known))


def _without_spaces(text: str, language: str) -> list[float] | None:
    known, longest = _dictionary(language)
    marks: list[float] = []
    at, turned_at, strong, letters = 0, -99, False, False
    while at < len(text):
        sign = text[at]
        if sign in _STOPS or sign in "。！？；，：、":
            turned_at, strong = -99, False
            at += 1
            continue
        letters = letters or sign.isalpha()
        for length in range(min(longest, len(text) - at), 0, -1):
            found = known.get(text[at : at + length])
            if found is None:
                continue
            kind, mark = found
            if kind == "not":
                turned_at = at + length
            elif kind == "more":
                if language == "th" and marks:  # ดีมาก: it follows
                    marks[-1] *= 1.5
                strong = language != "th"
            else:
                if 0 <= at - turned_at <= 2:
                    mark = -mark * (0.5 if mark < 0 else 1.0)
                marks.append(mark * (1.5 if strong else 1.0))
                strong, turned_at = False, -99
            at += length
            break
        else:
            at += 1
    return marks if letters or marks else None


offer("sentiment", BUILT_IN, sentiment)

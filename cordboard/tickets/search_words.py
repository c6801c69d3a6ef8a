"""The words under which a ticket is found, and what a search means by those that were typed. Pure.

A text is read by the rules of its customer's language, and nobody knows that of a search; so each word that is typed stands for all that it may be: its stem in every
language, and itself as names are kept. Words that some language passes over (the, de, и) decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from cordboard.knowledge import words as language
from cordboard.parties import normalise

LONGEST = 40
MOST_WORDS = 2_000
MOST_TYPED = 8
LANGUAGES = ("en", "nl", "ru", "th", "zh-hans")
LEAST_BEGINNING = 3
"""Letters of a word still being typed from which on its beginning is enough."""


def of_ticket(texts: list[str], name: str, spoken: str) -> set[str]:
    """The words of a ticket's texts in the customer's language, and those of the customer's name."""
    found: dict[str, None] = {}
    for text in texts:
        for word in language.words(text, spoken if spoken in LANGUAGES else "en"):
            found[word[:LONGEST]] = None
            if len(found) >= MOST_WORDS:
                break
    return {*found, *normalise.words(name, LONGEST)}


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a search: any of `words` will do, or one that begins with `beginning`."""

    words: frozenset[str]
    beginning: str = ""


def typed(text: str) -> list[Term]:
    """What is searched for; all of it must be in a ticket. The last word may still be being typed."""
    text = text[:200]
    at: dict[int, set[str]] = {}
    heard: dict[int, int] = {}
    for spoken in LANGUAGES:
        for token in language.analyse(text, spoken):
            at.setdefault(token.start, set()).update((token.word[:LONGEST], *normalise.fold(text[token.start : token.end]).split()))
            heard[token.start] = heard.get(token.start, 0) + 1
    kept = [start for start in sorted(at) if heard[start] == len(LANGUAGES)] or sorted(at)
    terms = [Term(frozenset(at[start])) for start in kept[:MOST_TYPED]]
    last = normalise.fold(text).split()[-1:] if text and not text[-1].isspace() else []
    if terms and last and len(last[0]) >= LEAST_BEGINNING and last[0] in terms[-1].words:
        terms[-1] = Term(terms[-1].words, last[0][:LONGEST])
    return terms

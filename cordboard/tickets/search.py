"""Tickets by words: number, title, what was written, the customer's name; newest first. An index serves each step, and each step's work is bounded: it begins
with the rarest word, and of a word that very many tickets have it looks at the newest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from cordboard.lib.kept import Kept
from cordboard.lib.prefix import starts_with
from cordboard.org.models import User
from cordboard.tickets.models_view import SearchPosting, SearchWord
from cordboard.tickets.queries import visible
from cordboard.tickets.search_words import Term, typed

CANDIDATES = 3_000
"""Tickets looked at: of those that have the rarest word, the newest."""
MOST_MEANT = 30
"""Words that a beginning may stand for: the most frequent."""
MOST_ORDERED = 6


@dataclass(frozen=True, slots=True)
class Found:
    ids: list[int]
    """newest first"""
    partly: bool = False
    """Only the newest with the rarest word were looked at: an older ticket may fit too."""


def search(user: User, text: str, *, limit: int = 100) -> Found:
    """The tickets that `user` may see and that have every word. At most seven queries and two for each further word."""
    text = " ".join(text.split())[:200] + (" " if text[-1:].isspace() else "")
    numbered = _by_number(user, text.strip())
    terms = typed(text)
    meant = _meant(terms)
    if not terms or not all(meant):
        return Found(numbered)
    meant.sort(key=lambda words: sum(count for _pk, count in words))
    candidates, partly = _newest(meant[0])
    for words in meant[1:]:
        if not candidates:
            break
        both = SearchPosting.objects.filter(word_id__in=[pk for pk, _count in words], ticket_id__in=candidates)
        candidates = list(dict.fromkeys(both.values_list("ticket_id", flat=True)))
    ids = list(visible(user).filter(pk__in=candidates).order_by("-pk").values_list("pk", flat=True)[:limit]) if candidates else []
    return Found([*numbered, *(pk for pk in ids if pk not in numbered)][:limit], partly and len(ids) < limit)


def with_word(word: str) -> Q:
    """Tickets that have a word, as a condition of views. What is no word at all fits none."""
    found = Q(pk__in=[])
    for place, term in enumerate(typed(f"{word} ")):
        one = Q(pk__in=SearchPosting.objects.filter(word__in=SearchWord.objects.filter(word__in=term.words)).values("ticket_id"))
        found = one if place == 0 else found & one
    return found


_WORDS = Kept(lambda words: SearchWord.objects.filter(word__in=words).values_list("pk", "word", "tickets"))
_NEWEST = Kept(lambda word: SearchPosting.objects.filter(word_id=word).order_by("-ticket_id").values_list("ticket_id", flat=True)[:CANDIDATES])
_ALL = Kept(lambda words: SearchPosting.objects.filter(word_id__in=words).values_list("ticket_id", flat=True)[: CANDIDATES * 2])


def _by_number(user: User, text: str) -> list[int]:
    digits = text.removeprefix("#")
    if not digits.isdecimal() or len(digits) > 15:
        return []
    return list(visible(user).filter(number=int(digits)).values_list("pk", flat=True))


def _meant(terms: Sequence[Term]) -> list[list[tuple[int, int]]]:
    """For each term the words of the index that it may be, with how many tickets have them. One query, and one for a beginning."""
    if not terms:
        return []
    wanted = {word for term in terms for word in term.words}
    known = {word: (pk, count) for pk, word, count in _WORDS(sorted(wanted))}
    found = [[known[word] for word in sorted(term.words) if word in known] for term in terms]
    for place, term in enumerate(terms):
        if term.beginning:
            more = SearchWord.objects.filter(starts_with("word", term.beginning)).order_by("-tickets", "pk").values_list("pk", "tickets")[:MOST_MEANT]
            found[place] = list(dict.fromkeys([*found[place], *more]))
    return found


def _newest(words: list[tuple[int, int]]) -> tuple[list[int], bool]:
    """The newest tickets with one of these words, and whether there are older ones."""
    if sum(count for _pk, count in words) <= CANDIDATES:
        return sorted(set(_ALL([pk for pk, _count in words])), reverse=True), False
    found: set[int] = set()
    # one after another, since a database sorts all tickets of several words, and enters the index of one at its end
    for pk, _count in sorted(words, key=lambda one: -one[1])[:MOST_ORDERED]:
        found.update(_NEWEST(pk))
    return sorted(found, reverse=True)[:CANDIDATES], True

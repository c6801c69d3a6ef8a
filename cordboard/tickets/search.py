"""Tickets by words: number, title, what was written, the customer's name; newest first. An index serves each step, and each step's work is bounded: it begins
with the rarest word, and of a word that very many tickets have it looks at the newest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from cordboard.lib.kept import Kept
from cordboard.lib.prefix import starts_with
from cordboard.org.models import User
from cordboard.org.permissions import sight
from cordboard.tickets.models_view import SearchPosting, SearchWord
from cordboard.tickets.queries import VIEW, visible
from cordboard.tickets.search_words import Term, typed

CANDIDATES = 3_000
"""Tickets looked at: of those that have the rarest word, the newest."""
MOST_MEANT = 30
"""Words that a beginning may stand for: the most frequent."""
MOST_ORDERED = 6
PORTION = 500
_POSTING = "tickets_search_posting"


@dataclass(frozen=True, slots=True)
class Found:
    ids: list[int]
    """newest first"""
    partly: bool = False
    """Only the newest with the rarest word were looked at: an older ticket may fit too."""


def search(user: User, text: str, *, limit: int = 100) -> Found:
    """The tickets that `user` may see and that have every word. At most four queries where the user may see all of them."""
    text = " ".join(text.split())[:200] + (" " if text[-1:].isspace() else "")
    numbered = _by_number(user, text.strip())
    terms = typed(text)
    meant = _meant(terms)
    if not terms or not all(meant):
        return Found(numbered)
    meant.sort(key=lambda words: sum(count for _pk, count in words))
    everything = sight(user, VIEW)[0] == "all"
    ids = _with_all(meant, limit if everything else CANDIDATES)
    if not everything:
        ids = _seen(user, ids, limit)
    partly = sum(count for _pk, count in meant[0]) > CANDIDATES and len(ids) < limit
    return Found([*numbered, *(pk for pk in ids if pk not in numbered)][:limit], partly)


def _with_all(meant: list[list[tuple[int, int]]], most: int) -> list[int]:
    """The newest tickets that have a word of each. The database looks at the newest with the first, one after another, and of each whether it has the others: the lists of
    candidates never leave it. One query."""
    begin, given = _newest(meant[0])
    have = []
    for words in meant[1:]:
        # "LIMIT 1 OFFSET 0" keeps PostgreSQL from reading all tickets of a frequent word to join them
        have.append(f"EXISTS (SELECT 1 FROM {_POSTING} AS o WHERE o.word_id IN ({_blanks(words)}) AND o.ticket_id = c.ticket_id LIMIT 1 OFFSET 0)")
        given += [pk for pk, _count in words]
    where = f" WHERE {' AND '.join(have)}" if have else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT c.ticket_id FROM ({begin}) AS c{where} ORDER BY c.ticket_id DESC LIMIT %s", [*given, most])
        return [pk for (pk,) in cursor.fetchall()]


def _seen(user: User, ids: list[int], limit: int) -> list[int]:
    """Those that the user may see, the newest first. A query for every five hundred until there are enough."""
    found: list[int] = []
    for begin in range(0, len(ids), PORTION):
        found += visible(user).filter(pk__in=ids[begin : begin + PORTION]).order_by("-pk").values_list("pk", flat=True)[: limit - len(found)]
        if len(found) >= limit:
            break
    return found


def with_word(word: str) -> Q:
    """Tickets that have a word, as a condition of views. What is no word at all fits none."""
    found = Q(pk__in=[])
    for place, term in enumerate(typed(f"{word} ")):
        one = Q(pk__in=SearchPosting.objects.filter(word__in=SearchWord.objects.filter(word__in=term.words)).values("ticket_id"))
        found = one if place == 0 else found & one
    return found


_WORDS = Kept(lambda words: SearchWord.objects.filter(word__in=words).values_list("pk", "word", "tickets"))


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


def _blanks(words: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(words))


def _newest(words: list[tuple[int, int]]) -> tuple[str, list[int]]:
    """SQL of the newest tickets with one of these words, and what fills its blanks."""
    if sum(count for _pk, count in words) <= CANDIDATES:
        return f"SELECT DISTINCT ticket_id FROM {_POSTING} WHERE word_id IN ({_blanks(words)})", [pk for pk, _count in words]
    frequent = [pk for pk, _count in sorted(words, key=lambda one: -one[1])[:MOST_ORDERED]]
    # one after another, since a database sorts all tickets of several words, and enters the index of one at its end
    each = f"SELECT * FROM (SELECT ticket_id FROM {_POSTING} WHERE word_id = %s ORDER BY ticket_id DESC LIMIT {CANDIDATES}) AS p"
    several = " UNION ".join([each] * len(frequent))
    return (f"SELECT ticket_id FROM ({several}) AS u ORDER BY ticket_id DESC LIMIT {CANDIDATES}" if len(frequent) > 1 else each), frequent

"""Reading what is like a ticket: closed ones by likeness with what closed them, and the most common requests of a level. Quick at a million tickets: the rarest words lead
to at most a few hundred closed tickets, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from cordboard.knowledge.models import Article
from cordboard.lib.kept import LONGEST, Kept
from cordboard.tickets import similar
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_similar import ClosingCount, RequestCount, SolvedTicket, TermCount, TicketWords
from cordboard.tickets.similar import About, Closing, Found

PER_WORD = 150
"""Of each word so many closed tickets are looked at, the newest."""
LOOKED_AT = 120
"""The most promising of them, whose words are compared."""
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Like:
    """`closings` with the titles of their articles, and the tickets that they were found by."""

    found: list[Found]
    closings: list[Closing]
    titles: dict[int, str]
    """article -> title in the reader's language"""
    codes: dict[int, str]
    numbers: dict[int, int]
    """ticket (row) -> number"""
    messages: dict[int, str]
    """ticket -> the reply that closed it, of the first of each closing"""


EMPTY = Like([], [], {}, {}, {}, {})


_WORDS = Kept(lambda ticket: TicketWords.objects.filter(pk=ticket))
_COUNTS = Kept(lambda words: TermCount.objects.filter(word__in=words).values_list("word", "count"))
_SOLVED = Kept(
    lambda tickets: SolvedTicket.objects.filter(pk__in=tickets).values_list(
        "pk", "rank", "article_id", "measure", "product_id", "family", "reason_id", "ticket__words__words"
    )
)
_LINES = Kept(lambda tickets: Ticket.objects.filter(pk__in=tickets).values_list("pk", "number", "solved__message"))


def _solved(tickets: list[int]) -> list[tuple[Any, ...]]:
    """Closed tickets with their words, in portions that are kept (lib/kept.py). A query for every sixty-four."""
    return [row for begin in range(0, len(tickets), LONGEST) for row in _SOLVED(tickets[begin : begin + LONGEST])]


def similar_to(ticket: Ticket, rank: int, language: str, *, most: int = 5) -> Like:
    """Closed tickets like this one, and what closed them, the best first. Five queries at most; none when the ticket's words are not read yet but one."""
    own = _WORDS.first(ticket.pk)
    if own is None or not own.words:
        return EMPTY
    counts = dict(_COUNTS([*own.words, ""]))
    tickets = counts.get("", 0)
    asked = similar.rarest({word: weight for word, weight in own.words.items() if counts.get(word)}, counts, tickets, similar.ASKED)
    if not asked:
        return EMPTY
    promising = _candidates(asked, {word: own.words[word] * similar.idf(counts[word], tickets) for word in asked}, ticket.pk)
    product = ticket.product
    about = About(product.product_id if product is not None else None, own.family, ticket.reason_id)
    found = []
    mine = similar.Words(own.words, counts, tickets)
    for number, at, article, measure, of, family, reason, words in _solved(promising):
        value = mine.likeness(words or {}, about, About(of, family, reason))
        if value >= similar.LEAST:
            shared = tuple(word for word in own.words if word in words)
            found.append(Found(number, at, round(value, 3), article, measure, shared))
    found.sort(key=lambda one: (-one.likeness, -one.ticket))
    found = found[:SHOWN]
    best = similar.closings(found, rank)[:most]
    firsts = [one.first.ticket for one in best]
    shown = {number for one in best for number in one.tickets} | {one.ticket for one in found[:most]}
    lines = _LINES(sorted(shown))
    numbers, messages = {}, {}
    for pk, number, message in lines:
        numbers[pk] = number
        if pk in firsts and message:
            messages[pk] = message
    titles, codes = _articles({one.article for one in best if one.article is not None}, language)
    return Like(found, best, titles, codes, numbers, messages)


def _candidates(words: list[str], weight: dict[str, float], own: int) -> list[int]:
    """The closed tickets that share the heaviest of these words, the newest of each word. One query of as many index ranges as words."""
    part = f"SELECT * FROM (SELECT word, solved_id FROM tickets_solved_term WHERE word = %s AND solved_id <> %s ORDER BY solved_id DESC LIMIT {PER_WORD}) AS p"
    sums: dict[int, float] = {}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([part] * len(words)), [value for word in words for value in (word, own)])
        for word, ticket in cursor.fetchall():
            sums[ticket] = sums.get(ticket, 0.0) + weight[word]
    return [ticket for ticket, _sum in sorted(sums.items(), key=lambda pair: (-pair[1], -pair[0]))[:LOOKED_AT]]


def _articles(ids: set[int], language: str) -> tuple[dict[int, str], dict[int, str]]:
    titles: dict[int, str] = {}
    codes: dict[int, str] = {}
    for row in Article.objects.filter(pk__in=ids).prefetch_related("texts") if ids else ():
        by = {one.language: one.title for one in row.texts.all()}
        codes[row.pk] = row.code
        titles[row.pk] = by.get(language) or by.get("en") or next(iter(by.values()), row.code)
    return titles, codes


@dataclass(frozen=True, slots=True)
class Common:
    """One of the most common requests of a level."""

    request: RequestCount
    closings: list[ClosingCount]


def _most(families: list[str] | None = None, *, rank: int, most: int) -> QuerySet[RequestCount]:
    rows = RequestCount.objects.filter(rank=rank, count__gt=0).select_related("reason__parent")
    if families is not None:
        rows = rows.filter(family__in=families)
    return rows.order_by("-count", "pk")[:most]


_MOST = Kept(_most)
_CLOSINGS = Kept(lambda requests: ClosingCount.objects.filter(request__in=requests, count__gt=0).order_by("-count", "pk"))


def most_common(rank: int, family: str, language: str, *, most: int = 5) -> tuple[list[Common], dict[int, str], dict[int, str]]:
    """The requests that the level closes most (of this family of products and of none, or of all families when none is given), each with the two closings that it has most;
    titles and codes of their articles. Four queries at most."""
    found = _MOST([family, ""], rank=rank, most=most) if family else _MOST(rank=rank, most=most)
    by: dict[int, list[ClosingCount]] = {row.pk: [] for row in found}
    for one in _CLOSINGS(list(by)):
        if len(by[one.request_id]) < 2:
            by[one.request_id].append(one)
    titles, codes = _articles({one.article_id for rows_ in by.values() for one in rows_ if one.article_id is not None}, language)
    return [Common(row, by[row.pk]) for row in found], titles, codes

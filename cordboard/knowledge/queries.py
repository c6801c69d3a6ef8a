"""Finding solutions by the words of a note, and reading them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Prefetch, Q, Sum

from cordboard.knowledge import ranking
from cordboard.knowledge.models import Article, ArticleText, ArticleUse, Term
from cordboard.knowledge.words import Token, analyse
from cordboard.org.languages import LANGUAGES

LEAST = 0.2
"""Of the best score: what scores less only shares a common word with the note."""
OTHER_LANGUAGE = 0.8
"""A text found in another language than the reader's counts so much less."""


@dataclass(frozen=True, slots=True)
class Hit:
    article: Article
    text: ArticleText
    """in the reader's language, else the one it was found in"""
    score: float
    found: tuple[str, ...]
    """the words of the note, as written there, that led to it"""
    helped: int
    tried: int
    """solved `helped` of `tried`"""


@dataclass(frozen=True, slots=True)
class Answer:
    hits: tuple[Hit, ...]
    marks: tuple[tuple[int, int], ...]
    """where in the note the words stand that led to the first hit, in order, apart from one another: note[start:end]"""


def search(text: str, language: str, family: str | None = None, limit: int = 10) -> Answer:
    """Solutions for the words of a note, of any length, in any of our languages, as it was typed; best first. Six queries at most.

    `language` is the reader's. Texts in other languages are found too, and shown in the reader's where they have it. `family` puts
    solutions for that product family (and for none) before all others."""
    tokens = {one: analyse(text, one) for one in LANGUAGES}
    asked = Q()
    for one, found in tokens.items():
        if found:
            asked |= Q(language=one, word__in={token.word for token in found})
    if not asked:
        return Answer((), ())
    published = Q(text__article__state=Article.State.PUBLISHED)
    postings: dict[str, dict[str, dict[int, float]]] = {}
    article_of: dict[int, int] = {}
    for one, word, text_id, article, weight in Term.objects.filter(asked & published).values_list("language", "word", "text_id", "text__article_id", "weight"):
        postings.setdefault(one, {}).setdefault(word, {})[text_id] = weight
        article_of[text_id] = article
    if not article_of:
        return Answer((), ())
    lengths = dict(Term.objects.filter(text__in=article_of).values("text").annotate(length=Sum("weight")).values_list("text", "length"))
    texts = {
        row["language"]: row["texts"]
        for row in ArticleText.objects.filter(article__state=Article.State.PUBLISHED).values("language").annotate(texts=Count("pk"))
    }

    best: dict[int, tuple[float, str, int, frozenset[str]]] = {}
    for one, by_word in postings.items():
        query = _query(tokens[one])
        own = [lengths[text_id] for text_id in {text_id for holders in by_word.values() for text_id in holders}]
        for ranked in ranking.rank(query, by_word, lengths, texts.get(one, 1), sum(own) / len(own)):
            article = article_of[ranked.text]
            score = ranked.score * (1.0 if one == language else OTHER_LANGUAGE)
            if score > best.get(article, (0.0,))[0]:
                best[article] = (score, one, ranked.text, ranked.words)

    # success is looked up for the likely ones only
    likely = sorted(best, key=lambda article: (-best[article][0], article))[: limit * 3]
    counts = solved(likely)
    rows = Article.objects.filter(pk__in=likely).prefetch_related(Prefetch("texts", ArticleText.objects.order_by("language")))
    hits: list[tuple[bool, Hit]] = []
    for row in rows:
        score, found_in, _text_id, matched = best[row.pk]
        helped, tried = counts.get(row.pk, (0, 0))
        by_language = {one.language: one for one in row.texts.all()}
        shown = by_language.get(language) or by_language[found_in]
        surfaces = tuple(dict.fromkeys(text[token.start : token.end] for token in tokens[found_in] if token.word in matched))
        off = bool(family) and row.family not in ("", family)
        hits.append((off, Hit(row, shown, ranking.with_success(score, helped, tried), surfaces, helped, tried)))
    hits.sort(key=lambda pair: (pair[0], -pair[1].score, pair[1].article.pk))
    if not hits:
        return Answer((), ())
    top = max(hit.score for _off, hit in hits)
    kept = tuple(hit for _off, hit in hits if hit.score >= top * LEAST)[:limit]
    first = best[kept[0].article.pk]
    return Answer(kept, _marks(token for token in tokens[first[1]] if token.word in first[3]))


def _query(tokens: Iterable[Token]) -> dict[str, float]:
    query: dict[str, float] = {}
    for token in tokens:
        # said twice is meant a little more, not twice as much
        before = query.get(token.word, 0.0)
        query[token.word] = (ranking.CODE if token.code else 1.0) if not before else min(before * 1.2, before + 0.5)
    return query


def _marks(tokens: Iterable[Token]) -> tuple[tuple[int, int], ...]:
    marks: list[tuple[int, int]] = []
    for start, end in sorted((token.start, token.end) for token in tokens):
        if marks and start <= marks[-1][1]:
            marks[-1] = (marks[-1][0], max(end, marks[-1][1]))
        else:
            marks.append((start, end))
    return tuple(marks)


def solved(article_ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """By article: helped x of y tried. One query."""
    rows = (
        ArticleUse.objects.filter(article__in=list(article_ids), kind__in=(ArticleUse.Kind.HELPED, ArticleUse.Kind.NOT_HELPED))
        .values("article")
        .annotate(helped=Count("pk", filter=Q(kind=ArticleUse.Kind.HELPED)), tried=Count("pk"))
    )
    return {row["article"]: (row["helped"], row["tried"]) for row in rows}


def article(article_id: int, language: str) -> Hit:
    """One article in the reader's language, else in English, else in whichever it has. Three queries. Raises Article.DoesNotExist."""
    row = Article.objects.prefetch_related("texts").get(pk=article_id)
    by_language = {one.language: one for one in row.texts.all()}
    text = by_language.get(language) or by_language.get("en") or next(iter(by_language.values()))
    helped, tried = solved([row.pk]).get(row.pk, (0, 0))
    return Hit(row, text, 0.0, (), helped, tried)


def listing(language: str, family: str = "", limit: int = 100) -> list[Hit]:
    """All published articles, those that solved most first. Three queries."""
    rows = Article.objects.filter(state=Article.State.PUBLISHED).prefetch_related("texts")
    if family:
        rows = rows.filter(family=family)
    found = list(rows.order_by("code")[:limit])
    counts = solved(row.pk for row in found)
    hits = []
    for row in found:
        by_language = {one.language: one for one in row.texts.all()}
        text = by_language.get(language) or by_language.get("en") or next(iter(by_language.values()), None)
        if text is not None:
            hits.append(Hit(row, text, 0.0, (), *counts.get(row.pk, (0, 0))))
    hits.sort(key=lambda hit: (-hit.helped, hit.text.title))
    return hits

"""What knowledge adds to a customer's timeline: which solution was given and whether it helped, so that nobody gives it a second time in vain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from cordboard.interactions.history import Asked, Entry, source
from cordboard.knowledge.models import ArticleText, ArticleUse
from cordboard.lib.kept import Kept


def solution_entries(asked: Asked) -> list[Entry]:
    """By title. Two queries."""
    if not asked.q:
        found = _USES(*asked.given, limit=asked.limit)
    else:
        named = ArticleText.objects.filter(Q(title__icontains=asked.q) | Q(problem__icontains=asked.q)).values("article")
        found = list(_uses(*asked.given).filter(article__in=named)[: asked.limit])
    texts = Prefetch("article__texts", ArticleText.objects.filter(language__in={asked.language, "en"}).only("article_id", "language", "title"))
    prefetch_related_objects(found, texts)
    return [_entry(use, asked.language) for use in found]


def _uses(parties: Sequence[int], before: datetime | None = None) -> QuerySet[ArticleUse]:
    rows = ArticleUse.objects.filter(interaction__subject__in=parties).exclude(kind=ArticleUse.Kind.OPENED)
    rows = rows if before is None else rows.filter(at__lte=before)
    return rows.select_related("article", "by").order_by("-at", "-pk")


_USES = Kept(lambda parties, before=None, *, limit: _uses(parties, before)[:limit])


def _entry(use: ArticleUse, language: str) -> Entry:
    titles = {text.language: text.title for text in use.article.texts.all()}
    words = {
        ArticleUse.Kind.GIVEN: _("Solution given"),
        ArticleUse.Kind.HELPED: _("Solution helped"),
        ArticleUse.Kind.NOT_HELPED: _("Solution did not help"),
    }
    return Entry(
        kind="solution",
        id=use.pk,
        at=use.at,
        title=titles.get(language) or titles.get("en") or use.article.code,
        detail=", ".join(part for part in (words[ArticleUse.Kind(use.kind)], str(use.by or "")) if part),
        icon="bulb",
        tone="good" if use.kind == ArticleUse.Kind.HELPED else "",
        data={"article": use.article_id, "use": use.kind},
    )


source("solution", solution_entries)

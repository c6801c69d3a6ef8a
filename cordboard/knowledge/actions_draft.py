"""The unreviewed layer: drafts that come of work, and their review."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.knowledge.actions import index
from cordboard.knowledge.models import Article, ArticleReview, ArticleText, KnowledgeSetting
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import User
from cordboard.org.permissions import require


def draft(
    code: str, language: str, *, title: str, problem: str, solution: str, family: str = "", collection: str = Article.Collection.SOLUTION, unit: int | None = None,
    by: User | None = None, now: datetime | None = None,
) -> Article:  # fmt: skip
    """An unreviewed article: searches do not find it, reviewers do, in the work list of `unit` where it came up. The same code again gives the article that stands, as it is. `by` None: it came by itself.
    Raises ValueError for a language that we do not have, ValidationError without title or solution."""
    if language not in LANGUAGES:
        raise ValueError(f"no such language: {language}")
    if not title.strip() or not solution.strip():
        raise ValidationError({language: _("A solution needs a title and a text.")})
    now = now or timezone.now()
    with transaction.atomic():
        article, made = Article.objects.get_or_create(
            code=code, defaults={"collection": collection, "family": family, "state": Article.State.DRAFT, "updated_at": now}
        )
        if made:
            ArticleText.objects.create(
                article=article, language=language, title=" ".join(title.split())[:200], problem=problem.strip(), solution=solution.strip()
            )
            ArticleReview.objects.create(article=article, unit_id=unit)
            log.record("knowledge.drafted", actor=f"user:{by.pk}" if by is not None else "system", article=article.pk, language=language, unit=unit)
    return article


def change_draft(by: User, article_id: int, language: str, *, title: str, problem: str, solution: str, now: datetime | None = None) -> ArticleText:
    """A reviewer puts the words right before others see them. Raises ValidationError, PermissionDenied, Article.DoesNotExist for what is no draft."""
    require(by, "knowledge.write")
    if not title.strip() or not solution.strip():
        raise ValidationError({"title": _("A solution needs a title and a text.")})
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id, state=Article.State.DRAFT)
        text, _made = ArticleText.objects.update_or_create(
            article=article, language=language, defaults={"title": " ".join(title.split())[:200], "problem": problem.strip(), "solution": solution.strip()}
        )
        article.updated_at = now or timezone.now()
        article.save(update_fields=["updated_at"])
    return text


def review(by: User, article_id: int, *, publish: bool, now: datetime | None = None) -> Article:
    """Published, and found from now on; or put aside. What is no draft any more stays as it is. Raises PermissionDenied, Article.DoesNotExist."""
    require(by, "knowledge.write")
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if article.state != Article.State.DRAFT:
            return article
        article.state, article.updated_at = (Article.State.PUBLISHED if publish else Article.State.RETIRED), now or timezone.now()
        article.save(update_fields=["state", "updated_at"])
        texts = list(article.texts.all())
        place: dict[str, Any] = dict(ArticleReview.objects.filter(article=article).values("unit", "position", "owner").first() or {})
        if publish:
            for text in texts:
                index(text)
            log.record("knowledge.published", actor=f"user:{by.pk}", article=article.pk, languages=sorted(text.language for text in texts), **place)
        else:
            log.record("knowledge.retired", actor=f"user:{by.pk}", article=article.pk, **place)
    return article


def set_drafts_from_requests(by: User, on: bool) -> None:
    """Whether solved requests become drafts by themselves."""
    require(by, "knowledge.write")
    KnowledgeSetting.objects.update_or_create(pk=1, defaults={"drafts_from_requests": on})


def drafts_from_requests() -> bool:
    """One query."""
    row = KnowledgeSetting.objects.filter(pk=1).first()
    return row.drafts_from_requests if row is not None else True

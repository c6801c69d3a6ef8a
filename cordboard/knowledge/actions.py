"""The only writers of knowledge and of what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.knowledge import ranking, words
from cordboard.knowledge.models import Article, ArticleText, ArticleUse, Term
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import User
from cordboard.org.permissions import require

FIELDS = ("title", "problem", "solution")


def publish(
    code: str,
    texts: Mapping[str, Mapping[str, str]],
    by: User | None,
    *,
    collection: str = Article.Collection.SOLUTION,
    family: str = "",
    now: datetime | None = None,
) -> Article:
    """Make or change an article and have it found: `texts` by language, each with title, problem and solution. Languages not given stay as
    they are. Raises ValidationError, PermissionDenied."""
    if by is not None:
        require(by, "knowledge.write")
    for language, text in texts.items():
        if language not in LANGUAGES:
            raise ValueError(f"no such language: {language}")
        if not text.get("title", "").strip() or not text.get("solution", "").strip():
            raise ValidationError({language: _("A solution needs a title and a text.")})
    with transaction.atomic():
        article, _made = Article.objects.update_or_create(
            code=code,
            defaults={"collection": collection, "family": family, "state": Article.State.PUBLISHED, "updated_at": now or timezone.now()},
        )
        for language, text in texts.items():
            given = {field: text.get(field, "").strip() for field in FIELDS}
            row, _made = ArticleText.objects.update_or_create(article=article, language=language, defaults=given)
            index(row)
        log.record("knowledge.published", actor=f"user:{by.pk}" if by else "system", article=article.pk, languages=sorted(texts))
    return article


def index(text: ArticleText) -> None:
    """Write the text's words anew. The index follows from the texts and can be rebuilt at any time."""
    with transaction.atomic():
        text.terms.all().delete()
        total = ranking.weights({field: words.words(getattr(text, field), text.language) for field in FIELDS})
        Term.objects.bulk_create((Term(text=text, language=text.language, word=word, weight=weight) for word, weight in total.items()), batch_size=200)


def retire(article_id: int, by: User) -> None:
    """Take an article out of the search; what it solved stays counted."""
    require(by, "knowledge.write")
    with transaction.atomic():
        if Article.objects.filter(pk=article_id).exclude(state=Article.State.RETIRED).update(state=Article.State.RETIRED, updated_at=timezone.now()):
            log.record("knowledge.retired", actor=f"user:{by.pk}", article=article_id)


def count_use(article_id: int, kind: str, by: User, *, interaction_id: int | None = None, query: str = "", now: datetime | None = None) -> ArticleUse:
    """An agent opened it, gave it to the customer, or says whether it helped. Each counts once per contact; of "helped" and "did not
    help" the last word holds. Raises PermissionDenied, ValueError."""
    require(by, "knowledge.use")
    if kind not in ArticleUse.Kind.values:
        raise ValueError(f"no such use: {kind}")
    verdicts = (ArticleUse.Kind.HELPED, ArticleUse.Kind.NOT_HELPED)
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article_id)
        if interaction_id is not None:
            same = ArticleUse.objects.filter(article=article, interaction=interaction_id)
            if kind in verdicts:
                same.filter(kind__in=[one for one in verdicts if one != kind]).delete()
            if (before := same.filter(kind=kind).first()) is not None:
                return before
        use = ArticleUse.objects.create(
            article=article, interaction_id=interaction_id, kind=kind, query=query.replace("\x00", "")[:2000], by=by, at=now or timezone.now()
        )
        log.record("knowledge.used", actor=f"user:{by.pk}", article=article.pk, use=kind, interaction=interaction_id)
    return use

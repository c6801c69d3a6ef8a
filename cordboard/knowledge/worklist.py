"""Drafts that wait for somebody who reads and publishes them, in the work lists of those who may."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from cordboard.knowledge import actions_review as actions
from cordboard.knowledge.models import Article, ArticleReview
from cordboard.org.permissions import user_may
from cordboard.org.worklist import Asked, Kind, Open, Row, offer


def drafts(asked: Asked, most: int) -> list[Row]:
    """One's own; in a position's those that were given to it, in the unit's those that came up there, and those that came up nowhere in particular. Who is of no unit has the latter among their own. Two queries."""
    user = asked.user
    if user_may(user, "knowledge.write") is None:
        return []
    loose = Q(review=None) | Q(review__unit=None, review__position=None, review__owner=None)
    rows = Article.objects.filter(state=Article.State.DRAFT)
    match asked.which:
        case "mine":
            rows = rows.filter(Q(review__owner__in=asked.people) | loose if user.unit_id is None else Q(review__owner__in=asked.people))
        case "position" if asked.position is not None:
            rows = rows.filter(review__position=asked.position)
        case "unit" if asked.unit is not None:
            rows = rows.filter(Q(review__unit=asked.unit) | loose)
        case _:
            return []
    language = translation.get_language() or "en"
    found = []
    for row in rows.select_related("review__owner", "review__unit", "review__position").prefetch_related("texts").order_by("updated_at", "pk")[:most]:
        texts = {text.language: text for text in row.texts.all()}
        text = texts.get(language) or next(iter(texts.values()), None)
        review: ArticleReview | None = getattr(row, "review", None)
        owner = review.owner if review is not None else None
        found.append(
            Row(
                kind="review",
                number=row.pk,
                ref=str(row.pk),
                title=text.title if text is not None else row.code,
                priority=6,
                owner=owner.pk if owner is not None else None,
                owner_name=str(owner or ""),
                stands=str(review.position or review.unit or "") if review is not None else "",
                what=str(_("Draft to review")),
                state=str(row.get_collection_display()),
                made=row.updated_at,
            )
        )  # fmt: skip
    return found


def open_of(people: Sequence[int]) -> Iterable[Open]:
    """One query."""
    rows = ArticleReview.objects.filter(owner__in=people, article__state=Article.State.DRAFT)
    return [(owner, since, None) for owner, since in rows.values_list("owner_id", "article__updated_at")]


offer(Kind("review", _("Drafts to review"), drafts, actions.take, actions.give, open_of, order=55, stand=actions.stand))

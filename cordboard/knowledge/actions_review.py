"""Taking a draft to review it, giving it back, giving it to a colleague or a position. Called by `org.actions_worklist`, in its transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cordboard.knowledge.models import Article, ArticleReview
from cordboard.org.models import Position, User
from cordboard.org.permissions import require, user_may
from cordboard.org.queries_absence import for_whom
from cordboard.org.worklist import Outcome


def take(user: Any, number: int, now: datetime) -> Outcome:
    """Mine to review. Raises PermissionDenied."""
    require(user, "knowledge.write")
    row = _review(number)
    if row is None:
        return _over(number)
    if row.owner_id == user.pk:
        return Outcome(True)
    if row.owner is not None and row.owner.is_active and row.owner_id not in for_whom(user.pk, now):
        return Outcome(False, _("%(name)s has taken this one.") % {"name": row.owner})
    return _to(row, user)


def give(user: Any, number: int, to: User | None, why: str, now: datetime) -> Outcome:
    """To a colleague who may review, or back into the list. Raises PermissionDenied."""
    require(user, "knowledge.write")
    row = _review(number)
    if row is None:
        return _over(number)
    if to is not None and user_may(to, "knowledge.write") is None:
        return Outcome(False, _("%(name)s may not publish solutions.") % {"name": to})
    if row.owner_id == (to.pk if to is not None else None):
        return Outcome(True)
    return _to(row, to)


def stand(user: User, number: int, position: Position, why: str, now: datetime) -> Outcome:
    """Into the list of a position, for whoever of it may review. Raises PermissionDenied."""
    require(user, "knowledge.write")
    row = _review(number)
    if row is None:
        return _over(number)
    if row.position_id == position.pk and row.owner_id is None:
        return Outcome(True)
    if not any(user_may(one, "knowledge.write") is not None for one in User.objects.filter(position=position, is_active=True)):
        return Outcome(False, _("Nobody in the position %(name)s may publish solutions.") % {"name": position})
    row.position, row.unit_id = position, position.unit_id
    row.save(update_fields=["position", "unit"])
    return _to(row, None)


def _review(number: int) -> ArticleReview | None:
    """Of a draft, locked; None where it is none (any more)."""
    if not Article.objects.select_for_update().filter(pk=number, state=Article.State.DRAFT).exists():
        return None
    return ArticleReview.objects.get_or_create(article_id=number)[0]


def _over(number: int) -> Outcome:
    known = Article.objects.filter(pk=number).exists()
    return Outcome(False, _("This is finished already.") if known else _("This is not there any more."))


def _to(row: ArticleReview, owner: User | None) -> Outcome:
    old, row.owner = row.owner_id, owner
    row.save(update_fields=["owner"])
    return Outcome(True, moved=True, old=old, unit=row.unit_id, position=row.position_id)

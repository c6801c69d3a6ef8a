"""The only writer of kept views of the ticket list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models import Role, Unit, User
from cordboard.org.permissions import require, user_may
from cordboard.tickets.events_view import VIEW_CHANGED
from cordboard.tickets.filter_facts import EVERY, reader_of
from cordboard.tickets.filters import problems
from cordboard.tickets.models_view import TicketView
from cordboard.tickets.queries_list import SORTS

SHARE = "tickets.share_views"
MOST_OWN = 40
COLUMNS = ("number", "customer", "kind", "state", "priority", "owner", "unit", "due", "opened", "resolved")
USUAL = ("number", "customer", "state", "priority", "owner", "due")


class Stale(Exception):
    """Somebody else changed the view since it was read. Nothing was saved."""


def keep(
    user: User,
    name: str,
    condition: Mapping[str, Any] | None,
    *,
    sort: str = "due",
    columns: Sequence[str] = (),
    role: Role | int | None = None,
    unit: Unit | int | None = None,
    view: int | None = None,
    version: int | None = None,
    now: datetime | None = None,
) -> TicketView:
    """Keep a view, a new one or (by its owner) an older one changed. Raises ValidationError by field, PermissionDenied, Stale, TicketView.DoesNotExist."""
    require(user, "tickets.view")
    now = now or timezone.now()
    name = " ".join(name.split())
    if not name or len(name) > 60:
        raise ValidationError({"name": _("Give it a name of at most 60 letters.")})
    if found := problems(condition, EVERY, now, reader_of(user)):
        raise ValidationError({"condition": _("This condition cannot be asked: %(why)s") % {"why": found[0]}})
    if sort not in SORTS:
        raise ValidationError({"sort": _("Choose an order.")})
    if not set(columns) <= set(COLUMNS):
        raise ValidationError({"columns": _("Choose columns of the list.")})
    role_id, unit_id = (one if isinstance(one, int) or one is None else one.pk for one in (role, unit))
    _may_share(user, role_id, unit_id)
    with transaction.atomic():
        row = TicketView.objects.select_for_update(of=("self",)).get(pk=view, owner=user) if view is not None else TicketView(owner=user)
        if view is None and TicketView.objects.filter(owner=user).count() >= MOST_OWN:
            raise ValidationError({"name": _("You keep %(most)d views. Take one away first.") % {"most": MOST_OWN}})
        if view is not None:
            if version is not None and row.version != version:
                raise Stale
            row.version += 1
        row.name, row.condition, row.sort, row.columns = name, dict(condition or {}), sort, list(columns)
        row.role_id, row.unit_id, row.changed_at = role_id, unit_id, now
        row.save()
        log.record(VIEW_CHANGED, actor=f"user:{user.pk}", view=row.pk, owner=user.pk, gone=False)
    return row


def remove(user: User, view: int) -> None:
    """Take one of one's own views away, for all whom it was shared with. Raises TicketView.DoesNotExist."""
    with transaction.atomic():
        row = TicketView.objects.get(pk=view, owner=user)
        log.record(VIEW_CHANGED, actor=f"user:{user.pk}", view=row.pk, owner=user.pk, gone=True)
        row.delete()


def _may_share(user: User, role: int | None, unit: int | None) -> None:
    if role is None and unit is None:
        return
    scope = user_may(user, SHARE)
    own = (role is None or user.roles.filter(pk=role).exists()) and (unit is None or unit == user.unit_id)
    if scope is None or not (scope == "all" or own):
        raise PermissionDenied(_("You may share views with your own roles and unit only.") if scope is not None else _("You may not share views."))

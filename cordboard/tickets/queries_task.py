"""Reading tasks."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets.models import Task


def visible_tasks(user: User) -> QuerySet[Task]:
    """The tasks that `user` may see: own, nobody's in the list of the user's unit or position, those of units that the user heads; of the whole unit, or all, by reach. No
    query yet."""
    scope = user_may(user, "tickets.view")
    if scope is None:
        return Task.objects.none()
    if scope == "all":
        return Task.objects.all()
    found = Q(owner=user) | Q(made_by=user) | Q(unit__head=user)
    stands = Q(pk__in=())
    if user.unit_id is not None:
        stands |= Q(unit=user.unit_id)
    if user.position_id is not None:
        stands |= Q(position=user.position_id)
    return Task.objects.filter(found | (stands if scope == "unit" else stands & Q(owner=None)))

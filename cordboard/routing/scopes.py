"""Whom and what a manager's rights reach: all, or one's own unit."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils.translation import gettext as _

from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.routing.models import Queue
from cordboard.routing.permissions import MANAGE, SUPERVISE


def may_set(user: Any, agent: int) -> None:
    """Raises PermissionDenied unless the user may change this colleague's state, queues and skills."""
    scope = require(user, SUPERVISE)
    if scope != "all" and not User.objects.filter(pk=agent, unit_id=user.unit_id, unit__isnull=False).exists():
        raise PermissionDenied(_("This colleague is not of your unit."))


def sets(user: Any, agent: int) -> bool:
    """Whether the user may change this colleague's state, queues and skills."""
    try:
        may_set(user, agent)
    except PermissionDenied:
        return False
    return True


def manages(user: Any, queue: int) -> bool:
    """Whether the user manages this queue."""
    try:
        may_manage(user, queue)
    except PermissionDenied:
        return False
    return True


def may_manage(user: Any, queue: int) -> None:
    """Raises PermissionDenied unless the user manages this queue: all, or it is of the user's unit or served by its people."""
    scope = require(user, MANAGE)
    if scope == "all":
        return
    own = Q(unit_id=user.unit_id) | Q(members__agent__unit_id=user.unit_id)
    if user.unit_id is None or not Queue.objects.filter(own, pk=queue).exists():
        raise PermissionDenied(_("This queue is not of your unit."))

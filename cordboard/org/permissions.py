"""Who may do what: the roles of a user, and what may be done here. The words (`declare`, `require`, `user_may`, `permitted`, ...) are those of
`lib/permissions.py`; every package above takes them from here."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.lib.kept import Kept
from cordboard.lib.permissions import (
    Permission,
    Scope,
    declare,
    declared,
    granted,
    granted_by,
    masks,
    permitted,
    public,
    require,
    signed_in,
    user_may,
)

__all__ = ("HAND_OVER", "Permission", "Scope", "declare", "declared", "granted", "masks", "permitted", "public", "require", "sight", "signed_in", "user_may")


@cache
def _kept() -> Kept[tuple[dict[str, Scope], bool]]:
    from cordboard.org.models import Role  # permissions are declared before models can be loaded

    return Kept(lambda user: Role.objects.filter(users=user).order_by("pk").values_list("permissions", "masks"))


def _roles_of(user: int) -> Iterable[tuple[dict[str, Scope], bool]]:
    return _kept()(user)


granted_by(_roles_of)


def sight(user: Any, code: str) -> tuple[str, tuple[int, ...]]:
    """How far `user` sees what `code` is about: "all", "unit", "own" or nothing (""), and whose numbers that takes: none, user and unit, user. Kept queries (lib/kept.py) are
    compiled once for each. Who has no unit sees their own."""
    match user_may(user, code):
        case "all":
            return "all", ()
        case "unit" if user.unit_id is not None:
            return "unit", (user.pk, user.unit_id)
        case "unit" | "own":
            return "own", (user.pk,)
    return "", ()


declare("org.view", _("See colleagues, units and positions"))
declare("org.manage", _("Change units, positions, users and roles"))

HAND_OVER = "org.hand_over"
declare(HAND_OVER, _("Hand over the work of colleagues who leave"))

"""One act for all that somebody who leaves had to keep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log, presence
from cordboard.org import handover
from cordboard.org.models import User
from cordboard.org.permissions import HAND_OVER, require


class NobodyTakes(ValueError):
    """Somebody has to be named who is there to take it."""


def hand_over(user: Any, agent: int, to: Sequence[int], kinds: Sequence[str] | None = None, *, now: datetime | None = None) -> dict[str, int]:
    """Give everything that `agent` has to keep (of these kinds; None: of all) to the colleagues `to`: to a deputy of the matter who is among them, else to whoever has least,
    what is due first first; what nobody of them can take stays. One transaction. Returns how many of each kind changed hands. Needs org.hand_over for the agent's unit. Raises NobodyTakes, PermissionDenied."""
    scope = require(user, HAND_OVER)
    now = now or timezone.now()
    takers = list(User.objects.filter(pk__in=[one for one in to if one != agent], is_active=True).order_by("pk").values_list("pk", "unit_id"))
    leaves = User.objects.filter(pk=agent).values_list("unit_id", flat=True).first()
    if scope != "all" and (leaves is None or leaves != user.unit_id or any(unit != user.unit_id for _pk, unit in takers)):
        raise PermissionDenied(_("This colleague is not of your unit."))
    if not takers:
        raise NobodyTakes(_("Choose somebody who takes it over."))
    wanted = [one for one in handover.owned(agent) if kinds is None or one.kind in kinds]
    ids = [pk for pk, _unit in takers]
    wanted = handover.with_able(wanted, ids, now)
    loads = {pk: len(handover.owned(pk)) for pk in ids}
    plan = handover.hand_over(wanted, ids, presence.present(ids, now), loads)
    counts: dict[str, int] = {}
    with transaction.atomic():
        for code, kind in handover.KINDS.items():
            own = {number: taker for (of, number), taker in plan.items() if of == code}
            if own:
                counts[code] = kind.give(user, agent, own, now)
        log.record("org.handed_over", actor=f"user:{user.pk}", agent=agent, counts=counts)
    return counts

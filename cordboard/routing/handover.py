"""Callbacks of somebody who leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.interactions.tell import Tell
from cordboard.org.handover import Owned, offer
from cordboard.parties.models import Deputy
from cordboard.routing import actions_worklist as worklist
from cordboard.routing.models import Callback

State = Callback.State
KEPT = (State.SCHEDULED, State.QUEUED, State.FAILED, State.EXPIRED)
"""A callback that is being made at this moment stays with the one who makes it."""


def find(agent: int) -> Sequence[Owned]:
    """Two queries."""
    rows = list(Callback.objects.filter(owner_id=agent, state__in=KEPT).values_list("pk", "due_at", "party_id", "party__root_id"))
    deputies: dict[int, list[int]] = {}
    parties = {root or party for _pk, _due, party, root in rows if party is not None}
    for party, user in Deputy.objects.filter(party__in=parties, user__is_active=True).order_by("order").values_list("party_id", "user_id"):
        deputies.setdefault(party, []).append(user)
    return [Owned("callback", pk, due, tuple(deputies.get(root or party, ()))) for pk, due, party, root in rows]


def give(user: Any, agent: int, plan: Mapping[int, int], now: datetime) -> int:
    tell = Tell.of(user, "handed over")
    rows = Callback.objects.select_for_update(of=("self",)).select_related("queue").filter(pk__in=sorted(plan), owner_id=agent, state__in=KEPT)
    count = 0
    for row in rows.order_by("pk"):
        worklist._changed(row, "reassigned", tell, old_owner=agent, owner_id=plan[row.pk])
        count += 1
    tell.write()
    return count


offer("callback", _("Callbacks"), find=find, give=give)

"""Tickets of somebody who leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.events import log
from cordboard.org.handover import Owned, offer
from cordboard.org.models import User
from cordboard.tickets.models import Ticket

OVER = (Ticket.State.RESOLVED, Ticket.State.CLOSED)


def find(agent: int) -> Sequence[Owned]:
    """One query."""
    rows = Ticket.objects.filter(owner_id=agent).exclude(state__in=OVER).values_list("pk", "due_at")
    return [Owned("ticket", pk, due) for pk, due in rows]


def give(user: Any, agent: int, plan: Mapping[int, int], now: datetime) -> int:
    takers = User.objects.select_related("unit").in_bulk(set(plan.values()))
    count = 0
    for ticket in Ticket.objects.select_for_update(of=("self",)).filter(pk__in=sorted(plan), owner_id=agent).exclude(state__in=OVER).order_by("pk"):
        owner = takers[plan[ticket.pk]]
        ticket.owner, ticket.unit_id = owner, owner.unit_id or ticket.unit_id
        ticket.version += 1
        ticket.save(update_fields=["owner", "unit", "version"])
        log.record("tickets.given", actor=f"user:{user.pk}", why="handed over", ticket=ticket.pk, party=ticket.party_id, owner=owner.pk, old=agent)
        count += 1
    return count


offer("ticket", _("Open tickets"), find=find, give=give)

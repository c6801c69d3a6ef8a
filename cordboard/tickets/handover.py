"""Tickets and tasks of somebody who leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.events import log
from cordboard.org.handover import Owned, offer
from cordboard.org.models import User
from cordboard.tickets import changes, events_complaint
from cordboard.tickets.models import Task, Ticket

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
        place = ticket.unit_id
        ticket.owner, ticket.unit_id = owner, owner.unit_id or ticket.unit_id
        ticket.version += 1
        ticket.save(update_fields=["owner", "unit", "version"])
        changes.owner(ticket, agent, actor=f"user:{user.pk}", old_unit=place, now=now, why="handed over")
        count += 1
    return count


offer("ticket", _("Open tickets"), find=find, give=give)


def find_tasks(agent: int) -> Sequence[Owned]:
    """One query."""
    return [Owned("task", pk, due) for pk, due in Task.objects.filter(owner_id=agent, state=Task.State.OPEN).values_list("pk", "due_at")]


def give_tasks(user: Any, agent: int, plan: Mapping[int, int], now: datetime) -> int:
    """They stay in the list of the unit in which they stand."""
    count = 0
    for task in Task.objects.select_for_update(of=("self",)).filter(pk__in=sorted(plan), owner_id=agent, state=Task.State.OPEN).order_by("pk"):
        task.owner_id = plan[task.pk]
        task.version += 1
        task.save(update_fields=["owner", "version"])
        log.record(
            events_complaint.TASK_CHANGED, actor=f"user:{user.pk}", why="handed over", task=task.pk, ticket=task.ticket_id, party=task.party_id, kind=task.kind,
            owner=task.owner_id, unit=task.unit_id, position=task.position_id, what="given", old=agent,
        )  # fmt: skip
        count += 1
    return count


offer("task", _("Open tasks"), find=find_tasks, give=give_tasks)

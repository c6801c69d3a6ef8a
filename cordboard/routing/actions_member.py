"""What an agent serves and can do, changed while the centre works: queues, and skills with an optional end. The router follows at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions.acts import Act, Came
from cordboard.interactions.tell import Tell, seconds
from cordboard.org.models import User
from cordboard.routing import events
from cordboard.routing.models import AgentSkill, Queue, QueueMember, Skill
from cordboard.routing.scopes import may_set


def join_queue(user: Any, agent: int, queue: int) -> Act:
    """The agent serves the queue from now on. Needs routing.supervise. Came: done, already, no_such."""
    may_set(user, agent)
    with transaction.atomic():
        if not _locked(agent) or not Queue.objects.filter(pk=queue).exists():
            return Act(Came.NO_SUCH)
        if not QueueMember.objects.get_or_create(agent_id=agent, queue_id=queue)[1]:
            return Act(Came.ALREADY)
        tell_change(Tell.of(user), agent, "joined", queue=queue)
    return Act(Came.DONE)


def leave_queue(user: Any, agent: int, queue: int) -> Act:
    """The agent serves the queue no more; what the agent has of it stays. Needs routing.supervise. Came: done, already, no_such."""
    may_set(user, agent)
    with transaction.atomic():
        if not _locked(agent):
            return Act(Came.NO_SUCH)
        if not QueueMember.objects.filter(agent_id=agent, queue_id=queue).delete()[0]:
            return Act(Came.ALREADY)
        tell_change(Tell.of(user), agent, "left", queue=queue)
    return Act(Came.DONE)


def set_skill(user: Any, agent: int, skill: str, proficiency: int, *, until: datetime | None = None, now: datetime | None = None) -> Act:
    """Proficiency 1 to 5 in the skill with this code, for good or `until` a moment: then it is again as it was for good. Needs routing.supervise. Came: done,
    already, no_such, not_now (the moment has passed). Raises ValueError for another proficiency."""
    may_set(user, agent)
    if not 1 <= proficiency <= 5:
        raise ValueError(f"no proficiency {proficiency}")
    if until is not None and until <= (now or timezone.now()):
        return Act(Came.NOT_NOW)
    with transaction.atomic():
        of = Skill.objects.filter(code=skill).first()
        if not _locked(agent) or of is None:
            return Act(Came.NO_SUCH)
        row = AgentSkill.objects.filter(agent_id=agent, skill=of).first()
        if row is not None and (row.proficiency, row.until) == (proficiency, until):
            return Act(Came.ALREADY)
        for_good = None if row is None else row.before if row.until is not None else row.proficiency
        made = {"proficiency": proficiency, "until": until, "before": for_good if until is not None else None}
        AgentSkill.objects.update_or_create(agent_id=agent, skill=of, defaults=made)
        tell_change(Tell.of(user), agent, "skill_set", skill=skill, proficiency=proficiency, until=seconds(until))
    return Act(Came.DONE)


def remove_skill(user: Any, agent: int, skill: str) -> Act:
    """For good. Needs routing.supervise. Came: done, already, no_such."""
    may_set(user, agent)
    with transaction.atomic():
        if not _locked(agent):
            return Act(Came.NO_SUCH)
        if not AgentSkill.objects.filter(agent_id=agent, skill__code=skill).delete()[0]:
            return Act(Came.ALREADY)
        tell_change(Tell.of(user), agent, "skill_removed", skill=skill)
    return Act(Came.DONE)


def sweep_skills(now: datetime | None = None) -> int:
    """Skills whose time is over go, or are again as they were before. Returns how many."""
    now = now or timezone.now()
    due = list(AgentSkill.objects.filter(until__lte=now).order_by("agent_id", "pk").values_list("pk", "agent_id"))
    return sum(_expire(row, agent, now) for row, agent in due)


def _expire(number: int, agent: int, now: datetime) -> bool:
    with transaction.atomic():
        _locked(agent)
        row = AgentSkill.objects.select_related("skill").filter(pk=number, until__lte=now).first()
        if row is None:
            return False  # it was set anew, or another worker was faster
        before = row.before
        if before is None:
            row.delete()
        else:
            row.proficiency, row.until, row.before = before, None, None
            row.save(update_fields=["proficiency", "until", "before"])
        tell_change(Tell("worker", "its time has passed"), agent, "skill_expired", skill=row.skill.code, proficiency=before)
    return True


def _locked(agent: int) -> bool:
    """Acts on one agent's queues and skills wait for each other, so that the last event says what the rows say. False: there is no such agent."""
    return User.objects.select_for_update().filter(pk=agent, is_active=True).first() is not None


def tell_change(tell: Tell, agent: int, change: str, **what: Any) -> None:
    """In the caller's transaction."""
    queues = list(QueueMember.objects.filter(agent_id=agent).order_by("queue_id").values_list("queue_id", flat=True))
    tell.add(events.AGENT_CHANGED, **{"queue": None, "skill": None, "proficiency": None, "until": None, **what}, agent=agent, change=change, queues=queues)
    tell.write()

"""An agent's place in the centre as a whole: the queues served, what the agent can do for good, how many calls at once. From the person's settings; what changes while the
centre works (for a while only) is in `actions_member.py`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.interactions.tell import Tell
from cordboard.lib.keeping import BadValue, check
from cordboard.org.models import User
from cordboard.routing import actions_state as state
from cordboard.routing.actions_member import tell_change
from cordboard.routing.models import AgentSkill, AgentState, Queue, QueueMember, Skill
from cordboard.routing.scopes import may_set

CAPACITY = (1, 5)
"""Calls that the router may give at once: least and most."""


def seat_values(agent: int | None) -> dict[str, Any]:
    """Three queries. Nobody's (None): as of somebody new."""
    if agent is None:
        return {"queues": [], "skills": {}, "capacity": 1}
    skills: dict[str, int] = {}
    for one in AgentSkill.objects.filter(agent=agent).select_related("skill"):
        level = one.proficiency if one.until is None else one.before
        if level is not None:
            skills[one.skill.code] = level
    capacity = AgentState.objects.filter(agent=agent).values_list("voice_capacity", flat=True).first()
    queues = sorted(QueueMember.objects.filter(agent=agent).values_list("queue_id", flat=True))
    return {"queues": queues, "skills": dict(sorted(skills.items())), "capacity": capacity or 1}


def keep_seat(user: Any, agent: int, values: Mapping[str, Any], *, seen: str = "") -> None:
    """`values`: queues (ids), skills (code -> proficiency 1 to 5, for good), capacity. A skill that holds for a while only goes on holding, and is then as it is kept here.
    Needs routing.supervise. Raises BadValue, Changed, PermissionDenied."""
    may_set(user, agent)
    queues, skills, capacity = sorted(set(values["queues"])), dict(values["skills"]), values["capacity"]
    known = dict(Skill.objects.values_list("code", "pk"))
    if unknown := sorted(set(skills) - set(known)):
        raise BadValue("skills", _("There is no skill %(code)s.") % {"code": unknown[0]})
    if any(not 1 <= level <= 5 for level in skills.values()):
        raise BadValue("skills", _("A proficiency is from 1 to 5."))
    if Queue.objects.filter(pk__in=queues).count() != len(queues):
        raise BadValue("queues", _("There is no such queue."))
    if not CAPACITY[0] <= capacity <= CAPACITY[1]:
        raise BadValue("capacity", _("From %(least)s to %(most)s.") % {"least": CAPACITY[0], "most": CAPACITY[1]})
    with transaction.atomic():
        User.objects.select_for_update().get(pk=agent)
        before = seat_values(agent)
        check(seen, before)
        tell = Tell.of(user)
        for queue in sorted(set(queues) ^ set(before["queues"])):
            if queue in queues:
                QueueMember.objects.create(agent_id=agent, queue_id=queue)
            else:
                QueueMember.objects.filter(agent_id=agent, queue_id=queue).delete()
            tell_change(tell, agent, "joined" if queue in queues else "left", queue=queue)
        for code in sorted(skills.keys() | before["skills"].keys()):
            if skills.get(code) != before["skills"].get(code):
                _skill(agent, known[code], skills.get(code))
                what = {"skill": code, "proficiency": skills.get(code)}
                tell_change(tell, agent, "skill_set" if code in skills else "skill_removed", **what)
        if capacity != before["capacity"]:
            AgentState.objects.get_or_create(agent_id=agent, defaults={"since": timezone.now()})
            row = state.lock_agents([agent])[agent]
            row.voice_capacity = capacity
            row.version += 1
            row.save(update_fields=["voice_capacity", "version"])
            state.tell_state(row, tell)
        tell.write()


def _skill(agent: int, skill: int, level: int | None) -> None:
    row = AgentSkill.objects.filter(agent_id=agent, skill_id=skill).first()
    if row is not None and row.until is not None:
        row.before = level
        row.save(update_fields=["before"])
    elif level is None:
        AgentSkill.objects.filter(agent_id=agent, skill_id=skill).delete()
    else:
        AgentSkill.objects.update_or_create(agent_id=agent, skill_id=skill, defaults={"proficiency": level})

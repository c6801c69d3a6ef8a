"""Reading routing for a screen."""

from __future__ import annotations

from datetime import datetime

from cordboard.org.models import User
from cordboard.routing import matching
from cordboard.routing.entries import open_entry
from cordboard.routing.models import AgentSkill, AgentState, Entry, QueueMember
from cordboard.routing.router import contact

State = AgentState.State


def next_in_line(interaction: int, now: datetime) -> User | None:
    """Who would get the contact that rings if the agent at whom it rings does not take it, as things stand; None when nobody is free who may, or
    nothing rings. Five queries, of the queue's own agents."""
    entry = open_entry(interaction)
    if entry is None or entry.state != Entry.State.OFFERED or entry.offered_to_id is None:
        return None
    matcher = matching.Matcher()
    members = list(QueueMember.objects.filter(queue_id=entry.queue_id).values_list("agent_id", flat=True))
    skills: dict[int, dict[str, int]] = {}
    for skill in AgentSkill.objects.filter(agent_id__in=members).select_related("skill"):
        if (level := skill.at(now)) is not None:
            skills.setdefault(skill.agent_id, {})[skill.skill.code] = level
    rows = AgentState.objects.filter(agent_id__in=members, agent__is_active=True, state=State.READY, pending=False)
    for agent, idle_since in rows.values_list("agent_id", "idle_since"):
        matcher.agent_here(matching.Agent(agent, skills.get(agent, {}), frozenset({entry.queue_id})))
        matcher.agent_free(agent, idle_since.timestamp() if idle_since is not None else 0.0)
    asked = contact(entry, now)
    if asked.only is not None:  # who is asked in person is nobody's turn: then it goes to the queue
        asked.only = None
    found = matcher.pick(asked, now.timestamp(), without=[entry.offered_to_id])
    return User.objects.get(pk=found.agent) if found is not None else None

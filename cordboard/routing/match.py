"""What the matcher is told (settings, agents, contacts) and what it answers: a match, with its reasons as data that a screen puts into words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cordboard.routing.idle import Key, Person, Wanted
from cordboard.routing.relaxation import ANYONE, Plan

Choice = Literal["least_needed", "longest_idle"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The centre's policy of matching. Times in seconds."""

    choice: Choice = "least_needed"
    few: int = 12
    """So many candidates or fewer are few: then it counts what else they could do."""
    priority_step: float = 120.0
    """A contact of the next lower priority counts as having come so much later."""
    alone: frozenset[str] = frozenset({"voice", "video"})
    """Channels that need the whole person: who gets one of these gets nothing else until told free again."""
    demand_half_life: float = 900.0

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Settings:
        """What the routing policy's parameters say under "matching": `{"choice": "longest_idle", "few": 8}`. What they leave out, or what is none, is as above."""
        given = parameters.get("matching")
        given = given if isinstance(given, Mapping) else {}
        choice, few, usual = given.get("choice"), given.get("few"), cls()
        return cls(
            choice=choice if choice in ("least_needed", "longest_idle") else usual.choice,
            few=few if isinstance(few, int) and few >= 1 else usual.few,
        )


@dataclass(frozen=True, slots=True)
class Agent:
    """What an agent can do. `capacity` is how many contacts at once, by channel."""

    id: int
    skills: Mapping[str, int] = field(default_factory=dict)
    queues: frozenset[int] = frozenset()
    capacity: Mapping[str, int] = field(default_factory=lambda: {"voice": 1})


def earlier(usual: float, target: float) -> int:
    """So many seconds a contact stands further forward in its queue, whose own target is not the usual one: what is due first is first. An hour either way at most."""
    return round(max(-3600.0, min(3600.0, usual - target)))


@dataclass(slots=True, eq=False)
class Contact:
    """A contact that waits. Times are seconds since the epoch. `queue` None: no membership is asked for."""

    id: int
    waiting_since: float
    queue: int | None = None
    channel: str = "voice"
    priority: int = 5
    plan: Plan = ANYONE
    preferred: tuple[tuple[int, str], ...] = ()
    """(agent, as what: "owner", "deputy", ...) in the order in which they are asked. They need not meet the needs: they know the customer."""
    preferred_until: float | None = None
    excluded: frozenset[int] = frozenset()
    only: int | None = None
    """For this agent and nobody else (a transfer)."""
    earlier: float = 0.0
    """So many seconds it stands further forward, as it is due sooner than others of its queue."""

    # the matcher's own notes
    place: float = field(default=0.0, init=False, repr=False)
    step: int = field(default=0, init=False, repr=False)
    wanted: Wanted | None = field(default=None, init=False, repr=False)
    listed: bool = field(default=False, init=False, repr=False)
    holds: bool = field(default=False, init=False, repr=False)
    """Waits for one of the preferred, nobody else may take it."""
    let_go: bool = field(default=False, init=False, repr=False)
    """No preferred agent was at work: the contact does not go back to waiting for one."""


class Match:
    """`why`: "longest_idle", "least_needed", "preferred" (account owner, deputy) or "only" (transferred to this agent)."""

    __slots__ = ("_has", "_since", "at", "candidates", "contact", "kept", "notes", "person", "role", "why")

    def __init__(
        self,
        contact: Contact,
        person: Person,
        at: float,
        why: str,
        candidates: int,
        role: str = "",
        notes: tuple[tuple[int, str, str], ...] = (),
        kept: tuple[int, Key, float] | None = None,
    ) -> None:
        self.contact = contact
        self.person = person
        self.at = at
        self.why = why
        self.candidates = candidates
        """How many free agents could have had it, this one included."""
        self.role = role
        """With "preferred": as what."""
        self.notes = notes
        """The preferred agents who do not have it: (agent, as what, "busy" | "away" | "declined")."""
        self.kept = kept
        """With "least_needed": (the agent who was idle longer, the skill or queue for which they are kept free, idle since)."""
        self._has = person.has
        self._since = person.since

    @property
    def agent(self) -> int:
        return self.person.id

    @property
    def idle_seconds(self) -> float:
        return max(0.0, self.at - self._since)

    @property
    def waited_seconds(self) -> float:
        return max(0.0, self.at - self.contact.waiting_since)

    def reasons(self) -> list[dict[str, Any]]:
        """The reasons in the order in which they are told: `[{"code": ..., "values": {...}}, ...]`, ready for JSON. Agents and queues are ids.

        Codes: match.only, match.preferred, match.preferred_busy, match.preferred_away, match.preferred_declined, match.relaxed,
        match.skills, match.declined, match.only_candidate, match.longest_idle, match.least_needed.
        """
        contact = self.contact
        if self.why == "only":
            return [_reason("only", agent=self.agent)]
        if self.why == "preferred":
            return [_reason("preferred", agent=self.agent, role=self.role, waited=round(self.waited_seconds))]
        reasons = [_reason(f"preferred_{state}", agent=agent, role=role, waited=round(self.waited_seconds)) for agent, role, state in self.notes]
        after, needs, lowered, dropped = contact.plan[contact.step]
        if lowered or dropped:
            reasons.append(_reason("relaxed", step=contact.step, after=after, lowered=[list(pair) for pair in lowered], dropped=list(dropped)))
        if needs:
            has = self._has
            told = [{"skill": skill, "least": least, "has": has.get(skill, 0)} for skill, least in needs]
            reasons.append({"code": "match.skills", "values": {"needs": told}})
        if contact.excluded:
            reasons.append(_reason("declined", agents=sorted(contact.excluded)))
        idle = round(self.at - self._since) if self.at > self._since else 0
        if self.candidates == 1:
            reasons.append({"code": "match.only_candidate", "values": {"idle": idle}})
        elif self.kept is not None:
            agent, key, since = self.kept
            kept: dict[str, Any] = {"skill": key} if isinstance(key, str) else {"queue": key}
            reasons.append(_reason("least_needed", candidates=self.candidates, idle=idle, kept_agent=agent, kept_idle=round(self.at - since), **kept))
        else:
            reasons.append({"code": "match.longest_idle", "values": {"candidates": self.candidates, "idle": idle}})
        return reasons


def _reason(code: str, **values: Any) -> dict[str, Any]:
    return {"code": f"match.{code}", "values": values}

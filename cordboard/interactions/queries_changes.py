"""Reading what the system decided about an interaction and why, and what changed in the course of it. Every function says how many queries it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordboard.interactions.actions_context import CANDIDATES
from cordboard.interactions.models import ContextValue, Decision
from cordboard.interactions.queries import values_in
from cordboard.interactions.sentences import Sentence, say_all
from cordboard.lib.kept import Kept
from cordboard.parties.models import FieldChange


@dataclass(frozen=True, slots=True)
class Said:
    """A decision in words."""

    kind: str
    policy: str
    version: int | None
    at: datetime
    sentences: list[Sentence]


def why(interaction: int, kinds: Sequence[str] = ()) -> list[Said]:
    """What the system decided about the interaction and why, in the active language, oldest first. One query, and one for each kind of name that
    the sentences need (agents, queues, skills): four at most."""
    rows = Decision.objects.filter(interaction_id=interaction).order_by("id")
    decisions = list(rows.filter(kind__in=kinds) if kinds else rows)
    kept: list[tuple[dict[str, Any], str]] = [(sentence, decision.policy) for decision in decisions for sentence in decision.sentences]
    spoken = iter(say_all(kept))
    return [Said(decision.kind, decision.policy, decision.policy_version, decision.at, [next(spoken) for _one in decision.sentences]) for decision in decisions]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that became other in the course of the interaction, for whoever has it next."""

    what: str
    """"profile" (a field of the customer) or "context" (a value of the interaction)."""
    name: str
    old: str
    new: str
    by: str
    at: datetime


def changes_since(interaction: int, since: datetime | None = None, but: int | None = None, values: Sequence[ContextValue] | None = None) -> list[Change]:
    """Changes to the customer's profile and values set by agents in the course of the interaction, oldest first; since a moment, and not those
    made by user `but`. Two queries, one where the `values` are at hand (`Detail.values`)."""
    values = values_in(interaction) if values is None else values
    found = [
        Change("profile", one.field, one.old, one.new, str(one.by or ""), one.at)
        for one in _FIELDS_CHANGED(f"interaction:{interaction}")
        if (since is None or one.at > since) and (but is None or one.by_id != but)
    ]
    before: dict[str, Any] = {}
    for one in values:
        if one.by == ContextValue.By.AGENT and one.name != CANDIDATES and (since is None or one.at > since) and (but is None or one.user_id != but):
            found.append(Change("context", one.name, _plain(before.get(one.name)), _plain(one.value), str(one.user or ""), one.at))
        before[one.name] = one.value
    return sorted(found, key=lambda change: change.at)


_FIELDS_CHANGED = Kept(lambda origin: FieldChange.objects.filter(origin=origin).select_related("by").order_by("id"))


def _plain(value: Any) -> str:
    return "" if value is None else str(value)

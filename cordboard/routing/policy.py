"""Where a contact goes: the published routing policy asked with facts, and what it said put into a queue's terms.

The policy's actions (see `rules/evaluate.py`) are read here; the facts come from the registry (`rules/facts.py`), each package its own.
If the policy cannot be evaluated, the queue's own terms hold, and the decision says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cordboard.interactions.actions_context import file_decision
from cordboard.interactions.models import Interaction
from cordboard.routing.models import Queue

DEFAULT_PRIORITY = 5


@dataclass(slots=True)
class Placement:
    """What was decided for one contact."""

    queue: Queue
    priority: int = DEFAULT_PRIORITY
    requirements: list[dict[str, Any]] = field(default_factory=list)
    relaxation: list[dict[str, Any]] = field(default_factory=list)
    preferred: list[dict[str, Any]] = field(default_factory=list)
    preferred_seconds: float = 0.0
    sentences: list[dict[str, Any]] = field(default_factory=list)
    policy: str = ""
    version: int | None = None
    trace: dict[str, Any] = field(default_factory=dict)

    def file(self, interaction: int, now: datetime) -> None:
        """Keep the decision with the interaction. In the caller's transaction."""
        file_decision(interaction, "routing", self.sentences, policy=self.policy, policy_version=self.version, trace=self.trace, now=now)


def place(row: Interaction, queue: Queue, *, now: datetime, values: Mapping[str, Any] | None = None, keep_queue: bool = False) -> Placement:
    """Decide. `keep_queue`: somebody chose the queue (a transfer); the policy gives the rest."""
    return Placement(queue, requirements=list(queue.requirements), relaxation=list(queue.relaxation))

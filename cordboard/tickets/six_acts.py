"""The six acts of service (F59), as far as they are done for one request. Pure."""

from __future__ import annotations

from dataclasses import dataclass

ACTS = ("customer", "record", "solve", "reply", "build", "turn")
"""Register the customer, record the request, solve it, reply, build the knowledge base, turn the request into knowledge."""


@dataclass(frozen=True, slots=True)
class Facts:
    customer: bool
    """We know whose it is."""
    recorded: bool
    """There is a ticket."""
    solved: bool
    replied: bool
    """The customer has heard from us after what they wrote last."""
    helped: bool
    """Somebody said what helped: an article, or a measure in words."""
    drafted: bool
    """An article came of it, reviewed or not."""


@dataclass(frozen=True, slots=True)
class Step:
    act: str
    done: bool
    next: bool


def steps(facts: Facts) -> tuple[Step, ...]:
    """In their order; the first that is not done is next. Acts may be done out of order: knowledge is often found before the answer is written."""
    done = (facts.customer, facts.recorded, facts.solved, facts.replied, facts.helped, facts.drafted)
    first = next((at for at, one in enumerate(done) if not one), None)
    return tuple(Step(act, one, at == first) for at, (act, one) in enumerate(zip(ACTS, done, strict=True)))

"""How requirements give way as a contact waits: a plan of steps, made once when the contact enters a queue.

Requirements are what queues and routing rules ask for: `[{"skill": "nl", "kind": "language", "proficiency": 3}, ...]`.
Relaxation says what gives way and when: `[{"after": 30, "lower": 1}, {"after": 90, "drop": "product"}]`:

- `after`: seconds of waiting, counted from the contact's original wait;
- `lower`: take so many levels off every proficiency (never below 1), or off `skill` alone when that is named too;
- `drop`: leave out the skill with this code, or every skill of this kind.

Steps add up. Pure: functions of their arguments.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Needs = tuple[tuple[str, int], ...]
"""(skill, least proficiency) pairs, sorted by skill: equal needs are equal tuples."""


class Step(NamedTuple):
    """What is asked for from `after` seconds of waiting on. `lowered` and `dropped` say what gave way since the first step."""

    after: float
    needs: Needs
    lowered: tuple[tuple[str, int], ...] = ()
    """(skill, by how many levels) since the first step."""
    dropped: tuple[str, ...] = ()


Plan = tuple[Step, ...]

ANYONE: Plan = (Step(0.0, ()),)
"""The plan of a contact that asks for no skill: anyone of the queue may take it."""


def plan(requirements: Iterable[Mapping[str, Any]], relaxation: Iterable[Mapping[str, Any]] = ()) -> Plan:
    """The steps of a contact with these requirements, the first of them `after` 0.

    A skill asked for twice counts at its higher proficiency. Steps that change nothing are left out. Raises ValueError for a requirement or
    a step that makes no sense, naming it: rules are checked before they are published, so this is a broken row, not a user's typing error.
    """
    asked: dict[str, int] = {}
    kinds: dict[str, str] = {}
    for requirement in requirements:
        skill = requirement.get("skill")
        proficiency = requirement.get("proficiency", 1)
        if not isinstance(skill, str) or not skill or not isinstance(proficiency, int) or not 1 <= proficiency <= 5:
            raise ValueError(f"not a requirement: {dict(requirement)!r}")
        asked[skill] = max(asked.get(skill, 0), proficiency)
        kinds[skill] = str(requirement.get("kind", ""))
    if not asked:
        return ANYONE
    steps = [Step(0.0, tuple(sorted(asked.items())))]
    now = dict(asked)
    for change in sorted(relaxation, key=_after):
        lower, drop, only = change.get("lower", 0), change.get("drop"), change.get("skill")
        if not isinstance(lower, int) or lower < 0 or (drop is not None and not isinstance(drop, str)):
            raise ValueError(f"not a step of relaxation: {dict(change)!r}")
        if drop is not None:
            now = {skill: level for skill, level in now.items() if skill != drop and kinds[skill] != drop}
        if lower:
            now = {skill: max(1, level - lower) if only in (None, skill) else level for skill, level in now.items()}
        needs = tuple(sorted(now.items()))
        if needs == steps[-1].needs:
            continue
        step = Step(
            _after(change),
            needs,
            tuple(sorted((skill, asked[skill] - level) for skill, level in now.items() if level < asked[skill])),
            tuple(sorted(skill for skill in asked if skill not in now)),
        )
        if step.after <= steps[-1].after:
            steps[-1] = step._replace(after=steps[-1].after)
        else:
            steps.append(step)
    return tuple(steps)


def _after(change: Mapping[str, Any]) -> float:
    after = change.get("after")
    if isinstance(after, bool) or not isinstance(after, (int, float)) or not 0 <= after < float("inf"):
        raise ValueError(f"not a step of relaxation: {dict(change)!r}")
    return float(after)


def step_at(steps: Plan, waited: float) -> int:
    """Which step of the plan holds after `waited` seconds."""
    number = 0
    while number + 1 < len(steps) and steps[number + 1].after <= waited:
        number += 1
    return number

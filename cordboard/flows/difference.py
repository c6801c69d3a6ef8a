"""What is different between two versions of a graph. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

PLACES = frozenset({"place"})
"""Fields that say where a step is drawn, not what it does."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Names of steps; of a changed step its fields with what they were and are; edges as (step, exit, step)."""

    added: list[str]
    removed: list[str]
    changed: dict[str, dict[str, tuple[Any, Any]]]
    moved: list[str]
    """Drawn elsewhere, otherwise as they were."""
    edges_added: list[tuple[str, str, str]]
    edges_removed: list[tuple[str, str, str]]
    flow: dict[str, tuple[Any, Any]]
    """Fields of the flow itself: languages, variables, start, ..."""

    @property
    def any(self) -> bool:
        """Whether it runs differently."""
        return bool(self.added or self.removed or self.changed or self.flow)


def difference(a: Mapping[str, Any], b: Mapping[str, Any]) -> Difference:
    """From `a` to `b`. What is no object of steps counts as having none."""
    old, new = _steps(a), _steps(b)
    changed: dict[str, dict[str, tuple[Any, Any]]] = {}
    moved = []
    for name in old:
        if name not in new or old[name] == new[name]:
            continue
        before, after = _fields(old[name]), _fields(new[name])
        fields = {field: (before.get(field), after.get(field)) for field in sorted(before.keys() | after.keys()) if before.get(field) != after.get(field)}
        if fields.keys() - PLACES:
            changed[name] = {field: both for field, both in fields.items() if field not in PLACES}
        else:
            moved.append(name)
    edges_a, edges_b = set(edges(a)), set(edges(b))
    top = {key: (a.get(key), b.get(key)) for key in sorted((a.keys() | b.keys()) - {"steps", "schema", "code"}) if a.get(key) != b.get(key)}
    return Difference(
        added=[name for name in new if name not in old],
        removed=[name for name in old if name not in new],
        changed=changed,
        moved=moved,
        edges_added=sorted(edges_b - edges_a),
        edges_removed=sorted(edges_a - edges_b),
        flow=top,
    )


def edges(graph: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(step, exit, step that it leads to) of a whole graph."""
    from cordboard.flows.graph import exits
    from cordboard.flows.steps import REGISTRY

    for name, step in _steps(graph).items():
        type = REGISTRY.get(str(step.get("type"))) if isinstance(step, Mapping) else None
        if type is not None:
            for exit, target in exits(step, type):
                yield name, exit, target


def _steps(graph: Mapping[str, Any]) -> Mapping[str, Any]:
    steps = graph.get("steps") if isinstance(graph, Mapping) else None
    return steps if isinstance(steps, Mapping) else {}


def _fields(step: Any) -> Mapping[str, Any]:
    return step if isinstance(step, Mapping) else {"type": step}

"""What belongs to a run of a flow on the telephone, apart from any call: its effects as they are kept with the call, compiled flows, the codes of what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from cordboard.flows import effects as fx
from cordboard.flows import engine

NOTICE = "announce_recording"
"""The step of a flow that tells of the recording; whoever heard it to its end was told."""

_EFFECTS: dict[str, type] = {kind.__name__: kind for kind in get_args(fx.Effect)}
_compiled: dict[tuple[int, int], engine.Flow] = {}


def encode(effect: fx.Effect) -> dict[str, Any]:
    return {"do": type(effect).__name__, **asdict(effect)}


def decode(data: dict[str, Any]) -> fx.Effect:
    """Raises KeyError or TypeError when it is none."""
    values = dict(data)
    kind = _EFFECTS[values.pop("do")]
    if kind in (fx.Ask, fx.AskSecret, fx.TakeMessage):
        values["prompt"] = tuple(fx.Say(**one) for one in values["prompt"])
    return kind(**values)  # type: ignore[no-any-return]


def compiled(flow: int, version: int, graph: dict[str, Any]) -> engine.Flow:
    """A published version never changes: compiled once in each process."""
    known = _compiled.get((flow, version))
    if known is None:
        known = _compiled[flow, version] = engine.compile_flow(graph, version)
    return known


def announcement_codes(flow: str, steps: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """By the text that a step says as it stands: "<flow>.<step>", the code under which a recorded announcement for it may be uploaded."""
    found: dict[str, str] = {}
    for name, step in steps.items():
        for text in (step.get("texts") or {}).values():
            words = str(text.get("text", "")) if isinstance(text, dict) else str(text)
            if words:
                found.setdefault(words, f"{flow}.{name}")
    return found

"""Steps of flows a second, and how long it takes to check a flow of 5,000 steps.

    python -m bench.flows --json

Steps: runs of the demo's service line (languages, the time of day, opening hours, questions, look-ups), each input given as the telephone gives it. A step
is what the run passed; processor time of this process. `stored_steps_per_s` is the same with the state written as JSON and read again before each input, as a
run that is kept in a database or taken over by another process has it. Checking: a flow of 5,000 steps of all common types in two languages, a third of them with conditions, processor time, the median of five.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bench.report import found

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
VALUES = {
    "line.languages": ["nl", "en"], "line.language": "nl", "queue.code": "service", "queue.open": True, "call.recorded": True, "caller.known": False,
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", action="store_true")
    options.add_argument("--steps", type=int, default=5_000, help="of the flow that is checked (5000)")
    options.add_argument("--seconds", type=float, default=3.0, help="how long runs are stepped (3)")
    given = options.parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    import django

    django.setup()  # packages declare their look-ups
    figures = measure(given.steps, given.seconds)
    rows = [
        ("", "", "aim"),
        ("steps a second", f"{figures['steps_per_s']:,}", "50,000"),
        ("steps a second, state through JSON at each input", f"{figures['stored_steps_per_s']:,}", ""),
        (f"a flow of {figures['validated_steps']:,} steps checked", f"{figures['validate_ms']} ms", "200 ms"),
        ("the same made ready to run", f"{figures['compile_ms']} ms", ""),
    ]
    found("Flows", figures, rows, as_json=given.json)
    return 0


def measure(steps: int = 5_000, seconds: float = 3.0) -> dict[str, Any]:
    from cordboard.flows.engine import compile_flow
    from cordboard.flows.graph import validate

    graph = large(steps)
    problems = validate(graph, "ivr")
    if problems:
        raise RuntimeError(f"the flow that is checked has problems: {problems[:3]}")
    checked = [_timed(lambda: validate(graph, "ivr")) for _ in range(5)]
    ready = [_timed(lambda: compile_flow(graph)) for _ in range(3)]
    return {
        "steps_per_s": round(_stepped(seconds, stored=False)),
        "stored_steps_per_s": round(_stepped(seconds / 2, stored=True)),
        "validate_ms": round(statistics.median(checked) * 1000, 1),
        "validated_steps": len(graph["steps"]),
        "compile_ms": round(statistics.median(ready) * 1000, 1),
    }


def _timed(act: Any) -> float:
    """Processor seconds: others on the machine are no concern of a pure function."""
    begin = time.process_time()
    act()
    return time.process_time() - begin


def _stepped(seconds: float, *, stored: bool) -> float:
    """Steps passed in a second of processor time."""
    from cordboard.demo.sources import folder
    from cordboard.flows.effects import Answered, LookedUp, NoAnswer, Started
    from cordboard.flows.engine import begin, compile_flow, step

    flow = compile_flow(next(spec["graph"] for spec in folder("flows") if spec["code"] == "service-line"))
    inputs: list[Any] = [
        Started(VALUES, "", "Europe/Amsterdam"),
        Answered("1"),
        Answered("9"),
        NoAnswer(),
        Answered("44712260"),
        LookedUp({"party": 7, "language": "nl"}),
    ]
    passed = 0
    start = time.process_time()
    while time.process_time() - start < seconds:
        for _ in range(50):
            state = begin(flow)
            for one in inputs:
                state, _effects = step(flow, json.loads(json.dumps(state)) if stored else state, one, NOW)
            passed += state["passed"]
    if state["ended"] != "queued":
        raise RuntimeError(f"the run ended otherwise: {state['ended']!r}")
    return passed / (time.process_time() - start)


def large(number: int) -> dict[str, Any]:
    """A flow of so many steps, without a mistake."""
    steps: dict[str, Any] = {}
    for at in range(number - 2):
        following = f"s{at + 1}" if at < number - 3 else "person"
        texts = {"en": f"This is step {at} for {{name}}.", "nl": f"Dit is stap {at} voor {{name}}."}
        steps[f"s{at}"] = (
            {"type": "say", "texts": texts, "next": following},
            {
                "type": "ask", "kind": "choice", "texts": texts, "into": "name", "next": following, "give_up": "person",
                "choices": [{"key": "1", "value": "a"}, {"key": "2", "value": "b", "next": f"s{at // 2}"}],
            },
            {
                "type": "decide", "next": following,
                "branches": [{"when": {"all": [{"fact": "name", "op": "is", "value": f"v{at}"}, {"fact": "points", "op": "more", "value": at}]}, "next": "person"}],
            },
            {"type": "set", "name": "name", "value": {"var": "points", "else": "x"}, "next": following},
            {"type": "score", "into": "points", "points": [{"when": {"fact": "name", "op": "known"}, "points": 1}], "next": following},
            {"type": "look_up", "name": "queue", "args": {"queue": "service"}, "fields": {"points": "waiting"}, "next": following, "nothing": following, "failed": "person"},
        )[at % 6]  # fmt: skip
    steps["person"] = {"type": "hand_over"}
    steps["goodbye"] = {"type": "enqueue", "queue": "service"}
    steps[f"s{number - 3}"]["next"] = "goodbye"
    return {
        "schema": 1, "code": "large", "languages": ["en", "nl"], "start": "s0", "person_key": "0", "person": "person", "on_error": "person",
        "variables": {"name": {"type": "text"}, "points": {"type": "number"}}, "steps": steps,
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())

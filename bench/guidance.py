"""Guidelines as scripts: how many can be run, whether the next action is the right one along every prefix of the required sequences, and whether what breaks
them is flagged.

    python -m bench.guidance --data ../shared/data --json

`--data` (or CORDBOARD_BENCH_DATA, default ../shared/data) is a folder with abcd/guidelines.json and abcd/kb.json. The scripts are made by the product's own
importer and followed by its own engine. Violations are made from each required sequence: every action left out, every two neighbours changed over, an action
of another guideline put in at every place, and every action that comes after an answer which by the guideline ends the conversation.

The importer is given both files, as a house that has both would: the required sequences decide the order, so `next_right` measures whether guidelines and
sequences were paired and whether the scripts run. `next_right_without_kb` is what the guidelines' own words are worth.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.report import found, say

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Done = list[Any]


def main(argv: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", action="store_true")
    options.add_argument("--data", default=os.environ.get("CORDBOARD_BENCH_DATA", "../shared/data"))
    given = options.parse_args(argv)
    folder = Path(given.data) / "abcd"
    files = [folder / "guidelines.json", folder / "kb.json"]
    if missing := [str(one) for one in files if not one.is_file()]:
        say(f"skipped: there is no {' and no '.join(missing)} (--data or CORDBOARD_BENCH_DATA says where the data are)")
        if given.json:
            print(json.dumps({"skipped": f"no {missing[0]}"}))
        return 0
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    figures, wrong = measure(files[0].read_bytes(), files[1].read_bytes())
    for line in wrong[:20]:
        say(line)
    rows = [
        ("", "", ""),
        ("guidelines that became scripts", str(figures["imported"]), f"of {figures['guidelines']}"),
        ("next action right", str(figures["next_right"]), f"of {figures['next_total']}"),
        ("violations flagged", str(figures["violations_flagged"]), f"of {figures['violations_total']}"),
        ("  of which as a note: the guideline leaves the order free", str(figures["flagged_as_notes"]), ""),
        ("next action right from the guidelines' words alone", str(figures["next_right_without_kb"]), f"of {figures['next_total']}"),
        ("sequences as required that were flagged", str(figures["falsely_flagged"]), f"of {figures['required']}"),
        ("imported in", f"{figures['import_ms']} ms", ""),
    ]
    found("Guidelines as scripts", figures, rows, as_json=given.json)
    return 0


def measure(guidelines_file: bytes, required_file: bytes) -> tuple[dict[str, Any], list[str]]:
    """The figures, and a line for whatever did not come out right."""
    from cordboard.flows import adherence, guidelines, scripts
    from cordboard.flows.engine import compile_flow
    from cordboard.flows.graph import validate

    begin = time.perf_counter()
    required = guidelines.read_required(required_file)
    joined = guidelines.join(guidelines.read(guidelines_file), required)
    graphs: list[Mapping[str, Any]] = [scripts.script(one, f"script-{number}") for number, one in enumerate(joined)]
    import_ms = round((time.perf_counter() - begin) * 1000)
    wrong: list[str] = []
    flows: dict[str, tuple[Any, Mapping[str, Any]]] = {}
    imported = 0
    for one, graph in zip(joined, graphs, strict=True):
        errors = [problem for problem in validate(graph, "script") if problem.level == "error"]
        if errors or not _runs(graph):
            wrong.append(f"{one.guideline.name} cannot be run: {[problem.message for problem in errors]}")
            continue
        imported += 1
        if one.key:
            flows[one.key] = compile_flow(graph), graph
    right = total = flagged = notes = violations = false = 0
    by_kind: dict[str, list[int]] = {}
    codes = sorted({code for sequence in required.values() for code in sequence})
    for key, sequence in required.items():
        total += len(sequence)
        if key not in flows:
            wrong.append(f"{key} has no script")
            violations += sum(1 for _ in _broken(sequence, codes)) if len(sequence) > 1 else 0
            continue
        flow, graph = flows[key]
        free = bool(graph.get("any_order"))
        for number, code in enumerate(sequence):
            got = adherence.follow(flow, sequence[:number], now=NOW, any_order=free)
            if got.next == code:
                right += 1
            else:
                wrong.append(f"{key}: after {sequence[:number]} comes {code}, not {got.next!r}")
        if adherence.follow(flow, sequence, now=NOW, any_order=free, over=True).deviations:
            false += 1
            wrong.append(f"{key}: flagged, though all was done as required")
        for kind, done in [*_broken(sequence, codes), *_against(flow, graph, sequence)]:
            violations += 1
            known = by_kind.setdefault(kind, [0, 0])
            known[1] += 1
            if (got := adherence.follow(flow, done, now=NOW, any_order=free, over=True)).deviations:
                flagged += 1
                notes += got.adheres
                known[0] += 1
            else:
                wrong.append(f"{key}: not flagged ({kind}): {done}")
    figures = {
        "imported": imported, "guidelines": len(joined), "next_right": right, "next_total": total, "violations_flagged": flagged, "violations_total": violations,
        "flagged_as_notes": notes, "by_kind": by_kind, "next_right_without_kb": _by_words(joined, required), "falsely_flagged": false, "required": len(required), "import_ms": import_ms,
    }  # fmt: skip
    return figures, wrong


def _by_words(joined: Sequence[Any], required: Mapping[str, Sequence[str]]) -> int:
    """How often the next action is the right one when the importer was given the guidelines only: what their own text is worth. Which button is which
    code of the required actions is known from the pairing."""
    from cordboard.flows import adherence, guidelines, scripts
    from cordboard.flows.engine import compile_flow

    right = 0
    for one, alone in zip(joined, guidelines.join([each.guideline for each in joined], {}), strict=True):
        code_at = {own.told: own.code for own in alone.required}
        code_of = {each.code: code_at[each.told] for each in one.required if each.told in code_at}
        flow = compile_flow(scripts.script(alone, "script"))
        sequence = [code_of.get(code, "") for code in required.get(one.key, ())]
        for number, code in enumerate(sequence):
            right += bool(code) and adherence.follow(flow, sequence[:number], now=NOW).next == code
    return right


def _runs(graph: Mapping[str, Any]) -> bool:
    """Whether the script comes to its end when every question is answered with nothing."""
    from cordboard.flows.effects import Answered, Started
    from cordboard.flows.engine import begin, compile_flow, step

    flow = compile_flow(graph)
    state, _ = step(flow, begin(flow), Started(surface="script"), NOW)
    for _ in range(len(graph["steps"]) + 1):
        if state["ended"]:
            return state["ended"] == "done" and not state.get("error")
        state, _ = step(flow, state, Answered(""), NOW)
    return False


def _broken(sequence: Sequence[str], codes: Sequence[str]) -> Iterator[tuple[str, Done]]:
    """Each required action left out, each two neighbours changed over, and an action that the sequence does not have put in at each place."""
    for place in range(len(sequence)):
        yield "skipped", [*sequence[:place], *sequence[place + 1 :]]
        if place + 1 < len(sequence) and sequence[place] != sequence[place + 1]:
            yield "reordered", [*sequence[:place], sequence[place + 1], sequence[place], *sequence[place + 2 :]]
    strange = [code for code in codes if code not in sequence]
    for place in range(len(sequence) + 1 if strange else 0):
        yield "foreign", [*sequence[:place], strange[place % len(strange)], *sequence[place:]]


def _against(flow: Any, graph: Mapping[str, Any], sequence: Sequence[str]) -> Iterator[tuple[str, Done]]:
    """Going on after an answer that ends the conversation by the guideline's own words."""
    from cordboard.flows.scripts import STOPPED

    steps = graph["steps"]
    for step in steps.values():
        for choice in step.get("choices", ()):
            after = steps.get(choice.get("next"), {})
            stopped = steps.get(after.get("next"), {})
            if stopped.get("type") == "end" and stopped.get("reason") == STOPPED and step["action"] in sequence[:-1]:
                place = list(sequence).index(step["action"])
                yield "against a rule", [*sequence[:place], (step["action"], choice["value"]), *sequence[place + 1 :]]


if __name__ == "__main__":
    sys.exit(main())

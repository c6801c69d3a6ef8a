"""Routing: pure decisions a second, durable assignments a second, and how long customers wait in a simulated centre.

    python -m bench.routing [--json] [--quick] [--only decisions,durable,simulation]

Keys of the JSON: decisions_per_s and naive_per_s (by number of agents, CPU seconds of one core), durable_per_s (by database; a database that cannot be
started here is missing, and a line on stderr says so), tick_p99_ms (of the slower database), mean_wait_two_skills and mean_wait_pool (minutes), type_spread,
service_level_20s (share), p99_wait (minutes). The rest stands under "more". Ends by itself after some two minutes; `--quick` measures shorter and less surely.
"""

from __future__ import annotations

import argparse
import subprocess
from typing import Any

from bench import decisions, durable, simulation
from bench.report import found, say

PARTS = ("decisions", "durable", "simulation")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.routing", description="Benchmark of routing.")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    parser.add_argument("--quick", action="store_true", help="shorter, less sure")
    parser.add_argument("--only", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}")
    options = parser.parse_args()
    parts = options.only.split(",")
    figures: dict[str, Any] = {}
    more: dict[str, Any] = {}
    rows: list[list[str]] = [["", "measured", "aim"]]
    if "decisions" in parts:
        say("Deciding, with 100, 1,000 and 10,000 agents ...")
        _decisions(figures, more, rows, options.quick)
    if "durable" in parts:
        say("Writing assignments to each database ...")
        _durable(figures, more, rows, options.quick)
    if "simulation" in parts:
        say("Simulating a centre of 90 agents ...")
        _simulation(figures, more, rows, options.quick)
    found("Routing", {**figures, "more": more}, rows, as_json=options.json)


def _decisions(figures: dict[str, Any], more: dict[str, Any], rows: list[list[str]], quick: bool) -> None:
    measured = decisions.measure(seconds=0.5 if quick else 2.0)
    figures["decisions_per_s"], figures["naive_per_s"] = measured["decisions_per_s"], measured["naive_per_s"]
    more["longest_idle_per_s"] = measured["longest_idle_per_s"]
    for size, rate in measured["decisions_per_s"].items():
        rows.append([f"decisions a second, {int(size):,} agents", f"{rate:,}", "200,000" if size == "10000" else ""])
        rows.append(["  by longest idle alone", f"{measured['longest_idle_per_s'][size]:,}", ""])
        rows.append(["  by a plain scan, same picks", f"{measured['naive_per_s'][size]:,}", ""])


def _durable(figures: dict[str, Any], more: dict[str, Any], rows: list[list[str]], quick: bool) -> None:
    figures["durable_per_s"] = {}
    ticks = []
    for database in ("sqlite", "postgresql"):
        try:
            measured = durable.measure(database, 2.0 if quick else 6.0)
        except (subprocess.SubprocessError, OSError, ValueError) as problem:
            say(f"Left out {database}: it could not be measured here ({problem}).")
            rows.append([f"assignments a second, {database}", "left out", "5,000"])
            continue
        figures["durable_per_s"][database] = round(measured["durable_per_s"])
        more[f"durable_{database}"] = measured
        ticks.append(float(measured["tick_p99_ms"]))
        rows.append([f"assignments a second, {database}, {measured['batch']} a tick", f"{measured['durable_per_s']:,.0f}", "5,000"])
        rows.append(["  tick, p99", f"{measured['tick_p99_ms']:.1f} ms", "20 ms"])
    if ticks:
        figures["tick_p99_ms"] = max(ticks)


def _simulation(figures: dict[str, Any], more: dict[str, Any], rows: list[list[str]], quick: bool) -> None:
    measured = simulation.simulate(4 if quick else 10, 10_000 if quick else 80_000)
    for key in ("mean_wait_two_skills", "mean_wait_pool", "type_spread", "service_level_20s", "p99_wait"):
        figures[key] = measured.pop(key)
    more["simulation"] = measured
    rows += [
        ["mean wait, two skills, least needed elsewhere", f"{figures['mean_wait_two_skills']:.3f} ±{measured['mean_wait_two_skills_pm']:.3f} min", "0.50"],
        ["  by longest idle alone", f"{measured['mean_wait_longest_idle']:.3f} ±{measured['mean_wait_longest_idle_pm']:.3f} min", ""],
        ["  full pooling, exact", f"{figures['mean_wait_pool']:.3f} min", ""],
        ["  full pooling, simulated", f"{measured['mean_wait_pool_simulated']:.3f} ±{measured['mean_wait_pool_simulated_pm']:.3f} min", ""],
        ["largest over smallest mean wait by type", f"{figures['type_spread']:.3f}", ""],
        ["answered within 20 s", f"{figures['service_level_20s']:.1%}", ""],
        ["  by longest idle alone; full pooling", f"{measured['service_level_20s_longest_idle']:.1%}; {measured['service_level_20s_pool']:.1%}", ""],
        ["wait, p99", f"{figures['p99_wait']:.2f} min", ""],
        ["  by longest idle alone; full pooling", f"{measured['p99_wait_longest_idle']:.2f}; {measured['p99_wait_pool']:.2f} min", ""],
        ["occupancy of the least and most busy agent", f"{measured['occupancy_low']:.1%} to {measured['occupancy_high']:.1%}", ""],
    ]


if __name__ == "__main__":
    main()

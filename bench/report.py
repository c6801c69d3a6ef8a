"""How a benchmark says what it found: a table for people, or one JSON object for programs."""

from __future__ import annotations

import json
import math
import platform
import sys
from collections.abc import Mapping, Sequence
from typing import Any


def say(text: str) -> None:
    """Progress: to stderr, so that what is found stands alone on stdout."""
    print(text, file=sys.stderr, flush=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """The value below which `percent` of `values` lie, by nearest rank. ValueError on none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def found(title: str, figures: Mapping[str, Any], rows: Sequence[Sequence[str]], *, as_json: bool) -> None:
    """Print `figures` as one JSON object, or `rows` (the first is the head) as a table under the title."""
    if as_json:
        print(json.dumps(figures))
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    print(f"\n{title} ({platform.machine()}, Python {platform.python_version()})")
    for place, row in enumerate(rows):
        print("  " + "  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column, (cell, width) in enumerate(zip(row, widths, strict=True))))
        if place == 0:
            print("  " + "  ".join("-" * width for width in widths))

"""A signature drawn by hand: what is kept of it, how it is drawn again, and the seal over what was signed. Pure.

Strokes are lists of points (x, y), whole numbers in a field of WIDTH by HEIGHT, as the screen that was drawn on is mapped to it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import hypot
from typing import Any

WIDTH, HEIGHT = 1000, 400
MOST_STROKES, MOST_POINTS = 200, 5_000
LEAST_INK = 60
"""Length of all strokes together: less is a slip of the finger."""

Strokes = list[list[tuple[int, int]]]


def strokes(given: object) -> Strokes:
    """What a browser sent, checked. Raises ValueError with a code: `form` (no strokes at all, points beside the field), `empty` (nothing drawn), `long`."""
    if not isinstance(given, Sequence) or isinstance(given, str | bytes):
        raise ValueError("form")
    if len(given) > MOST_STROKES:
        raise ValueError("long")
    found: Strokes = []
    points = 0
    for line in given:
        if not isinstance(line, Sequence) or isinstance(line, str | bytes):
            raise ValueError("form")
        points += len(line)
        if points > MOST_POINTS:
            raise ValueError("long")
        found.append([_point(point) for point in line])
    found = [line for line in found if line]
    if ink(found) < LEAST_INK:
        raise ValueError("empty")
    return found


def _point(given: object) -> tuple[int, int]:
    if not isinstance(given, Sequence) or isinstance(given, str | bytes) or len(given) != 2:
        raise ValueError("form")
    x, y = given
    if not (isinstance(x, int) and isinstance(y, int)) or isinstance(x, bool) or isinstance(y, bool) or not (0 <= x <= WIDTH and 0 <= y <= HEIGHT):
        raise ValueError("form")
    return (x, y)


def ink(lines: Strokes) -> float:
    """How far the pen went."""
    return sum(hypot(x - u, y - v) for line in lines for (u, v), (x, y) in pairwise(line))


def path(lines: Sequence[Sequence[Sequence[int]]]) -> str:
    """As the `d` of an SVG path; a single point is a dot."""
    return " ".join("M" + " L".join(f"{x} {y}" for x, y in (line if len(line) > 1 else [*line, *line])) for line in lines if line)


def svg(lines: Sequence[Sequence[Sequence[int]]]) -> str:
    """A picture of it, for paper."""
    drawn = f'<path d="{path(lines)}" fill="none" stroke="#111" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">{drawn}</svg>'


def seal(content: Mapping[str, Any], lines: Sequence[Sequence[Sequence[int]]], name: str, at: str) -> str:
    """SHA-256 (hexadecimal) over what was signed, by whom, when and how it was drawn. The same for the same, whatever the order of the keys."""
    text = json.dumps(
        {"content": content, "strokes": [[list(point) for point in line] for line in lines], "name": name, "at": at},
        sort_keys=True, ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    return hashlib.sha256(text.encode()).hexdigest()


def changed(signed: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs by now from what was signed, by the keys of the content."""
    return sorted(name for name in {*signed, *now} if signed.get(name) != now.get(name))

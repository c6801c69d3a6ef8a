"""How a simulation of past days is brought near what really happened. Pure.

Four things that the rows of a contact do not say by themselves make simulated waits differ from real ones, and each is taken from the same days:

1. **Patience.** Of a caller who was answered it is known only that the patience was longer than the wait. With times until giving up taken as exponential, as in Erlang-A
   (Palm 1946; Mandelbaum and Zeltyn, "Service engineering in action: the Palm/Erlang-A queue", 2007), the mean patience is all waiting of all callers divided by the number of those
   who hung up, and who has waited so long already has as much patience again. Without this, a caller whom nobody can serve that night waits until the morning.
2. **Occupation.** An agent who took the next contact during the wrap-up, or a second one beside the first, was not busy with the first alone: it counts until the next one was taken.
3. **Ringing.** A wait ends when a contact is accepted, not when it is offered.
4. **Pace.** What is left (short pauses, missed and rejected offers, work that stands in no row) is one factor on how long agents are busy, found by trying.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

LONGEST_PATIENCE = 3600.0
"""Seconds of mean patience that are assumed when nobody, or almost nobody, hung up."""
NEAR = 0.05
"""A mean wait that differs by less than this part is near enough."""
LEAST, MOST = 0.5, 1.5
"""Between which the pace is looked for."""


def mean_patience(waits: Iterable[tuple[float, bool]]) -> float:
    """Seconds. Of each caller: (seconds waited, hung up)."""
    total, gone = 0.0, 0
    for waited, left in waits:
        total += max(0.0, waited)
        gone += left
    return min(LONGEST_PATIENCE, max(1.0, total / gone)) if gone and total else LONGEST_PATIENCE


def endures(number: int, waited: float, mean: float) -> float:
    """After how many seconds this caller, who was answered after `waited`, would have hung up: always the same for the same contact."""
    share = (int.from_bytes(blake2b(str(number).encode(), digest_size=7).digest(), "big") + 0.5) / 2**56
    return max(0.0, waited) - mean * math.log(1.0 - share)


def occupations(held: Sequence[tuple[int, float, float]]) -> list[float]:
    """Seconds for which each contact kept its agent from the next one. Of each: (agent, accepted, over)."""
    found = [max(0.0, over - accepted) for _agent, accepted, over in held]
    order = sorted(range(len(held)), key=lambda number: (held[number][0], held[number][1], number))
    for number, following in pairwise(order):
        agent, accepted, _over = held[number]
        if held[following][0] == agent:
            found[number] = min(found[number], held[following][1] - accepted)
    return found


@dataclass(frozen=True, slots=True)
class Pace:
    factor: float
    plain: float
    """Mean wait in seconds that came out with a factor of 1."""
    wait: float
    """Mean wait in seconds that came out with the factor."""
    tries: int


def paced(wait_at: Callable[[float], float], real: float, tries: int = 6) -> Pace:
    """The factor on the time that contacts take at which the simulated mean wait comes nearest to the real one. The longer contacts take, the longer all wait, but not evenly:
    so the middle of the interval is tried, `tries` times at most."""
    plain = wait_at(1.0)
    best = Pace(1.0, plain, plain, 1)
    if _near(plain, real):
        return best
    low, high = (LEAST, 1.0) if plain > real else (1.0, MOST)
    for turn in range(2, tries + 1):
        factor = round((low + high) / 2, 4)
        wait = wait_at(factor)
        if abs(wait - real) < abs(best.wait - real):
            best = Pace(factor, plain, wait, turn)
        if _near(wait, real):
            break
        low, high = (low, factor) if wait > real else (factor, high)
    return best


def _near(wait: float, real: float) -> bool:
    return abs(wait - real) <= max(1.0, NEAR * real)

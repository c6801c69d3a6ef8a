"""The wait to expect, as a band that is honest: not an average that half of the callers outlast. Pure.

While all agents of a queue are busy, contacts leave it at the pace at which agents come free. With `agents` agents and handling times of mean m, one comes
free every m / agents seconds on average, nearly independently of one another (superposition of many renewal streams tends to a Poisson process, Palm
1943), so the wait of who stands at place k is about Gamma(k, m / agents), and arrivals who overtake (a higher priority) slow the pace by their own rate.
The band goes from the 10th to the 90th percentile of that, in whole minutes outward; percentiles by the approximation of Wilson and Hilferty (1931).
A mean from few calls is drawn towards what is usual, and the band is drawn wider by what a mean from so few is worth.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

LOW, HIGH = -1.2816, 1.2816
"""Normal quantiles of 10 and 90 percent."""

USUAL_SECONDS = 300.0
USUAL_WEIGHT = 5
"""The handling time that is assumed before there are figures, and how many calls that assumption weighs."""

LONGEST_MINUTES = 60
"""Beyond it nobody is told a figure."""


class Handling(NamedTuple):
    """Handling times of a queue: mean seconds, and how many calls it is drawn from."""

    mean: float
    calls: int


class Band(NamedTuple):
    """Whole minutes. (0, 0): next to nothing. `high` above LONGEST_MINUTES: longer than one can say."""

    low: int
    high: int


class Announcement(NamedTuple):
    """What to tell a waiting customer now. `longer`: what was told before does not hold any more; then `band` is not said."""

    band: Band
    longer: bool = False


def handling(seconds: Iterable[float]) -> Handling:
    """From recent handling times (talk, hold and wrap-up), the newest hundred, say. Times of no length and of more than four hours are left out."""
    good = [one for one in seconds if 0 < one <= 14_400]
    total = sum(good) + USUAL_SECONDS * USUAL_WEIGHT
    return Handling(total / (len(good) + USUAL_WEIGHT), len(good))


def band(place: int, agents: int, times: Handling, *, free: int = 0, overtaking: float = 0.0) -> Band | None:
    """The wait of the contact at `place` (1: the next), in minutes from now; None when nobody can say (no agents, or those who overtake come as fast as agents do).

    `agents`: those at work for the queue, talking or free; where they serve several queues, `place` counts all who are before it for them.
    `free`: how many of them are free now. `overtaking`: arrivals a second with a higher priority.
    """
    if agents <= 0:
        return None
    ahead = place - free
    if ahead <= 0:
        return Band(0, 0)
    pace = agents / times.mean - overtaking
    if pace <= 0:
        return None
    doubt = 1 / math.sqrt(times.calls + USUAL_WEIGHT)  # standard error of a mean of times whose deviation is about their mean
    low = _gamma(ahead, LOW) / pace * (1 - doubt)
    high = _gamma(ahead, HIGH) / pace * (1 + doubt)
    return Band(int(max(0.0, low) // 60), math.ceil(high / 60))


def _gamma(shape: float, z: float) -> float:
    """Quantile of Gamma(shape, 1) at the normal quantile z (Wilson and Hilferty): within 2 percent for shape 1 and more."""
    part = 1 / (9 * shape)
    return float(shape * max(0.0, 1 - part + z * math.sqrt(part)) ** 3)


def announce(now: Band, told: Band | None = None, since: float = 0.0) -> Announcement:
    """What to say now, when `told` was said `since` seconds ago: never a longer wait than what is left of what was told.

    As long as what was told can still come true (the new band begins before it is used up), the rest of it is said, or less when it has become less. When it
    cannot, that is said, and no new figure: two wrong figures are worse than an excuse.
    """
    if told is None:
        return Announcement(now)
    left = told.high - int(since // 60)
    if left <= 0 or now.low > left:
        return Announcement(now, longer=True)
    high = min(now.high, left)
    return Announcement(Band(min(now.low, max(0, high - 1)), high))

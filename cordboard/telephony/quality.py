"""The part of the driver contract that tells how well a leg is heard."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LegQuality:
    """How well a leg is heard: of the last seconds, and (`final`) of its whole life, after it ended. `mos`: estimated mean opinion score, 1 to 4.4, of the
    worse direction; `lowest`: the worst interval's. `loss` and `jitter`: of what comes from the far side, a share from 0 to 1 and seconds; `far_loss`,
    `far_jitter`: of what it gets from us, by its own reports; None (as `round_trip`, seconds) when it sends none. `seconds`: how long the leg has been."""

    leg: str
    mos: float
    lowest: float
    loss: float
    jitter: float
    far_loss: float | None = None
    far_jitter: float | None = None
    round_trip: float | None = None
    seconds: float = 0.0
    codec: str = ""
    final: bool = False

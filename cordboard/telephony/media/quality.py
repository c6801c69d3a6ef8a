"""How well a leg is heard: packets counted as they come, and from loss, jitter and delay an estimate of what people would say of it. Pure.

The estimate is the E-model of ITU-T G.107 (06/2015) with all its defaults but loss and delay, which leaves (G.107 section 7, equations 7-1, 7-27, 7-29):

    R = 93.2 - Id - Ie,eff          Ie,eff = Ie + (95 - Ie) * Ppl / (Ppl / BurstR + Bpl)

with Id for delay as approximated by Cole and Rosenbluth ("Voice over IP performance monitoring", ACM SIGCOMM CCR 31(2), 2001):
Id = 0.024 d + 0.11 (d - 177.3) for d over 177.3 ms. Ie and Bpl are those of G.711 with concealment (G.113 appendix I: 0 and 25.1), and
BurstR is 1 (losses at random). G.113 has no figures for Opus; it is counted like G.711, which is careful. From R to MOS: G.107 annex B.
"""

from __future__ import annotations

from dataclasses import dataclass

from cordboard.telephony.media.rtcp import Block

BEST_R = 93.2
LOSS_ROBUSTNESS = 25.1

SOUND_ITSELF = 0.02
"""Seconds that a frame takes to be spoken."""


def mos(loss: float, delay: float) -> float:
    """Mean opinion score, 1 to 4.41 (narrow band), rounded to hundredths.

    :param loss: share of packets lost, 0 to 1. :param delay: from mouth to ear in seconds.
    """
    percent = 100 * min(1.0, max(0.0, loss))
    milliseconds = 1000 * max(0.0, delay)
    r = BEST_R - 0.024 * milliseconds - 0.11 * max(0.0, milliseconds - 177.3) - 95 * percent / (percent + LOSS_ROBUSTNESS)
    if r <= 0:
        return 1.0
    # annex B dips below 1 for tiny R
    return round(max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6), 2)


def mouth_to_ear(round_trip: float | None, jitter: float) -> float:
    """Seconds: half the round trip, the frame itself, and what a receiver holds back against this jitter (twice of it, at least 40 ms)."""
    return (round_trip or 0.0) / 2 + SOUND_ITSELF + max(0.04, 2 * jitter)


class Reception:
    """Counts one source's packets as RFC 3550 does (appendix A.1 without probation, A.3, A.8). A source that begins anew is counted on top of the one before."""

    __slots__ = (
        "_base",
        "_clock",
        "_expected_before",
        "_highest",
        "_received",
        "_received_before",
        "_ssrc",
        "_transit",
        "cycles_lost",
        "jitter_units",
        "received_all",
    )

    def __init__(self) -> None:
        self._ssrc = -1
        self._base = self._highest = self._received = 0
        self._expected_before = self._received_before = 0
        self._transit: float | None = None
        self._clock = 8000
        self.jitter_units = 0.0
        """Interarrival jitter in units of the clock."""
        self.cycles_lost = 0
        """Lost of the sources before this one."""
        self.received_all = 0

    def note(self, ssrc: int, sequence: int) -> None:
        self.received_all += 1
        if ssrc == self._ssrc:
            step = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
            if -3000 <= step <= 3000:
                if step > 0:
                    self._highest += step
                self._received += 1
                return
        # another source, or it began anew
        self.cycles_lost = self.lost
        self._ssrc = ssrc
        self._base = self._highest = sequence
        self._received = 1
        self._expected_before = self._received_before = 0
        self._transit = None

    def time(self, timestamp: int, clock: int, now: float) -> None:
        """A packet of sound came at `now` (seconds): jitter. Call after `note`."""
        transit = now * clock - timestamp
        if self._transit is not None and clock == self._clock:
            change = transit - self._transit
            if change < 0:
                change = -change
            if change < clock:  # more is a jump of the timestamps, and says nothing of the network
                self.jitter_units += (change - self.jitter_units) / 16
        self._transit = transit
        self._clock = clock

    @property
    def lost(self) -> int:
        if self._ssrc < 0:
            return 0
        return self.cycles_lost + max(0, self._highest - self._base + 1 - self._received)

    @property
    def jitter(self) -> float:
        """Seconds."""
        return self.jitter_units / self._clock

    def interval(self) -> tuple[int, int]:
        """Packets expected and lost (never less than none) since this was asked before."""
        if self._ssrc < 0:
            return 0, 0
        expected = self._highest - self._base + 1
        fresh, came = expected - self._expected_before, self._received - self._received_before
        self._expected_before, self._received_before = expected, self._received
        return fresh, max(0, fresh - came)

    def block(self, expected: int, lost: int, last_report: int, delay: int) -> Block | None:
        """What we report of this source, None when nothing came. `expected`, `lost`: of this interval."""
        if self._ssrc < 0:
            return None
        fraction = 256 * lost // expected if expected > 0 else 0
        total = max(0, self._highest - self._base + 1 - self._received)
        return Block(self._ssrc, fraction, total, self._highest & 0xFFFFFFFF, int(self.jitter_units), last_report, delay)


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one leg, over some time. `loss` and `far_loss` are shares from 0 to 1: of what comes to us from the far side, and of what it gets of ours (by its
    reports). Jitter and round trip in seconds, None where the far side tells nothing. `mos` is the worse of both directions."""

    loss: float
    jitter: float
    far_loss: float | None
    far_jitter: float | None
    round_trip: float | None
    mos: float


def judged(loss: float, jitter: float, far_loss: float | None, far_jitter: float | None, round_trip: float | None) -> Quality:
    """With the estimate."""
    here = mos(loss, mouth_to_ear(round_trip, jitter))
    there = mos(far_loss, mouth_to_ear(round_trip, far_jitter or 0.0)) if far_loss is not None else here
    return Quality(round(loss, 4), round(jitter, 4), far_loss, far_jitter, round_trip, min(here, there))


class Monitor:
    """The quality of one leg, from its own counts and the far side's reports."""

    __slots__ = ("_far_fractions", "_far_jitter", "_far_loss", "_heard_at", "_last_report", "_lowest", "_round_trip", "_round_trips", "_said", "_said_at")

    AT_LEAST = 30.0
    """Seconds after which quality is told even if it is as it was."""

    def __init__(self) -> None:
        self._last_report = 0
        self._heard_at = 0.0
        self._far_loss: float | None = None
        self._far_jitter: float | None = None
        self._far_fractions: list[float] = []
        self._round_trip: float | None = None
        self._round_trips: list[float] = []
        self._lowest: float | None = None
        self._said: float | None = None
        self._said_at = 0.0

    def reported(self, block: Block | None, sent_at: int | None, round_trip: float | None, clock: int, now: float) -> None:
        """The far side's report. `block`: what it says of our stream. `sent_at`: of its sender report."""
        if sent_at is not None:
            self._last_report, self._heard_at = sent_at, now
        if block is None:
            return
        self._far_loss = block.fraction / 256
        self._far_jitter = min(block.jitter / clock, 10.0)
        self._far_fractions.append(self._far_loss)
        if round_trip is not None:
            self._round_trip = round_trip
            self._round_trips.append(round_trip)
        del self._far_fractions[:-2000], self._round_trips[:-2000]

    def last_report(self, now: float) -> tuple[int, int]:
        """For our block: which report of theirs came last, and how long ago (1/65536 s)."""
        if not self._last_report:
            return 0, 0
        return self._last_report, min(0xFFFFFFFF, int((now - self._heard_at) * 65536))

    def now(self, loss: float, jitter: float) -> Quality:
        """Of the interval that ends now."""
        quality = judged(loss, jitter, self._far_loss, self._far_jitter, self._round_trip)
        self._lowest = quality.mos if self._lowest is None else min(self._lowest, quality.mos)
        return quality

    def worth_telling(self, quality: Quality, now: float) -> bool:
        """Whether it differs from what was told last (by 0.1 in MOS), or that was long ago."""
        if self._said is not None and abs(quality.mos - self._said) < 0.1 and now - self._said_at < self.AT_LEAST:
            return False
        self._said, self._said_at = quality.mos, now
        return True

    def whole(self, reception: Reception) -> tuple[Quality, float]:
        """Of the leg's whole life, and the lowest estimate of any interval."""
        lost, came = reception.lost, reception.received_all
        far_loss = sum(self._far_fractions) / len(self._far_fractions) if self._far_fractions else None
        trip = sum(self._round_trips) / len(self._round_trips) if self._round_trips else None
        quality = judged(lost / (lost + came) if lost + came else 0.0, reception.jitter, far_loss, self._far_jitter, trip)
        return quality, min(quality.mos, self._lowest) if self._lowest is not None else quality.mos


__all__ = ["Monitor", "Quality", "Reception", "judged", "mos", "mouth_to_ear"]

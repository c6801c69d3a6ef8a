"""What networks do to sound on its way, and what is heard of it where it has to be decoded. Packets, clocks and losses are simulated: nothing waits."""

from __future__ import annotations

import random
from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cordboard.telephony import music
from cordboard.telephony.media import codecs, concealment
from cordboard.telephony.media.playout import DEEPEST, Playout
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.media.sdp import clock
from cordboard.telephony.tests.sound import loudness, strength

HERTZ = 400
_TONE = music.tone(HERTZ, seconds=1, level=0.25)
FRAMES = {codec: codecs.encode_all(codec, _TONE) for codec in Codec}
WHOLE = strength(_TONE[:4000], HERTZ)

Arrival = tuple[float, int]
"""When a packet comes (seconds), and which frame of the source it is."""


class Listener:
    """A playout, pulled every 20 ms of a clock of its own while packets arrive."""

    def __init__(self, codec: Codec = Codec.PCMU) -> None:
        self.playout = Playout()
        self.codec = codec
        self.now = 0.0
        self.heard: list[codecs.Sound | None] = []
        self.held: list[int] = []

    def listen(self, arrivals: Iterable[Arrival], *, ssrc: int = 7, base: int = 1_000_000) -> None:
        step = clock(self.codec) // 50
        for at, number in sorted(arrivals):
            while self.now < at:
                self.pull()
            self.playout.put(self.codec, (base + number * step) & 0xFFFFFFFF, FRAMES[self.codec][number % 50], ssrc)

    def pull(self) -> None:
        self.now += 0.02
        self.heard.append(self.playout.pull())
        self.held.append(len(self.playout._queue))

    def sound(self, start: float = 0.0, end: float | None = None) -> codecs.Sound:
        part = self.heard[round(start * 50) : None if end is None else round(end * 50)]
        return np.concatenate([codecs.NOTHING if frame is None else frame for frame in part])

    def silent_frames(self, start: float = 0.0) -> int:
        return sum(frame is None or loudness(frame) < 100 for frame in self.heard[round(start * 50) :])


def even(seconds: float, *, start: float = 0.001, first: int = 0, rate: float = 1.0) -> list[Arrival]:
    """A packet every 20 ms of the sender's clock, which runs `rate` times as fast as ours."""
    return [(start + number * 0.02 / rate, first + number) for number in range(round(seconds * 50))]


@pytest.mark.parametrize("codec", list(Codec))
def test_on_a_calm_day_nothing_is_lost_and_little_is_held_back(codec: Codec) -> None:
    listener = Listener(codec)
    listener.listen(even(30))
    assert listener.silent_frames(0.2) == 0
    assert listener.playout.concealed == 0
    assert strength(listener.sound(25, 26), HERTZ) > 0.9 * WHOLE
    assert max(listener.held[1000:]) <= 2, "what was never needed for ten seconds is not held back any more"


@pytest.mark.parametrize("ppm", [-200, 200])
def test_a_clock_that_drifts_for_twenty_minutes(ppm: int) -> None:
    listener = Listener()
    listener.listen(even(1200, rate=1 + ppm / 1e6))
    assert listener.silent_frames(0.2) == 0
    assert max(listener.held) <= 5, "the delay does not grow with the drift"
    assert listener.playout.concealed <= 20
    assert listener.playout.late <= 2
    for second in (300, 900, 1190):
        assert strength(listener.sound(second, second + 1), HERTZ) > 0.8 * WHOLE


@pytest.mark.parametrize("codec", list(Codec))
def test_one_packet_in_five_is_lost(codec: Codec) -> None:
    """Holes are filled with what was heard last: the tone goes on nearly as loud; with silence in its place a fifth of it was gone."""
    chance = random.Random(5)
    listener = Listener(codec)
    listener.listen([arrival for arrival in even(20) if chance.random() > 0.2])
    assert strength(listener.sound(5, 5.5), HERTZ) > 0.8 * WHOLE
    assert listener.silent_frames(1) < 10, "only where four in a row are lost"
    assert listener.playout.concealed > 100


def test_three_frames_are_filled_in_fading_and_no_more() -> None:
    listener = Listener()
    listener.listen([(at, number) for at, number in even(2) if not 50 <= number < 60])
    gap = listener.heard[50:64]
    loud = [loudness(frame) if frame is not None else 0.0 for frame in gap]
    first = next(place for place, frame in enumerate(loud) if frame < 0.95 * loud[0])
    assert loud[0] > loud[first] > loud[first + 1] > 0
    assert min(loud) == 0
    assert loudness(listener.heard[-1]) > 0.9 * loud[0]  # type: ignore[arg-type]


def test_packets_out_of_order_are_heard_in_order() -> None:
    listener = Listener()
    arrivals = even(4)
    for place in range(0, len(arrivals) - 1, 5):
        (a, one), (b, other) = arrivals[place], arrivals[place + 1]
        arrivals[place : place + 2] = [(a, other), (b, one)]
    listener.listen(arrivals)
    assert listener.playout.late == 0
    assert listener.silent_frames(0.2) == 0
    assert strength(listener.sound(2, 3), HERTZ) > 0.95 * WHOLE


def test_the_buffer_learns_the_jitter_and_forgets_it() -> None:
    chance = random.Random(3)
    listener = Listener()
    stormy = [(at + chance.uniform(0, 0.11), number) for at, number in even(60)]
    listener.listen(stormy)
    learned = listener.playout.concealed
    assert learned > 0
    settled = listener.silent_frames(30)
    assert settled == 0, "after half a minute nothing is cut off any more"
    assert max(listener.held) <= DEEPEST
    listener.listen(even(100, start=60.2, first=3010))
    assert max(listener.held[-500:]) <= 3, "and calm weather shortens the delay again"


def test_a_burst_after_a_stall_is_not_a_delay_for_ever() -> None:
    listener = Listener()
    listener.listen(even(2))
    listener.listen([(2.6 + number * 0.0001, 100 + number) for number in range(30)])
    listener.listen(even(6, start=2.62, first=130))
    assert max(listener.held[-20:]) <= 5
    assert listener.silent_frames(3.0) == 0


def test_silence_in_between_is_silence_and_no_stretch_of_time() -> None:
    """A far side that sends nothing while it is quiet: what follows is heard after as many frames as the pause had."""
    listener = Listener()
    listener.listen(even(1))
    listener.listen(even(1, start=3.001, first=150))
    for _ in range(10):
        listener.pull()
    assert loudness(listener.sound(1.3, 2.9)) < 100
    assert listener.silent_frames(3.1) <= 10
    assert listener.playout.late == 0


def test_another_source_takes_over_at_once() -> None:
    listener = Listener()
    listener.listen(even(2))
    listener.listen(even(2, start=2.001), ssrc=99, base=5)
    assert listener.silent_frames(0.2) <= 6
    assert strength(listener.sound(3, 4), HERTZ) > 0.9 * WHOLE


@settings(max_examples=60, deadline=None)
@given(st.integers(-(2**31) + 1, 2**31 - 1))
def test_after_any_jump_of_timestamps_sound_is_back_in_a_third_of_a_second(jump: int) -> None:
    listener = Listener()
    listener.listen(even(1), base=0)
    listener.listen(even(1, start=1.001, first=50), base=jump & 0xFFFFFFFF)
    assert loudness(listener.sound(1.35, 1.9)) > 0.9 * loudness(_TONE)
    assert max(listener.held) <= DEEPEST


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 200), st.sampled_from([1, 2]), st.sampled_from(list(Codec))), max_size=120))
def test_whatever_comes_whenever_is_frames_of_20_ms_in_a_bounded_buffer(weather: list[tuple[float, int, int, Codec]]) -> None:
    listener = Listener()
    for at, number, ssrc, codec in sorted(weather):
        listener.codec = codec
        listener.listen([(at, number)], ssrc=ssrc)
    for _ in range(60):
        listener.pull()
    assert all(frame is None or (len(frame) == codecs.SAMPLES and frame.dtype == np.int16) for frame in listener.heard)
    assert max(listener.held) <= DEEPEST
    assert listener.heard[-1] is None, "what is over is over"


@settings(max_examples=30, deadline=None)
@given(st.integers(90, 190), st.floats(0.01, 0.9))
def test_taking_out_a_pitch_period_leaves_no_seam(hertz: int, level: float) -> None:
    sound = music.tone(hertz, seconds=0.2, level=level)[400:1200]
    shorter = concealment.shortened(sound)
    assert concealment.SHORTEST <= len(sound) - len(shorter) <= concealment.LONGEST
    steepest = np.abs(np.diff(sound.astype(np.int32))).max()
    assert np.abs(np.diff(shorter.astype(np.int32))).max() <= 1.35 * steepest + 40


def test_an_opus_decoder_goes_on_by_itself() -> None:
    decoder = codecs.OpusDecoder()
    for payload in FRAMES[Codec.OPUS][:30]:
        decoder.decode(payload)
    lost = [decoder.conceal() for _ in range(8)]
    assert all(len(frame) == codecs.SAMPLES for frame in lost)
    assert loudness(lost[0]) > 0.6 * loudness(_TONE)
    assert loudness(lost[-1]) < 0.2 * loudness(_TONE)
    assert len(codecs.OpusDecoder().conceal()) == codecs.SAMPLES, "before anything was heard: silence"

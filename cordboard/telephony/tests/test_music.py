"""Queue music and tones."""

from __future__ import annotations

import numpy as np
import pytest

from cordboard.telephony import music
from cordboard.telephony.media import codecs
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.tests.sound import hears, loudness, silent
from cordboard.telephony.wav import RATE


def test_queue_music_is_a_minute_and_the_same_every_time() -> None:
    first = music.queue_music()
    music.queue_music.cache_clear()
    assert np.array_equal(first, music.queue_music())
    assert len(first) == 60 * RATE
    assert len(first) % codecs.SAMPLES == 0, "a whole number of frames, so that the loop has no seam"


def test_queue_music_is_calm() -> None:
    sound = music.queue_music()
    assert np.abs(sound.astype(np.int32)).max() < 20000
    seconds = [loudness(sound[at : at + RATE]) for at in range(0, len(sound), RATE)]
    assert max(seconds) < 3 * min(seconds), "never silent, never sudden"


def test_queue_music_loops_without_a_click() -> None:
    sound = music.queue_music().astype(np.int32)
    steps = np.abs(np.diff(sound))
    assert abs(sound[0] - sound[-1]) <= steps.max()


def test_queue_music_lies_where_a_telephone_hears() -> None:
    sound = music.queue_music().astype(np.float64)
    power = np.abs(np.fft.rfft(sound)) ** 2
    hertz = np.fft.rfftfreq(len(sound), 1 / RATE)
    assert power[(hertz > 150) & (hertz < 3400)].sum() / power.sum() > 0.9


def test_queue_music_is_no_speech() -> None:
    """Notes stand still where a voice glides: the strongest line of a tenth of a second holds far more of it."""
    sound = music.queue_music().astype(np.float64)
    shares = []
    for at in range(0, len(sound) - 1600, 16000):
        power = np.abs(np.fft.rfft(sound[at : at + 1600] * np.hanning(1600))) ** 2
        shares.append(np.sort(power)[-12:].sum() / power.sum())
    assert np.median(shares) > 0.8


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
def test_queue_music_survives_g711(codec: Codec) -> None:
    sound = music.queue_music()
    error = codecs.expand(codec, codecs.compress(codec, sound)).astype(np.float64) - sound
    assert loudness(sound) / np.sqrt(np.mean(error**2)) > 50  # over 34 dB


def test_keys_as_tones() -> None:
    assert hears(music.key_tone("5", 0.2), 770, 1336)
    assert hears(music.key_tone("#", 0.2), 941, 1477)
    with pytest.raises(ValueError):
        music.key_tone("x", 0.1)


def test_ring_back_is_one_second_in_five() -> None:
    sound = music.ring_back(6)
    assert hears(sound[:RATE], 425)
    assert silent(sound[RATE : 5 * RATE])
    assert hears(sound[5 * RATE :], 425)

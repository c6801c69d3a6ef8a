"""How much is said in a piece of sound."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony import music
from cordboard.telephony.speech import spoken_seconds

RATE = 8000


def test_silence_noise_and_a_voice() -> None:
    generator = np.random.default_rng(1)
    assert spoken_seconds(np.zeros(RATE, dtype=np.int16), RATE) == 0.0
    assert spoken_seconds((generator.normal(0, 60, RATE)).astype(np.int16), RATE) == 0.0
    assert spoken_seconds(np.full(RATE, 3000, dtype=np.int16), RATE) == 0.0  # an offset is no sound
    voice = np.concatenate([np.zeros(RATE, dtype=np.int16), music.tone(300, 600, seconds=2.0, level=0.1), np.zeros(RATE, dtype=np.int16)])
    assert spoken_seconds(voice, RATE) == 2.0


@given(st.lists(st.integers(-32768, 32767), max_size=1000))
def test_never_more_than_there_is(samples: list[int]) -> None:
    sound = np.array(samples, dtype=np.int16)
    assert 0.0 <= spoken_seconds(sound, RATE) <= len(sound) / RATE + 1e-9

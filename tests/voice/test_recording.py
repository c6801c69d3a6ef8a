"""Recording on demand and paused in a running centre, by real sound: what was said while a card number was asked for is in no file."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path
from typing import Any

import numpy as np

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.sound import loudness, strength
from tests.voice.hands import Hands
from tests.voice.house import house, in_loop
from tests.voice.test_inbound import ALICE, CALLER, talk

ACT = """
from cordboard.channels.voice import actions_recording
getattr(actions_recording, what)(User.objects.get(pk=me), interaction, **named)
"""
RECORDINGS = "list(Recording.objects.filter(call=pk).order_by('id').values('path', 'seconds', 'error', 'ended_at'))"
HEARD = """
from cordboard.channels.voice.models import LegQuality
[[one.segment.agent.username if one.segment else "", one.mos] for one in LegQuality.objects.filter(call=pk).select_related("segment__agent").order_by("id")]
"""


def seconds_of(sound: np.ndarray, hertz: float, rate: int) -> list[bool]:
    """For each fifth of a second, whether this tone is in it."""
    step = rate // 5
    return [strength(sound[at : at + step], hertz, rate) > 700 for at in range(0, len(sound) - step, step)]


def channels(path: Path) -> tuple[np.ndarray, np.ndarray, int]:
    with wave.open(str(path)) as file:
        both = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, 2)
        return both[:, 0].copy(), both[:, 1].copy(), file.getframerate()


@in_loop
async def test_on_demand_paused_and_ended(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)

        async def act(what: str, **named: Any) -> Any:
            return await asyncio.to_thread(centre.hands.do, ACT, what=what, me=alice.pk, interaction=interaction, named=named)

        assert await act("record")
        recordings = await centre.eventually(lambda: centre.hands.do(RECORDINGS, pk=interaction), 10)
        path = shared_centre.data / "files" / recordings[0]["path"]
        part = path.with_name(path.name + ".part")
        await centre.eventually(lambda: part.exists() and part.stat().st_size > 4 * 8000)
        assert await act("keep_private", on=True)
        await asyncio.sleep(2.5)  # the card number; longer than what a switch may be late by
        assert await act("keep_private", on=False)
        await asyncio.sleep(1.5)
        assert await act("stop_recording")
        done = await centre.eventually(lambda: (found := centre.hands.do(RECORDINGS, pk=interaction))[0]["ended_at"] and found, 15)
        assert not done[0]["error"]
        left, right, rate = channels(path)
        for sound, hertz in ((left, CALLER), (right, ALICE)):
            spoken = seconds_of(sound, hertz, rate)
            first, last = spoken.index(True), len(spoken) - spoken[::-1].index(True)
            gap = [place for place in range(first, last) if not spoken[place]]
            assert len(gap) >= 9, "two seconds of silence in the middle"
            assert loudness(sound[gap[1] * rate // 5 : gap[-1] * rate // 5]) < 50
        await phone.hears(ALICE)  # and the call goes on
        await alice.hears(CALLER)
        phone.hang_up()
        heard = await centre.eventually(lambda: len(found := centre.hands.do(HEARD, pk=interaction)) == 2 and found, 20)
        assert {who for who, _ in heard} == {"", "alice"}
        assert all(mos > 3.5 for _, mos in heard), "no network lies between"

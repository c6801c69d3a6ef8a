"""Messages with real sound: what is said after the tone stands in a file, silence leaves nothing."""

from __future__ import annotations

import asyncio
import contextlib
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import strength
from tests.voice.hands import Hands
from tests.voice.house import house, in_loop

FLOW = """
from cordboard.flows.models import Flow
from cordboard.rules.models import Policy
from django.utils import timezone
graph = {
    "schema": 1, "code": "message", "languages": ["en"], "start": "leave",
    "steps": {
        "leave": {"type": "voicemail", "texts": {"en": "Speak."}, "queue": "second", "seconds": 30, "next": "bye", "nothing": "bye"},
        "bye": {"type": "end", "reason": "closed"},
    },
}
Flow.objects.update_or_create(code="message", version=1, defaults={"name": "Message", "state": "published", "surfaces": ["ivr"], "graph": graph, "published_at": timezone.now()})
Line.objects.update_or_create(number="177", defaults={"name": "Message", "flow": "message", "queue": Queue.objects.get(code="service"), "country": "NL", "languages": ["en"]})
None
"""

TIDY = """
Callback.objects.filter(closed_at=None).update(state="cancelled", due_at=None)
None
"""


@contextlib.asynccontextmanager
async def tidy(hands: Hands) -> AsyncIterator[None]:
    await asyncio.to_thread(hands.do, FLOW)
    try:
        yield
    finally:
        await asyncio.to_thread(hands.do, TIDY)


@in_loop
async def test_a_caller_leaves_a_message(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, tidy(shared_hands):
        caller = await (await centre.phone(to="177", hertz=440.0)).answered()
        await until(lambda: strength(caller.heard(), 1000.0) > 1000)  # the tone
        interaction = centre.newest()  # by day the callback that it promises is the next at once
        await asyncio.sleep(3.0)  # what is said
        caller.press("#")
        assert await caller.ended(20) == "them"
        await centre.eventually(lambda: centre.hands.do("Voicemail.objects.filter(recording__call=pk).exists()", pk=interaction), 20)
        kept = centre.hands.do(
            "dict(Voicemail.objects.values('seconds', 'queue__code', 'recording__path', 'callback__number', 'callback__origin', 'heard_at').get(recording__call=pk))",
            pk=interaction,
        )
        assert kept["queue__code"] == "second"
        assert kept["seconds"] > 1.0
        assert (kept["callback__number"], kept["callback__origin"], kept["heard_at"]) == ("+31205550123", "voicemail", None)
        with wave.open(str(Path(centre.centre.data) / "files" / kept["recording__path"])) as file:
            sound = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, file.getnchannels())[:, 0]
        assert strength(sound[:8000], 440.0) > 2000
        assert strength(sound, 1000.0) < 300  # our tone is no part of it


@in_loop
async def test_who_says_nothing_leaves_nothing(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, tidy(shared_hands):
        caller = await (await centre.phone(to="177", hertz=0.0)).answered()
        await until(lambda: strength(caller.heard(), 1000.0) > 1000)
        await asyncio.sleep(1.0)
        caller.hang_up()
        interaction = centre.newest()
        await centre.state(interaction, "ended")
        await centre.eventually(lambda: "voice.message_discarded" in centre.events(interaction), 20)
        assert not centre.hands.do("Voicemail.objects.filter(recording__call=pk).exists()", pk=interaction)
        assert (
            not list((Path(centre.centre.data) / "files" / "recordings").rglob("*.v1.wav*"))
            or centre.hands.do("Recording.objects.filter(call=pk).count()", pk=interaction) == 0
        )

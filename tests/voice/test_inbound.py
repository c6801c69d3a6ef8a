"""One call from ring to wrap-up, with real sound: a SIP telephone hums 440 Hz, alice hums 1000 Hz, bob 1700 Hz."""

from __future__ import annotations

import asyncio

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.media_house import in_loop
from tests.voice.hands import Hands
from tests.voice.house import house

ALICE, BOB, CALLER = 1000.0, 1700.0, 440.0


@in_loop
async def test_a_call_rings_is_answered_and_ends(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice = centre.agent("alice", ALICE).sit_down().ready()
        phone = await (await centre.phone()).answered()
        interaction = await alice.rings()
        await alice.accept(interaction)
        await phone.hears(ALICE)
        await alice.hears(CALLER)
        phone.hang_up()
        await centre.state(interaction, "wrapup")
        await alice.wrap_up(interaction)
        await centre.state(interaction, "ended")
        assert centre.row(interaction, "end_cause", "from_address") == {"end_cause": "customer", "from_address": "+31205550123"}
        kinds = centre.events(interaction)
        assert kinds.count("interactions.opened") == kinds.count("interactions.ended") == kinds.count("interactions.closed") == 1
        await centre.eventually(lambda: "voice.call_ended" in centre.events(interaction))

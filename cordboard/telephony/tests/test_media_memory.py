"""What an ended call leaves behind: nothing, and nothing that waits for the collector either."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

from cordboard.telephony import driver
from cordboard.telephony.tests.media_house import house, in_loop, until
from cordboard.telephony.tests.sound import hears


@in_loop
async def test_the_legs_of_an_ended_call_are_gone_at_once(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        carol = await here.phone("carol", hertz=440)
        alice = await here.phone("alice", hertz=700)
        bob = await here.phone("bob", hertz=1000)
        await here.client.perform(driver.Bridge("call", ("carol", "alice")))  # relayed
        await until(lambda: hears(carol.heard(), 700) and hears(alice.heard(), 440))
        await here.client.perform(driver.Bridge("call", ("carol", "alice", "bob")))  # mixed
        await until(lambda: bob.packets)
        held = {name: weakref.ref(leg) for name, leg in here.media.rooms["call"].legs.items()}
        gc.collect()
        gc.disable()
        try:
            for name in ("carol", "alice", "bob"):
                await here.client.close_leg(name)
            await here.client.close_call("call")
            await until(lambda: not [name for name, one in held.items() if one() is not None])
        finally:
            gc.enable()

"""A switch to be killed: answers every call (unless told to leave it ringing), remembers it, and writes each event as a line of JSON."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import sys
from typing import Any

from cordboard.lib.config import config
from cordboard.telephony import driver as contract
from cordboard.telephony.drivers.embedded import EmbeddedDriver


def tell(name: str, **fields: Any) -> None:
    print(json.dumps({"name": name, **fields}), flush=True)


async def main(flags: set[str]) -> None:
    switch = EmbeddedDriver(config())
    standing = await switch.start()
    tell("started", standing=[dataclasses.asdict(call) for call in standing])
    for call in standing:
        for leg, state in call.legs.items():
            if state == "ringing" and "--ringing" not in flags:
                await switch.perform(contract.Answer(leg))
    async for event in switch.events():
        tell(type(event).__name__, **dataclasses.asdict(event))
        match event:
            case contract.CallOffered():
                if "--deaf" in flags:
                    await asyncio.sleep(3600)
                await switch.perform(contract.Ring(event.leg))
                await switch.perform(contract.Remember(event.call, f"memo of {event.call}"))
                if "--ringing" not in flags:
                    await switch.perform(contract.Answer(event.leg))
            case contract.LegUp():
                await switch.perform(contract.Music(event.leg, on=True))
            case contract.KeyPressed(key="#"):
                await switch.perform(contract.HangUp(event.leg))


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    asyncio.run(main(set(sys.argv[1:])))

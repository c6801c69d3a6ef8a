"""`python -m cordboard.telephony.drivers.embedded --echo`: a switch without a centre, for trying the telephone side alone.

It answers every call, says a sentence, tells the keys pressed, and plays music until the caller hangs up. Media processes must run
(`python -m cordboard.telephony.media --number 0`).
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal

from cordboard.lib.config import Config, config
from cordboard.telephony import driver as contract
from cordboard.telephony.drivers.embedded import EmbeddedDriver


async def echo(conf: Config, greeting: str) -> None:
    switch = EmbeddedDriver(conf)
    standing = await switch.start()
    print(f"listening on {conf.sip_host}:{switch.sip_port}", flush=True)
    for call in standing:
        print(f"taken over: {call}", flush=True)
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    talking = loop.create_task(_talk(switch, greeting))
    await stop.wait()
    await switch.stop(drain=1.0)
    await talking


async def _talk(switch: EmbeddedDriver, greeting: str) -> None:
    async for event in switch.events():
        print(event, flush=True)
        match event:
            case contract.CallOffered():
                await switch.perform(contract.Ring(event.leg))
                await switch.perform(contract.Answer(event.leg))
                await switch.perform(contract.Remember(event.call, "echo"))
            case contract.LegUp():
                await switch.perform(contract.Play(event.leg, "greeting", (contract.Prompt(text=greeting),)))
                await switch.perform(contract.CollectKeys(event.leg, "keys", 10, first_timeout=20.0))
            case contract.PlayEnded():
                await switch.perform(contract.Music(event.leg, on=True))
            case contract.KeysCollected() if event.keys:
                spoken = contract.Prompt(text=f"You pressed {' '.join(event.keys)}.")
                await switch.perform(contract.Play(event.leg, "keys", (spoken,)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cordboard.telephony.drivers.embedded", description=__doc__)
    parser.add_argument("--echo", action="store_true", required=True, help="answer every call, say a sentence, play music")
    parser.add_argument("--say", default="Good morning. This is Cordboard. You hear music now.", help="the sentence")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(echo(config(), arguments.say))


if __name__ == "__main__":
    main()

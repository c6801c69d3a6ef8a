"""The voice role: `python -m cordboard.channels.voice` runs this node's switch until it is told to stop (SIGTERM, SIGINT)."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    from cordboard.lib import logs

    logs.configure()
    import django

    django.setup()
    import uvloop

    return uvloop.run(_serve())


async def _serve() -> int:
    from cordboard.channels.voice.switch import Switch
    from cordboard.lib import draining
    from cordboard.lib.config import config
    from cordboard.telephony.drivers.embedded.driver import EmbeddedDriver

    conf = config()
    switch = Switch(conf, EmbeddedDriver(conf))
    loop = asyncio.get_running_loop()
    drained: list[asyncio.Task[None]] = []

    def politely() -> None:
        if drained:  # asked again: at once
            switch.stopping.set()
        else:
            drained.append(loop.create_task(switch.drain(), name="drain"))

    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, switch.stopping.set)
    loop.add_signal_handler(signal.SIGUSR1, politely)
    if os.environ.get(draining.BEGINS):  # the one before us was draining when it died
        loop.call_soon(politely)
    try:
        await switch.run()
    except OSError as problem:
        logging.getLogger(__name__).error("the switch cannot listen on %s port %d (CORDBOARD_SIP_PORT): %s", conf.sip_host, conf.sip_port, problem)
        return 1
    finally:
        for task in drained:
            task.cancel()
    return 0


if __name__ == "__main__":
    sys.exit(main())

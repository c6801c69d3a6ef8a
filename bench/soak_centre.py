"""Half an hour of a whole centre at work: does any of its processes grow that should not?

    python -m bench.soak_centre [--database sqlite|postgresql] [--minutes 30] [--agents 4] [--callers 12] [--talk 12] [--json]

A centre as `cordboard serve` starts it. `--callers` SIP telephones call one after another, each for another number: they hear the queue's music, some give up,
the others are answered by one of `--agents` (WebRTC), talk with sound both ways, are put on hold, and hang up; the agent wraps up and is ready again. Every ten
seconds memory (RSS), open files and threads of every role are written down; the slopes, per hour, are those of a straight line through the second half.
`calls_lost` counts calls that ended otherwise than their story wanted. What is kept on purpose grows: the database, which is on disk, and its caches up to their limits.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from typing import Any

from bench.report import found, say
from bench.soak import EVERY, resident, slope, sockets, threads
from cordboard.lib.testing import centre as centres
from cordboard.lib.testing import postgres
from cordboard.lib.testing.centre import Centre
from tests.voice.hands import Hands
from tests.voice.house import Agent, House, furnish, house
from tests.voice.telephone import Telephone

GIVES_UP = 4
"""Every so many callers one hangs up while he waits."""


class Work:
    """What the callers and agents do until the time is over."""

    def __init__(self, here: House, talk: float) -> None:
        self.here = here
        self.talk = talk
        self.over = asyncio.Event()
        self.made = self.answered = self.given_up = self.lost = 0

    async def caller(self, number: int) -> None:
        chance = random.Random(number)
        while not self.over.is_set():
            self.made += 1
            phone = await Telephone(self.here.centre.sip_port, "100", f"+3161{number:03d}{self.made % 10_000:04d}", 400.0 + number).call()
            try:
                await phone.answered(20)
                if self.made % GIVES_UP == 0:
                    await asyncio.sleep(chance.uniform(1, self.talk))
                    self.given_up += 1
                else:
                    await self._until_over(phone)
            except (AssertionError, TimeoutError):
                self.lost += 1
            finally:
                await phone.close()
            await asyncio.sleep(chance.uniform(0.2, 2))

    async def _until_over(self, phone: Telephone) -> None:
        """Wait for the end of the talk; somebody who is never answered gives up after two minutes."""
        try:
            await phone.ended(120)
        except (AssertionError, TimeoutError):
            if not self.over.is_set():
                raise

    async def agent(self, agent: Agent) -> None:
        chance = random.Random(agent.name)
        while not self.over.is_set():
            interaction = await asyncio.to_thread(agent.offered)
            if not interaction:
                await asyncio.sleep(0.3)
                continue
            came = await asyncio.to_thread(agent.act, "accept_offer", interaction)
            if not came["done"]:
                continue  # the caller was faster
            self.answered += 1
            await asyncio.sleep(self.talk * chance.uniform(0.3, 1))
            await asyncio.to_thread(agent.act, "hold", interaction)
            await asyncio.sleep(1)
            await asyncio.to_thread(agent.act, "resume", interaction)
            await asyncio.sleep(1)
            await asyncio.to_thread(agent.act, "hang_up", interaction)
            for _ in range(100):
                if (await asyncio.to_thread(agent.act, "wrap_up", interaction))["done"]:
                    break
                await asyncio.sleep(0.1)
            await asyncio.to_thread(agent.act, "set_ready")


def looked(centre: Centre, began: float, points: dict[str, dict[str, list[tuple[float, float]]]]) -> None:
    """Note what every role has now."""
    for name, role in centre.roles().items():
        if role.get("state") != "running":
            continue
        pid = role["pid"]
        try:
            values = {"rss_mb": resident(pid), "files": float(sockets(pid)[0]), "threads": float(threads(pid))}
        except OSError:
            continue  # replaced just now
        for kind, value in values.items():
            points.setdefault(name, {}).setdefault(kind, []).append((time.monotonic() - began, value))


async def soak(centre: Centre, hands: Hands, options: argparse.Namespace) -> dict[str, Any]:
    furnish(hands)
    async with house(centre, hands) as here:
        work = Work(here, options.talk)
        people = [here.agent(f"agent{number}", 900.0 + 150 * number).sit_down().ready() for number in range(options.agents)]
        first = {name: role["pid"] for name, role in centre.roles().items()}
        tasks = [asyncio.create_task(work.agent(one)) for one in people]
        tasks += [asyncio.create_task(work.caller(number)) for number in range(options.callers)]
        points: dict[str, dict[str, list[tuple[float, float]]]] = {}
        began = time.monotonic()
        while (now := time.monotonic() - began) < 60 * options.minutes:
            await asyncio.sleep(EVERY)
            looked(centre, began, points)
            broken = [task.exception() for task in tasks if task.done()]
            if broken:
                raise RuntimeError(f"after {now:.0f} s somebody stopped: {broken[0]!r}")
            if len(next(iter(points.values()))["files"]) % 12 == 1:
                say(
                    f"  {now / 60:.0f} min: {work.made} calls, {work.answered} answered, "
                    + ", ".join(f"{name} {each['rss_mb'][-1][1]:.0f} MB" for name, each in points.items())
                )
        work.over.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        last = {name: role["pid"] for name, role in centre.roles().items()}
    return {
        "minutes": options.minutes,
        "calls": work.made,
        "answered": work.answered,
        "given_up": work.given_up,
        "calls_lost": work.lost,
        "restarts": sum(last.get(name) != pid for name, pid in first.items()),
        "by_role": {
            name: {"rss_mb": round(kinds["rss_mb"][-1][1], 1), **{f"{kind}_per_hour": round(slope(each), 2) for kind, each in kinds.items()}}
            for name, kinds in points.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.soak_centre", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--agents", type=int, default=4)
    parser.add_argument("--callers", type=int, default=12)
    parser.add_argument("--talk", type=float, default=12.0, help="seconds, at most (default: %(default)g)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cluster = postgres.start() if options.database == "postgresql" else None
    centre = centres.make(cluster=cluster)
    try:
        centre.cordboard("migrate", timeout=300)
        centre.start().up(240)
        hands = Hands(centre)
        try:
            figures = asyncio.run(soak(centre, hands, options))
        finally:
            hands.close()
    finally:
        centres.discard(centre)
        if cluster is not None:
            cluster.stop()
    rows = [["role", "MB", "MB an hour", "files an hour", "threads an hour"]]
    rows += [
        [name, *(f"{each[key]:g}" for key in ("rss_mb", "rss_mb_per_hour", "files_per_hour", "threads_per_hour"))] for name, each in figures["by_role"].items()
    ]
    title = f"Soak of a centre: {figures['calls']} calls, {figures['answered']} answered, {figures['calls_lost']} lost, {figures['restarts']} restarts"
    found(title, figures, rows, as_json=options.json)


if __name__ == "__main__":
    main()

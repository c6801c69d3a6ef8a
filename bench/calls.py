"""Call set-ups: what one whole call (INVITE, ringing, answer, ACK, BYE) costs the switch and a media process.

    python -m bench.calls [--calls 1000] [--rate 100] [--json]

The embedded driver with one media process, each a process of its own, takes calls that another process places at `rate` a second by SIP over
UDP, and answers them at once. `per_core_s` is how many whole calls a second would keep one core busy with the switch alone (calls divided by
the CPU time that they took; start-up is taken off), `media_per_core_s` the same for the media process. Sound is not part of this.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import uvloop

from bench.report import found, percentile, say
from cordboard.lib.config import config
from cordboard.telephony import driver as contract
from cordboard.telephony.drivers.embedded import EmbeddedDriver
from cordboard.telephony.phone import Caller, Line, Outcome
from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.sessions import Session

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
STAY = 0.2


async def serve() -> None:
    """The switch's process: answers, and prints its port, then at the end of its input its CPU time in seconds."""
    driver = EmbeddedDriver(replace(config(), sip_port=0))
    await driver.start()
    print(driver.sip_port, cpu(os.getpid()), flush=True)

    async def answer() -> None:
        async for event in driver.events():
            if isinstance(event, contract.CallOffered):
                await driver.perform(contract.Ring(event.leg))
                await driver.perform(contract.Answer(event.leg))
                await driver.perform(contract.Remember(event.call, "x" * 500))

    task = asyncio.create_task(answer())
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    print(cpu(os.getpid()), flush=True)
    await driver.stop()
    await task


def cpu(pid: int) -> float:
    """CPU time of a process in seconds, user and system, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Timed(Caller):
    """A caller without sound that notes when it was answered."""

    def __init__(self) -> None:
        super().__init__(Line(np.zeros(0, dtype=np.int16)), Outcome(), lambda line: None)
        self.answered_at = 0.0

    def accepted(self, session: Session, sdp_text: str) -> None:
        self.answered_at = asyncio.get_running_loop().time()
        super().accepted(session, sdp_text)

    async def call(self, agent: UserAgent, port: int) -> float:
        """Seconds from INVITE to answer; -1 when there was none."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        agent.call(f"sip:100@127.0.0.1:{port}", SDP, "+31205550123", self.made, lambda: None)
        try:
            await asyncio.wait_for(self.answered.wait(), 30)
        except TimeoutError:
            return -1.0
        await asyncio.sleep(STAY)
        assert self.session is not None
        self.session.hang_up()
        return self.answered_at - began


async def place(port: int, calls: int, rate: float) -> tuple[list[float], int]:
    """Place the calls; the waits for an answer in seconds, and how many messages of ours had to be repeated."""
    callers: dict[str, Timed] = {}

    class Users:
        def __getattr__(self, name: str) -> object:
            def told(session: Session, *rest: object) -> object:
                return getattr(callers[session.call_id], name)(session, *rest)

            return told

        def accepting(self) -> bool:
            return False

    users = Users()
    agent = UserAgent(users, users, Settings())
    await agent.start("127.0.0.1", 0)
    agent.listen()

    async def one(number: int) -> float:
        await asyncio.sleep(number / rate)
        caller = Timed()
        made = caller.made

        def remember(session: object) -> None:
            callers[session.call_id] = caller
            made(session)

        caller.made = remember
        return await caller.call(agent, port)

    waits = await asyncio.gather(*(one(number) for number in range(calls)))
    await asyncio.sleep(1.0)
    sent = agent.endpoint.counts["sent"]
    agent.stop()
    return list(waits), sent - 3 * calls  # INVITE, ACK, BYE


def measure(calls: int, rate: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="cb") as folder:
        environment = os.environ | {
            "CORDBOARD_DATA": f"{folder}/data", "CORDBOARD_RUN": f"{folder}/run", "CORDBOARD_MEDIA_PROCESSES": "1", "CORDBOARD_SIP_RATE": "1000000", "CORDBOARD_SIP_CALLS": "100000",
        }  # fmt: skip
        media = subprocess.Popen([sys.executable, "-m", "cordboard.telephony.media"], env=environment, stderr=subprocess.DEVNULL)
        switch = subprocess.Popen(
            [sys.executable, "-m", "bench.calls", "--serve"], env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )  # fmt: skip
        try:
            assert switch.stdin is not None
            assert switch.stdout is not None
            port, before = switch.stdout.readline().split()
            media_before = cpu(media.pid)
            say(f"{calls} calls at {rate:g} a second ...")
            waits, repeated = uvloop.run(place(int(port), calls, rate))
            media_spent = cpu(media.pid) - media_before
            switch.stdin.close()
            spent = float(switch.stdout.readline()) - float(before)
        finally:
            for program in (switch, media):
                program.terminate()
                program.wait()
    answered = [wait for wait in waits if wait >= 0]
    return {
        "calls": calls,
        "rate": rate,
        "answered": len(answered),
        "repeated": repeated,
        "answer_p50_ms": round(1000 * percentile(answered, 50), 1),
        "answer_p95_ms": round(1000 * percentile(answered, 95), 1),
        "per_core_s": round(calls / spent),
        "media_per_core_s": round(calls / media_spent),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.calls", description=__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=100.0, help="calls a second (default: %(default)g)")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        uvloop.run(serve())
        return 0
    figures = measure(arguments.calls, arguments.rate)
    rows = [["", "found"], *([name.replace("_", " "), f"{value:g}"] for name, value in figures.items())]
    found("Call set-ups", figures, rows, as_json=arguments.json)
    return 0 if figures["answered"] == arguments.calls else 1


if __name__ == "__main__":
    sys.exit(main())

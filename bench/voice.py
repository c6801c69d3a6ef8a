"""How many calls one core carries, bridged and recorded, before more than one tick of 20 ms in 1,000 is late.

    python -m bench.voice [--only sip,browser,mixed,mixed_browser,setups,delay] [--seconds 8] [--first] [--json]

One media process is alone on the first core (as far as the machine lets it be); the far sides are processes on the second. Calls are added in steps; at
each step ticks are counted for `--seconds`, and a step with late ticks gets a second, longer look before it counts as too much. `sip_calls`: PCMU to PCMU,
relayed; `browser_calls`: a browser's PCMU over SRTP to a telephone, relayed; `mixed_calls`: three telephones each; `mixed_browser_calls`: a telephone and two
browsers in Opus each; all of them recorded. `..._at_90` is what the CPU time taken would allow at 90 % of a core: the better figure on a machine that others
use as well. `added_ms`: from mouth to ear through the switch, in a mixed call (decoded, held back against jitter, mixed); `relayed_ms`: in a relayed one.
`setups_per_s`: whole calls (see bench.calls) that a core of the switch takes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from bench import calls
from bench.report import found, percentile, say
from cordboard.telephony import driver
from cordboard.telephony.media.client import MediaClient, MediaError
from cordboard.telephony.media.protocol import Codec, LegKind, LegState

KINDS = {
    # legs of a call, and how many calls at the first step, and how many more at each further one
    "sip": ((("sip", Codec.PCMU), ("sip", Codec.PCMU)), 100, 50),
    "browser": ((("browser", Codec.PCMU), ("sip", Codec.PCMU)), 40, 30),
    "mixed": ((("sip", Codec.PCMU), ("sip", Codec.PCMU), ("sip", Codec.PCMA)), 20, 15),
    "mixed_browser": ((("sip", Codec.PCMU), ("browser", Codec.OPUS), ("browser", Codec.OPUS)), 8, 6),
}
MOST = 500
LATE = 1 / 1000


def pinned(core: int, *, first: bool = False) -> Any:
    """For a child: on this core; with `first` before everybody else there (real-time class), for a machine that others use as well."""

    def settle() -> None:
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})
        if first:
            try:
                os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
            except PermissionError:
                sys.stderr.write("not allowed to go before other processes\n")

    return settle


@dataclass
class Look:
    """One step, looked at for a while."""

    calls: int
    ticks: int
    late: int
    cpu: float
    """Share of a core."""
    sent: int
    received: int
    behind: float
    """Milliseconds that the far side was behind at worst."""
    waited: float
    """Seconds that the media process stood in line for its core: somebody else had it."""

    @property
    def fine(self) -> bool:
        return self.late <= self.ticks * LATE

    @property
    def disturbed(self) -> bool:
        """Others of this machine explain the late ticks: more than half a tick of waiting for each."""
        return not self.fine and self.waited > self.late * 0.01


def waited(pid: int) -> float:
    """Seconds that the process was ready to run and did not, from /proc (its main thread)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


class Bench:
    """The far sides' process."""

    def __init__(self, socket_path: Path, pid: int, folder: Path) -> None:
        self.pid = pid
        self.folder = folder
        self.client = MediaClient(socket_path, 0)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        from bench.voice_far import Choir, Telephones  # aiortc takes a second to load: not in the parent

        self.client.start()
        if not await self.client.connected(20):
            raise SystemExit("the media process did not come up")
        self._task = asyncio.create_task(self._listen())
        self.choir = Choir()
        self.phones = Telephones()
        self.browsers: list[Any] = []
        self.choir.start()

    async def _listen(self) -> None:
        async for _ in self.client.events():
            pass

    async def add(self, number: int, kind: str) -> None:
        """One more call of this kind, bridged and recorded."""
        from bench.voice_far import LightBrowser, speech, telephone_sdp

        name = f"{kind}{number}"
        legs = []
        for place, (how, codec) in enumerate(KINDS[kind][0]):
            leg = f"{name}.{place}"
            frames = speech(codec, place)
            if how == "sip":
                answer = await self.client.offer(name, leg, LegKind.SIP, telephone_sdp(self.phones.port, codec))
                await self.client.note(leg, LegState.UP)
                speaker = self.phones.speaker(answer.sdp, codec, frames)
            else:
                browser = LightBrowser(codec)
                answer = await self.client.offer(name, leg, LegKind.BROWSER, await browser.offer(), (codec,))
                await browser.accept(answer.sdp)
                self.browsers.append(browser)
                speaker = browser.speaker(frames)
            self.choir.add(speaker)
            legs.append(leg)
        await self.client.perform(driver.Bridge(name, tuple(legs)))
        await self.client.perform(driver.Record(name, "r", str(self.folder / f"{name}.wav"), legs[0]))

    def _received(self) -> int:
        return self.phones.received + sum(browser.ear.received for browser in self.browsers)

    async def look(self, count: int, seconds: float) -> Look:
        await asyncio.sleep(2)
        before, sent, heard, spent, began = await self.client.status(), self.choir.sent, self._received(), calls.cpu(self.pid), time.monotonic()
        line = waited(self.pid)
        self.choir.late = 0.0
        await asyncio.sleep(seconds)
        if self.choir.broken is not None:
            raise self.choir.broken
        after = await self.client.status()
        took = time.monotonic() - began
        share = (calls.cpu(self.pid) - spent) / took
        ticks, late = after.ticks - before.ticks, after.late_ticks - before.late_ticks
        return Look(count, ticks, late, share, self.choir.sent - sent, self._received() - heard, 1000 * self.choir.late, waited(self.pid) - line)

    async def capacity(self, kind: str, seconds: float) -> dict[str, Any]:
        """Steps until too much: the last that was fine, and what a call costs."""
        _, first, more = KINDS[kind]
        count, best, loads = 0, 0, []
        target = first
        while target <= MOST:
            try:
                while count < target:
                    await self.add(count, kind)
                    count += 1
            except (MediaError, ConnectionError) as error:
                say(f"  {kind}: call {count + 1} could not be set up: {error}")
                break
            look = await self.look(count, seconds)
            for _ in range(2):
                if look.fine:
                    break
                look = await self.look(count, 3 * seconds)  # noise of the machine, or too much?
            say(
                f"  {kind}: {count} calls: {look.late} of {look.ticks} ticks late, {100 * look.cpu:.0f}% of a core, "
                f"{100 * look.received / max(1, look.sent):.1f}% heard, far side up to {look.behind:.0f} ms behind, "
                f"waited {1000 * look.waited:.0f} ms for the core{', which explains it' if look.disturbed else ''}"
            )
            loads.append(look.cpu / count)
            if look.fine:
                best = count
            elif not look.disturbed:
                break
            target += more
            if look.cpu > 0.95:
                break
        each = sorted(loads)[len(loads) // 2] if loads else 1.0
        return {f"{kind}_calls": best, f"{kind}_calls_at_90": round(0.9 / each), f"{kind}_cpu_percent": round(100 * each, 3)}

    async def delay(self, mixed: bool, seconds: float = 20.0) -> float:
        """Milliseconds from a burst's first packet to its first sound on the other side; p95."""
        from bench.voice_far import Probe, telephone_sdp

        name = "delay-mixed" if mixed else "delay"
        probes = [Probe() for _ in range(3 if mixed else 2)]
        answers = []
        for place, probe in enumerate(probes):
            answers.append((await self.client.offer(name, f"{name}.{place}", LegKind.SIP, telephone_sdp(probe.port, Codec.PCMU))).sdp)
            await self.client.note(f"{name}.{place}", LegState.UP)
        await self.client.perform(driver.Bridge(name, tuple(f"{name}.{place}" for place in range(len(probes)))))
        stop = asyncio.Event()
        speaking = asyncio.create_task(probes[0].burst(answers[0], stop))
        await asyncio.sleep(seconds)
        stop.set()
        await speaking
        # the beginning is still finding out how much to hold back
        delays = probes[1].delays(probes[0].burst_at[2:])
        for probe in probes:
            probe.close()
        return round(1000 * percentile(delays, 95), 1)

    async def stop(self) -> None:
        self.choir.stop()
        self.phones.close()
        await self.client.stop()


async def generate(arguments: argparse.Namespace) -> None:
    """The far sides' process: prints what it found as JSON."""
    bench = Bench(Path(arguments.socket), arguments.pid, Path(arguments.folder))
    await bench.start()
    if arguments.generate == "delay":
        figures = {"relayed_ms": await bench.delay(False), "added_ms": await bench.delay(True)}
    else:
        figures = await bench.capacity(arguments.generate, arguments.seconds)
    print(json.dumps(figures), flush=True)
    await bench.stop()


def measure(kind: str, seconds: float, *, first: bool = False) -> dict[str, Any]:
    """A fresh media process and fresh far sides for one kind."""
    say(f"{kind} ...")
    with tempfile.TemporaryDirectory(prefix="cb") as folder:
        environment = os.environ | {"CORDBOARD_DATA": f"{folder}/data", "CORDBOARD_RUN": f"{folder}/run", "CORDBOARD_MEDIA_PROCESSES": "1"}
        media = subprocess.Popen(
            [sys.executable, "-m", "cordboard.telephony.media"], env=environment, stderr=subprocess.DEVNULL, preexec_fn=pinned(0, first=first)
        )
        path = Path(folder) / "run" / "media-0.sock"
        command = ["--generate", kind, "--socket", str(path), "--pid", str(media.pid), "--folder", folder, "--seconds", str(seconds)]
        try:
            done = subprocess.run(
                [sys.executable, "-m", "bench.voice", *command], stdout=subprocess.PIPE, text=True, timeout=600, check=True, preexec_fn=pinned(1, first=first)
            )
            return dict(json.loads(done.stdout.splitlines()[-1]))
        finally:
            media.terminate()
            try:
                media.wait(10)
            except subprocess.TimeoutExpired:
                media.kill()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.voice", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="sip,browser,mixed,mixed_browser,setups,delay", help="what to measure, separated by commas")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each step is looked at (default: %(default)g)")
    parser.add_argument("--first", action="store_true", help="before all other processes (needs leave to use the real-time class; for a minute or two)")
    parser.add_argument("--json", action="store_true")
    for hidden in ("--generate", "--socket", "--folder"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    parser.add_argument("--pid", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.generate:
        uvloop.run(generate(arguments))
        return 0
    figures: dict[str, Any] = {}
    for name in arguments.only.split(","):
        if name == "setups":
            say("setups ...")
            made = calls.measure(600, 60.0)
            figures |= {"setups_per_s": min(made["per_core_s"], made["media_per_core_s"]), "answer_p95_ms": made["answer_p95_ms"]}
        else:
            figures |= measure(name, arguments.seconds, first=arguments.first)
    rows = [["", "found"], *([key.replace("_", " "), f"{value:g}"] for key, value in figures.items())]
    found("Voice on one core", figures, rows, as_json=arguments.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

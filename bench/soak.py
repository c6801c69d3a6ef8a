"""Half an hour of calls at half of what a core carries: does anything grow that should not?

    python -m bench.soak [--minutes 30] [--calls 100] [--turnover 4] [--json]

One media process and the far sides, each a process of its own as in bench.voice. `--calls` relayed and recorded calls stand all the time (half of what
bench.voice found), of which `--turnover` a second end and are replaced by new ones; one in ten is a mixed call of three. Every ten seconds memory (RSS), open
files, UDP ports, tasks and calls of the media process are written down; the slopes, per hour, are those of a straight line through the second half, when all
that is kept on purpose (prompts, pools) is there. Whoever runs it reads: a slope near nothing is no leak.
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
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import uvloop

from bench.report import found, say
from bench.voice import Bench, pinned

EVERY = 10.0


def sockets(pid: int) -> tuple[int, int]:
    """Open files of the process, and how many of them are sockets."""
    files = list(Path(f"/proc/{pid}/fd").iterdir())
    kinds = []
    for each in files:
        try:
            kinds.append(str(each.readlink()))
        except OSError:
            continue  # closed meanwhile
    return len(files), sum(kind.startswith("socket:") for kind in kinds)


def resident(pid: int) -> float:
    """Resident memory in MB."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def slope(points: list[tuple[float, float]]) -> float:
    """Per hour, of the straight line through the second half."""
    half = points[len(points) // 2 :]
    if len(half) < 3:
        return 0.0
    at = np.array([point[0] for point in half]) / 3600
    return float(np.polyfit(at, np.array([point[1] for point in half]), 1)[0])


class Soak(Bench):
    def __init__(self, socket_path: Path, pid: int, folder: Path) -> None:
        super().__init__(socket_path, pid, folder)
        self.standing: deque[tuple[str, list[Any]]] = deque()
        self.made = 0
        self.late: list[str] = []

    async def call(self) -> None:
        kind = "mixed" if self.made % 10 == 9 else "sip"
        self.made += 1
        before = {id(speaker) for slot in self.choir.slots for speaker in slot}
        await self.add(self.made, kind)
        mine = [speaker for slot in self.choir.slots for speaker in slot if id(speaker) not in before]
        self.standing.append((f"{kind}{self.made}", mine))

    async def hang_up(self) -> None:
        name, speakers = self.standing.popleft()
        for speaker in speakers:
            self.choir.remove(speaker)
        legs = 3 if name.startswith("mixed") else 2
        for place in range(legs):
            await self.client.close_leg(f"{name}.{place}")
        await self.client.close_call(name)
        for _ in range(50):  # the recording gets its name when it is complete
            if await asyncio.to_thread(self._forget, name):
                return
            await asyncio.sleep(0.1)
        self.late.append(name)

    def _forget(self, name: str) -> bool:
        """Half an hour of sound is no part of the question. In a thread: a disk that others keep busy must not hold up the far sides."""
        try:
            (self.folder / f"{name}.wav").unlink()  # in one step: asked first, it could come between question and removal
        except FileNotFoundError:
            return False
        return True

    async def soak(self, minutes: float, calls: int, turnover: float) -> dict[str, Any]:
        while len(self.standing) < calls:
            await self.call()
        began = time.monotonic()
        until, next_look, next_change = began + 60 * minutes, began, began
        points: dict[str, list[tuple[float, float]]] = {name: [] for name in ("rss_mb", "files", "sockets", "threads")}
        first = await self.client.status()
        while (now := time.monotonic()) < until:
            if now >= next_look:
                next_look += EVERY
                files, open_sockets = sockets(self.pid)
                for name, value in (("rss_mb", resident(self.pid)), ("files", files), ("sockets", open_sockets), ("threads", threads(self.pid))):
                    points[name].append((now - began, float(value)))
                if len(points["files"]) % 6 == 1:
                    say(f"  {(now - began) / 60:.0f} min: {points['rss_mb'][-1][1]:.1f} MB, {files} files, {open_sockets} sockets, {self.made} calls made")
            if now >= next_change:
                next_change += 1 / turnover
                await self.hang_up()
                await self.call()
            await asyncio.sleep(max(0.0, min(next_look, next_change) - time.monotonic()))
        status = await self.client.status()
        while self.standing:
            await self.hang_up()
        await asyncio.sleep(3)
        left = await self.client.status()
        missing = sum([not self._forget(name) for name in self.late])
        files, open_sockets = sockets(self.pid)
        return {
            "minutes": minutes,
            "calls": calls,
            "calls_made": self.made,
            "recordings_late": len(self.late),
            "recordings_missing": missing,
            "late_per_1000": round(1000 * (status.late_ticks - first.late_ticks) / max(1, status.ticks - first.ticks), 2),
            "rss_mb": round(points["rss_mb"][-1][1], 1),
            **{f"{name}_per_hour": round(slope(points[name]), 2) for name in points},
            "calls_left": left.calls,
            "legs_left": left.legs,
            "recordings_left": left.recordings,
            "sockets_left": open_sockets,
            "events_dropped": left.events_dropped,
        }


async def generate(arguments: argparse.Namespace) -> None:
    here = Soak(Path(arguments.socket), arguments.pid, Path(arguments.folder))
    await here.start()
    print(json.dumps(await here.soak(arguments.minutes, arguments.calls, arguments.turnover)), flush=True)
    await here.stop()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--calls", type=int, default=100, help="calls that stand at any time (default: %(default)d)")
    parser.add_argument("--turnover", type=float, default=4.0, help="calls that end and begin each second (default: %(default)g)")
    parser.add_argument("--json", action="store_true")
    for hidden in ("--socket", "--folder"):
        parser.add_argument(hidden, default="", help=argparse.SUPPRESS)
    parser.add_argument("--pid", type=int, default=0, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.socket:
        uvloop.run(generate(arguments))
        return 0
    with tempfile.TemporaryDirectory(prefix="cb") as folder:
        environment = os.environ | {"CORDBOARD_DATA": f"{folder}/data", "CORDBOARD_RUN": f"{folder}/run", "CORDBOARD_MEDIA_PROCESSES": "1"}
        media = subprocess.Popen([sys.executable, "-m", "cordboard.telephony.media"], env=environment, stderr=subprocess.DEVNULL, preexec_fn=pinned(0))
        own = ["--socket", f"{folder}/run/media-0.sock", "--pid", str(media.pid), "--folder", folder]
        given = ["--minutes", str(arguments.minutes), "--calls", str(arguments.calls), "--turnover", str(arguments.turnover)]
        try:
            done = subprocess.run(
                [sys.executable, "-m", "bench.soak", *own, *given], stdout=subprocess.PIPE, text=True, check=True,
                timeout=60 * arguments.minutes + 300, preexec_fn=pinned(1),
            )  # fmt: skip
        finally:
            media.terminate()
            try:
                media.wait(10)
            except subprocess.TimeoutExpired:
                media.kill()
    figures = json.loads(done.stdout.splitlines()[-1])
    rows = [["", "found"], *([name.replace("_", " "), f"{value:g}"] for name, value in figures.items())]
    found("Soak", figures, rows, as_json=arguments.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())

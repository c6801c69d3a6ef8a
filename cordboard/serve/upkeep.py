"""`cordboard drain` and `cordboard restart`: stopping and renewing parts of a running centre while people talk."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cordboard.lib import draining
from cordboard.lib.config import Config, config

KINDS = {"web": ("front", "django"), "worker": ("worker",), "front": ("front",), "django": ("django",), "switch": ("switch",), "media": ("media",)}
"""What `restart` may be given, in kinds of roles."""
BACK_WITHIN = 60.0
"""Seconds in which a role that was restarted must run again."""
LOOK_EVERY = 0.2


def options_drain(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "role", nargs="?", help="one media process, such as media-0, which is started anew when its calls are over; without it the whole machine stops"
    )
    made.add_argument("--wait", action="store_true", help="stay until it is done, and say how far it is")


def options_restart(made: argparse.ArgumentParser) -> None:
    made.add_argument("what", nargs="+", choices=sorted(KINDS), help="one after another, in this order; media processes wait for their calls to end")


@dataclass(frozen=True, slots=True)
class Supervised:
    """A supervisor that runs on this machine, and its roles as it wrote them down."""

    pid: int
    roles: tuple[dict[str, Any], ...]


def supervised(run: Path) -> list[Supervised]:
    found = []
    for path in sorted(run.glob("status*.json")):
        try:
            status = json.loads(path.read_text())
        except (OSError, ValueError):
            continue
        if Path(f"/proc/{status['pid']}").exists():
            found.append(Supervised(int(status["pid"]), tuple(status["roles"])))
    return found


def _role(run: Path, name: str) -> dict[str, Any] | None:
    return next((role for one in supervised(run) for role in one.roles if role["name"] == name and role["state"] == "running"), None)


def drain(given: argparse.Namespace) -> int:
    conf = config()
    if given.role:
        return _drain_media(conf, given.role, wait=given.wait)
    voices = [one for one in supervised(conf.run) if any(role["kind"] in ("switch", "media") for role in one.roles)]
    if not voices:
        return _refused("no voice role runs on this machine")
    for one in voices:
        os.kill(one.pid, signal.SIGUSR1)
    print(
        f"No new calls are taken; everything stops when the last one is over, {conf.drain_seconds:.0f} s from now at most. The same once more ends it at once."
    )
    if given.wait:
        _watch(conf, lambda: not any(Path(f"/proc/{one.pid}").exists() for one in voices))
        print("Stopped.")
    return 0


def _drain_media(conf: Config, name: str, *, wait: bool) -> int:
    role = _role(conf.run, name)
    if role is None or role["kind"] != "media":
        return _refused(f"{name} is no media process that runs on this machine")
    os.kill(role["pid"], signal.SIGUSR1)
    print(f"{name} begins no new calls; it is started anew when the last one is over, {conf.drain_seconds:.0f} s from now at most.")
    if wait:
        _watch(conf, lambda: (now := _role(conf.run, name)) is not None and now["pid"] != role["pid"])
        print(f"{name} runs anew.")
    return 0


def _watch(conf: Config, done: Any) -> None:
    told: set[tuple[str, int]] = set()
    while not done():
        for note in draining.notes(conf.run):
            if (note.role, note.calls) not in told:
                told.add((note.role, note.calls))
                print(f"  {note.role}: {note.calls} calls left", flush=True)
        time.sleep(LOOK_EVERY)


def restart(given: argparse.Namespace) -> int:
    """Each role in its turn, and the next only when it runs again: what breaks is one process, and is seen."""
    conf = config()
    for what in given.what:
        names = [role["name"] for one in supervised(conf.run) for role in one.roles if role["kind"] in KINDS[what]]
        if not names:
            return _refused(f"no {what} runs on this machine", before=what != given.what[0])
        for name in sorted(names, key=lambda name: KINDS[what].index(name.split("-")[0])):
            if what == "media":
                if _drain_media(conf, name, wait=True):
                    return 1
            elif not _again(conf, name):
                return 1
    return 0


def _again(conf: Config, name: str) -> bool:
    role = _role(conf.run, name)
    if role is None:
        print(f"{name} does not run now; its supervisor is starting it.", file=sys.stderr)
        return False
    os.kill(role["pid"], signal.SIGTERM)
    until = time.monotonic() + BACK_WITHIN
    while time.monotonic() < until:
        now = _role(conf.run, name)
        if now is not None and now["pid"] != role["pid"]:
            print(f"{name} runs anew, as process {now['pid']}.", flush=True)
            return True
        time.sleep(LOOK_EVERY)
    print(f"{name} did not come back within {BACK_WITHIN:.0f} s. `cordboard doctor` says more.", file=sys.stderr)
    return False


def _refused(why: str, *, before: bool = False) -> int:
    print(f"{'Nothing more' if before else 'Nothing'} was done: {why}.", file=sys.stderr)
    return 1

"""What a test process that is killed would leave behind (servers, folders) is ended and removed by a small process beside it, which sees a pipe close.

The kernel's own way (PR_SET_PDEATHSIG) would not do: it ends a child with the thread that started it, and tests start servers anew from threads.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from typing import Any

GONE = "-"
PATIENCE = 5.0
"""Seconds that servers get to end when they are asked to."""


def watch(process: subprocess.Popen[Any], number: signal.Signals = signal.SIGTERM) -> None:
    """From now on this server ends with us, however we end: asked by this signal, then killed, with its group if it leads one."""
    _say(f"process {process.pid} {int(number)} {_since(process.pid)}")


def watch_folder(folder: Path) -> None:
    """From now on this folder goes with us. It goes after the servers."""
    _say(f"folder {folder}")


def forget(process: subprocess.Popen[Any]) -> None:
    """It has ended and was waited for."""
    _say(f"process {process.pid} 0 {GONE}")


@cache
def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, str(PATIENCE)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
    )


def _say(line: str) -> None:
    stdin = _started().stdin
    assert stdin is not None
    with contextlib.suppress(BrokenPipeError):  # somebody killed it: tests go on without
        stdin.write(line + "\n")
        stdin.flush()


def main(patience: float) -> None:
    """The process beside: listens until its standard input closes."""
    processes: dict[int, tuple[int, str]] = {}
    folders: list[str] = []
    for line in sys.stdin:
        what, rest = line.rstrip("\n").split(" ", 1)
        if what == "folder":
            folders.append(rest)
            continue
        pid, number, since = rest.split()
        if int(number):
            processes[int(pid)] = int(number), since
        else:
            processes.pop(int(pid), None)
    processes = {pid: one for pid, one in processes.items() if _since(pid) == one[1] != GONE}  # a number may be another's by now
    for pid, (number, _began) in processes.items():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    until = time.monotonic() + patience
    while any(_since(pid) == began for pid, (_number, began) in processes.items()) and time.monotonic() < until:
        time.sleep(0.05)
    for pid, (_number, began) in processes.items():
        if _since(pid) == began:
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)  # what it started and left
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _since(pid: int) -> str:
    """When it began, as the kernel counts; GONE for one that does not run (a zombie, for which nobody waits, does not)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return GONE
    return GONE if fields[0] == "Z" else fields[19]


if __name__ == "__main__":
    main(float(sys.argv[1]))

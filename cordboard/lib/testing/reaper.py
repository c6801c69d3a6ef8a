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

PATIENCE = 5.0
"""Seconds that servers get to end when they are asked to."""


def watch(process: subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> None:
    """From now on this server, which leads a session, ends with us, however we end: asked by this signal, then killed with its group."""
    _say(f"process {process.pid} {int(number)}")


def watch_folder(folder: Path) -> None:
    """From now on this folder goes with us. It goes after the servers."""
    _say(f"folder {folder}")


def forget(process: subprocess.Popen[bytes]) -> None:
    """It has ended and was waited for: its number may be another's soon."""
    _say(f"process {process.pid} 0")


@cache
def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-I", "-S", __file__, str(PATIENCE)], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
    )


def _say(line: str) -> None:
    stdin = _started().stdin
    assert stdin is not None
    stdin.write(line + "\n")
    stdin.flush()


def main(patience: float) -> None:
    """The process beside: listens until its standard input closes."""
    processes: dict[int, int] = {}
    folders: list[str] = []
    for line in sys.stdin:
        what, rest = line.rstrip("\n").split(" ", 1)
        if what == "folder":
            folders.append(rest)
            continue
        pid, number = map(int, rest.split())
        if number:
            processes[pid] = number
        else:
            processes.pop(pid, None)
    for pid, number in processes.items():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
    until = time.monotonic() + patience
    while any(_runs(pid) for pid in processes) and time.monotonic() < until:
        time.sleep(0.05)
    for pid in processes:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    """A zombie, for which nobody waits, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


if __name__ == "__main__":
    main(float(sys.argv[1]))

"""A test process is killed: what it started ends, and its folders go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from cordboard.lib.testing.centre import wait_until

KILLED = """
import subprocess, sys, time
from pathlib import Path
from cordboard.lib.testing import reaper
reaper.PATIENCE = 0.5
def server(code):
    made = subprocess.Popen([sys.executable, "-c", code + "; print('it runs', flush=True); time.sleep(60)"], start_new_session=True, stdout=subprocess.PIPE)
    made.stdout.readline()
    return made
willing = server("import time")
stubborn = server("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)")
ended = server("import time")
for one in (willing, stubborn, ended):
    reaper.watch(one)
ended.kill()
ended.wait()
reaper.forget(ended)
reaper.watch_folder(Path(sys.argv[1]))
print(willing.pid, stubborn.pid, flush=True)
time.sleep(60)
"""


def test_servers_and_folders_go_with_a_killed_process(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "db.sqlite3").write_text("rows")
    killed = subprocess.Popen([sys.executable, "-c", KILLED, str(folder)], stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    pids = [int(pid) for pid in killed.stdout.readline().split()]
    assert len(pids) == 2
    assert all(_runs(pid) for pid in pids)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    wait_until(lambda: not any(_runs(pid) for pid in pids), 30, "the end of the servers")
    wait_until(lambda: not folder.exists(), 30, "the end of the folder")


def _runs(pid: int) -> bool:
    """Not ours to wait for: whoever adopted it may leave it a zombie."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False

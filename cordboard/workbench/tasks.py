"""What the workbench has done by the worker.

A replay counts for up to a minute without pause. In the worker's own process it would keep the router waiting for the interpreter; so the job starts a process of its own, of lower
priority, and waits for it.
"""

from __future__ import annotations

import logging
import subprocess
import sys

from django_tasks import task

from cordboard.rules.actions_replay import end_replay

logger = logging.getLogger(__name__)

LONGEST = 1800.0


@task()
def replay(number: int) -> None:
    """Run one replay. Whatever becomes of the process, the replay is over afterwards."""
    try:
        done = subprocess.run([sys.executable, "-m", "django", "replay_policy", str(number)], timeout=LONGEST, check=False, capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        logger.exception("replay %d took too long", number)
        end_replay(number, problem="timeout")
        return
    if done.returncode:
        logger.error("replay %d ended with %d: %s", number, done.returncode, done.stderr[-2000:])
        end_replay(number, problem="failed")

"""How a role's process begins: it asks the kernel to be told to stop when the supervisor dies, then becomes the role.

python -m cordboard.serve.child PARENT MODULE [ARGUMENTS]
"""

from __future__ import annotations

import ctypes
import os
import runpy
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int) -> None:
    """Get SIGTERM when `parent` ends, however it ends. Linux; elsewhere nothing happens."""
    try:
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:  # it was quicker
        sys.exit(0)


def main() -> None:
    parent, module, *arguments = sys.argv[1:]
    die_with(int(parent))
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # asked to drain before it can: it has nothing to drain
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()

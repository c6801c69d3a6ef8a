"""coturn on loopback, for tests: a real STUN and TURN server, bound to this machine alone."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

LOCAL = "127.0.0.1"
INSTALLED = shutil.which("turnserver") is not None
MISSING = "coturn is not installed (apt-get install coturn)"


@contextlib.contextmanager
def turn_server(folder: Path, port: int, secret: str = "lamp") -> Iterator[int]:
    """Runs with this shared secret until the block is over; its port."""
    settings = folder / "turnserver.conf"
    settings.write_text(
        f"listening-port={port}\nlistening-ip={LOCAL}\nrelay-ip={LOCAL}\nmin-port=33000\nmax-port=33400\nuse-auth-secret\nstatic-auth-secret={secret}\n"
        f"realm=cordboard\nno-tls\nno-dtls\nno-cli\nallow-loopback-peers\nfingerprint\nsimple-log\nlog-file=stdout\npidfile={folder / 'pid'}\n"
        f"userdb={folder / 'db'}\n"
    )
    with (folder / "turn.log").open("w") as log:
        program = subprocess.Popen(["turnserver", "-c", str(settings)], stdout=log, stderr=log, cwd=folder)
    try:
        yield port
    finally:
        program.terminate()
        program.wait()

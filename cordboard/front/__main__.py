"""The front as a process: `python -m cordboard.front`.

The supervisor hands down the listening socket (CORDBOARD_FRONT_FD), so that browsers that connect while a front starts anew wait instead
of being refused. Alone, it opens the socket itself.
"""

from __future__ import annotations

import logging
import os
import resource
import socket
import sys

import uvicorn

from cordboard.front.app import Front
from cordboard.front.protocol import GuardedProtocol
from cordboard.lib.config import config
from cordboard.lib.logs import configure


def listening() -> socket.socket:
    """Raises OSError when the address is taken."""
    if (given := os.environ.get("CORDBOARD_FRONT_FD")) is not None:
        return socket.socket(fileno=int(given))
    conf = config()
    family = socket.AF_INET6 if ":" in conf.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((conf.host, conf.port))
    return made


def main() -> int:
    configure()
    conf = config()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        sock = listening()
    except OSError as problem:
        logging.getLogger("cordboard.front").error(
            "cannot listen on %s port %d: %s; choose another with --port or CORDBOARD_PORT", conf.host, conf.port, problem.strerror
        )
        return 1
    settings = uvicorn.Config(
        Front(conf),
        http=GuardedProtocol,
        ws="websockets-sansio",
        loop="uvloop",
        lifespan="on",
        access_log=False,
        log_config=None,
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        ws_max_size=256 * 1024,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        ws_per_message_deflate=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
        backlog=2048,
        ssl_certfile=conf.tls_certificate or None,
        ssl_keyfile=conf.tls_key or None,
    )
    uvicorn.Server(settings).run(sockets=[sock])
    return 0


if __name__ == "__main__":
    sys.exit(main())

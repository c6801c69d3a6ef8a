"""The Django processes: gunicorn with sync workers over the Unix socket. `python -m cordboard.serve.django`.

The application is loaded once and forked, so a process that died is back in milliseconds. The supervisor hands down the socket
(CORDBOARD_DJANGO_FD): requests that come while all this starts anew wait in it.
"""

from __future__ import annotations

import os
from typing import Any

from gunicorn.app.base import BaseApplication

from cordboard.lib.collector import settle
from cordboard.lib.config import config
from cordboard.lib.logs import configure
from cordboard.serve.child import die_with

TIMEOUT = 60
"""Seconds after which a process that works on one request is taken for hung."""


class Django(BaseApplication):  # type: ignore[misc]
    def load_config(self) -> None:
        conf = config()
        fd = os.environ.get("CORDBOARD_DJANGO_FD")
        settings: dict[str, Any] = {
            "bind": f"fd://{fd}" if fd is not None else f"unix:{conf.django_socket}",
            "workers": conf.django_processes,
            "worker_class": "sync",
            "preload_app": True,
            "timeout": TIMEOUT,
            "graceful_timeout": 1,
            "backlog": 2048,
            "max_requests": 20000,
            "max_requests_jitter": 5000,
            "forwarded_allow_ips": "*",  # only the front reaches the socket
            "limit_request_field_size": 32768,
            "limit_request_line": 8190,
            "umask": 0o077,
            "proc_name": "cordboard django",
            "worker_tmp_dir": "/dev/shm" if os.access("/dev/shm", os.W_OK) else None,
            "post_fork": _post_fork,
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            if name in self.cfg.settings and value is not None:
                self.cfg.set(name, value)

    def load(self) -> Any:
        configure()
        from django.db import connections
        from django.urls import get_resolver

        from cordboard.serve.warm import warm
        from cordboard.wsgi import application

        warm()
        _ = get_resolver().url_patterns  # all views are loaded here, once, and not by the first request of each process
        settle()
        connections.close_all()  # nothing that was opened while loading may be shared by the forked processes
        return application


def _post_fork(server: Any, worker: Any) -> None:
    die_with(server.pid)  # by itself gunicorn would notice half a minute later
    configure()


def main() -> None:
    configure()
    Django().run()


if __name__ == "__main__":
    main()

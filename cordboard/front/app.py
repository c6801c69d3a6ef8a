"""The ASGI application: sends each connection to who serves it."""

from __future__ import annotations

import json
import logging
from typing import Any

from cordboard.front.files import Scope
from cordboard.front.health import Health
from cordboard.front.live import Live
from cordboard.front.proxy import Proxy
from cordboard.front.static import Static
from cordboard.front.upstream import Upstream
from cordboard.lib.config import Config

logger = logging.getLogger(__name__)


class Front:
    def __init__(self, config: Config) -> None:
        upstream = Upstream(config.django_socket)
        # Sockets ask Django too; with turns of their own, a storm of reconnects leaves room for requests, and the other way round.
        self.live = Live(config, Upstream(config.django_socket, at_once=max(1, config.django_processes)))
        self._health = Health(config, self.live, upstream)
        self._proxy = Proxy(upstream, config.files)
        self._static = Static()

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            if scope["path"] == "/live":
                await self.live.serve(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008})
        else:
            await self._http(scope, receive, send)

    async def _http(self, scope: Scope, receive: Any, send: Any) -> None:
        path: str = scope["path"]
        if path.startswith("/static/"):
            await self._static.serve(scope, send)
        elif path == "/health" or path.startswith("/health/"):
            await self._health_of(send, path.removeprefix("/health").strip("/") or "front")
        elif path.lstrip("/").startswith("internal/") or path.rstrip("/").endswith("/internal"):
            await _plain(send, 404, b"not found\n")
        elif path == "/live":
            await _plain(send, 426, b"this is a WebSocket\n", [(b"upgrade", b"websocket")])
        else:
            await self._proxy.serve(scope, receive, send)

    async def _health_of(self, send: Any, role: str) -> None:
        found = await self._health.of(role)
        if found is None:
            await _plain(send, 404, b"no such role\n")
        else:
            await _plain(send, 200 if found["well"] else 503, json.dumps(found).encode(), [(b"content-type", b"application/json")])

    async def _lifespan(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.live.start()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.live.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _plain(send: Any, status: int, body: bytes, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    extra = [(b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store"), *(headers or [(b"content-type", b"text/plain")])]
    await send({"type": "http.response.start", "status": status, "headers": extra})
    await send({"type": "http.response.body", "body": body})

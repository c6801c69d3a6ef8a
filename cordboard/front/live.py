"""`/live`: the socket of a page. Says who it is (by asking Django), then talks `events.wire` with the hub and passes softphone messages
to the switch and back.

A guest without an account opens `/live?guest=PURPOSE&token=TOKEN`; its socket carries softphone messages only.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cordboard.events import wire
from cordboard.events.catalogue import is_topic
from cordboard.events.hub import Hub
from cordboard.events.page import Page
from cordboard.front.files import Scope
from cordboard.front.upstream import Upstream
from cordboard.front.visitor import visitor
from cordboard.lib.config import Config
from cordboard.lib.internal import HEADER, token
from cordboard.telephony.switchlink import Speaker, SwitchLink

logger = logging.getLogger(__name__)

MESSAGES_A_SECOND = 50
"""Of one page, over any five seconds. More is no page of ours."""


class AsgiSocket:
    """The hub's view of an ASGI WebSocket."""

    def __init__(self, send: Any) -> None:
        self._send = send

    async def send(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})

    async def close(self, code: int, reason: str) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": reason})


def same_origin(scope: Scope) -> bool:
    """Whether the page that opens the socket came from the host that it talks to. Browsers always say."""
    asked = dict(scope["headers"])
    origin = urlsplit(asked.get(b"origin", b"").decode("latin-1"))
    secure = visitor(scope)[1] == "https"
    return bool(origin.netloc) and origin.netloc == asked.get(b"host", b"").decode("latin-1") and origin.scheme == ("https" if secure else "http")


class Live:
    def __init__(self, config: Config, upstream: Upstream) -> None:
        self._config = config
        self._upstream = upstream
        self.hub = Hub(config)
        self._run = secrets.token_hex(8)
        self._speakers: dict[str, Speaker] = {}
        self.switch = SwitchLink(config.switch_socket, self._from_switch, self._from_switch_to_all)

    async def start(self) -> None:
        await self.hub.start(self._presence)
        self.switch.start()

    async def stop(self) -> None:
        await self.hub.stop()
        await self.switch.stop()

    async def serve(self, scope: Scope, receive: Any, send: Any) -> None:
        """One socket, from its opening to its end."""
        await receive()
        if not same_origin(scope):
            await send({"type": "websocket.close", "code": 1008, "reason": "wrong origin"})  # before accept: HTTP 403
            return
        await send({"type": "websocket.accept"})
        page = Page(AsgiSocket(send), self._asker(scope))
        writer = asyncio.create_task(page.write(), name=f"page {page.id}")
        reader = asyncio.create_task(self._read(scope, page, receive), name=f"page {page.id} in")
        try:
            await asyncio.wait({writer, reader}, return_when=asyncio.FIRST_COMPLETED)
            if reader.done() and page.ending is not None and not writer.done():
                await asyncio.wait({writer}, timeout=wire.PRESENCE_EVERY)
        finally:
            self.hub.leave(page)
            if self._speakers.pop(page.id, None) is not None:
                self.switch.closed(page.id)
            for task in (reader, writer):
                task.cancel()
            for outcome in await asyncio.gather(reader, writer, return_exceptions=True):
                if isinstance(outcome, Exception) and not isinstance(outcome, OSError):
                    logger.error("a page's socket failed", exc_info=outcome)

    async def _read(self, scope: Scope, page: Page, receive: Any) -> None:
        try:
            if not await self._admit(scope, page):
                return
            loop = asyncio.get_running_loop()
            begun, count = loop.time(), 0
            while (message := await receive())["type"] == "websocket.receive":
                count += 1
                if loop.time() - begun > 5:
                    begun, count = loop.time(), 1
                if count > 5 * MESSAGES_A_SECOND:
                    page.end(wire.BAD, "too many messages")
                    return
                await self._handle(page, message.get("text"))
                if page.ending is not None:
                    return
        except OSError as problem:
            logger.info("a page waits for Django: %s", problem)
            page.end(wire.RESTARTING, "restarting")

    async def _admit(self, scope: Scope, page: Page) -> bool:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if "guest" in query:
            secret = query.get("token", [""])[0]
            answer = await page.ask("/internal/live/guest", {"purpose": query["guest"][0], "token": secret, "address": visitor(scope)[0]})
            if answer.get("claims") is None:
                page.end(wire.SIGNED_OUT, "this link is not valid any more")
                return False
            page.claims = {str(name): str(value) for name, value in answer["claims"].items()}
            name = page.claims.get("guest") or hashlib.sha256(secret.encode()).hexdigest()[:20]
            self._speakers[page.id] = Speaker(page.id, guest=name, claims=page.claims)
            await self.hub.welcome(page, {})
            return True
        answer = await page.ask("/internal/live/hello", {})
        if answer.get("user") is None:
            page.end(wire.SIGNED_OUT, "not signed in")
            return False
        page.user = int(answer["user"])
        self._speakers[page.id] = Speaker(page.id, user=str(page.user), session=str(answer.get("session", "")))
        await self.hub.welcome(page, answer)
        return page.ending is None

    async def _handle(self, page: Page, text: str | None) -> None:
        try:
            message = json.loads(text or "")
            kind = message["type"]
            if kind == "subscribe":
                await self._subscribe(page, message)
            elif kind == "unsubscribe":
                self.hub.unsubscribe(page, _topics(message))
            elif kind == "presence":
                self.hub.heard(page)
            elif kind == "softphone":
                if not self.switch.send(self._speakers[page.id], dict(message["message"])):
                    page.put({"type": "error", "reason": "the switch is not there"})
            elif kind == "ping":
                page.put({"type": "pong", "n": int(message.get("n", 0))})
            else:
                page.put({"type": "error", "reason": "unknown type"})
        except (ValueError, KeyError, TypeError, AttributeError):
            page.put({"type": "error", "reason": "not understood"})

    async def _subscribe(self, page: Page, message: dict[str, Any]) -> None:
        if page.user is None:
            page.put({"type": "error", "reason": "guests hear no topics"})
            return
        cursor = message.get("cursor")
        await self.hub.subscribe(page, _topics(message), cursor if isinstance(cursor, str) and cursor else None)

    # -- Django, switch ---------------------------------------------------------------------------------------

    def _asker(self, scope: Scope) -> Any:
        """Asks Django in the name of the browser: with its cookie."""
        asked = dict(scope["headers"])
        address, scheme = visitor(scope)
        headers = [
            (b"host", asked.get(b"host", b"localhost")),
            (b"cookie", asked.get(b"cookie", b"")),
            (b"x-real-ip", address.encode()),
            (b"x-forwarded-proto", scheme.encode()),
            (HEADER.encode(), token().encode()),
        ]

        async def ask(path: str, payload: dict[str, Any]) -> dict[str, Any]:
            return await self._upstream.ask(path, payload, headers)

        return ask

    async def _presence(self, users: list[int]) -> None:
        said = {"users": users, "front": self._config.node, "run": self._run}
        await self._upstream.ask("/internal/live/presence", said, [(b"host", b"localhost"), (HEADER.encode(), token().encode())])

    def _from_switch(self, page: str, message: dict[str, Any]) -> None:
        self.hub.to_page(page, message)

    def _from_switch_to_all(self, message: dict[str, Any]) -> None:
        for page in list(self.hub.pages.values()):
            page.put({"type": "softphone", "message": message})


def _topics(message: dict[str, Any]) -> list[str]:
    names = message["topics"]
    if not isinstance(names, list) or not all(isinstance(name, str) and is_topic(name) for name in names):
        raise ValueError("no list of topics")
    if any(name.startswith("close:") for name in names):
        raise ValueError("closing topics are not for listening")
    return list(dict.fromkeys(names))

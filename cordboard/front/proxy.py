"""Handing whole requests to Django, and its responses to browsers."""

from __future__ import annotations

import asyncio
import logging
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from cordboard.front import pages
from cordboard.front.files import Headers, Scope, send_file
from cordboard.front.upstream import CHUNK, IN_MEMORY, Broken, Response, TooSlow, Unreachable, Upstream
from cordboard.front.visitor import visitor
from cordboard.lib.internal import HEADER

logger = logging.getLogger(__name__)

LARGEST_BODY = 32 * 1024 * 1024
"""Bytes of a request."""

BODY_WITHIN = 120.0
"""Seconds for a whole request body; `SILENT_FOR` seconds without a byte end it sooner."""

SILENT_FOR = 20.0

HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"te", b"trailer", b"transfer-encoding", b"upgrade"})
OURS = frozenset(
    {b"x-real-ip", b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port", b"forwarded", b"x-request-id", HEADER.lower().encode()}
)
"""Only we say these to Django: from outside they are dropped."""

_SAFE = ("GET", "HEAD", "OPTIONS")


class BodyTooLarge(Exception):
    pass


class BodyTooSlow(Exception):
    pass


class Disconnected(Exception):
    pass


class Body:
    """A request's body: in memory, or in a temporary file when it is larger than 1 MB."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed by `close`
        self.length = 0

    async def receive(self, receive: Any) -> None:
        """Raises BodyTooLarge, BodyTooSlow, Disconnected."""
        loop = asyncio.get_running_loop()
        until = loop.time() + BODY_WITHIN
        while True:
            try:
                async with asyncio.timeout(min(SILENT_FOR, until - loop.time())):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow from None
            if message["type"] == "http.disconnect":
                raise Disconnected
            data = message.get("body", b"")
            self.length += len(data)
            if self.length > LARGEST_BODY:
                raise BodyTooLarge
            self._file.write(data)
            if not message.get("more_body"):
                return

    def chunks(self) -> Iterator[bytes]:
        self._file.seek(0)
        while data := self._file.read(CHUNK):
            yield data

    def close(self) -> None:
        self._file.close()


def headers_for_django(scope: Scope, request_id: str) -> Headers:
    """What came, without what is between two hops and what only we may say; and where it came from. Names with an underscore are dropped: WSGI
    cannot tell them from those with a hyphen."""
    kept = [
        (name, value)
        for name, value in scope["headers"]
        if name not in HOP_BY_HOP and name not in OURS and b"_" not in name and name not in (b"content-length", b"expect")
    ]
    address, scheme = visitor(scope)
    return [
        *kept,
        (b"x-real-ip", address.encode()),
        (b"x-forwarded-for", address.encode()),
        (b"x-forwarded-proto", scheme.encode()),
        (b"x-request-id", request_id.encode()),
    ]


def target(scope: Scope) -> bytes:
    path: bytes = scope["raw_path"]
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


class Proxy:
    def __init__(self, upstream: Upstream, files: Path) -> None:
        self._upstream = upstream
        self._files = files.resolve()

    async def serve(self, scope: Scope, receive: Any, send: Any) -> None:
        """One request through Django. Whatever goes wrong, the browser gets a page that says so."""
        asked = dict(scope["headers"])
        request_id = secrets.token_hex(8)
        body = Body()
        try:
            if int(asked.get(b"content-length", b"0") or b"0") > LARGEST_BODY:
                raise BodyTooLarge
            await body.receive(receive)
            response = await self._ask(scope, headers_for_django(scope, request_id), body)
        except (BodyTooLarge, ValueError):
            await self._say(scope, send, 413, pages.TOO_LARGE, close=True)
        except BodyTooSlow:
            await self._say(scope, send, 408, pages.TOO_SLOW, close=True)
        except Disconnected:
            return
        except Unreachable:
            await self._say(scope, send, 503, pages.AWAY, again=2)
        except Broken as problem:
            logger.warning("a Django process went away during %s %s (request %s): %s", scope["method"], scope["path"], request_id, problem)
            await self._say(scope, send, 502, pages.INTERRUPTED)
        except TooSlow:
            logger.warning("no answer in time to %s %s (request %s)", scope["method"], scope["path"], request_id)
            await self._say(scope, send, 504, pages.INTERRUPTED)
        else:
            await self._answer(scope, send, response)
        finally:
            body.close()

    async def _ask(self, scope: Scope, headers: Headers, body: Body) -> Response:
        """A request that changes nothing is asked once more when its process died before it answered."""
        again = scope["method"] in _SAFE
        while True:
            try:
                return await self._upstream.request(scope["method"], target(scope), headers, body.chunks(), body.length)
            except Broken as problem:
                if not again or problem.began:
                    raise
                again = False

    async def _answer(self, scope: Scope, send: Any, response: Response) -> None:
        if (inner := response.header(b"x-accel-redirect")) is not None:
            async for _ in response.body.chunks():
                pass
            await self._file(scope, send, response, inner)
            return
        headers = [(name, value) for name, value in response.headers if name not in HOP_BY_HOP and name not in (b"date", b"server")]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        try:
            async for chunk in response.body.chunks():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except OSError as problem:
            logger.warning("the response to %s %s stopped: %s", scope["method"], scope["path"], problem)
            return  # without its end: the server closes the connection, and the browser knows that it is not whole
        await send({"type": "http.response.body", "body": b""})

    async def _file(self, scope: Scope, send: Any, response: Response, inner: bytes) -> None:
        """Django allowed it and named it below the data folder's files: "/files/recordings/..."."""
        name = unquote(inner.decode("latin-1"))
        path = (self._files / name.removeprefix("/files/")).resolve()
        if not name.startswith("/files/") or self._files not in path.parents:
            logger.error("Django named a file outside the files: %s", name)
            await self._say(scope, send, 502, pages.INTERRUPTED)
            return
        dropped = (b"x-accel-redirect", b"content-length", b"date", b"server", b"etag", b"last-modified", b"accept-ranges")
        headers = [(key, value) for key, value in response.headers if key not in HOP_BY_HOP and key not in dropped]
        await send_file(scope, send, path, headers)

    async def _say(self, scope: Scope, send: Any, status: int, words: dict[str, pages.Words], *, again: int | None = None, close: bool = False) -> None:
        page, headers = pages.page(words, dict(scope["headers"]), again=again if scope["method"] in _SAFE else None)
        if close:
            headers = [*headers, (b"connection", b"close")]
        await send({"type": "http.response.start", "status": status, "headers": [*headers, (b"content-length", b"%d" % len(page))]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else page})

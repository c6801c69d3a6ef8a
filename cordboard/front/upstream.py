"""HTTP to the Django processes over their Unix socket: one connection for each request.

gunicorn's sync workers close after each response, and a kept connection would tie a request to one worker while others idle;
opening a Unix socket costs 50 µs.
"""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httptools

logger = logging.getLogger(__name__)

Headers = list[tuple[bytes, bytes]]
CHUNK = 64 * 1024
IN_MEMORY = 1 << 20
"""Bytes of a body that are kept in memory; the rest goes to a temporary file."""

CONNECT_FOR = 3.0
"""Seconds during which a Django that is not there yet (starting, restarting) is tried."""

ANSWER_WITHIN = 60.0
"""Seconds until the first byte of a response."""


class Unreachable(OSError):
    """No Django process takes connections."""


class Broken(OSError):
    """The Django process went away in the middle. `began` tells whether part of the response had come."""

    def __init__(self, text: str, *, began: bool) -> None:
        super().__init__(text)
        self.began = began


class TooSlow(OSError):
    """No answer in time."""


class Spool:
    """Bytes between one writer and one reader, who may be slower: 1 MB in memory, the rest in a temporary file."""

    def __init__(self) -> None:
        self._memory: deque[bytes] = deque()
        self._held = 0
        self._file: Any = None
        self._read_at = 0
        self._written = 0
        self._done = False
        self._problem: Exception | None = None
        self._news = asyncio.Event()

    def write(self, data: bytes) -> None:
        if self._file is None and self._held + len(data) <= IN_MEMORY:
            self._memory.append(data)
            self._held += len(data)
        else:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  closed by the reader
            self._file.seek(self._written)
            self._file.write(data)
            self._written += len(data)
        self._news.set()

    def finish(self, problem: Exception | None = None) -> None:
        self._done, self._problem = True, problem
        self._news.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """All bytes in order. Raises what `finish` was given, after the bytes before it."""
        try:
            while True:
                if self._memory:
                    data = self._memory.popleft()
                    self._held -= 0 if self._file is not None else len(data)
                    yield data
                elif self._read_at < self._written:
                    self._file.seek(self._read_at)
                    data = self._file.read(min(CHUNK, self._written - self._read_at))
                    self._read_at += len(data)
                    yield data
                elif self._done:
                    if self._problem is not None:
                        raise self._problem
                    return
                else:
                    self._news.clear()
                    await self._news.wait()
        finally:
            if self._file is not None:
                self._file.close()


@dataclass
class Response:
    status: int
    headers: Headers
    body: Spool
    task: asyncio.Task[None] | None = None

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)


@dataclass
class _Parsing:
    head: bool
    status: int = 0
    headers: Headers = field(default_factory=list)
    body: Spool = field(default_factory=Spool)
    begun: bool = False
    complete: bool = False
    parser: Any = None

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.status = self.parser.get_status_code()
        self.begun = self.status >= 200
        if not self.begun:  # 100 Continue and the like
            self.headers.clear()
        elif self.head or self.status in (204, 304):
            self.complete = True

    def on_body(self, data: bytes) -> None:
        self.body.write(data)

    def on_message_complete(self) -> None:
        self.complete = self.complete or self.begun


class Upstream:
    def __init__(self, path: Path, *, at_once: int = 64) -> None:
        self._path = path
        self._turns = asyncio.Semaphore(at_once)

    async def request(self, method: str, target: bytes, headers: Iterable[tuple[bytes, bytes]], body: Iterable[bytes] = (), length: int = 0) -> Response:
        """Send a whole request; returns when the response's headers are there, while its body still flows into a spool at the
        speed of the Django process. Raises Unreachable, Broken, TooSlow."""
        await self._turns.acquire()
        try:
            reader, writer = await self._connect()
        except BaseException:
            self._turns.release()
            raise
        parsing = _Parsing(head=method == "HEAD")
        parsing.parser = httptools.HttpResponseParser(parsing)
        started = False
        try:
            head = b"".join(b"%s: %s\r\n" % pair for pair in headers)
            writer.write(b"%s %s HTTP/1.1\r\n%scontent-length: %d\r\nconnection: close\r\n\r\n" % (method.encode(), target, head, length))
            try:
                for chunk in body:
                    writer.write(chunk)
                    await writer.drain()
            except ConnectionError:
                pass  # it may have answered without reading the body (413, 403): the response says
            try:
                async with asyncio.timeout(ANSWER_WITHIN):
                    await self._until_headers(reader, parsing)
            except TimeoutError:
                raise TooSlow(f"no answer within {ANSWER_WITHIN:.0f} s") from None
            response = Response(parsing.status, parsing.headers, parsing.body)
            response.task = asyncio.create_task(self._body(reader, writer, parsing))
            started = True
            return response
        finally:
            if not started:
                writer.close()
                self._turns.release()

    async def ask(self, target: str, payload: dict[str, Any], headers: Iterable[tuple[bytes, bytes]] = ()) -> dict[str, Any]:
        """Post JSON and return the JSON that comes back. Raises OSError when it does not."""
        body = json.dumps(payload).encode()
        response = await self.request("POST", target.encode(), [(b"content-type", b"application/json"), *headers], [body], len(body))
        answer = b"".join([chunk async for chunk in response.body.chunks()])
        if response.status != 200:
            raise OSError(f"{target} answered {response.status}")
        found = json.loads(answer)
        return found if isinstance(found, dict) else {}

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        until = loop.time() + CONNECT_FOR
        while True:
            try:
                return await asyncio.open_unix_connection(str(self._path), limit=4 * CHUNK)
            except OSError as problem:  # not there, refused, or (EAGAIN) more waiting than the socket holds
                if loop.time() > until:
                    raise Unreachable(str(problem)) from None
                await asyncio.sleep(0.05)

    @staticmethod
    async def _feed(reader: asyncio.StreamReader, parsing: _Parsing) -> None:
        try:
            data = await reader.read(CHUNK)
        except ConnectionError:
            data = b""
        if not data:
            length = any(name in (b"content-length", b"transfer-encoding") for name, _ in parsing.headers)
            if parsing.begun and not length:
                parsing.complete = True  # the end of the connection is the end of the body
                return
            raise Broken("the connection ended early", began=parsing.begun)
        try:
            parsing.parser.feed_data(data)
        except httptools.HttpParserError as problem:
            if not parsing.complete:
                raise Broken(f"no HTTP: {problem}", began=parsing.begun) from None

    async def _until_headers(self, reader: asyncio.StreamReader, parsing: _Parsing) -> None:
        while not parsing.begun:
            await self._feed(reader, parsing)

    async def _body(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parsing: _Parsing) -> None:
        try:
            while not parsing.complete:
                async with asyncio.timeout(ANSWER_WITHIN):
                    await self._feed(reader, parsing)
            parsing.body.finish()
        except TimeoutError:
            parsing.body.finish(TooSlow("the response stopped"))
        except OSError as problem:
            parsing.body.finish(problem)
        finally:
            writer.close()
            self._turns.release()

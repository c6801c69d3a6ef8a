"""The media process's end of the control protocol: one switch at a time, and events kept until it has dealt with them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import get_args

from cordboard.telephony.media import protocol
from cordboard.telephony.media.protocol import Error, MediaEvent, ProtocolError, Reply, Request, Status
from cordboard.telephony.media.stage import Refused

log = logging.getLogger(__name__)

_REQUESTS = get_args(Request)

UNREAD = 32 * 1024 * 1024
"""Bytes that a switch may leave unread until its connection is closed."""


class Server:
    def __init__(self, path: Path, perform: Callable[[Request], Awaitable[Reply]], status: Callable[[], Status]) -> None:
        self._path = path
        self._perform = perform
        self._status = status
        self._server: asyncio.Server | None = None
        self._switch: asyncio.StreamWriter | None = None
        self._kept: deque[tuple[int, bytes]] = deque()
        self._n = 0
        self._inode = 0
        self.dropped = 0
        self._working: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._connected, str(self._path), limit=protocol.LINE_LIMIT)
        self._path.chmod(0o600)
        self._inode = self._path.stat().st_ino

    def displaced(self) -> bool:
        """Whether another process listens where we did."""
        try:
            return self._path.stat().st_ino != self._inode
        except OSError:
            return False

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        if self._switch is not None:
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(0.3):
                    await self._switch.drain()
            self._switch.close()
        for task in self._working:
            task.cancel()
        if not self.displaced():
            self._path.unlink(missing_ok=True)

    def emit(self, event: MediaEvent) -> None:
        """Tell the switch, now or as soon as there is one."""
        self._n += 1
        raw = protocol.line({"n": self._n, "event": protocol.encode(event)})
        self._kept.append((self._n, raw))
        if len(self._kept) > protocol.EVENTS_KEPT:
            self._kept.popleft()
            self.dropped += 1
            if self.dropped == 1:
                log.error("no switch takes our events: the oldest are dropped")
        self._write(self._switch, raw)

    def _write(self, switch: asyncio.StreamWriter | None, raw: bytes) -> None:
        if switch is None or switch.is_closing():
            return
        if switch.transport.get_write_buffer_size() > UNREAD:
            log.error("the switch does not read: its connection is closed")
            switch.close()
            return
        switch.write(raw)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._switch is not None:
            log.warning("a newer switch takes over")
            self._write(self._switch, protocol.line({"superseded": True}))
            self._switch.close()
        self._switch = writer
        self._write(writer, protocol.line({"hello": protocol.encode(self._status())}))
        for _, raw in self._kept:
            self._write(writer, raw)
        # Requests are taken in their order, but one that takes long (a slow disk) does not hold up those for other calls.
        try:
            while raw := await reader.readline():
                if self._switch is writer:
                    self._take(protocol.parse(raw), writer)
        except (ProtocolError, ValueError, OSError) as error:
            log.warning("the switch's connection is closed: %s", error)
        except asyncio.CancelledError:
            log.debug("the process ends")  # not raised: a stream handler's task that ends cancelled is logged as an error
        finally:
            if self._switch is writer:
                self._switch = None
            writer.close()

    def _take(self, data: dict[str, object], writer: asyncio.StreamWriter) -> None:
        if "ack" in data:
            acknowledged = data["ack"]
            while self._kept and isinstance(acknowledged, int) and self._kept[0][0] <= acknowledged:
                self._kept.popleft()
            return
        number = data.get("id")
        task = asyncio.get_running_loop().create_task(self._answer(number, data.get("request"), writer))
        self._working.add(task)
        task.add_done_callback(self._working.discard)

    async def _answer(self, number: object, data: object, writer: asyncio.StreamWriter) -> None:
        try:
            request = protocol.decode(data)
            if not isinstance(request, _REQUESTS):
                raise ProtocolError(f"{type(request).__name__} is no request")
            answer: dict[str, object] = {"re": number, "reply": protocol.encode(await self._perform(request))}
        except Refused as refused:
            answer = {"re": number, "error": refused.code, "detail": refused.detail}
        except ProtocolError as error:
            answer = {"re": number, "error": Error.BAD_REQUEST, "detail": str(error)}
        except Exception as error:
            log.exception("request failed: %s", data.get("type") if isinstance(data, dict) else type(data).__name__)  # not what is in it: it may be keys
            answer = {"re": number, "error": Error.FAILED, "detail": f"{type(error).__name__}: {error}"}
        self._write(writer, protocol.line(answer))

"""The switch's end of the control protocol: connect, reconnect, ask and be told."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections import deque
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

from cordboard.telephony.media import protocol
from cordboard.telephony.media.protocol import (
    Calls,
    CloseCall,
    CloseLeg,
    Codec,
    Done,
    Error,
    FarAnswer,
    GetStatus,
    LegKind,
    LegState,
    LegStats,
    List,
    MakeOffer,
    MediaCommand,
    MediaEvent,
    Note,
    Offer,
    Press,
    ProcessDown,
    ProcessUp,
    ProtocolError,
    Reply,
    Request,
    Sdp,
    StandingCall,
    Status,
    Superseded,
)

R = TypeVar("R", Done, Sdp, LegStats, Calls, Status)

RECONNECT = 0.1
"""Seconds between attempts to connect; a media process that the supervisor restarts is back in about a second."""

LATE_REPLY = 0.2
"""Seconds given to replies that are there but not read yet."""


class MediaError(Exception):
    """A request was refused. `code` is one of :class:`protocol.Error`, `detail` says it in words."""

    def __init__(self, code: Error, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else str(code))
        self.code = code
        self.detail = detail


class MediaClient:
    """One switch's connection to one media process.

    `start` connects (and goes on trying in the background); `events` yields what happened, beginning with
    :class:`ProcessUp`. An event counts as dealt with when the next one is asked for, so that a switch that dies
    in between leaves it to the next switch. Requests raise :class:`MediaError`, and nothing else.
    """

    def __init__(self, path: Path, number: int) -> None:
        self.path = path
        self.number = number
        self.boot = ""
        self._writer: asyncio.StreamWriter | None = None
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Reply]] = {}
        self._events: deque[tuple[int, MediaEvent]] = deque()
        self._more = asyncio.Event()
        self._connected = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._done = False
        self._taken = 0
        """The highest `n` handed to `events`' reader or queued for it, by boot: a resent event is not handed out twice."""

    # -- life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to connect; must be called within a running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def connected(self, timeout: float) -> bool:
        """Wait until connected, at most `timeout` seconds; False when it took longer."""
        try:
            await asyncio.wait_for(self._connected.wait(), timeout)
        except TimeoutError:
            return False
        return True

    @property
    def is_connected(self) -> bool:
        return self._connected.is_set()

    async def stop(self) -> None:
        """Close the connection. Calls go on in the media process."""
        self._done = True
        self._more.set()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        while not self._done:
            try:
                reader, writer = await asyncio.open_unix_connection(str(self.path), limit=protocol.LINE_LIMIT)
            except OSError:
                await asyncio.sleep(RECONNECT)
                continue
            up = False
            try:
                self._writer = writer
                greeting = protocol.decode(protocol.parse(await reader.readline()).get("hello"))
                if not isinstance(greeting, Status):
                    raise ProtocolError("no greeting")
                fresh = greeting.boot != self.boot
                if fresh:
                    self._taken = 0
                self.boot = greeting.boot
                self._queue(0, ProcessUp(self.number, greeting.boot, fresh, greeting.draining))
                up = True
                self._connected.set()
                await self._receive(reader)
            except (OSError, ProtocolError, ValueError, asyncio.IncompleteReadError):
                pass  # the connection is of no more use: below it is closed, reported and made anew
            finally:
                self._connected.clear()
                self._writer = None
                writer.close()
                for future in self._waiting.values():
                    if not future.done():
                        future.set_exception(MediaError(Error.NOT_CONNECTED))
                self._waiting.clear()
                if up and not self._done:
                    self._queue(0, ProcessDown(self.number))
            if not self._done:
                await asyncio.sleep(RECONNECT)

    async def _receive(self, reader: asyncio.StreamReader) -> None:
        while raw := await reader.readline():
            data = protocol.parse(raw)
            if "re" in data:
                future = self._waiting.pop(data["re"], None)
                if future is None or future.done():
                    continue
                if "error" in data:
                    future.set_exception(MediaError(Error(data["error"]), str(data.get("detail", ""))))
                else:
                    future.set_result(protocol.decode(data.get("reply")))
            elif "event" in data:
                number = int(data["n"])
                if number > self._taken:
                    self._taken = number
                    self._queue(number, protocol.decode(data["event"]))
            elif data.get("superseded"):
                self._done = True
                self._queue(0, Superseded(self.number))
                return

    def _queue(self, number: int, event: MediaEvent) -> None:
        self._events.append((number, event))
        self._more.set()

    # -- being told -------------------------------------------------------------------------------------------------

    async def events(self) -> AsyncIterator[MediaEvent]:
        """Everything that happens, in order; one reader at a time. Ends after `stop` or :class:`Superseded`."""
        while True:
            while self._events:
                number, event = self._events[0]
                yield event
                self._events.popleft()
                if number and self._writer is not None:
                    self._writer.write(protocol.line({"ack": number}))
            if self._done:
                return
            self._more.clear()
            await self._more.wait()

    # -- asking -----------------------------------------------------------------------------------------------------

    async def request(self, request: Request, expect: type[R], timeout: float = 5.0) -> R:
        """:raises MediaError: refused, not connected, or no reply within `timeout` seconds."""
        writer = self._writer
        if writer is None or not self._connected.is_set():
            raise MediaError(Error.NOT_CONNECTED)
        number = next(self._ids)
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        writer.write(protocol.line({"id": number, "request": protocol.encode(request)}))
        try:
            if not (await asyncio.wait({future}, timeout=timeout))[0]:
                # A process that stood still for so long finds its timers over before it has read what came meanwhile.
                await asyncio.wait({future}, timeout=LATE_REPLY)
            if not future.done():
                raise MediaError(Error.NOT_CONNECTED, "no reply in time")
            reply = future.result()
        finally:
            self._waiting.pop(number, None)
        if not isinstance(reply, expect):
            raise MediaError(Error.FAILED, f"unexpected reply {type(reply).__name__}")
        return reply

    async def offer(self, call: str, leg: str, kind: LegKind, sdp: str, prefer: tuple[Codec, ...] = (), source: str = "") -> Sdp:
        """The far side offers; the reply is our answer."""
        return await self.request(Offer(call, leg, kind, sdp, prefer, source), Sdp)

    async def make_offer(self, call: str, leg: str, prefer: tuple[Codec, ...] = (), hold: bool = False, source: str = "") -> Sdp:
        """We offer (SIP); `answer` follows."""
        return await self.request(MakeOffer(call, leg, prefer, hold, source), Sdp)

    async def answer(self, leg: str, sdp: str) -> Sdp:
        return await self.request(FarAnswer(leg, sdp), Sdp)

    async def note(self, leg: str, state: LegState | None = None, note: str | None = None) -> None:
        await self.request(Note(leg, state, note), Done)

    async def close_leg(self, leg: str) -> LegStats:
        return await self.request(CloseLeg(leg), LegStats)

    async def close_call(self, call: str) -> None:
        await self.request(CloseCall(call), Done)

    async def press(self, leg: str, key: str) -> None:
        await self.request(Press(leg, key), Done)

    async def perform(self, command: MediaCommand) -> None:
        """One of the driver's commands; its outcome comes as the driver's event."""
        await self.request(command, Done)

    async def standing(self) -> tuple[StandingCall, ...]:
        return (await self.request(List(), Calls)).calls

    async def status(self) -> Status:
        return await self.request(GetStatus(), Status)

"""Softphone messages between fronts and the switch: JSON lines over the switch's Unix socket.

Front to switch::

    {"from": {"page": "p1", "user": "7", "session": "...", "guest": "", "claims": {}}, "message": {"type": "register", ...}}
    {"closed": "p1"}                 that page's socket closed

Switch to front::

    {"to": "p1", "message": {"type": "connect", ...}}
    {"to": "*", "message": {"type": "register_again"}}      for all its pages; the first line of every connection

The messages are those of :mod:`softphone`. The front vouches for who speaks: `user` is the signed-in person's id with the `session`, or
`guest` a name that this guest alone has (from its token), with the token's `claims`. Any number of fronts may be connected; each page lives
in one. Both ends forget pages when the connection breaks; the front connects again by itself, and pages register anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from cordboard.telephony import softphone
from cordboard.telephony.softphone import BadMessage, FromPage, Problem, RegisterAgain, ToPage

log = logging.getLogger(__name__)

LINE_LIMIT = 256 * 1024
BUFFER_LIMIT = 8 * 1024 * 1024
"""Bytes waiting for a front that does not read; beyond it the connection is closed, and the front comes back."""
RECONNECT = 0.2
"""Seconds between attempts to connect."""
EVERYONE = "*"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who a message came from. `page` names one open socket and is never used again. Either `user` (with `session`) or `guest` is set."""

    page: str
    user: str = ""
    session: str = ""
    guest: str = ""
    claims: dict[str, str] = field(default_factory=dict)

    @property
    def owner(self) -> str:
        """What legs belong to: "user:7" or "guest:..."."""
        return f"user:{self.user}" if self.user else f"guest:{self.guest}"


class PageListener(Protocol):
    """The switch's side."""

    def heard(self, speaker: Speaker, message: FromPage) -> None: ...

    def page_closed(self, page: str) -> None: ...


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


class SwitchLinkServer:
    """The switch's end."""

    def __init__(self, path: Path, listener: PageListener) -> None:
        self.path = path
        self._listener = listener
        self._server: asyncio.Server | None = None
        self._fronts: set[asyncio.StreamWriter] = set()
        self._pages: dict[str, asyncio.StreamWriter] = {}
        self._inode = 0

    async def start(self) -> None:
        """Listen. A socket left by a dead switch is taken over. Raises OSError when the folder cannot be written."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, path=str(self.path), limit=LINE_LIMIT)
        os.chmod(self.path, 0o600)
        self._inode = self.path.stat().st_ino

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in list(self._fronts):
            writer.close()
        if self._server is not None:
            await self._server.wait_closed()
            with contextlib.suppress(OSError):
                if self.path.stat().st_ino == self._inode:  # it may be the next switch's by now
                    self.path.unlink()

    def send(self, page: str, message: ToPage) -> bool:
        """False when no front has this page."""
        writer = self._pages.get(page)
        if writer is None or writer.is_closing():
            return False
        self._write(writer, {"to": page, "message": softphone.encode(message)})
        return True

    def _write(self, writer: asyncio.StreamWriter, data: dict[str, Any]) -> None:
        writer.write(_line(data))
        if writer.transport.get_write_buffer_size() > BUFFER_LIMIT:
            log.warning("a front does not read; its connection is closed")
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._fronts.add(writer)
        self._write(writer, {"to": EVERYONE, "message": softphone.encode(RegisterAgain())})
        try:
            while raw := await reader.readline():
                self._heard(writer, raw)
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            log.warning("the connection of a front broke: %s", error)
        finally:
            self._fronts.discard(writer)
            writer.close()
            for page in [page for page, at in self._pages.items() if at is writer]:
                self._closed(page)

    def _heard(self, writer: asyncio.StreamWriter, raw: bytes) -> None:
        try:
            data = json.loads(raw)
            if isinstance(page := data.get("closed"), str):
                if self._pages.get(page) is writer:
                    self._closed(page)
                return
            speaker = Speaker(**{key: value for key, value in data["from"].items() if key in Speaker.__dataclass_fields__})
            if not isinstance(speaker.page, str) or not (speaker.user or speaker.guest):
                raise ValueError("nobody speaks")
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            log.warning("a front sent a line that is no message: %s", error)
            return
        self._pages[speaker.page] = writer
        try:
            message = softphone.from_page(data.get("message"))
        except BadMessage as error:
            self.send(speaker.page, Problem(str(error)))
            return
        try:
            self._listener.heard(speaker, message)
        except Exception:
            # one page's message must not cost the connection that all pages share
            log.exception("a softphone message could not be handled")

    def _closed(self, page: str) -> None:
        self._pages.pop(page, None)
        self._listener.page_closed(page)


class SwitchLink:
    """A front's end. `deliver(page, message)` gets what is for one page, `broadcast(message)` what is for all pages of this front;
    `message` is plain JSON data for the page's softphone."""

    def __init__(self, path: Path, deliver: Callable[[str, dict[str, Any]], None], broadcast: Callable[[dict[str, Any]], None]) -> None:
        self.path = path
        self._deliver = deliver
        self._broadcast = broadcast
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to connect, and stay connected; must be called within a running loop."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    @property
    def connected(self) -> bool:
        return self._writer is not None

    def send(self, speaker: Speaker, message: Any) -> bool:
        """Pass a page's message on, as it came. False when the switch is not there (the page registers again when it is)."""
        return self._write({"from": asdict(speaker), "message": message})

    def closed(self, page: str) -> None:
        """This page's socket is closed."""
        self._write({"closed": page})

    def _write(self, data: dict[str, Any]) -> bool:
        writer = self._writer
        if writer is None or writer.is_closing():
            return False
        line = _line(data)
        if len(line) > LINE_LIMIT or writer.transport.get_write_buffer_size() > BUFFER_LIMIT:
            return False
        writer.write(line)
        return True

    async def _run(self) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(str(self.path), limit=LINE_LIMIT)
            except OSError:
                await asyncio.sleep(RECONNECT)
                continue
            self._writer = writer
            try:
                while raw := await reader.readline():
                    self._received(raw)
            except (OSError, ValueError, asyncio.IncompleteReadError) as error:
                log.warning("the connection to the switch broke: %s", error)
            finally:
                self._writer = None
                writer.close()
            await asyncio.sleep(RECONNECT)

    def _received(self, raw: bytes) -> None:
        data = json.loads(raw)
        page, message = data.get("to"), data.get("message")
        if page == EVERYONE:
            self._broadcast(message)
        else:
            self._deliver(page, message)

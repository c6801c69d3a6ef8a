"""A media process for tests: in the test's own loop, spoken to over its real socket."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from cordboard.telephony.media.client import MediaClient
from cordboard.telephony.media.process import Media
from cordboard.telephony.media.protocol import Codec, LegKind, LegState, MediaEvent, Sdp
from cordboard.telephony.tests.far_side import Browser, Phone


def in_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test in the loop that the media process runs in."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(asyncio.wait_for(test(*args, **kwargs), 120))

    return run


async def until(what: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Wait until `what` says yes, and return that.

    :raises AssertionError: it never did.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not (found := what()):
        assert loop.time() < end, "it never happened"
        await asyncio.sleep(0.02)
    return found


def quick_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who says nothing counts as lost after 0.6 s instead of 2, so that tests need not wait for it."""
    monkeypatch.setattr("cordboard.telephony.media.room.LOST_AFTER", 0.6)
    monkeypatch.setattr("cordboard.telephony.media.leg_webrtc.CONSENT", 0.2)


class House:
    def __init__(self, media: Media, client: MediaClient) -> None:
        self.media = media
        self.client = client
        self.events: list[MediaEvent] = []
        self._task = asyncio.create_task(self._listen())
        self._far: list[Phone | Browser] = []

    async def _listen(self) -> None:
        async for event in self.client.events():
            self.events.append(event)

    def of(self, kind: type[Any], **fields: Any) -> list[Any]:
        return [each for each in self.events if isinstance(each, kind) and all(getattr(each, name) == value for name, value in fields.items())]

    async def event(self, kind: type[Any], **fields: Any) -> Any:
        return (await until(lambda: self.of(kind, **fields)))[0]

    async def phone(self, leg: str, call: str = "call", codec: Codec = Codec.PCMU, frame: float = 0.02, hertz: float | None = None) -> Phone:
        """A phone whose call is answered, saying `hertz`."""
        phone = await Phone(codec, frame).open()
        self._far.append(phone)
        answer = await self.client.offer(call, leg, LegKind.SIP, phone.sdp)
        phone.call(answer.sdp)
        await self.client.note(leg, LegState.UP)
        if hertz is not None:
            phone.say(hertz)
        return phone

    async def browser(self, leg: str, call: str = "call", hertz: float | None = 1000.0, prefer: tuple[Codec, ...] = (), **more: Any) -> Browser:
        """A browser that is connected."""
        browser = Browser(hertz, **more)
        self._far.append(browser)
        answer: Sdp = await self.client.offer(call, leg, LegKind.BROWSER, await browser.offer(), prefer)
        await browser.accept(answer.sdp)
        await until(lambda: browser.connection.connectionState == "connected")
        return browser

    async def close(self) -> None:
        for far in self._far:
            if isinstance(far, Phone):
                far.close()
            else:
                await far.close()
        await self.client.stop()
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task


def ports() -> tuple[int, int]:
    """A range of one's own among tests that run at the same time."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 30000 + 1000 * (worker % 16)
    return first, first + 999


@contextlib.asynccontextmanager
async def house(folder: Path, number: int = 0) -> AsyncIterator[House]:
    with tempfile.TemporaryDirectory(prefix="cb") as short:  # a socket's path may have 107 bytes
        path = Path(short) / "media.sock"
        media = Media(number, "127.0.0.1", *ports(), path, folder)
        await media.start()
        client = MediaClient(path, number)
        client.start()
        assert await client.connected(5)
        here = House(media, client)
        try:
            yield here
        finally:
            await here.close()
            await media.stop()

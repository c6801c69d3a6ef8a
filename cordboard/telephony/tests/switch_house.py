"""An embedded driver with real media processes, for tests: in the test's own loop, or as processes that can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from cordboard.lib.config import Config
from cordboard.lib.testing import reaper
from cordboard.telephony import driver as contract
from cordboard.telephony import softphone
from cordboard.telephony.driver import Event, Standing
from cordboard.telephony.drivers.embedded import EmbeddedDriver
from cordboard.telephony.media import process
from cordboard.telephony.switchlink import Speaker, SwitchLink
from cordboard.telephony.tests.far_side import Browser
from cordboard.telephony.tests.media_house import ports, until

SIPP = Path(__file__).parent / "sipp"
LOCAL = "127.0.0.1"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOCAL, 0))
        return int(probe.getsockname()[1])


def configuration(data: Path, run: Path, *, sip_port: int = 0, media: int = 1, **more: Any) -> Config:
    low, high = ports()
    return Config(
        data=data,
        run=run,
        database_url="",
        host=LOCAL,
        port=0,
        django_processes=0,
        media_processes=media,
        sip_host=LOCAL,
        sip_port=sip_port,
        media_port_low=low,
        media_port_high=high,
        node="test",
        debug=False,
        **{"sip_rate": 1000.0, **more},
    )


@contextlib.contextmanager
def short_folder() -> Any:
    """A socket's path may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="cb") as name:
        yield Path(name)


class Switch:
    """A driver, what it told, and what it is to do by itself: `on` gets every event."""

    def __init__(self, config: Config, on: Callable[[Switch, Event], Any] | None = None) -> None:
        self.config = config
        self.driver = EmbeddedDriver(config)
        self.events: list[Event] = []
        self.standing: list[Standing] = []
        self.on = on
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> Switch:
        self.standing = await self.driver.start()
        self._task = asyncio.create_task(self._listen())
        return self

    async def _listen(self) -> None:
        async for event in self.driver.events():
            self.events.append(event)
            if self.on is not None and (work := self.on(self, event)) is not None:
                await work

    def of(self, kind: type[Any], **fields: Any) -> list[Any]:
        return [each for each in self.events if isinstance(each, kind) and all(getattr(each, name) == value for name, value in fields.items())]

    async def event(self, kind: type[Any], **fields: Any) -> Any:
        return (await until(lambda: self.of(kind, **fields)))[0]

    async def do(self, command: contract.Command) -> None:
        await self.driver.perform(command)

    async def stop(self) -> None:
        await self.driver.stop()
        if self._task is not None:
            await self._task

    @property
    def sip_port(self) -> int:
        return self.driver.sip_port


async def answer_all(switch: Switch, event: Event) -> None:
    """Ring and answer whoever calls."""
    if isinstance(event, contract.CallOffered):
        await switch.do(contract.Ring(event.leg))
        await switch.do(contract.Answer(event.leg))


@contextlib.asynccontextmanager
async def switch(data: Path, on: Callable[[Switch, Event], Any] | None = answer_all, *, media: int = 1, **more: Any) -> AsyncIterator[Switch]:
    """A switch with its media processes in the test's own loop."""
    with short_folder() as run:
        config = configuration(data, run, media=media, **more)
        processes = [process.of(number, config) for number in range(media)]
        for each in processes:
            await each.start()
        here = await Switch(config, on).start()
        try:
            yield here
        finally:
            await here.stop()
            for each in processes:
                await each.stop()


# ---- SIP's own tester -------------------------------------------------------------------------------------------


async def sipp(
    scenario: str, port: int, *, calls: int = 1, rate: int = 10, seconds: float = 30.0, transport: str = "u1", options: tuple[str, ...] = (), **keys: str
) -> tuple[int, str]:
    """Run a scenario file against the switch: exit status (0: every call went as written) and what it complained of."""
    with tempfile.TemporaryDirectory(prefix="sipp") as folder:
        errors = Path(folder) / "errors"
        program = await asyncio.create_subprocess_exec(
            "sipp", f"{LOCAL}:{port}", "-sf", str(SIPP / f"{scenario}.xml"), "-m", str(calls), "-r", str(rate), "-i", LOCAL, "-p", str(free_port()), "-t", transport, *options,
            "-mp", str(free_port() & ~1), "-nostdin", "-trace_err", "-error_file", str(errors), "-timeout", f"{seconds:.0f}", "-timeout_error",
            *[word for key, value in keys.items() for word in ("-key", key, value)],
            cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        status = await program.wait()
        return status, errors.read_text(errors="replace")[-2000:] if errors.exists() else ""


# ---- processes that can be killed -------------------------------------------------------------------------------


class Processes:
    """Media processes and switches as processes of their own, on one SIP port and one run folder."""

    def __init__(self, data: Path, run: Path, media: int = 1) -> None:
        self.config = configuration(data, run, sip_port=free_port(), media=media)
        self.data = data
        self._running: list[subprocess.Popen[str]] = []

    def _environment(self) -> dict[str, str]:
        config = self.config
        return os.environ | {
            "CORDBOARD_DATA": str(config.data), "CORDBOARD_RUN": str(config.run), "CORDBOARD_SIP_PORT": str(config.sip_port),
            "CORDBOARD_SIP_HOST": config.sip_host, "CORDBOARD_MEDIA_PROCESSES": str(config.media_processes), "CORDBOARD_SIP_RATE": "1000",
            "CORDBOARD_MEDIA_PORT_LOW": str(config.media_port_low), "CORDBOARD_MEDIA_PORT_HIGH": str(config.media_port_high),
        }  # fmt: skip

    def _start(self, *arguments: str, log: str) -> subprocess.Popen[str]:
        with (self.data / log).open("a") as out:
            started = subprocess.Popen([sys.executable, *arguments], env=self._environment(), stdout=out, stderr=subprocess.STDOUT, text=True)
        self._running.append(started)
        reaper.watch(started)
        return started

    async def media(self, number: int) -> subprocess.Popen[str]:
        self.config.media_socket(number).unlink(missing_ok=True)
        started = self._start("-m", "cordboard.telephony.media", "--number", str(number), log=f"media-{number}.log")
        await until(self.config.media_socket(number).exists, 20)
        return started

    async def switch(self, *flags: str) -> subprocess.Popen[str]:
        """A switch that answers, and writes each event as a line of JSON (see `switch_child`)."""
        before = len(self.told("started"))
        started = self._start("-m", "cordboard.telephony.tests.switch_child", *flags, log="switch.log")
        await until(lambda: len(self.told("started")) > before, 20)
        return started

    def told(self, name: str) -> list[dict[str, Any]]:
        """The switch's lines of this kind, of all its lives."""
        try:
            lines = (self.data / "switch.log").read_text().splitlines()
        except FileNotFoundError:
            return []
        found = []
        for line in lines:
            if line.startswith('{"name":'):
                with contextlib.suppress(ValueError):  # half a line of a process that was killed
                    found.append(json.loads(line))
        return [each for each in found if each["name"] == name]

    def kill(self, program: subprocess.Popen[str]) -> None:
        program.send_signal(signal.SIGKILL)
        program.wait()
        reaper.forget(program)

    def close(self) -> None:
        for program in self._running:
            if program.poll() is None:
                self.kill(program)


@contextlib.contextmanager
def processes(data: Path, media: int = 1) -> Any:
    with short_folder() as run:
        here = Processes(data, run, media)
        try:
            yield here
        finally:
            here.close()


# ---- a page -----------------------------------------------------------------------------------------------------


class Front:
    """A front's link to the switch, and the pages on it."""

    def __init__(self, path: Path) -> None:
        self.pages: dict[str, Page] = {}
        self.broadcasts: list[dict[str, Any]] = []
        self.link = SwitchLink(path, lambda page, message: self.pages[page].take(message), self._all)
        self.link.start()

    def _all(self, message: dict[str, Any]) -> None:
        self.broadcasts.append(message)
        for page in self.pages.values():
            page.take(message)

    async def connected(self) -> Front:
        await until(lambda: self.broadcasts)
        return self

    async def close(self) -> None:
        for page in self.pages.values():
            await page.close()
        await self.link.stop()


class Page:
    """A page's softphone with aiortc in place of the browser. Does what it is asked to, unless it is `idle`."""

    def __init__(self, front: Front, speaker: Speaker, tab: str = "tab", *, hertz: float | None = 1000.0, idle: bool = False) -> None:
        self.front = front
        self.speaker = speaker
        self.tab = tab
        self.hertz = hertz
        self.idle = idle
        self.heard: list[softphone.ToPage] = []
        self.legs: dict[str, Browser] = {}
        self.waiting: Browser | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        front.pages[speaker.page] = self

    def say(self, message: softphone.FromPage) -> None:
        assert self.front.link.send(self.speaker, softphone.encode(message))

    def register(self) -> Page:
        self.say(softphone.Register(self.tab, tuple(self.legs)))
        return self

    def take(self, data: dict[str, Any]) -> None:
        message = softphone.to_page(data)
        self.heard.append(message)
        if not self.idle:
            task = asyncio.get_running_loop().create_task(self._act(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _act(self, message: softphone.ToPage) -> None:
        match message:
            case softphone.RegisterAgain():
                self.register()
            case softphone.Connect():
                if (old := self.legs.pop(message.leg, None)) is not None:
                    await old.close()
                browser = self.legs[message.leg] = Browser(self.hertz)
                self.say(softphone.Offer(message.leg, await browser.offer()))
            case softphone.Placed():
                assert self.waiting is not None
                self.legs[message.leg], self.waiting = self.waiting, None
            case softphone.Answer():
                await self.legs[message.leg].accept(message.sdp)
            case softphone.Drop():
                if (gone := self.legs.pop(message.leg, None)) is not None:
                    await gone.close()

    async def call(self, to: str) -> None:
        """A guest calls."""
        self.waiting = Browser(self.hertz)
        self.say(softphone.Invite(await self.waiting.offer(), to))

    def of(self, kind: type[Any]) -> list[Any]:
        return [each for each in self.heard if isinstance(each, kind)]

    async def message(self, kind: type[Any], number: int = 0) -> Any:
        return (await until(lambda: self.of(kind)[number : number + 1]))[0]

    def leave(self, *, close_connections: bool = True) -> None:
        """The page's socket closes."""
        self.front.pages.pop(self.speaker.page)
        self.front.link.closed(self.speaker.page)
        if close_connections:
            for browser in self.legs.values():
                task = asyncio.get_running_loop().create_task(browser.close())
                self._tasks.add(task)

    async def close(self) -> None:
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for browser in list(self.legs.values()):
            await browser.close()
        if self.waiting is not None:
            await self.waiting.close()

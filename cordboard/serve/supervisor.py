"""The supervisor: starts the roles, restarts what dies, stops all within three seconds. Knows no Django and no database.

It opens the listening sockets itself and hands them down, so that a role that starts anew finds those who came meanwhile waiting.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from cordboard.lib.config import Config
from cordboard.lib.draining import BEGINS
from cordboard.serve.roles import GROUPS, Role, roles

STOP_WITHIN = 3.0
"""Seconds from the signal to the end of the last process."""

ASKED_FOR = 2.2
"""Seconds that processes get to stop by themselves; after that they are killed."""

FIRST_BACK_OFF, LONGEST_BACK_OFF = 0.1, 10.0
STEADY = 20.0
"""Seconds after which a process counts as having started well: the next restart is quick again."""

PATH_LIMIT = 107
"""Bytes of a Unix socket's path."""


class CannotStart(Exception):
    """Said to the person who started us, in one sentence."""


class Locks:
    """One lock file for each kind of role in the data folder: two supervisors never run the same kind on the same data."""

    def __init__(self, data: Path, kinds: tuple[str, ...]) -> None:
        self._files: list[IO[str]] = []
        folder = data / "locks"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for kind in kinds:
            handle = (folder / kind).open("a+")
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                handle.seek(0)
                owner = handle.read().strip()
                self.release()
                raise CannotStart(
                    f"This data folder is in use: {kind} runs already (process {owner}). Stop that one, or set another folder with CORDBOARD_DATA."
                ) from None
            handle.seek(0)
            handle.truncate()
            handle.write(str(os.getpid()))
            handle.flush()
            self._files.append(handle)

    def release(self) -> None:
        for handle in self._files:
            handle.close()
        self._files.clear()


def prepare_folders(config: Config) -> None:
    """Make the data and run folders, ours alone. Raises CannotStart."""
    for folder in (config.data, config.files, config.data / "keys", config.run, config.bells):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as problem:
            raise CannotStart(f"The folder {folder} cannot be made: {problem.strerror}.") from None
    if config.run.stat().st_uid != os.getuid():
        raise CannotStart(f"The folder {config.run} belongs to somebody else. Set another with CORDBOARD_RUN.")
    config.run.chmod(0o700)
    longest = max(len(os.fsencode(path)) for path in (config.django_socket, config.media_socket(99), config.bells / "4194304-0123abcd"))
    if longest > PATH_LIMIT:
        raise CannotStart(f"The path of {config.run} is too long for sockets by {longest - PATH_LIMIT} bytes. Set a shorter one with CORDBOARD_RUN.")


def open_port(config: Config) -> socket.socket:
    """The listening socket for browsers. Raises CannotStart when the port is taken or may not be used."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((config.host, config.port))
        made.listen(2048)
    except OSError as problem:
        made.close()
        raise CannotStart(
            f"Port {config.port} of {config.host} cannot be used: {problem.strerror}. Choose another with --port, CORDBOARD_PORT or, with make, PORT=8001 make run."
        ) from None
    return made


def open_django_socket(config: Config) -> socket.socket:
    """The listening Unix socket of the Django processes; one that a dead supervisor left is replaced."""
    config.django_socket.unlink(missing_ok=True)
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    made.bind(str(config.django_socket))
    config.django_socket.chmod(0o600)
    made.listen(2048)
    return made


class Watched:
    """One role's process over its restarts."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.process: asyncio.subprocess.Process | None = None
        self.started = 0.0
        self.restarts = 0
        self.state = "starting"
        self.last_end = ""

    def status(self) -> dict[str, Any]:
        pid = self.process.pid if self.process is not None else None
        return {
            "name": self.role.name,
            "kind": self.role.kind,
            "state": self.state,
            "pid": pid,
            "since": self.started,
            "restarts": self.restarts,
            "last_end": self.last_end,
        }


class Supervisor:
    def __init__(self, config: Config, group: str = "all", *, out: IO[str] | None = None) -> None:
        self._config = config
        self._group = group
        self._out = out or sys.stdout
        self.watched = [Watched(role) for role in roles(group, config)]
        self._stopping = asyncio.Event()
        self._hurry = asyncio.Event()
        self._draining = False
        self._sockets: dict[str, socket.socket] = {}
        self._width = max((len(one.role.name) for one in self.watched), default=6)

    async def run(self, when_up: Callable[[], None] = lambda: None) -> int:
        """Until a signal says stop. `when_up` is called when the centre answers. Returns the exit code; raises CannotStart."""
        prepare_folders(self._config)
        locks = Locks(self._config.data, GROUPS[self._group])
        try:
            kinds = {one.role.kind for one in self.watched}
            if "front" in kinds:
                self._sockets["front"] = open_port(self._config)
            if "django" in kinds:
                self._sockets["django"] = open_django_socket(self._config)
            self._clean()
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                loop.add_signal_handler(number, self._signalled)
            loop.add_signal_handler(signal.SIGUSR1, self._drain)
            keepers = [asyncio.create_task(self._keep(one), name=one.role.name) for one in self.watched]
            announcer = asyncio.create_task(self._announce(when_up))
            await self._stopping.wait()
            announcer.cancel()
            await self._stop(keepers)
            return 0
        finally:
            for sock in self._sockets.values():
                sock.close()
            if "django" in self._sockets:
                self._config.django_socket.unlink(missing_ok=True)
            self._status_file.unlink(missing_ok=True)
            locks.release()

    def _signalled(self) -> None:
        if self._stopping.is_set():
            self._hurry.set()
        self._stopping.set()

    # -- a polite stop ----------------------------------------------------------------------------------------

    def _drain(self) -> None:
        """Let the calls come to their ends, then stop everything. Asked again, or by any other signal, at once."""
        if self._draining:
            self._signalled()
            return
        self._draining = True
        targets = self._drained()
        if not targets:
            self._signalled()
            return
        self._say(
            "supervisor", f"stops when the calls are over; {', '.join(one.role.name for one in targets)} takes no new ones. Once more, or Ctrl-C: at once"
        )
        for one in targets:
            self._signal(one, signal.SIGUSR1)
        self._write_status()

    def _drained(self) -> list[Watched]:
        """Who knows of calls: the switch; where there is none, the media processes."""
        of = {kind: [one for one in self.watched if one.role.kind == kind] for kind in ("switch", "media")}
        return of["switch"] or of["media"]

    def _drain_over(self, one: Watched) -> bool:
        """It was asked to drain, and has. With the last such process all is stopped."""
        if not self._draining or one not in self._drained() or one.last_end != "exit code 0":
            return False
        if all(other.state == "stopped" for other in self._drained()):
            self._say("supervisor", "the calls are over")
            self._stopping.set()
        return True

    def _clean(self) -> None:
        """Bells of processes that are gone."""
        for bell in self._config.bells.iterdir():
            pid = bell.name.partition("-")[0]
            if pid.isdigit() and not Path(f"/proc/{pid}").exists():
                bell.unlink(missing_ok=True)

    # -- one process ------------------------------------------------------------------------------------------

    async def _keep(self, one: Watched) -> None:
        back_off = FIRST_BACK_OFF
        while not self._stopping.is_set():
            process, output = await self._start(one)
            gone = asyncio.Event()
            copying = asyncio.create_task(self._copy(one, output, gone))
            ended = await process.wait()
            gone.set()
            await copying
            ran = time.time() - one.started
            one.last_end = f"signal {signal.Signals(-ended).name}" if ended < 0 else f"exit code {ended}"
            one.state = "stopped"
            if self._stopping.is_set() or self._drain_over(one):
                break
            back_off = FIRST_BACK_OFF if ran > STEADY else min(back_off * 2, LONGEST_BACK_OFF)
            one.restarts += 1
            one.state = "waiting"
            self._say(one.role.name, f"ended ({one.last_end}) after {ran:.1f} s; starting again in {back_off:.1f} s")
            self._write_status()
            try:
                await asyncio.wait_for(self._stopping.wait(), back_off)
            except TimeoutError:
                continue

    async def _start(self, one: Watched) -> tuple[asyncio.subprocess.Process, int]:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "CORDBOARD_ROLE": one.role.name}
        if self._draining and one in self._drained():
            environment[BEGINS] = "1"
        handed: tuple[int, ...] = ()
        if one.role.kind in self._sockets:
            if one.role.kind == "django" and not self._config.django_socket.exists():
                self._sockets["django"].close()
                self._sockets["django"] = open_django_socket(self._config)
            fd = self._sockets[one.role.kind].fileno()
            environment[f"CORDBOARD_{one.role.kind.upper()}_FD"] = str(fd)
            handed = (fd,)
        output, theirs = os.pipe()  # our own: asyncio's would make a process that left children behind look alive
        process = await asyncio.create_subprocess_exec(
            *one.role.command(os.getpid()),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            pass_fds=handed,
            start_new_session=True,  # the terminal's Ctrl-C reaches the supervisor alone, which then stops all in order
        )
        os.close(theirs)
        one.process, one.started, one.state = process, time.time(), "running"
        self._write_status()
        return process, output

    async def _copy(self, one: Watched, pipe: int, ended: asyncio.Event) -> None:
        """The role's output, line by line, with its name in front. Ends soon after the process does, even where a process of its own
        making still holds the pipe."""
        stream = asyncio.StreamReader(limit=1 << 20)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(pipe, "rb"))
        gone = asyncio.create_task(ended.wait())
        try:
            while True:
                reading = asyncio.create_task(stream.readline())
                await asyncio.wait({reading, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not reading.done():
                    await asyncio.wait({reading}, timeout=0.2)
                if not reading.done():
                    reading.cancel()
                    return
                try:
                    line = reading.result()
                except ValueError:  # a line longer than 1 MB
                    continue
                if not line:
                    return
                self._say(one.role.name, line.decode(errors="replace").rstrip("\n"))
        finally:
            gone.cancel()
            transport.close()

    # -- all of them ------------------------------------------------------------------------------------------

    async def _stop(self, keepers: list[asyncio.Task[None]]) -> None:
        begun = time.monotonic()
        for one in self.watched:
            self._signal(one, signal.SIGTERM)
        hurry = asyncio.create_task(self._hurry.wait())
        waiting = asyncio.ensure_future(asyncio.wait(keepers))
        await asyncio.wait([waiting, hurry], timeout=ASKED_FOR, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        for one in self.watched:
            if one.process is not None and one.process.returncode is None:
                self._say(one.role.name, "did not stop by itself: killed")
            self._kill_group(one)
        try:
            await asyncio.wait_for(asyncio.shield(waiting), max(0.1, STOP_WITHIN - (time.monotonic() - begun)))
        except TimeoutError:
            self._say("supervisor", "a process cannot be killed; it is left to the system")

    @staticmethod
    def _signal(one: Watched, number: signal.Signals) -> None:
        if one.process is not None and one.process.returncode is None:
            try:
                one.process.send_signal(number)
            except ProcessLookupError:
                return

    @staticmethod
    def _kill_group(one: Watched) -> None:
        """The process leads a group of its own: its forked processes go with it."""
        if one.process is not None:
            try:
                os.killpg(one.process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

    async def _announce(self, when_up: Callable[[], None]) -> None:
        """Wait until the front and Django answer, then say so once."""
        if self._group not in ("all", "web"):
            self._say("supervisor", f"started: {', '.join(one.role.name for one in self.watched)}")
            return
        while True:
            if await self._answers():
                break
            await asyncio.sleep(0.1)
        when_up()

    async def _answers(self) -> bool:
        import ssl

        context = None
        if self._config.tls_certificate:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # our own port, on this machine
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._config.host, self._config.host)
        try:
            reader, writer = await asyncio.open_connection(host, self._config.port, ssl=context)
            writer.write(b"GET /account/login/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
            line = await asyncio.wait_for(reader.readline(), 30)
            writer.close()
        except (OSError, TimeoutError):
            return False
        return line.split(b" ")[1:2] not in ([b"502"], [b"503"], [b"504"], [])

    @property
    def _status_file(self) -> Path:
        """One for each supervisor on this machine."""
        return self._config.run / ("status.json" if self._group == "all" else f"status-{self._group}.json")

    def _say(self, name: str, text: str) -> None:
        if os.environ.get("CORDBOARD_LOG") == "json":  # one object a line: what is one already carries its role
            print(text if text.startswith("{") else json.dumps({"role": name, "event": text}, ensure_ascii=False), file=self._out, flush=True)
            return
        print(f"{name:<{self._width}} | {text}", file=self._out, flush=True)

    def _write_status(self) -> None:
        path = self._status_file
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps({"pid": os.getpid(), "group": self._group, "draining": self._draining, "roles": [one.status() for one in self.watched]}))
        fresh.replace(path)

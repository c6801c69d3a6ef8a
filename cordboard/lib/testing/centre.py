"""A whole centre, started as people start it (`cordboard serve`), on free ports and a data folder of its own."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cordboard.lib.testing import reaper
from cordboard.lib.testing.postgres import Cluster, free_port
from cordboard.lib.testing.prepared import Source


def media_range(size: int = 200) -> tuple[int, int]:
    """A range of UDP ports of which the first and last are free, outside those that the system gives out by itself."""
    while True:
        low = random.randrange(20000, 32000 - size, 2)
        with contextlib.suppress(OSError):
            for port in (low, low + size):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                    sock.bind(("127.0.0.1", port))
            return low, low + size


def wait_until(true: Callable[[], Any], seconds: float = 20.0, what: str = "it") -> Any:
    """What `true` returned as soon as that is something; AssertionError after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        if found := true():
            return found
        if time.monotonic() > until:
            raise AssertionError(f"{what} did not come within {seconds:.0f} s")
        time.sleep(0.05)


@dataclass
class Centre:
    """A running `cordboard serve`. `environment` goes to it and to every `cordboard` command run beside it."""

    environment: dict[str, str]
    folder: Path
    port: int
    sip_port: int
    arguments: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def run_folder(self) -> Path:
        return Path(self.environment["CORDBOARD_RUN"])

    @property
    def data(self) -> Path:
        return Path(self.environment["CORDBOARD_DATA"])

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def start(self) -> Centre:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cordboard", "serve", *self.arguments], env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        reaper.watch(self.process)
        return self

    def up(self, seconds: float = 150.0) -> Centre:
        """Wait until it says that it is up."""

        def said() -> bool:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"serve ended with {self.process.returncode}:\n{self.log}")
            return "Cordboard is up" in self.log

        try:
            wait_until(said, seconds, "the centre")
        except AssertionError as problem:
            raise AssertionError(f"{problem}\n{self.log}") from None
        return self

    def stop(self) -> float:
        """As Ctrl-C does. Returns how many seconds it took."""
        assert self.process is not None
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        reaper.forget(self.process)
        return time.monotonic() - begun

    def cordboard(self, *arguments: str, check: bool = True, timeout: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a `cordboard` command on this centre's data."""
        done = subprocess.run(
            [sys.executable, "-m", "cordboard", *arguments], env=self.environment, capture_output=True, text=True, timeout=timeout, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"cordboard {' '.join(arguments)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done

    def python(self, code: str) -> str:
        """Run code with Django set up against this centre's database; returns what it printed."""
        full = f"import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'cordboard.settings')\nimport django\ndjango.setup()\n{code}"
        done = subprocess.run([sys.executable, "-c", full], env=self.environment, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise AssertionError(done.stderr)
        return done.stdout

    # -- its processes ----------------------------------------------------------------------------------------

    def roles(self) -> dict[str, dict[str, Any]]:
        try:
            status = json.loads((self.run_folder / "status.json").read_text())
        except FileNotFoundError:
            return {}
        return {role["name"]: role for role in status["roles"]}

    def pid(self, role: str) -> int:
        """Of a running role ("front", "media-0"); waits for it."""
        found = wait_until(lambda: (self.roles().get(role) or {}).get("state") == "running" and self.roles()[role]["pid"], 20, role)
        return int(found)

    def kill(self, role: str, number: signal.Signals = signal.SIGKILL) -> int:
        """kill -9 one role, and wait until it runs again. Returns the new pid."""
        old = self.pid(role)
        os.kill(old, number)
        wait_until(lambda: (self.roles().get(role) or {}).get("state") == "running" and self.roles()[role]["pid"] != old, 30, f"a new {role}")
        return self.pid(role)

    # -- HTTP without a browser -------------------------------------------------------------------------------

    def get(self, path: str, headers: dict[str, str] | None = None, timeout: float = 30) -> tuple[int, dict[str, str], bytes]:
        """Status, headers (lower case) and body; redirects are not followed."""
        return self.request("GET", path, headers=headers, timeout=timeout)

    def request(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, body: bytes | None = None, timeout: float = 30
    ) -> tuple[int, dict[str, str], bytes]:
        opener = urllib.request.build_opener(_NoRedirect)
        asked = urllib.request.Request(self.url + path, data=body, method=method, headers=headers or {})
        try:
            with opener.open(asked, timeout=timeout) as answer:
                return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, {name.lower(): value for name, value in answer.headers.items()}, answer.read()

    def session_for(self, username: str) -> str:
        """The Cookie header of a fresh session of this user, made in the database: for tests that are not about signing in."""
        return self.sessions_for(username)[0]

    def sessions_for(self, username: str, count: int = 1) -> list[str]:
        """As many sessions at once: starting Django takes a second or more."""
        code = f"""
from django.contrib.sessions.backends.db import SessionStore
from cordboard.org.models import User
user = User.objects.get(username={username!r})
for _ in range({count}):
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    store["_auth_user_hash"] = user.get_session_auth_hash()
    store.create()
    print(store.session_key)
"""
        return [f"sessionid={key}" for key in self.python(code).split()]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


def make(*, cluster: Cluster | None, source: Source | None = None, arguments: tuple[str, ...] = (), **settings: str) -> Centre:
    """A centre that is not started. With `source` it begins as a copy of that data folder and database;
    `settings` are CORDBOARD_ variables."""
    folder = Path(tempfile.mkdtemp(prefix="cb-"))
    reaper.watch_folder(folder)
    data = folder / "data"
    if source is not None:
        shutil.copytree(source.data, data)
    else:
        data.mkdir()
    low, high = media_range()
    port, sip_port = free_port(), free_port(socket.SOCK_DGRAM)
    environment = {
        **os.environ,
        "CORDBOARD_DATA": str(data),
        "CORDBOARD_RUN": str(folder / "run"),
        "CORDBOARD_DATABASE_URL": "",
        "CORDBOARD_PORT": str(port),
        "CORDBOARD_SIP_PORT": str(sip_port),
        "CORDBOARD_MEDIA_PORT_LOW": str(low),
        "CORDBOARD_MEDIA_PORT_HIGH": str(high),
        "CORDBOARD_NODE": "test",
        "DJANGO_SETTINGS_MODULE": "cordboard.settings",
        **{f"CORDBOARD_{name.upper()}": value for name, value in settings.items()},
    }
    environment.pop("CORDBOARD_SECRET_KEY", None)
    if cluster is not None and "database_url" not in settings:
        import psycopg

        name = f"centre_{os.urandom(4).hex()}"
        template = f" TEMPLATE {source.database}" if source is not None else ""
        with psycopg.connect(cluster.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{template}".encode())
        environment["CORDBOARD_DATABASE_URL"] = cluster.url(name)
    return Centre(environment, folder, port, sip_port, arguments)


def discard(centre: Centre) -> None:
    if centre.process is not None:
        centre.stop()
    shutil.rmtree(centre.folder, ignore_errors=True)

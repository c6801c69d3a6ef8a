"""A PostgreSQL cluster to throw away: on a free port of 127.0.0.1, in a temporary folder, gone when the process ends."""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cordboard.lib.testing import reaper


class NoPostgres(RuntimeError):
    """There is no PostgreSQL server on this machine."""


def binaries() -> Path:
    """Where initdb and postgres are: the newest installed version. Raises NoPostgres."""
    if found := shutil.which("initdb"):
        return Path(os.path.realpath(found)).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parent.parent.name))
    if not versions:
        raise NoPostgres("PostgreSQL is not installed: the package is called postgresql")
    return versions[-1].parent


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port of 127.0.0.1 that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@dataclass
class Cluster:
    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    durable: bool = False

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:postgres@127.0.0.1:{self.port}/{database}"

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(10)
        reaper.forget(self.process)
        shutil.rmtree(self.folder, ignore_errors=True)

    def halt(self) -> None:
        """Stop the server but keep its data: the database is gone."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)
        reaper.forget(self.process)

    def resume(self) -> None:
        """Start it again on the same port."""
        self.process = _server(self.folder, self.port, self.durable)
        _await(self.port, self.process)


def start(*, durable: bool = False, source: Path | None = None) -> Cluster:
    """Make and start a cluster, with the data of another one in `source`/data, which does not run, or empty. fsync is off, as it is thrown away anyway,
    unless `durable`: for measuring. Raises NoPostgres."""
    folder = Path(tempfile.mkdtemp(prefix="cordboard-pg-"))
    reaper.watch_folder(folder)
    _give(folder)
    if source is None:
        subprocess.run(
            [binaries() / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            check=True,
            stdout=subprocess.DEVNULL,
            user=_user(),
            cwd=folder,
        )
    else:
        shutil.copytree(source / "data", folder / "data")
        _give(folder)
    port = free_port()
    cluster = Cluster(folder, port, _server(folder, port, durable), durable)
    atexit.register(cluster.stop)
    _await(port, cluster.process)
    return cluster


def _user() -> str | None:
    """PostgreSQL refuses to run as root: whoever is root runs it as the packaged user."""
    return "postgres" if os.geteuid() == 0 else None


def _give(folder: Path) -> None:
    """Folder and files to whoever runs the server."""
    if user := _user():
        group = pwd.getpwnam(user).pw_gid
        for place, _folders, files in os.walk(folder):
            for name in (".", *files):
                shutil.chown(Path(place) / name, user, group)


def _server(folder: Path, port: int, durable: bool = False) -> subprocess.Popen[bytes]:
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": "",
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "max_connections": 200,
        "shared_buffers": "64MB",
    }
    arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("ab") as log:
        made = subprocess.Popen(
            [str(binaries() / "postgres"), "-D", str(folder / "data"), *arguments],
            stdout=log,
            stderr=log,
            user=_user(),
            cwd=folder,
            start_new_session=True,
        )
    reaper.watch(made, signal.SIGQUIT)
    return made


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    import psycopg

    until = time.monotonic() + 20
    while True:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise
            time.sleep(0.05)

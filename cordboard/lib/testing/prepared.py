"""What many tests begin with, made once in a run of the suite and copied: a migrated database, the demo's data, the data of a PostgreSQL server.

Whichever process of the run asks first makes it, the others wait. All of it goes with the run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cordboard.lib.testing import postgres
from cordboard.lib.testing.postgres import Cluster

MIGRATED = "migrated"
"""The database of a server made by :func:`server` that has the tables and nothing else."""
DEMO = "demo"
"""That which has the demo's data too."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a centre begins with: a data folder to copy and, on a server, the name of the database to copy."""

    data: Path
    database: str = ""


def share(folder: Path) -> None:
    """Keep what is prepared here. The first process of a run says so, those that it starts inherit it."""
    os.environ.setdefault("CORDBOARD_TEST_PREPARED", str(folder))


def data(*, demo: bool = False) -> Path:
    """A data folder with a migrated SQLite database, `demo` with the demo's data in it: to copy."""
    return _once("demo" if demo else "migrated", _fill_demo if demo else lambda folder: prepare(folder, "migrate"))


def server(*, demo: bool = False) -> Cluster:
    """A PostgreSQL server of the caller's own with the database :data:`MIGRATED`, or :data:`DEMO` too: templates of others. To be stopped by the caller."""
    return postgres.start(source=_once("demo-server" if demo else "server", _fill_demo_server if demo else _fill_server))


def source(*, on_server: bool, demo: bool = False) -> Source:
    """For a centre on SQLite, or on a server that :func:`server` made."""
    if not on_server:
        return Source(data(demo=demo))
    if demo:
        return Source(_once("demo-server", _fill_demo_server) / "files", DEMO)
    return Source(_once("server", _fill_server) / "files", MIGRATED)


def prepare(data: Path, *steps: str, url: str = "") -> None:
    """As a start of the centre does it. Raises CalledProcessError."""
    environment = {
        **os.environ,
        "CORDBOARD_DATA": str(data),
        "CORDBOARD_RUN": str(data / "run"),
        "CORDBOARD_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "cordboard.settings",
    }
    environment.pop("CORDBOARD_SECRET_KEY", None)
    subprocess.run([sys.executable, "-m", "cordboard.serve.prepare", *steps], env=environment, check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(data / "run", ignore_errors=True)


def _fill_demo(folder: Path) -> None:
    shutil.copytree(data(), folder, dirs_exist_ok=True)
    prepare(folder, "migrate", "demo")


def _fill_server(folder: Path) -> None:
    _in_server(folder, None, MIGRATED, folder / "files", "migrate")


def _fill_demo_server(folder: Path) -> None:
    _in_server(folder, _once("server", _fill_server), DEMO, folder / "files", "migrate", "demo")


def _in_server(folder: Path, source: Path | None, database: str, files: Path, *steps: str) -> None:
    """Into `folder`, the data of a server that has one database more, which these steps prepare with `files` as data folder."""
    import psycopg

    made = postgres.start(source=source)
    try:
        with psycopg.connect(made.url(), autocommit=True) as line:
            line.execute(f"CREATE DATABASE {database}{f' TEMPLATE {MIGRATED}' if source is not None else ''}".encode())
        files.mkdir()
        prepare(files, *steps, url=made.url(database))
        made.halt()
        shutil.copytree(made.folder / "data", folder / "data")
    finally:
        made.stop()


def _once(name: str, make: Callable[[Path], None]) -> Path:
    place = Path(os.environ["CORDBOARD_TEST_PREPARED"])
    done = place / name
    with (place / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            half = place / f"{name}.half"
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            make(half)
            half.rename(done)
    return done

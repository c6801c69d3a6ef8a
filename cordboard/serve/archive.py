"""`cordboard backup` and `restore`: database, files and keys in one tar file, with a manifest and checksums.

- SQLite: the library's own online backup, consistent while the centre runs.
- PostgreSQL: `pg_dump` (and `pg_restore`), consistent while the centre runs. They must be installed on this machine.

The file holds everything, customers' data and the installation's keys included: it is made readable by its owner only. The database is taken
first and the files after it: files are written before the row that names them, so none that a row names is missing.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cordboard.lib import sqlite
from cordboard.lib.config import Config, config
from cordboard.serve.supervisor import CannotStart, Locks, prepare_folders

FORMAT = 1
MANIFEST = "manifest.json"
SUMS = "sha256sums.json"


class Refused(Exception):
    """Said to the person, in one sentence."""


# ---- backup ---------------------------------------------------------------------------------------------------


def backup(target: Path, conf: Config, *, recordings: bool = True) -> dict[str, Any]:
    """Write a backup to `target`, which must not exist; returns its manifest. Raises Refused."""
    if target.exists():
        raise Refused(f"{target} exists already. Choose another name: a backup replaces nothing.")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    handle = os.open(partial, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out, tempfile.TemporaryDirectory(dir=conf.data) as work:
            dump = Path(work) / ("database.sqlite3" if not conf.database_url else "database.pgdump")
            _dump(dump, conf)
            manifest = {
                "format": FORMAT,
                "made": datetime.now(UTC).isoformat(),
                "database": "postgresql" if conf.database_url else "sqlite",
                "recordings": recordings,
                "python": sys.version.split()[0],
            }
            sums: dict[str, str] = {}
            with tarfile.open(fileobj=out, mode="w") as tar:
                _text(tar, MANIFEST, json.dumps(manifest, indent=1))
                _add(tar, dump.name, dump, sums)
                for folder in ("files", "keys"):
                    for path in sorted((conf.data / folder).rglob("*")):
                        name = str(path.relative_to(conf.data))
                        if path.is_file() and not path.is_symlink() and (recordings or not name.startswith("files/recordings/")):
                            _add(tar, name, path, sums)
                _text(tar, SUMS, json.dumps(sums, indent=1))
            out.flush()
            os.fsync(out.fileno())
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    return {**manifest, "files": len(sums)}


def _dump(to: Path, conf: Config) -> None:
    if conf.database_url:
        _run([_tool("pg_dump"), "--format=custom", "--compress=6", "--no-owner", "--no-privileges", f"--file={to}"], conf)
        return
    if not conf.sqlite.exists():
        raise Refused(f"There is no database at {conf.sqlite}.")
    with closing(sqlite.connect(conf.sqlite, read_only=True)) as source, closing(_plain(to)) as copy:
        source.backup(copy, pages=2000, sleep=0.01)
        copy.execute("PRAGMA journal_mode=DELETE")
        problems = copy.execute("PRAGMA quick_check").fetchall()
    if problems != [("ok",)]:
        raise Refused(f"The database is damaged: {problems[0][0]}")


def _plain(path: Path) -> Any:
    import sqlite3

    return sqlite3.connect(str(path), isolation_level=None)


def _text(tar: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(data), 0o600
    tar.addfile(info, io.BytesIO(data))


class _Summing:
    """Reads a file for the tar and sums what was read: a file that grows meanwhile is summed as it was written."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.sum = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(size)
        self.sum.update(data)
        return data


def _add(tar: tarfile.TarFile, name: str, path: Path, sums: dict[str, str]) -> None:
    try:
        file = path.open("rb")
    except FileNotFoundError:  # deleted since it was listed, as retention does
        return
    with file:
        info = tarfile.TarInfo(name)
        info.size, info.mode, info.mtime = os.fstat(file.fileno()).st_size, 0o600, path.stat().st_mtime
        summing = _Summing(file)
        tar.addfile(info, summing)
        sums[name] = summing.sum.hexdigest()


# ---- restore --------------------------------------------------------------------------------------------------


def restore(source: Path, conf: Config, *, force: bool = False) -> dict[str, Any]:
    """Bring a backup back into an empty centre (with `force`: in the place of what is there). Returns its manifest. Raises Refused."""
    if not source.is_file():
        raise Refused(f"There is no file {source}.")
    prepare_folders(conf)
    locks = Locks(conf.data, ("media", "switch", "django", "worker", "front"))  # refused while the centre runs
    try:
        if not force and (what := _standing(conf)):
            raise Refused(f"This centre is not empty: {what}. With --force it is replaced.")
        with tempfile.TemporaryDirectory(dir=conf.data) as work:
            manifest = _unpack(source, Path(work), conf)
            _load(Path(work), conf)
            for folder in ("files", "keys"):
                shutil.rmtree(conf.data / folder, ignore_errors=True)
                if (Path(work) / folder).exists():
                    (Path(work) / folder).rename(conf.data / folder)
        prepare_folders(conf)
    finally:
        locks.release()
    return manifest


def _standing(conf: Config) -> str:
    if any(path.is_file() for path in conf.files.rglob("*")):
        return "it has files"
    if not conf.database_url:
        return "it has a database" if conf.sqlite.exists() else ""
    from cordboard.events.feed import connect_postgres

    with closing(connect_postgres(conf.database_url)) as connection:
        row = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    return f"its database has {row[0]} tables" if row and row[0] else ""


def _unpack(source: Path, work: Path, conf: Config) -> dict[str, Any]:
    try:
        with tarfile.open(source) as tar:
            tar.extractall(work, filter="data")
        manifest: dict[str, Any] = json.loads((work / MANIFEST).read_text())
        sums: dict[str, str] = json.loads((work / SUMS).read_text())
    except (tarfile.TarError, OSError, ValueError) as problem:
        raise Refused(f"{source} is no whole backup: {problem}") from None
    if manifest.get("format") != FORMAT:
        raise Refused(f"{source} is of format {manifest.get('format')}, and this program reads {FORMAT}.")
    wanted = "postgresql" if conf.database_url else "sqlite"
    if manifest["database"] != wanted:
        raise Refused(f"The backup is of {manifest['database']}, and this centre uses {wanted}.")
    for name, expected in sums.items():
        path = work / name
        if not path.is_file() or _sum(path) != expected:
            raise Refused(f"{source} is damaged: {name} is not what was written.")
    return manifest


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _load(work: Path, conf: Config) -> None:
    if conf.database_url:
        from cordboard.events.feed import connect_postgres

        tool = _tool("pg_restore")
        with closing(connect_postgres(conf.database_url)) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            _run([tool, "--no-owner", "--no-privileges", "--exit-on-error", f"--dbname={_database(conf)}", str(work / "database.pgdump")], conf)
            _new_epoch_postgres(connection)
        return
    for suffix in ("", "-wal", "-shm"):
        conf.sqlite.with_name(conf.sqlite.name + suffix).unlink(missing_ok=True)
    (work / "database.sqlite3").rename(conf.sqlite)
    with closing(sqlite.connect(conf.sqlite)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        number = _next_epoch(connection)
        rows = connection.execute("SELECT name, cursor FROM events_subscriber").fetchall()
        for name, cursor in rows:  # ids are as they were
            connection.execute("UPDATE events_subscriber SET cursor = ? WHERE name = ?", (f"{number}:{cursor.partition(':')[2]}", name))
        connection.execute("DELETE FROM events_lease")
        connection.execute("COMMIT")


def _next_epoch(connection: Any) -> int:
    number = int(connection.execute("SELECT coalesce(max(number), 1) + 1 FROM events_epoch").fetchone()[0])
    # Behind the clock no centre comes that was restored twice from one backup: both would otherwise call different things the same.
    number = max(number, int(datetime.now(UTC).timestamp()))
    connection.execute("DELETE FROM events_epoch")
    connection.execute(f"INSERT INTO events_epoch (number) VALUES ({number})")
    return number


def _new_epoch_postgres(connection: Any) -> None:
    """Transaction ids of the old server mean nothing here. What some subscriber had not seen yet becomes new again (each takes an event
    at least once), all else becomes old; then every subscriber stands right before what is new."""
    with connection.transaction():
        number = _next_epoch(connection)
        now = connection.execute("SELECT pg_current_snapshot()::text").fetchone()[0]
        cursors = connection.execute("SELECT cursor FROM events_subscriber").fetchall()
        connection.execute("CREATE TEMPORARY TABLE unseen (id bigint PRIMARY KEY) ON COMMIT DROP")
        for (cursor,) in cursors:
            old, _, page = cursor.partition(":")[2].partition("/")
            new, last = (page.split("/")[0], int(page.split("/")[1])) if page else (old, 0)
            connection.execute(
                """INSERT INTO unseen SELECT id FROM events_event WHERE NOT pg_visible_in_snapshot(xid, %s::pg_snapshot)
                   AND NOT (id <= %s AND pg_visible_in_snapshot(xid, %s::pg_snapshot)) ON CONFLICT DO NOTHING""",
                [old, last, new],
            )
        connection.execute("UPDATE events_event SET xid = '3' WHERE id NOT IN (SELECT id FROM unseen)")
        connection.execute("UPDATE events_event SET xid = pg_current_xact_id() WHERE id IN (SELECT id FROM unseen)")
        connection.execute("UPDATE events_subscriber SET cursor = %s", [f"{number}:{now}"])
        connection.execute("DELETE FROM events_lease")


# ---- PostgreSQL's tools ---------------------------------------------------------------------------------------


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        found = str(versions[-1]) if versions else None
    if found is None:
        raise Refused(f"{name} is not on this machine: install PostgreSQL's client programs (package postgresql-client).")
    return found


def _database(conf: Config) -> str:
    from urllib.parse import urlsplit

    return urlsplit(conf.database_url).path.lstrip("/")


def _run(command: list[str], conf: Config) -> None:
    """With the connection in the environment: a password on a command line is everybody's to read."""
    from cordboard.events.feed import postgres_arguments

    parts = postgres_arguments(conf.database_url)
    environment = {
        **os.environ,
        "PGHOST": str(parts["host"]),
        "PGPORT": str(parts["port"]),
        "PGUSER": str(parts["user"]),
        "PGPASSWORD": str(parts["password"]),
        "PGDATABASE": str(parts["dbname"]),
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{Path(command[0]).name} failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")


# ---- the commands ---------------------------------------------------------------------------------------------


def backup_command(file: str, *, recordings: bool) -> int:
    try:
        made = backup(Path(file).absolute(), config(), recordings=recordings)
    except (Refused, OSError) as problem:
        print(f"cordboard: {problem}", file=sys.stderr)
        return 1
    print(f"Wrote {file}: database ({made['database']}) and {made['files'] - 1} files. It holds customers' data and the keys: keep it safe.")
    return 0


def restore_command(file: str, *, force: bool) -> int:
    try:
        manifest = restore(Path(file).absolute(), config(), force=force)
    except (Refused, CannotStart, OSError) as problem:
        print(f"cordboard: {problem}", file=sys.stderr)
        return 1
    print(f"Restored the backup of {manifest['made']}. `cordboard serve` brings its tables up to date.")
    return 0

"""The SQLite library that we use. Versions up to 3.51.2 can corrupt a database on a WAL reset, so where Python's own is older,
`pysqlite3` (which carries its own) takes its place, for Django too. This runs when `cordboard` is first imported."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

SOUND = (3, 51, 3)
"""The first version without the fault of the WAL reset."""

PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;"

NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "glusterfs", "fuse.glusterfs", "lustre"})
"""SQLite's locks and shared memory do not hold on these."""


def use_sound_library() -> ModuleType:
    """Put a sound SQLite module in the place of `sqlite3` and return it. Does nothing when that is sound already."""
    import sqlite3

    if sqlite3.sqlite_version_info >= SOUND:
        return sqlite3
    try:
        import pysqlite3
    except ImportError:  # `cordboard doctor` says so
        return sqlite3
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
    found: ModuleType = pysqlite3
    return found


def version() -> tuple[int, ...]:
    """Of the library in use."""
    import sqlite3

    return tuple(sqlite3.sqlite_version_info)


def connect(path: Path, *, read_only: bool = False) -> Any:
    """A plain connection in autocommit under our pragmas, for roles without Django. `read_only` refuses writes but still sees the
    WAL. The file must exist when read-only."""
    import sqlite3

    if read_only and not path.exists():
        raise FileNotFoundError(path)
    made = sqlite3.connect(str(path), timeout=5, isolation_level=None, check_same_thread=False)
    made.executescript(PRAGMAS)
    if read_only:
        made.execute("PRAGMA query_only=1")
    return made


def file_system(path: Path) -> str:
    """The type of the file system that `path` (or its nearest existing parent) is on, as /proc/mounts calls it; "" when unknown."""
    while not path.exists():
        path = path.parent
    path = path.resolve()
    best, kind = "", ""
    try:
        lines = Path("/proc/mounts").read_text().splitlines()
    except OSError:
        return ""
    for line in lines:
        _, mount, mounted, *_ = line.split(" ")
        mount = mount.replace("\\040", " ")
        if (path == Path(mount) or Path(mount) in path.parents) and len(mount) >= len(best):
            best, kind = mount, mounted
    return kind

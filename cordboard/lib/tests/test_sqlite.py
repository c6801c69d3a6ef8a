"""The SQLite library in use, and how plain connections behave."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordboard.lib import sqlite


def test_the_library_is_sound_and_django_uses_it() -> None:
    import sqlite3

    from django.db.backends.sqlite3.base import Database

    assert sqlite.version() >= sqlite.SOUND
    assert sqlite3.sqlite_version == Database.sqlite_version


def test_plain_connections_follow_the_rules(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite3"
    writer = sqlite.connect(path)
    writer.execute("CREATE TABLE t (x)")
    assert writer.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert writer.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert writer.execute("PRAGMA busy_timeout").fetchone()[0] == 5000
    reader = sqlite.connect(path, read_only=True)
    writer.execute("INSERT INTO t VALUES (1)")
    assert reader.execute("SELECT x FROM t").fetchall() == [(1,)]
    with pytest.raises(Exception, match="readonly"):
        reader.execute("INSERT INTO t VALUES (2)")


def test_reading_makes_no_database(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        sqlite.connect(tmp_path / "none", read_only=True)
    assert not (tmp_path / "none").exists()

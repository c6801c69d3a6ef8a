"""A log of its own for a test, on each database, reached the way that the front reaches it: without Django."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cordboard.events.feed import OwnConnection, connect_postgres
from cordboard.lib import sqlite
from cordboard.lib.config import Config, load
from cordboard.lib.testing.postgres import Cluster


@dataclass
class Log:
    """A migrated, empty log and plain connections to it."""

    config: Config

    def feed(self) -> OwnConnection:
        return OwnConnection.of(self.config)

    def connect(self) -> Any:
        return connect_postgres(self.config.database_url) if self.config.database_url else sqlite.connect(self.config.sqlite)

    def add(self, connection: Any, kind: str = "test.happened", topics: tuple[str, ...] = (), at: str = "", **body: Any) -> int:
        sql = (
            "INSERT INTO events_event (kind, version, at, actor, node, origin, why, topics, body) VALUES (?, 1, ?, 'system', 'test', '', '', ?, ?) RETURNING id"
        )
        if self.config.database_url:
            sql = sql.replace("?", "%s")
        return int(connection.execute(sql, [kind, at or datetime.now(UTC).isoformat(), json.dumps(topics), json.dumps(body)]).fetchall()[0][0])

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "CORDBOARD_DATA": str(self.config.data),
            "CORDBOARD_RUN": str(self.config.run),
            "CORDBOARD_DATABASE_URL": self.config.database_url,
            "DJANGO_SETTINGS_MODULE": "cordboard.events.tests.bare_settings",
        }

    def migrate(self) -> None:
        subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], check=True, env=self.environment)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log = Log(replace(load(), data=tmp_path_factory.mktemp("log"), database_url=""))
    log.migrate()
    return log.config.sqlite


@pytest.fixture(scope="session")
def migrated_postgres(cluster: Cluster) -> Cluster:
    with connect_postgres(cluster.url()) as connection:
        connection.execute("CREATE DATABASE log_template")
    Log(replace(load(), database_url=cluster.url("log_template"))).migrate()
    return cluster


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Log]:
    """An empty log on each database."""
    conf = replace(load(), data=tmp_path, run=tmp_path / "run", database_url="")
    if request.param == "sqlite":
        source: Path = request.getfixturevalue("migrated_sqlite")
        (tmp_path / source.name).write_bytes(source.read_bytes())
        yield Log(conf)
        return
    cluster: Cluster = request.getfixturevalue("migrated_postgres")
    name = f"log_{os.urandom(4).hex()}"
    with connect_postgres(cluster.url()) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE log_template")
        yield Log(replace(conf, database_url=cluster.url(name)))
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

"""`cordboard doctor`: looks at everything that this installation stands on, and says what is wrong and what to do about it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from cordboard.lib import draining, sqlite
from cordboard.lib.config import Config, config
from cordboard.serve.supervisor import PATH_LIMIT

Level = Literal["good", "warning", "bad"]

LITTLE_SPACE, TOO_LITTLE_SPACE = 5 << 30, 1 << 30
"""Bytes free on the data folder's disk: 5 GB is a warning (some 80 hours of recordings), 1 GB is bad."""


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    about: str
    text: str


def doctor(*, as_json: bool = False) -> int:
    """Print the findings; returns 1 when something is bad."""
    found = list(findings(config()))
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=1))
    else:
        width = max(len(one.about) for one in found)
        marks = {"good": "ok  ", "warning": "WARN", "bad": "BAD "}
        for one in found:
            print(f"{marks[one.level]} {one.about:<{width}}  {one.text}")
        bad, warnings = (sum(one.level == level for one in found) for level in ("bad", "warning"))
        print(f"\n{bad} bad, {warnings} to look at." if bad or warnings else "\nAll is well.")
    return 1 if any(one.level == "bad" for one in found) else 0


def findings(conf: Config) -> Iterator[Finding]:
    checks: tuple[Callable[[Config], Iterator[Finding]], ...] = (_library, _folders, _sockets, _ice, _space, _database, _processes, _ports, _media)
    for check in checks:
        try:
            yield from check(conf)
        except Exception as problem:  # noqa: BLE001  a check that fails is a finding, and the next ones still run
            yield Finding("bad", check.__name__.strip("_"), f"could not be checked: {type(problem).__name__}: {problem}")


def _library(conf: Config) -> Iterator[Finding]:
    if conf.database_url:
        return
    found = sqlite.version()
    text = ".".join(map(str, found))
    if found < sqlite.SOUND:
        yield Finding("bad", "SQLite library", f"{text} can corrupt a database on a WAL reset. Install pysqlite3 0.6.1 or newer.")
    else:
        yield Finding("good", "SQLite library", text)


def _folders(conf: Config) -> Iterator[Finding]:
    kind = sqlite.file_system(conf.data)
    if kind in sqlite.NETWORK_FILE_SYSTEMS and not conf.database_url:
        yield Finding("bad", "data folder", f"{conf.data} is on a network file system ({kind}), on which SQLite is not safe. Use a local disk, or PostgreSQL.")
    elif not conf.data.exists():
        yield Finding("bad", "data folder", f"{conf.data} does not exist. `cordboard migrate` makes it.")
    elif not os.access(conf.data, os.W_OK):
        yield Finding("bad", "data folder", f"{conf.data} cannot be written by this user.")
    else:
        yield Finding("good", "data folder", f"{conf.data} ({kind or 'unknown file system'})")
    secret = conf.data / "keys" / "secret"
    if secret.exists() and secret.stat().st_mode & 0o077:
        yield Finding("bad", "signing key", f"{secret} can be read by others. `chmod 600` it.")


def _ice(conf: Config) -> Iterator[Finding]:
    from cordboard.telephony import ice

    try:
        servers = ice.checked(conf)
    except ice.BadServer as problem:
        yield Finding("bad", "STUN and TURN", f"{problem}.")
        return
    if servers.urls:
        yield Finding("good", "STUN and TURN", f"browsers are told of {', '.join(servers.urls)}")


def _sockets(conf: Config) -> Iterator[Finding]:
    longest = max(len(os.fsencode(path)) for path in (conf.django_socket, conf.media_socket(99), conf.bells / "4194304-0123abcd"))
    if longest > PATH_LIMIT:
        yield Finding("bad", "run folder", f"{conf.run} is too long for sockets by {longest - PATH_LIMIT} bytes. Set a shorter one with CORDBOARD_RUN.")
    elif conf.run.exists() and conf.run.stat().st_uid != os.getuid():
        yield Finding("bad", "run folder", f"{conf.run} belongs to somebody else.")
    else:
        yield Finding("good", "run folder", str(conf.run))


def _space(conf: Config) -> Iterator[Finding]:
    place = conf.data
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    level: Level = "bad" if free < TOO_LITTLE_SPACE else "warning" if free < LITTLE_SPACE else "good"
    yield Finding(level, "disk", f"{free / (1 << 30):.1f} GB free")


def _database(conf: Config) -> Iterator[Finding]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    import django

    django.setup()
    from django.db import connection
    from django.db.utils import Error

    from cordboard.events.models import DeadLetter, Subscriber
    from cordboard.serve.prepare import pending

    if not conf.database_url and not conf.sqlite.exists():
        yield Finding("bad", "database", "there is none yet. `cordboard migrate` makes it.")
        return
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SHOW server_version")
                version = cursor.fetchone()[0]
                yield Finding("good" if int(version.split(".")[0]) >= 15 else "bad", "database", f"PostgreSQL {version}")
            else:
                cursor.execute("PRAGMA journal_mode")
                mode = cursor.fetchone()[0]
                cursor.execute("PRAGMA synchronous")
                synchronous = cursor.fetchone()[0]
                good = mode == "wal" and synchronous >= 2
                yield Finding(
                    "good" if good else "bad", "database", f"SQLite, journal {mode}, synchronous {synchronous}, {conf.sqlite.stat().st_size / (1 << 20):.1f} MB"
                )
    except Error as problem:
        yield Finding("bad", "database", f"it does not answer: {str(problem).strip()}")
        return
    missing = pending()
    if missing:
        yield Finding("bad", "tables", f"{len(missing)} migrations wait ({missing[0]} first). `cordboard migrate` applies them.")
        return
    yield Finding("good", "tables", "up to date")
    dead = DeadLetter.objects.count()
    if dead:
        names = sorted(set(DeadLetter.objects.values_list("subscriber", flat=True)))
        yield Finding("warning", "dead letters", f"{dead} events that {', '.join(names)} could not take (table events_dead_letter has the errors)")
    for row in Subscriber.objects.exclude(failures=0):
        yield Finding("warning", "subscriber", f"{row.name} fails: {row.last_error.strip().splitlines()[-1] if row.last_error else 'no reason kept'}")
    yield from _catalogues()
    yield from _trunks()


def _trunks() -> Iterator[Finding]:
    from cordboard.channels.voice.models import Trunk
    from cordboard.channels.voice.queries_trunk import standings
    from cordboard.telephony.driver import PRACTICE

    kinds = set(Trunk.objects.filter(active=True).values_list("transport", flat=True))
    if PRACTICE in kinds and len(kinds) > 1:
        yield Finding("warning", "trunks", "a practice trunk stands beside real ones: calls may end in it. `cordboard trunk remove` takes it away.")
    for one in standings():
        if one.up is False:
            yield Finding("warning", f"trunk {one.code}", f"{one.node} cannot use it since {one.since:%Y-%m-%d %H:%M} UTC: {one.reason}")
        elif one.up:
            yield Finding("good", f"trunk {one.code}", f"{one.reason} ({one.node})")


def _catalogues() -> Iterator[Finding]:
    """Every language of the screens has its compiled catalogue."""
    from django.conf import settings
    from django.utils.translation import to_locale

    missing = [
        code
        for code, _ in settings.LANGUAGES
        if code != "en" and not any((Path(place) / to_locale(code) / "LC_MESSAGES" / "django.mo").exists() for place in settings.LOCALE_PATHS)
    ]
    if missing:
        yield Finding("warning", "languages", f"no compiled catalogue for {', '.join(missing)}: their screens are in English. `make setup` makes it.")
    else:
        yield Finding("good", "languages", f"{len(settings.LANGUAGES)} complete")


def _running(conf: Config) -> list[dict[str, Any]]:
    """The roles of every supervisor that runs on this machine; [] when none does."""
    found: list[dict[str, Any]] = []
    for path in sorted(conf.run.glob("status*.json")):
        try:
            status = json.loads(path.read_text())
        except (OSError, ValueError):
            continue
        if Path(f"/proc/{status['pid']}").exists():
            found += status["roles"]
    return found


def _processes(conf: Config) -> Iterator[Finding]:
    roles = _running(conf)
    if not roles:
        yield Finding("good", "processes", "the centre does not run")
        return
    for role in roles:
        age = time.time() - role["since"]
        again = f", started again {role['restarts']} times, last after {role['last_end']}" if role["restarts"] else ""
        level: Level = "bad" if role["state"] != "running" else "warning" if role["restarts"] and age < 600 else "good"
        yield Finding(level, role["name"], f"{role['state']}, process {role['pid']}, for {age:.0f} s{again}")
    for note in draining.notes(conf.run):
        yield Finding(
            "warning",
            note.role,
            f"takes no new calls since {time.time() - note.since:.0f} s: {note.calls} left, and {max(0.0, note.until - time.time()):.0f} s at most",
        )
    for path in sorted((conf.run / "health").glob("worker*.json")):
        health = json.loads(path.read_text())
        still = [name for name, alive in health["threads"].items() if not alive]
        if time.time() - health["at"] > 15:
            yield Finding("bad", path.stem, f"has not been heard for {time.time() - health['at']:.0f} s")
        elif still:
            yield Finding("bad", path.stem, f"threads that stand still: {', '.join(still)}")


def _ports(conf: Config) -> Iterator[Finding]:
    if _running(conf):
        return
    for number, kind, host, name, way in (
        (conf.port, socket.SOCK_STREAM, conf.host, "port for browsers", "--port"),
        (conf.sip_port, socket.SOCK_DGRAM, conf.sip_host, "port for SIP", "CORDBOARD_SIP_PORT"),
    ):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with closing(socket.socket(family, kind)) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1) if kind == socket.SOCK_STREAM else None
            try:
                sock.bind((host, number))
                yield Finding("good", name, f"{number} is free")
            except OSError as problem:
                yield Finding("bad", name, f"{number} of {host}: {problem.strerror}. Choose another with {way}.")


def _media(conf: Config) -> Iterator[Finding]:
    """Switch and media processes of a running centre listen. Looked up with the system: a media process serves one switch, and a
    connection of ours would take its place."""
    roles = _running(conf)
    if not roles:
        return
    listening = {line.split()[-1] for line in Path("/proc/net/unix").read_text().splitlines() if line.split()[3:4] == ["00010000"]}
    for role in roles:
        if role["kind"] in ("media", "switch"):
            path = conf.switch_socket if role["kind"] == "switch" else conf.media_socket(int(role["name"].split("-")[1]))
            if str(path) not in listening:
                yield Finding("bad", role["name"], f"nothing listens at {path}")


if __name__ == "__main__":
    sys.exit(doctor())

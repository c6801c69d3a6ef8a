"""Who does what only one may do. A lease is a row: owner, epoch, until when by the database's clock.

A holder renews well before `SECONDS` are over. Whoever finds the lease run out takes it and raises the epoch. Work that must not be
done twice calls `Held.check()` inside its own transaction: it fails when the lease has gone to someone else, and until that transaction
ends nobody else can take it.
"""

from __future__ import annotations

import os
import secrets
import threading
from dataclasses import dataclass

from django.db import connection, transaction

from cordboard.lib.config import config

SECONDS = 3.0


class LeaseLost(RuntimeError):
    """Somebody else has the lease by now: what was about to happen must not."""


_process = f"{os.getpid()}:{secrets.token_hex(4)}"


def _forked() -> None:
    global _process
    _process = f"{os.getpid()}:{secrets.token_hex(4)}"


os.register_at_fork(after_in_child=_forked)


def owner_here() -> str:
    """The name under which this thread holds leases."""
    return f"{config().node}:{_process}:{threading.get_ident():x}"


def _clock() -> str:
    if connection.vendor == "postgresql":
        return "extract(epoch FROM clock_timestamp())::float8"
    return "((julianday('now') - 2440587.5) * 86400.0)"


@dataclass(frozen=True, slots=True)
class Held:
    name: str
    owner: str
    epoch: int

    def check(self) -> None:
        """Inside a transaction: make sure that we still lead, and that nobody takes over before it ends. Raises LeaseLost."""
        if not connection.in_atomic_block:
            raise RuntimeError("a lease is checked inside the transaction that needs it")
        lock = " FOR SHARE" if connection.vendor == "postgresql" else ""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM events_lease WHERE name = %s AND owner = %s AND epoch = %s{lock}", [self.name, self.owner, self.epoch])
            if cursor.fetchone() is None:
                raise LeaseLost(self.name)

    def release(self) -> None:
        """Let the next one have it at once."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE events_lease SET until = 0 WHERE name = %s AND owner = %s AND epoch = %s", [self.name, self.owner, self.epoch])


def hold(name: str, *, owner: str = "", seconds: float = SECONDS) -> Held | None:
    """Take or renew the lease `name` for `seconds`. None when another holds it. One statement, in a transaction of its own unless one is open."""
    owner = owner or owner_here()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO events_lease (name, owner, epoch, until) VALUES (%s, %s, 1, {_clock()} + %s)
                ON CONFLICT (name) DO UPDATE SET
                    epoch = events_lease.epoch + CASE WHEN events_lease.owner = excluded.owner THEN 0 ELSE 1 END,
                    owner = excluded.owner, until = excluded.until
                WHERE events_lease.owner = excluded.owner OR events_lease.until < {_clock()}
                RETURNING epoch""",
            [name, owner, seconds],
        )
        rows = cursor.fetchall()  # to the end: SQLite commits when the statement is done
    return Held(name, owner, int(rows[0][0])) if rows else None


def hold_all(names: list[str], *, owner: str = "", seconds: float = SECONDS) -> dict[str, Held]:
    """`hold` for several names in one transaction; those that others hold are missing from the answer."""
    owner = owner or owner_here()
    with transaction.atomic():
        taken = {name: hold(name, owner=owner, seconds=seconds) for name in sorted(names)}
    return {name: held for name, held in taken.items() if held is not None}


def holders() -> dict[str, tuple[str, int, float]]:
    """Of every lease: owner, epoch, seconds left (negative: run out)."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT name, owner, epoch, until - {_clock()} FROM events_lease ORDER BY name")
        return {name: (owner, int(epoch), float(left)) for name, owner, epoch, left in cursor.fetchall()}

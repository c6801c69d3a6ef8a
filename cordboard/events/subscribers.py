"""Code that runs for each event, at least once, in the worker: search index, webhooks, guidance rules, escalation.

    subscribe("knowledge.index", ["knowledge.published", "knowledge.withdrawn"], index)

A handler gets a `FeedEvent`, must be idempotent, and looks up the rows it needs: the event has ids only. Each subscriber has a cursor of its own in
the database, so it goes on where it was after any crash. An event whose handler fails is tried again with growing pauses, the
following ones waiting behind it; after `TRIES` it is put aside as a dead letter, which `cordboard doctor` shows, and the next one comes.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from cordboard.events.feed import FeedEvent

if TYPE_CHECKING:
    from cordboard.events.lease import Held

logger = logging.getLogger(__name__)

Handler = Callable[[FeedEvent], object]

TRIES = 8
BATCH = 100
LEASE = "events.subscribers"


@dataclass(frozen=True, slots=True)
class Subscription:
    name: str
    kinds: frozenset[str]
    handler: Handler
    from_beginning: bool


_subscriptions: dict[str, Subscription] = {}


def subscribe(name: str, kinds: Iterable[str], handler: Handler, *, from_beginning: bool = False) -> None:
    """Have `handler` called for every event of `kinds` ("parties.*" for all of a package). `name` keys the cursor: it stays for ever.
    A new subscriber begins now, or with the first event of the log."""
    known = _subscriptions.get(name)
    if known is not None and known.handler is not handler:
        raise ValueError(f"two subscribers are called {name!r}")
    _subscriptions[name] = Subscription(name, frozenset(kinds), handler, from_beginning)


def subscriptions() -> list[Subscription]:
    return list(_subscriptions.values())


def pause(failures: int) -> timedelta:
    """Before the next try of an event that failed so many times: 1, 2, 4, ... 60 seconds."""
    return timedelta(seconds=min(60, 2 ** max(0, failures - 1)))


def wants(subscription: Subscription, kind: str) -> bool:
    return kind in subscription.kinds or f"{kind.partition('.')[0]}.*" in subscription.kinds


class Runner:
    """Runs one subscriber. `step()` takes the next batch; the worker calls it on and on while it holds the lease."""

    def __init__(self, subscription: Subscription, *, tries: int = TRIES) -> None:
        self.subscription = subscription
        self._tries = tries

    def step(self, held: Held | None = None) -> bool:
        """Handle at most `BATCH` events. True when there may be more at once. Raises LeaseLost when another worker leads by now."""
        from django.utils import timezone

        from cordboard.events import feed
        from cordboard.events.models import Subscriber

        log = feed.of_django()
        row = self._row(log)
        if row.failures and timezone.now() < row.read_at + pause(row.failures):
            return False
        try:
            events, after = log.read_since(row.cursor, BATCH)
        except feed.OtherEpoch:
            # Restoring sets these cursors right; one that is of another epoch all the same can only start anew.
            logger.error("the cursor of %s is from before a restore; it goes on from now", self.subscription.name)
            self._save(row, log.now_cursor(), held)
            return False
        for event in events:
            if not wants(self.subscription, event.kind):
                continue
            try:
                self.subscription.handler(event)
            except Exception:  # noqa: BLE001  whatever a handler raises is kept with the event
                self._failed(row, event, events, held)
                return False
            if row.failures:
                Subscriber.objects.filter(pk=row.pk).update(failures=0, last_error="")
                row.failures = 0
        if after != row.cursor and (events or row.cursor.split(":")[0] != after.split(":")[0] or self._stale(row)):
            self._save(row, after, held)
        return len(events) == BATCH

    @staticmethod
    def _stale(row: object) -> bool:
        """An idle cursor is carried forward once a minute: an old snapshot makes PostgreSQL look at more rows."""
        from django.utils import timezone

        return bool(timezone.now() - row.read_at > timedelta(minutes=1))  # type: ignore[attr-defined]

    def _row(self, log: object) -> Subscriber:  # type: ignore[name-defined]  # noqa: F821
        from cordboard.events.models import Subscriber

        found = Subscriber.objects.filter(pk=self.subscription.name).first()
        if found is None:
            start = log.now_cursor()  # type: ignore[attr-defined]
            if self.subscription.from_beginning:
                epoch = start.split(":")[0]
                start = f"{epoch}:0" if start.count(":") == 1 else f"{epoch}:1:1:"
            found, _ = Subscriber.objects.get_or_create(pk=self.subscription.name, defaults={"cursor": start})
        return found

    def _save(self, row: object, cursor: str, held: Held | None) -> None:
        from django.db import transaction
        from django.utils import timezone

        from cordboard.events.models import Subscriber

        with transaction.atomic():
            if held is not None:
                held.check()
            Subscriber.objects.filter(pk=self.subscription.name).update(cursor=cursor, failures=0, last_error="", read_at=timezone.now())

    def _failed(self, row: Subscriber, event: FeedEvent, events: list[FeedEvent], held: Held | None) -> None:  # type: ignore[name-defined]  # noqa: F821
        from django.db import transaction
        from django.utils import timezone

        from cordboard.events.models import DeadLetter, Subscriber

        text = traceback.format_exc(limit=20)[-4000:]
        failures = row.failures + 1
        place = events.index(event)
        before = events[place - 1].cursor if place else row.cursor
        dead = failures >= self._tries
        logger.warning("%s could not take event %d (%s), try %d of %d", self.subscription.name, event.id, event.kind, failures, self._tries, exc_info=True)
        with transaction.atomic():
            if held is not None:
                held.check()
            if dead:
                DeadLetter.objects.update_or_create(
                    subscriber=self.subscription.name, event_id=event.id, defaults={"tries": failures, "error": text, "at": timezone.now()}
                )
            Subscriber.objects.filter(pk=self.subscription.name).update(
                cursor=event.cursor if dead else before,
                failures=0 if dead else failures,
                last_error="" if dead else text,
                read_at=timezone.now(),
            )

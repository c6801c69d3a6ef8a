"""The only writers of figures. What is written is a picture of contacts that changed, so no event is recorded: nobody learns anything new by it.

A contact is always counted anew as a whole: its parts are taken off the sums, and those of today's rows put on. Doing it twice changes nothing, and what was corrected later
(a reason, a transfer, a time) comes out right. Writers stand in line at the lock of `Progress`.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable
from itertools import islice

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from cordboard.analytics import sources
from cordboard.analytics.channels import NUMBERS
from cordboard.analytics.models import Cell, Part, Progress, Tag
from cordboard.analytics.parts import Part as Counted
from cordboard.analytics.parts import cut
from cordboard.analytics.sums import MEASURES
from cordboard.events import feed
from cordboard.events.models import Subscriber
from cordboard.interactions.models import Interaction
from cordboard.routing.models_outbound import Callback

NAME = "analytics.figures"
"""Of the cursor in the log."""
CHUNK = 50
"""Contacts in one transaction: some hundredths of a second, in which on SQLite nobody else writes."""
BUDGET = 0.3
"""Seconds that `collect` may take of the thread that all sweepers share."""
READ = 500
PACKAGES = ("interactions.", "routing.")
Deltas = dict[tuple[int, int, int], list[int]]
"""What is to be added: by kind, key and slot of a cell, in the order of MEASURES."""


def collect(*, seconds: float = BUDGET) -> int:
    """Count what the log says has changed since last time, then go on with a rebuilding; for about so many seconds, the rest next time. Returns how many contacts were
    counted. The first time all contacts that are there are counted; a cursor of before a restore begins anew with all as well."""
    until = time.monotonic() + seconds
    log = feed.of_django()
    row = Subscriber.objects.filter(pk=NAME).first()
    if row is None:
        begin_rebuild()
        row = Subscriber.objects.get_or_create(pk=NAME, defaults={"cursor": log.now_cursor()})[0]
    done = 0
    while True:
        try:
            events, after = log.read_since(row.cursor, READ)
        except feed.OtherEpoch:
            begin_rebuild()
            events, after = [], log.now_cursor()
        told = [event.body for event in events if event.kind.startswith(PACKAGES)]
        interactions = {body["interaction"] for body in told if body.get("interaction") is not None}
        callbacks = {body["callback"] for body in told if isinstance(body.get("callback"), int)}
        # A callback that was asked for in a contact is counted with that contact.
        asked_in = Callback.objects.filter(pk__in=callbacks).exclude(asked_in=None).values_list("asked_in_id", flat=True)
        interactions.update(number for number in asked_in if number is not None)
        done += recount(interactions, callbacks)
        if after != row.cursor:
            row.cursor, row.read_at = after, timezone.now()
            row.save(update_fields=["cursor", "read_at"])
        if len(events) < READ or time.monotonic() > until:
            break
    while time.monotonic() < until and (step := _go_on()):
        done += step
    return done


def begin_rebuild() -> None:
    """Have all contacts counted anew, some at a time, by `collect`."""
    last = Interaction.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with transaction.atomic():
        progress = _in_line()
        progress.next_interaction, progress.last_interaction = 0, last
        progress.save(update_fields=["next_interaction", "last_interaction"])


def rebuild() -> int:
    """All contacts, now. Returns how many. Parts of contacts that are not there any more stay."""
    begin_rebuild()
    done = 0
    while step := _go_on():
        done += step
    callbacks = Callback.objects.filter(asked_in=None).order_by("pk").values_list("pk", flat=True)
    recount((), set(callbacks))
    return done


def _go_on() -> int:
    """The next chunk of a rebuilding. Returns how many contacts it had; 0 when all is done."""
    progress = Progress.objects.first()
    if progress is None or progress.next_interaction > progress.last_interaction:
        return 0
    left = Interaction.objects.filter(pk__gte=progress.next_interaction, pk__lte=progress.last_interaction)
    ids = list(left.order_by("pk").values_list("pk", flat=True)[:CHUNK])
    recount(ids)
    following = ids[-1] + 1 if len(ids) == CHUNK else progress.last_interaction + 1
    Progress.objects.filter(pk=progress.pk, next_interaction=progress.next_interaction).update(next_interaction=following)
    return len(ids)


def recount(interactions: Collection[int], callbacks: Collection[int] = ()) -> int:
    """Count these contacts, and callbacks that belong to none, anew. Returns how many contacts."""
    for some in _chunks(interactions):
        with transaction.atomic():
            _in_line()
            counted = sources.contacts(some)
            _replace(Part.objects.filter(interaction__in=list(counted)), ((number, one) for number, contact in counted.items() for one in cut(contact)))
    for some in _chunks(callbacks):
        with transaction.atomic():
            _in_line()
            promised = sources.promises(some)
            _replace(Part.objects.filter(callback__in=some, interaction=0), ((0, one) for contact in promised.values() for one in cut(contact)))
    return len(interactions)


def _chunks(ids: Iterable[int]) -> Iterable[list[int]]:
    rest = iter(sorted(ids))
    while some := list(islice(rest, CHUNK)):
        yield some


def _in_line() -> Progress:
    """The row that writers lock; in the caller's transaction."""
    Progress.objects.get_or_create(pk=1)
    return Progress.objects.select_for_update().get(pk=1)


def _replace(old: QuerySet[Part], new: Iterable[tuple[int, Counted]]) -> None:
    """Parts of some contacts by others, with the sums. In the caller's transaction, in line."""
    deltas: Deltas = {}
    rows = list(old)
    tags: dict[int, list[tuple[int, int]]] = {}
    for part, kind, key in Tag.objects.filter(part_id__in=[row.pk for row in rows]).values_list("part_id", "kind", "key"):
        tags.setdefault(part, []).append((kind, key))
    for row in rows:
        _add(deltas, row, tags.get(row.pk, []), -1)
    if rows:
        Tag.objects.filter(part_id__in=list(tags)).delete()
        Part.objects.filter(pk__in=[row.pk for row in rows])._raw_delete(Part.objects.db)
    made: list[Part] = []
    tagged: list[list[tuple[int, int]]] = []
    for interaction, one in new:
        row = Part(
            interaction=interaction, entry=one.visit or 0, segment=one.stint or 0, callback=one.promise or 0, at=one.at, slot=one.slot,
            queue=one.queue or 0, agent=one.agent or 0, channel=NUMBERS[one.channel], **{name: getattr(one.sums, name) for name in MEASURES},
        )  # fmt: skip
        made.append(row)
        tagged.append([*((Tag.Kind.SKILL, key) for key in one.skills), *((Tag.Kind.REASON, key) for key in one.reasons)])
        _add(deltas, row, tagged[-1], 1)
    Part.objects.bulk_create(made, batch_size=200)
    Tag.objects.bulk_create([Tag(part_id=row.pk, kind=kind, key=key) for row, own in zip(made, tagged, strict=True) for kind, key in own], batch_size=500)
    _upsert(deltas)


def _add(deltas: Deltas, row: Part, tags: Iterable[tuple[int, int]], sign: int) -> None:
    values = row.__dict__
    there = [(place, sign * values[name]) for place, name in enumerate(MEASURES) if values[name]]
    if there:
        for kind, key in ((Cell.Kind.QUEUE, row.queue), (Cell.Kind.AGENT, row.agent), (Cell.Kind.CHANNEL, row.channel), *tags):
            cell = deltas.setdefault((int(kind), key, row.slot), [0] * len(MEASURES))
            for place, value in there:
                cell[place] += value


_COLUMNS = ", ".join(MEASURES)
_UPSERT = (
    f"INSERT INTO analytics_cell (kind, key, slot, {_COLUMNS}) VALUES ({', '.join(['%s'] * (3 + len(MEASURES)))}) "
    f"ON CONFLICT (kind, key, slot) DO UPDATE SET {', '.join(f'{name} = analytics_cell.{name} + excluded.{name}' for name in MEASURES)}"
)


def _upsert(deltas: Deltas) -> None:
    """Sums are added where they stand: in SQL of our own, since the ORM's upsert can only replace."""
    rows = [(*cell, *sums) for cell, sums in sorted(deltas.items()) if any(sums)]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_UPSERT, rows)

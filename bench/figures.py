"""Figures of a month with a million contacts and 500 agents: how fast they are counted, and how fast they are read.

    python -m bench.figures [--json] [--database URL] [--contacts 1000000] [--days 30] [--agents 500] [--requests 30]

Without a database a file of SQLite in the temporary folder is filled once (some minutes) and kept; `--database` takes a PostgreSQL of yours, which must be empty or
of an earlier run. Keys: `counted_per_s` (contacts that were counted before, anew); `query_ms` by question: {"p50", "p95", "cpu"}; `page_ms` the same for whole pages through
Django; `direct_ms` the month by queue summed from the contacts' own rows, without what is kept; `export_rows_per_s`; `collect_ms` for a hundred contacts that changed.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bench.report import found, percentile, say

SEED = 20261101
FIRST = date(2026, 10, 5)
QUEUES, SKILLS, REASONS = 20, 12, 24
ZONE = ZoneInfo("Europe/Amsterdam")


def timed(times: int, act: Callable[[], Any]) -> dict[str, float]:
    """Milliseconds of each of so many runs, after one unmeasured; and of this process's own time (on SQLite that is all there is), which other work on the machine
    does not make longer."""
    act()
    spent, own = [], []
    for _ in range(times):
        begun, before = time.perf_counter(), time.process_time()
        act()
        spent.append((time.perf_counter() - begun) * 1000)
        own.append((time.process_time() - before) * 1000)
    return {"p50": round(percentile(spent, 50), 1), "p95": round(percentile(spent, 95), 1), "cpu": round(percentile(own, 50), 1)}


def people(agents: int) -> None:
    from cordboard.interactions.models import ContactReason
    from cordboard.org.models import Unit, User
    from cordboard.routing.models import Queue, QueueMember, Skill

    unit = Unit.objects.create(code="centre", name="Centre", timezone=ZONE.key)
    queues = Queue.objects.bulk_create(Queue(code=f"queue-{n}", name=f"Queue {n}", unit=unit) for n in range(QUEUES))
    users = User.objects.bulk_create(User(username=f"agent-{n}", name=f"Agent {n}", unit=unit) for n in range(agents))
    QueueMember.objects.bulk_create(QueueMember(queue=queues[n % QUEUES], agent=user) for n, user in enumerate(users))
    User.objects.create(username="carol", name="Carol", unit=unit, is_superuser=True, timezone=ZONE.key)
    Skill.objects.bulk_create(Skill(code=f"skill-{n}", kind="product") for n in range(SKILLS))
    group = ContactReason.objects.create(code="group", names={"en": "Group"})
    ContactReason.objects.bulk_create(ContactReason(code=f"reason-{n}", parent=group, names={"en": f"Reason {n}"}) for n in range(REASONS))


def rows(contacts: int, days: int, agents: list[int], queues: list[int], reasons: list[int]) -> Iterator[tuple[Any, ...]]:
    """Interactions with their entries, segments and reasons, in order of time, by day's curve: most between nine and five."""
    rng = random.Random(SEED)
    begin = datetime(FIRST.year, FIRST.month, FIRST.day, 6, tzinfo=UTC)
    skills = [[{"skill": f"skill-{n}", "proficiency": 3}] for n in range(SKILLS)]
    for number in range(1, contacts + 1):
        at = begin + timedelta(days=(number - 1) * days // contacts, seconds=round(rng.triangular(0, 14 * 3600), 3))
        waited, talked = timedelta(seconds=round(rng.expovariate(1 / 15), 3)), timedelta(seconds=rng.randint(30, 600))
        queue = rng.choice(queues)
        answered = rng.random() > 0.08
        agent = rng.choice(agents)
        yield number, at, at + waited, at + waited + talked, queue, agent, answered, rng.choice(skills), rng.choice(reasons), rng.random() < 0.05


def fill(contacts: int, days: int) -> None:
    """The contacts, in the tables of the packages below. Numbers of rows are those of contacts."""
    from django.db import transaction

    from cordboard.interactions.models import ContactReason, Interaction, InteractionReason, Segment
    from cordboard.org.models import User
    from cordboard.routing.models import Entry, Queue

    agents = list(User.objects.filter(username__startswith="agent-").values_list("pk", flat=True))
    source = rows(
        contacts, days, agents, list(Queue.objects.values_list("pk", flat=True)), list(ContactReason.objects.exclude(parent=None).values_list("pk", flat=True))
    )
    while some := list(islice(source, 20_000)):
        with transaction.atomic():
            Interaction.objects.bulk_create(Interaction(pk=number, channel="voice", state="ended", started_at=at) for number, at, *_ in some)
            Segment.objects.bulk_create(
                Segment(
                    pk=number, interaction_id=number, agent_id=agent, state="ended", offered_at=at, accepted_at=taken, ended_at=ended,
                    wrapped_up_at=ended + timedelta(seconds=30), held_seconds=4.5, end_cause="hung_up",
                )
                for number, at, taken, ended, _queue, agent, answered, *_ in some if answered
            )  # fmt: skip
            Segment.objects.bulk_create(
                Segment(pk=contacts + number, interaction_id=number, agent_id=agent, state="ended", offered_at=at, ended_at=at, end_cause="no_answer")
                for number, at, _taken, _ended, _queue, agent, *_, in_vain in some
                if in_vain
            )
            Entry.objects.bulk_create(
                Entry(
                    pk=number, interaction_id=number, queue_id=queue, state="answered" if answered else "abandoned", requirements=skills, entered_at=at, waiting_since=at,
                    left_at=left, in_target=(left - at).total_seconds() <= 20, short=None if answered else (left - at).total_seconds() < 5, segment_id=number if answered else None,
                )
                for number, at, left, _ended, queue, _agent, answered, skills, *_ in some
            )  # fmt: skip
            InteractionReason.objects.bulk_create(
                InteractionReason(pk=number, interaction_id=number, reason_id=reason, at=ended)
                for number, _at, _taken, ended, _queue, _agent, answered, _skills, reason, _ in some
                if answered
            )
        say(f"{some[-1][0]:,} contacts made")


def prepare(contacts: int, days: int, agents: int) -> None:
    """Fill what is not there yet."""
    from django.core.management import call_command
    from django.db import connection

    from cordboard.analytics.models import Part
    from cordboard.interactions.models import Interaction

    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    there = Interaction.objects.count()
    if there not in (0, contacts):
        raise SystemExit(f"The database has {there:,} contacts, not {contacts:,}: name an empty one.")
    if not there:
        people(agents)
        fill(contacts, days)
    if Part.objects.filter(pk=contacts).exists():
        say(f"Using the {Part.objects.count():,} parts that are there.")
    else:
        summed(contacts)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def summed(contacts: int) -> None:
    """The figures of these contacts as the program's own code makes them, by SQL, since a million would take it a quarter of an hour; `verify` holds them to that code."""
    from django.db import connection, transaction

    from cordboard.analytics.sums import MEASURES

    sqlite = connection.vendor == "sqlite"
    span = "CAST(round((julianday({}) - julianday({})) * 86400000) AS integer)" if sqlite else "round(extract(epoch FROM {} - {}) * 1000)::bigint"
    slot = "CAST(strftime('%%s', e.entered_at) AS integer) / 900 * 900" if sqlite else "floor(extract(epoch FROM e.entered_at) / 900)::bigint * 900"
    skill = "json_extract(e.requirements, '$[0].skill')" if sqlite else "e.requirements->0->>'skill'"
    answered, gone = "CASE WHEN e.state = 'answered' THEN {} ELSE 0 END", "CASE WHEN e.state = 'abandoned' THEN {} ELSE 0 END"
    waited, talk = span.format("e.left_at", "e.entered_at"), span.format("s.ended_at", "s.accepted_at")
    values = dict.fromkeys(MEASURES, "0") | {
        "offered": "1", "answered": answered.format(1), "answered_within": answered.format("CASE WHEN e.in_target THEN 1 ELSE 0 END"), "abandoned": gone.format(1),
        "short_abandoned": gone.format("CASE WHEN e.short THEN 1 ELSE 0 END"), "abandoned_after": gone.format("CASE WHEN e.in_target THEN 0 ELSE 1 END"),
        "wait_answered_ms": answered.format(waited), "wait_abandoned_ms": gone.format(waited), "offers": answered.format(1), "handled": answered.format(1),
        "talk_ms": answered.format(f"{talk} - 4500"), "hold_ms": answered.format(4500), "acw_ms": answered.format(30000),
    }  # fmt: skip
    vain = dict.fromkeys(MEASURES, "0") | {"offers": "1", "rona": "1"}
    names = ", ".join(MEASURES)
    head = f"INSERT INTO analytics_part (id, interaction, entry, segment, callback, at, slot, queue, agent, channel, {names}) SELECT"
    total = ", ".join(f"sum({name})" for name in MEASURES)
    tagged = "INSERT INTO analytics_tag (part_id, kind, key) SELECT p.id,"
    cell = f"INSERT INTO analytics_cell (kind, key, slot, {names}) SELECT"
    statements = [
        "DELETE FROM analytics_tag", "DELETE FROM analytics_part", "DELETE FROM analytics_cell", "DELETE FROM analytics_progress",
        f"""{head} e.id, e.interaction_id, e.id, coalesce(e.segment_id, 0), 0, e.entered_at, {slot}, e.queue_id, coalesce(s.agent_id, 0), 1, {", ".join(values.values())}
            FROM routing_entry e LEFT JOIN interactions_segment s ON s.id = e.segment_id""",
        f"""{head} s.id, e.interaction_id, e.id, s.id, 0, e.entered_at, {slot}, e.queue_id, s.agent_id, 1, {", ".join(vain.values())}
            FROM interactions_segment s JOIN routing_entry e ON e.id = s.interaction_id WHERE s.id > {contacts}""",
        f"{tagged} 1, k.id FROM analytics_part p JOIN routing_entry e ON e.id = p.entry JOIN routing_skill k ON k.code = {skill}",
        f"{tagged} 2, r.reason_id FROM analytics_part p JOIN interactions_reason r ON r.id = p.interaction",
        f"""{tagged} 2, g.parent_id FROM analytics_part p JOIN interactions_reason r ON r.id = p.interaction
            JOIN interactions_contact_reason g ON g.id = r.reason_id""",
        *(f"{cell} {kind}, {key}, slot, {total} FROM analytics_part GROUP BY {key}, slot" for kind, key in ((3, "queue"), (4, "agent"), (5, "channel"))),
        f"{cell} t.kind, t.key, slot, {total} FROM analytics_tag t JOIN analytics_part p ON p.id = t.part_id GROUP BY t.kind, t.key, slot",
        f"INSERT INTO analytics_progress (id, next_interaction, last_interaction) VALUES (1, {contacts + 1}, {contacts})",
    ]  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            begun = time.monotonic()
            cursor.execute(statement, [] if "%%" in statement else None)
            say(f"{' '.join(statement.split())[:60]}: {cursor.rowcount:,} rows, {time.monotonic() - begun:.0f} s")
        if not sqlite:
            for table in ("part", "tag", "cell", "progress"):
                cursor.execute(f"SELECT setval(pg_get_serial_sequence('analytics_{table}', 'id'), (SELECT max(id) FROM analytics_{table}))")


def verify(contacts: int, number: int = 2_000) -> float:
    """Count some contacts anew by the program's code: the sums must stay what they are. Returns contacts counted a second."""
    from django.db.models import Sum

    from cordboard.analytics import actions
    from cordboard.analytics.models import Cell
    from cordboard.analytics.sums import MEASURES

    some = random.Random(SEED).sample(range(1, contacts + 1), min(number, contacts))
    asked = {name: Sum(name) for name in MEASURES}
    before = list(Cell.objects.values("kind").annotate(**asked).order_by("kind"))
    begun = time.monotonic()
    actions.recount(some)
    spent = time.monotonic() - begun
    if list(Cell.objects.values("kind").annotate(**asked).order_by("kind")) != before:
        raise SystemExit("The sums made by SQL are not those of the program.")
    return len(some) / spent


DIRECT = """SELECT e.queue_id, count(*), sum(CASE WHEN e.state = 'answered' THEN 1 ELSE 0 END), sum(CASE WHEN e.in_target AND e.state = 'answered' THEN 1 ELSE 0 END),
    sum(CASE WHEN e.state = 'abandoned' THEN 1 ELSE 0 END), sum({talk}), sum(s.held_seconds), sum({acw})
    FROM routing_entry e JOIN interactions_interaction i ON i.id = e.interaction_id LEFT JOIN interactions_segment s ON s.id = e.segment_id
    WHERE e.counted AND e.entered_at >= %s AND e.entered_at < %s GROUP BY e.queue_id"""


def measure(contacts: int, days: int, requests: int) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client

    from cordboard.analytics import actions, export, queries
    from cordboard.analytics.asked import Choices, Question
    from cordboard.analytics.intervals import between
    from cordboard.analytics.models import Cell, Part
    from cordboard.analytics.queries import Asked
    from cordboard.org.models import User
    from cordboard.routing import levels

    last, middle = FIRST + timedelta(days=days - 1), FIRST + timedelta(days=days // 2)
    carol = User.objects.get(username="carol")
    queue = Cell.objects.filter(kind=Cell.Kind.QUEUE).values_list("key", flat=True).first() or 0
    agent = Cell.objects.filter(kind=Cell.Kind.AGENT).exclude(key=0).values_list("key", flat=True).first() or 0
    month, day = {"first": FIRST, "last": last, "zone": ZONE}, {"first": middle, "last": middle, "zone": ZONE}
    questions = {
        "day_by_half_hour": Asked(**day, step="30"),
        "day_by_queue": Asked(**day, by="queue"),
        "day_by_agent": Asked(**day, by="agent"),
        "month_by_day": Asked(**month, step="day"),
        "month_by_half_hour": Asked(**month, step="30"),
        "month_by_queue": Asked(**month, by="queue"),
        "month_by_agent": Asked(**month, by="agent"),
        "month_by_reason": Asked(**month, by="reason"),
        "month_of_agent_by_day": Asked(**month, step="day", only={"agent": agent}),
        "month_of_queue_by_agent": Asked(**month, by="agent", only={"queue": queue}),
        "month_of_queue_by_skill": Asked(**month, by="skill", only={"queue": queue}),
    }
    figures: dict[str, Any] = {"query_ms": {}, "page_ms": {}}
    for name, asked in questions.items():
        figures["query_ms"][name] = timed(requests, lambda asked=asked: queries.figures(asked))
        say(f"{name}: {figures['query_ms'][name]}")
    behind = queries.contacts(Asked(**month, only={"queue": queue}), "abandoned")
    figures["query_ms"]["contacts_behind"] = timed(requests, lambda: (queries.whole_of(behind, "abandoned"), list(behind[:100])))
    begin, end = between(FIRST, last, ZONE)
    seconds = "extract(epoch FROM {} - {})" if connection.vendor == "postgresql" else "(julianday({}) - julianday({})) * 86400"
    direct = DIRECT.format(talk=seconds.format("s.ended_at", "s.accepted_at"), acw=seconds.format("s.wrapped_up_at", "s.ended_at"))

    def straight() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute(direct, [connection.ops.adapt_datetimefield_value(one) for one in (begin, end)])
            return list(cursor.fetchall())

    figures["direct_ms"] = timed(max(3, requests // 10), straight)
    client = Client()
    client.force_login(carol, backend="django.contrib.auth.backends.ModelBackend")
    for name, address in {
        "day_by_half_hour": f"/figures/?from={middle}&interval=30",
        "month_by_day": f"/figures/?from={FIRST}&to={last}&interval=day",
        "month_by_queue": f"/figures/?from={FIRST}&to={last}&rows=queue",
        "month_by_agent": f"/figures/?from={FIRST}&to={last}&rows=agent",
        "contacts_behind": f"/figures/contacts/?from={middle}&of=abandoned&queue={queue}",
    }.items():
        figures["page_ms"][name] = timed(requests, lambda address=address: client.get(address))
    choices, whole = Choices(carol), Question(FIRST, last, ZONE, "queue", "30", levels.DEFAULT)
    begun = time.perf_counter()
    lines = sum(1 for _record in export.records(whole, choices))
    figures["export_rows_per_s"] = round(lines / (time.perf_counter() - begun))
    some = list(Part.objects.exclude(interaction=0).order_by("-pk").values_list("interaction", flat=True)[:100])
    actions.CHUNK = 100
    figures["collect_ms"] = timed(min(requests, 10), lambda: actions.recount(set(some)))
    figures |= {"contacts": contacts, "parts": Part.objects.count(), "cells": Cell.objects.count(), "database": connection.vendor}
    return figures


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--json", action="store_true")
    options.add_argument("--database", default="")
    options.add_argument("--contacts", type=int, default=1_000_000)
    options.add_argument("--days", type=int, default=30)
    options.add_argument("--agents", type=int, default=500)
    options.add_argument("--requests", type=int, default=30)
    given = options.parse_args()
    folder = Path(tempfile.gettempdir()) / f"cordboard-bench-figures-{given.contacts}"
    folder.mkdir(exist_ok=True)
    os.environ.update(CORDBOARD_DATA=str(folder), CORDBOARD_DATABASE_URL=given.database, DJANGO_SETTINGS_MODULE="cordboard.settings")
    import django

    django.setup()
    prepare(given.contacts, given.days, given.agents)
    figures = {"counted_per_s": round(verify(given.contacts)), **measure(given.contacts, given.days, given.requests)}
    table = [("question", "p50 ms", "p95 ms", "of it CPU, p50")]
    for group in ("query_ms", "page_ms"):
        table += [
            (f"{group.removesuffix('_ms')} {name}", f"{one['p50']:,.1f}", f"{one['p95']:,.1f}", f"{one['cpu']:,.1f}") for name, one in figures[group].items()
        ]
    for name in ("direct_ms", "collect_ms"):
        one = figures[name]
        table.append((name.removesuffix("_ms"), f"{one['p50']:,.1f}", f"{one['p95']:,.1f}", f"{one['cpu']:,.1f}"))
    found(f"Figures of {figures['contacts']:,} contacts on {figures['database']}: {figures['parts']:,} parts, {figures['cells']:,} cells; "
          f"counted {figures['counted_per_s']:,} a second, exported {figures['export_rows_per_s']:,} rows a second", figures, table, as_json=given.json)  # fmt: skip


if __name__ == "__main__":
    main()

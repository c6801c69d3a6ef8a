"""A centre of a million customers and five million contacts, made inside PostgreSQL: the demo's people, products and queues, and rows around
them by arithmetic, so that every run has the same.

Secondary indexes of the large tables are taken off while rows pour in, and made again after; statistics are gathered last.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

from cordboard.demo.sources import data

MARK = "bench_desk_data"
"""A table that says what was made: one row, written when all is."""

INDEXES = "bench_desk_indexes"
"""A table of the indexes that were made, with the statements that made them."""
_INDEX = re.compile(r'INDEX "?([a-z0-9_]+)"? ON')

TABLES = (
    "parties_party", "parties_word", "parties_contact_point", "parties_address", "parties_role", "interactions_interaction", "interactions_segment",
    "interactions_reason", "interactions_note", "sales_order", "sales_order_line", "sales_invoice", "catalogue_registered_product", "catalogue_fault",
    "tickets_ticket", "tickets_interaction", "tickets_note", "routing_entry",
)  # fmt: skip


def made(cursor: Any) -> int:
    """How many parties the database was made with, 0 when it was not, or not to the end."""
    cursor.execute("SELECT to_regclass(%s)", [MARK])
    if cursor.fetchone()[0] is None:
        return 0
    cursor.execute(f"SELECT parties FROM {MARK}")
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def make(cursor: Any, parties: int, say: Callable[[str], None]) -> None:
    """Fill the tables for `parties` customers and five times as many contacts. Whatever customers were there go."""
    cursor.execute("SET synchronous_commit = off")
    cursor.execute("SET maintenance_work_mem = '512MB'")
    cursor.execute("SET session_replication_role = replica")  # rows refer to one another by arithmetic: checking each costs minutes
    cursor.execute(f"DROP TABLE IF EXISTS {MARK}")
    cursor.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE")
    _take_off_indexes(cursor)
    defaults = _defaults(cursor)
    _names(cursor)
    for label, statement in _statements(parties):
        begun = time.monotonic()
        cursor.execute(statement)
        say(f"{label}: {cursor.rowcount:,} rows, {time.monotonic() - begun:.0f} s")
    begun = time.monotonic()
    indexes = make_indexes(cursor)
    for table, column in defaults:
        cursor.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" DROP DEFAULT')
    say(f"{indexes} indexes, {time.monotonic() - begun:.0f} s")
    for table in TABLES:
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM {table}))")
    cursor.execute("SET session_replication_role = origin")
    cursor.execute("ANALYZE")
    cursor.execute(f"CREATE TABLE {MARK} AS SELECT {parties}::bigint AS parties")


def _take_off_indexes(cursor: Any) -> None:
    """Drop every index of TABLES that no constraint stands on."""
    cursor.execute(
        """SELECT i.indexrelid::regclass::text FROM pg_index i
           WHERE i.indrelid = ANY (%s::regclass[]) AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)""",
        [list(TABLES)],
    )
    for (name,) in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")


def make_indexes(cursor: Any) -> int:
    """Bring the indexes of TABLES to what the models say, also after a run that broke off and after the models have changed. Returns how many
    were made."""
    from django.apps import apps
    from django.db import connection

    with connection.schema_editor(atomic=False) as editor:
        statements = [one for model in apps.get_models() if model._meta.db_table in TABLES for one in editor._model_indexes_sql(model)]
    # unique text columns get a second index for LIKE, which hangs on the column and not on the model
    for model in apps.get_models():
        if model._meta.db_table in TABLES:
            statements += [one for field in model._meta.local_fields if field.unique and (one := editor._create_like_index_sql(model, field)) is not None]
    wanted = {_INDEX.search(str(one))[1]: str(one) for one in statements if one is not None}  # type: ignore[index]
    cursor.execute(f"CREATE TABLE IF NOT EXISTS {INDEXES} (name text PRIMARY KEY, made text NOT NULL)")
    cursor.execute(f"SELECT name, made FROM {INDEXES} WHERE to_regclass(quote_ident(name)) IS NOT NULL")
    there = dict(cursor.fetchall())
    new = {name: statement for name, statement in wanted.items() if there.get(name) != statement}
    for name, statement in new.items():
        cursor.execute(f'DROP INDEX IF EXISTS "{name}"')
        cursor.execute(statement)
        cursor.execute(f"INSERT INTO {INDEXES} VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET made = excluded.made", [name, statement])
    for name in there.keys() - wanted.keys():
        cursor.execute(f'DROP INDEX "{name}"')
    return len(new)


def outdated(cursor: Any) -> bool:
    """Whether a table lacks a column that its model has: migrations that were written anew are not applied a second time."""
    from django.apps import apps

    cursor.execute("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
    there = set(cursor.fetchall())
    tables = {table for table, _column in there}
    return any(
        model._meta.db_table in tables and (model._meta.db_table, field.column) not in there
        for model in apps.get_models()
        if model._meta.managed
        for field in model._meta.local_concrete_fields
    )


def _defaults(cursor: Any) -> list[tuple[str, str]]:
    """Give columns that may not be empty the models' own defaults for the while, so that a field added tomorrow does not break this."""
    from django.apps import apps

    given = []
    for model in apps.get_models():
        if model._meta.db_table in TABLES:
            for field in model._meta.concrete_fields:
                if field.has_default() and not field.null and not field.primary_key:
                    value = field.get_default()
                    literal = json.dumps(value) if isinstance(value, list | dict) else str(value)
                    quoted = literal.replace("'", "''")
                    cursor.execute(f"""ALTER TABLE {model._meta.db_table} ALTER COLUMN "{field.column}" SET DEFAULT '{quoted}'""")
                    given.append((model._meta.db_table, field.column))
    return given


def _names(cursor: Any) -> None:
    """The demo's names and places, as tables to draw from."""
    from cordboard.parties.normalise import fold

    cursor.execute("CREATE TEMP TABLE n_given (country text, k int, name text, folded text)")
    cursor.execute("CREATE TEMP TABLE n_family (country text, k int, name text, folded text)")
    cursor.execute("CREATE TEMP TABLE n_city (country text, k int, city text, folded text, postcode text)")
    cursor.execute("CREATE TEMP TABLE n_country (k int, country text, language text, timezone text, currency text, givens int, families int, cities int)")
    for place, (country, source) in enumerate(data("names").items()):
        for table, names in (("n_given", source["given"]), ("n_family", source["family"])):
            cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s, %s, %s)", [(country, k, name, fold(name)) for k, name in enumerate(names)])
        cities = [(country, k, city, fold(city), postcode) for k, (city, postcode, _region) in enumerate(source["cities"])]
        cursor.executemany("INSERT INTO n_city VALUES (%s, %s, %s, %s, %s)", cities)
        cursor.execute(
            "INSERT INTO n_country VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [place, country, source["languages"][0], source["timezone"], source["currency"], len(source["given"]), len(source["family"]), len(cities)],
        )


def _statements(parties: int) -> list[tuple[str, str]]:
    """In order; `p` is a party's number. Contacts fall on customers unevenly: a tenth of them have half of all contacts."""
    contacts = parties * 5
    agents = "(SELECT array_agg(id ORDER BY id) FROM org_user WHERE EXISTS (SELECT 1 FROM routing_queue_member m WHERE m.agent_id = org_user.id))"
    who = f"(CASE WHEN i % 2 = 0 THEN 1 + (i * 7919) % {max(1, parties // 10)} ELSE 1 + (i * 104729) % {parties} END)"
    at = "(now() - interval '1 hour' - make_interval(mins => ((i * 7907) % 525600)::int))"
    return [
        (
            "parties",
            f"""INSERT INTO parties_party (id, kind, name, given_name, family_name, name_key, salutation, customer_number, customer_since, languages, country,
                    timezone, value_segment, value_reason, account_owner_id, owner_note, flags, created_at, version)
                SELECT p, 'person', g.name || ' ' || f.name || ' ' || (p / 625), g.name, f.name || ' ' || (p / 625), g.folded || ' ' || f.folded || ' ' || (p / 625), '',
                    (50000000 + p)::text, current_date - (p % 3000)::int, jsonb_build_array(c.language), c.country, c.timezone,
                    (ARRAY['gold', 'silver', 'silver', 'bronze', 'bronze', 'bronze', 'bronze', 'new'])[1 + p % 8],
                    '{{"points": 50, "words": "50 = 18 + 10 + 14 + 8"}}'::jsonb, a.ids[1 + p % array_length(a.ids, 1)], '', '[]'::jsonb, now(), 1
                FROM generate_series(1, {parties}::bigint) p
                JOIN n_country c ON c.k = p % 5 JOIN n_given g ON g.country = c.country AND g.k = (p / 5) % c.givens
                JOIN n_family f ON f.country = c.country AND f.k = (p / 125) % c.families CROSS JOIN (SELECT {agents} AS ids) a""",
        ),
        (
            "words",
            """INSERT INTO parties_word (party_id, kind, word) SELECT id, 'name', left(w, 40) FROM parties_party, LATERAL regexp_split_to_table(name_key, ' ') w WHERE w <> ''
               UNION ALL SELECT p.id, 'place', ci.folded FROM parties_party p JOIN n_country c ON c.country = p.country JOIN n_city ci ON ci.country = c.country AND ci.k = p.id % c.cities""",
        ),
        (
            "contact points",
            """INSERT INTO parties_contact_point (party_id, kind, value, display, label, "primary", created_at)
               SELECT id, 'phone', '+3197' || lpad(id::text, 9, '0'), '+31 97 ' || id, 'mobile', true, now() FROM parties_party
               UNION ALL SELECT id, 'email', 'customer' || id || '@example.org', 'customer' || id || '@example.org', '', true, now() FROM parties_party WHERE id % 5 < 4""",
        ),
        (
            "addresses",
            """INSERT INTO parties_address (party_id, street, postcode, city, city_key, region, country, "primary")
               SELECT p.id, 'Street ' || p.id % 200, ci.postcode, ci.city, ci.folded, '', p.country, true
               FROM parties_party p JOIN n_country c ON c.country = p.country JOIN n_city ci ON ci.country = c.country AND ci.k = p.id % c.cities""",
        ),
        ("roles", "INSERT INTO parties_role (party_id, kind) SELECT id, 'customer' FROM parties_party"),
        (
            "orders",
            f"""INSERT INTO sales_order (id, number, party_id, state, ordered_at, delivered_on, carrier, tracking, expected_on, total, currency)
                SELECT i, 'B' || i, {who}, 'delivered', {at}, {at}::date, 'PostNL', 'T' || i, {at}::date, 20 + i % 700, 'EUR'
                FROM generate_series(1, {parties * 2}::bigint) i""",
        ),
        (
            "order lines",
            """INSERT INTO sales_order_line (order_id, product_id, quantity, price)
               SELECT o.id, x.ids[1 + o.id % array_length(x.ids, 1)], 1, o.total FROM sales_order o, (SELECT array_agg(id) AS ids FROM catalogue_product) x""",
        ),
        (
            "invoices",
            """INSERT INTO sales_invoice (number, party_id, order_id, amount, currency, issued_on, due_on, paid_on)
               SELECT 'F' || number, party_id, id, total, currency, ordered_at::date, ordered_at::date + 30, CASE WHEN id % 20 > 0 THEN ordered_at::date + 10 END FROM sales_order""",
        ),
        (
            "registered products",
            """INSERT INTO catalogue_registered_product (id, party_id, product_id, serial, bought_on, warranty_until)
               SELECT o.id, o.party_id, x.ids[1 + o.id % array_length(x.ids, 1)], 'S-' || o.id, o.ordered_at::date, o.ordered_at::date + 730
               FROM sales_order o, (SELECT array_agg(id) AS ids FROM catalogue_product WHERE warranty_months > 0) x WHERE o.id % 2 = 0""",
        ),
        (
            "faults",
            """INSERT INTO catalogue_fault (product_id, code, text, remedy, at)
               SELECT id, 'E18', 'Does not drain', 'Filter cleaned', now() - make_interval(days => (id % 360)::int) FROM catalogue_registered_product WHERE id % 5 = 0""",
        ),
        (
            "interactions",
            f"""INSERT INTO interactions_interaction (id, channel, direction, state, reporter_id, subject_id, identified_by, confirmed_at, from_address, to_address,
                    language, headline, agent_id, outcome_id, end_cause, started_at, queued_at, answered_at, ended_at, closed_at)
                SELECT i, CASE WHEN i % 5 = 0 THEN 'email' ELSE 'voice' END, 'inbound', 'ended', {who}, {who}, 'ani', {at}, '+3197' || lpad({who}::text, 9, '0'), '100', 'en',
                    (ARRAY['E18, water stays in the drum', 'Where is my parcel', 'Question about an invoice', 'Dishes come out wet, F4', 'New address'])[1 + i % 5],
                    a.ids[1 + i % array_length(a.ids, 1)], o.ids[1 + i % array_length(o.ids, 1)], 'customer', {at}, {at}, {at} + interval '14 s', {at} + interval '5 min',
                    {at} + interval '6 min'
                FROM generate_series(1, {contacts}::bigint) i, (SELECT {agents} AS ids) a, (SELECT array_agg(id) AS ids FROM interactions_outcome) o""",
        ),
        (
            "segments",
            """INSERT INTO interactions_segment (id, interaction_id, agent_id, kind, state, offered_at, accepted_at, held_seconds, ended_at, end_cause, wrapup_extended, wrapped_up_at)
               SELECT id, id, agent_id, 'offer', 'ended', answered_at, answered_at, 0, ended_at, 'hung_up', false, closed_at FROM interactions_interaction""",
        ),
        (
            "reasons",
            """INSERT INTO interactions_reason (interaction_id, reason_id, by_id, at)
               SELECT i.id, r.ids[1 + i.id % array_length(r.ids, 1)], i.agent_id, i.closed_at FROM interactions_interaction i,
                   (SELECT array_agg(id) AS ids FROM interactions_contact_reason WHERE parent_id IS NOT NULL) r""",
        ),
        (
            "notes",
            """INSERT INTO interactions_note (interaction_id, author_id, text, revision, filed, saved_at)
               SELECT id, agent_id, 'Machine does not drain, shows E18. Filter cleaned together on the telephone.', 1, true, closed_at FROM interactions_interaction WHERE id % 2 = 0""",
        ),
        (
            "queue entries",
            """INSERT INTO routing_entry (interaction_id, queue_id, state, kind, channel, priority, requirements, relaxation, preferred, excluded, entered_at, waiting_since, left_at,
                   offered_to_id, segment_id)
               SELECT i.id, q.ids[1 + i.id % array_length(q.ids, 1)], 'answered', 'offer', 'voice', 5, '[]', '[]', '[]', '[]', i.queued_at, i.queued_at, i.answered_at, i.agent_id, i.id
               FROM interactions_interaction i, (SELECT array_agg(id) AS ids FROM routing_queue) q WHERE i.channel = 'voice'""",
        ),
        (
            "tickets",
            """INSERT INTO tickets_ticket (id, number, kind, state, priority, title, text, party_id, owner_id, opened_by_id, opened_at, due_at, version)
               SELECT row_number() OVER (), 100000 + row_number() OVER (), 'incident', CASE WHEN id % 30 = 0 THEN 'open' ELSE 'closed' END, 5, headline, 'Does not drain.', subject_id,
                   agent_id, agent_id, closed_at, closed_at + interval '3 days', 1 FROM interactions_interaction WHERE id % 10 = 0""",
        ),
    ]

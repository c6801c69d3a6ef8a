"""Look-ups: what is asked, how answers are taken in, and that nobody waits longer than their limit. On real servers and databases."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from cordboard.flows import lookup_sql, lookups, queries_lookups
from cordboard.flows.actions import Refused
from cordboard.flows.actions_lookups import keep_lookup, lookup_values, remove_lookup
from cordboard.flows.actions_services import delete_service, set_service
from cordboard.flows.lookup_sql import Source
from cordboard.flows.lookup_terms import Breaker, Kept, Output, Rows, WrongQuery, filled, query_of, taken, value_of
from cordboard.flows.models import Flow, Lookup, WebService
from cordboard.flows.tests.shop import opened
from cordboard.lib.keeping import BadValue, Changed, mark
from cordboard.rules import facts, published
from cordboard.rules.conditions import WrongValue
from cordboard.rules.evaluate import compile_policy
from cordboard.rules.models import Policy

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LONG = 1500
"""Milliseconds: a limit that a good server keeps on a busy machine."""


@pytest.fixture(autouse=True)
def anew() -> Iterator[None]:
    lookups.forget()
    yield
    lookups.forget()


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    with opened() as server:
        yield server


# -- pure -------------------------------------------------------------------------------------------------------------------


def test_a_path_is_filled_so_that_an_input_stays_one_part_of_it():
    assert filled("/customers/{number}/x?y={y}", {"number": "a/../b?c", "y": "&z=1"}) == "/customers/a%2F..%2Fb%3Fc/x?y=%26z%3D1"


def test_a_query_is_one_that_reads_and_its_values_are_bound():
    made = query_of("SELECT tier, ':no' AS x, 5::int FROM c -- :nor\n WHERE number = :number AND note LIKE 'a%' AND t > :since;")
    assert made.names == {"number", "since"}
    assert "%(number)s" in made.postgresql
    assert "':no'" in made.postgresql
    assert "5::int" in made.postgresql
    assert "LIKE 'a%%'" in made.postgresql
    assert ":number" in made.sqlite
    for text, code in (
        ("", "empty"),
        ("-- x", "empty"),
        ("DELETE FROM c", "not_reading"),
        ("SELECT 1; DROP TABLE c", "several"),
        ("/* select */ drop", "not_reading"),
    ):
        with pytest.raises(WrongQuery) as wrong:
            query_of(text)
        assert wrong.value.code == code, text
    assert query_of("SELECT ';'").names == frozenset()


@given(st.text(max_size=300))
def test_whatever_is_written_as_a_query_is_taken_or_refused(text: str):
    try:
        made = query_of(text)
    except WrongQuery:
        return
    assert made.sqlite


def test_values_of_others_become_values_of_ours():
    assert taken("number", "12.5") == 12.5
    assert taken("money", "12.50") == Decimal("12.50")
    assert taken("boolean", 1) is True
    assert taken("boolean", "no") is False
    assert taken("text", 42) == "42"
    assert taken("list", ["a", 1, None]) == ["a", "1"]
    assert taken("date", "2026-01-31") == "2026-01-31"
    assert taken("text", date(2026, 1, 31)) == "2026-01-31"
    for type, value in (("number", "many"), ("number", float("nan")), ("boolean", "perhaps"), ("date", "tomorrow"), ("list", "a"), ("text", {"a": 1})):
        with pytest.raises(WrongValue):
            taken(type, value)
    rows = Rows(("tier", "tag"), (("gold", "a"), ("gold", "b")))
    assert value_of(Output("t", "text", "tier"), rows) == "gold"
    assert value_of(Output("t", "list", "tag"), rows) == ["a", "b"]
    assert value_of(Output("t", "text", "nothing"), rows) is None
    assert value_of(Output("t", "text", "a.0.b"), {"a": [{"b": "x"}]}) == "x"


def test_answers_are_kept_for_their_time_and_the_least_used_are_dropped():
    kept = Kept(2)
    kept.put("a", 1, 100.0)
    assert kept.get("a", 60, 130.0) == (30.0, 1)
    assert kept.get("a", 60, 160.0) is None
    kept.put("a", 1, 200.0)
    kept.put("b", 2, 200.0)
    kept.get("a", 60, 201.0)
    kept.put("c", 3, 202.0)
    assert kept.get("b", 60, 203.0) is None
    assert len(kept) == 2


def test_a_service_that_fails_is_left_alone_and_tried_again_by_one():
    breaker = Breaker(after=3, rest=30)
    assert [breaker.failed(at) for at in (1.0, 2.0, 3.0)] == [False, False, True]
    assert not breaker.may_ask(20.0)
    assert breaker.may_ask(33.0)  # one looks how it is
    assert not breaker.may_ask(33.1)
    breaker.answered()
    assert breaker.may_ask(33.2)


# -- with services ----------------------------------------------------------------------------------------------------------


def crm(shop: ThreadingHTTPServer, path: str = "/customers/{number}", **more: Any) -> Lookup:
    """A look-up of the caller's tier in the shop's service."""
    set_service("crm", "The shop's CRM", f"http://127.0.0.1:{shop.server_port}/api", None, inside=True)
    values = {
        "name": "CRM", "service_id": WebService.objects.get(code="crm").pk, "path": path, "inputs": [{"name": "number", "fact": "interaction.customer_number"}],
        "outputs": [
            {"name": "tier", "words": "tier", "type": "text", "path": "customer.tier", "default": "unsure"},
            {"name": "balance", "type": "number", "path": "customer.balance"},
        ],
        "limit_ms": LONG, "keep_seconds": 60,
    }  # fmt: skip
    return keep_lookup(None, None, {**values, **more}, code="crm")


def about(number: str = "44712260") -> dict[str, Any]:
    return {"interaction": None, "party": None, "context": {"customer_number": number}, "now": NOW}


POLICY = {
    "mode": "all",
    "rules": [
        {"id": "gold", "when": {"fact": "lookup.crm.tier", "op": "is", "value": "gold"}, "actions": [{"do": "priority", "priority": 1}]},
        {"id": "debt", "when": {"fact": "lookup.crm.balance", "op": "more", "value": 10}, "actions": [{"do": "queue", "queue": "debt"}]},
        {"id": "failed", "when": {"fact": "lookup.crm.failed", "op": "is", "value": True}, "actions": [{"do": "priority", "priority": 9}]},
    ],
}


def decided(number: str = "44712260") -> tuple[list[str], dict[str, Any]]:
    """(the rules that held, the trace)"""
    compiled = compile_policy(POLICY, verbs={})
    batch = lookups.begin(compiled.facts_asked(), about(number))
    outcome = compiled.evaluate(facts.REGISTRY.reader(about(number), batch), NOW)
    return outcome.rules, outcome.trace


@pytest.mark.django_db
def test_rules_ask_what_a_service_knows_and_the_trace_says_how(shop):
    crm(shop)
    rules, trace = decided()
    assert rules == ["gold", "debt"]
    assert trace["facts"]["lookup.crm.tier"] == "gold"
    note = trace["looked_up"]["crm"]
    assert (note["name"], note["how"]) == ("CRM", "read")
    assert note["ms"] >= 0
    assert [path for _, path, _, _ in shop.seen] == ["/api/customers/44712260"]  # three facts, asked once
    _, trace = decided()
    assert trace["looked_up"]["crm"]["how"] == "kept"
    assert len(shop.seen) == 1
    decided("77")
    assert len(shop.seen) == 2  # another question


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "how", "why"),
    [
        ("/hangs", "slow", ""), ("/drips", "slow", ""), ("/closes", "failed", "unreachable"), ("/page", "failed", "not_json"), ("/large", "failed", "too_large"),
        ("/broken", "failed", "refused"), ("/elsewhere", "failed", "refused"),
    ],
)  # fmt: skip
def test_whatever_a_service_does_the_default_applies_and_the_trace_says_so(shop, path, how, why):
    crm(shop, path, limit_ms=100 if how == "slow" else LONG)
    rules, trace = decided()
    assert rules == ["failed"]
    assert trace["facts"]["lookup.crm.tier"] == "unsure"
    assert "lookup.crm.balance" in trace["unreadable"]  # it has no default: the rule was passed over
    assert next(one for one in trace["rules"] if one["id"] == "debt")["result"] == "skipped"
    note = trace["looked_up"]["crm"]
    assert (note["how"], note.get("why", "")) == (how, why)
    if how == "slow":
        assert note["limit"] == 100
        assert "100 ms" in trace["unreadable"]["lookup.crm.balance"]


@pytest.mark.django_db
def test_what_is_of_another_type_is_no_answer(shop):
    crm(
        shop,
        outputs=[{"name": "tier", "type": "number", "path": "customer.tier", "default": 3}, {"name": "balance", "type": "number", "path": "customer.number"}],
    )
    compiled = compile_policy({"rules": [{"id": "r", "when": {"fact": "lookup.crm.tier", "op": "is", "value": 3}, "actions": []}]}, verbs={})
    batch = lookups.begin(compiled.facts_asked(), about())
    outcome = compiled.evaluate(facts.REGISTRY.reader(about(), batch), NOW)
    assert outcome.rules == ["r"]
    assert outcome.trace["looked_up"]["crm"]["how"] == "failed"
    assert batch is not None
    assert batch.get("lookup.crm.balance") == 44712260  # what is well of the same answer is used
    assert batch.get("lookup.crm.failed") is False


@pytest.mark.django_db
def test_nothing_found_is_not_known_and_no_failure(shop):
    crm(shop, "/nothing")
    rules, trace = decided()
    assert rules == []
    assert trace["facts"]["lookup.crm.tier"] is None
    assert trace["facts"]["lookup.crm.failed"] is False


@pytest.mark.django_db
def test_without_its_inputs_nobody_is_asked(shop):
    crm(shop)
    _, trace = decided("")
    assert trace["looked_up"]["crm"] == {"name": "CRM", "how": "not_asked", "why": "interaction.customer_number"}
    assert shop.seen == []


@pytest.mark.django_db
def test_a_service_that_hangs_is_left_alone_after_some_calls_and_then_costs_nothing(shop):
    crm(shop, "/hangs", limit_ms=50, keep_seconds=0)
    for number in range(5):
        assert decided(str(number))[1]["looked_up"]["crm"]["how"] == "slow"
    deadline = time.monotonic() + 20
    while (how := decided("6")[1]["looked_up"]["crm"]["how"]) == "slow" and time.monotonic() < deadline:
        pass  # the fifth failure is being written down
    assert how == "resting"
    asked = len(shop.seen)
    decided("7")
    assert len(shop.seen) == asked
    row = Lookup.objects.get()
    keep_lookup(None, row.pk, {"path": "/customers/{number}", "limit_ms": LONG})  # mended: it gets another chance at once
    assert decided()[1]["looked_up"]["crm"]["how"] == "read"


@pytest.mark.django_db
def test_many_look_ups_wait_side_by_side(shop):
    """Three that hang are waited for as long as the longest of them, not one after another."""
    crm(shop, "/hangs", limit_ms=200)
    values = lookup_values(Lookup.objects.get())
    for code in ("two", "three"):
        keep_lookup(None, None, {**values, "path": f"/hangs?{code}"}, code=code)
    names = [f"lookup.{code}.failed" for code in ("crm", "two", "three")]
    batch = lookups.begin(names, about())
    assert batch is not None
    assert batch.until == pytest.approx(batch.begun + 0.2)
    assert [batch.get(name) for name in names] == [True] * 3
    shop.hung.set()


@pytest.mark.django_db
def test_the_same_question_at_once_is_asked_once(shop):
    crm(shop, "/hangs", limit_ms=LONG, keep_seconds=60)
    first, second = (lookups.begin(["lookup.crm.tier"], about()) for _ in range(2))
    assert first is not None
    assert second is not None
    shop.hung.set()  # it closes without an answer: both are told
    assert first.get("lookup.crm.tier") == second.get("lookup.crm.tier") == "unsure"
    assert len(shop.seen) == 1


@pytest.mark.django_db
def test_who_may_not_wait_takes_what_is_kept(shop):
    crm(shop)
    hasty = lookups.begin(["lookup.crm.tier"], about(), wait=False)
    assert hasty is not None
    assert hasty.get("lookup.crm.tier") == "unsure"
    assert hasty.notes()["crm"]["how"] == "in_a_hurry"
    assert shop.seen == []
    decided()
    kept = lookups.begin(["lookup.crm.tier"], about(), wait=False)
    assert kept is not None
    assert kept.get("lookup.crm.tier") == "gold"


@pytest.mark.django_db
def test_one_at_a_private_address_needs_the_administrators_word(shop):
    crm(shop)
    set_service("crm", "The shop's CRM", f"http://127.0.0.1:{shop.server_port}/api", None, inside=False)
    assert decided()[1]["looked_up"]["crm"]["why"] == "not_allowed"
    set_service("crm", "The shop's CRM", f"http://127.0.0.1:{shop.server_port}/api", None, inside=True, active=False)
    assert decided()[1]["looked_up"]["crm"]["how"] == "off"
    assert shop.seen == []


# -- with databases ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE customer (number TEXT PRIMARY KEY, tier TEXT, balance REAL, vip INTEGER, since TEXT)")
        database.executemany("INSERT INTO customer VALUES (?, ?, ?, ?, ?)", [("44712260", "gold", 12.5, 1, "2020-02-01"), ("7", "basic", 0, 0, None)])
        database.execute("CREATE TABLE tag (number TEXT, tag TEXT)")
        database.executemany("INSERT INTO tag VALUES ('44712260', ?)", [("late",), ("wholesale",)])
    database.close()
    return path


def asked(source: Source, text: str, limit: float = 5.0, **values: Any) -> Any:
    found = lookup_sql.ask(source, query_of(text), values, limit)
    return found.failed or found.result


def test_a_file_is_read_and_never_written(ledger):
    source = Source("sqlite", str(ledger), "", False)
    assert asked(source, "SELECT tier, vip FROM customer WHERE number = :number", number="44712260").rows == (("gold", 1),)
    assert asked(source, "SELECT tag FROM tag WHERE number = :number ORDER BY tag", number="44712260").column("tag") == ["late", "wholesale"]
    assert asked(source, "SELECT tier FROM customer WHERE number = :number", number="' OR '1'='1") is None
    assert asked(source, "WITH x AS (SELECT 1) INSERT INTO tag SELECT 'a', 'b' FROM x") == "query"
    assert asked(source, "SELECT load_extension('x')") == "query"
    assert asked(source, "SELECT nothing FROM customer") == "query"
    assert asked(source, "SELECT zeroblob(100000000)") in ("query", "too_large")
    assert asked(source, "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT sum(x) FROM n", 0.1) == "timeout"
    assert asked(Source("sqlite", str(ledger.parent / "none.sqlite"), "", False), "SELECT 1") == "unreachable"
    ledger.write_bytes(b"this is no database" * 100)
    assert asked(source, "SELECT tier FROM customer") == "query"


def test_the_centres_own_data_is_not_looked_up():
    from cordboard.lib.config import config

    assert asked(Source("sqlite", str(config().data / "cordboard.sqlite3"), "", True), "SELECT 1") == "not_allowed"
    assert asked(Source("sqlite", "relative.sqlite", "", True), "SELECT 1") == "not_allowed"


@pytest.mark.django_db
def test_rules_ask_what_another_database_knows(ledger):
    set_service("ledger", "Ledger", str(ledger), None, kind="sqlite")
    service = WebService.objects.get(code="ledger")
    keep_lookup(
        None,
        None,
        {
            "name": "Ledger", "service_id": service.pk, "limit_ms": LONG, "inputs": [{"name": "number", "fact": "interaction.customer_number"}],
            "query": "SELECT tier, balance, vip, since, (SELECT count(*) FROM tag) AS tags FROM customer WHERE number = :number",
            "outputs": [{"name": "tier", "type": "text"}, {"name": "balance", "type": "number"}, {"name": "vip", "type": "boolean"}, {"name": "since", "type": "date"}],
        },
        code="ledger",
    )  # fmt: skip
    names = [f"lookup.ledger.{one}" for one in ("tier", "balance", "vip", "since", "failed")]
    batch = lookups.begin(names, about())
    assert batch is not None
    assert [batch.get(name) for name in names] == ["gold", 12.5, True, "2020-02-01", False]
    nobody = lookups.begin(names, about("1"))
    assert nobody is not None
    assert nobody.get("lookup.ledger.tier") is None
    assert not nobody.get("lookup.ledger.failed")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="asked on the server of the test database, which is SQLite")
def test_postgresql_is_asked_and_never_written():
    import psycopg

    at, name = connection.settings_dict, f"ledger_{uuid4().hex[:12]}"
    server = f"postgresql://{{}}@{at['HOST']}:{at['PORT']}/{{}}"
    ledger = server.format("postgres:postgres", name)
    with psycopg.connect(server.format("postgres:postgres", "postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    with psycopg.connect(ledger, autocommit=True) as ours:
        ours.execute("CREATE TABLE customer (number text, tier text, since date, balance numeric)")
        ours.execute("INSERT INTO customer VALUES ('44712260', 'gold', '2020-02-01', 12.50)")
    source = Source("postgresql", server.format("postgres", name), "postgres", True)
    found = asked(source, "SELECT tier, since, balance FROM customer WHERE number = :number AND tier LIKE 'g%'", number="44712260")
    assert found.rows == (("gold", date(2020, 2, 1), Decimal("12.50")),)
    assert asked(source, "SELECT tier FROM customer WHERE number = :number", number="' OR '1'='1") is None
    assert asked(source, "WITH x AS (DELETE FROM customer RETURNING 1) SELECT * FROM x") == "query"
    assert asked(source, "SELECT set_config('transaction_read_only', 'off', false)") == "query"
    assert asked(source, "SELECT nothing FROM customer") == "query"
    assert asked(source, "SELECT pg_sleep(20)", 0.3) == "timeout"
    assert asked(Source(source.kind, source.address, "postgres", False), "SELECT 1") == "not_allowed"  # a private address
    with psycopg.connect(ledger, autocommit=True) as ours:
        assert ours.execute("SELECT count(*) FROM customer").fetchone() == (1,)


def test_a_database_server_that_says_nothing_costs_its_time_and_no_more():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = Source("postgresql", f"postgresql://x@127.0.0.1:{silent.getsockname()[1]}/x", "", True)
        done = threading.Event()
        thread = threading.Thread(target=lambda: asked(source, "SELECT 1", 0.1) == "timeout" and done.set(), daemon=True)
        thread.start()
        assert done.wait(30)
        thread.join()
    assert asked(source, "SELECT 1", 5.0) == "unreachable"


# -- declaring --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_what_makes_no_sense_is_refused_at_its_field(shop, ledger):
    crm(shop)
    row = Lookup.objects.get()
    for field, wrong in (
        ("name", {"name": ""}),
        ("service_id", {"service_id": 0}),
        ("path", {"path": "customers"}),
        ("path", {"path": "/a/../b"}),
        ("path", {"path": "/customers/{other}"}),
        ("inputs", {"inputs": [{"name": "number", "fact": "lookup.crm.tier"}], "path": ""}),
        ("inputs", {"inputs": [{"name": "a b", "fact": "party.name"}], "path": ""}),
        ("outputs", {"outputs": []}),
        ("outputs", {"outputs": [{"name": "failed", "type": "text"}]}),
        ("outputs", {"outputs": [{"name": "tier", "type": "number", "default": "many"}]}),
        ("limit_ms", {"limit_ms": 5000}),
        ("keep_seconds", {"keep_seconds": -1}),
    ):
        with pytest.raises(BadValue) as bad:
            keep_lookup(None, row.pk, wrong)
        assert bad.value.field == field, wrong
    set_service("ledger", "Ledger", str(ledger), None, kind="sqlite")
    of_ledger = {"service_id": WebService.objects.get(code="ledger").pk}
    for query in ("", "DELETE FROM customer", "SELECT 1; SELECT 2", "SELECT tier FROM customer WHERE number = :other"):
        with pytest.raises(BadValue) as bad:
            keep_lookup(None, row.pk, {**of_ledger, "query": query})
        assert bad.value.field == "query", query
    for wrong in ("ledger.sqlite", "/a/../b", "postgresql://h/x"):
        with pytest.raises(Refused):
            set_service("other", "Other", wrong, None, kind="sqlite" if "postgres" not in wrong else "postgresql")
    with pytest.raises(BadValue):
        keep_lookup(None, None, lookup_values(row), code="crm")


@pytest.mark.django_db
def test_nobody_overwrites_what_they_have_not_seen(shop):
    crm(shop)
    row = Lookup.objects.get()
    seen = mark(lookup_values(row))
    keep_lookup(None, row.pk, {"name": "CRM of the shop"}, seen=seen)
    with pytest.raises(Changed):
        keep_lookup(None, row.pk, {"name": "Mine"}, seen=seen)
    assert Lookup.objects.get().name == "CRM of the shop"


@pytest.mark.django_db
def test_what_is_used_stays(shop):
    crm(shop)
    row = Lookup.objects.get()
    body = {"schema": 1, "rules": [{"id": "r", "name": "R", "when": {"fact": "lookup.crm.tier", "op": "is", "value": "gold"}, "actions": []}]}
    policy = Policy.objects.create(area="routing", code="voice", name="Voice", version=1, state="published", body=body)
    published.forget()
    assert queries_lookups.policies_of("crm") == {"lookup.crm.tier": "Voice"}
    with pytest.raises(Refused, match="Voice"):
        remove_lookup(None, row.pk)
    with pytest.raises(BadValue, match="tier"):
        keep_lookup(None, row.pk, {"outputs": [{"name": "balance", "type": "number"}]})
    keep_lookup(None, row.pk, {"outputs": [{"name": "tier", "type": "text"}]})  # what nobody asks for may go
    with pytest.raises(Refused, match="CRM"):
        delete_service("crm", None)
    policy.delete()
    remove_lookup(None, row.pk)
    graph = {"steps": {"a": {"type": "web_service", "service": "crm"}}}
    flow = Flow.objects.create(code="line", name="Service line", version=1, state="published", surfaces=["ivr"], graph=graph)
    with pytest.raises(Refused, match="Service line"):
        delete_service("crm", None)
    flow.delete()
    delete_service("crm", None)
    assert not WebService.objects.exists()


@pytest.mark.django_db
def test_a_secret_does_not_follow_an_address_to_another_server():
    set_service("crm", "CRM", "https://crm.example/api", None, auth="bearer", secret="s3cret")
    with pytest.raises(Refused):
        set_service("crm", "CRM", "https://elsewhere.example/api", None, auth="bearer")
    set_service("crm", "CRM", "https://crm.example/v2", None, auth="bearer")
    set_service("crm", "CRM", "https://elsewhere.example/api", None, auth="bearer", secret="another")

"""The routing policy asks another system: the contact goes where its answer says, and by the default where there is none in time."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import translation

from cordboard.flows import lookups
from cordboard.flows.actions_lookups import keep_lookup, lookup_values
from cordboard.flows.actions_services import set_service
from cordboard.flows.lookup_words import notes
from cordboard.flows.models import Lookup, WebService
from cordboard.flows.tests.shop import opened
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Decision, Interaction
from cordboard.interactions.queries_changes import why
from cordboard.routing import actions, policy
from cordboard.routing.models import Queue
from cordboard.routing.tests.centre import Centre
from cordboard.rules import published
from cordboard.rules.models import Policy


@pytest.fixture
def shop() -> Iterator[ThreadingHTTPServer]:
    lookups.forget()
    with opened() as server:
        yield server
    lookups.forget()


def ask(centre: Centre, shop: ThreadingHTTPServer, path: str, limit: int) -> None:
    """Gold customers of the shop's CRM go to sales; of whom it says nothing in time, the rest is asked."""
    published.forget()
    set_service("crm", "The shop's CRM", f"http://127.0.0.1:{shop.server_port}/api", None, inside=True)
    keep_lookup(
        None,
        None,
        {
            "name": "CRM", "service_id": WebService.objects.get().pk, "path": path, "limit_ms": limit,
            "inputs": [{"name": "number", "fact": "interaction.customer_number"}],
            "outputs": [{"name": "tier", "type": "text", "path": "customer.tier", "default": "basic"}],
        },
        code="crm",
    )  # fmt: skip
    rules = [
        {
            "id": "gold",
            "name": "Gold of the CRM",
            "when": {"fact": "lookup.crm.tier", "op": "is", "value": "gold"},
            "actions": [{"do": "queue", "queue": "sales"}],
        }
    ]
    Policy.objects.create(area="routing", code="voice", name="Voice", version=1, state="published", body={"schema": 1, "rules": rules}, published_at=centre.now)


def caller(centre: Centre, number: str = "44712260") -> Interaction:
    opened = interactions.open_interaction(channel="voice", language="en", now=centre.now)
    interactions.set_context(opened.pk, {"customer_number": number}, by="ivr", now=centre.now)
    return opened


def told(row: Interaction) -> list[tuple[str, str]]:
    return notes(Decision.objects.get(interaction=row, kind="routing").trace)


def test_a_contact_goes_where_another_system_says(centre: Centre, shop: ThreadingHTTPServer) -> None:
    ask(centre, shop, "/customers/{number}", 1500)
    row = caller(centre)
    assert actions.enqueue(row.pk, "support", now=centre.now).queue == "sales"
    with translation.override("en"):
        assert told(row)[0][1].startswith("read in ")
        again = caller(centre)
        assert actions.enqueue(again.pk, "support", now=centre.now).queue == "sales"
        assert told(again)[0][1].startswith("kept answer from ")


def test_one_that_hangs_costs_its_limit_and_the_default_holds(centre: Centre, shop: ThreadingHTTPServer) -> None:
    ask(centre, shop, "/hangs", 100)
    row = caller(centre)
    assert actions.enqueue(row.pk, "support", now=centre.now).queue == "support"
    with translation.override("en"):
        assert told(row) == [("CRM", "too slow: 100 ms limit, default used")]
        said = [sentence.text for decision in why(row.pk) for sentence in decision.sentences]
    assert "CRM gave no answer in time, so what holds without it was used." in said


def test_a_switch_is_told_to_wait_elsewhere_and_decides_with_what_came(centre: Centre, shop: ThreadingHTTPServer) -> None:
    ask(centre, shop, "/customers/{number}", 1500)
    row = caller(centre)
    with pytest.raises(lookups.Waits) as waits:
        actions.enqueue(row.pk, "support", now=centre.now, look_up=lookups.BEGIN)
    assert not Decision.objects.exists()  # nothing is decided yet
    batch = waits.value.batch
    for one in batch.waiting:
        one.result(30)
    assert actions.enqueue(row.pk, "support", now=centre.now, batch=batch).queue == "sales"
    assert len(shop.seen) == 1  # type: ignore[attr-defined]
    other = caller(centre)
    assert actions.enqueue(other.pk, "support", now=centre.now, look_up=lookups.BEGIN).queue == "sales"  # it is kept: nobody waits


def test_a_rule_that_decides_without_it_waits_for_nothing(centre: Centre, shop: ThreadingHTTPServer) -> None:
    ask(centre, shop, "/hangs", 1500)
    body: dict[str, Any] = Policy.objects.get().body
    first = {
        "id": "first",
        "name": "English",
        "when": {"fact": "interaction.language", "op": "is", "value": "en"},
        "actions": [{"do": "queue", "queue": "sales"}],
    }
    Policy.objects.update(body={**body, "rules": [first, *body["rules"]]})
    published.forget()
    row = caller(centre)
    assert actions.enqueue(row.pk, "support", now=centre.now, look_up=lookups.BEGIN).queue == "sales"
    assert told(row) == []


def test_who_is_moved_to_another_queue_is_looked_up_before_anything_is_locked(centre: Centre, shop: ThreadingHTTPServer) -> None:
    ask(centre, shop, "/customers/{number}", 1500)
    row = caller(centre)
    found = policy.look_up(row.pk, Queue.objects.get(code="support").pk, centre.now)
    assert found is not None
    assert not found.waiting
    assert found.get("lookup.crm.tier") == "gold"
    placed = policy.place(row, Queue.objects.get(code="support"), now=centre.now, keep_queue=True)
    assert placed.trace["looked_up"]["crm"]["how"] == "kept"
    Lookup.objects.update(keep_seconds=0)
    placed = policy.place(row, Queue.objects.get(code="support"), now=centre.now, keep_queue=True)
    assert placed.trace["looked_up"]["crm"]["how"] == "in_a_hurry"  # a transaction waits for nobody
    assert lookup_values(Lookup.objects.get())["keep_seconds"] == 0
    Policy.objects.all().delete()
    assert policy.look_up(row.pk, None, centre.now) is None

"""Orders, invoices and what is owed, as agents and rules ask for them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cordboard.catalogue import actions as catalogue
from cordboard.catalogue.models import Product
from cordboard.events.models import Event
from cordboard.interactions.queries_history import history
from cordboard.org.models import User
from cordboard.org.tests.people import person
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.parties.queries import ids_of
from cordboard.parties.search import search
from cordboard.rules import published
from cordboard.rules.facts import REGISTRY
from cordboard.rules.models import Policy
from cordboard.sales import actions, queries
from cordboard.sales.actions import NoPolicy
from cordboard.sales.models import Invoice, Order, OrderLine

TODAY = date(2026, 11, 17)
NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)


@pytest.fixture
def noor(db: None) -> Party:
    return parties.create(None, name="Noor de Vries", phone="+31205550123", languages=["nl"], country="NL")


@pytest.fixture
def kettle(db: None) -> Product:
    return Product.objects.create(code="k2", names={"en": "K2 kettle", "nl": "K2 waterkoker", "th": "กาต้มน้ำ"}, family="small-appliance", price=50)


def order(party: Party, product: Product, number: str, days: int, amount: str = "49.90", currency: str = "EUR", paid: bool = True, due_in: int = 30) -> Order:
    day = TODAY - timedelta(days=days)
    made = Order.objects.create(number=number, party=party, ordered_at=NOW - timedelta(days=days), total=Decimal(amount), currency=currency, state="delivered")
    OrderLine.objects.create(order=made, product=product, price=Decimal(amount))
    Invoice.objects.create(
        number=f"F{number}", party=party, order=made, amount=made.total, currency=currency, issued_on=day, due_on=day + timedelta(days=due_in),
        paid_on=day if paid else None,
    )  # fmt: skip
    return made


def test_the_balance_by_currency_and_how_long_it_is_overdue(noor: Party, kettle: Product) -> None:
    order(noor, kettle, "1", 75, "100.10", paid=False)
    order(noor, kettle, "2", 10, "49.90", paid=False)
    order(noor, kettle, "3", 5, "20.00", "GBP", paid=False)
    order(noor, kettle, "4", 300, "999.00", paid=True)
    found = queries.balance([noor.pk], TODAY)
    assert {one.currency: (one.open, one.overdue) for one in found.sums} == {
        "EUR": (Decimal("150.00"), Decimal("100.10")),
        "GBP": (Decimal("20.00"), Decimal(0)),
    }
    assert found.overdue_days == 45
    assert found.main is not None
    assert found.main.currency == "EUR"


def test_an_invoice_is_overdue_from_the_day_after(noor: Party, kettle: Product) -> None:
    order(noor, kettle, "1", 30, paid=False)
    assert not queries.balance([noor.pk], TODAY).overdue
    assert queries.balance([noor.pk], TODAY + timedelta(days=1)).overdue_days == 1


def test_who_owes_nothing_has_no_sums(noor: Party) -> None:
    found = queries.balance([noor.pk], TODAY)
    assert (found.sums, found.overdue_days, found.main) == ((), 0, None)


def test_a_merged_records_orders_and_debts_are_the_survivors(noor: Party, kettle: Product) -> None:
    double = parties.create(None, name="N. de Vries")
    order(double, kettle, "77", 75, paid=False)
    carol = person("carol", {"parties.merge": "all"})
    parties.merge(noor.pk, double.pk, carol)
    ids = ids_of(noor.pk)
    assert queries.balance(ids, TODAY).overdue_days == 45
    assert [one.number for one in queries.last_orders(ids)] == ["77"]


def test_the_order_number_leads_to_the_customer_in_the_search_box(noor: Party, kettle: Product) -> None:
    alice = person("alice", {"parties.view": "all"})
    order(noor, kettle, "88214", 15)
    for typed in ("88214", "88 214", "#88214"):
        (hit,) = search(alice, typed)
        assert (hit.party, hit.why) == (noor, "order")
    assert queries.order_by_number("88 214") is not None
    assert queries.order_by_number("99999") is None


def test_the_serial_leads_to_the_customer_in_the_search_box(noor: Party, kettle: Product) -> None:
    alice = person("alice", {"parties.view": "all"})
    catalogue.register(noor.pk, kettle, "w8-2403-118842 ", TODAY, None)
    for typed in ("W8-2403-118842", "w8-2403", " W8-2403 -118842"):
        (hit,) = search(alice, typed)
        assert (hit.party, hit.why) == (noor, "serial")


def test_the_value_is_counted_by_the_published_policy_and_explained(noor: Party, kettle: Product) -> None:
    with pytest.raises(NoPolicy):
        actions.revalue(noor.pk, now=NOW)
    rules = [{"id": "gold", "name": "Gold", "when": {"fact": "value.points", "op": "at_least", "value": 30}, "actions": [{"do": "segment", "segment": "gold"}]}]
    Policy.objects.create(area="value", code="value", name="Value", version=2, state="published", body={"rules": rules})
    published.forget()
    order(noor, kettle, "1", 5)
    order(noor, kettle, "2", 6)
    Order.objects.filter(number="2").update(state="returned")
    judgement = actions.revalue(noor.pk, now=NOW)
    noor.refresh_from_db()
    assert noor.value_segment == judgement.segment == "gold"
    assert noor.value_reason["orders"] == 1, "what was returned does not count"
    assert noor.value_reason["words"] == judgement.value.words
    assert noor.value_reason["version"] == 2
    actions.revalue(noor.pk, now=NOW)
    assert Event.objects.filter(kind="parties.value_set").count() == 1, "the second time nothing changed"


def test_values_are_counted_anew_after_a_day_the_oldest_first(noor: Party, kettle: Product) -> None:
    assert actions.revalue_stale(now=NOW) == 0, "without a policy nothing is counted"
    rules = [{"id": "any", "name": "Any", "actions": [{"do": "segment", "segment": "silver"}]}]
    Policy.objects.create(area="value", code="value", name="Value", version=1, state="published", body={"rules": rules})
    published.forget()
    other = parties.create(None, name="Somebody else")
    assert actions.revalue_stale(1, now=NOW) == 1
    assert actions.revalue_stale(5, now=NOW) == 1
    assert actions.revalue_stale(5, now=NOW + timedelta(hours=23)) == 0
    assert actions.revalue_stale(5, now=NOW + timedelta(hours=25)) == 2
    other.refresh_from_db()
    assert other.value_segment == "silver"


def test_rules_can_ask_what_is_owed(noor: Party, kettle: Product) -> None:
    order(noor, kettle, "1", 75, "100.10", paid=False)
    read = REGISTRY.reader({"party": noor, "now": NOW})
    assert read("sales.overdue") == (Decimal("100.10"), "EUR")
    assert read("sales.overdue_days") == 45
    assert read("sales.last_order_days") == 75
    assert read("sales.last_order_state") == "delivered"
    nobody = REGISTRY.reader({"party": None, "now": NOW})
    assert [nobody(name) for name in ("sales.overdue", "sales.overdue_days", "sales.last_order_days", "party.known", "party.language")] == [
        None,
        None,
        None,
        False,
        None,
    ]


def test_the_timeline_finds_an_order_by_a_products_name_in_any_language(noor: Party, kettle: Product) -> None:
    order(noor, kettle, "88214", 15, paid=False)
    for words in ("", "kettle", "WATERKOKER", "กาต้มน้ำ", "88 214"):
        (entry,) = history([noor.pk], q=words, only=["order"]).entries
        assert entry.title == "Order 88214: K2 kettle"
        assert entry.tone == "due"
    assert history([noor.pk], q="fridge", only=["order"]).entries == []


@pytest.mark.parametrize("orders", [1, 3])
def test_lists_cost_the_same_for_one_and_for_three(orders: int, noor: Party, kettle: Product, django_assert_num_queries: Any) -> None:
    for number in range(orders):
        order(noor, kettle, f"8821{number}", number, paid=False)
    with django_assert_num_queries(1):
        assert len(queries.balance([noor.pk], TODAY).sums) == 1
    with django_assert_num_queries(2):
        assert len([line.product.code for one in queries.last_orders([noor.pk]) for line in one.lines.all()]) == orders
    with django_assert_num_queries(2):
        assert len(history([noor.pk], only=["order"]).entries) == orders


def test_alice_sees_no_more_than_she_may(noor: Party, kettle: Product) -> None:
    order(noor, kettle, "88214", 15)
    dave: User = person("dave", {})
    assert search(dave, "88214") == []

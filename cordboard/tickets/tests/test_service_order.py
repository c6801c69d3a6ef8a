"""A visit: planned from a ticket, carried out, paid by whom the covers say, signed for by the customer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.catalogue import actions as catalogue
from cordboard.catalogue.models import Part, Product, RegisteredProduct
from cordboard.events.models import Event
from cordboard.interactions.queries_history import history
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.tickets import actions_order, queries_order
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.actions_order import OrderChanged
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_order import OrderSignature, ServiceOrder

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DRAWN = [[[100, 100], [300, 220], [500, 120]], [[520, 200]]]

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person(
        "alice", {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all", "tickets.orders": "all", "catalogue.change": "all"}, unit=unit()
    )


@pytest.fixture
def tim() -> User:
    """The technician: sees visits of their own."""
    return person("tim", {"tickets.orders": "own"}, unit=unit())


@pytest.fixture
def noor() -> Party:
    address = {"street": "Prinsengracht 12", "postcode": "1015 DV", "city": "Amsterdam"}
    return parties.create(None, name="Noor de Vries", languages=["nl"], country="NL", phone="+31205550123", address=address)


@pytest.fixture
def w8(alice: User, noor: Party) -> RegisteredProduct:
    product = Product.objects.create(code="w8", names={"en": "W8 washing machine"}, family="washing-machine", warranty_months=24)
    return catalogue.register(noor.pk, product, "W8-2411-100023", date(2025, 11, 5), alice, now=NOW)


@pytest.fixture
def parts() -> None:
    Part.objects.create(code="pump-w8", names={"en": "Drain pump W8", "nl": "Afvoerpomp W8"}, family="washing-machine", price=Decimal("64.90"))
    Part.objects.create(code="belt", names={"en": "Belt"}, family="dryer", price=Decimal("12"))
    Part.objects.create(code="work-hour", names={"en": "Working hour", "nl": "Werkuur"}, price=Decimal("58.50"))
    Part.objects.create(code="call-out", names={"en": "Call-out", "nl": "Voorrijkosten"}, price=Decimal("35"))


@pytest.fixture
def ticket(alice: User, noor: Party, w8: RegisteredProduct) -> Ticket:
    return open_ticket(alice, title="E18, water stays in the drum", text="Pump hums.", party=noor, product=w8, now=NOW)


@pytest.fixture
def order(alice: User, tim: User, ticket: Ticket, parts: None) -> ServiceOrder:
    return actions_order.plan_order(
        alice, ticket=ticket.pk, technician=tim, planned_at=NOW + timedelta(days=1), planned_until=NOW + timedelta(days=1, hours=2), now=NOW
    )


def done(tim: User, order: ServiceOrder) -> None:
    actions_order.move_on(tim, order.pk, "on_the_way", now=NOW)
    actions_order.move_on(tim, order.pk, "working", now=NOW)
    actions_order.add_line(tim, order.pk, "part", part="pump-w8", now=NOW)
    actions_order.add_line(tim, order.pk, "time", quantity=Decimal("1.5"), now=NOW)
    actions_order.move_on(tim, order.pk, "done", report="Replaced the pump.", now=NOW)


def test_a_visit_takes_from_its_ticket_what_is_known(order: ServiceOrder, ticket: Ticket, noor: Party) -> None:
    assert (order.party_id, order.ticket_id, order.product_id, order.title, order.text) == (
        noor.pk, ticket.pk, ticket.product_id, "E18, water stays in the drum", "Pump hums.",
    )  # fmt: skip
    assert (order.place, order.phone, order.currency) == ("Prinsengracht 12, 1015 DV Amsterdam", "+31205550123", "EUR")
    assert Event.objects.get(kind="tickets.order_planned").body["technician"] == order.technician_id


def test_the_technician_works_through_it_and_the_customer_signs(tim: User, alice: User, order: ServiceOrder) -> None:
    with pytest.raises(ValidationError):  # nothing is done yet
        actions_order.confirm(tim, order.pk, name="Noor de Vries", strokes=DRAWN, now=NOW)
    done(tim, order)
    found = queries_order.detail(tim, order.number, NOW.date())
    assert [(line.name, line.covered_by) for line in found.lines] == [("Afvoerpomp W8", "warranty"), ("Werkuur", "warranty")]
    assert (found.sums.total, found.sums.billed) == (Decimal("152.65"), Decimal("0.00"))
    assert [part.code for part in found.parts] == ["call-out", "pump-w8", "work-hour"]
    signed = actions_order.confirm(tim, order.pk, name=" Noor  de Vries ", strokes=DRAWN, now=NOW)
    assert (signed.name, signed.content["total"], len(signed.seal)) == ("Noor de Vries", "152.65", 64)
    found = queries_order.detail(alice, order.number, NOW.date())
    assert found.order.state == "confirmed"
    assert found.signed is not None
    assert (found.signed.whole, found.signed.changed) == (True, [])
    with pytest.raises(ValidationError):
        actions_order.add_line(tim, order.pk, "travel", now=NOW)


def test_a_change_after_the_signature_shows(tim: User, order: ServiceOrder) -> None:
    done(tim, order)
    actions_order.confirm(tim, order.pk, name="Noor de Vries", strokes=DRAWN, now=NOW)
    with pytest.raises(ValidationError):
        actions_order.move_on(tim, order.pk, "working", now=NOW)
    actions_order.move_on(tim, order.pk, "working", why="forgot the way", now=NOW)
    actions_order.add_line(tim, order.pk, "travel", covered_by="", why="second floor without a lift", now=NOW)
    signed = queries_order.detail(tim, order.number, NOW.date()).signed
    assert signed is not None
    assert signed.whole
    assert signed.changed == ["billed", "lines", "total"]
    row = OrderSignature.objects.get()
    row.content["total"] = "1.00"
    row.save()
    signed = queries_order.detail(tim, order.number, NOW.date()).signed
    assert signed is not None
    assert not signed.whole


def test_out_of_warranty_the_customer_pays_unless_somebody_may_show_goodwill(alice: User, tim: User, order: ServiceOrder, w8: RegisteredProduct) -> None:
    RegisteredProduct.objects.filter(pk=w8.pk).update(warranty_until=date(2026, 1, 1))
    assert actions_order.add_line(tim, order.pk, "part", part="pump-w8", now=NOW).covered_by == ""
    with pytest.raises(PermissionDenied):
        actions_order.add_line(tim, order.pk, "travel", covered_by="goodwill", why="third visit", now=NOW)
    carol = person("carol", {"tickets.orders": "all", "catalogue.cover": "all"})
    with pytest.raises(ValidationError):
        actions_order.add_line(carol, order.pk, "travel", covered_by="goodwill", now=NOW)
    actions_order.add_line(carol, order.pk, "travel", covered_by="goodwill", why="third visit", now=NOW)
    catalogue.grant_cover(carol, w8.pk, "contract", date(2027, 1, 1), begins_on=date(2026, 1, 2), parts=False, travel=False, now=NOW)
    assert actions_order.add_line(tim, order.pk, "time", now=NOW).covered_by == "contract"
    found = queries_order.detail(alice, order.number, NOW.date())
    assert (found.sums.billed, found.sums.covered) == (Decimal("64.90"), Decimal("93.50"))


def test_what_the_list_has_in_other_money_must_be_said(alice: User, tim: User, parts: None) -> None:
    james = parties.create(None, name="James Whitfield", languages=["en"], country="GB")
    order = actions_order.plan_order(alice, party=james.pk, title="Dryer", technician=tim, now=NOW)
    assert order.currency == "GBP"
    with pytest.raises(ValidationError) as refused:
        actions_order.add_line(tim, order.pk, "part", part="belt", now=NOW)
    assert "price" in refused.value.error_dict
    assert actions_order.add_line(tim, order.pk, "part", part="belt", price=Decimal("10.50"), now=NOW).name == "Belt"
    for wrong in (Decimal(0), Decimal(-1), Decimal(10) ** 9):
        with pytest.raises(ValidationError):
            actions_order.add_line(tim, order.pk, "part", part="belt", price=Decimal(1), quantity=wrong, now=NOW)


def test_others_visits_are_not_the_technicians(tim: User, alice: User, order: ServiceOrder) -> None:
    bob = person("bob", {"tickets.orders": "own"})
    dave = person("dave", {})
    assert queries_order.listing(bob) == []
    with pytest.raises(ServiceOrder.DoesNotExist):
        queries_order.detail(bob, order.number)
    with pytest.raises(PermissionDenied):
        actions_order.move_on(bob, order.pk, "working")
    with pytest.raises(PermissionDenied):
        actions_order.plan_order(dave, party=order.party_id, title="No")
    assert queries_order.listing(tim) == [order]


def test_two_who_change_it_at_a_time_do_not_overwrite_each_other(alice: User, tim: User, order: ServiceOrder) -> None:
    actions_order.change_order(alice, order.pk, version=order.version, planned_at=NOW + timedelta(days=2), planned_until=None)
    with pytest.raises(OrderChanged):
        actions_order.change_order(tim, order.pk, version=order.version, text="Bring two pumps")
    with pytest.raises(ValidationError):
        actions_order.change_order(tim, order.pk, planned_until=NOW)


def test_it_stands_in_the_customers_history(alice: User, tim: User, order: ServiceOrder, noor: Party) -> None:
    done(tim, order)
    page = history([noor.pk], only=("service_order",))
    assert [(entry.kind, entry.data["number"], entry.data["state"]) for entry in page.entries] == [("service_order", order.number, "done")]
    assert history([noor.pk], q="replaced the", only=("service_order",)).entries != []


@pytest.mark.parametrize("many", [1, 3])
def test_an_order_is_read_with_as_many_queries_however_long_it_is(tim: User, order: ServiceOrder, many: int, django_assert_num_queries: Any) -> None:
    for _at in range(many):
        actions_order.add_line(tim, order.pk, "part", part="pump-w8", now=NOW)
    queries_order.detail(tim, order.number)
    with django_assert_num_queries(5):
        queries_order.detail(tim, order.number)

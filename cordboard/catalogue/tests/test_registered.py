"""A customer's product on the telephone: registered in seconds, sold on, covered by a contract."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.catalogue import actions, queries_registered
from cordboard.catalogue.models import Cover, OwnerChange, Product, RegisteredProduct
from cordboard.events.models import Event
from cordboard.org.models import User
from cordboard.org.tests.people import person
from cordboard.parties import actions as parties
from cordboard.parties.models import Party

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TODAY = NOW.date()

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice", {"catalogue.view": "all", "catalogue.change": "all"})


@pytest.fixture
def carol() -> User:
    return person("carol", {"catalogue.view": "all", "catalogue.change": "all", "catalogue.cover": "all"})


@pytest.fixture
def noor() -> Party:
    return parties.create(None, name="Noor de Vries", languages=["nl"], country="NL")


@pytest.fixture
def james() -> Party:
    return parties.create(None, name="James Whitfield", languages=["en"], country="GB")


@pytest.fixture
def w8() -> Product:
    return Product.objects.create(code="w8", names={"en": "W8"}, family="washing-machine", warranty_months=24, serial_format="W8-####-######")


def test_the_serial_alone_says_what_it_is(alice: User, noor: Party, w8: Product) -> None:
    assert queries_registered.fitting("w8 2411 100023") == [w8]
    owned = actions.register(noor.pk, w8, "w8 2411 100023", date(2024, 11, 5), alice, bought_at=" Lamp & Ketel,  Utrecht ", now=NOW)
    assert (owned.serial, owned.bought_at, owned.warranty_until) == ("W8-2411-100023", "Lamp & Ketel, Utrecht", date(2026, 11, 5))
    found = queries_registered.registered_as("w82411100023")
    assert found is not None
    assert found.pk == owned.pk


def test_a_worn_type_plate_is_noticed_and_kept_when_alice_says_so(alice: User, noor: Party, w8: Product) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.register(noor.pk, w8, "W8-24?1-10002", date(2024, 11, 5), alice, now=NOW)
    assert refused.value.error_dict["serial"][0].code == actions.ODD
    assert "W8-1234-123456" in str(refused.value)
    assert actions.register(noor.pk, w8, "W8-24?1-10002", date(2024, 11, 5), alice, odd=True, now=NOW).serial == "W8-24?1-10002"


def test_a_serial_of_somebody_else_is_noticed_and_can_change_hands(alice: User, noor: Party, james: Party, w8: Product) -> None:
    owned = actions.register(james.pk, w8, "W8-2411-100023", date(2025, 3, 1), alice, now=NOW)
    with pytest.raises(ValidationError) as refused:
        actions.register(noor.pk, w8, "W82411100023", date(2025, 3, 1), alice, now=NOW)
    assert refused.value.error_dict["serial"][0].code == actions.ANOTHERS
    actions.change_owner(alice, owned.pk, noor.pk, why="bought from a neighbour", now=NOW)
    actions.change_owner(alice, owned.pk, noor.pk, why="pressed twice", now=NOW)
    change = OwnerChange.objects.get()
    assert (change.old_id, change.new_id, change.why) == (james.pk, noor.pk, "bought from a neighbour")
    assert RegisteredProduct.objects.get().party_id == noor.pk
    event = Event.objects.get(kind="catalogue.owner_changed")
    assert event.body["old"] == james.pk


def test_nothing_was_bought_tomorrow(alice: User, noor: Party, w8: Product) -> None:
    with pytest.raises(ValidationError) as refused:
        actions.register(noor.pk, w8, "W8-2411-100023", TODAY + timedelta(days=1), alice, now=NOW)
    assert "bought_on" in refused.value.error_dict
    assert not RegisteredProduct.objects.exists()


def test_goodwill_needs_a_reason_and_the_right_to_show_it(alice: User, carol: User, noor: Party, w8: Product) -> None:
    owned = actions.register(noor.pk, w8, "W8-2411-100023", date(2022, 3, 1), alice, now=NOW)
    with pytest.raises(PermissionDenied):
        actions.grant_cover(alice, owned.pk, Cover.Kind.GOODWILL, TODAY, why="third visit", now=NOW)
    with pytest.raises(ValidationError) as refused:
        actions.grant_cover(carol, owned.pk, Cover.Kind.GOODWILL, TODAY + timedelta(days=30), now=NOW)
    assert "why" in refused.value.error_dict
    cover = actions.grant_cover(carol, owned.pk, Cover.Kind.GOODWILL, TODAY + timedelta(days=30), parts=False, why="third visit", now=NOW)
    by = queries_registered.detail(owned.pk, TODAY).entitlement.by
    assert by["part"] is None
    assert by["time"] is not None
    assert by["time"].why == "third visit"
    actions.end_cover(carol, cover.pk, TODAY - timedelta(days=1))
    assert not Cover.objects.exists()


def test_what_breaks_here_comes_before_what_breaks_elsewhere(alice: User, noor: Party, james: Party, w8: Product) -> None:
    mine = actions.register(noor.pk, w8, "W8-2411-100023", date(2024, 11, 5), alice, now=NOW)
    his = actions.register(james.pk, w8, "W8-2411-100024", date(2024, 11, 5), alice, now=NOW)
    for code, owned in [("E18", his), ("E18", his), ("E18", his), ("E23", mine), ("F05", his)]:
        actions.record_fault(owned.pk, code, f"{code} on the display", alice, now=NOW)
    found = queries_registered.frequent(mine, [noor.pk])
    assert [(one.code, one.own, one.customer, one.family) for one in found] == [("E23", 1, 1, 1), ("E18", 0, 0, 3), ("F05", 0, 0, 1)]


@pytest.mark.parametrize("many", [1, 3])
def test_a_product_is_read_with_four_queries(alice: User, carol: User, noor: Party, w8: Product, many: int, django_assert_num_queries: Any) -> None:
    owned = actions.register(noor.pk, w8, "W8-2411-100023", date(2024, 11, 5), alice, now=NOW)
    for at in range(many):
        actions.record_fault(owned.pk, f"E{at}", "", alice, now=NOW)
        actions.grant_cover(carol, owned.pk, Cover.Kind.CONTRACT, TODAY + timedelta(days=at), why=f"SC-{at}", now=NOW)
    with django_assert_num_queries(4):
        found = queries_registered.detail(owned.pk, TODAY)
    assert (len(found.faults), len(found.covers)) == (many, many)

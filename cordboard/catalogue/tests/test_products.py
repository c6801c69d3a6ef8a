"""Registered products: warranty, faults, what rules may ask."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from hypothesis import given
from hypothesis import strategies as st

from cordboard.catalogue import actions, queries
from cordboard.catalogue.models import Product
from cordboard.catalogue.warranty import add_months, warranty
from cordboard.interactions.queries_history import history
from cordboard.org.tests.people import person
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.rules.facts import REGISTRY

TODAY = date(2026, 11, 17)
NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "state", "months"),
    [
        (date(2027, 11, 17), "in", 12),
        (date(2027, 3, 12), "ends_soon", 3),
        (date(2027, 3, 17), "ends_soon", 4),
        (TODAY, "ends_soon", 0),
        (date(2026, 11, 16), "ended", 0),
    ],
)
def test_how_a_warranty_stands(until: date, state: str, months: int) -> None:
    found = warranty(until, TODAY)
    assert (found.state, found.months) == (state, months)


def test_months_end_on_the_last_day_there_is() -> None:
    assert add_months(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 12, 5), 1) == date(2027, 1, 5)


@given(st.dates(date(1990, 1, 1), date(2050, 1, 1)), st.integers(0, 120))
def test_a_warranty_ends_after_so_many_months(day: date, months: int) -> None:
    end = add_months(day, months)
    assert (end.year - day.year) * 12 + end.month - day.month == months
    assert end.day <= day.day
    assert warranty(end, day).state != "ended"


@pytest.fixture
def washer(db: None) -> Product:
    return Product.objects.create(code="w8", names={"en": "W8 washing machine", "nl": "W8 wasmachine"}, family="washing-machine", warranty_months=24)


@pytest.fixture
def noor(db: None) -> Party:
    return parties.create(None, name="Noor de Vries")


def test_a_product_is_registered_once_under_its_serial(noor: Party, washer: Product) -> None:
    owned = actions.register(noor.pk, washer, " w8-2403-118842", date(2025, 3, 12), None)
    assert owned.warranty_until == date(2027, 3, 12)
    assert actions.register(noor.pk, washer, "W8-2403-118842", date(2025, 3, 12), None) == owned
    assert queries.by_serial("w8-2403-118842") == owned
    other = parties.create(None, name="Somebody else")
    for serial in ("W8-2403-118842", "  "):
        with pytest.raises(ValidationError):
            actions.register(other.pk, washer, serial, TODAY, None)


def test_dave_may_register_nothing(noor: Party, washer: Product) -> None:
    with pytest.raises(PermissionDenied):
        actions.register(noor.pk, washer, "X1", TODAY, person("dave", {}))


def test_the_product_that_broke_last_comes_first(noor: Party, washer: Product) -> None:
    first = actions.register(noor.pk, washer, "W8-1", date(2024, 1, 1), None)
    actions.register(noor.pk, washer, "W8-2", date(2026, 1, 1), None)
    actions.record_fault(first.pk, "e18", "Does not drain", None, now=NOW - timedelta(days=10))
    owned = queries.owned_by([noor.pk], TODAY)
    assert [one.registered.serial for one in owned] == ["W8-1", "W8-2"]
    assert [fault.code for fault in owned[0].faults] == ["E18"]
    assert owned[0].warranty.state == "ended"
    assert owned[0].name("nl") == "W8 wasmachine"
    assert [entry.title for entry in history([noor.pk], only=["fault"]).entries] == ["W8 washing machine: E18 Does not drain"]


def test_rules_can_ask_about_products(noor: Party, washer: Product) -> None:
    owned = actions.register(noor.pk, washer, "W8-1", date(2025, 3, 12), None)
    actions.record_fault(owned.pk, "E18", "Does not drain", None, now=NOW - timedelta(days=10))
    actions.record_fault(owned.pk, "E05", "Door", None, now=NOW - timedelta(days=200))
    read = REGISTRY.reader({"party": noor, "now": NOW})
    wanted = {
        "catalogue.product_families": ["washing-machine"], "catalogue.products": 1, "catalogue.broken_family": "washing-machine", "catalogue.last_fault": "E18",
        "catalogue.faults_90_days": 1, "catalogue.warranty_ends_days": 115, "catalogue.warranty_ends_product": "W8",
    }  # fmt: skip
    assert {name: read(name) for name in wanted} == wanted
    nobody = REGISTRY.reader({"party": None, "now": NOW})
    assert {nobody(name) for name in wanted} == {None}


@pytest.mark.parametrize("products", [1, 3])
def test_a_list_costs_the_same_for_one_and_for_three(products: int, noor: Party, washer: Product, django_assert_num_queries: Any) -> None:
    for number in range(products):
        owned = actions.register(noor.pk, washer, f"W8-{number}", TODAY, None)
        actions.record_fault(owned.pk, "E18", "x", None)
    with django_assert_num_queries(2):
        assert len([one.faults for one in queries.owned_by([noor.pk], TODAY)]) == products

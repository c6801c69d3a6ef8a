"""What a reader whose role masks details can learn before the check: nothing that answers one of its questions."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.catalogue.models import Product, RegisteredProduct
from cordboard.desktop.presenters.masking import numbers
from cordboard.desktop.tests.conftest import signed_in
from cordboard.interactions import actions as interactions
from cordboard.interactions.actions_identity import IDENTITY
from cordboard.interactions.models import ContextValue
from cordboard.org.models import Role
from cordboard.parties import actions as parties
from cordboard.routing.tests.centre import Centre


def test_numbers_of_orders_are_not_read() -> None:
    assert numbers("Order 88214: Limescale remover, 2 pieces") == "Order •••14: Limescale remover, 2 pieces"


@given(st.text())
def test_no_long_number_is_left(text: str) -> None:
    shown = numbers(text)
    assert len(shown) == len(text)
    assert not re.search(r"\d{4,}", shown)


@pytest.mark.django_db
def test_the_serial_number_is_an_answer_too(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    noor = parties.create(None, name="Noor de Vries", country="NL")
    product = Product.objects.create(code="w8", names={"en": "W8 washing machine"}, warranty_months=24)
    RegisteredProduct.objects.create(party=noor, product=product, serial="W8-2403-118842", bought_on=date(2026, 1, 5), warranty_until=date(2028, 1, 5))
    interactions.confirm_subject(centre.alice, call.pk, noor.pk)
    alice = signed_in(centre.alice)

    def work() -> str:
        return alice.get(f"/desk/fragments/?names=work&interaction={call.pk}").content.decode()

    assert "W8-2403-118842" in work()
    Role.objects.filter(code="agent").update(masks=True)
    assert "W8-2403-118842" not in work()
    assert "••42" in work()


@pytest.mark.django_db
def test_the_customers_page_beside_the_desk_hides_it_too(centre: Centre) -> None:
    noor = parties.create(None, name="Noor de Vries", country="NL")
    parties.add_contact_point(noor.pk, "email", "noor@example.org", None)
    alice = signed_in(centre.alice)
    assert "noor@example.org" in alice.get(f"/customers/{noor.pk}/").content.decode()
    Role.objects.filter(code="agent").update(masks=True)
    hidden = alice.get(f"/customers/{noor.pk}/").content.decode()
    assert "noor@example.org" not in hidden
    assert "after the identity check" in hidden

    # Checked in a contact that she has now: shown, to her only.
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    interactions.confirm_subject(centre.alice, call.pk, noor.pk)
    value = {"party": noor.pk, "asked": [], "passed": True}
    ContextValue.objects.create(interaction=call, name=IDENTITY, value=value, by=ContextValue.By.AGENT, user=centre.alice, at=centre.now)
    assert "noor@example.org" in alice.get(f"/customers/{noor.pk}/").content.decode()
    assert "noor@example.org" not in signed_in(centre.bob).get(f"/customers/{noor.pk}/").content.decode()

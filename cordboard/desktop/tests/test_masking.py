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
from cordboard.mail.models import OutgoingMail
from cordboard.org.models import Role
from cordboard.parties import actions as parties
from cordboard.parties.models import Address, Party
from cordboard.routing.tests.centre import Centre
from cordboard.tickets import actions as tickets
from cordboard.tickets import actions_case, actions_order


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


@pytest.fixture
def noor(db: None) -> Party:
    """A customer with an answer to every question; all roles may see all."""
    for role in Role.objects.all():
        role.permissions = {**role.permissions, **MAY}
        role.save()
    found = parties.create(None, name="Noor de Vries", country="NL", phone="020 555 0199", email="noor@example.org")
    Address.objects.create(party=found, street="Keizersgracht 112", postcode="1015 CV", city="Amsterdam", country="NL")
    product = Product.objects.create(code="w8", names={"en": "W8 washing machine"}, warranty_months=24)
    RegisteredProduct.objects.create(party=found, product=product, serial="W8-2403-118842", bought_on=date(2026, 1, 5), warranty_until=date(2028, 1, 5))
    return found


MAY = {
    "tickets.view": "all", "tickets.open": "all", "tickets.change": "all", "tickets.orders": "all", "tickets.cases": "all", "appointments.view": "all",
    "appointments.book": "all", "catalogue.view": "all", "parties.view": "all",
}  # fmt: skip
SECRETS = ("noor@example.org", "1015 CV", "Keizersgracht", "W8-2403-118842", "+31205550199")


def told(pages: dict[str, str]) -> list[str]:
    return [f"{name}: {secret}" for name, page in pages.items() for secret in SECRETS if secret in page]


@pytest.mark.django_db
def test_no_page_of_the_service_desk_answers_for_the_caller(centre: Centre, noor: Party) -> None:
    carol, bob = centre.carol, centre.bob
    machine = RegisteredProduct.objects.get(party=noor)
    ticket = tickets.open_ticket(
        carol, title="Leaks at Keizersgracht 112", text="Serial W8-2403-118842, write to noor@example.org", party=noor.pk, product=machine.pk
    )
    order = actions_order.plan_order(carol, ticket=ticket.pk, title="Look at W8-2403-118842", text="1015 CV, second floor", technician=None)
    case = actions_case.open_case(carol, title="Keizersgracht 112", text="Ask noor@example.org", party=noor.pk, documents=[("ticket", ticket.pk)])
    paths = [
        f"/tickets/{ticket.number}/", f"/tickets/{ticket.number}/fields/", "/tickets/", f"/products/{machine.pk}/", f"/customers/{noor.pk}/products/",
        f"/service-orders/{order.number}/", "/service-orders/?show=open", f"/visits/{order.number}/", f"/service-orders/new/?ticket={ticket.number}",
        f"/cases/{case.number}/?add=1", "/cases/", f"/cases/new/?ticket={ticket.number}", f"/appointments/new/?party={noor.pk}", "/appointments/new/?q=noor",
        "/customers/?q=noor", "/worklist/?which=unit",
    ]  # fmt: skip
    browser = signed_in(bob)

    def pages() -> dict[str, str]:
        found = {path: browser.get(path) for path in paths}
        assert {path: one.status_code for path, one in found.items() if one.status_code != 200} == {}
        return {path: one.content.decode() for path, one in found.items()}

    assert len(told(pages())) > 20, "there would be something to hide"
    Role.objects.filter(code="agent").update(masks=True)
    assert told(pages()) == []
    assert browser.get(f"/service-orders/{order.number}/order.pdf").status_code in (403, 404)
    refused = browser.get(f"/api/v1/tickets/{ticket.number}")
    assert refused.status_code == 403
    assert told({"api": refused.content.decode()}) == []


@pytest.mark.django_db
def test_who_does_not_see_an_address_can_still_answer_to_it(centre: Centre, noor: Party) -> None:
    ticket = tickets.open_ticket(centre.carol, title="Leaks at Keizersgracht 112", party=noor.pk)
    Role.objects.filter(code="agent").update(masks=True)
    browser = signed_in(centre.alice)
    page = browser.get(f"/tickets/{ticket.number}/").content.decode()
    assert '<option value="#0">' in page
    said = browser.post(f"/tickets/{ticket.number}/do/write/", {"kind": "reply", "text": "We come on Monday.", "to": "#0"})
    assert said.status_code in (200, 204), said.content
    assert "noor@example.org" not in str(said.headers)
    assert OutgoingMail.objects.get().address == "noor@example.org"


@pytest.mark.django_db
def test_what_is_not_seen_whole_is_not_changed(centre: Centre, noor: Party) -> None:
    ticket = tickets.open_ticket(centre.carol, title="Leaks at Keizersgracht 112", text="It leaks", party=noor.pk)
    Role.objects.filter(code="agent").update(masks=True)
    browser = signed_in(centre.alice)
    form = browser.get(f"/tickets/{ticket.number}/fields/").content.decode()
    assert 'name="title"' not in form
    assert 'name="text"' in form
    given = {"text": "It leaks and drips", "seen-text": "It leaks", "kind": ticket.kind, "seen-kind": ticket.kind, "priority": "5", "seen-priority": "5"}
    assert (
        browser.post(f"/tickets/{ticket.number}/fields/", {**given, "title": "Something else", "seen-title": "Leaks at Keizersgracht 112"}).status_code == 204
    )
    ticket.refresh_from_db()
    assert (ticket.title, ticket.text) == ("Leaks at Keizersgracht 112", "It leaks and drips")


@pytest.mark.django_db
def test_a_ticket_beside_a_call_tells_nothing_before_the_check(centre: Centre, noor: Party) -> None:
    machine = RegisteredProduct.objects.get(party=noor)
    ticket = tickets.open_ticket(centre.carol, title="Leaks at Keizersgracht 112", text="Serial W8-2403-118842", party=noor.pk, product=machine.pk)
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    interactions.confirm_subject(centre.alice, call.pk, noor.pk)
    browser = signed_in(centre.alice)
    tabs = [
        f"/desk/?interaction={call.pk}&tab={tab}" for tab in (f"ticket&ticket={ticket.pk}", "new-ticket", "history", "overview", "find&q=noor", "appointment")
    ]
    assert len(told({path: browser.get(path).content.decode() for path in tabs})) > 3
    Role.objects.filter(code="agent").update(masks=True)
    assert told({path: browser.get(path).content.decode() for path in tabs}) == []

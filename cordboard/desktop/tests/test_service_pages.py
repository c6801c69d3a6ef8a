"""Cases, service orders and registered products on screens: from a ticket to a customer's signature, in plain requests."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from cordboard.catalogue import actions as catalogue
from cordboard.catalogue.models import Cover, Part, Product, RegisteredProduct
from cordboard.knowledge.actions_draft import draft
from cordboard.knowledge.models import Article
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.actions_message import add_note
from cordboard.tickets.models import Case, ServiceOrder, Ticket

pytestmark = pytest.mark.django_db

WORKS = dict.fromkeys(
    (
        "tickets.view", "tickets.open", "tickets.change", "tickets.cases", "tickets.orders", "catalogue.view", "catalogue.change", "parties.view", "org.view",
        "interactions.view",
    ),
    "all",
)  # fmt: skip
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def alice() -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def her(alice: User, client: Client) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def noor() -> Party:
    return parties.create(None, name="Noor de Vries", languages=["nl"], country="NL")


@pytest.fixture
def w8() -> Product:
    Part.objects.create(code="pump-w8", names={"en": "Drain pump W8"}, family="washing-machine", price=Decimal("64.90"))
    return Product.objects.create(code="w8", names={"en": "W8 washing machine"}, family="washing-machine", serial_format="W8-####-######")


@pytest.fixture
def owned(noor: Party, w8: Product) -> RegisteredProduct:
    return catalogue.register(noor.pk, w8, "W8-2411-100023", date.today(), None)


@pytest.fixture
def ticket(alice: User, noor: Party, owned: RegisteredProduct) -> Ticket:
    return open_ticket(alice, title="E18 again", party=noor, product=owned)


def test_a_product_is_registered_with_its_serial_alone(her: Client, noor: Party, w8: Product) -> None:
    url = reverse("desktop:customer_products", args=[noor.pk])
    assert "No product is registered" in her.get(url).content.decode()
    odd = her.post(url, {"serial": "what the plate says"})
    assert odd.status_code == 422
    assert "what the plate says" in odd.content.decode()
    misread = her.post(url, {"serial": "W8-24", "product": w8.pk})
    assert "W8-1234-123456" in misread.content.decode()
    assert 'name="odd"' in misread.content.decode()
    made = her.post(url, {"serial": "w8 2411 100023", "bought_at": "Utrecht"})
    owned = RegisteredProduct.objects.get()
    assert made.url == reverse("desktop:product", args=[owned.pk])  # type: ignore[attr-defined]
    page = her.get(made.url).content.decode()  # type: ignore[attr-defined]
    assert "W8-2411-100023" in page
    assert "Utrecht" in page


def test_what_is_another_customers_goes_over_when_the_serial_is_read_out(her: Client, noor: Party, owned: RegisteredProduct) -> None:
    james = parties.create(None, name="James Whitfield", languages=["en"], country="GB")
    url = reverse("desktop:customer_products", args=[james.pk])
    page = her.post(url, {"serial": "W82411100023"})
    assert "It has another owner" in page.content.decode()
    assert "Noor" not in page.content.decode()
    over = reverse("desktop:product_take_over", args=[james.pk, owned.pk])
    assert her.post(over, {"serial": "W8-0000-000000"}).status_code == 404
    assert her.post(over, {"serial": "W82411100023", "why": "bought it"}).status_code == 302
    owned.refresh_from_db()
    assert owned.party_id == james.pk
    assert "Noor de Vries" in her.get(reverse("desktop:product", args=[owned.pk])).content.decode()


def test_goodwill_is_not_everybodys_to_show(her: Client, owned: RegisteredProduct) -> None:
    url = reverse("desktop:product_act", args=[owned.pk, "cover"])
    given = {"kind": "goodwill", "ends_on": "2099-01-01", "parts": "1", "why": "loyal"}
    assert her.post(url, given, **HTMX).status_code == 403
    assert not Cover.objects.exists()
    assert "Grant one" not in her.get(reverse("desktop:product", args=[owned.pk])).content.decode()


def test_a_visit_from_a_ticket_to_the_signature(her: Client, alice: User, ticket: Ticket) -> None:
    page = her.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()
    assert "New service order" in page
    assert "What breaks most often" not in page  # nothing ever broke
    made = her.post(
        reverse("desktop:service_order_new"),
        {"ticket": ticket.number, "title": "E18 again", "technician": alice.pk, "planned_at": "2026-12-01T09:00", "planned_until": "2026-12-01T08:00"},
    )
    assert made.status_code == 422
    assert "It would end before it begins." in made.content.decode()
    assert 'value="2026-12-01T08:00"' in made.content.decode()
    her.post(reverse("desktop:service_order_new"), {"ticket": ticket.number, "title": "E18 again", "technician": alice.pk, "planned_at": "2026-12-01T09:00"})
    order = ServiceOrder.objects.get()
    for which in ("mine", "open"):
        assert "E18 again" in her.get(f"{reverse('desktop:service_orders')}?show={which}").content.decode()
    assert "E18 again" in her.get(reverse("desktop:visits")).content.decode()

    def do(verb: str, **given: Any) -> Any:
        return her.post(reverse("desktop:visit_act", args=[order.number, verb]), given)

    assert do("move", state="working").status_code == 302
    assert do("add-line", kind="part", part="pump-w8", quantity="2").status_code == 302
    wrong = do("add-line", kind="part", name="Hose", quantity="one")
    assert wrong.status_code == 422
    assert "This is no number." in wrong.content.decode()
    assert 'value="Hose"' in wrong.content.decode()
    assert do("move", state="done").status_code == 422
    assert do("move", state="done", report="Replaced both pumps.").status_code == 302
    drawn = "[[[10,10],[300,200]]]"
    refused = do("confirm", name="", strokes=drawn)
    assert refused.status_code == 422
    assert drawn in refused.content.decode()
    assert "Nothing is drawn yet." in do("confirm", name="Noor", strokes="[]").content.decode()
    assert "did not arrive whole" in do("confirm", name="Noor", strokes="{").content.decode()
    assert do("confirm", name="Noor de Vries", strokes=drawn).status_code == 302
    page = her.get(reverse("desktop:service_order", args=[order.number])).content.decode()
    assert "M10 10 L300 200" in page
    assert "As it was signed." in page
    assert "€ 129.80" in page
    paper = her.get(reverse("desktop:service_order_pdf", args=[order.number]))
    assert paper.content.startswith(b"%PDF")
    back = her.post(reverse("desktop:service_order_act", args=[order.number, "add-line"]), {"kind": "travel", "name": "Way", "price": "5"}, **HTMX)
    assert back.status_code == 422


def test_a_case_is_opened_from_a_ticket_and_filled_from_the_history(her: Client, alice: User, noor: Party, ticket: Ticket) -> None:
    assert "In no case." in her.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()
    assert her.post(reverse("desktop:case_new"), {"ticket": ticket.number, "title": " ", "access": "all"}).status_code == 422
    her.post(reverse("desktop:case_new"), {"ticket": ticket.number, "title": "Floods in the flats", "access": "unit"})
    case = Case.objects.get()
    other = open_ticket(alice, title="Ceiling below is wet", party=noor)
    page = her.get(f"{reverse('desktop:case', args=[case.number])}?add=1").content.decode()
    assert "Ceiling below is wet" in page
    assert her.post(reverse("desktop:case_act", args=[case.number, "add"]), {"kind": "ticket", "document": other.pk}, **HTMX).status_code == 204
    page = her.get(f"{reverse('desktop:case', args=[case.number])}?kind=ticket").content.decode()
    assert "Ceiling below is wet" in page
    assert "E18 again" in page
    assert "Case opened" not in page
    assert her.post(reverse("desktop:case_act", args=[case.number, "close"]), {"summary": ""}, **HTMX).status_code == 422
    assert her.post(reverse("desktop:case_act", args=[case.number, "close"]), {"summary": "Paid by the insurer."}, **HTMX).status_code == 204
    assert "Paid by the insurer." in her.get(reverse("desktop:case", args=[case.number])).content.decode()
    assert "Floods in the flats" in her.get(f"{reverse('desktop:cases')}?show=closed&q=flood").content.decode()
    assert "Floods in the flats" in her.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()


def test_the_history_is_filtered_by_kind_and_cases_stand_beside_it(her: Client, alice: User, noor: Party, ticket: Ticket) -> None:
    her.post(reverse("desktop:service_order_new"), {"ticket": ticket.number, "title": "Look at the pump"})
    her.post(reverse("desktop:case_new"), {"ticket": ticket.number, "title": "Floods", "access": "all"})
    url = reverse("desktop:customer", args=[noor.pk])
    page = her.get(url).content.decode()
    assert reverse("desktop:case", args=[Case.objects.get().number]) in page
    assert reverse("desktop:service_order", args=[ServiceOrder.objects.get().number]) in page
    assert "E18 again" in page
    only = her.get(f"{url}?kind=service_order").content.decode()
    assert "Look at the pump" in only
    assert "E18 again" not in only


def test_a_file_lies_in_a_case_and_is_only_saved_never_shown(her: Client, ticket: Ticket) -> None:
    her.post(reverse("desktop:case_new"), {"title": "Floods", "access": "named"})
    case = Case.objects.get()
    act = reverse("desktop:case_act", args=[case.number, "file"])
    assert her.post(act, {"file": SimpleUploadedFile("floor.txt", b"The floor is wet.")}, **HTMX).status_code == 204
    assert her.post(act, {"file": SimpleUploadedFile("run.exe", b"MZ\x90\x00" + b"\x00" * 80)}, **HTMX).status_code == 422
    assert her.post(act, {}, **HTMX).status_code == 422
    found = case.files.get()
    where = reverse("desktop:case_file", args=[case.number, found.pk])
    assert where in her.get(reverse("desktop:case", args=[case.number])).content.decode()
    got = her.get(where)
    assert b"".join(got.streaming_content) == b"The floor is wet."  # type: ignore[attr-defined]
    assert "attachment" in got["Content-Disposition"]
    her.force_login(person("bob", WORKS))
    assert her.get(where).status_code == 404


def test_dave_finds_no_door(client: Client, ticket: Ticket, owned: RegisteredProduct) -> None:
    client.force_login(person("dave", {}))
    for name in ("cases", "case_new", "service_orders", "visits"):
        assert client.get(reverse(f"desktop:{name}")).status_code == 403
    assert client.get(reverse("desktop:product", args=[owned.pk])).status_code == 403
    assert client.get(reverse("desktop:case", args=[1])).status_code == 403


def test_a_solved_ticket_shows_its_six_acts_and_becomes_knowledge(her: Client, alice: User, ticket: Ticket) -> None:
    page = her.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()
    assert "data-next-act" in page
    assert "Resolve" in page
    make = reverse("desktop:ticket_article", args=[ticket.number])
    assert her.post(make, **HTMX).status_code == 422  # nobody said what helped
    add_note(alice, ticket.pk, "Noor de Vries rinsed the filter behind the flap.")
    assert her.post(make, **HTMX).status_code == 204
    article = Article.objects.get()
    assert "draft, not reviewed" not in her.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()  # alice reads no knowledge
    carol = person("carol", {**WORKS, "knowledge.view": "all", "knowledge.write": "all"})
    her.force_login(carol)
    assert "draft, not reviewed" in her.get(reverse("desktop:ticket", args=[ticket.number])).content.decode()
    assert "E18 again" in her.get(reverse("desktop:drafts")).content.decode()
    page = her.get(reverse("desktop:article", args=[article.pk])).content.decode()
    assert f"Came of ticket {ticket.number}" in page
    assert "[name] rinsed the filter" in page
    words = {"title": "E18: water stays in the drum", "problem": "Pump hums.", "solution": "Rinse the filter."}
    assert her.post(reverse("desktop:article_review", args=[article.pk, "publish"]), words, **HTMX).status_code == 204
    article.refresh_from_db()
    assert article.state == Article.State.PUBLISHED
    her.post(reverse("desktop:drafts"), {})
    assert "only when somebody asks" in her.get(reverse("desktop:drafts")).content.decode()


def test_a_draft_is_not_everybodys_to_read(client: Client, ticket: Ticket) -> None:
    made = draft("hidden", "en", title="Not reviewed", problem="", solution="Something untold")
    client.force_login(person("bob", {"knowledge.view": "all", "tickets.view": "all"}))
    assert client.get(reverse("desktop:article", args=[made.pk])).status_code == 404

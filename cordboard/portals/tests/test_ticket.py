"""Noor opens the link that stands in a reply: she reads, answers and attaches, without scripts and without cookies. Others see nothing of it."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from cordboard.events.models import Event
from cordboard.lib import config as configuration
from cordboard.mail.models import OutgoingMail
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.portals import views_ticket
from cordboard.portals.limits import Limit
from cordboard.tickets import actions, actions_attachment, actions_move, actions_portal
from cordboard.tickets.actions_access import withdraw
from cordboard.tickets.actions_message import add_note, receive_reply, reply
from cordboard.tickets.models import Ticket, TicketAccess, TicketAsked, TicketForm, TicketMessage

WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 50

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of its own, nobody is in a hurry, and a form may be filled in at once."""
    made = dataclasses.replace(configuration.config(), data=tmp_path, attachment_mb=1)
    monkeypatch.setattr(actions_attachment, "config", lambda: made)
    monkeypatch.setattr(views_ticket, "LIMIT", Limit(1_000, 60.0))
    monkeypatch.setattr(actions_portal, "LEAST", timedelta(0))


@pytest.fixture
def alice() -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def noor() -> Party:
    return parties.create(None, name="Noor de Vries", email="noor@example.com", languages=["nl"], country="NL")


@pytest.fixture
def ticket(alice: User, noor: Party) -> Ticket:
    return actions.open_ticket(alice, title="Pomp lekt", text="Caller sounds drunk", party=noor)


class Visitor:
    """Somebody with an address, and a browser that keeps no cookies and runs no scripts."""

    def __init__(self, path: str, **headers: str) -> None:
        self.path = path
        self.headers = headers
        self.page, self.status = "", 0

    def _seen(self, response: Any) -> Visitor:
        self.status, self.page, self.response = response.status_code, response.content.decode(), response
        return self

    def open(self, **query: str) -> Visitor:
        return self._seen(Client(enforce_csrf_checks=True).get(self.path, query, headers=self.headers))

    def send(self, **fields: Any) -> Visitor:
        """As the form on the page would, and the page that it leads to."""
        key = re.search(r'name="page" value="([^"]+)"', self.page)
        return self._seen(Client(enforce_csrf_checks=True).post(self.path, {"page": key[1] if key else "", **fields}, headers=self.headers, follow=True))


def mailed(address: str = "noor@example.com") -> Visitor:
    """Whoever reads the newest mail to this address follows its link."""
    found = re.search(r"http://\S+(/ticket/\S+/)", OutgoingMail.objects.filter(address=address).latest("pk").text)
    assert found
    return Visitor(found[1])


def stands(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_noor_reads_what_was_written_to_her_and_answers(alice: User, noor: Party, ticket: Ticket) -> None:
    add_note(alice, ticket.pk, "She owes us money")
    reply(alice, ticket.pk, "Sluit de <kraan> even af.", then="waiting")
    customer = mailed().open()
    assert (customer.status, customer.response["Referrer-Policy"], customer.response["X-Robots-Tag"]) == (200, "no-referrer", "noindex, nofollow")
    assert "Sluit de &lt;kraan&gt; even af." in customer.page
    assert "owes us" not in customer.page, "a note is for colleagues"
    assert "drunk" not in customer.page, "what an agent jotted down as well"
    assert '<html lang="nl"' in customer.page, "her language, whatever the browser asks for"
    assert "script-src" in customer.response["Content-Security-Policy"]
    assert '<script type="module"' not in customer.page
    assert "We wait for your answer." in customer.open(language="en").page
    assert customer.send(text="Dat hielp niet.", file=SimpleUploadedFile("pomp.png", PNG)).status == 200
    made = TicketMessage.objects.get(kind="received")
    assert (made.text, made.party, made.address, made.ticket) == ("Dat hielp niet.", noor, "noor@example.com", ticket)
    assert (stands(ticket).state, stands(ticket).unanswered_since) == ("open", made.at)
    assert "Dat hielp niet." in customer.page
    (file,) = made.attachments.all()
    got = Client().get(f"{customer.path}file/{file.pk}/")
    assert (b"".join(got.streaming_content), got["X-Content-Type-Options"], "attachment" in got["Content-Disposition"]) == (PNG, "nosniff", True)  # type: ignore[attr-defined]


def test_a_withdrawn_link_says_so_and_the_next_reply_brings_another(alice: User, noor: Party, ticket: Ticket) -> None:
    reply(alice, ticket.pk, "Hello")
    old = mailed().open()
    row = TicketAccess.objects.get()
    dave = person("dave", {"tickets.view": "all", "tickets.change": "own"})
    with pytest.raises(PermissionDenied):
        withdraw(dave, ticket.pk, row.pk)
    other = actions.open_ticket(alice, title="Another", party=noor)
    with pytest.raises(TicketAccess.DoesNotExist):
        withdraw(alice, other.pk, row.pk)
    assert old.open().status == 200

    withdraw(alice, ticket.pk, row.pk)
    withdraw(alice, ticket.pk, row.pk)
    assert old.send(text="Am I still in?").status == 410
    assert (old.open().status, "Deze link" in old.page or "This link is no longer valid" in old.page) == (410, True)
    assert not TicketMessage.objects.filter(kind="received").exists()
    line = ticket.changes.get(what="link")
    assert (line.by, line.why) == (alice, "noor@example.com")
    assert Event.objects.filter(kind="tickets.link_withdrawn").count() == 1, "once, however often it is pressed"

    reply(alice, ticket.pk, "Hello again")
    fresh = mailed().open()
    assert (fresh.status, fresh.path == old.path, old.open().status) == (200, False, 410)


def test_links_of_tickets_merged_into_it_are_withdrawn_there(alice: User, noor: Party, ticket: Ticket) -> None:
    twin = actions.open_ticket(alice, title="Pomp lekt nog", party=noor)
    reply(alice, twin.pk, "Hello")
    customer = mailed().open()
    actions_move.merge(alice, twin.pk, ticket.pk)
    assert customer.open().status == 200
    withdraw(alice, ticket.pk, TicketAccess.objects.get().pk)
    assert customer.open().status == 410


def test_what_is_not_taken_is_said_and_what_was_typed_is_kept(alice: User, ticket: Ticket) -> None:
    reply(alice, ticket.pk, "Hello")
    customer = mailed()
    assert customer.open(language="en").send(text=" ").status == 422
    assert customer.send(text="See my file", file=SimpleUploadedFile("run.exe", b"MZ\x00\x01")).status == 422
    assert "See my file</textarea>" in customer.page
    assert "run.exe" in customer.page
    assert not TicketMessage.objects.filter(kind="received").exists()
    assert not list(actions_attachment.folder().rglob("*.*")), "nothing of it is kept"
    sent = customer.send(text="Twice")
    assert (sent.status, TicketMessage.objects.filter(kind="received").count()) == (200, 1)
    first = customer.open()
    twin = Visitor(customer.path)
    twin.page = first.page
    first.send(text="Pressed twice")
    twin.send(text="Pressed twice")
    assert TicketMessage.objects.filter(text="Pressed twice").count() == 1
    assert Visitor(customer.path).open().send(page="made up", text="Kept").status == 409


def test_links_of_others_open_nothing_and_files_of_notes_are_not_given_out(alice: User, ticket: Ticket) -> None:
    reply(alice, ticket.pk, "Hello")
    customer = mailed()
    inside = actions_attachment.attach(alice, ticket.pk, "cost.png", [PNG])
    add_note(alice, ticket.pk, "What it costs us")
    assert Client().get(f"{customer.path}file/{inside.pk}/").status_code == 404
    assert Visitor(customer.path.replace(":", "x:")).open().status == 404
    assert Visitor("/ticket/1/").open().status == 404
    Ticket.objects.update(state="closed", resolved_at=timezone.now() - timedelta(days=400))
    assert customer.open().status == 410


def test_after_a_merge_the_old_link_leads_to_the_ticket_that_goes_on(alice: User, noor: Party, ticket: Ticket) -> None:
    reply(alice, ticket.pk, "On the old one")
    customer = mailed()
    other = actions.open_ticket(alice, title="Lekkage", party=noor)
    reply(alice, other.pk, "On the one that stays")
    move = actions_move.merge(alice, ticket.pk, other.pk)
    page = customer.open(language="en").page
    assert "On the old one" in page
    assert "On the one that stays" in page
    assert f"Number {ticket.number} goes on here, together with number {other.number}." in page
    customer.send(text="Late")
    assert TicketMessage.objects.get(text="Late").ticket == other
    actions_move.undo(alice, move.pk)
    assert TicketMessage.objects.get(text="Late").ticket == ticket, "she meant the first"


def test_a_merge_into_the_ticket_of_somebody_else_shows_nothing_of_theirs(alice: User, ticket: Ticket) -> None:
    eve = parties.create(None, name="Eve", email="eve@example.net", languages=["en"], country="NL")
    hers = actions.open_ticket(alice, title="Eve's secret order", party=eve)
    reply(alice, hers.pk, "Dear Eve")
    receive_reply(hers, eve, "My secret", address="eve@example.net")
    reply(alice, ticket.pk, "Dear Noor")
    customer = mailed()
    actions_move.merge(alice, ticket.pk, hers.pk)
    page = customer.open(language="en").page
    assert "Dear Noor" in page
    assert "Pomp lekt" in page
    assert not re.search("secret|Dear Eve|Eve", page)
    customer.send(text="It still leaks")
    made = TicketMessage.objects.get(text="It still leaks")
    assert (made.ticket, made.party, made.address) == (hers, None, "noor@example.com")
    assert "It still leaks" in customer.page


# -- the form --------------------------------------------------------------------------------------------------------------

ASKED = {"name": "Noor de Vries", "email": "Noor@Example.com", "phone": "", "title": "Pump leaks", "serial": "", "text": "Water everywhere"}


@pytest.fixture
def form() -> TicketForm:
    return TicketForm.objects.create(code="service", names={"en": "Ask our service"}, unit=unit(), kind="question", active=True)


def test_a_visitor_opens_a_ticket_and_gets_the_link_by_mail_alone(alice: User, noor: Party, form: TicketForm) -> None:
    visitor = Visitor("/ask/service/", **{"Accept-Language": "en"}).open()
    assert "Ask our service" in visitor.page
    visitor.send(**ASKED, file=SimpleUploadedFile("pump.png", PNG))
    ticket = Ticket.objects.get()
    assert str(ticket.number) in visitor.page
    assert "/ticket/" not in visitor.page, "whoever types an address has not shown that it is theirs"
    assert (ticket.party, ticket.unit, ticket.kind, ticket.title, ticket.owner, ticket.opened_by) == (noor, form.unit, "question", "Pump leaks", None, None)
    first = ticket.messages.get()
    assert (first.kind, first.text, first.party, first.address, first.attachments.count()) == ("received", "Water everywhere", None, "noor@example.com", 1)
    sent = OutgoingMail.objects.get()
    assert (sent.address, "Water" in sent.text, "Noor" in sent.text) == ("noor@example.com", False, False), "nobody sends words of theirs through us"
    assert "Water everywhere" in mailed().open().page
    assert reply(alice, ticket.pk, "We come").address == "noor@example.com"


def test_who_is_not_known_gets_the_same_page_and_is_called_where_no_address_was_given(form: TicketForm) -> None:
    visitor = Visitor("/ask/service/").open().send(**{**ASKED, "email": "", "phone": "020 555 0123"})
    asked = TicketAsked.objects.get()
    assert (asked.ticket.party, asked.phone, asked.name, visitor.status) == (None, "+31205550123", "Noor de Vries", 200)
    assert not OutgoingMail.objects.exists()


def test_a_form_that_is_wrong_says_where_and_keeps_what_was_typed(form: TicketForm) -> None:
    visitor = Visitor("/ask/service/", **{"Accept-Language": "en"}).open().send(**{**ASKED, "name": " ", "email": "nobody", "phone": "12"})
    assert visitor.status == 422
    assert len(re.findall('aria-invalid="true"', visitor.page)) == 3
    assert "Water everywhere</textarea>" in visitor.page
    assert not Ticket.objects.exists()


def test_programs_and_the_impatient_are_kept_away(form: TicketForm, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Visitor("/ask/service/").open()
    assert (page.send(**ASKED, website="http://spam.example").status, Ticket.objects.count()) == (200, 0)
    assert Visitor("/ask/service/").send(**ASKED).status == 409, "a form that was never shown"
    page = Visitor("/ask/service/").open()
    for _time in range(2):
        key = page.page
        page.send(**ASKED)
        page.page = key
    assert Ticket.objects.count() == 1, "sent twice it is one"
    for _time in range(6):
        Visitor("/ask/service/").open().send(**ASKED)
    assert Ticket.objects.count() == actions_portal.AN_ADDRESS, "nobody is written to all day"
    monkeypatch.setattr(actions_portal, "LEAST", timedelta(seconds=2))
    assert Visitor("/ask/service/").open().send(**{**ASKED, "email": "other@example.com"}).status == 409


def test_a_form_that_is_switched_off_is_not_there(form: TicketForm) -> None:
    TicketForm.objects.update(active=False)
    assert Visitor("/ask/service/").open().status == 404
    assert Visitor("/ask/none/").open().status == 404

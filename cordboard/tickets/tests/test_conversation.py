"""What is written on a ticket: notes, replies, answers, drafts, files; and who is looking."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.desktop.presenters.ticket import shown
from cordboard.events.models import Event
from cordboard.interactions.models import Interaction
from cordboard.lib import config as configuration
from cordboard.mail.models import OutgoingMail
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.routing.models import BroadcastReceipt
from cordboard.tickets import actions, actions_attachment, actions_message, actions_viewing, outgoing
from cordboard.tickets.actions_access import link_of
from cordboard.tickets.actions_attachment import attach, detach, path_of
from cordboard.tickets.actions_message import add_note, receive_reply, reply, save_draft
from cordboard.tickets.actions_move import merge
from cordboard.tickets.models import Ticket, TicketAccess, TicketAttachment, TicketDraft, TicketInteraction, TicketMessage, TicketViewer, TicketWatcher
from cordboard.tickets.queries_ticket import page

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 50

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def bob() -> User:
    return person("bob", WORKS, unit=unit())


@pytest.fixture
def dave() -> User:
    return person("dave", {}, unit=unit())


@pytest.fixture
def noor() -> Party:
    return parties.create(None, name="Noor de Vries", email="noor@example.com", languages=["nl"], country="NL")


@pytest.fixture
def ticket(alice: User, noor: Party) -> Ticket:
    return actions.open_ticket(alice, title="Pomp lekt", party=noor, now=NOW)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = dataclasses.replace(configuration.config(), data=tmp_path, attachment_mb=1)
    monkeypatch.setattr(actions_attachment, "config", lambda: made)
    return tmp_path


def stands(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_who_is_named_in_a_note_is_told_and_follows(alice: User, bob: User, dave: User, ticket: Ticket) -> None:
    note = add_note(alice, ticket.pk, "@bob, @dave and @nobody: is the pump on stock?", now=NOW)
    assert note.mentions == [bob.pk], "dave may not see tickets"
    assert list(TicketWatcher.objects.values_list("user", flat=True)) == [bob.pk]
    told = BroadcastReceipt.objects.get()
    assert (told.reader, told.broadcast.sender) == (bob, alice)
    assert told.broadcast.text == f"Ticket {ticket.number}, Pomp lekt: @bob, @dave and @nobody: is the pump on stock?"
    assert "pump" not in "".join(str(body) for body in Event.objects.values_list("body", flat=True))


def test_a_reply_goes_out_by_mail_in_the_customers_thread_and_the_ticket_waits(alice: User, ticket: Ticket, noor: Party) -> None:
    first = receive_reply(ticket, noor, "Wanneer komt u?", address="noor@example.com", message_id="<1@example.com>", now=NOW)
    assert stands(ticket).unanswered_since == NOW
    made = reply(alice, ticket.pk, "Donderdag.\r\n", then="waiting", now=NOW + timedelta(hours=1))
    sent = OutgoingMail.objects.get()
    assert (sent.address, sent.subject, sent.by, sent.party) == ("noor@example.com", f"Re: Pomp lekt [{ticket.number}]", alice, noor)
    assert sent.text.startswith("Donderdag.\n\n")
    assert link_of(TicketAccess.objects.get()) in sent.text, "the way to the customer's own page"
    assert sent.headers == {"In-Reply-To": first.message_id, "References": "<1@example.com>"}
    assert made.message_id == sent.message_id
    row = stands(ticket)
    assert (row.state, row.unanswered_since) == ("waiting", None)
    assert Event.objects.get(kind="tickets.replied").body["first"] is True


def test_a_reply_to_nobody_is_refused_and_nothing_is_written(alice: User, ticket: Ticket) -> None:
    with pytest.raises(ValidationError) as fault:
        reply(alice, ticket.pk, "Hello", to="eve@example.net")
    assert set(fault.value.message_dict) == {"to"}
    lost = actions.open_ticket(alice, title="Who was it?")
    with pytest.raises(ValidationError):
        reply(alice, lost.pk, "Hello")
    assert not TicketMessage.objects.exists()
    assert not OutgoingMail.objects.exists()


def test_a_reply_whose_state_cannot_follow_is_not_sent(alice: User, ticket: Ticket) -> None:
    actions.set_state(alice, ticket.pk, "closed")
    with pytest.raises(ValidationError):
        reply(alice, ticket.pk, "Hello", then="waiting")
    assert not OutgoingMail.objects.exists()


def test_without_a_carrier_nothing_is_said_to_be_sent(alice: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_carriers", {})
    with pytest.raises(ValidationError):
        reply(alice, ticket.pk, "Hello")
    assert not TicketMessage.objects.exists()


@pytest.mark.parametrize("state", ["waiting", "resolved", "closed"])
def test_the_customers_answer_opens_a_ticket_again_and_its_people_hear_of_it(alice: User, bob: User, ticket: Ticket, noor: Party, state: str) -> None:
    actions.set_state(alice, ticket.pk, state, now=NOW)
    add_note(alice, ticket.pk, "@bob look", now=NOW)
    contact = Interaction.objects.create(channel="email", state="active", subject=noor, started_at=NOW)
    made = receive_reply(ticket.pk, noor.pk, "", html="<p>Nog <b>steeds</b> stuk</p><script>x</script>", interaction=contact, message_id="<2@x>", now=NOW)
    assert made.text == "Nog steeds stuk"
    row = stands(ticket)
    assert (row.state, row.resolved_at, row.unanswered_since) == ("open", None, NOW)
    assert TicketInteraction.objects.get().interaction == contact
    assert set(BroadcastReceipt.objects.filter(broadcast__sender=None).values_list("reader", flat=True)) == {alice.pk, bob.pk}
    assert Event.objects.get(kind="tickets.received").body["reopened"] is True
    assert receive_reply(ticket, noor, "again", message_id="<2@x>").pk == made.pk, "the same mail twice is one message"
    with pytest.raises(ValidationError):
        receive_reply(ticket, noor, "  ", html="<script>only this</script>")


def test_a_draft_is_kept_as_typed_and_done_when_it_is_sent(alice: User, bob: User, dave: User, ticket: Ticket) -> None:
    assert save_draft(alice, ticket.pk, "reply", "Dear No", 1, now=NOW).saved
    assert save_draft(alice, ticket.pk, "reply", "Dear Noor,\n ", 3, now=NOW).saved
    late = save_draft(alice, ticket.pk, "reply", "Dear Noo", 2, now=NOW)
    assert (late.saved, late.text, late.revision) == (False, "Dear Noor,\n ", 3)
    save_draft(bob, ticket.pk, "note", "mine", 1, now=NOW)
    reply(alice, ticket.pk, "Dear Noor, Thursday.")
    assert list(TicketDraft.objects.values_list("user", "text")) == [(bob.pk, "mine")]
    with pytest.raises(PermissionDenied):
        save_draft(dave, ticket.pk, "note", "x", 1)


def test_a_file_goes_with_the_reply_and_only_its_giver_takes_it_back(alice: User, bob: User, ticket: Ticket, data: Path) -> None:
    one = attach(alice, ticket.pk, "../plate.png", [PNG[:3], PNG[3:]], now=NOW)
    two = attach(alice, ticket.pk, "notes.txt", [b"hello"], now=NOW)
    assert (one.name, one.type, one.size) == ("plate.png", "image/png", 58)
    assert path_of(one.file).read_bytes() == PNG
    assert "plate" not in one.file
    with pytest.raises(PermissionDenied):
        detach(bob, two.pk)
    made = reply(alice, ticket.pk, "See the picture")
    with pytest.raises(PermissionDenied):
        detach(alice, one.pk)
    assert list(made.attachments.all()) == [one, two]
    assert [(file["name"], file["type"]) for file in OutgoingMail.objects.get().files] == [("plate.png", "image/png"), ("notes.txt", "text/plain")]


@pytest.mark.parametrize(
    ("name", "content"), [("a.png", b"<html><script>"), ("a.pdf", b"MZ" + b"\x00" * 99), ("a.txt", b""), ("big.png", PNG + b"\x00" * 1024 * 1024)]
)
def test_a_file_of_a_forbidden_kind_or_size_leaves_nothing_behind(alice: User, ticket: Ticket, data: Path, name: str, content: bytes) -> None:
    with pytest.raises(ValidationError) as fault:
        attach(alice, ticket.pk, name, [content[:20], content[20:]])
    assert name in fault.value.messages[0]
    assert not TicketAttachment.objects.exists()
    assert [one for one in data.rglob("*") if one.is_file()] == []


def test_who_may_not_change_the_ticket_leaves_no_file(ticket: Ticket, data: Path) -> None:
    reader = person("erin", {"tickets.view": "all", "tickets.change": "own"}, unit=unit())
    with pytest.raises(PermissionDenied):
        attach(reader, ticket.pk, "a.png", [PNG])
    assert [one for one in data.rglob("*") if one.is_file()] == []


def test_a_file_taken_back_is_gone(alice: User, ticket: Ticket, django_capture_on_commit_callbacks: object) -> None:
    one = attach(alice, ticket.pk, "a.png", [PNG])
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        detach(alice, one.pk)
    assert not path_of(one.file).exists()


def test_who_looks_at_a_ticket_is_seen_until_they_leave_or_are_not_heard_of(alice: User, bob: User, dave: User, ticket: Ticket) -> None:
    actions_viewing.here(alice, ticket.pk, now=NOW)
    actions_viewing.here(bob, ticket.pk, now=NOW)
    actions_viewing.here(bob, ticket.pk, writes=True, now=NOW + timedelta(seconds=20))
    actions_viewing.here(bob, ticket.pk, writes=True, now=NOW + timedelta(seconds=40))
    seen = actions_viewing.viewers(ticket.pk, alice, NOW + timedelta(seconds=60))
    assert [(one.user, one.writes) for one in seen] == [(bob, True)]
    assert actions_viewing.viewers(ticket.pk, bob, NOW + timedelta(seconds=60)) == [], "alice was heard of too long ago"
    assert Event.objects.filter(kind="tickets.viewing").count() == 3, "not one for every time that a page says so"
    actions_viewing.gone(bob, ticket.pk)
    assert set(TicketViewer.objects.values_list("user", flat=True)) == {alice.pk}
    with pytest.raises(PermissionDenied):
        actions_viewing.here(dave, ticket.pk)


def test_the_newest_address_of_the_customer_is_answered_first(alice: User, ticket: Ticket, noor: Party) -> None:
    receive_reply(ticket, noor, "From work", address="noor@work.example", now=NOW)
    assert actions_message.addresses(stands(ticket)) == ["noor@work.example", "noor@example.com"]
    assert reply(alice, ticket.pk, "x").address == "noor@work.example"
    assert reply(alice, ticket.pk, "x", to="NOOR@example.com").address == "noor@example.com"


def test_files_that_were_never_sent_go_after_thirty_days(ticket: Ticket, alice: User, bob: User, django_capture_on_commit_callbacks: Any) -> None:
    """Bob still writes on his; what was sent stays for good."""
    attach(alice, ticket.pk, "sent.png", [PNG], now=NOW)
    add_note(alice, ticket.pk, "See the plate", now=NOW)
    left, waits = attach(alice, ticket.pk, "left.png", [PNG], now=NOW), attach(bob, ticket.pk, "waits.png", [PNG], now=NOW)
    later = NOW + actions_attachment.WAITS
    save_draft(bob, ticket.pk, "reply", "Dear Noor", 1, now=later - timedelta(days=1))
    assert actions_attachment.sweep_waiting(later - timedelta(minutes=1)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert actions_attachment.sweep_waiting(later) == 1
    assert not path_of(left.file).exists()
    assert path_of(waits.file).exists()
    assert sorted(TicketAttachment.objects.values_list("name", flat=True)) == ["sent.png", "waits.png"]
    said = Event.objects.filter(kind="tickets.attached").order_by("pk").last()
    assert said is not None
    assert (said.actor, said.why, said.body["attachment"], said.body["on"]) == ("worker", "never sent", left.pk, False)
    assert actions_attachment.sweep_waiting(later) == 0


def test_a_reply_stands_after_what_it_answers_when_the_clock_was_set_back(alice: User, noor: Party, ticket: Ticket) -> None:
    other = actions.open_ticket(alice, title="Second", party=noor, now=NOW)
    receive_reply(ticket, noor, "It leaks again", now=NOW)
    reply(alice, ticket.pk, "We come tomorrow", now=NOW - timedelta(minutes=30))
    assert [one.kind for one in page(alice, ticket.number, NOW).messages] == ["received", "reply"]
    lines = shown(alice, page(alice, ticket.number, NOW), NOW)["lines"]
    assert [one["kind"] for one in lines if "kind" in one] == ["received", "reply"]
    merge(alice, ticket.pk, other.pk, now=NOW)
    assert Ticket.objects.get(pk=other.pk).unanswered_since is None, "the customer does not wait"

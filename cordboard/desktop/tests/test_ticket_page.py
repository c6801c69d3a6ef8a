"""A ticket's own page: what it shows, what its buttons do, who may not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cordboard.desktop.tests.conftest import signed_in
from cordboard.lib import config as configuration
from cordboard.mail.models import OutgoingMail
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.tickets import actions, actions_attachment
from cordboard.tickets.actions_edit import check_add, tag, tie
from cordboard.tickets.actions_message import add_note, receive_reply, reply
from cordboard.tickets.models import Ticket, TicketAsked, TicketAttachment, TicketDraft, TicketMessage, TicketMove, TicketViewer

WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all", "parties.view": "all"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def bob() -> User:
    return person("bob", {"tickets.view": "all", "tickets.change": "own"}, unit=unit())


@pytest.fixture
def noor() -> Party:
    return parties.create(None, name="Noor de Vries", email="noor@example.com", country="NL")


@pytest.fixture
def ticket(alice: User, noor: Party) -> Ticket:
    return actions.open_ticket(alice, title="Dryer scorched laundry", text="Brown marks.\n<script>alert(1)</script>", party=noor)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = dataclasses.replace(configuration.config(), data=tmp_path)
    monkeypatch.setattr(actions_attachment, "config", lambda: made)
    return tmp_path


def test_alice_sees_the_ticket_and_what_it_says_does_not_run(alice: User, ticket: Ticket, noor: Party) -> None:
    receive_reply(ticket, noor, '<img src=x onerror=alert(2)> https://example.com/"onx', address="noor@example.com")
    page = signed_in(alice).get(f"/tickets/{ticket.number}/")
    seen = page.content.decode()
    assert page.status_code == 200
    assert "Dryer scorched laundry" in seen
    assert "&lt;script&gt;alert(1)" in seen
    assert "&lt;img src=x" in seen
    assert "<script>alert" not in seen
    assert "<img src" not in seen


def test_who_may_not_see_it_finds_nothing(ticket: Ticket) -> None:
    carol = person("carol", {"tickets.view": "own"}, unit=unit())
    dave = person("dave", {})
    assert signed_in(carol).get(f"/tickets/{ticket.number}/").status_code == 404
    assert signed_in(dave).get(f"/tickets/{ticket.number}/").status_code == 403
    assert signed_in(carol).post(f"/tickets/{ticket.number}/here/").status_code == 404


def test_who_may_only_look_finds_nothing_to_press(bob: User, ticket: Ticket) -> None:
    seen = signed_in(bob).get(f"/tickets/{ticket.number}/").content.decode()
    assert "ticket-write" not in seen
    assert "/do/merge/" not in seen
    assert signed_in(bob).post(f"/tickets/{ticket.number}/do/state/", {"state": "closed"}).status_code == 403


def test_more_of_everything_asks_no_more_queries(alice: User, ticket: Ticket, noor: Party) -> None:
    client = signed_in(alice)
    counts = []
    for number in (1, 3):
        for at in range(number):
            add_note(alice, ticket.pk, f"note {number} {at}")
            receive_reply(ticket, noor, f"mail {number} {at}")
            check_add(alice, ticket.pk, f"check {number} {at}")
            tie(alice, ticket.pk, actions.open_ticket(alice, title="other").pk, "parent")
        tag(alice, ticket.pk, [str(at) for at in range(number)])
        client.get(f"/tickets/{ticket.number}/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/tickets/{ticket.number}/").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_alice_replies_with_a_file_from_a_draft(alice: User, ticket: Ticket) -> None:
    client, base = signed_in(alice), f"/tickets/{ticket.number}/"
    assert client.post(f"{base}draft/reply/", {"text": "Dear No", "revision": "1"}).status_code == 200
    older = client.post(f"{base}draft/reply/", {"text": "Dear", "revision": "1"})
    assert (older.status_code, older.json()["text"]) == (409, "Dear No")
    assert "Dear No" in client.get(base).content.decode()
    assert client.post(f"{base}attach/", {"file": SimpleUploadedFile("plate.png", b"\x89PNG\r\n\x1a\n123")}).status_code == 204
    refused = client.post(f"{base}attach/", {"file": SimpleUploadedFile("plate.png", b"<html>")})
    assert refused.status_code == 409
    assert "plate.png was not attached" in refused.content.decode()
    assert client.post(f"{base}do/write/", {"kind": "reply", "text": "Dear Noor", "then": "waiting"}).status_code == 204
    assert OutgoingMail.objects.get().files[0]["name"] == "plate.png"
    assert not TicketDraft.objects.exists()
    assert Ticket.objects.get(pk=ticket.pk).state == "waiting"
    empty = client.post(f"{base}do/write/", {"kind": "note", "text": " "})
    assert (empty.status_code, "Write a note first." in empty.content.decode()) == (409, True)


def test_a_file_is_saved_and_never_run_and_only_by_who_may(alice: User, bob: User, ticket: Ticket) -> None:
    waiting = actions_attachment.attach(alice, ticket.pk, "a.txt", [b"hello"])
    url = f"/tickets/files/{waiting.pk}/"
    assert signed_in(bob).get(url).status_code == 404, "not sent yet"
    add_note(alice, ticket.pk, "See the file")
    answer = signed_in(bob).get(url)
    assert b"".join(answer.streaming_content) == b"hello"  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="a.txt"'
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert signed_in(person("dave", {})).get(url).status_code == 403
    assert signed_in(person("erin", {"tickets.view": "own"})).get(url).status_code == 404
    actions_attachment.path_of(TicketAttachment.objects.get().file).unlink()
    assert signed_in(alice).get(url).status_code == 404


def test_the_buttons_beside_it(alice: User, bob: User, ticket: Ticket) -> None:
    client, base = signed_in(alice), f"/tickets/{ticket.number}/do"
    other = actions.open_ticket(alice, title="The first visit")
    assert client.post(f"{base}/tag/", {"add": "burn, Dryer"}).status_code == 204
    assert client.post(f"{base}/tag/", {"without": "burn"}).status_code == 204
    assert [one.word for one in ticket.tags.all()] == ["dryer"]
    assert client.post(f"{base}/check-add/", {"text": "Ask for a picture"}).status_code == 204
    line = ticket.checks.get()
    assert client.post(f"{base}/check/", {"check": str(line.pk), "done": "1"}).status_code == 204
    assert client.post(f"/tickets/{other.number}/do/check/", {"check": str(line.pk), "done": "0"}).status_code == 404
    assert client.post(f"{base}/watch/").status_code == 204
    assert client.post(f"{base}/give/", {"owner": str(bob.pk)}).status_code == 204
    assert client.post(f"{base}/tie/", {"kind": "cause", "number": f"#{other.number}"}).status_code == 204
    none = client.post(f"{base}/tie/", {"kind": "cause", "number": "99"})
    assert (none.status_code, "no ticket of this number" in none.content.decode()) == (409, True)
    seen = client.get(f"/tickets/{other.number}/").content.decode()
    assert "cause of" in seen
    assert client.post(f"{base}/nothing/").status_code == 404


def test_merged_split_and_taken_back_on_the_page(alice: User, ticket: Ticket, noor: Party) -> None:
    client, base = signed_in(alice), f"/tickets/{ticket.number}/"
    other = actions.open_ticket(alice, title="The same dryer", party=noor)
    merged = client.post(f"{base}do/merge/", {"number": str(other.number)})
    assert merged["X-Desk-Go"] == f"/tickets/{other.number}/"
    assert f"merged into {other.number}" in client.get(base).content.decode()
    move = TicketMove.objects.get()
    assert client.post(f"/tickets/{other.number}/do/undo/", {"move": str(move.pk)}).status_code == 204
    assert "merged into" not in client.get(base).content.decode()
    note = add_note(alice, ticket.pk, "And the invoice is wrong")
    split = client.post(f"{base}do/split/", {"message": [str(note.pk)], "title": "Invoice"})
    assert split.status_code == 204
    note.refresh_from_db()
    assert split["X-Desk-Go"] == f"/tickets/{note.ticket.number}/"
    assert TicketMessage.objects.filter(ticket=ticket).count() == 0


def test_two_change_the_same_and_the_second_sees_both_and_chooses(alice: User, ticket: Ticket) -> None:
    client, url = signed_in(alice), f"/tickets/{ticket.number}/fields/"
    seen = client.get(url)
    assert seen.status_code == 200
    shown = {f"seen-{name}": value for name, value in seen.context["seen"].items()}
    mine = {"title": "Dryer burns", "kind": "complaint", "priority": "2", "product": "", "reason": "", "text": "Brown marks."}
    other = {**{name.removeprefix("seen-"): value for name, value in shown.items()}, "title": "Dryer smokes"}
    assert client.post(url, {**shown, **other}).status_code == 204
    clash = client.post(url, {**shown, **mine})
    assert clash.status_code == 422
    assert [(one["theirs"], one["mine"]) for one in clash.context["clashes"]] == [("Dryer smokes", "Dryer burns")]
    assert Ticket.objects.get(pk=ticket.pk).kind == "incident", "nothing was saved"
    again = {f"seen-{name}": value for name, value in clash.context["seen"].items()}
    assert client.post(url, {**again, **mine, "choose-title": "theirs"}).status_code == 204
    row = Ticket.objects.get(pk=ticket.pk)
    assert (row.title, row.kind, row.priority, row.text) == ("Dryer smokes", "complaint", 2, "Brown marks.")
    faulty = client.post(url, {**again, **mine, "title": " "})
    assert faulty.status_code == 422


def test_who_looks_is_seen_by_the_others(alice: User, bob: User, ticket: Ticket) -> None:
    client = signed_in(alice)
    client.post(f"/tickets/{ticket.number}/here/", {"writes": "1"})
    assert "Alice is writing" in signed_in(bob).get(f"/tickets/{ticket.number}/").content.decode()
    client.post(f"/tickets/{ticket.number}/here/", {"gone": "1"})
    assert not TicketViewer.objects.exists()


def test_who_replies_at_once_with_a_colleague_is_told_and_may_send_all_the_same(alice: User, ticket: Ticket, noor: Party) -> None:
    bob = person("robert", WORKS, unit=unit())
    first = receive_reply(ticket, noor, "It smells", address="noor@example.com")
    client, url = signed_in(alice), f"/tickets/{ticket.number}/do/write/"
    assert f'name="seen" value="{first.pk}"' in client.get(f"/tickets/{ticket.number}/").content.decode()
    hers = reply(bob, ticket.pk, "We come on Monday")
    refused = client.post(url, {"kind": "reply", "text": "On Friday", "seen": first.pk})
    assert refused.status_code == 409
    assert "Robert: “We come on Monday”" in refused.content.decode()
    assert refused["HX-Trigger"] == f'{{"cb:seen": {hers.pk}}}', "the page knows of it from now on"
    assert OutgoingMail.objects.count() == 1
    assert client.post(url, {"kind": "reply", "text": "On Friday", "seen": hers.pk}).status_code == 204


def test_what_the_customer_said_is_written_down(alice: User, ticket: Ticket) -> None:
    client, base = signed_in(alice), f"/tickets/{ticket.number}/"
    assert client.post(f"{base}draft/received/", {"text": "She says", "revision": "1"}).status_code == 200
    assert 'value="received" checked' in client.get(base).content.decode()
    assert client.post(f"{base}do/write/", {"kind": "received", "text": "She says that it smells"}).status_code == 204
    seen = client.get(base).content.decode()
    assert "written down by Alice" in seen
    assert "the customer waits for an answer" in seen


def test_what_a_visitor_gave_in_a_form_is_said_to_be_unchecked(alice: User) -> None:
    row = actions.open_ticket(None, title="Lamp", text="It flickers", unit=alice.unit)
    TicketAsked.objects.create(ticket=row, key="k", name="Noor", phone="+31205550123", serial="L1", visitor="v", at=row.opened_at)
    receive_reply(row, None, "It flickers")
    seen = signed_in(alice).get(f"/tickets/{row.number}/").content.decode()
    assert "Given in the form, not checked" in seen
    assert "Noor, +31 20 555 0123, L1" in seen
    assert "<b>What happened</b>" not in seen, "what was given stands in the conversation once"


def test_whose_matter_it_is_is_put_on_a_ticket_where_nobody_is_known(alice: User, noor: Party) -> None:
    ticket = actions.open_ticket(alice, title="From somebody", kind="request")
    client, fields = signed_in(alice), f"/tickets/{ticket.number}/fields/"
    assert "Nobody is known yet: put the customer on the ticket under Change." in client.get(f"/tickets/{ticket.number}/").content.decode()
    given = {
        "title": "From somebody",
        "kind": "request",
        "priority": "5",
        **{f"seen-{name}": value for name, value in (("title", "From somebody"), ("kind", "request"), ("priority", "5"))},
    }
    answer = client.post(fields, {**given, "title": "From a neighbour", "customer": "no such person"})
    assert (answer.status_code, "Nobody fits this." in answer.content.decode()) == (422, True)
    ticket.refresh_from_db()
    assert (ticket.title, ticket.party) == ("From somebody", None), "all of it or nothing"
    put = client.post(fields, {**given, "customer": noor.name})
    assert (put.status_code, put["X-Desk-Go"]) == (204, f"/tickets/{ticket.number}/"), "to whom one writes is read afresh"
    ticket.refresh_from_db()
    assert ticket.party == noor
    assert 'name="customer"' not in client.get(fields).content.decode(), "it is known now"
    page = client.get(f"/tickets/{ticket.number}/").content.decode()
    assert "Nobody is known yet" not in page

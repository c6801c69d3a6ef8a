"""The acts of pages: what a page declares for the palette and the keyboard is what its reader may do, under keys that do not meet."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.utils import translation

from cordboard.desktop import shortcuts
from cordboard.desktop.commands import COMMANDS, LISTS, PAGES, TICKET, TRAIL, WORK, attributes
from cordboard.desktop.telephone import Phase, buttons, more
from cordboard.desktop.tests.conftest import signed_in
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.tickets import actions
from cordboard.tickets.actions_viewing import here
from cordboard.tickets.models import Ticket

WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all", "parties.view": "all", "tickets.escalate": "all"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def bob(db: None) -> User:
    return person("bob", {"tickets.view": "all"}, unit=unit())


@pytest.fixture
def ticket(alice: User) -> Ticket:
    noor = parties.create(None, name="Noor de Vries", email="noor@example.com", country="NL")
    return actions.open_ticket(alice, title="Dryer scorched laundry", text="Brown marks.", party=noor)


def declared(user: User, path: str) -> dict[str, tuple[str, str]]:
    """Code -> what the palette calls it (the last of that code), its keys."""
    page = signed_in(user).get(path).content.decode()
    found = {}
    for tag in re.findall(r"<[a-z]+ [^>]*data-command=[^>]*>", page):
        given = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        found[given["data-command"]] = (given["data-command-words"], given.get("aria-keyshortcuts", ""))
    return found


def test_alice_finds_every_act_of_a_ticket_by_name_and_key(alice: User, ticket: Ticket) -> None:
    acts = declared(alice, f"/tickets/{ticket.number}/")
    assert {
        "reply", "note", "received", "write", "states", "state", "done", "give", "follow", "change", "priority", "next-act", "merge", "tie", "split", "tag", "check-add",
        "task", "after", "before", "list",
    } <= acts.keys()  # fmt: skip
    assert acts["done"] == ("State: Resolved", "D")
    assert acts["reply"] == ("Write a reply", "R")
    assert "take" not in acts  # it is hers already


def test_no_key_of_a_page_means_two_things(alice: User, ticket: Ticket) -> None:
    for path in (f"/tickets/{ticket.number}/", "/tickets/", "/worklist/?which=unit", "/appointments/", "/cases/"):
        keys = Counter(key for _words, held in declared(alice, path).values() for key in held.split())
        assert [key for key, often in keys.items() if often > 1] == [], path
    for group in (TICKET + TRAIL, LISTS + WORK, PAGES):
        keys = Counter(one.key for one in group if one.key)
        assert [key for key, often in keys.items() if often > 1] == []


def test_no_key_is_the_telephones_or_the_browsers() -> None:
    telephone = {button.key for button in (*buttons(Phase.TALKING), *more(Phase.TALKING)) if button.key}
    for one in COMMANDS.values():
        assert {one.key, one.anywhere} & telephone == set()
        assert re.fullmatch(r"|(Shift\+)?[A-Z]|#", one.key), one
        assert re.fullmatch(r"|Alt\+[A-Z]", one.anywhere), one
    # What the shell keeps for itself with Alt: scratch pad, work area, message, callback.
    assert {one.anywhere for one in COMMANDS.values()} & {"Alt+N", "Alt+W", "Alt+P", "Alt+L"} == set()


def test_who_may_only_look_is_offered_no_act(bob: User, ticket: Ticket) -> None:
    acts = declared(bob, f"/tickets/{ticket.number}/")
    assert acts.keys() <= {"follow", "after", "before", "list", "case", "order"}


def test_the_words_are_the_readers_and_the_list_of_shortcuts_has_every_key() -> None:
    with translation.override("nl"):
        assert translation.gettext("Take it") in attributes("take")
    with translation.override("en"):
        assert 'data-command-words="Take it"' in attributes("take")
        assert "&lt;b&gt;" in attributes("state", "State: <b>", "states")
        assert 'data-command-of="states"' in attributes("state", "State: Open", "states")
        shown = {one.keys for group in shortcuts.groups() for one in group.shortcuts}
    assert {one.keys_shown for one in COMMANDS.values() if one.key} <= shown
    with pytest.raises(KeyError):
        attributes("no-such-act")


def test_taking_a_ticket_makes_it_ones_own_whoever_stands_in_the_list(alice: User, ticket: Ticket) -> None:
    anna = person("anna", WORKS, unit=alice.unit)
    page = signed_in(anna).get(f"/tickets/{ticket.number}/").content.decode()
    button = re.search(r'<button[^>]*id="ticket-take"[^>]*>', page)
    assert button is not None
    assert 'hx-params="none"' in button[0]  # the choice beside it does not go along
    answer = signed_in(anna).post(f"/tickets/{ticket.number}/do/give/")
    assert Ticket.objects.get(pk=ticket.pk).owner == anna
    assert "It is yours." in answer["HX-Trigger"]


def test_what_an_act_did_is_said_to_who_listens(alice: User, ticket: Ticket) -> None:
    client, base = signed_in(alice), f"/tickets/{ticket.number}/do/"
    here(alice, ticket.pk)
    said = {
        "state": ({"state": "resolved"}, "The state is Resolved now."),
        "watch": ({}, "You follow this ticket."),
        "unwatch": ({}, "You follow this ticket no longer."),
        "tag": ({"add": "dryer"}, "The tags are changed."),
        "check-add": ({"text": "Call the shop"}, "It is on the checklist."),
        "write": ({"kind": "note", "text": "Sent a new one."}, "The note is in the conversation."),
    }
    for verb, (values, words) in said.items():
        assert words in client.post(f"{base}{verb}/", values)["HX-Trigger"], verb


def test_the_form_of_a_ticket_begins_where_one_asked_for(alice: User, ticket: Ticket) -> None:
    def begins(html: str) -> str:
        found = re.findall(r'name="(\w+)"[^>]*autofocus|autofocus[^>]*name="(\w+)"', html)
        return ",".join(one or other for one, other in found)

    client = signed_in(alice)
    assert begins(client.get(f"/tickets/{ticket.number}/fields/").content.decode()) == "title"
    assert begins(client.get(f"/tickets/{ticket.number}/fields/?field=priority").content.decode()) == "priority"
    wrong = client.post(f"/tickets/{ticket.number}/fields/", {"title": "Dryer", "kind": "request", "priority": "77", "text": ""})
    assert begins(wrong.content.decode()) == "priority"
    new = client.get("/tickets/new/").content.decode()
    assert len(re.findall("autofocus", new)) == 1
    assert "autofocus" not in client.get("/tickets/new/?kind=incident", headers={"HX-Request": "true"}).content.decode()

"""One calls for another: the desk lets the agent say who talks and whom it is about."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from cordboard.desktop.tests.conftest import signed_in
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction
from cordboard.parties import actions as parties
from cordboard.parties.models import Party, Relationship
from cordboard.routing.tests.centre import Centre


@pytest.fixture
def noor(centre: Centre) -> Party:
    return parties.create(None, name="Noor de Vries", country="NL")


@pytest.fixture
def daan(centre: Centre) -> Party:
    return parties.create(None, name="Daan Jansen", country="NL")


@pytest.fixture
def call(centre: Centre, daan: Party) -> Interaction:
    """Daan's number is known."""
    centre.now = timezone.now()
    centre.ready(centre.alice)
    talk = centre.talk(centre.alice)
    interactions.identify(talk.pk, [daan.pk], by="ani")
    return talk


def part(browser: Client, call: Interaction, names: str, **more: str) -> str:
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    return browser.get(f"/desk/fragments/?names={names}&interaction={call.pk}{asked}").content.decode()


def test_daan_calls_for_noor_who_is_found_by_name(centre: Centre, call: Interaction, noor: Party, daan: Party) -> None:
    alice = signed_in(centre.alice)
    assert "tab=behalf" in part(alice, call, "account")
    page = part(alice, call, "work", tab="behalf")
    assert "Daan Jansen speaks, and it is about Daan Jansen." in page
    page = part(alice, call, "work", tab="behalf", q="noor+de+vries")
    assert f"/desk/{call.pk}/speak-for/" in page
    named = f'<b id="behalf-{noor.pk}">Noor de Vries</b>'
    assert named in page, "the buttons beside it say what they do, and are described by the name"
    assert page.count(f'aria-describedby="behalf-{noor.pk}"') == 2

    done = alice.post(f"/desk/{call.pk}/speak-for/", {"party": noor.pk, "go": 1})
    assert (done.status_code, done["X-Desk-Go"]) == (204, f"/desk/?interaction={call.pk}")
    account = part(alice, call, "account")
    assert "<h1>Noor de Vries</h1>" in account
    assert "You are talking to Daan Jansen, on this customer&#x27;s behalf." in account

    centre.support.greeting = {"en": "Good {daypart} {customer}"}
    centre.support.save()
    assert "Daan Jansen" in part(alice, call, "greeting"), "who is at the other end is greeted"

    page = part(alice, call, "work", tab="behalf")
    assert "Daan Jansen speaks, and it is about Noor de Vries." in page
    assert "Noor de Vries speaks in person" in page
    assert alice.post(f"/desk/{call.pk}/reporter/", {"party": noor.pk}).status_code == 204
    call.refresh_from_db()
    assert (call.subject, call.reporter) == (noor, noor)


def test_those_related_to_the_customer_stand_there_without_a_search(centre: Centre, call: Interaction, noor: Party, daan: Party) -> None:
    Relationship.objects.create(source=daan, target=noor, kind="authorised", note="her son")
    interactions.confirm_subject(centre.alice, call.pk, noor.pk)
    alice = signed_in(centre.alice)
    assert f'<b id="behalf-{daan.pk}">Daan Jansen</b>' in part(alice, call, "work", tab="behalf")
    assert alice.post(f"/desk/{call.pk}/reporter/", {"party": daan.pk}).status_code == 204
    call.refresh_from_db()
    assert (call.subject, call.reporter) == (noor, daan)
    assert "who may speak for this customer" in part(alice, call, "account")


def test_nobody_is_chosen_by_mistake(centre: Centre, call: Interaction) -> None:
    alice = signed_in(centre.alice)
    assert alice.post(f"/desk/{call.pk}/speak-for/").status_code == 404
    assert alice.post(f"/desk/{call.pk}/reporter/", {"party": 999_999}).status_code == 409
    assert signed_in(centre.dave).post(f"/desk/{call.pk}/speak-for/", {"party": 1}).status_code == 403


def test_an_unknown_caller_has_no_such_page_yet(centre: Centre) -> None:
    centre.now = timezone.now()
    centre.ready(centre.bob)
    stranger = centre.talk(centre.bob)
    bob = signed_in(centre.bob)
    assert "tab=behalf" not in part(bob, stranger, "account")
    assert "Who speaks" not in part(bob, stranger, "work", tab="behalf")

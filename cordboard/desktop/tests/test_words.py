"""Small words of the desk: what was keyed, who gave up, how months and salutations are written."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone, translation

from cordboard.desktop.forms import Details, salutations
from cordboard.desktop.presenters.panels import keyed
from cordboard.desktop.tests.conftest import signed_in
from cordboard.interactions import actions as interactions
from cordboard.interactions import queries
from cordboard.interactions import queries_history as contact_history
from cordboard.lib.days import day
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import Centre, party


def test_what_the_caller_keyed_has_the_key_and_the_words(centre: Centre) -> None:
    call = centre.call()
    interactions.set_context(call.pk, {"matter": "product", "matter.key": "1", "customer.number": "44712260"}, by="ivr")
    found = queries.detail(call.pk)
    assert found is not None
    assert keyed(found.context) == [
        {"label": "Matter", "keys": "1", "text": "A product does not work"},
        {"label": "Customer no.", "keys": "4471 2260", "text": ""},
    ]


def titles(centre: Centre, customer: int) -> list[str]:
    return [entry.title for entry in contact_history.history([customer]).entries]


def test_history_says_who_gave_up_and_after_how_long(centre: Centre) -> None:
    noor = party("Noor")
    call = centre.call()
    interactions.identify(call.pk, [noor.pk], by="ani")
    routing.customer_left(call.pk, now=centre.now + timedelta(seconds=132))
    assert titles(centre, noor.pk) == ["Call, hung up after waiting 2:12"]


def test_history_says_who_gave_up_in_the_menu_and_who_was_answered(centre: Centre) -> None:
    noor = party("Noor")
    menu = interactions.open_interaction(channel="voice", now=centre.now)
    interactions.identify(menu.pk, [noor.pk], by="ani")
    routing.customer_left(menu.pk, now=centre.now + timedelta(seconds=9))
    centre.now += timedelta(hours=1)
    centre.ready(centre.alice)
    answered = centre.talk(centre.alice)
    interactions.identify(answered.pk, [noor.pk], by="ani")
    routing.customer_left(answered.pk, now=centre.now + timedelta(minutes=3))
    assert titles(centre, noor.pk) == ["Call", "Call, hung up in the menu"]


@pytest.mark.parametrize(("language", "said"), [("en", "9 Nov"), ("nl", "9 nov"), ("ru", "9 ноя")])
def test_months_are_written_as_the_language_does(language: str, said: str) -> None:
    with translation.override(language):
        assert day(date(2026, 11, 9), date(2026, 11, 22)).startswith(said)


def test_a_salutation_is_chosen_by_its_words_and_an_uncommon_one_stays() -> None:
    assert dict(salutations("mrs"))["mrs"] == "Mrs"
    assert dict(salutations("Mrs."))["Mrs."] == "Mrs", "what is kept is not changed by opening the page"
    assert dict(salutations("Sir"))["Sir"] == "Sir"
    assert Details({"d-name": "Noor", "d-salutation": "Sir"}, prefix="d", salutation="Sir").is_valid()
    assert not Details({"d-name": "Noor", "d-salutation": "boss"}, prefix="d", salutation="mrs").is_valid()


def test_details_show_the_words(centre: Centre) -> None:
    centre.now = timezone.now()
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    interactions.confirm_subject(centre.alice, call.pk, party("Noor", salutation="mrs").pk)
    page = signed_in(centre.alice).get(f"/desk/fragments/?names=work&interaction={call.pk}&tab=details").content.decode()
    assert '<option value="mrs" selected>Mrs</option>' in page

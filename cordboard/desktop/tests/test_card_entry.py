"""Card data on the desk: the customer is sent to key it, the agent sees how far it is, takes them back, and sees what came of it."""

from __future__ import annotations

import pytest
from django.test import Client

from cordboard.channels.voice import actions, actions_card
from cordboard.channels.voice.models import Call, CardEntry
from cordboard.desktop.tests.conftest import signed_in
from cordboard.interactions.models import Interaction
from cordboard.routing.tests.centre import Centre


@pytest.fixture
def call(centre: Centre) -> Interaction:
    """Alice talks with a caller."""
    centre.ready(centre.alice)
    talk = centre.talk(centre.alice)
    Call.objects.create(interaction=talk, reference="c1", node="here")
    return talk


def shown(browser: Client, call: Interaction, *names: str) -> str:
    return browser.get(f"/desk/fragments/?names={','.join(names)}&interaction={call.pk}").content.decode()


def keyed(digits: int, last: str = "", *, final: bool = True) -> None:
    assert actions_card.card_keyed(CardEntry.objects.get(ended_at=None).pk, digits, last, final=final)


def test_from_the_button_to_the_last_four_digits(centre: Centre, call: Interaction) -> None:
    browser = signed_in(centre.alice)
    page = shown(browser, call, "tools", "comm", "work")
    assert f'hx-post="/desk/{call.pk}/card/"' in page, "beside the pause of the recording"
    assert "Have card data keyed" in page
    assert browser.post(f"/desk/{call.pk}/card/").status_code == 204

    page = shown(browser, call, "tools", "comm", "work")
    assert "keys card data." in page
    assert "You hear nothing meanwhile, and nothing is recorded." in page
    assert "<dt>Keys card data</dt>" in page, "and since when"
    assert page.count(f'hx-post="/desk/{call.pk}/card-back/"') == 2
    assert f"/desk/{call.pk}/card/" not in page

    keyed(16, final=False)
    assert "The last try was no card number; it is asked again." in shown(browser, call, "work")
    keyed(16, "1111")
    page = shown(browser, call, "work")
    assert "Card number given: 16 digits, the check digit is right, it ends in 1111." in page
    assert f"/desk/{call.pk}/card/" in shown(browser, call, "comm")


@pytest.mark.parametrize(
    ("digits", "says"),
    [(0, "nothing was keyed"), (16, "The check digit is wrong"), (1, "1 digit was keyed"), (5, "A card number has 12 to 19 digits")],
)
def test_none_was_given(centre: Centre, call: Interaction, digits: int, says: str) -> None:
    browser = signed_in(centre.alice)
    assert browser.post(f"/desk/{call.pk}/card/").status_code == 204
    keyed(digits)
    page = shown(browser, call, "work")
    assert "No card number was given" in page
    assert says in page


def test_taken_back_the_recording_waits_for_the_agent(centre: Centre, call: Interaction) -> None:
    browser = signed_in(centre.alice)
    assert browser.post(f"/desk/{call.pk}/card/").status_code == 204
    assert browser.post(f"/desk/{call.pk}/card-back/").status_code == 204
    assert browser.post(f"/desk/{call.pk}/card-back/").status_code == 204, "twice is no harm"
    assert "You took the customer back." in shown(browser, call, "work")
    assert browser.post(f"/desk/{call.pk}/record-again/").status_code == 204
    assert "You took the customer back." not in shown(browser, call, "work")


def test_when_the_sound_fails_the_agent_is_told(centre: Centre, call: Interaction) -> None:
    browser = signed_in(centre.alice)
    assert browser.post(f"/desk/{call.pk}/card/").status_code == 204
    actions_card.card_over(call.pk, "sound")
    page = shown(browser, call, "work")
    assert "The card number could not be asked" in page
    assert "The recording stays paused until you let it go on." in page


def test_who_does_not_have_the_customer_has_no_button_and_no_right(centre: Centre, call: Interaction) -> None:
    assert signed_in(centre.bob).post(f"/desk/{call.pk}/card/").status_code == 409
    assert signed_in(centre.dave).post(f"/desk/{call.pk}/card/").status_code == 403
    browser = signed_in(centre.alice)
    assert browser.post(f"/desk/{call.pk}/hold/").status_code == 204
    assert f"/desk/{call.pk}/card/" not in shown(browser, call, "comm"), "on hold nobody is asked"
    assert browser.post(f"/desk/{call.pk}/card/").status_code == 409
    actions.call_ended(call.pk, cause="normal", by="caller")
    assert f"/desk/{call.pk}/card/" not in shown(browser, call, "comm")

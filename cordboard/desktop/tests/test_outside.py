"""A number outside that is not reached: the customer is never lost, and the agent reads why."""

from __future__ import annotations

import pytest

from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_desk import noor, usable
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction, OutsideParty
from cordboard.routing import actions as routing
from cordboard.routing.models import Entry
from cordboard.routing.tests.centre import Centre, entry, segment

pytestmark = pytest.mark.django_db
SHOP = "+31101234567"

WORDS = {
    "busy": "+31 10 123 4567 was busy.",
    "no_answer": "+31 10 123 4567 did not answer.",
    "rejected": "+31 10 123 4567 declined the call.",
    "unknown_number": "+31 10 123 4567 is no number that exists.",
    "failed": "+31 10 123 4567 could not be reached.",
}


def talk(centre: Centre) -> Interaction:
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    interactions.identify(call.pk, [noor().pk], by="ani")
    return call


def page(centre: Centre) -> str:
    return " ".join(signed_in(centre.alice).get("/desk/fragments/?names=tools,comm,work").content.decode().split())


@pytest.mark.parametrize("cause", list(WORDS))
def test_a_transfer_outside_that_fails_brings_the_customer_back_with_words(centre: Centre, cause: str) -> None:
    call = talk(centre)
    from django.utils import timezone

    centre.now = timezone.now()
    alice = signed_in(centre.alice)
    assert alice.post(f"/desk/{call.pk}/transfer/", {"number": SHOP}).status_code == 204
    shown = page(centre)
    assert "+31 10 123 4567 is being called." in shown
    assert "is back with you if nobody answers." in shown
    assert routing.outside_gone(OutsideParty.objects.get().pk, cause)
    shown = page(centre)
    assert WORDS[cause] in shown
    assert "Noor de Vries is with you." in shown
    assert segment(call, centre.alice).state == "active"
    assert {"hold", "transfer", "hangup"} <= usable(shown)
    call.refresh_from_db()
    assert call.ended_at is None


@pytest.mark.parametrize("cause", ["busy", "no_answer"])
def test_a_consultation_outside_that_fails_leaves_the_customer_on_hold_and_says_so(centre: Centre, cause: str) -> None:
    call = talk(centre)
    assert signed_in(centre.alice).post(f"/desk/{call.pk}/consult/", {"number": SHOP}).status_code == 204
    assert routing.outside_gone(OutsideParty.objects.get().pk, cause)
    shown = page(centre)
    assert WORDS[cause] in shown
    assert "Noor de Vries still hears music: resume to talk." in shown
    assert "hold" in usable(shown)


def test_who_joins_a_conference_in_vain_changes_nothing(centre: Centre) -> None:
    call = talk(centre)
    assert signed_in(centre.alice).post(f"/desk/{call.pk}/invite/", {"number": SHOP}).status_code == 204
    assert segment(call, centre.alice).state == "active"
    assert routing.outside_gone(OutsideParty.objects.get().pk, "no_answer")
    shown = page(centre)
    assert WORDS["no_answer"] in shown
    assert "Noor de Vries is with you." in shown


@pytest.mark.parametrize("how", ["rejects", "does not answer"])
def test_a_blind_transfer_that_nobody_takes_waits_on_with_its_wait(centre: Centre, how: str) -> None:
    call = talk(centre)
    began = entry(call).waiting_since
    centre.later(60)
    assert routing.transfer(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now).done
    if how == "rejects":
        assert signed_in(centre.bob).post(f"/desk/{call.pk}/reject/?reason=subject").status_code == 204
    else:
        assert routing.expire_offers(centre.later(30)) == 1
    waits = Entry.objects.get(interaction=call, left_at=None)
    assert (waits.state, waits.only) == ("waiting", None), "whoever is free next takes it"
    assert waits.waiting_since <= centre.now
    assert began <= waits.waiting_since
    call.refresh_from_db()
    assert (call.state, call.ended_at) == ("waiting", None)

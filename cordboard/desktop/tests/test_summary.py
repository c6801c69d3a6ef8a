"""What the receiver sees before answering: who, why, what was tried, what changed and by whom."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from cordboard.desktop.presenters.summary import summary
from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_desk import noor
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import OutsideParty
from cordboard.interactions.queries import detail
from cordboard.parties.models import FieldChange
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import Centre


@pytest.mark.django_db
def test_the_receiver_sees_it_at_one_look(centre: Centre) -> None:
    customer = noor()
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    interactions.confirm_subject(centre.alice, call.pk, customer.pk)
    interactions.add_reason(centre.alice, call.pk, "defect")
    FieldChange.objects.create(
        party=customer, field="email", old="noor@example.org", new="nora@example.org", by=centre.alice, at=timezone.now(), origin=f"interaction:{call.pk}"
    )
    routing.dial_outside(centre.alice, call.pk, "+31101234567", "consult", now=centre.now)
    routing.outside_gone(OutsideParty.objects.get().pk, "busy", now=centre.now)
    routing.resume(centre.alice, call.pk, now=centre.now)
    centre.later(125)
    assert routing.transfer(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now).done
    page = signed_in(centre.bob).get(f"/desk/?interaction={call.pk}").content.decode()
    block = " ".join(page[page.index('id="summary"') :].partition("</section>")[0].split())
    for words in (
        "Noor de Vries",
        "confirmed by an agent",
        "Defect",
        "handed it on after 2:05",
        "Alice",
        "was called: busy",
        "nora@example.org, was noor@example.org",
    ):
        assert words in block, words


@pytest.mark.django_db
def test_a_new_call_has_no_summary(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.call()
    centre.offer(call, centre.alice)
    assert 'id="summary"' not in signed_in(centre.alice).get(f"/desk/?interaction={call.pk}").content.decode()


@pytest.mark.django_db
def test_the_summary_asks_the_same_for_little_and_much(centre: Centre, django_assert_num_queries: Any) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    for round_ in range(2):
        kept = detail(call.pk)
        assert kept is not None
        with django_assert_num_queries(5):
            summary(kept, centre.bob, "en")
        for at in range(3 * (1 - round_)):
            FieldChange.objects.create(party=noor_of(centre), field=f"field{at}", old="a", new="b", at=timezone.now(), origin=f"interaction:{call.pk}")
            routing.dial_outside(centre.alice, call.pk, "+31101234567", "consult", now=centre.now)
            routing.outside_gone(OutsideParty.objects.latest("pk").pk, "busy", now=centre.now)


def noor_of(centre: Centre) -> Any:
    from cordboard.parties.models import Party

    return Party.objects.filter(customer_number="44710938").first() or noor()


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["consult", "transfer", "to the queue"])
def test_why_it_came_is_who_gave_it_not_what_led_to_the_first(centre: Centre, how: str) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    interactions.file_decision(call.pk, "routing", [{"code": "routing.callback_web", "values": {}, "rule": "Old"}], now=centre.now)
    centre.later(10)
    if how == "consult":
        assert routing.consult(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now).done
    elif how == "transfer":
        assert routing.transfer(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now).done
    else:
        assert routing.transfer(centre.alice, call.pk, to_queue=centre.sales.pk, now=centre.now).done
        centre.offer(call, centre.bob)
    page = signed_in(centre.bob).get(f"/desk/?interaction={call.pk}").content.decode()
    words = {"consult": "Alice asks you for help.", "transfer": "Alice hands this call to you.", "to the queue": "Alice hands this call to Sales."}
    assert words[how] in page
    assert "Old" not in page


@pytest.mark.django_db
def test_what_was_found_again_for_the_next_agent_is_said_once(centre: Centre) -> None:
    centre.ready(centre.bob)
    call = centre.call()
    for _each in range(3):
        interactions.file_decision(call.pk, "match", [{"code": "routing.callback_web", "values": {}, "rule": "Again"}], now=centre.now)
    centre.offer(call, centre.bob)
    assert signed_in(centre.bob).get(f"/desk/?interaction={call.pk}").content.decode().count("Again") == 1

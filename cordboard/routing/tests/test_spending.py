"""What calls out may cost: who may dial where, and for how many minutes a day."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.interactions.acts import Came
from cordboard.interactions.models import OutsideParty
from cordboard.org.models import Unit
from cordboard.routing import actions, actions_outbound, actions_worklist, dialling
from cordboard.routing.tests.centre import Centre
from cordboard.rules.models import Policy

AMSTERDAM, LONDON, PREMIUM = "+31205550123", "+442079460018", "0900 1234567"


@pytest.fixture
def centre(centre: Centre) -> Centre:
    centre.ready(centre.alice, centre.bob)
    return centre


def policy(**parameters: Any) -> None:
    Policy.objects.update_or_create(
        area="dialling", code="dialling", version=1, defaults={"name": "Dialling", "state": "published", "body": {"rules": [], "parameters": parameters}}
    )


def calls(centre: Centre, minutes: float, user: Any = None) -> None:
    """A call out that lasted so long."""
    user = user or centre.alice
    made = actions_outbound.dial(user, AMSTERDAM, now=centre.now)
    assert made.interaction is not None
    actions_outbound.begun(made.interaction, centre.now)
    actions_outbound.answered(made.interaction, now=centre.now)
    actions.customer_left(made.interaction, "customer", now=centre.later(minutes * 60))
    assert actions.wrap_up(user, made.interaction, now=centre.now).done
    if centre.state(user).state != "ready":
        centre.ready(user)


@pytest.mark.parametrize(
    ("parameters", "number", "words"),
    [
        ({"numbers": {"abroad": False}}, LONDON, "This is a number abroad; this centre does not dial those."),
        ({"units": {"service": {"numbers": {"abroad": False}}}}, LONDON, "Your department does not allow calls to this number."),
        ({"roles": {"agent": {"numbers": {"allowed": ["+31"]}}}}, LONDON, "Your role does not allow calls to this number."),
        ({}, PREMIUM, "This is a premium-rate number; this centre does not dial those."),
        ({"numbers": {"minutes": 0}}, AMSTERDAM, "The minutes of this centre for calls out are used up for today."),
    ],
)
def test_it_is_refused_with_words_wherever_one_dials(centre: Centre, parameters: dict[str, Any], number: str, words: str) -> None:
    talk = centre.talk(centre.bob)
    policy(**parameters)
    for act in (
        actions_outbound.dial(centre.alice, number, now=centre.now),
        actions.dial_outside(centre.bob, talk.pk, number, OutsideParty.Purpose.TRANSFER, now=centre.now),
        actions_worklist.promise(centre.alice, number=number, at=centre.now, now=centre.now),
    ):
        assert (act.came, act.words) == (Came.NOT_DIALLED, words)
    assert not OutsideParty.objects.exists()


def test_another_unit_and_another_role_may(centre: Centre) -> None:
    policy(units={"other": {"numbers": {"abroad": False}}}, roles={"manager": {"numbers": {"allowed": ["+31"]}}})
    assert actions_outbound.dial(centre.alice, LONDON, now=centre.now).done


def test_the_minutes_of_a_person_are_used_up(centre: Centre) -> None:
    policy(roles={"agent": {"numbers": {"minutes": 10}}})
    calls(centre, 6)
    calls(centre, 6)
    refused = actions_outbound.dial(centre.alice, AMSTERDAM, now=centre.now)
    assert (refused.came, refused.words) == (Came.NOT_DIALLED, "Your minutes for calls out are used up for today.")
    assert actions_outbound.dial(centre.bob, AMSTERDAM, now=centre.now).done
    centre.later(24 * 3600)
    centre.ready(centre.alice)
    assert actions_outbound.dial(centre.alice, AMSTERDAM, now=centre.now).done, "another day"


def test_the_minutes_of_a_unit_are_shared(centre: Centre) -> None:
    policy(units={"service": {"numbers": {"minutes": 10}}})
    calls(centre, 6, centre.bob)
    calls(centre, 6)
    refused = actions_outbound.dial(centre.alice, AMSTERDAM, now=centre.now)
    assert refused.words == "The minutes of your department for calls out are used up for today."
    centre.alice.unit = Unit.objects.create(code="other", name="Other")
    assert actions_outbound.dial(centre.alice, AMSTERDAM, now=centre.now).done


def test_people_called_in_and_calls_that_go_on_count(centre: Centre) -> None:
    since = centre.now
    talk = centre.talk(centre.bob)
    act = actions.dial_outside(centre.bob, talk.pk, AMSTERDAM, OutsideParty.Purpose.CONSULT, now=centre.now)
    assert act.done
    party = OutsideParty.objects.get()
    assert dialling.spent(since, now=centre.later(60)) == 0, "nobody has answered"
    actions.outside_answered(party.pk, trunk="cheap", now=centre.now)
    assert dialling.spent(since, now=centre.later(120)) == pytest.approx(2)
    assert dialling.spent(since, agent=centre.bob.pk, now=centre.now) == pytest.approx(2)
    assert dialling.spent(since, agent=centre.alice.pk, now=centre.now) == 0
    assert dialling.spent(since, trunk="cheap", now=centre.now) == pytest.approx(2)
    assert dialling.spent(since, trunk="dear", now=centre.now) == 0
    actions.outside_gone(party.pk, "normal", now=centre.now)
    assert dialling.spent(since, now=centre.later(600)) == pytest.approx(2)

"""The keys of an agent's desk telephone, as rows: each is the same act as on the desktop, with the same permissions."""

from __future__ import annotations

import pytest

from cordboard.channels.voice import actions_keys, actions_phone
from cordboard.channels.voice.models import Line
from cordboard.interactions.models import Interaction, OutsideParty
from cordboard.org.models import Role
from cordboard.routing import actions
from cordboard.routing.models import Queue
from cordboard.routing.tests.centre import Centre, make_centre, segment

pytestmark = pytest.mark.django_db


@pytest.fixture
def centre() -> Centre:
    made = make_centre()
    made.ready(made.alice, made.bob)
    actions_phone.add_phone(None, "bob-desk", made.bob)
    return made


def asking(centre: Centre, number: str = "bob-desk") -> tuple[Interaction, int]:
    """Alice has a customer and dials on her second line."""
    call = centre.talk(centre.alice)
    mine = segment(call, centre.alice).pk
    assert actions_keys.phone_asks(call.pk, mine, number)
    return call, mine


def asked(centre: Centre) -> tuple[Interaction, int]:
    call, mine = asking(centre)
    assert actions.accept_offer(centre.bob, call.pk).done
    return call, mine


def states(centre: Centre, call: Interaction) -> list[tuple[str, str]]:
    return [(part.kind, part.state) for part in (segment(call, user) for user in (centre.alice, centre.bob))]


def test_a_colleagues_telephone_a_lines_number_and_a_number_outside_can_be_asked(centre: Centre) -> None:
    call, mine = asking(centre)
    assert states(centre, call) == [("offer", "held"), ("consult", "offered")]
    actions_keys.phone_stops_asking(call.pk, mine, False)
    second = Queue.objects.exclude(pk=1).order_by("-pk").first() or Queue.objects.get()
    Line.objects.create(number="200", name="Second", flow="none", queue=second, country="NL", languages=["en"])
    assert actions_keys.phone_asks(call.pk, mine, "200")
    actions_keys.phone_stops_asking(call.pk, mine, False)
    role = Role.objects.get(code="agent")
    may = {**role.permissions, "routing.dial": "own"}
    role.permissions = {name: scope for name, scope in may.items() if name != "routing.dial"}
    role.save()
    assert not actions_keys.phone_asks(call.pk, mine, "+31101234567"), "alice may not dial"
    role.permissions = may
    role.save()
    assert actions_keys.phone_asks(call.pk, mine, "+31101234567")
    assert OutsideParty.objects.get(interaction=call).purpose == OutsideParty.Purpose.CONSULT


@pytest.mark.parametrize("number", ["", "nobody-desk"])
def test_what_means_nobody_is_refused_and_the_customer_is_not_put_on_hold(centre: Centre, number: str) -> None:
    call = centre.talk(centre.alice)
    assert not actions_keys.phone_asks(call.pk, segment(call, centre.alice).pk, number)
    assert segment(call, centre.alice).state == "active"


def test_a_part_that_is_over_has_no_keys(centre: Centre) -> None:
    call = centre.talk(centre.alice)
    for act in (actions_keys.phone_completes, actions_keys.phone_joins):
        assert not act(call.pk, 0)
        assert not act(0, segment(call, centre.alice).pk)


def test_the_line_keys_swap(centre: Centre) -> None:
    call, mine = asked(centre)
    assert actions_keys.phone_swaps(call.pk, mine, to_customer=True)
    assert states(centre, call) == [("offer", "active"), ("consult", "held")]
    assert actions_keys.phone_swaps(call.pk, mine, to_customer=True), "it is so already"
    assert actions_keys.phone_swaps(call.pk, mine, to_customer=False)
    assert states(centre, call) == [("offer", "held"), ("consult", "active")]


def test_going_back_to_the_customer_before_the_colleague_answers_gives_the_colleague_up(centre: Centre) -> None:
    call, mine = asking(centre)
    assert not actions_keys.phone_swaps(call.pk, mine, to_customer=True)
    assert states(centre, call)[0] == ("offer", "active")
    assert segment(call, centre.bob).end_cause == "withdrawn"


def test_hanging_up_the_second_line_leaves_the_customer_on_hold_as_long_as_the_telephone_does(centre: Centre) -> None:
    call, mine = asked(centre)
    assert actions_keys.phone_stops_asking(call.pk, mine, parked=True)
    assert segment(call, centre.alice).state == "held"
    assert actions_keys.phone_holds(call.pk, mine, False)
    assert segment(call, centre.alice).state == "active"
    actions_keys.phone_stops_asking(call.pk, mine, parked=True)  # nobody is asked any more
    assert segment(call, centre.alice).state == "active"


def test_the_transfer_key_completes(centre: Centre) -> None:
    call, mine = asked(centre)
    assert actions_keys.phone_completes(call.pk, mine)
    assert states(centre, call) == [("offer", "wrapup"), ("transfer", "active")]
    assert actions_keys.phone_completes(call.pk, mine), "it is so already"
    assert states(centre, call) == [("offer", "wrapup"), ("transfer", "active")]


def test_the_conference_key_joins_and_the_transfer_key_leaves(centre: Centre) -> None:
    call, mine = asked(centre)
    assert actions_keys.phone_joins(call.pk, mine)
    assert states(centre, call) == [("offer", "active"), ("conference", "active")]
    assert actions_keys.phone_completes(call.pk, mine)
    assert states(centre, call) == [("offer", "wrapup"), ("transfer", "active")]

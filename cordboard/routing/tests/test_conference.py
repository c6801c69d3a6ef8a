"""Swap, merge, conference, somebody outside: what the rows say, step by step."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.interactions.acts import Came
from cordboard.interactions.models import Interaction, OutsideParty
from cordboard.org.models import Position, Role, User
from cordboard.routing import actions
from cordboard.routing.models import AgentState
from cordboard.routing.tests.centre import Centre, segment, told

NUMBER = "+31101234567"


@pytest.fixture
def both(centre: Centre) -> Centre:
    role = Role.objects.get(code="agent")
    role.permissions = {**role.permissions, "routing.dial": "own"}
    role.save()
    centre.ready(centre.alice, centre.bob)
    return centre


def consulting(centre: Centre) -> Interaction:
    """Alice has a customer on hold and talks to Bob."""
    call = centre.talk(centre.alice)
    assert actions.consult(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now).done
    assert actions.accept_offer(centre.bob, call.pk, now=centre.now).done
    return call


def conference(centre: Centre) -> Interaction:
    call = consulting(centre)
    assert actions.merge(centre.alice, call.pk, now=centre.now).done
    return call


def states(call: Interaction, *users: User) -> list[tuple[str, str]]:
    return [(part.kind, part.state) for part in (segment(call, user) for user in users)]


# ---- swap and merge -----------------------------------------------------------------------------------------------


def test_swap_to_the_customer_and_back(both: Centre) -> None:
    call = consulting(both)
    assert states(call, both.alice, both.bob) == [("offer", "held"), ("consult", "active")]
    both.later(10)
    assert actions.swap(both.alice, call.pk, now=both.now).done
    assert states(call, both.alice, both.bob) == [("offer", "active"), ("consult", "held")]
    assert actions.hold(both.alice, call.pk, now=both.now).came == Came.NOT_NOW, "one swaps instead"
    assert actions.resume(both.alice, call.pk, now=both.now).done, "it is so already"
    both.later(20)
    assert actions.swap(both.alice, call.pk, now=both.now).done
    assert states(call, both.alice, both.bob) == [("offer", "held"), ("consult", "active")]
    assert segment(call, both.bob).held_seconds == 20


def test_nobody_to_swap_with(both: Centre) -> None:
    call = both.talk(both.alice)
    assert actions.swap(both.alice, call.pk, now=both.now).came == Came.NOT_NOW
    actions.consult(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
    assert actions.swap(both.alice, call.pk, now=both.now).came == Came.NOT_NOW, "it rings still"
    assert actions.merge(both.alice, call.pk, now=both.now).came == Came.NOT_NOW
    assert actions.swap(both.bob, call.pk, now=both.now).came == Came.NOT_YOURS


def test_handed_over_while_the_agent_is_with_the_customer(both: Centre) -> None:
    call = consulting(both)
    actions.swap(both.alice, call.pk, now=both.now)
    assert actions.complete_consult(both.alice, call.pk, now=both.now).done
    assert states(call, both.bob) == [("transfer", "active")]


def test_merge_makes_a_conference(both: Centre) -> None:
    call = conference(both)
    assert states(call, both.alice, both.bob) == [("offer", "active"), ("conference", "active")]
    assert actions.merge(both.alice, call.pk, now=both.now).came == Came.ALREADY
    assert told("routing.conference_joined")[0]["to_agent"] == both.bob.pk
    call.refresh_from_db()
    assert call.agent == both.alice


def test_one_leaves_and_the_rest_talk_on(both: Centre) -> None:
    call = conference(both)
    assert actions.hang_up(both.bob, call.pk, now=both.now).done
    assert states(call, both.alice, both.bob) == [("offer", "active"), ("conference", "wrapup")]
    assert not told("interactions.hang_up_requested")
    assert actions.hang_up(both.alice, call.pk, now=both.now).done
    assert told("interactions.hang_up_requested"), "the last agent ends it"


def test_who_has_the_customer_leaves_and_the_colleague_has_them(both: Centre) -> None:
    call = conference(both)
    assert actions.leave_conference(both.alice, call.pk, now=both.now).done
    assert states(call, both.alice, both.bob) == [("offer", "wrapup"), ("transfer", "active")]
    call.refresh_from_db()
    assert (call.agent, call.state) == (both.bob, "active")
    assert actions.leave_conference(both.alice, call.pk, now=both.now).came == Came.ALREADY
    assert actions.leave_conference(both.bob, call.pk, now=both.now).came == Came.NOT_NOW


def test_the_customer_leaves_and_all_agents_wrap_up(both: Centre) -> None:
    call = conference(both)
    actions.customer_left(call.pk, now=both.now)
    assert states(call, both.alice, both.bob) == [("offer", "wrapup"), ("conference", "wrapup")]
    assert actions.wrap_up(both.alice, call.pk, now=both.now).done
    assert actions.wrap_up(both.bob, call.pk, now=both.now).done
    call.refresh_from_db()
    assert call.state == "ended"
    assert [both.state(user).state for user in (both.alice, both.bob)] == ["ready", "ready"]


def test_an_agent_who_is_lost_leaves_the_customer_to_the_colleague(both: Centre) -> None:
    call = conference(both)
    assert actions.lose_agent(call.pk, both.alice.pk, "media_lost", now=both.now)
    assert states(call, both.alice, both.bob) == [("offer", "ended"), ("transfer", "active")]
    call.refresh_from_db()
    assert call.agent == both.bob


def test_taken_out_of_the_conference(both: Centre) -> None:
    call = conference(both)
    bob = segment(call, both.bob)
    assert actions.remove_member(both.bob, call.pk, segment=bob.pk, now=both.now).came == Came.NOT_YOURS
    assert actions.remove_member(both.alice, call.pk, segment=bob.pk, now=both.now).done
    assert actions.remove_member(both.alice, call.pk, segment=bob.pk, now=both.now).came == Came.ALREADY
    assert states(call, both.bob) == [("conference", "wrapup")]


def test_invited_while_the_talk_goes_on(both: Centre) -> None:
    call = both.talk(both.alice)
    assert actions.invite(both.alice, call.pk, to_agent=both.bob.pk, now=both.now).done
    assert states(call, both.alice, both.bob) == [("offer", "active"), ("consult", "offered")]
    assert actions.accept_offer(both.bob, call.pk, now=both.now).done
    assert states(call, both.alice, both.bob) == [("offer", "active"), ("conference", "active")]
    assert told("routing.offer_accepted")[-1]["kind"] == "conference"


def test_the_ninth_is_refused_and_told_why(both: Centre) -> None:
    call = both.talk(both.alice)
    for number in range(6):
        colleague = both.agent(f"agent{number}")
        both.ready(colleague)
        assert actions.invite(both.alice, call.pk, to_agent=colleague.pk, now=both.now).done
        assert actions.accept_offer(colleague, call.pk, now=both.now).done
    act = actions.invite(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
    assert act.came == Came.FULL
    assert act.words == "There are eight in this conversation; no more can join."
    assert actions.dial_outside(both.alice, call.pk, NUMBER, "conference", now=both.now).came == Came.FULL


def test_in_a_conference_one_leaves_and_does_not_transfer(both: Centre) -> None:
    call = conference(both)
    assert actions.transfer(both.alice, call.pk, to_queue=both.sales.pk, now=both.now).came == Came.NOT_NOW
    assert actions.consult(both.alice, call.pk, to_queue=both.sales.pk, now=both.now).came == Came.NOT_NOW


# ---- outside ------------------------------------------------------------------------------------------------------


def party(call: Interaction) -> OutsideParty:
    return OutsideParty.objects.filter(interaction=call).latest("pk")


def test_a_consultation_outside_then_handed_over(both: Centre) -> None:
    call = both.talk(both.alice)
    assert actions.dial_outside(both.alice, call.pk, "010 123 4567", "consult", now=both.now).done
    assert party(call).number == NUMBER, "as of the country of her unit"
    assert segment(call, both.alice).state == "held"
    assert party(call).trunk == ""
    assert actions.outside_ringing(party(call).pk, trunk="first")
    assert party(call).trunk == "first", "the one chosen"
    assert actions.swap(both.alice, call.pk, now=both.now).came == Came.NOT_NOW
    assert actions.outside_answered(party(call).pk, trunk="second", now=both.now)  # redirected there meanwhile
    assert party(call).trunk == "second"
    assert actions.swap(both.alice, call.pk, now=both.now).done
    assert (segment(call, both.alice).state, party(call).state) == ("active", "held")
    assert actions.complete_consult(both.alice, call.pk, now=both.now).done
    assert (segment(call, both.alice).state, party(call).state, party(call).purpose) == ("wrapup", "active", "transfer")
    call.refresh_from_db()
    assert call.state == "active"
    assert all("+31" not in str(body) for body in told("interactions.outside_dialled", "interactions.outside_changed")), "numbers live in rows"
    actions.customer_left(call.pk, now=both.now)
    assert party(call).cause == "customer_gone"


def test_a_transfer_outside_that_fails_gives_the_customer_back(both: Centre) -> None:
    call = both.talk(both.alice)
    assert actions.dial_outside(both.alice, call.pk, NUMBER, "transfer", now=both.now).done
    assert (segment(call, both.alice).state, both.state(both.alice).state) == ("held", "talking")
    assert actions.resume(both.alice, call.pk, now=both.now).came == Came.NOT_NOW
    assert actions.outside_gone(party(call).pk, "busy", now=both.now)
    assert segment(call, both.alice).state == "active"
    assert (party(call).state, party(call).cause) == ("ended", "busy")
    assert not actions.outside_gone(party(call).pk, "busy", now=both.now)


def test_a_transfer_outside_that_is_answered(both: Centre) -> None:
    call = both.talk(both.alice)
    actions.dial_outside(both.alice, call.pk, NUMBER, "transfer", now=both.now)
    assert actions.outside_answered(party(call).pk, now=both.now)
    assert (segment(call, both.alice).state, segment(call, both.alice).end_cause) == ("wrapup", "transferred")
    assert told("routing.handed_outside")


def test_a_transfer_outside_called_off(both: Centre) -> None:
    call = both.talk(both.alice)
    actions.dial_outside(both.alice, call.pk, NUMBER, "transfer", now=both.now)
    assert actions.call_off(both.alice, call.pk, now=both.now).done
    assert segment(call, both.alice).state == "active"
    assert not actions.outside_answered(party(call).pk, now=both.now), "too late"
    assert actions.call_off(both.alice, call.pk, now=both.now).came == Came.ALREADY


def test_a_consultation_outside_handed_over_while_it_rings(both: Centre) -> None:
    call = both.talk(both.alice)
    actions.dial_outside(both.alice, call.pk, NUMBER, "consult", now=both.now)
    assert actions.complete_consult(both.alice, call.pk, now=both.now).done
    assert (party(call).purpose, segment(call, both.alice).state) == ("transfer", "held"), "the customer is hers until they answer"
    actions.outside_answered(party(call).pk, now=both.now)
    assert segment(call, both.alice).state == "wrapup"


def test_somebody_outside_in_the_conference_and_the_agent_leaves(both: Centre) -> None:
    call = both.talk(both.alice)
    assert actions.dial_outside(both.alice, call.pk, NUMBER, "conference", now=both.now).done
    assert segment(call, both.alice).state == "active"
    actions.outside_answered(party(call).pk, now=both.now)
    assert actions.leave_conference(both.alice, call.pk, now=both.now).done
    assert (segment(call, both.alice).state, party(call).purpose) == ("wrapup", "transfer")


@pytest.mark.parametrize(("number", "why"), [("112", "Emergency numbers"), ("+31 900 1234567", "premium-rate"), ("hello", "no telephone number")])
def test_numbers_that_are_not_dialled(both: Centre, number: str, why: str) -> None:
    call = both.talk(both.alice)
    act = actions.dial_outside(both.alice, call.pk, number, "consult", now=both.now)
    assert act.came == Came.NOT_DIALLED
    assert why in act.words
    assert segment(call, both.alice).state == "active"


def test_the_number_shown_is_the_queues(both: Centre) -> None:
    both.support.caller_id = "+31850001000"
    both.support.save()
    call = both.talk(both.alice)
    actions.dial_outside(both.alice, call.pk, NUMBER, "consult", now=both.now)
    assert party(call).caller_id == "+31850001000"


def test_who_may_not_dial(centre: Centre) -> None:
    role = Role.objects.get(code="agent")
    role.permissions = {code: scope for code, scope in role.permissions.items() if code != "routing.dial"}
    role.save()
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    with pytest.raises(PermissionDenied):
        actions.dial_outside(centre.alice, call.pk, NUMBER, "consult", now=centre.now)


# ---- targets ------------------------------------------------------------------------------------------------------


def test_to_a_position_and_its_deputy(both: Centre) -> None:
    deputy = Position.objects.create(name="Deputy head of repairs", code="deputy", unit=both.unit)
    head = Position.objects.create(name="Head of repairs", code="head", unit=both.unit, deputy=deputy)
    call = both.talk(both.alice)
    act = actions.transfer(both.alice, call.pk, to_position=head.pk, now=both.now)
    assert (act.came, act.name) == (Came.NOBODY, "Head of repairs")
    both.bob.position = deputy
    both.bob.save()
    both.carol.position = head
    both.carol.save()
    assert actions.transfer(both.alice, call.pk, to_position=head.pk, now=both.now).done, "carol is not here, her deputy is"
    assert segment(call, both.bob).state == "offered"


def test_a_position_whose_holder_is_busy(both: Centre) -> None:
    place = Position.objects.create(name="Head of repairs", code="head", unit=both.unit)
    both.carol.position = place
    both.carol.save()
    call = both.talk(both.alice)
    assert actions.consult(both.alice, call.pk, to_position=place.pk, now=both.now).words == "Carol is not free now."


def test_round_and_round(both: Centre) -> None:
    call = both.talk(both.alice)
    givers = [(both.alice, both.bob), (both.bob, both.alice), (both.alice, both.bob), (both.bob, both.alice)]
    for giver, taker in givers:
        AgentState.objects.filter(agent=taker, state="wrapup").update(state="ready", voice_load=0, idle_since=both.now)
        assert actions.transfer(giver, call.pk, to_agent=taker.pk, now=both.now).done
        assert actions.accept_offer(taker, call.pk, now=both.now).done
    AgentState.objects.filter(agent=both.bob).update(state="ready", voice_load=0, idle_since=both.now)
    act = actions.transfer(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
    assert act.came == Came.CIRCLE
    assert "Bob twice" in act.words
    assert actions.consult(both.alice, call.pk, to_agent=both.bob.pk, now=both.now).done, "asking first is always allowed"


def test_to_someone_who_just_left(both: Centre) -> None:
    call = both.talk(both.alice)
    actions.sign_out(both.bob, now=both.now)
    act = actions.transfer(both.alice, call.pk, to_agent=both.bob.pk, now=both.now)
    assert act.words == "Bob is not free now."
    assert segment(call, both.alice).state == "active"


def test_who_leaves_while_it_rings_gives_it_to_the_queue(both: Centre) -> None:
    call = both.talk(both.alice)
    assert actions.transfer(both.alice, call.pk, to_agent=both.bob.pk, now=both.now).done
    assert actions.sign_out(both.bob, now=both.now).done
    call.refresh_from_db()
    assert call.state == "waiting"


def test_one_target_and_no_more(both: Centre) -> None:
    call = both.talk(both.alice)
    with pytest.raises(ValueError):
        actions.transfer(both.alice, call.pk, to_agent=both.bob.pk, to_queue=both.sales.pk, now=both.now)

"""A call of one's own beside another: what is given to an agent is limited by the capacity, what the agent begins by the two lines of the telephone."""

from __future__ import annotations

from cordboard.interactions.acts import Came
from cordboard.interactions.models import Interaction, Segment
from cordboard.routing import actions, actions_outbound
from cordboard.routing.tests.centre import Centre, entry, segment

SUPPLIER = "+31101234567"


def states(centre: Centre, *calls: Interaction) -> list[str]:
    return [segment(call, centre.alice).state for call in calls]


def dial(centre: Centre) -> Interaction:
    act = actions_outbound.dial(centre.alice, SUPPLIER, queue=centre.sales.pk, now=centre.now)
    assert act.came == Came.DONE, act.words
    return Interaction.objects.get(pk=act.interaction)


def test_alice_calls_the_supplier_while_her_customer_waits(centre: Centre) -> None:
    centre.ready(centre.alice)
    assert centre.state(centre.alice).voice_capacity == 1
    customer = centre.talk(centre.alice)
    supplier = dial(centre)
    assert states(centre, customer, supplier) == ["held", "active"], "the customer hears music from the moment of dialling"
    alice = centre.state(centre.alice)
    assert (alice.state, alice.voice_load) == ("talking", 2)

    assert actions_outbound.answered(supplier.pk, now=centre.later(10))
    assert actions.resume(centre.alice, customer.pk, now=centre.later(30)).done
    assert states(centre, customer, supplier) == ["active", "held"], "to and fro"
    assert actions.resume(centre.alice, supplier.pk, now=centre.later(10)).done

    assert actions.customer_left(supplier.pk, "customer", now=centre.later(60))
    assert states(centre, customer, supplier) == ["held", "wrapup"]
    assert actions.resume(centre.alice, customer.pk, now=centre.later(1)).done
    assert centre.state(centre.alice).state == "talking"
    assert actions.wrap_up(centre.alice, supplier.pk, now=centre.later(1)).done
    alice = centre.state(centre.alice)
    assert (alice.state, alice.voice_load) == ("talking", 1)

    assert actions.customer_left(customer.pk, "customer", now=centre.later(60))
    assert actions.wrap_up(centre.alice, customer.pk, now=centre.later(1)).done
    alice = centre.state(centre.alice)
    assert (alice.state, alice.voice_load) == ("ready", 0)


def test_nothing_is_given_to_her_meanwhile_and_there_is_no_third_line(centre: Centre) -> None:
    centre.ready(centre.alice)
    centre.talk(centre.alice)
    dial(centre)
    waits = centre.call()
    assert not actions.reserve([actions.Match(entry(waits).pk, centre.alice.pk)], centre.now).won
    assert actions_outbound.dial(centre.alice, SUPPLIER, now=centre.now).came == Came.NOT_NOW
    assert Segment.objects.filter(agent=centre.alice).count() == 2


def test_one_call_at_a_time_rings_out_there(centre: Centre) -> None:
    centre.ready(centre.alice)
    first = dial(centre)
    assert actions_outbound.dial(centre.alice, SUPPLIER, now=centre.now).came == Came.NOT_NOW, "nobody who answers hears music"
    assert actions_outbound.answered(first.pk, now=centre.later(5))
    second = dial(centre)
    assert states(centre, first, second) == ["held", "active"]


def test_in_wrap_up_she_may_call_at_once(centre: Centre) -> None:
    centre.ready(centre.alice)
    first = centre.talk(centre.alice)
    actions.customer_left(first.pk, "customer", now=centre.later(60))
    again = dial(centre)
    assert states(centre, first, again) == ["wrapup", "active"]
    assert centre.state(centre.alice).state == "talking"
    assert actions.sweep_wrapup(centre.later(120)) == 1
    assert centre.state(centre.alice).state == "talking", "the end of the wrap-up of the first does not end the second"
    actions.customer_left(again.pk, "no_answer", now=centre.later(1))
    assert actions.wrap_up(centre.alice, again.pk, now=centre.later(1)).done
    assert centre.state(centre.alice).state == "ready"


def test_not_with_a_colleague_or_somebody_outside_in_the_call(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    assert actions.consult(centre.alice, call.pk, to_agent=centre.bob.pk, now=centre.now).done
    assert actions_outbound.dial(centre.alice, SUPPLIER, now=centre.now).came == Came.NOT_NOW, "a colleague is being rung"
    assert actions.accept_offer(centre.bob, call.pk, now=centre.now).done
    assert actions_outbound.dial(centre.alice, SUPPLIER, now=centre.now).came == Came.NOT_NOW, "and talks with her"
    assert actions_outbound.dial(centre.bob, SUPPLIER, now=centre.now).came == Came.NOT_NOW, "as she with him"
    assert actions.back_out_of_consult(centre.alice, call.pk, now=centre.now).done
    assert actions.dial_outside(centre.alice, call.pk, SUPPLIER, "consult", now=centre.now).done
    assert actions_outbound.dial(centre.alice, SUPPLIER, now=centre.now).came == Came.NOT_NOW
    assert segment(call, centre.alice).state == "held", "what did not happen changed nothing"


def test_the_first_customer_may_hang_up_meanwhile(centre: Centre) -> None:
    centre.ready(centre.alice)
    customer = centre.talk(centre.alice)
    supplier = dial(centre)
    assert actions.customer_left(customer.pk, "customer", now=centre.later(20))
    assert states(centre, customer, supplier) == ["wrapup", "active"]
    assert actions.wrap_up(centre.alice, customer.pk, now=centre.later(5)).done
    alice = centre.state(centre.alice)
    assert (alice.state, alice.voice_load) == ("talking", 1)

"""Listening in, parking, and two contacts at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import given
from hypothesis import strategies as st

from cordboard.events.models import Event
from cordboard.interactions.acts import Came
from cordboard.interactions.models import Interaction, Segment
from cordboard.org.models import Role, Unit, User
from cordboard.routing import actions, supervision
from cordboard.routing.models import AgentState, Parked, StateLog
from cordboard.routing.tests.centre import Centre, entry, segment, told


@pytest.fixture
def watched(centre: Centre) -> Centre:
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "routing.listen_in": "all", "routing.agent": "own"}
    role.save()
    centre.ready(centre.alice, centre.bob)
    return centre


# ---- listening in -------------------------------------------------------------------------------------------------


def test_listen_whisper_join_and_leave(watched: Centre) -> None:
    call = watched.talk(watched.alice)
    carol = watched.carol
    assert actions.supervise(carol, call.pk, now=watched.now).done
    part = segment(call, carol)
    assert (part.kind, part.mode, part.state, part.supervises_id) == ("supervise", "listen", "active", segment(call, watched.alice).pk)
    assert actions.supervise(carol, call.pk, "listen", now=watched.now).came == Came.ALREADY
    assert actions.supervise(carol, call.pk, "whisper", now=watched.now).done
    assert actions.supervise(carol, call.pk, "barge", now=watched.now).done
    assert segment(call, carol).mode == "barge"
    assert actions.stop_supervising(carol, call.pk, now=watched.now).done
    assert actions.stop_supervising(carol, call.pk, now=watched.now).came == Came.ALREADY
    log = Event.objects.filter(kind__startswith="interactions.supervision").order_by("pk")
    assert [(one.kind.rpartition("_")[2], one.actor) for one in log] == [
        ("started", f"user:{carol.pk}"),
        ("changed", f"user:{carol.pk}"),
        ("changed", f"user:{carol.pk}"),
        ("ended", f"user:{carol.pk}"),
    ]


def test_the_agent_is_not_told_and_keeps_figures_and_state(watched: Centre) -> None:
    call = watched.talk(watched.alice)
    before = (watched.state(watched.alice).version, StateLog.objects.filter(agent=watched.alice).count())
    seen = Event.objects.latest("pk").pk
    actions.supervise(watched.carol, call.pk, now=watched.now)
    actions.supervise(watched.carol, call.pk, "whisper", now=watched.now)
    actions.stop_supervising(watched.carol, call.pk, now=watched.now)
    for event in Event.objects.filter(pk__gt=seen):
        assert f"user:{watched.alice.pk}" not in event.topics
        assert f"interaction:{call.pk}" not in event.topics
    assert (watched.state(watched.alice).version, StateLog.objects.filter(agent=watched.alice).count()) == before
    call.refresh_from_db()
    assert call.agent == watched.alice


def test_who_joins_is_told_to_those_who_talk(watched: Centre) -> None:
    call = watched.talk(watched.alice)
    actions.supervise(watched.carol, call.pk, now=watched.now)
    seen = Event.objects.latest("pk").pk
    for mode in ("barge", "listen", "barge"):
        actions.supervise(watched.carol, call.pk, mode, now=watched.now)
    actions.stop_supervising(watched.carol, call.pk, now=watched.now)
    for event in Event.objects.filter(pk__gt=seen, kind__startswith="interactions.supervision"):
        assert f"interaction:{call.pk}" in event.topics, "joined, silent again, joined again, gone: each changes who talks"


def test_it_ends_with_the_agents_part_and_with_the_call(watched: Centre) -> None:
    call = watched.talk(watched.alice)
    actions.supervise(watched.carol, call.pk, now=watched.now)
    actions.transfer(watched.alice, call.pk, to_agent=watched.bob.pk, now=watched.now)
    assert segment(call, watched.carol).end_cause == "agent_left"
    actions.accept_offer(watched.bob, call.pk, now=watched.now)
    assert actions.supervise(watched.carol, call.pk, now=watched.now).done
    actions.customer_left(call.pk, now=watched.now)
    assert (segment(call, watched.carol).state, segment(call, watched.carol).end_cause) == ("ended", "customer_gone")
    assert len(told("interactions.supervision_ended")) == 2
    assert not Segment.objects.filter(kind="supervise").exclude(state="ended").exists()


def test_who_may_listen_and_to_whom(watched: Centre) -> None:
    call = watched.talk(watched.alice)
    with pytest.raises(PermissionDenied):
        actions.supervise(watched.bob, call.pk, now=watched.now)
    with pytest.raises(PermissionDenied):
        actions.supervise(watched.dave, call.pk, now=watched.now)
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "routing.listen_in": "unit"}
    role.save()
    other = Unit.objects.create(name="Elsewhere", code="elsewhere")
    carol = watched.carol
    carol.unit = other
    carol.save()
    carol = User.objects.get(pk=carol.pk)  # rights are kept on the object of a request
    with pytest.raises(PermissionDenied):
        actions.supervise(carol, call.pk, now=watched.now)
    with pytest.raises(ValueError):
        actions.supervise(carol, call.pk, "shout", now=watched.now)


def test_nothing_to_listen_to(watched: Centre) -> None:
    call = watched.call()
    assert actions.supervise(watched.carol, call.pk, now=watched.now).came == Came.NOT_NOW
    assert actions.supervise(watched.carol, 99_999, now=watched.now).came == Came.NO_SUCH
    actions.customer_left(call.pk, now=watched.now)
    assert actions.supervise(watched.carol, call.pk, now=watched.now).came == Came.CUSTOMER_GONE


def test_who_listens_in_takes_no_contacts_meanwhile(watched: Centre) -> None:
    call = watched.talk(watched.alice)
    watched.ready(watched.carol)
    assert actions.supervise(watched.carol, call.pk, now=watched.now).done
    state = watched.state(watched.carol)
    assert state.reason is not None
    assert (state.state, state.reason.code) == ("not_ready", "supervising")
    actions.stop_supervising(watched.carol, call.pk, now=watched.now)
    own = watched.talk(watched.bob)
    actions.set_ready(watched.carol, now=watched.now)
    mine = watched.talk(watched.carol)
    assert actions.supervise(watched.carol, own.pk, now=watched.now).came == Came.NOT_NOW, f"she talks in {mine.pk}"


@pytest.mark.parametrize(
    ("setting", "country", "tells"),
    [("country", "NL", True), ("country", "nl", True), ("country", "US", False), ("country", "", True), ("always", "US", True), ("never", "NL", False)],
)
def test_whether_the_customer_is_told(setting: str, country: str, tells: bool) -> None:
    assert supervision.must_tell(setting, country) is tells


@given(st.sampled_from(["country", "always", "never"]), st.text(max_size=3))
def test_only_a_queue_that_says_never_is_silent_where_the_country_asks(setting: str, country: str) -> None:
    if country.upper() in supervision.TELL and not supervision.must_tell(setting, country):
        assert setting == "never"


def test_the_queue_says_whether_the_customer_is_told(watched: Centre) -> None:
    call = watched.talk(watched.alice)
    actions.supervise(watched.carol, call.pk, now=watched.now)
    assert told("interactions.supervision_started")[-1]["notice"] is True
    actions.stop_supervising(watched.carol, call.pk, now=watched.now)
    watched.support.supervision_notice = "never"
    watched.support.save()
    actions.supervise(watched.carol, call.pk, now=watched.now)
    assert told("interactions.supervision_started")[-1]["notice"] is False


# ---- parking ------------------------------------------------------------------------------------------------------


def parked(centre: Centre) -> tuple[Interaction, int]:
    call = centre.talk(centre.alice)
    act = actions.park(centre.alice, call.pk, "wants the manual", now=centre.now)
    assert act.done
    return call, int(act.name)


def test_parked_and_picked_up_by_a_colleague(watched: Centre) -> None:
    call, place = parked(watched)
    assert place == 701
    assert watched.state(watched.alice).state == "ready"
    call.refresh_from_db()
    assert call.state == "waiting"
    assert actions.park(watched.alice, call.pk, now=watched.now).name == "701", "asked twice"
    assert actions.pick_up(watched.bob, place, now=watched.now).done
    call.refresh_from_db()
    assert (call.state, call.agent) == ("active", watched.bob)
    assert watched.state(watched.bob).state == "talking"
    assert actions.pick_up(watched.bob, place, now=watched.now).came == Came.ALREADY
    assert actions.pick_up(watched.alice, place, now=watched.now).came == Came.NO_SUCH
    actions.customer_left(call.pk, now=watched.now)
    actions.wrap_up(watched.bob, call.pk, now=watched.now)
    call.refresh_from_db()
    assert call.state == "ended"
    assert watched.state(watched.bob).voice_load == 0


def test_a_parked_call_rings_back(watched: Centre) -> None:
    call, _ = parked(watched)
    assert actions.sweep_parked(watched.now) == 0
    watched.later(121)
    assert actions.sweep_parked(watched.now) == 1
    assert (entry(call).offered_to, entry(call).state) == (watched.alice, "offered")
    assert Parked.objects.get().outcome == "rung_back"
    assert actions.accept_offer(watched.alice, call.pk, now=watched.now).done


def test_a_parked_call_whose_parker_is_busy_goes_to_its_queue(watched: Centre) -> None:
    call, _ = parked(watched)
    actions.set_not_ready(watched.alice, "break", now=watched.now)
    watched.later(121)
    assert actions.sweep_parked(watched.now) == 1
    assert (entry(call).queue, entry(call).state, entry(call).priority, entry(call).counted) == (watched.support, "waiting", 1, False)


def test_a_parked_customer_hangs_up(watched: Centre) -> None:
    call, place = parked(watched)
    actions.customer_left(call.pk, now=watched.now)
    assert Parked.objects.get().outcome == "gone"
    assert actions.pick_up(watched.bob, place, now=watched.now).came == Came.NO_SUCH
    call.refresh_from_db()
    assert call.state == "ended"


def test_each_parked_call_has_a_place_of_its_own(watched: Centre) -> None:
    _, first = parked(watched)
    _, second = parked(watched)
    assert (first, second) == (701, 702)
    actions.pick_up(watched.bob, first, now=watched.now)
    watched.ready(watched.agent("erik"))
    third = watched.talk(watched.people["alice"])
    assert actions.park(watched.alice, third.pk, now=watched.now).name == "701", "a place that is free again"


def test_what_cannot_be_parked(watched: Centre) -> None:
    call = watched.talk(watched.alice)
    assert actions.park(watched.bob, call.pk, now=watched.now).came == Came.NOT_YOURS
    actions.consult(watched.alice, call.pk, to_agent=watched.bob.pk, now=watched.now)
    assert actions.park(watched.alice, call.pk, now=watched.now).came == Came.NOT_NOW


# ---- two contacts at once -----------------------------------------------------------------------------------------


@pytest.fixture
def two(watched: Centre) -> Centre:
    AgentState.objects.filter(agent=watched.alice).update(voice_capacity=2)
    return watched


def give(centre: Centre, giver: Any, taker: Any) -> Interaction:
    call = centre.talk(giver)
    act = actions.transfer(giver, call.pk, to_agent=taker.pk, now=centre.now)
    assert act.done, act
    return call


def test_a_second_call_while_one_is_held(two: Centre) -> None:
    first = two.talk(two.alice)
    blind = two.talk(two.bob)
    act = actions.transfer(two.bob, blind.pk, to_agent=two.alice.pk, now=two.now)
    assert act.came == Came.NOT_FREE, "she is in the middle of a talk"
    actions.hold(two.alice, first.pk, now=two.now)
    assert actions.transfer(two.bob, blind.pk, to_agent=two.alice.pk, now=two.now).done
    assert two.state(two.alice).state == "offered"
    assert actions.accept_offer(two.alice, blind.pk, now=two.now).done
    assert (segment(first, two.alice).state, segment(blind, two.alice).state) == ("held", "active")
    assert two.state(two.alice).voice_load == 2


def test_switching_between_two_calls(two: Centre) -> None:
    first = two.talk(two.alice)
    actions.hold(two.alice, first.pk, now=two.now)
    second = give(two, two.bob, two.alice)
    actions.accept_offer(two.alice, second.pk, now=two.now)
    assert actions.resume(two.alice, first.pk, now=two.now).done
    assert (segment(first, two.alice).state, segment(second, two.alice).state) == ("active", "held")
    assert actions.resume(two.alice, second.pk, now=two.now).done
    assert (segment(first, two.alice).state, segment(second, two.alice).state) == ("held", "active")
    # the second ends; wrapped up, she is back in the first
    actions.customer_left(second.pk, now=two.now)
    assert two.state(two.alice).state == "wrapup"
    assert actions.wrap_up(two.alice, second.pk, now=two.now).done
    assert (two.state(two.alice).state, two.state(two.alice).voice_load) == ("talking", 1)
    actions.resume(two.alice, first.pk, now=two.now)
    actions.customer_left(first.pk, now=two.now)
    actions.wrap_up(two.alice, first.pk, now=two.now)
    assert (two.state(two.alice).state, two.state(two.alice).voice_load) == ("ready", 0)


def test_back_to_the_first_before_the_second_is_wrapped_up(two: Centre) -> None:
    first = two.talk(two.alice)
    actions.hold(two.alice, first.pk, now=two.now)
    second = give(two, two.bob, two.alice)
    actions.accept_offer(two.alice, second.pk, now=two.now)
    actions.customer_left(second.pk, now=two.now)
    assert actions.resume(two.alice, first.pk, now=two.now).done
    assert two.state(two.alice).state == "talking"
    actions.wrap_up(two.alice, second.pk, now=two.now)
    assert (two.state(two.alice).state, two.state(two.alice).voice_load) == ("talking", 1)


def test_a_second_call_that_is_not_answered_leaves_the_first(two: Centre) -> None:
    first = two.talk(two.alice)
    actions.hold(two.alice, first.pk, now=two.now)
    second = give(two, two.bob, two.alice)
    actions.reject_offer(two.alice, second.pk, now=two.now)
    assert (two.state(two.alice).state, two.state(two.alice).voice_load) == ("talking", 1)


def test_a_parked_call_picked_up_as_the_second(two: Centre) -> None:
    aside = two.talk(two.bob)
    place = int(actions.park(two.bob, aside.pk, now=two.now).name)
    first = two.talk(two.alice)
    assert actions.pick_up(two.alice, place, now=two.now).done
    assert (segment(first, two.alice).state, segment(aside, two.alice).state) == ("held", "active")


def test_a_second_call_that_one_places(two: Centre) -> None:
    from cordboard.routing import actions_outbound

    first = two.talk(two.alice)
    actions.hold(two.alice, first.pk, now=two.now)
    act = actions_outbound.dial(two.alice, "+31101234567", now=two.now)
    assert act.done
    assert act.interaction is not None
    assert actions.resume(two.alice, first.pk, now=two.now).done
    assert segment(Interaction.objects.get(pk=act.interaction), two.alice).state == "held"

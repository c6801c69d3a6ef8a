"""Agents' states as they and their managers set them, and as their pages' silence does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.events import presence
from cordboard.events.models import Presence
from cordboard.interactions.acts import Came
from cordboard.org.models import Role, Unit, User
from cordboard.routing import actions, board
from cordboard.routing.models import AgentState, StateLog
from cordboard.routing.tests.centre import Centre, entry, told


def silent(centre: Centre, *users: object) -> None:
    Presence.objects.filter(user__in=[user.pk for user in users]).delete()  # type: ignore[attr-defined]


def test_signing_in_is_not_yet_ready(centre: Centre) -> None:
    actions.sign_in(centre.alice, now=centre.now)
    actions.sign_in(centre.alice, now=centre.now)
    alice = centre.state(centre.alice)
    assert (alice.state, alice.reason) == ("not_ready", None)
    assert actions.set_ready(centre.alice, now=centre.later(5)).came == Came.DONE
    assert actions.set_ready(centre.alice, now=centre.later(5)).came == Came.ALREADY
    assert centre.state(centre.alice).idle_since == centre.now - timedelta(seconds=5)


def test_a_page_that_slept_comes_back_with_one_press(centre: Centre) -> None:
    centre.ready(centre.alice)
    silent(centre, centre.alice)
    assert actions.sweep_presence(centre.now) == 1
    assert actions.set_ready(centre.carol, agent=centre.alice.pk, now=centre.now).came == Came.NOT_NOW, "nobody else can say that she is there"
    assert actions.set_ready(centre.alice, now=centre.now).came == Came.DONE
    assert centre.state(centre.alice).state == "ready"
    assert actions.sweep_presence(centre.now) == 0


def test_a_break_has_a_reason_and_an_end(centre: Centre) -> None:
    centre.ready(centre.alice)
    assert actions.set_not_ready(centre.alice, "break", now=centre.now).came == Came.DONE
    assert actions.set_not_ready(centre.alice, "break", now=centre.now).came == Came.ALREADY
    assert actions.set_not_ready(centre.alice, "fishing", now=centre.now).came == Came.NO_SUCH
    alice = centre.state(centre.alice)
    assert alice.until == centre.now + timedelta(minutes=15)
    event = told("routing.agent_state_changed")[-1]
    assert (event["state"], event["reason"], event["until"]) == ("not_ready", "break", alice.until.timestamp())
    assert list(StateLog.objects.order_by("pk").values_list("state", "reason__code")) == [("not_ready", None), ("ready", None), ("not_ready", "break")]


def test_what_the_system_sets_nobody_chooses(centre: Centre) -> None:
    centre.ready(centre.bob)
    call = centre.call()
    centre.offer(call, centre.bob)
    actions.expire_offers(centre.later(20))
    assert actions.set_not_ready(centre.bob, "no-answer", now=centre.now).came == Came.NO_SUCH


def test_pending_during_a_call(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    assert actions.set_not_ready(centre.alice, "break", now=centre.now).came == Came.DONE
    assert actions.set_not_ready(centre.alice, "break", now=centre.now).came == Came.ALREADY
    alice = centre.state(centre.alice)
    assert (alice.state, alice.pending) == ("talking", True)
    actions.customer_left(call.pk, now=centre.later(30))
    assert centre.state(centre.alice).pending
    actions.wrap_up(centre.alice, call.pk, now=centre.later(10))
    alice = centre.state(centre.alice)
    assert (alice.state, alice.reason.code if alice.reason else "", alice.pending) == ("not_ready", "break", False)
    assert alice.until == centre.now + timedelta(minutes=15), "the break begins when the work is done"


def test_pending_can_be_taken_back(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    actions.set_not_ready(centre.alice, "break", now=centre.now)
    assert actions.set_ready(centre.alice, now=centre.now).came == Came.DONE
    actions.customer_left(call.pk, now=centre.now)
    actions.wrap_up(centre.alice, call.pk, now=centre.now)
    assert centre.state(centre.alice).state == "ready"


def test_carol_may_set_alices_state_and_bob_may_not(centre: Centre) -> None:
    centre.ready(centre.alice)
    assert actions.set_not_ready(centre.carol, "meeting", agent=centre.alice.pk, now=centre.now).done
    assert centre.state(centre.alice).state == "not_ready"
    with pytest.raises(PermissionDenied):
        actions.set_ready(centre.bob, agent=centre.alice.pk, now=centre.now)


def test_a_team_lead_reaches_their_own_unit(centre: Centre) -> None:
    role = Role.objects.create(code="lead", name="Lead", permissions={"routing.watch": "unit", "routing.supervise": "unit"})
    elsewhere = Unit.objects.create(name="Elsewhere", code="elsewhere")
    erin = centre.agent("erin", [centre.sales])
    lena = User.objects.create(username="lena", name="Lena", unit=elsewhere)
    lena.roles.add(role)
    User.objects.filter(pk=erin.pk).update(unit=elsewhere)
    centre.ready(centre.alice, erin)
    assert actions.set_not_ready(lena, "meeting", agent=erin.pk, now=centre.now).done
    with pytest.raises(PermissionDenied):
        actions.set_not_ready(lena, "meeting", agent=centre.alice.pk, now=centre.now)
    shown = board.of_user(lena, centre.now)
    assert [one["code"] for one in shown["queues"].values()] == ["sales"]
    assert [one["name"] for one in shown["agents"].values()] == ["Erin"]
    assert len(board.of_user(centre.carol, centre.now)["agents"]) == 3


def test_signing_out(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    assert actions.sign_out(centre.alice, now=centre.now).came == Came.NOT_NOW
    ringing = centre.call()
    centre.offer(ringing, centre.bob)
    assert actions.sign_out(centre.bob, now=centre.now).came == Came.DONE
    assert actions.sign_out(centre.bob, now=centre.now).came == Came.ALREADY
    assert entry(ringing).state == "waiting"
    assert centre.state(centre.bob).voice_load == 0
    actions.customer_left(call.pk, now=centre.now)


def test_an_idle_agent_who_is_not_heard_goes_offline(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.call()
    centre.offer(call, centre.bob)
    assert actions.sweep_presence(centre.later(5)) == 0
    silent(centre, centre.alice, centre.bob)
    assert actions.sweep_presence(centre.now) == 2
    assert actions.sweep_presence(centre.now) == 0
    assert set(AgentState.objects.values_list("state", flat=True)) == {"offline"}
    assert entry(call).state == "waiting", "what rang at bob goes on at once"
    assert told("routing.offer_withdrawn")[0]["cause"] == "agent_gone"


def test_a_lost_page_alone_ends_no_call(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    silent(centre, centre.alice)
    assert actions.sweep_presence(centre.now) == 0
    call.refresh_from_db()
    assert call.state == "active"
    # but when the work is done there is nobody to be ready
    actions.customer_left(call.pk, now=centre.now)
    centre.now += timedelta(seconds=61)
    assert actions.sweep_wrapup(centre.now) == 1
    assert centre.state(centre.alice).state == "offline"


def test_board_is_for_those_who_watch_and_queues_for_their_agents(centre: Centre) -> None:
    from cordboard.events.topics import may_listen, values

    erin = centre.agent("erin", [centre.sales])
    assert may_listen(centre.carol, "board")
    assert not may_listen(centre.alice, "board")
    assert may_listen(erin, f"queue:{centre.sales.pk}")
    assert not may_listen(erin, f"queue:{centre.support.pk}")
    assert not may_listen(centre.dave, f"queue:{centre.sales.pk}")
    assert not may_listen(centre.carol, "queue:x")
    shown = values(centre.carol, "board")
    assert shown is not None
    assert set(shown["queues"]) == {str(centre.sales.pk), str(centre.support.pk)}
    assert {one["state"] for one in shown["agents"].values()} == {"offline"}, "who never signed in is on the board all the same"
    one = values(erin, f"queue:{centre.sales.pk}")
    assert one is not None
    assert list(one["queues"]) == [str(centre.sales.pk)]


# ---- the page is gone, the front is gone -----------------------------------------------------------------------


def front_hears(centre: Centre, *users: User, run: str = "first") -> None:
    """The front of the node hands in whom it heard just now."""
    presence.listening("one", run, centre.now)
    presence.heard([user.pk for user in users], centre.now, "one")


def test_a_page_that_is_gone_for_ten_seconds_gives_its_offer_back(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.call()
    front_hears(centre, centre.alice, centre.bob)
    centre.offer(call, centre.bob)
    for _second in range(10):  # bob's page is closed, the front hears only alice
        centre.now += timedelta(seconds=1)
        front_hears(centre, centre.alice)
        assert actions.sweep_presence(centre.now) == 0
        assert entry(call).state == "offered"
    centre.now += timedelta(seconds=1)
    front_hears(centre, centre.alice)
    assert actions.sweep_presence(centre.now) == 1
    assert entry(call).state == "waiting"
    assert centre.state(centre.bob).state == "offline"
    assert centre.state(centre.alice).state == "ready"


def test_a_restart_of_the_front_sends_nobody_away(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.call()
    front_hears(centre, centre.alice, centre.bob)
    centre.offer(call, centre.bob)
    for _second in range(15):  # longer than the grace nobody can be heard
        centre.now += timedelta(seconds=1)
        assert actions.sweep_presence(centre.now) == 0
    front_hears(centre, run="second")
    for second in range(9):
        centre.now += timedelta(seconds=1)
        front_hears(centre, *([centre.alice] if second > 3 else []), *([centre.bob] if second > 6 else []), run="second")
        assert actions.sweep_presence(centre.now) == 0
    assert entry(call).state == "offered", "it rings on"
    assert {centre.state(one).state for one in (centre.alice, centre.bob)} == {"ready", "offered"}


# ---- a state whose time is over ---------------------------------------------------------------------------------


def test_a_break_that_is_over_is_told_once_and_nobody_is_set_ready(centre: Centre) -> None:
    centre.ready(centre.alice)
    actions.set_not_ready(centre.alice, "break", now=centre.now)
    until = centre.now + timedelta(minutes=15)
    assert actions.sweep_over(centre.later(15 * 60 - 1)) == 0
    assert actions.sweep_over(centre.later(1)) == 1
    assert actions.sweep_over(centre.later(1)) == 0, "told once, by whichever worker"
    (over,) = told("routing.agent_over")
    assert (over["agent"], over["reason"], over["until"]) == (centre.alice.pk, "break", until.timestamp())
    alice = centre.state(centre.alice)
    assert (alice.state, alice.until) == ("not_ready", until), "nobody may ring at an empty chair"


def test_it_is_told_after_a_restart_too(centre: Centre) -> None:
    """The row says what is owed, not the memory of a worker: one that comes up an hour later tells what fell due meanwhile."""
    centre.ready(centre.alice)
    actions.set_not_ready(centre.alice, "break", now=centre.now)
    assert actions.sweep_over(centre.later(3600)) == 1
    assert actions.sweep_over(centre.later(3600)) == 0


def test_a_second_break_is_told_anew_and_a_meeting_without_a_time_never(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    for _ in range(2):
        actions.set_not_ready(centre.alice, "break", now=centre.now)
        assert actions.sweep_over(centre.later(901)) == 1
        actions.set_ready(centre.alice, now=centre.now)
    actions.set_not_ready(centre.bob, "meeting", now=centre.now)
    assert actions.sweep_over(centre.later(86_400)) == 0
    actions.set_not_ready(centre.bob, "meeting", until=centre.now + timedelta(minutes=5), now=centre.now)
    assert actions.sweep_over(centre.later(301)) == 1
    actions.set_not_ready(centre.bob, "meeting", until=centre.now + timedelta(minutes=5), now=centre.now)
    assert actions.sweep_over(centre.later(301)) == 1, "a later end of the same state is an end of its own"


def test_alice_acknowledges_the_reminder(centre: Centre) -> None:
    centre.ready(centre.alice)
    assert actions.see_over(centre.alice, now=centre.now).came == Came.NOT_NOW
    actions.set_not_ready(centre.alice, "break", now=centre.now)
    assert actions.see_over(centre.alice, now=centre.now).came == Came.NOT_NOW, "not over yet"
    actions.sweep_over(centre.later(901))
    assert actions.see_over(centre.alice, now=centre.now).came == Came.DONE
    assert actions.see_over(centre.alice, now=centre.now).came == Came.ALREADY
    assert centre.state(centre.alice).state == "not_ready"
    assert actions.sweep_over(centre.later(1)) == 0
    actions.set_ready(centre.alice, now=centre.now)
    assert centre.state(centre.alice).over_seen_at is None
    with pytest.raises(PermissionDenied):
        actions.see_over(centre.dave, now=centre.now)

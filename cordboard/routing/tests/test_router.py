"""The router follows the rows. Its threads and deaths are in test_router_processes.py; here one step at a time."""

from __future__ import annotations

import pytest

from cordboard.interactions.models import Decision
from cordboard.org.models import User
from cordboard.routing import actions
from cordboard.routing.models import AgentSkill, Entry, Skill
from cordboard.routing.queries import next_in_line
from cordboard.routing.router import Router
from cordboard.routing.tests.centre import Centre, entry

pytestmark = pytest.mark.django_db(transaction=True)  # what the router follows must have committed


def begun(centre: Centre) -> Router:
    router = Router()
    router.rebuild(centre.now)
    return router


def test_a_caller_who_waits_gets_the_agent_who_becomes_ready(centre: Centre) -> None:
    router = begun(centre)
    call = centre.call()
    assert router.step(centre.now) == 0
    centre.later(7)
    centre.ready(centre.alice)
    assert router.step(centre.now) == 1
    assert entry(call).offered_to == centre.alice
    assert actions.accept_offer(centre.alice, call.pk, now=centre.now).done
    assert router.step(centre.now) == 0
    decision = Decision.objects.get(interaction=call, kind="match")
    assert [one["code"] for one in decision.sentences] == ["match.only_candidate"]


def test_a_new_router_sees_what_stood_before_it(centre: Centre) -> None:
    call = centre.call()
    centre.ready(centre.alice)
    assert begun(centre).step(centre.now) == 1
    assert entry(call).state == "offered"
    assert begun(centre).step(centre.now) == 0


def test_the_longest_ready_gets_the_first_call(centre: Centre) -> None:
    centre.ready(centre.bob)
    centre.later(5)
    centre.ready(centre.alice)
    router = begun(centre)
    first, second = centre.call(), centre.call()
    assert router.step(centre.now) == 2
    assert (entry(first).offered_to, entry(second).offered_to) == (centre.bob, centre.alice)


def test_no_answer_goes_to_the_next_and_not_back_at_once(centre: Centre) -> None:
    centre.ready(centre.bob)
    router = begun(centre)
    call = centre.call()
    router.step(centre.now)
    centre.later(5)
    centre.ready(centre.alice)
    assert router.step(centre.now) == 0
    centre.later(15)
    assert router.step(centre.now) == 1
    assert entry(call).offered_to == centre.alice
    assert centre.state(centre.bob).state == "not_ready"


def test_who_rejects_alone_gets_it_again_after_a_while(centre: Centre) -> None:
    centre.ready(centre.bob)
    router = begun(centre)
    call = centre.call()
    router.step(centre.now)
    actions.reject_offer(centre.bob, call.pk, now=centre.now)
    assert router.step(centre.now) == 0
    assert router.sleep(centre.now) <= 60
    centre.later(59)
    assert router.step(centre.now) == 0
    centre.later(2)
    assert router.step(centre.now) == 1
    assert entry(call).offered_to == centre.bob


def test_skills_give_way_as_the_wait_grows(centre: Centre) -> None:
    dutch = Skill.objects.create(code="nl", kind="language")
    centre.support.requirements = [{"skill": "nl", "proficiency": 4, "kind": "language"}]
    centre.support.relaxation = [{"after": 30, "lower": 2}]
    centre.support.save()
    AgentSkill.objects.create(agent=centre.alice, skill=dutch, proficiency=2)
    centre.ready(centre.alice)
    router = begun(centre)
    call = centre.call()
    assert router.step(centre.now) == 0
    assert router.sleep(centre.now) == 1.0  # it looks at least that often; the deadline is later
    centre.later(31)
    assert router.step(centre.now) == 1
    codes = [one["code"] for one in Decision.objects.get(interaction=call, kind="match").sentences]
    assert codes[:2] == ["match.relaxed", "match.skills"]


def test_what_two_routers_believe_at_once_happens_once(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.call()
    other = centre.call()
    one, two = begun(centre), begun(centre)
    assert one.step(centre.now) == 1
    assert two.step(centre.now) == 0
    assert sorted(Entry.objects.values_list("state", flat=True)) == ["offered", "waiting"]
    assert {entry(call).state, entry(other).state} == {"offered", "waiting"}


def test_someone_without_the_queue_gets_none_of_its_calls(centre: Centre) -> None:
    erin = centre.agent("erin", [centre.sales])
    centre.ready(erin)
    router = begun(centre)
    centre.call(centre.support)
    assert router.step(centre.now) == 0
    call = centre.call(centre.sales)
    assert router.step(centre.now) == 1
    assert entry(call).offered_to == erin


def test_a_user_who_is_closed_gets_nothing(centre: Centre) -> None:
    centre.ready(centre.alice)
    User.objects.filter(pk=centre.alice.pk).update(is_active=False)
    router = begun(centre)
    centre.call()
    assert router.step(centre.now) == 0


def test_who_is_next_if_the_one_it_rings_at_does_not_take_it(centre: Centre) -> None:
    centre.ready(centre.alice)
    router = begun(centre)
    call = centre.call()
    assert next_in_line(call.pk, centre.now) is None
    router.step(centre.now)
    assert next_in_line(call.pk, centre.now) is None
    centre.ready(centre.bob)
    assert next_in_line(call.pk, centre.now) == centre.bob
    actions.set_not_ready(centre.bob, now=centre.now)
    assert next_in_line(call.pk, centre.now) is None

"""What a manager changes while the centre works: people's states, queues and skills, and the order of those who wait."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.interactions.acts import Came
from cordboard.org.models import Role, Unit
from cordboard.routing import actions
from cordboard.routing.models import AgentSkill, QueueMember, Skill
from cordboard.routing.router import Router
from cordboard.routing.tests.centre import Centre, entry, told


def routed(centre: Centre, router: Router) -> None:
    from django.db import connection

    if connection.vendor == "postgresql":
        router.rebuild(centre.now)  # the story is one transaction here, of which the log shows nothing yet
    router.step(centre.now)


@pytest.mark.django_db
def test_carol_signs_alice_out_and_dave_may_not(centre: Centre) -> None:
    centre.ready(centre.alice)
    with pytest.raises(PermissionDenied):
        actions.sign_out(centre.dave, agent=centre.alice.pk)
    assert actions.sign_out(centre.carol, agent=centre.alice.pk, now=centre.now).done
    assert centre.state(centre.alice).state == "offline"
    call = centre.call()
    centre.ready(centre.alice)
    centre.offer(call, centre.alice)
    actions.accept_offer(centre.alice, call.pk, now=centre.now)
    assert actions.sign_out(centre.carol, agent=centre.alice.pk, now=centre.now).came == Came.NOT_NOW


@pytest.mark.django_db
def test_an_agent_who_joins_a_queue_gets_its_waiting_call_at_once(centre: Centre) -> None:
    erin = centre.agent("erin", (centre.support,))
    centre.ready(erin)
    call = centre.call(centre.sales)
    router = Router()
    router.rebuild(centre.now)
    routed(centre, router)
    assert entry(call).state == "waiting"
    assert actions.join_queue(centre.carol, erin.pk, centre.sales.pk).came == Came.DONE
    assert actions.join_queue(centre.carol, erin.pk, centre.sales.pk).came == Came.ALREADY
    routed(centre, router)
    assert entry(call).offered_to == erin


@pytest.mark.django_db
def test_a_busy_agent_who_left_a_queue_gets_no_more_of_it(centre: Centre) -> None:
    router = Router()
    router.rebuild(centre.now)
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    routed(centre, router)
    assert actions.leave_queue(centre.carol, centre.alice.pk, centre.sales.pk).done
    waiting = centre.call(centre.sales)
    actions.customer_left(call.pk, now=centre.now)
    actions.wrap_up(centre.alice, call.pk, now=centre.now)
    routed(centre, router)
    assert centre.state(centre.alice).state == "ready"
    assert entry(waiting).state == "waiting"
    assert [row["queues"] for row in told("routing.agent_changed")] == [[centre.support.pk]]


@pytest.mark.django_db
def test_a_skill_for_an_hour_gives_way_to_what_was_before(centre: Centre) -> None:
    dutch, repairs = Skill.objects.create(code="dutch"), Skill.objects.create(code="repairs")
    AgentSkill.objects.create(agent=centre.alice, skill=dutch, proficiency=2)
    until = centre.now + timedelta(hours=1)
    assert actions.set_skill(centre.carol, centre.alice.pk, "dutch", 5, until=until, now=centre.now).done
    assert actions.set_skill(centre.carol, centre.alice.pk, "repairs", 3, until=until, now=centre.now).done
    assert actions.set_skill(centre.carol, centre.alice.pk, "dutch", 4, until=until, now=centre.now).done
    assert actions.set_skill(centre.carol, centre.alice.pk, "dutch", 4, until=until, now=centre.now).came == Came.ALREADY
    assert actions.set_skill(centre.carol, centre.alice.pk, "dutch", 4, until=centre.now, now=centre.now).came == Came.NOT_NOW
    assert actions.set_skill(centre.carol, centre.alice.pk, "flying", 1, now=centre.now).came == Came.NO_SUCH
    row = AgentSkill.objects.get(skill=dutch)
    assert (row.at(centre.now), row.at(until)) == (4, 2)
    assert actions.sweep_skills(centre.now) == 0
    assert actions.sweep_skills(until) == 2
    assert list(AgentSkill.objects.values_list("skill__code", "proficiency", "until")) == [("dutch", 2, None)]
    assert not AgentSkill.objects.filter(skill=repairs).exists()
    expired = [(row["skill"], row["proficiency"]) for row in told("routing.agent_changed") if row["change"] == "skill_expired"]
    assert expired == [("dutch", 2), ("repairs", None)]


@pytest.mark.django_db
def test_an_expired_skill_is_not_read_before_it_is_swept(centre: Centre) -> None:
    repairs = Skill.objects.create(code="repairs")
    centre.support.requirements = [{"skill": "repairs", "proficiency": 2}]
    centre.support.save()
    actions.set_skill(centre.carol, centre.alice.pk, repairs.code, 3, until=centre.now + timedelta(minutes=1), now=centre.now)
    call = centre.call()
    centre.later(60)
    centre.ready(centre.alice)
    router = Router()
    router.rebuild(centre.now)
    router.step(centre.now)
    assert entry(call).state == "waiting"
    actions.set_skill(centre.carol, centre.alice.pk, repairs.code, 2, now=centre.now)
    routed(centre, router)
    assert entry(call).offered_to == centre.alice


@pytest.mark.django_db
def test_the_last_is_moved_first(centre: Centre) -> None:
    early = centre.call()
    centre.later(500)
    late = centre.call()
    assert actions.move_first(centre.carol, early.pk).came == Came.ALREADY
    assert actions.move_first(centre.carol, late.pk).came == Came.DONE
    assert entry(late).waiting_since == centre.now
    router = Router()
    router.rebuild(centre.now)
    centre.ready(centre.alice)
    routed(centre, router)
    assert entry(late).offered_to == centre.alice
    assert actions.move_first(centre.carol, late.pk).came == Came.NOT_NOW  # it rings
    assert entry(early).state == "waiting"


@pytest.mark.django_db
def test_a_priority_overtakes(centre: Centre) -> None:
    early = centre.call()
    centre.later(10)
    late = centre.call()
    router = Router()
    router.rebuild(centre.now)
    assert actions.set_priority(centre.carol, late.pk, 1).came == Came.DONE
    assert actions.set_priority(centre.carol, late.pk, 1).came == Came.ALREADY
    centre.ready(centre.alice)
    routed(centre, router)
    assert (entry(late).state, entry(early).state) == ("offered", "waiting")


@pytest.mark.django_db
def test_moved_to_another_queue_the_wait_is_kept(centre: Centre) -> None:
    call = centre.call()
    began = centre.now
    centre.later(40)
    assert actions.move_to_queue(centre.carol, call.pk, centre.sales.pk, now=centre.now).done
    left, now_is = call.entries.order_by("pk")
    assert (left.state, left.left_at) == ("left", centre.now)
    assert (now_is.queue, now_is.state, now_is.waiting_since, now_is.entered_at) == (centre.sales, "waiting", began, centre.now)
    assert actions.move_to_queue(centre.carol, call.pk, centre.sales.pk, now=centre.now).came == Came.ALREADY
    actions.set_open(centre.carol, centre.support.pk, False)
    assert actions.move_to_queue(centre.carol, call.pk, centre.support.pk, now=centre.now).came == Came.CLOSED
    actions.customer_left(call.pk, now=centre.now)
    assert actions.move_to_queue(centre.carol, call.pk, centre.support.pk, now=centre.now).came == Came.CUSTOMER_GONE


@pytest.mark.django_db
def test_who_manages_one_unit_reaches_no_other(centre: Centre) -> None:
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "routing.supervise": "unit", "routing.manage": "unit"}
    role.save()
    call = centre.call()
    assert actions.set_priority(centre.carol, call.pk, 2).done
    centre.carol.unit = Unit.objects.create(name="Elsewhere", code="elsewhere")
    centre.carol.save()
    for act in (
        lambda: actions.set_priority(centre.carol, call.pk, 3),
        lambda: actions.set_open(centre.carol, centre.support.pk, False),
        lambda: actions.join_queue(centre.carol, centre.alice.pk, centre.support.pk),
        lambda: actions.set_skill(centre.carol, centre.alice.pk, "dutch", 3),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert QueueMember.objects.filter(agent=centre.alice).count() == 2

"""Past days let in again: who would have waited how long, and where contacts would have gone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Decision, Segment
from cordboard.routing import actions, replay
from cordboard.routing.match import Agent, Settings
from cordboard.routing.models import Entry, Skill, StateLog
from cordboard.routing.policy import place
from cordboard.routing.tests.centre import Centre, party
from cordboard.routing.whatif import Call, Plans, QueueTerms, Staff, Terms, merged, simulate, terms_of
from cordboard.rules import actions as policies
from cordboard.rules import actions_publish as publishing

QUEUES = {"support": QueueTerms("support", 1), "sales": QueueTerms("sales", 2)}


def terms(queue: str = "support", priority: int = 5, **more: Any) -> Terms:
    return Terms(queue, priority, more.get("requirements", ()), more.get("relaxation", ()), more.get("prefer", ()), more.get("seconds", 0.0))


def staff(*agents: Agent, span: tuple[float, float] = (0, 10_000)) -> Staff:
    return Staff({agent.id: agent for agent in agents}, {agent.id: [span] for agent in agents})


def play(calls: list[Call], how: list[Terms], who: Staff) -> list[tuple[float, int | None]]:
    return [(fate.wait, fate.agent) for fate in simulate(calls, how, who, QUEUES, Plans({}), Settings())]


def test_one_agent_takes_one_after_another_and_the_urgent_first() -> None:
    alice = Agent(7, {}, frozenset({1, 2}))
    calls = [Call(1, 0, 100, None), Call(2, 10, 100, None), Call(3, 20, 100, None)]
    assert play(calls, [terms()] * 3, staff(alice)) == [(0, 7), (90, 7), (180, 7)]
    assert play(calls, [terms(), terms(), terms(priority=1)], staff(alice)) == [(0, 7), (190, 7), (80, 7)]


def test_who_hung_up_hangs_up_again_unless_it_is_answered_before() -> None:
    alice = Agent(7, {}, frozenset({1}))
    calls = [Call(1, 0, 100, None), Call(2, 10, 100, 30.0), Call(3, 20, 100, 95.0)]
    assert play(calls, [terms()] * 3, staff(alice)) == [(0, 7), (30, None), (80, 7)]


def test_an_agent_who_goes_home_finishes_and_takes_no_more() -> None:
    alice = Agent(7, {}, frozenset({1}))
    assert play([Call(1, 0, 100, None), Call(2, 10, 100, 500.0)], [terms()] * 2, staff(alice, span=(0, 50))) == [(0, 7), (500, None)]


def test_skills_give_way_after_their_wait_and_the_owner_is_asked_first() -> None:
    alice, bob = Agent(7, {"nl": 3}, frozenset({1})), Agent(8, {}, frozenset({1}))
    dutch = terms(requirements=(("nl", 3),), relaxation=((("after", 60.0), ("drop", "nl")),))
    calls = [Call(1, 0, 300, None), Call(2, 10, 100, None)]
    assert play(calls, [dutch, dutch], staff(alice, bob)) == [(0, 7), (60, 8)]
    own = terms(prefer=("owner",), seconds=30.0)
    assert play([Call(1, 1, 20, None, owner=8), Call(2, 6, 20, None, owner=8)], [own, own], staff(alice, bob)) == [(0, 8), (15, 8)]


def test_spans_that_touch_are_one() -> None:
    assert merged([(5, 9), (0, 5), (20, 10), (12, 15)]) == [(0, 9), (12, 15)]


RULES: list[dict[str, Any]] = [
    {"id": "gold", "name": "Valued", "when": {"fact": "party.value_segment", "op": "is", "value": "gold"}, "actions": [{"do": "priority", "priority": 2}, {"do": "prefer", "who": "owner"}]},
    {"id": "fr", "name": "French", "when": {"fact": "context.matter", "op": "is", "value": "order"}, "actions": [{"do": "queue", "queue": "sales"}, {"do": "require", "skill": "fr", "proficiency": 2}, {"do": "relax", "after": 30, "drop": "fr"}]},
]  # fmt: skip
BODY = {"schema": 1, "mode": "all", "rules": RULES}


def days(centre: Centre, count: int) -> list[int]:
    """Contacts of one hour: every second one about an order, every third one of a gold customer; all answered by alice after a minute."""
    gold = party("Gold", value_segment="gold", account_owner=centre.bob)
    made = []
    for user in (centre.alice, centre.bob):
        StateLog.objects.create(agent=user, state="ready", at=centre.now - timedelta(minutes=5))
        StateLog.objects.create(agent=user, state="offline", at=centre.now + timedelta(hours=3))
    for number in range(count):
        now = centre.now + timedelta(seconds=30 * number)
        row = interactions.open_interaction(channel="voice", language="nl", now=now)
        interactions.set_context(row.pk, {"matter": "order" if number % 2 else "product"}, by="ivr", now=now)
        if number % 3 == 0:
            interactions.identify(row.pk, [gold.pk], by="customer_number", now=now)
        actions.enqueue(row.pk, "support", now=now)
        visit = Entry.objects.get(interaction=row)
        part = Segment.objects.create(
            interaction=row, agent=centre.alice, state="ended", offered_at=now, accepted_at=now + timedelta(seconds=60), ended_at=now + timedelta(seconds=160)
        )
        Entry.objects.filter(pk=visit.pk).update(state="answered", left_at=now + timedelta(seconds=60), segment=part)
        made.append(row.pk)
    return made


@pytest.mark.django_db
def test_a_draft_is_replayed_over_past_contacts(centre: Centre) -> None:
    Skill.objects.create(code="fr", kind="language", names={"en": "French"})
    policy = policies.create_policy("routing", "voice", "Voice", None, body=BODY)
    publishing.publish(policy.pk, 0, None)
    numbers = days(centre, 12)
    # What place() decided and what the replay makes of the same facts is the same.
    for visit in Entry.objects.filter(interaction_id__in=numbers).select_related("queue"):
        trace = Decision.objects.get(interaction_id=visit.interaction_id).trace
        said = {"order": "sales", "product": "support"}[trace["facts"]["context.matter"]]
        assert visit.queue.code == said
    told: list[tuple[int, int]] = []
    span = (centre.now - timedelta(hours=1), centre.now + timedelta(hours=1))
    same = replay.run(BODY, BODY, *span, lambda done, of: told.append((done, of)))
    assert (same["contacts"], same["elsewhere"], same["otherwise"]) == (12, 0, 0)
    assert same["before"] == same["after"]
    assert told[-1][0] == told[-1][1]
    # Now gold customers go to sales, and the language decides, for which nobody had asked.
    draft = {**BODY, "rules": [
        {**RULES[0], "actions": [{"do": "queue", "queue": "sales"}]}, RULES[1],
        {"id": "late", "name": "Late", "when": {"fact": "tickets.open", "op": "at_least", "value": 1}, "actions": [{"do": "priority", "priority": 1}]},
    ]}  # fmt: skip
    found = replay.run(BODY, draft, *span, lambda done, of: None)
    assert found["elsewhere"] == 2  # gold and about a product: numbers 0 and 6
    assert found["moves"] == [["Support", "Sales", 2]]
    assert found["moved_segments"] == [["gold", 2, 4]]
    assert found["otherwise"] == 2  # gold and about an order: no priority, nobody asked first
    assert {one["interaction"] for one in found["examples"]} == {numbers[0], numbers[3], numbers[6], numbers[9]}
    assert found["sure"]["later"] == 4  # open tickets of the four that have a customer are those of today
    assert found["sure"]["unknown"] == 0
    assert found["sure"]["from_log"] == 2
    assert found["before"]["queues"]["sales"]["offered"] == 6
    assert found["after"]["queues"]["sales"]["offered"] == 8


@pytest.mark.django_db
def test_terms_of_a_replay_are_those_of_routing(centre: Centre) -> None:
    Skill.objects.create(code="fr", kind="language", names={"en": "French"})
    publishing.publish(policies.create_policy("routing", "voice", "Voice", None, body=BODY).pk, 0, None)
    row = interactions.open_interaction(channel="voice", now=centre.now)
    interactions.set_context(row.pk, {"matter": "order"}, by="ivr", now=centre.now)
    placed = place(row, centre.support, now=centre.now)
    own = {queue.code: QueueTerms(queue.code, queue.pk) for queue in (centre.support, centre.sales)}
    made = terms_of([*RULES[1]["actions"]], "support", own, {"fr": "language"})
    assert (made.queue, made.priority) == (placed.queue.code, placed.priority)
    assert [{"skill": skill, "proficiency": level, "kind": "language"} for skill, level in made.requirements] == placed.requirements
    assert [dict(step) for step in made.relaxation] == placed.relaxation

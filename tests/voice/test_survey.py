"""The agent hangs up, the caller stays for two questions, and answers them with the keys of a real telephone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import loudness
from tests.voice.hands import Hands
from tests.voice.house import House, house, in_loop
from tests.voice.test_inbound import talk

SURVEY = """
from django.utils import timezone
words = {"en": "How did we help you, from one to five?"}
graph = {
    "schema": 1, "code": "after", "languages": ["en"], "start": "rate", "person_key": "0", "person": "person", "on_error": "person",
    "variables": {"after.rating": {"type": "number"}, "after.solved": {"type": "choice"}},
    "steps": {
        "rate": {"type": "ask", "kind": "rating", "max": 5, "texts": words, "into": "after.rating", "timeout": 20, "next": "solved", "give_up": "bye"},
        "solved": {"type": "ask", "kind": "choice", "texts": {"en": "Is it solved?"}, "into": "after.solved", "timeout": 20, "next": "bye", "give_up": "bye",
                   "choices": [{"key": "1", "value": "yes"}, {"key": "2", "value": "no"}]},
        "bye": {"type": "say", "texts": {"en": "Thank you."}, "next": "end"},
        "end": {"type": "end", "reason": "answered"},
        "person": {"type": "hand_over"},
    },
}
Flow.objects.update_or_create(code="after", version=1, defaults={
    "name": "After the call", "state": "published", "surfaces": ["survey", "ivr"], "graph": graph, "published_at": timezone.now()})
SurveyPlan.objects.update_or_create(queue=Queue.objects.get(code="service"), defaults={"code": "after", "way": "keys", "rest_days": 0})
None
"""

TIDY = """
SurveyPlan.objects.all().delete()
None
"""


@contextlib.asynccontextmanager
async def asked_afterwards(hands: Hands) -> AsyncIterator[None]:
    await asyncio.to_thread(hands.do, SURVEY)
    try:
        yield
    finally:
        await asyncio.to_thread(hands.do, TIDY)


def at(centre: House, interaction: int) -> str:
    """The question that the caller hears now."""
    read = "SurveyInvitation.objects.filter(interaction=pk, run__isnull=False).values_list('run__state__at', flat=True).first() or ''"
    return str(centre.hands.do(read, pk=interaction))


def answers(centre: House, interaction: int) -> dict[str, Any]:
    return dict(centre.hands.do("dict(SurveyAnswer.objects.filter(invitation__interaction=pk).values_list('name', 'value'))", pk=interaction))


@in_loop
async def test_the_caller_answers_with_keys_while_the_agent_wraps_up(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, asked_afterwards(shared_hands):
        alice, phone, interaction = await talk(centre)
        await asyncio.to_thread(alice.act, "hang_up", interaction)
        await centre.state(interaction, "wrapup")
        assert alice.state == "wrapup"
        await centre.eventually(lambda: at(centre, interaction) == "rate")
        await until(lambda: loudness(phone.heard(1.0)) > 200)  # the question
        talked = centre.hands.do("Segment.objects.values('end_cause', 'ended_at').get(interaction=pk)", pk=interaction)
        assert talked["end_cause"] == "hung_up", "the talk ended when the agent hung up"
        await alice.wrap_up(interaction)
        await centre.state(interaction, "ended")
        assert alice.state == "ready", "free for the next call while the caller answers"
        phone.press("4")
        phone.press("#")
        await centre.eventually(lambda: at(centre, interaction) == "solved")
        phone.press("1")
        assert await phone.ended(30) == "them", "thanked, and the call ends"
        await centre.eventually(lambda: centre.events(interaction).count("voice.call_ended") == 1)
        assert answers(centre, interaction) == {"after.rating": 4, "after.solved": "yes"}
        kinds = centre.events(interaction)
        assert [kinds.count(kind) for kind in ("interactions.ended", "interactions.closed", "guidance.survey_answered")] == [1, 1, 1]
        assert kinds.index("interactions.ended") < kinds.index("guidance.survey_answered") < kinds.index("voice.call_ended")
        assert centre.row(interaction, "end_cause")["end_cause"] == "agent"


@in_loop
async def test_a_caller_who_leaves_has_said_what_was_keyed(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, asked_afterwards(shared_hands):
        alice, phone, interaction = await talk(centre)
        await asyncio.to_thread(alice.act, "hang_up", interaction)
        await centre.eventually(lambda: at(centre, interaction) == "rate")
        phone.press("2")
        phone.press("#")
        await centre.eventually(lambda: at(centre, interaction) == "solved")
        phone.hang_up()
        await centre.eventually(lambda: centre.events(interaction).count("voice.call_ended") == 1)
        assert answers(centre, interaction) == {"after.rating": 2}
        kept = centre.hands.do("SurveyInvitation.objects.values('answered_at', 'run__ended_by', 'way').get(interaction=pk)", pk=interaction)
        assert kept == {"answered_at": None, "run__ended_by": "hung_up", "way": "keys"}


@in_loop
async def test_who_presses_for_a_person_after_the_talk_is_let_go(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, asked_afterwards(shared_hands):
        alice, phone, interaction = await talk(centre)
        await asyncio.to_thread(alice.act, "hang_up", interaction)
        await centre.eventually(lambda: at(centre, interaction) == "rate")
        phone.press("0")
        assert await phone.ended(30) == "them"
        assert centre.hands.do("Entry.objects.filter(interaction=pk).count()", pk=interaction) == 1, "into no queue"


@in_loop
async def test_a_caller_who_hangs_up_first_is_asked_nothing(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, asked_afterwards(shared_hands):
        _alice, phone, interaction = await talk(centre)
        phone.hang_up()
        await centre.state(interaction, "wrapup")
        await centre.eventually(lambda: centre.events(interaction).count("voice.call_ended") == 1)
        assert not centre.hands.do("SurveyInvitation.objects.filter(interaction=pk).exists()", pk=interaction)

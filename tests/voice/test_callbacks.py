"""Promises with real sound: a message is offered, heard and called back; a machine answers, and the customer calls in before the next try."""

from __future__ import annotations

import asyncio

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import strength
from tests.voice.hands import Hands
from tests.voice.house import house, in_loop
from tests.voice.test_outbound import ALICE, CALLER, IN_TOWN, NO_POLICY, NOOR, town
from tests.voice.test_outcomes import greeting
from tests.voice.test_voicemail import tidy

POLICY = """
from cordboard.rules.models import Policy
Policy.objects.update_or_create(area="dialling", code="dialling", version=1, defaults={"name": "Dialling", "state": "published", "body": {
    "schema": 1, "mode": "all", "timezone": "UTC", "rules": [],
    "parameters": {"callback": {"quiet": {"*": ["00:00", "00:00"]}, "intervals": [30], "messages": "offer"}}}})
None
"""

PROMISE = """
from cordboard.routing import actions_callback
made = actions_callback.request(number, Queue.objects.get(code="service"), origin="web", about="Her order")
made.pk
"""

CALL_BACK = """
from cordboard.routing import actions_message
actions_message.call_back(User.objects.get(pk=me), interaction)
"""

HEAR = """
from cordboard.channels.voice import actions_voicemail
row = Voicemail.objects.get(callback=callback)
actions_voicemail.hear(User.objects.get(pk=me), row.pk).seconds
"""

STATE = "dict(Callback.objects.values('state', 'tries', 'outcome', 'settled_in').get(pk=pk))"


@in_loop
async def test_a_message_is_offered_heard_and_called_back(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, tidy(shared_hands), town(shared_hands) as there:
        await asyncio.to_thread(shared_hands.do, POLICY)
        try:
            caller = await (await centre.phone(to="177", hertz=CALLER)).answered()
            await until(lambda: strength(caller.heard(), 1000.0) > 1000)  # the tone
            left = centre.newest()
            await asyncio.sleep(2.0)
            caller.press("#")
            assert await caller.ended(20) == "them"
            promised = await centre.eventually(lambda: centre.hands.do("Callback.objects.filter(asked_in=pk).values_list('pk', flat=True).first()", pk=left))

            alice = centre.agent("alice", ALICE, queues=("second",)).sit_down().ready()
            contact = await alice.rings(20)
            assert contact != left
            assert centre.hands.do("Segment.objects.get(interaction=pk).kind", pk=contact) == "message"
            await alice.accept(contact)
            assert not there.calls, "it is heard first"
            sound = centre.hands.do(HEAR, me=alice.pk, callback=promised)
            assert sound > 1.0
            came = await asyncio.to_thread(centre.hands.do, CALL_BACK, me=alice.pk, interaction=contact)
            assert came["done"], came
            noor = await (await there.rings(NOOR)).answer()
            await noor.hears(ALICE)
            await alice.hears(IN_TOWN)
            noor.hang_up()
            await centre.state(int(came["interaction"]), "wrapup")
            assert centre.row(contact, "end_cause")["end_cause"] == "called_back"
            assert centre.hands.do(STATE, pk=promised) == {"state": "done", "tries": 1, "outcome": "answered", "settled_in": None}
        finally:
            await asyncio.to_thread(shared_hands.do, NO_POLICY)


@in_loop
async def test_a_machine_answers_and_the_customer_calls_in_before_the_next_try(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, town(shared_hands) as there:
        await asyncio.to_thread(shared_hands.do, POLICY)
        there.says[NOOR] = greeting(shared_centre.data / "files" / "prompts")
        try:
            alice = centre.agent("alice", ALICE).sit_down().ready()
            promised = await asyncio.to_thread(centre.hands.do, PROMISE, number=NOOR)
            attempt = await alice.rings(20)
            await alice.accept(attempt)
            await (await there.rings(NOOR)).answer()
            await centre.eventually(lambda: centre.hands.do("Outgoing.objects.get(interaction=pk).outcome", pk=attempt) == "voicemail", 40)
            await asyncio.to_thread(alice.act, "hang_up", attempt)
            await centre.state(attempt, "wrapup")
            assert centre.hands.do(STATE, pk=promised) == {"state": "scheduled", "tries": 1, "outcome": "voicemail", "settled_in": None}
            await alice.wrap_up(attempt)

            caller = await (await centre.phone(from_=NOOR, hertz=CALLER)).answered()
            call = await alice.rings(20)
            await alice.accept(call)
            await caller.hears(ALICE)
            await alice.hears(CALLER)
            await centre.eventually(lambda: centre.hands.do(STATE, pk=promised)["state"] == "done")
            assert centre.hands.do(STATE, pk=promised) == {"state": "done", "tries": 1, "outcome": "called_in", "settled_in": call}
            kept = centre.hands.do("ContextValue.objects.get(interaction=pk, name='callback_settled').value", pk=call)
            assert kept["about"] == "Her order"
        finally:
            await asyncio.to_thread(shared_hands.do, NO_POLICY)

"""Calls of ours with real sound, over a trunk to people in town: alice hums 1000 Hz, whoever is called 700 Hz, callers 440 Hz."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import strength
from tests.voice.hands import Hands
from tests.voice.house import Agent, House, house, in_loop
from tests.voice.telephone import Telephone
from tests.voice.town import Town

ALICE, IN_TOWN, CALLER = 1000.0, 700.0, 440.0
NOOR = "+31205550123"

TRUNK = """
from cordboard.channels.voice.actions_trunk import set_trunk
from cordboard.telephony import driver
set_trunk(None, driver.Trunk("town", "127.0.0.1", port, numbers=("+31850001000",), any_caller_id=True, keepalive=0.0), name="Town")
Queue.objects.filter(code="service").update(caller_id="+31850001000")
None
"""

POLICY = """
from cordboard.rules.models import Policy
Policy.objects.update_or_create(area="dialling", code="dialling", version=1, defaults={"name": "Dialling", "state": "published", "body": {
    "schema": 1, "mode": "all", "timezone": "UTC",
    "parameters": {"callback": {"quiet": {"*": ["00:00", "00:00"]}, "intervals": [1], "offer_after": 2, "key": "1"}},
    "rules": [{"id": "offer", "name": "Offer a callback", "when": {"fact": "queue.code", "op": "is", "value": "service"}, "actions": [{"do": "offer_callback"}]}],
}})
None
"""

NO_POLICY = """
from cordboard.rules.models import Policy
Policy.objects.filter(area="dialling").delete()
Callback.objects.filter(closed_at=None).update(state="cancelled", due_at=None)
None
"""


@contextlib.asynccontextmanager
async def town(hands: Hands, **who: Any) -> AsyncIterator[Town]:
    made = await Town(IN_TOWN, **who).open()
    try:
        await asyncio.to_thread(hands.do, TRUNK, port=made.port)
        yield made
    finally:
        await made.close()


async def dial(alice: Agent, number: str = NOOR) -> int:
    came = await asyncio.to_thread(alice.house.hands.do, "actions_outbound.dial(User.objects.get(pk=me), number)", me=alice.pk, number=number)
    assert came["done"], came
    return int(came["interaction"])


def outcome(centre: House, interaction: int) -> str:
    return str(centre.hands.do("Outgoing.objects.get(interaction=pk).outcome", pk=interaction))


@in_loop
async def test_alice_calls_noor_and_they_talk(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, town(shared_hands) as there:
        alice = centre.agent("alice", ALICE).sit_down().ready()
        interaction = await dial(alice)
        assert alice.state == "talking"
        noor = await there.rings(NOOR)
        assert noor.shown == "+31850001000"
        await until(lambda: strength(alice.heard(), 425.0) > 300)  # she hears it ring
        await centre.eventually(lambda: centre.hands.do("Outgoing.objects.get(interaction=pk).rang_at is not None", pk=interaction))
        await noor.answer()
        await noor.hears(ALICE)
        await alice.hears(IN_TOWN)
        noor.hang_up()
        await centre.state(interaction, "wrapup")
        assert outcome(centre, interaction) == "answered"
        await alice.wrap_up(interaction)
        assert alice.state == "ready"
        assert centre.events(interaction).count("routing.dial_requested") == 1


@pytest.mark.parametrize(("number", "came"), [("+31205550186", "busy"), ("+31205550104", "unknown_number"), ("+31205550103", "rejected")])
@in_loop
async def test_why_nobody_answered(shared_centre: Centre, shared_hands: Hands, number: str, came: str) -> None:
    who = {"busy": "+31205550186", "unknown": "+31205550104", "declines": "+31205550103"}
    async with house(shared_centre, shared_hands) as centre, town(shared_hands, **who) as there:
        alice = centre.agent("alice", ALICE).sit_down().ready()
        interaction = await dial(alice, number)
        await centre.state(interaction, "wrapup")
        assert outcome(centre, interaction) == came
        assert number not in there.calls
        await until(lambda: not alice.page.legs)  # type: ignore[union-attr]


@in_loop
async def test_alice_gives_up_while_it_rings(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, town(shared_hands) as there:
        alice = centre.agent("alice", ALICE).sit_down().ready()
        interaction = await dial(alice)
        noor = await there.rings(NOOR)
        await asyncio.to_thread(alice.act, "hang_up", interaction)
        await asyncio.wait_for(noor.over.wait(), 15)
        await centre.state(interaction, "wrapup")
        assert outcome(centre, interaction) == "cancelled"


@in_loop
async def test_without_a_softphone_nobody_is_called(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, town(shared_hands) as there:
        alice = centre.agent("alice", ALICE)
        alice.act("set_ready")
        interaction = await dial(alice)
        await centre.state(interaction, "wrapup", 30)
        assert outcome(centre, interaction) == "failed"
        assert not there.calls


async def caller_takes_the_offer(caller: Telephone) -> None:
    """Call me back; yes, on this number: pressed now and then, until the service says goodbye."""
    ended = asyncio.create_task(caller.ended(60))
    while not (await asyncio.wait({ended}, timeout=2.0))[0]:
        caller.press("1")
    assert ended.result() == "them"


@in_loop
async def test_a_caller_keeps_the_place_hangs_up_and_is_called_back(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, town(shared_hands) as there:
        await asyncio.to_thread(shared_hands.do, POLICY)
        try:
            caller = await (await centre.phone(hertz=CALLER)).answered()
            first = await centre.eventually(centre.newest)
            await centre.state(first, "waiting")
            await centre.eventually(lambda: centre.hands.do("Decision.objects.filter(interaction=pk, kind='callback').exists()", pk=first))
            caller.press("1")  # nothing was offered yet: the menu's key, pressed twice
            await asyncio.sleep(1.0)
            assert centre.row(first, "state")["state"] == "waiting"
            await caller_takes_the_offer(caller)
            await centre.state(first, "ended")
            assert centre.row(first, "end_cause")["end_cause"] == "callback"
            since = centre.hands.do("str(Entry.objects.get(interaction=pk).waiting_since)", pk=first)

            alice = centre.agent("alice", ALICE).sit_down().ready()
            attempt = await alice.rings()
            assert attempt != first
            assert centre.hands.do("str(Entry.objects.get(interaction=pk).waiting_since)", pk=attempt) == since
            assert NOOR not in there.calls  # nobody is called before an agent is there
            await alice.accept(attempt)
            noor = await (await there.rings(NOOR)).answer()
            await noor.hears(ALICE)
            await alice.hears(IN_TOWN)
            noor.hang_up()
            await centre.state(attempt, "wrapup")
            done = centre.hands.do("dict(Callback.objects.values('state', 'tries', 'outcome').get(asked_in=pk))", pk=first)
            assert done == {"state": "done", "tries": 1, "outcome": "answered"}
        finally:
            await asyncio.to_thread(shared_hands.do, NO_POLICY)

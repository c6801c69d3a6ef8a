"""Calls from ring to wrap-up, with real sound: a SIP telephone hums 440 Hz, alice hums 1000 Hz, bob 1700 Hz."""

from __future__ import annotations

import asyncio

import pytest

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import hears, loudness
from tests.voice.hands import Hands
from tests.voice.house import House, house, in_loop

ALICE, BOB, CALLER = 1000.0, 1700.0, 440.0


async def talk(centre: House, **caller: str):  # type: ignore[no-untyped-def]
    """Alice talks to a caller: (alice, telephone, interaction)."""
    alice = centre.agent("alice", ALICE).sit_down().ready()
    phone = await (await centre.phone(**caller)).answered()
    interaction = await alice.rings()
    await alice.accept(interaction)
    await phone.hears(ALICE)
    await alice.hears(CALLER)
    return alice, phone, interaction


@in_loop
async def test_a_call_rings_is_answered_and_ends(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        phone.hang_up()
        await centre.state(interaction, "wrapup")
        await alice.wrap_up(interaction)
        await centre.state(interaction, "ended")
        assert centre.row(interaction, "end_cause", "from_address") == {"end_cause": "customer", "from_address": "+31205550123"}
        kinds = centre.events(interaction)
        for once in ("interactions.opened", "interactions.ended", "interactions.closed", "voice.call_began"):
            assert kinds.count(once) == 1
        await centre.eventually(lambda: centre.events(interaction).count("voice.call_ended") == 1)


@in_loop
async def test_music_while_one_waits(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        phone = await (await centre.phone()).answered()
        await until(lambda: len(phone.line.heard) > 50 and loudness(phone.heard(1.0)) > 200)
        interaction = centre.newest()
        await centre.state(interaction, "waiting")
        phone.hang_up()
        await centre.state(interaction, "ended")
        assert centre.row(interaction, "end_cause")["end_cause"] == "abandoned"


@in_loop
async def test_the_agent_hangs_up(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        await asyncio.to_thread(alice.act, "hang_up", interaction)
        assert await phone.ended() == "them"
        await centre.state(interaction, "wrapup")
        assert centre.row(interaction, "end_cause")["end_cause"] == "agent"
        assert alice.state == "wrapup"


@in_loop
async def test_hold_with_music_and_back(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        await asyncio.to_thread(alice.act, "hold", interaction)
        await phone.hears_not(ALICE)
        await alice.hears_not(CALLER)
        await until(lambda: loudness(phone.heard(1.0)) > 200)
        await asyncio.to_thread(alice.act, "resume", interaction)
        await phone.hears(ALICE)
        await alice.hears(CALLER)


@in_loop
async def test_blind_transfer_to_a_colleague(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        bob = centre.agent("bob", BOB).sit_down().ready()
        came = await asyncio.to_thread(alice.act, "transfer", interaction, to_agent=bob.pk)
        assert came["done"], came
        assert await bob.rings() == interaction
        await phone.hears_not(ALICE)
        await bob.accept(interaction)
        await phone.hears(BOB)
        await bob.hears(CALLER)
        assert alice.state == "wrapup"
        assert alice.page is not None
        assert not alice.page.legs  # her connection was closed


@in_loop
async def test_blind_transfer_to_a_queue(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        bob = centre.agent("bob", BOB, queues=("second",)).sit_down()
        second = centre.hands.do("Queue.objects.get(code='second')")
        assert (await asyncio.to_thread(alice.act, "transfer", interaction, to_queue=second))["done"]
        await until(lambda: loudness(phone.heard(1.0)) > 200)
        await phone.hears_not(ALICE)
        bob.ready()
        assert await bob.rings() == interaction
        await bob.accept(interaction)
        await phone.hears(BOB)


@in_loop
async def test_warm_transfer(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        bob = centre.agent("bob", BOB).sit_down().ready()
        assert (await asyncio.to_thread(alice.act, "consult", interaction, to_agent=bob.pk))["done"]
        await bob.rings()
        await bob.accept(interaction)
        await alice.hears(BOB)
        await bob.hears(ALICE)
        await phone.hears_not(ALICE)
        await until(lambda: loudness(phone.heard(1.0)) > 200)  # music
        await bob.hears_not(CALLER)
        assert (await asyncio.to_thread(alice.act, "complete_consult", interaction))["done"]
        await phone.hears(BOB)
        await bob.hears(CALLER)
        await bob.hears_not(ALICE)
        assert alice.state == "wrapup"
        phone.hang_up()
        await centre.state(interaction, "wrapup")
        await bob.wrap_up(interaction)
        await alice.wrap_up(interaction)
        await centre.state(interaction, "ended")


@in_loop
async def test_warm_transfer_backed_out(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        bob = centre.agent("bob", BOB).sit_down().ready()
        assert (await asyncio.to_thread(alice.act, "consult", interaction, to_agent=bob.pk))["done"]
        await bob.rings()
        await bob.accept(interaction)
        await alice.hears(BOB)
        assert (await asyncio.to_thread(alice.act, "back_out_of_consult", interaction))["done"]
        await phone.hears(ALICE)
        await alice.hears(CALLER)
        assert bob.page is not None
        await until(lambda: not bob.page.legs)
        assert bob.state == "ready"


@in_loop
async def test_completed_while_it_still_rings(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        bob = centre.agent("bob", BOB).sit_down().ready()
        assert (await asyncio.to_thread(alice.act, "consult", interaction, to_agent=bob.pk))["done"]
        await bob.rings()
        assert (await asyncio.to_thread(alice.act, "complete_consult", interaction))["done"]
        await bob.accept(interaction)
        await phone.hears(BOB)
        await bob.hears(CALLER)


@in_loop
async def test_rejected_goes_to_the_next(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice = centre.agent("alice", ALICE).sit_down().ready()
        phone = await (await centre.phone()).answered()
        interaction = await alice.rings()
        bob = centre.agent("bob", BOB).sit_down().ready()
        await asyncio.to_thread(alice.act, "reject_offer", interaction, "leaving")
        assert await bob.rings() == interaction
        await bob.accept(interaction)
        await phone.hears(BOB)
        assert alice.page is not None
        await until(lambda: not alice.page.legs)


@in_loop
async def test_two_accept_at_once(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice = centre.agent("alice", ALICE).sit_down().ready()
        phone = await (await centre.phone()).answered()
        interaction = await alice.rings()
        bob = centre.agent("bob", BOB).sit_down().ready()
        first, second = await asyncio.gather(asyncio.to_thread(alice.act, "accept_offer", interaction), asyncio.to_thread(bob.act, "accept_offer", interaction))
        assert first["done"]
        assert not second["done"]
        assert second["words"]
        await phone.hears(ALICE)
        assert bob.state == "ready"


@in_loop
async def test_nobody_answers(shared_centre: Centre, shared_hands: Hands) -> None:
    """RONA: the agent who does not answer is not ready, the caller keeps the music and goes on to the next."""
    async with house(shared_centre, shared_hands) as centre:
        centre.hands.do("Queue.objects.filter(code='service').update(ring_seconds=2)")
        try:
            alice = centre.agent("alice", ALICE).sit_down().ready()
            phone = await (await centre.phone()).answered()
            interaction = await alice.rings()
            await centre.eventually(lambda: alice.state == "not_ready")
            await until(lambda: loudness(phone.heard(1.0)) > 200)
            bob = centre.agent("bob", BOB).sit_down().ready()
            assert await bob.rings() == interaction
            await bob.accept(interaction)
            await phone.hears(BOB)
        finally:
            centre.hands.do("Queue.objects.filter(code='service').update(ring_seconds=20)")


@in_loop
async def test_an_agent_without_a_page_is_passed_over(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice = centre.agent("alice", ALICE).ready()  # says she is ready, but her browser has no softphone
        phone = await (await centre.phone()).answered()
        interaction = await alice.rings()
        await centre.eventually(lambda: alice.state == "not_ready", 15)
        bob = centre.agent("bob", BOB).sit_down().ready()
        assert await bob.rings() == interaction
        await bob.accept(interaction)
        await phone.hears(BOB)


@in_loop
async def test_a_reloaded_page_comes_back_into_the_call(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        assert alice.page is not None
        tab = alice.page.tab
        legs = set(alice.page.legs)
        alice.page.leave()
        await until(lambda: hears(phone.heard(0.1), 440))  # a short tone: the line is still there
        alice.sit_down(tab)
        await until(lambda: alice.page is not None and set(alice.page.legs) == legs)  # asked for the same leg anew
        await asyncio.sleep(1.0)
        await phone.hears(ALICE, 20)
        await alice.hears(CALLER)
        assert centre.row(interaction, "state")["state"] == "active"


@pytest.mark.slow
@in_loop
async def test_an_agent_whose_media_is_gone(shared_centre: Centre, shared_hands: Hands) -> None:
    """Ten seconds, then music; twenty more, then the head of the queue: bob has the caller."""
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talk(centre)
        assert alice.page is not None
        alice.page.leave()
        await centre.eventually(lambda: "routing.agent_media_lost" in centre.events(interaction), 16)
        await until(lambda: loudness(phone.heard(1.0)) > 200)
        bob = centre.agent("bob", BOB).sit_down().ready()
        assert await bob.rings(26) == interaction
        await bob.accept(interaction)
        await phone.hears(BOB)
        entered = centre.hands.do("list(Entry.objects.filter(interaction=pk).order_by('id').values_list('waiting_since', flat=True))", pk=interaction)
        assert entered[0] == entered[-1]  # with its original wait

"""More than two in a call, with real sound: who hears whom is told by frequency. The caller hums 440 Hz, alice 1000, bob 1700, carol 2400."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import loudness, strength
from tests.voice.hands import Hands
from tests.voice.house import Agent, House, house, in_loop
from tests.voice.telephone import Telephone
from tests.voice.test_outbound import IN_TOWN, town
from tests.voice.town import Called, Town

CALLER, ALICE, BOB, CAROL = 440.0, 1000.0, 1700.0, 2400.0


async def act(who: Agent, what: str, *more: Any, **named: Any) -> dict[str, Any]:
    came: dict[str, Any] = await asyncio.to_thread(who.act, what, *more, **named)
    assert came["done"], came
    return came


async def talking(centre: House) -> tuple[Agent, Telephone, int]:
    alice = centre.agent("alice", ALICE).sit_down().ready()
    phone = await (await centre.phone(hertz=CALLER)).answered()
    interaction = await alice.rings()
    await alice.accept(interaction)
    await phone.hears(ALICE)
    await alice.hears(CALLER)
    return alice, phone, interaction


async def consulting(centre: House) -> tuple[Agent, Agent, Telephone, int]:
    alice, phone, interaction = await talking(centre)
    bob = centre.agent("bob", BOB).sit_down().ready()
    await act(alice, "consult", interaction, to_agent=bob.pk)
    await bob.rings()
    await bob.accept(interaction)
    await bob.hears(ALICE)
    await alice.hears(BOB)
    await phone.hears_not(ALICE)
    return alice, bob, phone, interaction


async def music(heard: Any) -> None:
    await until(lambda: loudness(heard(1.0)) > 200)


@in_loop
async def test_swap_then_conference_then_one_leaves(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, bob, phone, interaction = await consulting(centre)
        await act(alice, "swap", interaction)  # to the customer; bob hears music
        await phone.hears(ALICE)
        await alice.hears(CALLER)
        await bob.hears_not(ALICE)
        await bob.hears_not(CALLER)
        await music(bob.heard)
        await act(alice, "swap", interaction)  # back to bob; the customer hears music
        await bob.hears(ALICE)
        await phone.hears_not(ALICE)
        await music(phone.heard)
        await act(alice, "merge", interaction)
        for person, tones in ((phone, (ALICE, BOB)), (alice, (CALLER, BOB)), (bob, (CALLER, ALICE))):
            for tone in tones:
                await person.hears(tone)
        await act(alice, "leave_conference", interaction)
        await phone.hears(BOB)
        await bob.hears(CALLER)
        await bob.hears_not(ALICE)
        await phone.hears_not(ALICE)
        assert alice.state == "wrapup"
        assert centre.row(interaction, "agent")["agent"] == bob.pk
        await act(bob, "hang_up", interaction)
        assert await phone.ended() == "them"


@in_loop
async def test_invited_into_the_talk(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talking(centre)
        bob = centre.agent("bob", BOB).sit_down().ready()
        await act(alice, "invite", interaction, to_agent=bob.pk)
        await bob.rings()
        await phone.hears(ALICE)  # the talk goes on
        await bob.accept(interaction)
        for person, tones in ((phone, (ALICE, BOB)), (alice, (CALLER, BOB)), (bob, (CALLER, ALICE))):
            for tone in tones:
                await person.hears(tone)
        phone.hang_up()
        await centre.state(interaction, "wrapup")
        assert (alice.state, bob.state) == ("wrapup", "wrapup")


@in_loop
async def test_silent_monitoring_whisper_and_barge_in(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        centre.hands.do("Queue.objects.filter(code='service').update(supervision_notice='never')")
        try:
            alice, phone, interaction = await talking(centre)
            carol = centre.agent("carol", CAROL, queues=()).sit_down()
            await act(carol, "supervise", interaction, "listen")
            await carol.hears(CALLER)
            await carol.hears(ALICE)
            await alice.hears_not(CAROL)
            await phone.hears_not(CAROL)
            await act(carol, "supervise", interaction, "whisper")
            await alice.hears(CAROL)
            await phone.hears_not(CAROL)
            await phone.hears(ALICE)
            await act(carol, "supervise", interaction, "barge")
            await phone.hears(CAROL)
            await alice.hears(CAROL)
            await act(carol, "supervise", interaction, "listen")
            await phone.hears_not(CAROL)
            await alice.hears_not(CAROL)
            assert alice.state == "talking"
            await act(carol, "stop_supervising", interaction)
            await phone.hears(ALICE)
            assert carol.page is not None
            await until(lambda: not carol.page.legs)
        finally:
            centre.hands.do("Queue.objects.filter(code='service').update(supervision_notice='country')")


@in_loop
async def test_the_caller_is_told_before_anybody_listens_in(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talking(centre)
        carol = centre.agent("carol", CAROL, queues=()).sit_down()
        await act(carol, "supervise", interaction, "listen")
        await phone.hears_not(ALICE)  # an announcement in its place
        assert len(carol.heard()) == 0 or loudness(carol.heard()) < 50
        await phone.hears(ALICE)
        await carol.hears(CALLER)
        await carol.hears(ALICE)
        assert alice.state == "talking"


@in_loop
async def test_parked_and_picked_up(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        alice, phone, interaction = await talking(centre)
        bob = centre.agent("bob", BOB).sit_down().ready()
        came = await asyncio.to_thread(alice.act, "park", interaction)
        assert came["done"], came
        await phone.hears_not(ALICE)
        await music(phone.heard)
        place = centre.hands.do("Parked.objects.get(interaction=pk, ended_at=None).place", pk=interaction)
        await act(bob, "pick_up", place)
        await phone.hears(BOB)
        await bob.hears(CALLER)
        assert alice.state == "ready"


NOOR = "+31205550177"


@contextlib.asynccontextmanager
async def noor(centre: House) -> AsyncIterator[Town]:
    """Somebody in town, who hums 700 Hz; a second number there is busy."""
    async with town(centre.hands, busy="+31205550186") as there:
        yield there


async def dialled(centre: House, alice: Agent, interaction: int, purpose: str, there: Town) -> Called:
    await act(alice, "dial_outside", interaction, NOOR, purpose)
    called = await there.rings(NOOR)
    assert called.shown == "+31850001000"
    return called


@in_loop
async def test_somebody_outside_is_asked_then_has_the_customer(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, noor(centre) as there:
        alice, phone, interaction = await talking(centre)
        called = await dialled(centre, alice, interaction, "consult", there)
        await until(lambda: strength(alice.heard(), 425.0) > 300)  # she hears it ring
        await music(phone.heard)
        await called.answer()
        await alice.hears(IN_TOWN)
        await called.hears(ALICE)
        await phone.hears_not(ALICE)
        await act(alice, "swap", interaction)
        await phone.hears(ALICE)
        await alice.hears_not(IN_TOWN)
        await act(alice, "swap", interaction)
        await alice.hears(IN_TOWN)
        await act(alice, "complete_consult", interaction)
        await phone.hears(IN_TOWN)
        await called.hears(CALLER)
        assert alice.state == "wrapup"
        called.hang_up()
        assert await phone.ended() == "them"
        await centre.eventually(lambda: centre.row(interaction, "end_cause")["end_cause"] == "outside")


@in_loop
async def test_somebody_outside_joins(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, noor(centre) as there:
        alice, phone, interaction = await talking(centre)
        called = await dialled(centre, alice, interaction, "conference", there)
        await phone.hears(ALICE)  # the talk goes on
        await called.answer()
        for person, tones in ((phone, (ALICE, IN_TOWN)), (alice, (CALLER, IN_TOWN)), (called, (CALLER, ALICE))):
            for tone in tones:
                await person.hears(tone)
        called.hang_up()
        await phone.hears_not(IN_TOWN)
        await phone.hears(ALICE)


@in_loop
async def test_a_transfer_outside_that_is_busy_comes_back(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, noor(centre):
        alice, phone, interaction = await talking(centre)
        await act(alice, "dial_outside", interaction, "+31205550186", "transfer")
        await centre.eventually(lambda: "interactions.outside_ended" in centre.events(interaction))
        await phone.hears(ALICE)
        await alice.hears(CALLER)
        assert centre.hands.do("OutsideParty.objects.get(interaction=pk).cause", pk=interaction) == "busy"

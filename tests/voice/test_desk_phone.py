"""An agent at a desk telephone, with the desktop as the control: a SIP caller hums 440 Hz, alice's handset 1000 Hz, bob's softphone 1700 Hz."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import numpy as np

from cordboard.lib.testing.centre import Centre
from cordboard.telephony import phone
from cordboard.telephony.handset import Handset
from cordboard.telephony.phone import described
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import loudness, strength
from tests.voice.hands import Hands
from tests.voice.house import Agent, House, house, in_loop
from tests.voice.telephone import LOCAL, Telephone, hum

ALICE, CALLER, BOB, SECOND = 1000.0, 440.0, 1700.0, 1400.0

ADD = """
from cordboard.channels.voice import actions_phone
from cordboard.channels.voice.models import Phone
user = User.objects.get(pk=me)
Phone.objects.filter(account=account).delete()
row, _ = actions_phone.add_phone(None, account, user, secret="kettle", answers_itself=itself)
actions_phone.choose_device(user, account)
row.pk
"""
REMOVE = """
from cordboard.channels.voice import actions_phone
from cordboard.channels.voice.models import Phone
for row in Phone.objects.all():
    actions_phone.remove_phone(None, row)
"""


SHOWN = """
from django.utils import timezone
from cordboard.desktop.presenters.telephone import telephone
from cordboard.interactions.queries import open_for_agent
user = User.objects.get(pk=me)
shown = telephone(user, open_for_agent(user), timezone.now())
[shown.comm.clock_words, shown.phase.value]
"""
"""What the desk says beside the clock, and which buttons it has."""


@contextlib.asynccontextmanager
async def desk(centre: House, *, transport: str = "udp", itself: bool = False) -> AsyncIterator[tuple[Agent, Handset]]:
    """Alice at her desk telephone, ready."""
    alice = centre.agent("alice", ALICE).sit_down()
    row = await asyncio.to_thread(centre.hands.do, ADD, me=alice.pk, account="alice-desk", itself=itself)
    handset = Handset("alice-desk", "kettle", phone.Line(hum(ALICE)))
    for _ in range(20):  # the switch hears of the account in a moment; until then it asks for the secret in vain, as with any other
        await handset.start(LOCAL, centre.centre.sip_port, transport)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(handset.registered.wait(), 1.0)
            break
        await handset.stop(leave=False)
        handset = Handset("alice-desk", "kettle", phone.Line(hum(ALICE)))
    assert handset.registered.is_set(), centre.centre.log[-4000:]
    there = "from cordboard.channels.voice.models import PhoneContact\nPhoneContact.objects.filter(phone=row).count()"
    await centre.eventually(lambda: centre.hands.do(there, row=row) == 1)
    alice.ready()
    try:
        yield alice, handset
    finally:
        await handset.stop()
        await asyncio.to_thread(centre.hands.do, REMOVE)


def on(line: phone.Line, hertz: float) -> bool:
    """This tone is what came on the line last."""
    return len(line.heard) > 30 and strength(np.concatenate(line.heard[-30:]), hertz) > 1500


async def ringing(centre: House, alice: Agent, handset: Handset) -> tuple[Telephone, int]:
    """A customer calls, and alice's desk telephone rings."""
    caller = await (await centre.phone()).answered()
    await asyncio.wait_for(handset.rings.wait(), 15)
    return caller, await alice.rings()


async def talking(centre: House, alice: Agent, handset: Handset) -> tuple[Telephone, int]:
    """Alice has picked up, and the customer hears her."""
    caller, interaction = await ringing(centre, alice, handset)
    handset.pick_up()
    await caller.hears(ALICE)
    return caller, interaction


@in_loop
async def test_picking_up_accepts_and_hanging_up_ends(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, desk(centre) as (alice, handset):
        caller = await (await centre.phone()).answered()
        await asyncio.wait_for(handset.rings.wait(), 15)
        assert handset.session is not None
        assert handset.session.request.from_.uri.number == "+31205550123"
        assert alice.page is not None
        interaction = await alice.rings()
        handset.pick_up()
        await caller.hears(ALICE)
        await until(lambda: on(handset.line, CALLER))
        await centre.state(interaction, "active")
        assert alice.page.legs == {}  # the browser was not asked
        handset.hang_up()
        await centre.state(interaction, "wrapup")
        assert await caller.ended() == "them"
        await alice.wrap_up(interaction)
        await centre.state(interaction, "ended")


@in_loop
async def test_accepting_on_the_desktop_lets_a_telephone_that_can_pick_up_by_itself(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, desk(centre, transport="tcp", itself=True) as (alice, handset):
        caller = await (await centre.phone()).answered()
        interaction = await alice.rings()
        assert not handset.rings.is_set()
        await alice.accept(interaction)
        await caller.hears(ALICE)
        assert handset.asked_to_answer
        caller.hang_up()
        await asyncio.wait_for(handset.over.wait(), 10)
        await centre.state(interaction, "wrapup")
        await alice.wrap_up(interaction)


@in_loop
async def test_the_key_for_no_rejects_and_another_agent_is_asked(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, desk(centre) as (alice, handset):
        caller, interaction = await ringing(centre, alice, handset)
        bob = centre.agent("bob", 1700.0).sit_down().ready()
        handset.decline()
        assert await bob.rings() == interaction
        await centre.eventually(lambda: "routing.offer_rejected" in centre.events(interaction))
        await bob.accept(interaction)
        await caller.hears(1700.0)
        caller.hang_up()
        await centre.state(interaction, "wrapup")
        await bob.wrap_up(interaction)


@in_loop
async def test_accepting_on_the_desktop_and_then_picking_up(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, desk(centre) as (alice, handset):
        caller, interaction = await ringing(centre, alice, handset)
        await alice.accept(interaction)
        handset.pick_up()
        await caller.hears(ALICE)
        caller.hang_up()
        await centre.state(interaction, "wrapup")
        await alice.wrap_up(interaction)


@in_loop
async def test_the_hold_key_of_a_telephone_lets_the_customer_hear_music(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, desk(centre) as (alice, handset):
        caller, interaction = await talking(centre, alice, handset)
        assert handset.session is not None
        for how in ("sendonly", "inactive"):  # telephones say it in either way
            offer = described(handset.line, LOCAL)
            handset.session.reoffer(offer.replace("a=sendrecv", f"a={how}"))
            await centre.eventually(lambda: centre.hands.do(SHOWN, me=alice.pk) == ["On hold", "held"])
            await caller.hears_not(ALICE)
            await until(lambda: loudness(caller.heard(1.0)) > 200)
            handset.session.reoffer(offer)
            await centre.eventually(lambda: centre.hands.do(SHOWN, me=alice.pk) == ["Talk", "talking"])
            await caller.hears(ALICE)
            await until(lambda: on(handset.line, CALLER))
        assert [one for one in centre.events(interaction) if "held" in one or "resumed" in one] == [
            "interactions.segment_held",
            "interactions.segment_resumed",
        ] * 2
        await caller.hears(ALICE)
        handset.hang_up()
        await centre.state(interaction, "wrapup")
        await alice.wrap_up(interaction)


@in_loop
async def test_the_transfer_key_of_a_telephone_gives_the_customer_to_a_queue(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre, desk(centre) as (alice, handset):
        caller, interaction = await talking(centre, alice, handset)
        assert handset.session is not None
        told: list[int] = []
        handset.referred = lambda session, status: told.append(status)  # type: ignore[method-assign]
        handset.session.refer("sip:no-such-colleague@127.0.0.1")
        await until(lambda: told)
        assert told == [603]
        bob = centre.agent("bob", 1700.0).sit_down().ready()
        handset.session.refer("sip:100@127.0.0.1")
        assert await bob.rings() == interaction
        await asyncio.wait_for(handset.over.wait(), 10)
        assert told == [603, 200]
        await bob.accept(interaction)
        await caller.hears(1700.0)
        caller.hang_up()
        await centre.state(interaction, "wrapup")
        await bob.wrap_up(interaction)
        await alice.wrap_up(interaction)


@dataclass
class Asking:
    """Alice has the customer on hold on her first line (the handset's own), and asks Bob on the second."""

    alice: Agent
    bob: Agent
    handset: Handset
    caller: Telephone
    asked: phone.Caller
    second: phone.Line
    interaction: int


@contextlib.asynccontextmanager
async def asking(centre: House) -> AsyncIterator[Asking]:
    async with desk(centre) as (alice, handset):
        caller, interaction = await talking(centre, alice, handset)
        bob = centre.agent("bob", BOB, queues=("second",)).sit_down().ready()
        account = "from cordboard.channels.voice import actions_phone\nactions_phone.add_phone(None, 'bob-desk', User.objects.get(pk=me))[0].pk"
        await asyncio.to_thread(centre.hands.do, account, me=bob.pk)  # he works in the browser; his telephone's name is what alice dials
        handset.hold(True)
        await centre.eventually(lambda: "interactions.segment_held" in centre.events(interaction))
        second = phone.Line(hum(SECOND))
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: second, local_addr=(LOCAL, 0))
        clock = asyncio.get_running_loop().create_task(phone.ticking(second))
        asked = handset.dial("bob-desk", second)
        assert await bob.rings() == interaction
        await bob.accept(interaction)
        await asyncio.wait_for(asked.answered.wait(), 10)
        await until(lambda: on(second, BOB))
        await bob.hears(SECOND)
        await caller.hears_not(BOB)
        yield Asking(alice, bob, handset, caller, asked, second, interaction)
        clock.cancel()
        second.close()
        await alice.wrap_up(interaction)
        caller.hang_up()
        await centre.state(interaction, "wrapup")
        await bob.wrap_up(interaction)


async def transferred(now: Asking) -> None:
    """The transfer key: both lines are through, and Bob has the customer."""
    assert now.asked.session is not None
    told: list[int] = []
    now.handset.complete(now.asked.session, told.append)
    await until(lambda: told)
    assert told == [200]
    await asyncio.wait_for(asyncio.gather(now.handset.over.wait(), now.asked.over.wait()), 10)
    await now.caller.hears(BOB)
    await now.bob.hears(CALLER)


@in_loop
async def test_a_warm_transfer_by_the_keys_of_a_telephone_with_two_lines(shared_centre: Centre, shared_hands: Hands) -> None:
    """Hold, dial the colleague's telephone on the second line, ask, and press transfer."""
    async with house(shared_centre, shared_hands) as centre, asking(centre) as now:
        await transferred(now)
        assert "routing.consult_completed" in centre.events(now.interaction)


@in_loop
async def test_a_conference_by_the_keys_of_a_telephone_with_two_lines(shared_centre: Centre, shared_hands: Hands) -> None:
    """The customer is taken off hold while the colleague is on the other line; pressing transfer then leaves the two alone."""
    async with house(shared_centre, shared_hands) as centre, asking(centre) as now:
        now.handset.hold(False)
        await now.caller.hears(BOB)
        await now.caller.hears(SECOND)
        await now.bob.hears(CALLER)
        await until(lambda: on(now.second, CALLER) and on(now.second, BOB))
        assert "routing.conference_joined" in centre.events(now.interaction)
        await transferred(now)
        assert "routing.conference_handed_on" in centre.events(now.interaction)

"""An emergency, heard word for word: by who waits, by who calls in, across a switch that dies in the middle of it; and a queue that is closed by hand."""

from __future__ import annotations

import asyncio

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import loudness
from tests.voice.hands import Hands
from tests.voice.house import house, in_loop
from tests.voice.test_faults import whole
from tests.voice.test_ivr import SHORT
from tests.voice.words import hears_words, said

FIRE = "There is a fire at our building, and nobody can help you today. We call everybody back tomorrow morning."

ACT = """
from cordboard.channels.voice import actions_emergency
from cordboard.routing.actions_entry import set_open
me, queue = User.objects.get(pk=me), Queue.objects.get(code="service").pk
{"announce": lambda: actions_emergency.announce(me, queue, {"en": text}), "end": lambda: actions_emergency.end(me, queue),
 "close": lambda: set_open(me, queue, False), "open": lambda: set_open(me, queue, True)}[what]()
"""


@in_loop
async def test_who_waits_and_who_calls_in_hears_it_until_it_is_over(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        carol = centre.agent("carol", queues=())

        async def act(what: str) -> None:
            assert await asyncio.to_thread(centre.hands.do, ACT, me=carol.pk, what=what, text=FIRE)

        waiting = await (await centre.phone()).answered()
        first = await centre.eventually(centre.newest)
        await centre.state(first, "waiting")
        await act("announce")
        try:
            await hears_words(centre, waiting, FIRE)
            fresh = await (await centre.phone(from_="+31612345678")).answered()
            await hears_words(centre, fresh, FIRE)
            second = await centre.eventually(lambda: (now := centre.newest()) != first and now)
            await centre.state(second, "waiting", 30)  # and goes on to where it wanted
        finally:
            await act("end")
        later = await (await centre.phone(from_="+31687654321")).answered()
        third = await centre.eventually(lambda: (now := centre.newest()) not in (first, second) and now)
        await centre.state(third, "waiting")
        await until(lambda: len(later.line.heard) > 150)
        assert not said(centre, later, FIRE)
        alice = centre.agent("alice", 1000.0).sit_down().ready()
        assert await alice.rings(20) == first
        await alice.accept(first)
        await waiting.hears(1000.0)


@in_loop
async def test_a_queue_closed_by_hand_takes_nobody_and_keeps_who_waits(shared_centre: Centre, shared_hands: Hands) -> None:
    async with house(shared_centre, shared_hands) as centre:
        carol = centre.agent("carol", queues=())
        await (await centre.phone()).answered()
        first = await centre.eventually(centre.newest)
        await centre.state(first, "waiting")
        assert await asyncio.to_thread(centre.hands.do, ACT, me=carol.pk, what="close", text="")
        try:
            refused = await (await centre.phone(from_="+31612345678")).answered()
            second = await centre.eventually(lambda: (now := centre.newest()) != first and now)
            assert await refused.ended(30) == "them"
            assert loudness(refused.heard(30.0)) > 200, "they are told, not cut off"
            await centre.state(second, "ended")
            assert centre.row(second, "end_cause")["end_cause"] == "closed"
            assert centre.row(first, "state")["state"] == "waiting"
        finally:
            assert await asyncio.to_thread(centre.hands.do, ACT, me=carol.pk, what="open", text="")
        again = await (await centre.phone(from_="+31612345678")).answered()
        third = await centre.eventually(lambda: (now := centre.newest()) not in (first, second) and now)
        await centre.state(third, "waiting")
        await until(lambda: loudness(again.heard(1.0)) > 200)


@in_loop
async def test_a_switch_that_dies_in_the_middle_of_it(centre: Centre, hands: Hands) -> None:
    """Who was just hearing it goes on to the flow, who had heard it is not told again, and the new switch tells it to who calls in."""
    async with house(centre, hands) as here:
        here.hands.do(
            """
from django.utils import timezone
Flow.objects.create(code="short", name="Short", version=1, state="published", surfaces=["ivr"], graph=short, published_at=timezone.now())
Line.objects.create(number="201", name="Short", flow="short", queue=Queue.objects.get(code="service"), country="NL", languages=["en"])
""",
            short=SHORT,
        )
        carol = here.agent("carol", queues=())
        waiting = await (await here.phone()).answered()
        first = await here.eventually(here.newest)
        await here.state(first, "waiting")
        assert await asyncio.to_thread(here.hands.do, ACT, me=carol.pk, what="announce", text=FIRE)
        await hears_words(here, waiting, FIRE)
        caller = await (await here.phone("201", "+31205550777")).answered()
        await hears_words(here, caller, FIRE)  # its first second
        second = await here.eventually(lambda: (now := here.newest()) != first and now)
        assert here.row(second, "state")["state"] == "automated"
        await asyncio.to_thread(centre.kill, "switch")
        since = len(waiting.line.heard)
        await hears_words(here, caller, "Press one.")
        caller.press("1")
        await here.eventually(lambda: here.hands.do("ContextValue.objects.filter(interaction=pk, name='matter').exists()", pk=second))
        fresh = await (await here.phone(from_="+31612345678")).answered()
        await hears_words(here, fresh, FIRE)
        await until(lambda: len(waiting.line.heard) > since + 250)
        assert not said(here, waiting, FIRE, since=since)
        for one in (first, second):
            whole(here, one)

"""kill -9 of one role after another while calls are up. A media process costs its own calls, the others cost none; the centre goes on, nothing is doubled."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

import pytest

from cordboard.lib.testing.centre import Centre
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import loudness
from tests.voice.hands import Hands
from tests.voice.house import House, house, in_loop
from tests.voice.test_outbound import IN_TOWN, NOOR, town

ALICE, BOB, CALLER = 1000.0, 1700.0, 440.0

BY_NIGHT_TOO = """
from cordboard.rules.models import Policy
Policy.objects.create(area="dialling", code="dialling", version=1, name="Dialling", state="published", body={
    "schema": 1, "mode": "all", "timezone": "UTC", "parameters": {"callback": {"quiet": {"*": ["00:00", "00:00"]}}}, "rules": []})
None
"""

pytestmark = pytest.mark.slow


async def talk(centre: House, name: str = "alice", hertz: float = ALICE, from_: str = NOOR):  # type: ignore[no-untyped-def]
    agent = centre.agent(name, hertz).sit_down().ready()
    phone = await (await centre.phone(from_=from_)).answered()
    interaction = await agent.rings()
    await agent.accept(interaction)
    await phone.hears(hertz)
    await agent.hears(CALLER)
    return agent, phone, interaction


def whole(centre: House, interaction: int) -> None:
    """Told once, not twice."""
    kinds = centre.events(interaction)
    for once in ("interactions.opened", "voice.call_began"):
        assert kinds.count(once) == 1, kinds
    for at_most in ("interactions.ended", "voice.call_ended", "interactions.closed"):
        assert kinds.count(at_most) <= 1, kinds
    assert centre.hands.do("Entry.objects.filter(interaction=pk, state__in=('waiting', 'offered')).count()", pk=interaction) <= 1


@in_loop
async def test_front_django_and_worker_cost_no_call(centre: Centre, hands: Hands) -> None:
    async with house(centre, hands) as here:
        alice, phone, interaction = await talk(here)
        for role in ("front", "worker", "django"):
            await asyncio.to_thread(centre.kill, role)
            await phone.hears(ALICE, 8)
            await alice.hears(CALLER, 8)
        assert here.row(interaction, "state")["state"] == "active"
        bob = here.agent("bob", BOB).sit_down().ready()  # the centre goes on: the next call finds its way
        second = await (await here.phone(from_="+31612345678")).answered()
        other = await bob.rings(20)
        await bob.accept(other)
        await second.hears(BOB)
        phone.hang_up()
        second.hang_up()
        for one in (interaction, other):
            await here.state(one, "wrapup")
            whole(here, one)


@in_loop
async def test_the_switch_dies_and_no_call_hears_of_it(centre: Centre, hands: Hands) -> None:
    """One talks, one waits, one is on hold, one rings; while nobody listens the one on hold is taken back and the talk is hung up by the agent."""
    async with house(centre, hands) as here:
        alice, phone, interaction = await talk(here)
        bob, held, second = await talk(here, "bob", BOB)
        await asyncio.to_thread(bob.act, "hold", second)
        await held.hears_not(BOB)
        waiting = await (await here.phone(from_="+31612345678")).answered()
        third = await here.eventually(lambda: (now := here.newest()) not in (interaction, second) and now)
        await here.state(third, "waiting")
        await until(lambda: loudness(waiting.heard(1.0)) > 200)
        old = centre.pid("switch")
        os.kill(old, signal.SIGKILL)
        await asyncio.to_thread(bob.act, "resume", second)  # wished while nobody is there
        await phone.hears(ALICE, 8)  # goes on without the switch
        await alice.hears(CALLER, 8)
        await until(lambda: loudness(waiting.heard(1.0)) > 200, 8)
        await asyncio.to_thread(centre.pid, "switch")
        await held.hears(BOB, 15)  # done by the new one
        await phone.hears(ALICE, 8)
        await asyncio.to_thread(alice.act, "hang_up", interaction)
        assert await phone.ended() == "them"
        await here.state(interaction, "wrapup")
        await alice.wrap_up(interaction)
        assert await alice.rings(20) == third  # who waited, waits no more
        await alice.accept(third)
        await waiting.hears(ALICE)
        for one in (interaction, second, third):
            whole(here, one)
        held.hang_up()
        waiting.hang_up()
        for one in (second, third):
            await here.state(one, "wrapup")
            whole(here, one)


@in_loop
async def test_hang_ups_while_the_switch_is_dead(centre: Centre, hands: Hands) -> None:
    """The agent of one call and the caller of the other hang up in between: both calls are over when the switch is back."""
    async with house(centre, hands) as here:
        alice, phone, interaction = await talk(here)
        bob, gone, second = await talk(here, "bob", BOB)
        os.kill(centre.pid("switch"), signal.SIGKILL)
        await asyncio.to_thread(alice.act, "hang_up", interaction)
        gone.hang_up()  # sends BYE again and again, as SIP does
        await here.state(interaction, "wrapup", 20)
        await here.state(second, "wrapup", 45)
        assert await phone.ended() == "them"
        for one in (interaction, second):
            whole(here, one)


@in_loop
async def test_a_caller_in_the_automated_service_goes_on(centre: Centre, hands: Hands) -> None:
    from tests.voice.test_ivr import SHORT, context

    async with house(centre, hands) as here:
        here.hands.do(
            """
from django.utils import timezone
Flow.objects.create(code="short", name="Short", version=1, state="published", surfaces=["ivr"], graph=short, published_at=timezone.now())
Line.objects.create(number="201", name="Short", flow="short", queue=Queue.objects.get(code="service"), country="NL", languages=["en"])
""",
            short=SHORT,
        )
        phone = await (await here.phone("201")).answered()
        await until(lambda: loudness(phone.heard()) > 200)
        phone.press("1")
        await here.eventually(lambda: context(here, here.newest()).get("matter"))
        interaction = here.newest()
        await here.eventually(lambda: context(here, interaction).get("matter"))
        await asyncio.to_thread(centre.kill, "switch")
        await here.state(interaction, "waiting", 60)  # asked again, given up, to a person
        whole(here, interaction)


@in_loop
async def test_a_media_process_costs_its_own_calls_and_those_are_called_back(centre: Centre, hands: Hands) -> None:
    async with house(centre, hands) as here, town(hands) as there:
        await asyncio.to_thread(hands.do, BY_NIGHT_TOO)
        lost, survivor = await talk(here), await talk(here, "bob", BOB, "+31612345678")
        pids = {number: centre.pid(f"media-{number}") for number in (0, 1)}
        first, second = (_holder(phone.line.peer[1], pids) for _, phone, _ in (lost, survivor))
        assert first != second, "two calls, two media processes"
        alice, _, interaction = lost
        await asyncio.to_thread(centre.kill, f"media-{first}")
        await survivor[1].hears(BOB, 8)
        await here.eventually(lambda: here.row(interaction, "ended_at")["ended_at"] is not None, 20)
        assert here.row(interaction, "end_cause")["end_cause"] == "failed"
        await here.eventually(lambda: alice.state == "wrapup")
        await survivor[0].hears(CALLER, 8)
        assert here.row(survivor[2], "state")["state"] == "active"
        promised = await here.eventually(
            lambda: here.hands.do("Callback.objects.filter(asked_in=pk).values('origin', 'number', 'state').first()", pk=interaction)
        )
        assert promised == {"origin": "lost_call", "number": NOOR, "state": "queued"}
        await alice.wrap_up(interaction)
        alice.act("set_ready")
        attempt = await alice.rings(20)
        assert NOOR not in there.calls, "nobody is called before somebody is there to talk"
        await alice.accept(attempt)
        noor = await (await there.rings(NOOR)).answer()
        await noor.hears(ALICE)  # and the next call has sound again
        await alice.hears(IN_TOWN)
        noor.hang_up()
        await here.state(attempt, "wrapup")
        done = here.hands.do("Callback.objects.values('state', 'tries', 'outcome').get(asked_in=pk)", pk=interaction)
        assert done == {"state": "done", "tries": 1, "outcome": "answered"}
        for one in (interaction, survivor[2], attempt):
            whole(here, one)


def _holder(port: int, pids: dict[int, int]) -> int:
    """Which of these processes (by number) has this UDP port open."""
    inodes = {fields[9] for line in Path("/proc/net/udp").read_text().splitlines()[1:] if int((fields := line.split())[1].split(":")[1], 16) == port}
    for number, pid in pids.items():
        for handle in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                target = os.readlink(handle)
                if target.startswith("socket:[") and target[8:-1] in inodes:
                    return number
    raise AssertionError(f"nobody has port {port}")


@in_loop
async def test_an_orderly_stop_passes_everything_on(centre: Centre, hands: Hands) -> None:
    """A switch that is told to stop (an upgrade, say) ends no call; the next one has them all, holds and transfers as before."""
    async with house(centre, hands) as here:
        alice, phone, interaction = await talk(here)
        await asyncio.to_thread(centre.kill, "switch", signal.SIGTERM)
        await asyncio.to_thread(alice.act, "hold", interaction)
        await phone.hears_not(ALICE)
        await asyncio.to_thread(alice.act, "resume", interaction)
        await phone.hears(ALICE)
        phone.hang_up()
        await here.state(interaction, "wrapup")
        whole(here, interaction)

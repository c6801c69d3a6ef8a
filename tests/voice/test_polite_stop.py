"""A centre is stopped politely, or renewed, while people talk: whoever talks goes on talking, whoever calls is told to try elsewhere."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator

import pytest

from cordboard.lib import draining
from cordboard.lib.testing import centre as centres
from cordboard.lib.testing.centre import Centre
from cordboard.lib.testing.postgres import Cluster
from cordboard.lib.testing.prepared import Source
from cordboard.telephony import phone as telephone
from tests.voice import house as houses
from tests.voice.hands import Hands
from tests.voice.house import in_loop
from tests.voice.test_faults import ALICE, BOB, CALLER, house, talk

pytestmark = pytest.mark.slow


@pytest.fixture
def short_patience(server: Cluster | None, migrated: Source) -> Iterator[tuple[Centre, Hands]]:
    """A centre that lets calls go on for two seconds."""
    made = centres.make(cluster=server, source=migrated, drain_seconds="2").start().up()
    here = Hands(made)
    houses.furnish(here)
    yield made, here
    here.close()
    centres.discard(made)


def left(centre: Centre) -> dict[str, int]:
    return {note.role: note.calls for note in draining.notes(centre.run_folder)}


@in_loop
async def test_an_upgrade_with_calls_up_and_then_a_polite_stop(centre: Centre, hands: Hands) -> None:
    """As docs/deployment says: web, worker and switch started anew, then one media process after another, and nobody hears of it. Then the machine goes."""
    async with house(centre, hands) as here:
        alice, phone, interaction = await talk(here)
        before = {name: role["pid"] for name, role in centre.roles().items()}
        done = await asyncio.to_thread(centre.cordboard, "restart", "web", "worker", "switch")
        assert [line.split()[0] for line in done.stdout.splitlines()] == ["front", "django", "worker", "switch"]
        await phone.hears(ALICE)
        await alice.hears(CALLER)
        assert here.row(interaction, "state")["state"] == "active"
        await asyncio.to_thread(alice.act, "hold", interaction)  # the new processes do what is asked
        await phone.hears_not(ALICE)
        await asyncio.to_thread(alice.act, "resume", interaction)
        await phone.hears(ALICE)

        bob = here.agent("bob", BOB).sit_down().ready()
        second = await (await here.phone(from_="+31612345678")).answered()
        other = await bob.rings(20)
        await bob.accept(other)
        await second.hears(BOB)
        await here.eventually(lambda: {role["state"] for role in centre.roles().values()} == {"running"})

        # the least loaded media process gets a new call: alice's is in the first, bob's in the second
        draining_media = asyncio.create_task(asyncio.to_thread(centre.cordboard, "drain", "media-0", "--wait"))
        await here.eventually(lambda: left(centre).get("media-0") == 1)
        said = await asyncio.to_thread(centre.cordboard, "doctor", check=False)
        assert "takes no new calls" in said.stdout
        third = await (await here.phone(from_="+31611111111")).answered()
        assert left(centre) == {"media-0": 1}
        third.hang_up()
        await phone.hears(ALICE)
        assert centre.pid("media-0") == before["media-0"]
        phone.hang_up()
        await here.state(interaction, "wrapup")
        assert "media-0 runs anew." in (await asyncio.wait_for(draining_media, 30)).stdout
        assert centre.pid("media-0") != before["media-0"]
        await second.hears(BOB)
        await alice.wrap_up(interaction)

        await asyncio.to_thread(centre.cordboard, "drain")
        await here.eventually(lambda: left(centre).get("switch") == 1)
        refused = await telephone.call("100", "+31622222222", port=centre.sip_port, seconds=1.0)
        assert (refused.answered, refused.status) == (False, 503)
        await second.hears(BOB)
        await bob.hears(CALLER)
        second.hang_up()
        assert centre.process is not None
        assert await asyncio.to_thread(centre.process.wait, 30) == 0
        assert "the last call is over" in centre.log
        assert here.row(other, "state")["state"] == "wrapup"


@in_loop
async def test_calls_that_are_left_when_the_time_is_over_end_with_the_truth(short_patience: tuple[Centre, Hands]) -> None:
    centre, hands = short_patience
    async with house(centre, hands) as here:
        _, phone, interaction = await talk(here)
        os.kill(centre.process.pid, signal.SIGUSR1)  # type: ignore[union-attr]
        assert await phone.ended(30) == "them"
        assert await asyncio.to_thread(centre.process.wait, 30) == 0  # type: ignore[union-attr]
        assert f"(interaction {interaction}, talking) is ended: this switch stops" in centre.log
        row = here.row(interaction, "state", "end_cause")
        assert (row["state"], row["end_cause"]) == ("wrapup", "failed")


@in_loop
async def test_asked_twice_it_stops_at_once(centre: Centre, hands: Hands) -> None:
    async with house(centre, hands) as here:
        await talk(here)
        assert centre.process is not None
        centre.process.send_signal(signal.SIGUSR1)
        await here.eventually(lambda: left(centre).get("switch") == 1)
        centre.process.send_signal(signal.SIGUSR1)
        assert await asyncio.to_thread(centre.process.wait, 10) == 0

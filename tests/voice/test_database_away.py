"""The database server goes away and comes back in the middle of calls: nobody who talks hears of it, who calls meanwhile hears music and is taken,
and what happened meanwhile is written down afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from cordboard.lib.testing import centre as centres
from cordboard.lib.testing import prepared
from cordboard.lib.testing.centre import Centre
from cordboard.lib.testing.postgres import Cluster
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import loudness
from tests.voice import house as houses
from tests.voice.hands import Hands
from tests.voice.house import house, in_loop

ALICE, CALLER = 1000.0, 440.0

pytestmark = [pytest.mark.slow, pytest.mark.postgresql]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server of this test's own: it is stopped."""
    made = prepared.server()
    yield made
    made.stop()


@pytest.fixture
def centre(cluster: Cluster) -> Iterator[Centre]:
    made = centres.make(cluster=cluster, source=prepared.source(on_server=True)).start().up()
    yield made
    print(made.log[-8000:])
    centres.discard(made)


@in_loop
async def test_the_database_is_gone_and_back(centre: Centre, cluster: Cluster) -> None:
    hands = Hands(centre)
    houses.furnish(hands)
    async with house(centre, hands) as here:
        alice = here.agent("alice", ALICE).sit_down().ready()
        phone = await (await here.phone()).answered()
        interaction = await alice.rings()
        await alice.accept(interaction)
        await phone.hears(ALICE)
        await asyncio.sleep(1.5)  # the switch has written down its place in the log
        await asyncio.to_thread(cluster.halt)
        try:
            second = await here.phone(from_="+31612345678")
            await second.answered(15)  # the number is known, so somebody will take it
            await until(lambda: loudness(second.heard(1.0)) > 200, 10)  # music
            brief = await (await here.phone(from_="+31612340000")).answered(15)
            await asyncio.sleep(1.0)
            brief.hang_up()  # before anybody could write down that there was a call
            await phone.hears(ALICE)
            await alice.hears(CALLER)
            phone.hang_up()
            await until(lambda: alice.page is not None and not alice.page.legs)
        finally:
            await asyncio.to_thread(cluster.resume)
        await here.state(interaction, "wrapup", 30)
        assert here.row(interaction, "end_cause")["end_cause"] == "customer"
        await alice.wrap_up(interaction)
        third = await alice.rings(30)
        assert third != interaction
        await alice.accept(third)
        await second.hears(ALICE)
        assert here.row(third, "from_address")["from_address"] == "+31612345678"
        for one in (interaction, third):
            kinds = here.events(one)
            assert kinds.count("interactions.opened") == kinds.count("voice.call_began") == 1
        lost = await here.eventually(
            lambda: hands.do("Interaction.objects.filter(from_address='+31612340000', state='ended').values('end_cause', 'started_at', 'ended_at').first()")
        )
        assert lost["end_cause"] == "customer"
        assert lost["started_at"] < lost["ended_at"]
    hands.close()

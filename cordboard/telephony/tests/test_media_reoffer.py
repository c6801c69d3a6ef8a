"""Our own offers for a leg that talks already: another codec, and hold; with real sound."""

from __future__ import annotations

from pathlib import Path

from cordboard.telephony import driver
from cordboard.telephony.media import sdp
from cordboard.telephony.media.protocol import Codec, LegKind
from cordboard.telephony.tests.far_side import Phone
from cordboard.telephony.tests.media_house import House, house, in_loop, until
from cordboard.telephony.tests.sound import strength

OPUS_FIRST = (Codec.OPUS, Codec.PCMU, Codec.PCMA)


async def two(here: House) -> tuple[Phone, Phone]:
    """Who talks in Opus, and who answered in PCMU."""
    customer = await here.phone("customer", codec=Codec.OPUS, hertz=440)
    agent = await here.phone("agent", hertz=1000)
    await here.client.perform(driver.Bridge("call", ("customer", "agent")))
    await until(lambda: strength(agent.heard(), 440) > 1500 and strength(customer.heard(), 1000) > 1500)
    return customer, agent


@in_loop
async def test_a_telephone_that_can_changes_to_the_codec_of_the_other(tmp_path: Path) -> None:
    """From then on packets are passed on as they are; in between nobody falls silent."""
    async with house(tmp_path) as here:
        customer, agent = await two(here)
        offer = await here.client.make_offer("call", "agent", OPUS_FIRST)
        assert [one.name.lower() for one in sdp.parse(offer.sdp).audio.formats if one.name.lower() in ("opus", "pcmu", "pcma")] == ["opus", "pcmu", "pcma"]
        newer = await Phone(Codec.OPUS).open()  # the same telephone, in its other codec, at another port
        settled = await here.client.answer("agent", newer.sdp)
        assert settled.codec == "opus"
        newer.call(offer.sdp)
        newer.say(1000)
        before = len(customer.packets)
        await until(lambda: len(customer.packets) > before + 40 and strength(customer.heard(), 1000) > 1500)
        await until(lambda: strength(newer.heard(), 440) > 1500)
        leg = here.media._leg("agent")
        assert leg.relayed_from is not None  # nothing is decoded
        newer.close()


@in_loop
async def test_a_telephone_that_cannot_stays_as_it_is(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        customer, agent = await two(here)
        await here.client.make_offer("call", "agent", OPUS_FIRST)
        assert (await here.client.answer("agent", agent.sdp)).codec == "PCMU"
        agent.packets.clear()
        await until(lambda: len(agent.packets) > 40 and strength(agent.heard(), 440) > 1500)
        assert strength(customer.heard(), 1000) > 500


def direction(text: str) -> str:
    return sdp.parse(text).audio.direction


@in_loop
async def test_while_we_hold_we_say_so_whoever_offers(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("leg", hertz=440)
        held = await here.client.make_offer("call", "leg", hold=True)
        assert direction(held.sdp) == "sendonly"
        assert direction((await here.client.offer("call", "leg", LegKind.SIP, phone.sdp)).sdp) == "sendrecv"  # not agreed yet
        await here.client.make_offer("call", "leg", hold=True)
        await here.client.answer("leg", phone.sdp.replace("a=sendrecv", "a=recvonly"))
        phone.talking = False
        assert direction((await here.client.offer("call", "leg", LegKind.SIP, phone.sdp)).sdp) == "sendonly"
        assert direction((await here.client.offer("call", "leg", LegKind.SIP, phone.sdp.replace("a=sendrecv", "a=sendonly"))).sdp) == "inactive"
        back = await here.client.make_offer("call", "leg")
        assert direction(back.sdp) == "sendrecv"
        await here.client.answer("leg", phone.sdp)
        assert direction((await here.client.offer("call", "leg", LegKind.SIP, phone.sdp)).sdp) == "sendrecv"
        assert here.of(driver.MediaLost) == []

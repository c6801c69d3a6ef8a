"""We have somebody on hold and say so, where that is configured; two who talk are brought to one codec where they can."""

from __future__ import annotations

from pathlib import Path

import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony.driver import Endpoint, EndpointKind
from cordboard.telephony.drivers.embedded import offering
from cordboard.telephony.drivers.embedded.legs import Call, Leg, Phase
from cordboard.telephony.media.protocol import Codec, LegKind
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.sipp_side import BYE, asks, far_side, gets, hears, says
from cordboard.telephony.tests.switch_house import Switch
from cordboard.telephony.tests.test_trunk_calls import ANSWER, RING, calling, dial, trunk

OTHER = Endpoint(EndpointKind.OUTSIDE, "+31205551234")


def legs(*codecs: str, **more: object) -> list[Leg]:
    call = Call("c", 0)
    made = [Leg(f"c.{at}", call, LegKind.SIP, Phase.UP, codec=codec) for at, codec in enumerate(codecs)]
    call.legs = {leg.id: leg for leg in made}
    return made


def test_the_codec_of_the_others_is_offered_first() -> None:
    customer, agent = legs("opus", "")
    assert offering.rather([customer, agent], agent) == (Codec.OPUS, Codec.PCMU, Codec.PCMA)
    assert offering.rather([agent], agent) == ()
    assert offering.order("G729") == ()


def test_only_who_must_be_decoded_is_asked_to_change_and_once() -> None:
    assert offering.to_change(legs("PCMU", "PCMA")) is None  # one is made of the other without decoding
    assert offering.to_change(legs("PCMU", "opus", "PCMU")) is None  # three are mixed anyhow
    customer, agent = legs("opus", "PCMU")
    agent.phone = "desk7"
    assert offering.to_change([customer, agent]) == (agent, "opus")
    agent.asked_for = "opus"
    assert offering.to_change([customer, agent]) == (customer, "PCMU")
    customer.asked_for = "PCMU"
    assert offering.to_change([customer, agent]) is None


def test_on_hold_is_who_hears_music_while_somebody_who_talked_with_them_is_there() -> None:
    customer, agent = legs("PCMU", "PCMU")
    customer.hears_music = True
    assert not offering.holds(customer)  # waits for a person
    customer.talked = agent.talked = True
    assert offering.holds(customer)
    agent.phase = Phase.ENDED
    assert not offering.holds(customer)  # waits again, and may press keys


async def two_legs(here: Switch) -> None:
    await dial(here)
    await here.event(contract.LegUp, leg="c1.out")
    await here.do(contract.Originate("c1", "c1.b", OTHER, trunk="two"))
    await here.event(contract.LegUp, leg="c1.b")
    await here.do(contract.Bridge("c1", ("c1.out", "c1.b")))


async def settled(leg: Leg, before: object = None) -> object:
    """An offer of ours is through, another one than `before`."""
    session = leg.session
    assert session is not None
    await until(lambda: session._offer is not None and session._offer is not before and session._offer.over)
    return session._offer


@pytest.mark.sip
@in_loop
async def test_a_trunk_that_wants_to_know_is_told_of_hold(tmp_path: Path) -> None:
    held = hears("INVITE", checks={"line": "a=sendonly"}) + says(200, sdp="recvonly") + hears("ACK")
    back = hears("INVITE", checks={"line": "a=sendrecv"}) + says(200, sdp="sendrecv") + hears("ACK")
    async with (
        far_side(hears("INVITE"), RING, ANSWER, held, back, BYE) as first,
        far_side(hears("INVITE"), RING, ANSWER, BYE) as second,
        calling(tmp_path, trunk("one", first.port, tell_hold=True), trunk("two", second.port)) as here,
    ):
        await two_legs(here)
        await here.do(contract.Bridge("c1", ()))
        await here.do(contract.Music("c1.out", on=True))
        leg = here.driver.board.legs["c1.out"]
        assert leg.on_hold
        first_offer = await settled(leg)
        await here.do(contract.Music("c1.b", on=True))  # the other trunk does not want to know
        await here.do(contract.Bridge("c1", ("c1.out", "c1.b")))
        assert not leg.on_hold
        await settled(leg, first_offer)
        assert here.of(contract.LegHeld) == []
        await here.do(contract.HangUp("c1.out"))
        await here.do(contract.HangUp("c1.b"))
        assert (await first.done(), await second.done()) == ("", "")


@pytest.mark.sip
@in_loop
async def test_a_hold_and_its_end_that_come_while_the_first_is_on_its_way_both_arrive(tmp_path: Path) -> None:
    """The far side offers in the same moment (491): we try again, and say what holds by then."""
    glare = hears("INVITE", checks={"line": "a=sendonly"}) + says(491, retrans=True) + hears("ACK")
    back = hears("INVITE", checks={"line": "a=sendrecv"}) + says(200, sdp="sendrecv") + hears("ACK")
    again = hears("INVITE") + says(200, sdp="recvonly") + hears("ACK")
    async with (
        far_side(hears("INVITE"), RING, ANSWER, glare, again, back, BYE) as first,
        far_side(hears("INVITE"), RING, ANSWER, BYE) as second,
        calling(tmp_path, trunk("one", first.port, tell_hold=True), trunk("two", second.port)) as here,
    ):
        await two_legs(here)
        await here.do(contract.Bridge("c1", ()))
        await here.do(contract.Music("c1.out", on=True))
        session = here.driver.board.legs["c1.out"].session
        assert session is not None
        first_offer = await until(lambda: session._offer)
        await here.do(contract.Bridge("c1", ("c1.out", "c1.b")))
        await settled(here.driver.board.legs["c1.out"], first_offer)
        await here.do(contract.HangUp("c1.out"))
        await here.do(contract.HangUp("c1.b"))
        assert (await first.done(), await second.done()) == ("", "")


@pytest.mark.sip
@in_loop
async def test_whoever_is_alone_with_music_is_not_told_of_hold(tmp_path: Path) -> None:
    async with far_side(hears("INVITE"), RING, ANSWER, BYE) as first, calling(tmp_path, trunk("one", first.port, tell_hold=True)) as here:
        await dial(here)
        await here.event(contract.LegUp, leg="c1.out")
        await here.do(contract.Music("c1.out", on=True))
        assert not here.driver.board.legs["c1.out"].on_hold
        await here.do(contract.HangUp("c1.out"))
        assert await first.done() == ""


@pytest.mark.sip
@in_loop
async def test_a_hold_of_the_far_side_is_told_however_it_is_described(tmp_path: Path) -> None:
    """By a new offer, and by the answer to ours where the far side has asked us for one."""
    steps = (
        hears("INVITE"), RING, ANSWER,
        asks("INVITE", 1, sdp="sendonly", version=2), gets(100, optional=True), gets(200), asks("ACK", 1),
        asks("INVITE", 2, sdp="sendrecv", version=3), gets(100, optional=True), gets(200), asks("ACK", 2),
        asks("INVITE", 3), gets(100, optional=True), gets(200), asks("ACK", 3, sdp="inactive", version=4),
        asks("INVITE", 4), gets(100, optional=True), gets(200), asks("ACK", 4, sdp="sendrecv", version=5),
        BYE,
    )  # fmt: skip
    async with far_side(*steps) as far, calling(tmp_path, trunk("one", far.port)) as here:
        await dial(here)
        await until(lambda: len(here.of(contract.LegHeld)) == 4, 6)
        assert [event.held for event in here.of(contract.LegHeld)] == [True, False, True, False]
        await here.do(contract.HangUp("c1.out"))
        assert await far.done() == ""

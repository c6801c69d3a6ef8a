"""Calls that come over a trunk, and telephones that take one another's place in a call."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony import phone
from cordboard.telephony.driver import PRACTICE, Cause, Endpoint, EndpointKind, Trunk
from cordboard.telephony.media import sdp
from cordboard.telephony.phone import EVENT_CLOCK, EVENT_TYPE, OFFERED, Caller, Line, Outcome
from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.identity import called
from cordboard.telephony.sip.message import Headers, Request
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.placing import Placement
from cordboard.telephony.sip.uri import NameAddr, Uri
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.switch_house import LOCAL, Switch, answer_all, free_port, switch
from cordboard.telephony.tests.test_trunk_calls import trunk


@pytest.mark.parametrize(
    ("uri", "extra", "number"),
    [
        ("sip:+31101230000@192.0.2.1", {}, "+31101230000"),
        ("sip:carrier@192.0.2.1", {}, "+31205550100"),  # our Contact: To has the number
        ("sip:carrier@192.0.2.1", {"p-called-party-id": ["<sip:+31101230001@carrier.example>"]}, "+31101230001"),
        ("sip:carrier@192.0.2.1", {"p-called-party-id": ["rubbish"]}, "+31205550100"),
        ("sip:192.0.2.1", {}, "+31205550100"),
    ],
)
def test_the_number_dialled_on_a_trunk_that_we_are_registered_with(uri: str, extra: dict[str, list[str]], number: str) -> None:
    headers = Headers({"from": ["<sip:a@b>;tag=1"], "to": ["<sip:+31205550100@carrier.example>"], "call-id": ["c"], "cseq": ["1 INVITE"], **extra})
    request = Request("INVITE", uri, headers)
    request.read_basics()
    assert called(request, "carrier") == number


@pytest.mark.sip
@in_loop
async def test_a_call_over_a_trunk_counts_as_one_of_its_calls(tmp_path: Path) -> None:
    async with switch(tmp_path) as here:
        await here.do(contract.Configure((trunk("one", free_port(), limit=1),)))
        call = asyncio.create_task(phone.call("100", "+31205550123", port=here.sip_port, seconds=0.5))
        await here.event(contract.LegUp)
        assert (here.driver.trunking.calls_on("one"), here.driver.trunking.usable("one")) == (1, None)
        await call
        await until(lambda: here.driver.trunking.usable("one"))


class Telephone:
    """A telephone on our own stack: one call, with sound."""

    def __init__(self, line: Line, caller: Caller, agent: UserAgent, offer: str) -> None:
        self.line, self.caller, self.agent, self.offer = line, caller, agent, offer

    def call(self, port: int, *extra: tuple[str, str]) -> None:
        placement = Placement(f"sip:100@{LOCAL}:{port}", NameAddr(Uri("sip", "+31205550123", "example.com")), self.offer, extra)
        self.agent.place(placement, Peer(LOCAL, port), self.caller.made)


@contextlib.asynccontextmanager
async def telephone(hertz: float) -> AsyncIterator[Telephone]:
    loop = asyncio.get_running_loop()
    tone = (8000 * np.sin(2 * np.pi * hertz * np.arange(8000 * 60) / 8000)).astype(np.int16)
    line = Line(tone)
    transport, _ = await loop.create_datagram_endpoint(lambda: line, local_addr=(LOCAL, 0))
    caller = Caller(line, Outcome(), lambda text: None)
    agent = UserAgent(caller, caller, Settings())
    await agent.start(LOCAL, 0)
    agent.listen()
    port = transport.get_extra_info("sockname")[1]
    offer = sdp.sip(session=secrets.randbits(31), version=1, host=LOCAL, port=port, codecs=OFFERED, keys={EVENT_TYPE: EVENT_CLOCK})
    sending = loop.create_task(phone.ticking(line))
    try:
        yield Telephone(line, caller, agent, offer)
    finally:
        sending.cancel()
        transport.close()
        agent.stop()


async def _named(here: Switch) -> str:
    """The call that stands, as its caller would name it."""
    session = here.driver.board.agent.sessions[0]
    assert session.dialog is not None
    return f"{session.call_id};to-tag={session.local_tag};from-tag={session.dialog.remote_tag}"


@pytest.mark.sip
@in_loop
async def test_another_telephone_takes_the_place_of_the_first(tmp_path: Path) -> None:
    async with switch(tmp_path, answer_all) as here, telephone(400.0) as first, telephone(900.0) as second:
        first.call(here.sip_port)
        leg = (await here.event(contract.LegUp)).leg
        second.call(here.sip_port, ("replaces", await _named(here)))
        await asyncio.wait_for(second.caller.answered.wait(), 10)
        await asyncio.wait_for(first.caller.over.wait(), 10)
        assert first.caller._outcome.ended_by == "them"
        assert (here.of(contract.LegEnded), len(here.of(contract.CallOffered))) == ([], 1)
        await here.do(contract.Play(leg, "p", (contract.Prompt(text="Still here."),)))
        await here.event(contract.PlayEnded, playback="p", interrupted=False)
        await until(lambda: len(second.line.heard) > 20)
        assert second.caller.session is not None
        second.caller.session.hang_up()
        assert (await here.event(contract.LegEnded, leg=leg)).by_far_side


@pytest.mark.sip
@in_loop
async def test_what_is_said_before_the_answer_reaches_whoever_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.drivers.embedded.practice.GREETING", "Not in use.")
    async with switch(tmp_path, answer_all) as here, telephone(400.0) as caller:
        await here.do(contract.Configure((Trunk("town", transport=PRACTICE),)))
        caller.call(here.sip_port)
        leg = (await here.event(contract.LegUp)).leg
        call = here.of(contract.CallOffered)[0].call
        await here.do(contract.Originate(call, f"{call}.out", Endpoint(EndpointKind.OUTSIDE, "+31205559883")))
        assert (await here.event(contract.LegRinging, leg=f"{call}.out")).early
        await here.do(contract.Bridge(call, (leg, f"{call}.out")))
        await until(lambda: caller.line.heard and np.abs(np.concatenate(caller.line.heard)).max() > 3000)
        assert here.of(contract.LegUp, leg=f"{call}.out") == []
        assert (await here.event(contract.LegEnded, leg=f"{call}.out")).cause is Cause.UNKNOWN_NUMBER

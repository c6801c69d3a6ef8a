"""The embedded driver and SIP's own tester: what telephones and trunks do to a switch."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony import phone
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, Event
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.switch_house import LOCAL, Switch, answer_all, free_port, sipp, switch

pytestmark = pytest.mark.sip


async def ring_only(here: Switch, event: Event) -> None:
    if isinstance(event, contract.CallOffered):
        await here.do(contract.Ring(event.leg))


@pytest.mark.parametrize("scenario", ["talk", "lost_ack", "late_offer", "hold"])
@in_loop
async def test_a_call_goes_as_written(tmp_path: Path, scenario: str) -> None:
    async with switch(tmp_path) as here:
        assert await sipp(scenario, here.sip_port) == (0, "")
        offered = await here.event(contract.CallOffered)
        ended = await here.event(contract.LegEnded)
        assert (offered.ani, offered.dnis, offered.kind) == ("+31205550123", "100", EndpointKind.SIP)
        assert here.of(contract.LegUp)[0].codec == "PCMU"
        assert (ended.cause, ended.by_far_side) == (Cause.NORMAL, True)
        assert here.of(contract.CommandFailed) == []


@in_loop
async def test_a_caller_gives_up_while_it_rings(tmp_path: Path) -> None:
    async with switch(tmp_path, ring_only) as here:
        assert await sipp("cancel", here.sip_port) == (0, "")
        ended = await here.event(contract.LegEnded)
        assert (ended.cause, ended.by_far_side) == (Cause.CANCELLED, True)
        assert here.of(contract.LegUp) == []


@in_loop
async def test_nobody_hears_of_a_call_that_we_cannot_speak_with(tmp_path: Path) -> None:
    async with switch(tmp_path) as here:
        assert await sipp("unknown_codec", here.sip_port) == (0, "")
        assert here.events == []
        assert here.driver.board.calls == {}


@in_loop
async def test_options(tmp_path: Path) -> None:
    async with switch(tmp_path) as here:
        assert await sipp("options", here.sip_port) == (0, "")
        assert here.events == []


@in_loop
async def test_a_withheld_number(tmp_path: Path) -> None:
    async with switch(tmp_path) as here:
        assert await sipp("withheld", here.sip_port) == (0, "")
        offered = await here.event(contract.CallOffered)
        assert (offered.ani, offered.display_name) == ("", "")


@in_loop
async def test_keys_by_info(tmp_path: Path) -> None:
    async def on(here: Switch, event: Event) -> None:
        await answer_all(here, event)
        if isinstance(event, contract.LegUp):
            await here.do(contract.CollectKeys(event.leg, "k", 5))
        if isinstance(event, contract.KeysCollected) and event.ended_by == "end_key":
            await here.do(contract.HangUp(event.leg))

    async with switch(tmp_path, on) as here:
        assert await sipp("keys", here.sip_port) == (0, "")
        assert here.of(contract.KeysCollected)[0].keys == "5"
        assert (await here.event(contract.LegEnded)).by_far_side is False


@in_loop
async def test_a_gateway_that_sends_keys_both_ways_presses_each_once(tmp_path: Path) -> None:
    async with switch(tmp_path) as here:
        call = asyncio.create_task(phone.call("100", port=here.sip_port, keys="1", seconds=3.0))
        await here.event(contract.KeyPressed, key="1")
        session = here.driver.board.agent.sessions[0]
        here.driver.sip.pressed(session, "1")
        await call
        assert len(here.of(contract.KeyPressed)) == 1


@in_loop
async def test_many_calls_over_a_line_that_loses_messages(tmp_path: Path) -> None:
    async with switch(tmp_path) as here:
        status, complaints = await sipp("lossy", here.sip_port, calls=12, rate=20, seconds=50)
        assert status == 0, complaints
        await until(lambda: len(here.of(contract.LegEnded)) == 12)
        assert len(here.of(contract.CallOffered)) == len(here.of(contract.LegUp)) == 12


@in_loop
async def test_nothing_is_left_when_calls_are_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.drivers.embedded.switchboard.LINGER", 0.1)
    async with switch(tmp_path, media=2) as here:
        assert (await sipp("talk", here.sip_port, calls=10, rate=20))[0] == 0
        board = here.driver.board
        await until(lambda: not board.calls)
        assert (board.legs, +board.pool.load, board.agent.sessions) == ({}, {}, [])
        for client in board.pool.clients:
            status = await client.status()
            assert (status.calls, status.legs) == (0, 0)


@in_loop
async def test_calls_are_spread_over_the_media_processes(tmp_path: Path) -> None:
    async with switch(tmp_path, media=2) as here:
        load = asyncio.create_task(sipp("talk", here.sip_port, calls=6, rate=60))
        await until(lambda: len(here.of(contract.LegUp)) == 6)
        assert {call.media for call in here.driver.board.calls.values()} == {0, 1}
        assert (await load)[0] == 0


@in_loop
async def test_an_offer_that_nobody_deals_with_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.drivers.embedded.switchboard.OFFER_WITHIN", 0.3)
    async with switch(tmp_path, None) as here:
        status, complaints = await sipp("talk", here.sip_port)
        assert (status, "500" in complaints) == (1, True)
        assert (await here.event(contract.LegEnded)).cause is Cause.FAILED


@in_loop
async def test_commands_that_cannot_be_done_say_so(tmp_path: Path) -> None:
    async with switch(tmp_path, None) as here:
        for command in (
            contract.Answer("nobody"),
            contract.Bridge("nothing", ()),
            contract.Originate("nothing", "leg", Endpoint(EndpointKind.BROWSER, "7")),
        ):
            await here.do(command)
            assert (await here.event(contract.CommandFailed, command=command)).reason


@in_loop
async def test_what_was_refused_is_told_in_one_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with switch(tmp_path) as here:
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=(LOCAL, here.sip_port))
        for _ in range(20):
            transport.sendto(b"GET / HTTP/1.1\r\n\r\n")
        await until(lambda: here.driver.board.agent.endpoint.counts["malformed"] == 20)
        here.driver._tell()
        here.driver._tell()
        transport.close()
        assert [record.getMessage() for record in caplog.records if "SIP in the last" in record.message] == ["SIP in the last 60 s: 20 malformed"]


@in_loop
async def test_while_draining_no_calls_are_taken_and_those_that_stand_are_waited_for(tmp_path: Path) -> None:
    async with switch(tmp_path) as here:
        call = asyncio.create_task(sipp("talk", here.sip_port))
        await here.event(contract.LegUp)
        stopping = asyncio.create_task(here.driver.stop(drain=10))
        await asyncio.sleep(0)
        status, complaints = await sipp("talk", here.sip_port)
        assert (status, "503" in complaints) == (1, True)
        assert (await call) == (0, "")
        await asyncio.wait_for(stopping, 5)


# ---- calls that we place ----------------------------------------------------------------------------------------


@in_loop
async def test_a_call_to_ourselves_is_a_loop(tmp_path: Path) -> None:
    async with switch(tmp_path) as here:
        caller = asyncio.create_task(sipp("talk", here.sip_port))
        await here.event(contract.LegUp)
        call = here.of(contract.CallOffered)[0]
        await here.do(contract.Originate(call.call, "ours", Endpoint(EndpointKind.SIP, f"sip:200@{LOCAL}:{here.sip_port}")))
        ended = await here.event(contract.LegEnded, leg="ours")
        assert (ended.cause, ended.by_far_side) == (Cause.UNREACHABLE, True)
        assert len(here.of(contract.CallOffered)) == 1
        await caller


@in_loop
async def test_we_call_another_switch(tmp_path: Path) -> None:
    async def bob_answers(here: Switch, event: Event) -> None:
        await answer_all(here, event)
        if isinstance(event, contract.LegUp):
            await asyncio.sleep(0.2)
            await here.do(contract.HangUp(event.leg))

    async with switch(tmp_path / "a", ring_only) as here, switch(tmp_path / "b", bob_answers) as there:
        caller = asyncio.create_task(sipp("cancel", here.sip_port))
        call = await here.event(contract.CallOffered)
        await here.do(contract.Originate(call.call, "ours", Endpoint(EndpointKind.SIP, f"sip:200@{LOCAL}:{there.sip_port}"), "+31101234567"))
        up = await here.event(contract.LegUp, leg="ours")
        offered = await there.event(contract.CallOffered)
        assert (offered.ani, offered.dnis, up.codec) == ("+31101234567", "200", "PCMU")
        ended = await here.event(contract.LegEnded, leg="ours")
        assert (ended.cause, ended.by_far_side) == (Cause.NORMAL, True)
        await caller


@pytest.mark.parametrize("cause", [Cause.BUSY, Cause.REJECTED, Cause.NO_CODEC])
@in_loop
async def test_another_switch_refuses(tmp_path: Path, cause: Cause) -> None:
    async def refuse(here: Switch, event: Event) -> None:
        if isinstance(event, contract.CallOffered):
            await here.do(contract.Reject(event.leg, cause))

    async with switch(tmp_path / "a", ring_only) as here, switch(tmp_path / "b", refuse) as there:
        caller = asyncio.create_task(sipp("cancel", here.sip_port))
        call = await here.event(contract.CallOffered)
        await here.do(contract.Originate(call.call, "ours", Endpoint(EndpointKind.SIP, f"sip:200@{LOCAL}:{there.sip_port}")))
        assert (await here.event(contract.LegEnded, leg="ours")).cause is cause
        await caller


@in_loop
async def test_a_called_party_that_does_not_answer_is_cancelled(tmp_path: Path) -> None:
    async with switch(tmp_path / "a", ring_only) as here, switch(tmp_path / "b", ring_only) as there:
        caller = asyncio.create_task(sipp("cancel", here.sip_port))
        call = await here.event(contract.CallOffered)
        await here.do(contract.Originate(call.call, "ours", Endpoint(EndpointKind.SIP, f"sip:200@{LOCAL}:{there.sip_port}"), timeout=0.5))
        ended = await here.event(contract.LegEnded, leg="ours")
        assert (ended.cause, ended.by_far_side) == (Cause.NO_ANSWER, False)
        assert (await there.event(contract.LegEnded)).cause is Cause.CANCELLED
        await caller


@in_loop
async def test_an_address_that_cannot_be_called(tmp_path: Path) -> None:
    async with switch(tmp_path, ring_only) as here:
        caller = asyncio.create_task(sipp("cancel", here.sip_port))
        call = await here.event(contract.CallOffered)
        for number, address in enumerate(["tel:+31205550100", f"sip:x@{LOCAL}:{free_port()};transport=ws", "sip:x@no.such.host.invalid"]):
            await here.do(contract.Originate(call.call, f"ours{number}", Endpoint(EndpointKind.SIP, address)))
            assert (await here.event(contract.LegEnded, leg=f"ours{number}")).cause is Cause.UNREACHABLE
        await caller

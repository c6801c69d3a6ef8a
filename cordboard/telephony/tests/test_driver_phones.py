"""Desk telephones on the real switch, with real sound: they register over UDP, TCP and TLS, ring together, and the first to answer has the call."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cordboard.serve.tls import own_certificate
from cordboard.telephony import driver as contract
from cordboard.telephony import phone, wav
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, Event
from cordboard.telephony.handset import Handset
from cordboard.telephony.handsets import Phone, PhoneContact, PhoneKept, PhoneRegistered, SetPhones
from cordboard.telephony.sip.digest import OFFERED, ha1
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.sound import strength
from cordboard.telephony.tests.switch_house import LOCAL, Switch, configuration, free_port, sipp, switch

REALM = "cordboard"


def hum(hertz: float) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(60 * wav.RATE) / wav.RATE)).astype(np.int16)


def account(name: str, secret: str = "kettle") -> Phone:
    return Phone(name, tuple((str(one), ha1(name, REALM, secret, one)) for one in OFFERED), name.title())


async def keep(here: Switch, event: Event) -> None:
    """The owner of the switch: keeps registrations, rings callers."""
    match event:
        case PhoneRegistered():
            await here.do(PhoneKept(event.serial))
        case contract.CallOffered():
            await here.do(contract.Ring(event.leg))
            await here.do(contract.Answer(event.leg))


@contextlib.asynccontextmanager
async def house(folder: Path, *names: str, **more: Any) -> AsyncIterator[Switch]:
    async with switch(folder, keep, **more) as here:
        await here.do(SetPhones(tuple(account(name) for name in names or ("desk7",))))
        yield here


@contextlib.asynccontextmanager
async def handset(here: Switch, name: str = "desk7", *, hertz: float = 1000.0, secret: str = "kettle", transport: str = "udp", trust: str = "", **more: Any):  # type: ignore[no-untyped-def]
    found = Handset(name, secret, phone.Line(hum(hertz)), **more)
    port = here.driver.board.agent.endpoint.address(transport)[1]
    await found.start(LOCAL, port, transport, trust)
    try:
        yield found
    finally:
        await found.stop()


def heard(line: phone.Line, hertz: float) -> bool:
    return len(line.heard) > 30 and strength(np.concatenate(line.heard[-30:]), hertz) > 1500


class Caller:
    """Calls the switch, and hums."""

    def __init__(self, here: Switch, folder: Path) -> None:
        wav.write(folder / "caller.wav", hum(440))
        self.here = here
        self.task = asyncio.create_task(phone.call("100", "+31205550123", port=here.sip_port, say=folder / "caller.wav", seconds=15, report=lambda line: None))

    async def up(self) -> tuple[str, str]:
        """Its call and leg."""
        offered = await self.here.event(contract.CallOffered)
        await self.here.event(contract.LegUp, leg=offered.leg)
        return offered.call, offered.leg

    async def gone(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


async def ring(here: Switch, call: str, leg: str = "desk", account: str = "desk7", **more: Any) -> None:
    await here.do(contract.Originate(call, leg, Endpoint(EndpointKind.PHONE, account), "+31205550123", **more))


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@in_loop
async def test_a_telephone_registers_rings_talks_and_hangs_up(tmp_path: Path, transport: str) -> None:
    certificate, key = own_certificate(configuration(tmp_path, tmp_path))
    async with (
        house(tmp_path, sip_tls_certificate=str(certificate), sip_tls_key=str(key)) as here,
        handset(here, transport=transport, trust=str(certificate)) as desk,
    ):
        await asyncio.wait_for(desk.registered.wait(), 10)
        assert (await here.event(PhoneRegistered)).account == "desk7"
        caller = Caller(here, tmp_path)
        call, customer = await caller.up()
        await ring(here, call)
        await here.event(contract.LegRinging, leg="desk")
        assert desk.session is not None
        assert desk.session.request.from_.uri.number == "+31205550123"
        desk.pick_up()
        await here.event(contract.LegUp, leg="desk")
        await here.do(contract.Bridge(call, (customer, "desk")))
        await until(lambda: heard(desk.line, 440))
        desk.hang_up()
        ended = await here.event(contract.LegEnded, leg="desk")
        assert (ended.cause, ended.by_far_side) == (Cause.NORMAL, True)
        await caller.gone()


@in_loop
async def test_all_telephones_of_an_account_ring_and_the_first_has_the_call(tmp_path: Path) -> None:
    async with house(tmp_path) as here, handset(here) as one, handset(here, hertz=1700.0, transport="tcp") as two:
        await until(lambda: len(here.driver.phones.registrar.bound("desk7")) == 2)
        caller = Caller(here, tmp_path)
        call, customer = await caller.up()
        await ring(here, call)
        await asyncio.wait_for(asyncio.gather(one.rings.wait(), two.rings.wait()), 10)
        two.pick_up()
        await here.event(contract.LegUp, leg="desk")
        await asyncio.wait_for(one.over.wait(), 10)
        assert one.ended_by == "cancelled"
        await here.do(contract.Bridge(call, (customer, "desk")))
        await until(lambda: heard(two.line, 440))
        await here.do(contract.HangUp("desk"))
        await asyncio.wait_for(two.over.wait(), 10)
        assert two.ended_by == "them"
        assert len(here.of(contract.LegRinging, leg="desk")) == 1
        await caller.gone()


@in_loop
async def test_both_pick_up_in_the_same_moment(tmp_path: Path) -> None:
    async with house(tmp_path) as here, handset(here, picks_up=True) as one, handset(here, picks_up=True) as two:
        await until(lambda: len(here.driver.phones.registrar.bound("desk7")) == 2)
        caller = Caller(here, tmp_path)
        call, _ = await caller.up()
        await ring(here, call)
        await here.event(contract.LegUp, leg="desk")
        await until(lambda: one.over.is_set() != two.over.is_set())
        assert len(here.of(contract.LegUp, leg="desk")) == 1
        await caller.gone()


@in_loop
async def test_who_is_not_there_says_no_or_does_not_hear_it(tmp_path: Path) -> None:
    async with house(tmp_path, "desk7", "desk8") as here, handset(here) as one, handset(here) as two:
        await until(lambda: len(here.driver.phones.registrar.bound("desk7")) == 2)
        caller = Caller(here, tmp_path)
        call, _ = await caller.up()
        await ring(here, call, "nobody", "desk8")
        assert (await here.event(contract.LegEnded, leg="nobody")).cause is Cause.UNREACHABLE
        await ring(here, call, "busy")
        await asyncio.wait_for(asyncio.gather(one.rings.wait(), two.rings.wait()), 10)
        one.decline(486)
        two.decline(486)
        assert (await here.event(contract.LegEnded, leg="busy")).cause is Cause.BUSY
        one.rings.clear()
        await ring(here, call, "declined")
        await asyncio.wait_for(one.rings.wait(), 10)
        one.decline(603)  # for all
        assert (await here.event(contract.LegEnded, leg="declined")).cause is Cause.REJECTED
        await asyncio.wait_for(two.over.wait(), 10)
        one.rings.clear()
        await ring(here, call, "late", timeout=0.5)
        assert (await here.event(contract.LegEnded, leg="late")).cause is Cause.NO_ANSWER
        await caller.gone()


@in_loop
async def test_a_telephone_that_can_picks_up_by_itself(tmp_path: Path) -> None:
    async with house(tmp_path) as here, handset(here) as desk:
        await asyncio.wait_for(desk.registered.wait(), 10)
        caller = Caller(here, tmp_path)
        call, _ = await caller.up()
        await ring(here, call, at_once=True)
        await here.event(contract.LegUp, leg="desk")
        assert desk.asked_to_answer
        await caller.gone()


@in_loop
async def test_a_wrong_secret_and_an_unknown_account_are_kept_out(tmp_path: Path) -> None:
    async with house(tmp_path) as here, handset(here, secret="guess") as wrong, handset(here, "ghost") as ghost:
        await until(lambda: wrong.refusal and ghost.refusal)
        assert wrong.refusal == ghost.refusal == "401 Unauthorized"
        assert not here.of(PhoneRegistered)


@in_loop
async def test_the_account_of_a_telephone_that_calls_is_told(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        outcome = await phone.call("100", port=here.sip_port, user="desk7", secret="kettle", seconds=0.2)
        offered = await here.event(contract.CallOffered)
        refused = await phone.call("100", port=here.sip_port, user="desk7", secret="guess", seconds=0.2)
    assert (outcome.answered, offered.phone, offered.ani) == (True, "desk7", "desk7")
    assert (refused.answered, refused.status) == (False, 407)
    assert len(here.of(contract.CallOffered)) == 1


@pytest.mark.parametrize("transport", ["tcp", "tls"])
@in_loop
async def test_a_caller_over_tcp_and_tls(tmp_path: Path, transport: str) -> None:
    certificate, key = own_certificate(configuration(tmp_path, tmp_path))
    async with house(tmp_path, sip_tls_certificate=str(certificate), sip_tls_key=str(key)) as here:
        port = here.driver.board.agent.endpoint.address(transport)[1]
        outcome = await phone.call("100", "+31205550123", port=port, transport=transport, trust=str(certificate), seconds=0.3)
        offered = await here.event(contract.CallOffered)
        ended = await here.event(contract.LegEnded)
    assert (outcome.proper, offered.ani, offered.dnis, ended.cause) == (True, "+31205550123", "100", Cause.NORMAL)


@in_loop
async def test_sipp_calls_over_tcp(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        assert await sipp("talk", here.sip_port, calls=3, transport="t1") == (0, "")
        await until(lambda: len(here.of(contract.LegEnded)) == 3)


@in_loop
async def test_a_new_switch_knows_the_telephones_that_were_kept(tmp_path: Path) -> None:
    port = free_port()
    async with house(tmp_path, sip_port=port) as here, handset(here) as desk:
        await asyncio.wait_for(desk.registered.wait(), 10)
        kept: tuple[PhoneContact, ...] = (await here.event(PhoneRegistered)).contacts
        await here.stop()
        async with switch(tmp_path, keep, sip_port=port) as again:
            await again.do(SetPhones((account("desk7"),), tuple(("desk7", one) for one in kept)))
            caller = Caller(again, tmp_path)
            call, _ = await caller.up()
            await ring(again, call)
            await asyncio.wait_for(desk.rings.wait(), 10)
            desk.pick_up()
            await again.event(contract.LegUp, leg="desk")
            await again.do(SetPhones((account("desk7", "another"),)))
            assert again.driver.phones.registrar.bound("desk7") == ()
            assert (await again.event(PhoneRegistered)).contacts == ()
            await caller.gone()


@in_loop
async def test_a_new_switch_goes_on_ringing(tmp_path: Path) -> None:
    async with house(tmp_path, sip_port=free_port()) as here, handset(here) as one, handset(here) as two:
        await until(lambda: len(here.driver.phones.registrar.bound("desk7")) == 2)
        caller = Caller(here, tmp_path)
        call, _ = await caller.up()
        await ring(here, call)
        await asyncio.wait_for(asyncio.gather(one.rings.wait(), two.rings.wait()), 10)
        await here.do(contract.Remember(call, "a call"))
        await here.event(contract.LegRinging, leg="desk")
        await here.stop()
        again = await Switch(here.config, keep).start()
        try:
            assert [standing.legs["desk"] for standing in again.standing] == ["ringing"]
            two.pick_up()
            await again.event(contract.LegUp, leg="desk")
            await asyncio.wait_for(one.over.wait(), 10)
            await again.do(contract.HangUp("desk"))
            await asyncio.wait_for(two.over.wait(), 10)
        finally:
            await again.stop()
            await caller.gone()


@pytest.mark.parametrize("transport", ["u1", "t1"])
@in_loop
async def test_sipp_registers_with_its_digest(tmp_path: Path, transport: str) -> None:
    async with house(tmp_path, sip_digests=("MD5", "SHA-256")) as here:  # it knows MD5 only, and looks at the first challenge only
        assert await sipp("register", here.sip_port, transport=transport, options=("-au", "desk7", "-ap", "kettle"), account="desk7") == (0, "")
        told = await here.event(PhoneRegistered)
        assert (told.account, len(told.contacts)) == ("desk7", 1)
        assert (await sipp("register", here.sip_port, transport=transport, options=("-au", "desk7", "-ap", "guess"), account="desk7"))[0] != 0
        assert len(here.of(PhoneRegistered)) == 1

"""Trunks over TLS: another switch plays the carrier, with a registrar and lines of its own. Certificates are checked for real."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cordboard.serve.tls import own_certificate
from cordboard.telephony import driver as contract
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, Event, Trunk
from cordboard.telephony.handsets import PhoneKept, PhoneRegistered, SetPhones
from cordboard.telephony.sip import enrolment
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.switch_house import LOCAL, Switch, configuration, switch
from cordboard.telephony.tests.test_driver_phones import account
from cordboard.telephony.tests.test_trunk_calls import OUTSIDE


async def carries(here: Switch, event: Event) -> None:
    match event:
        case PhoneRegistered():
            await here.do(PhoneKept(event.serial))
        case contract.CallOffered():
            await here.do(contract.Ring(event.leg))
            await here.do(contract.Answer(event.leg))


async def takes(here: Switch, event: Event) -> None:
    if isinstance(event, contract.CallOffered):
        await here.do(contract.Ring(event.leg))
        await here.do(contract.Answer(event.leg))


@contextlib.asynccontextmanager
async def carrier(folder: Path) -> AsyncIterator[tuple[Switch, int, str]]:
    """The carrier, its port for TLS, and the file of its certificate."""
    certificate, key = own_certificate(configuration(folder, folder))
    async with switch(folder, carries, sip_tls_certificate=str(certificate), sip_tls_key=str(key)) as there:
        await there.do(SetPhones((account("centre", "sesame"),)))
        yield there, there.driver.board.agent.endpoint.address("tls")[1], str(certificate)


def over_tls(port: int, **more: Any) -> Trunk:
    return Trunk("one", LOCAL, port, transport="tls", username="centre", password="sesame", numbers=("+31101230000",), keepalive=0.0, **more)


@in_loop
async def test_a_trunk_over_tls_registers_and_carries_calls_both_ways(tmp_path: Path) -> None:
    async with carrier(tmp_path / "carrier") as (there, port, certificate), switch(tmp_path / "us", takes, sip_tls_authorities=certificate) as here:
        await here.do(contract.Configure((over_tls(port, register=True),)))
        told = await here.event(contract.TrunkState)
        assert (told.trunk, told.up, told.reason) == ("one", True, "registered")

        await here.do(contract.Originate("c1", "c1.out", OUTSIDE, begins=True))
        offered = await there.event(contract.CallOffered)
        assert (offered.phone, offered.dnis) == ("centre", "+31205559876")
        assert (await here.event(contract.LegUp, leg="c1.out")).codec == "PCMU"
        assert there.driver.board.legs[offered.leg].session.dialog.transport == "tls"  # type: ignore[union-attr]
        await here.do(contract.HangUp("c1.out"))
        assert (await there.event(contract.LegEnded, leg=offered.leg)).cause is Cause.NORMAL

        # and a call for us, over the connection by which we registered: nobody can connect to us
        await there.do(contract.Originate("c2", "c2.in", Endpoint(EndpointKind.PHONE, "centre"), "+31205550123", begins=True))
        came = await here.event(contract.CallOffered)
        assert here.driver.board.legs[came.leg].trunk == "one"
        await there.event(contract.LegUp, leg="c2.in")
        await here.do(contract.HangUp(came.leg))
        assert (await there.event(contract.LegEnded, leg="c2.in")).by_far_side


@pytest.mark.parametrize(
    ("vouched", "more", "reason"),
    [
        (False, {}, "certificate refused: self-signed certificate"),
        (True, {"domain": "carrier.example"}, "certificate refused: it is for another name"),
        (True, {"domain": "localhost"}, "registered"),
    ],
)
@in_loop
async def test_a_wrong_certificate_is_refused_in_words(tmp_path: Path, vouched: bool, more: dict[str, str], reason: str) -> None:
    """Of a trunk whose domain is named the certificate must be for that."""
    async with carrier(tmp_path / "carrier") as (there, port, certificate):
        trust = {"sip_tls_authorities": certificate} if vouched else {}
        async with switch(tmp_path / "us", takes, **trust) as here:
            await here.do(contract.Configure((over_tls(port, register=True, **more),)))
            told = await here.event(contract.TrunkState)
            if reason == "registered":
                # the carrier knows our account in its own realm, whatever the domain is called
                assert told.up
                return
            assert (told.up, told.reason) == (False, reason)
            await here.do(contract.Originate("c1", "c1.out", OUTSIDE, begins=True))
            assert (await here.event(contract.LegEnded, leg="c1.out")).cause is Cause.UNREACHABLE
            assert there.of(contract.CallOffered) == []


@in_loop
async def test_a_trunk_that_is_only_asked_whether_it_lives_is_down_at_once_with_a_wrong_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrolment, "LOOK_AGAIN", 0.2)
    async with carrier(tmp_path / "carrier") as (_, port, certificate), switch(tmp_path / "us", takes) as here:
        asked = Trunk("one", LOCAL, port, transport="tls", keepalive=0.2)
        await here.do(contract.Configure((asked,)))
        assert (await here.event(contract.TrunkState)).reason == "certificate refused: self-signed certificate"
        # once somebody vouches for it, it is up; the authorities are read again with every switch
        async with switch(tmp_path / "again", takes, sip_tls_authorities=certificate) as again:
            await again.do(contract.Configure((asked,)))
            assert (await again.event(contract.TrunkState)).up
            await until(lambda: again.driver.trunking.usable("one"))

"""STUN and TURN: what browsers are told, and a call by a real TURN server."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aioice import Connection, stun
from aioice.ice import TransportPolicy
from aiortc import RTCConfiguration, RTCIceServer

from cordboard.lib.config import load
from cordboard.telephony import driver as contract
from cordboard.telephony import ice, softphone
from cordboard.telephony.driver import Endpoint, EndpointKind
from cordboard.telephony.ice import BadServer, Servers
from cordboard.telephony.switchlink import Speaker
from cordboard.telephony.tests.far_side import Browser
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.switch_house import LOCAL, Front, Page, free_port, switch
from cordboard.telephony.tests.turn_server import INSTALLED, MISSING, turn_server

NOW = 1_800_000_000.0
TURN = "turn:127.0.0.1:3478?transport=udp"


def test_credentials_are_short_lived_and_the_servers_secret_makes_them() -> None:
    servers = Servers(("stun:192.0.2.1:3478", TURN), secret="lamp", lifetime=3600)
    plain, relay = servers.for_browser("user:7", NOW)
    assert plain == {"urls": "stun:192.0.2.1:3478"}
    assert relay["username"] == "1800003600:user-7"
    assert relay["credential"] == base64.b64encode(hmac.new(b"lamp", relay["username"].encode(), hashlib.sha1).digest()).decode()
    assert "lamp" not in repr(servers)


def test_fixed_credentials_are_told_as_they_are() -> None:
    assert Servers((TURN,), user="centre", password="kettle").for_browser("x", NOW) == [{"urls": TURN, "username": "centre", "credential": "kettle"}]


@pytest.mark.parametrize(
    "urls", [("http://192.0.2.1",), ("stun:",), ("turn:a b",), ("stun:192.0.2.1?transport=udp",), (TURN,), ("turn:x?transport=sctp",), ("stun:x:99999999",)]
)
def test_what_is_no_server_is_said_in_words(urls: tuple[str, ...]) -> None:
    with pytest.raises(BadServer, match="CORDBOARD_"):
        Servers(urls)


def test_a_wrong_setting_costs_nobody_the_telephone(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("CORDBOARD_ICE_SERVERS", "stun:192.0.2.1, turn:192.0.2.1")
    assert ice.of(load()).urls == ()
    assert "TURN server needs CORDBOARD_TURN_SECRET" in caplog.text
    monkeypatch.setenv("CORDBOARD_TURN_SECRET", "lamp")
    assert ice.of(load()).urls == ("stun:192.0.2.1", "turn:192.0.2.1")


def test_pages_read_what_they_are_told() -> None:
    told = softphone.Connect("c.a1", "c", "opus", tuple(Servers((TURN,), secret="lamp").for_browser("user:7", NOW)))
    assert softphone.to_page(softphone.encode(told) | {"ice": list(told.ice)}) == told
    with pytest.raises(softphone.BadMessage, match="list of objects"):
        softphone.to_page({**softphone.encode(told), "ice": ["turn:x"]})


# ---- with a real server ---------------------------------------------------------------------------------------------

coturn = pytest.mark.skipif(not INSTALLED, reason=MISSING)


@pytest.fixture
def turn(tmp_path: Path) -> Iterator[int]:
    with turn_server(tmp_path, free_port()) as port:
        yield port


async def _answers(port: int) -> bool:
    with contextlib.suppress(stun.TransactionError, stun.TransactionFailed, OSError, TimeoutError):
        connection = Connection(ice_controlling=True, stun_server=(LOCAL, port))
        try:
            await asyncio.wait_for(connection.gather_candidates(), 3)
            return bool(connection.local_candidates)
        finally:
            await connection.close()
    return False


class Behind(Page):
    """A page in a network that lets nothing through but to the TURN server: it uses the servers that it was told, and relayed candidates only."""

    def __init__(self, front: Front, speaker: Speaker) -> None:
        super().__init__(front, speaker)
        self.told: list[dict[str, str]] = []

    async def _act(self, message: softphone.ToPage) -> None:
        if not isinstance(message, softphone.Connect):
            await super()._act(message)
            return
        self.told = [dict(one) for one in message.ice]
        servers = [RTCIceServer(one["urls"], one.get("username"), one.get("credential")) for one in self.told]
        browser = self.legs[message.leg] = Browser(self.hertz, configuration=RTCConfiguration(servers))
        for transceiver in browser.connection.getTransceivers():
            transceiver.sender.transport.transport.iceGatherer._connection._transport_policy = TransportPolicy.RELAY
        self.say(softphone.Offer(message.leg, await browser.offer()))


@contextlib.asynccontextmanager
async def behind(here_port: int, folder: Path, **more: str) -> AsyncIterator[tuple[object, Behind]]:
    servers = {"ice_servers": (f"turn:{LOCAL}:{here_port}?transport=udp",), **more}
    async with switch(folder, **servers) as here:  # type: ignore[arg-type]
        front = await Front(here.config.switch_socket).connected()
        page = Behind(front, Speaker("p1", user="7", session="s"))
        page.register()
        try:
            yield here, page
        finally:
            await front.close()


@coturn
@in_loop
async def test_an_agent_behind_a_closed_network_talks_by_the_turn_server(tmp_path: Path, turn: int) -> None:
    assert await until_answers(turn)
    async with behind(turn, tmp_path, turn_secret="lamp") as (here, page):
        await here.do(contract.Originate("c1", "c1.a", Endpoint(EndpointKind.BROWSER, "7"), begins=True))  # type: ignore[attr-defined]
        await here.event(contract.LegUp, leg="c1.a")  # type: ignore[attr-defined]
        assert [one["urls"] for one in page.told] == [f"turn:{LOCAL}:{turn}?transport=udp"]
        offer = page.legs["c1.a"].connection.localDescription.sdp
        candidates = [line for line in offer.splitlines() if line.startswith("a=candidate")]
        assert candidates
        assert all("typ relay" in line for line in candidates)
        await here.do(contract.Play("c1.a", "p", (contract.Prompt("Good morning to you all, this is a long sentence."),)))  # type: ignore[attr-defined]
        await until(lambda: abs(page.legs["c1.a"].heard(0.6).astype(float)).max(initial=0) > 500)


@coturn
@in_loop
async def test_a_credential_made_with_another_secret_gets_no_relay(tmp_path: Path, turn: int) -> None:
    assert await until_answers(turn)
    async with behind(turn, tmp_path, turn_secret="kettle") as (here, page):
        await here.do(contract.Originate("c1", "c1.a", Endpoint(EndpointKind.BROWSER, "7"), begins=True, timeout=1.5))  # type: ignore[attr-defined]
        await here.event(contract.LegEnded, leg="c1.a")  # type: ignore[attr-defined]
        assert page.told
        assert here.of(contract.LegUp) == []  # type: ignore[attr-defined]


async def until_answers(port: int) -> bool:
    for _ in range(50):
        if await _answers(port):
            return True
        await asyncio.sleep(0.1)
    return False

"""All torture test messages of RFC 4475, over UDP and TCP: each has its outcome here, and after each the switch is as well as before."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.authentication import Authenticator
from cordboard.telephony.sip.endpoint import Inbox
from cordboard.telephony.sip.gate import Gate
from cordboard.telephony.sip.message import Request, parse
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.registrar import Registrar
from cordboard.telephony.sip.registrations import Refused, Terms, register
from cordboard.telephony.sip.wheel import Wheel
from cordboard.telephony.tests.media_house import in_loop
from cordboard.telephony.tests.sip_wire import Owner
from cordboard.telephony.tests.switch_house import LOCAL
from cordboard.telephony.tests.torture import NAMES, read

CALL, NOTHING = "call", ""
"""Offered to whoever owns the agent (and answered with 486 here); not answered at all."""

OUTCOMES: dict[str, str] = {
    # 3.1.1: valid, however odd
    "wsinv": "481",  # its To has a tag: of a call that we do not know
    "intmeth": "501",
    "esc01": CALL,
    "escnull": "401",  # a REGISTER like any other: first of all, who is it?
    "esc02": "501",  # % is part of the name: this is not REGISTER
    "lwsdisp": "200",
    "longreq": CALL,
    "dblreq": "401",  # the first; over TCP the second is a message as well
    "semiuri": "200",
    "transports": "200",
    "mpart01": "405",  # MESSAGE is not for us
    "unreason": NOTHING,  # responses that nobody waits for
    "noreason": NOTHING,
    # 3.1.2: not valid
    "badinv01": "400",
    "clerr": "400",
    "ncl": "400",
    "scalar02": "400",
    "scalarlg": NOTHING,
    "quotbal": "400",
    "ltgtruri": "400",
    "lwsruri": "400",
    "lwsstart": "400",
    "trws": "400",
    "escruri": "400",
    "baddate": CALL,  # dates are not read
    "regbadct": "401",
    "badaspec": "200",  # the spaces can mean one thing only
    "baddn": "200",  # and so can the comma
    "badvers": "505",
    "mismatch01": "400",
    "mismatch02": "400",
    "bigcode": NOTHING,
    # 3.2: transactions
    "badbranch": "200",  # as one of RFC 2543
    # 3.3: what it asks
    "insuf": "400",
    "unkscm": "416",
    "novelsc": "416",
    "unksm2": "401",
    "bext01": "420",
    "invut": "415",
    "regaut01": "401",
    "multi01": "400",
    "mcl01": "400",
    "bcast": NOTHING,
    "zeromf": "200",  # it is for us: no hop is needed
    "cparam01": "401",
    "cparam02": "401",
    "regescrt": "401",
    "sdp01": "406",
    # 3.4: of 1999
    "inv2543": "400",  # without a tag there is no dialog, and nobody writes so any more
}
OVER_TCP = {
    "dblreq": "401 400",  # the second has no Contact
    "clerr": NOTHING,  # the rest may still come; who is slow is cut off
    "multi01": NOTHING,  # its body is two octets short
    "inv2543": "400",  # Content-Length must be there
}
UNFRAMED = {"clerr", "dblreq", "multi01"}
"""Over TCP what comes behind it is not read: its own Content-Length is not that of its body."""
CLOSES = {"ncl", "mcl01", "inv2543"}
"""Over TCP nobody knows where the next message begins."""


class Raw(Inbox):
    """A transport that keeps what is sent as it is on the wire."""

    host, port = "198.51.100.1", 5060

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []

    def send(self, data: bytes, peer: Peer) -> None:
        self.sent.append(data)

    def close(self) -> None: ...


def house() -> tuple[UserAgent, Raw, Owner]:
    owner = Owner(lambda session: session.refuse(486))
    endpoint, wheel = Raw(), Wheel()
    agent = UserAgent(owner, owner, Settings())
    agent.attach(endpoint, wheel)
    furnish(agent, lambda: wheel.now)
    agent.listen()
    return agent, endpoint, owner


def furnish(agent: UserAgent, clock: Any) -> None:
    registrar = Registrar(agent.layer, lambda account, bindings, kept: kept(), clock, agent.contact)
    registrar.restore({})
    agent.gate = Gate(registrar, Authenticator("centre.example", lambda name, algorithm: None), lambda: {"centre.example"})


def statuses(stream: bytes) -> list[str]:
    return [found.decode() for found in re.findall(rb"^SIP/2\.0 (\d{3}) ", stream, re.M)]


def test_every_message_is_there() -> None:
    assert sorted(OUTCOMES) == NAMES
    assert len(NAMES) == 49


@pytest.mark.parametrize("name", NAMES)
def test_over_udp(name: str) -> None:
    agent, endpoint, owner = house()
    endpoint.take(read(name), Peer("192.0.2.99", 5060))
    answered = [one for one in statuses(b"".join(endpoint.sent)) if one != "100"]
    wanted = OUTCOMES[name]
    assert answered == (["486"] if wanted == CALL else wanted.split())
    assert len(owner.calls) == (wanted == CALL)
    assert endpoint.counts["crashed"] == 0
    agent.wheel.advance(200.0)
    assert len(agent.layer) == 0


PROBE = (
    "OPTIONS sip:{host} SIP/2.0\r\nVia: SIP/2.0/{transport} {host};branch=z9hG4bKprobe{name};rport\r\nMax-Forwards: 70\r\n"
    "From: <sip:p@{host}>;tag=p\r\nTo: <sip:{host}>\r\nCall-ID: probe-{name}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
)


@in_loop
async def test_over_tcp_and_the_switch_lives() -> None:
    for name in NAMES:
        owner = Owner(lambda session: session.refuse(486))
        agent = UserAgent(owner, owner, Settings())
        await agent.start(LOCAL, 0)
        furnish(agent, lambda: 0.0)
        agent.listen()
        try:
            await over_tcp(name, agent, owner)
        finally:
            agent.stop()


async def over_tcp(name: str, agent: UserAgent, owner: Owner) -> None:
    reader, writer = await asyncio.open_connection(LOCAL, agent.endpoint.port)
    probe = PROBE.format(host=LOCAL, transport="TCP", name=name).encode()
    writer.write(read(name) + (b"" if name in UNFRAMED else probe))
    wanted = OVER_TCP.get(name, OUTCOMES[name])
    expected = ["486"] if wanted == CALL else wanted.split()
    if name not in CLOSES | UNFRAMED:
        expected = [*expected, "200"]  # the probe behind it
    got = await answers(name, reader, len(expected), until_closed=name in CLOSES)
    assert (name, got) == (name, expected)
    assert len(owner.calls) == (wanted == CALL), name
    assert agent.endpoint.counts["crashed"] == 0  # type: ignore[attr-defined]
    writer.close()


async def answers(name: str, reader: asyncio.StreamReader, count: int, *, until_closed: bool) -> list[str]:
    stream = b""
    while until_closed or len([one for one in statuses(stream) if one != "100"]) < count:
        try:
            more = await asyncio.wait_for(reader.read(65536), 10)
        except TimeoutError:
            raise AssertionError(f"{name}: {stream!r}") from None
        if not more:
            break
        stream += more
    return [one for one in statuses(stream) if one != "100"]


@in_loop
async def test_all_of_them_over_a_real_udp_socket_and_the_switch_lives() -> None:
    owner = Owner(lambda session: session.refuse(486))
    agent = UserAgent(owner, owner, Settings(rate=1000.0, burst=1000.0))
    await agent.start(LOCAL, 0)
    furnish(agent, lambda: 0.0)
    agent.listen()
    loop = asyncio.get_running_loop()
    got: asyncio.Queue[bytes] = asyncio.Queue()

    class Client(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: Any) -> None:
            got.put_nowait(data)

    client, _ = await loop.create_datagram_endpoint(Client, remote_addr=(LOCAL, agent.endpoint.port))
    try:
        for name in NAMES:
            client.sendto(read(name))
            client.sendto(PROBE.format(host=LOCAL, transport="UDP", name=name).encode())
            while f"probe-{name}".encode() not in await asyncio.wait_for(got.get(), 10):
                continue
        assert agent.endpoint.counts["crashed"] == 0  # type: ignore[attr-defined]
        assert len(owner.calls) == sum(wanted == CALL for wanted in OUTCOMES.values())
    finally:
        client.close()
        agent.stop()


def request(name: str) -> Request:
    found = parse(read(name))
    assert isinstance(found, Request)
    return found


def bound(name: str) -> list[str]:
    """What an authenticated telephone would have bound by this REGISTER."""
    return [one.contact for one in register((), request(name), Peer("192.0.2.99", 5060), 0.0, Terms())]


def test_what_the_registrar_makes_of_them_once_it_knows_who_it_is() -> None:
    assert bound("cparam01") == ["sip:+19725552222@gw1.example.net"]  # of the header
    assert bound("cparam02") == ["sip:+19725552222@gw1.example.net;unknownparam"]  # of the address
    assert bound("regescrt") == ["sip:user@example.com?Route=%3Csip:sip.example.com%3E"]
    assert bound("escnull") == ["sip:%00@host5.example.com", "sip:%00%00@host5.example.com"]
    assert bound("dblreq") == ["sip:j.user@host.example.com"]
    for refused in ("regbadct", "unksm2"):
        with pytest.raises(Refused) as found:
            bound(refused)
        assert found.value.status == 400


def test_what_is_echoed_of_the_oddest_one_is_what_came() -> None:
    _, endpoint, _ = house()
    endpoint.take(read("intmeth"), Peer("192.0.2.99", 5060))
    sent = b"".join(endpoint.sent)
    assert b'"BEL:\\\x07 NUL:\\\x00 DEL:\\\x7f"' in sent
    assert b"Call-ID: intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{\r\n" in sent

"""SIP over TCP and TLS with real sockets: who may connect, for how long, and what comes back over which connection."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cordboard.lib.config import Config
from cordboard.serve.tls import own_certificate
from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.message import Request, Response, parse
from cordboard.telephony.sip.outbound import OutboundSession
from cordboard.telephony.sip.sockets import Tls, client_context
from cordboard.telephony.sip.streams import Limits, Streams
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.sip_wire import OFFER, OURS, Owner
from cordboard.telephony.tests.switch_house import LOCAL, configuration


@contextlib.asynccontextmanager
async def agent(limits: Limits | None = None, tls: Tls | None = None, owner: Owner | None = None, **settings: Any) -> AsyncIterator[UserAgent]:
    user = owner or Owner()
    found = UserAgent(user, user, Settings(limits=limits, **settings))
    await found.start(LOCAL, 0, tls=tls)
    found.listen()
    try:
        yield found
    finally:
        found.stop()


def options(branch: str = "1", *, method: str = "OPTIONS", extra: str = "", transport: str = "TCP", body: str = "", to: str = "<sip:100@127.0.0.1>") -> bytes:
    return (
        f"{method} sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{transport} 127.0.0.1:5099;branch=z9hG4bK{branch};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:alice@127.0.0.1:5099>;tag=a{branch}\r\nTo: {to}\r\nCall-ID: {branch}\r\nCSeq: 1 {method}\r\n"
        f"{extra}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


class Line:
    """A client's connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def to(cls, port: int, context: ssl.SSLContext | None = None) -> Line:
        return cls(*await asyncio.open_connection(LOCAL, port, ssl=context))

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def message(self) -> Request | Response:
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), 10)
        length = int(head.rpartition(b"Content-Length: ")[2])
        return parse(head + await self.reader.readexactly(length))

    async def closed(self) -> bool:
        """Did they close? Waits until they do."""
        with contextlib.suppress(ConnectionError, RuntimeError):
            while await asyncio.wait_for(self.reader.read(1000), 20):
                continue
        return True


async def tcp(here: UserAgent) -> Line:
    return await Line.to(here.endpoint.port)


@in_loop
async def test_requests_are_answered_over_their_connection() -> None:
    async with agent() as here:
        line = await tcp(here)
        await line.say(options("1") + options("2")[:50])
        first = await line.message()
        await line.say(options("2")[50:])
        second = await line.message()
    assert isinstance(first, Response)
    assert (first.status, first.headers.get("contact")) == (200, f"<sip:127.0.0.1:{here.endpoint.port};transport=tcp>")
    assert isinstance(second, Response)
    assert (second.status, second.call_id) == (200, "2")


@in_loop
async def test_a_keep_alive_gets_its_answer() -> None:
    async with agent() as here:
        line = await tcp(here)
        await line.say(b"\r\n\r\n")
        assert await asyncio.wait_for(line.reader.readexactly(2), 10) == b"\r\n"
        await line.say(options())
        assert (await line.message()).call_id == "1"


def certificate(folder: Path) -> tuple[Config, Tls]:
    conf = configuration(folder, folder)
    pem, key = own_certificate(conf)
    return conf, Tls(0, pem, key, authorities=str(pem))


@in_loop
async def test_the_same_over_tls(tmp_path: Path) -> None:
    _, tls = certificate(tmp_path)
    async with agent(tls=tls) as here:
        port = here.endpoint.address("tls")[1]
        line = await Line.to(port, client_context(tls.authorities))
        await line.say(options(transport="TLS"))
        answer = await line.message()
        plain = await Line.to(port)
        await plain.say(options())
        assert await plain.closed()
    assert answer.headers.get("contact") == f"<sip:127.0.0.1:{port};transport=tls>"
    assert port != here.endpoint.port


@in_loop
async def test_a_call_over_tls_to_a_sips_address_and_back(tmp_path: Path) -> None:
    """We are both sides: the INVITE, its answer, and the BYE of the one called go over one connection."""
    _, tls = certificate(tmp_path)
    called = Owner(lambda session: session.answer(OURS))
    async with agent(tls=tls, owner=called) as bob:
        owner = Owner()
        async with agent(tls=Tls(0, tls.certificate, tls.key, tls.authorities), owner=owner) as alice:
            made: list[OutboundSession] = []
            alice.call(f"sips:100@127.0.0.1:{bob.endpoint.address('tls')[1]}", OFFER, "200", made.append, lambda: None)
            await until(lambda: ("acknowledged", "") in called.told)
            assert called.calls[0].dialog is not None
            assert called.calls[0].dialog.remote_target.startswith("sips:")
            called.calls[0].hang_up()
            await until(lambda: ("hung_up",) in owner.told)
            assert isinstance(bob.endpoint.tls, Streams)  # type: ignore[attr-defined]
            assert len(bob.endpoint.tls) == 1  # type: ignore[attr-defined]


@in_loop
async def test_a_server_whose_certificate_nobody_vouches_for_is_not_spoken_to(tmp_path: Path) -> None:
    _, tls = certificate(tmp_path)
    async with agent(tls=tls) as bob:
        owner = Owner()
        async with agent(owner=owner) as alice:  # trusts the machine's authorities only
            alice.call(f"sip:100@127.0.0.1:{bob.endpoint.address('tls')[1]};transport=tls", OFFER, "200", owner.made.append, lambda: None)
            await until(lambda: owner.told)
    assert owner.told == [("timeout", 408)]


@in_loop
async def test_a_call_to_nobody_fails_at_once() -> None:
    owner = Owner()
    async with agent(owner=owner) as here:
        here.call("sip:100@127.0.0.1:9;transport=tcp", OFFER, "200", owner.made.append, lambda: None)
        await until(lambda: owner.told)
    assert owner.told == [("timeout", 408)]


@in_loop
async def test_one_address_has_only_so_many_connections() -> None:
    async with agent(Limits(per_host=3)) as here:
        lines = [await tcp(here) for _ in range(5)]
        await until(lambda: here.endpoint.tcp.counts["refused"] == 2)  # type: ignore[attr-defined]
        assert await lines[4].closed()
        await lines[0].say(options())
        assert (await lines[0].message()).call_id == "1"
        lines[0].writer.close()
        await until(lambda: len(here.endpoint.tcp) == 2)  # type: ignore[attr-defined]
        again = await tcp(here)
        await again.say(options("2"))
        assert (await again.message()).call_id == "2"


@pytest.mark.parametrize(
    ("limits", "said", "reason"),
    [
        (Limits(message=0.2), options()[:40], "slow"),
        (Limits(first=0.2), b"", "silent"),
        (Limits(idle=0.2), options(), "idle"),
    ],
)
@in_loop
async def test_who_is_slow_or_says_nothing_is_cut_off(limits: Limits, said: bytes, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Streams, "SWEEP", 0.05)
    async with agent(limits) as here:
        line = await tcp(here)
        if said:
            await line.say(said)
        assert await line.closed()
        assert here.endpoint.tcp.counts[reason] == 1  # type: ignore[attr-defined]
        assert len(here.endpoint.tcp) == 0  # type: ignore[attr-defined]


@in_loop
async def test_dripping_byte_by_byte_is_slow_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Streams, "SWEEP", 0.05)
    async with agent(Limits(message=0.3)) as here:
        line = await tcp(here)
        for byte in options():
            try:
                await line.say(bytes([byte]))
            except (ConnectionError, RuntimeError):
                break
            await asyncio.sleep(0.01)
        assert await line.closed()
        assert here.endpoint.tcp.counts["slow"] == 1  # type: ignore[attr-defined]


@in_loop
async def test_a_half_made_tls_connection_is_counted_and_cut_off(tmp_path: Path) -> None:
    _, tls = certificate(tmp_path)
    async with agent(Limits(per_host=1, handshake=1.0), tls=tls) as here:
        port = here.endpoint.address("tls")[1]
        silent = await Line.to(port)
        await until(lambda: len(here.endpoint.tls) == 1)  # type: ignore[attr-defined]
        second = await Line.to(port)
        assert await second.closed()
        assert await silent.closed()
        await until(lambda: len(here.endpoint.tls) == 0)  # type: ignore[attr-defined]


@in_loop
async def test_who_does_not_fetch_the_answers_is_cut_off() -> None:
    async with agent(Limits(unfetched=20_000), rate=100_000.0, burst=100_000.0) as here:
        line = await tcp(here)
        line.writer.transport.pause_reading()  # type: ignore[attr-defined]
        echoed = "".join(f"Via: SIP/2.0/TCP 192.0.2.{one};branch=z9hG4bK{'a' * 200}\r\n" for one in range(50))
        with contextlib.suppress(ConnectionError, RuntimeError):
            for number in range(60_000):
                await line.say(options(str(number), extra=echoed))
                if here.endpoint.tcp.counts["unfetched"]:  # type: ignore[attr-defined]
                    break
        await until(lambda: len(here.endpoint.tcp) == 0)  # type: ignore[attr-defined]
        assert here.endpoint.tcp.counts["unfetched"] == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (options().replace(b"Content-Length: 0\r\n", b""), 400),
        (options().replace(b"Content-Length: 0", b"Content-Length: 1000000"), 513),
        (options().replace(b"Content-Length: 0", b"Content-Length: many"), 400),
    ],
)
@in_loop
async def test_a_stream_that_cannot_be_followed_is_answered_and_closed(said: bytes, status: int) -> None:
    async with agent() as here:
        line = await tcp(here)
        await line.say(said)
        answer = await line.message()
        assert isinstance(answer, Response)
        assert answer.status == status
        assert await line.closed()


@in_loop
async def test_messages_that_cannot_be_read_are_answered_a_few_times() -> None:
    async with agent(Limits(malformed=3)) as here:
        line = await tcp(here)
        for number in range(3):
            await line.say(options(str(number)).replace(b"CSeq: 1 OPTIONS", b"CSeq: 1 INVITE"))
            answer = await line.message()
            assert isinstance(answer, Response)
            assert answer.status == 400
        assert await line.closed()


@in_loop
async def test_the_same_request_twice_over_one_connection_is_done_once() -> None:
    owner = Owner(lambda session: session.ring())
    async with agent(owner=owner) as here:
        line = await tcp(here)
        invite = options(method="INVITE", extra="Contact: <sip:alice@127.0.0.1:5099;transport=tcp>\r\nContent-Type: application/sdp\r\n", body=OFFER)
        await line.say(invite + invite)
        for _ in range(2):
            answer = await line.message()
            assert isinstance(answer, Response)
            assert answer.status == 180
    assert len(owner.calls) == 1


@in_loop
async def test_a_trunk_may_have_its_requests_over_the_connection_that_it_made() -> None:
    """RFC 5923: `alias` in Via, from one whom we trust. From anybody else the word changes nothing."""
    for trusted in (("127.0.0.1",), ()):
        owner = Owner()
        async with agent(owner=owner, trusted=trusted) as here:
            line = await tcp(here)
            await line.say(options().replace(b";rport", b";rport;alias"))
            await line.message()
            here.call("sip:100@127.0.0.1:5099;transport=tcp", OFFER, "200", owner.made.append, lambda: None)
            if trusted:
                assert isinstance(await line.message(), Request)
            else:
                await until(lambda owner=owner: owner.told)
                assert owner.told == [("timeout", 408)]

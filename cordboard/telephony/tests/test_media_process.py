"""The media process as a process: strangers and junk at its ports, switches that come and go, and its own end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from cordboard.telephony import driver
from cordboard.telephony.media import recording, rtcp, rtp
from cordboard.telephony.media.client import MediaClient, MediaError
from cordboard.telephony.media.protocol import Codec, Error, LegFailed, LegKind, LegState, MediaEvent, ProcessDown, ProcessUp, Superseded
from cordboard.telephony.tests.far_side import Browser, Phone
from cordboard.telephony.tests.media_house import house, in_loop, ports, quick_loss, until
from cordboard.telephony.tests.sound import hears, silent


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


# ---- strangers and junk -----------------------------------------------------------------------------------------


@in_loop
async def test_a_strangers_sound_is_not_heard(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        customer = await here.phone("customer", hertz=440)
        agent = await here.phone("agent", hertz=700)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(agent.heard(), 440))
        stranger = await Phone().open()
        stranger.far = customer.far
        stranger.say(1500)
        await asyncio.sleep(0.8)
        assert hears(agent.heard(), 440)
        assert not stranger.packets, "and nothing is sent to him"
        stranger.close()
        stats = await here.client.close_leg("customer")
        assert stats.dropped["stranger"] > 20


@in_loop
async def test_a_phone_behind_address_translation_is_learned(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        agent = await here.phone("agent", hertz=700)
        phone = await Phone().open()
        answer = await here.client.offer("call", "customer", LegKind.SIP, phone.sdp.replace(f"m=audio {phone.port}", "m=audio 9"))
        await here.client.note("customer", LegState.UP)
        phone.call(answer.sdp)
        phone.say(440)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(agent.heard(), 440) and hears(phone.heard(), 700))
        phone.close()


@in_loop
async def test_junk_is_counted_and_the_call_goes_on(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        customer = await here.phone("customer", hertz=440)
        agent = await here.phone("agent", hertz=700)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        luck = random.Random(1)
        for _ in range(300):
            customer.sock.sendto(luck.randbytes(luck.randrange(0, 60)), customer.far)
            await asyncio.sleep(0)
        await asyncio.sleep(0.05)
        head = rtp.build(0, False, 1, 1, 1, b"")
        for junk in (
            b"",
            b"\x80",
            head,
            head[:11],
            head + bytes(3000),
            b"\xbf" + head[1:] + b"\xff",
            rtp.build(77, False, 1, 1, 1, bytes(160)),
            rtp.build(101, False, 1, 1, 1, b"\x01"),
        ):
            customer.sock.sendto(junk, customer.far)
        await until(lambda: hears(agent.heard(), 440) and hears(customer.heard(), 700))
        stats = await here.client.close_leg("customer")
        assert {"short", "version", "payload_type", "empty", "too_long", "malformed"} <= set(stats.dropped)


@in_loop
async def test_junk_at_a_browsers_port_is_counted_and_the_call_goes_on(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=440)
        browser = await here.browser("agent", hertz=1000, prefer=(Codec.PCMU,))
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(phone.heard(), 1000))
        session = here.media.rooms["call"].legs["agent"].current  # type: ignore[attr-defined]
        [local] = session._ice._protocols
        port = local.sock.getsockname()[1]
        luck = random.Random(2)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for _ in range(300):
                sock.sendto(luck.randbytes(luck.randrange(0, 80)), ("127.0.0.1", port))
            binding = bytes([0, 1, 0, 0x10]) + b"\x21\x12\xa4\x42" + bytes(12)
            for body in (b"\x00\x06\x00\x0cabc", b"\x00\x06\xff\xff" + bytes(12), bytes(16), b"\x80\x20\x00\x01" + bytes(12)):
                sock.sendto(binding + body, ("127.0.0.1", port))
        for _ in range(50):  # from the browser's own address, as someone in between could
            session._ice._nominated[1].protocol.datagram_received(luck.randbytes(40), session._ice._nominated[1].remote_addr)
        await asyncio.sleep(0.5)
        await until(lambda: hears(phone.heard(), 1000) and hears(browser.heard(), 440))
        assert here.media.rooms["call"].legs["agent"].dropped["stranger"] > 50


@in_loop
async def test_offers_that_cannot_be_met(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        g729 = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n"
        for kind, sdp, code in ((LegKind.SIP, g729, Error.NO_CODEC), (LegKind.SIP, "junk", Error.BAD_SDP), (LegKind.BROWSER, g729, Error.BAD_SDP)):
            with pytest.raises(MediaError) as refused:
                await here.client.offer("call", "leg", kind, sdp)
            assert refused.value.code is code
        assert await here.client.standing() == (), "nothing of them is left"
        with pytest.raises(MediaError) as refused:
            await here.client.perform(driver.Play("nobody", "p", ()))
        assert refused.value.code is Error.NO_SUCH_LEG
        with pytest.raises(MediaError) as refused:
            await here.client.perform(driver.Bridge("nothing", ()))
        assert refused.value.code is Error.NO_SUCH_CALL


@in_loop
async def test_a_browser_that_never_connects_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.media.leg_webrtc.CONNECT", 0.5)
    async with house(tmp_path) as here:
        browser = Browser()
        await here.client.offer("call", "agent", LegKind.BROWSER, await browser.offer())
        await here.event(LegFailed, leg="agent")
        [call] = await here.client.standing()
        assert call.legs[0].state is LegState.RINGING
        await browser.close()


@in_loop
async def test_a_browser_that_hides_its_address_is_learned(tmp_path: Path) -> None:
    """mDNS candidates: the name means nothing to us, the browser's own checks tell where it is."""
    async with house(tmp_path) as here:
        browser = Browser(1000)
        here._far.append(browser)
        offer = (await browser.offer()).replace(" 127.0.0.1 ", " 3a7d0a53-1111-2222-3333-444455556666.local ")
        answer = await here.client.offer("call", "agent", LegKind.BROWSER, offer)
        await browser.accept(answer.sdp)
        await here.event(driver.LegUp, leg="agent")


@in_loop
async def test_we_call_a_phone(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        offer = await here.client.make_offer("call", "trunk", (Codec.PCMA, Codec.PCMU))
        phone = await Phone(Codec.PCMA).open()
        phone.call(offer.sdp)
        settled = await here.client.answer("trunk", phone.sdp)
        assert (settled.codec, settled.dtmf) == ("PCMA", True)
        await here.client.note("trunk", LegState.UP)
        agent = await here.phone("agent", hertz=700)
        phone.say(440)
        await here.client.perform(driver.Bridge("call", ("trunk", "agent")))
        await until(lambda: hears(phone.heard(), 700) and hears(agent.heard(), 440))
        phone.close()


@in_loop
async def test_a_phone_holds_and_takes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick_loss(monkeypatch)
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=440)
        agent = await here.phone("agent", hertz=700)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(phone.heard(), 700))
        held = await here.client.offer("call", "customer", LegKind.SIP, phone.sdp.replace("a=sendrecv", "a=inactive"))
        assert "a=inactive" in held.sdp
        phone.talking = False
        phone.packets.clear()
        await asyncio.sleep(0.05)
        phone.packets.clear()
        await asyncio.sleep(1)
        assert not phone.packets
        assert not here.of(driver.MediaLost, leg="customer"), "who holds is not lost"
        back = await here.client.offer("call", "customer", LegKind.SIP, phone.sdp)
        assert "a=sendrecv" in back.sdp
        phone.talking = True
        await until(lambda: hears(phone.heard(), 700) and hears(agent.heard(), 440))


@in_loop
async def test_comfort_noise_is_a_sign_of_life_and_nothing_to_hear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick_loss(monkeypatch)
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=440)
        agent = await here.phone("agent", hertz=700)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(agent.heard(), 440))
        phone.talking = False
        for _ in range(8):
            phone.send(b"\x40", number=13, samples=160)
            await asyncio.sleep(0.15)
        assert not here.of(driver.MediaLost, leg="customer")
        assert silent(agent.heard(0.3))
        assert all(len(packet.payload) == 160 for packet in agent.packets)


@in_loop
async def test_reports_are_sent_and_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick_loss(monkeypatch)
    monkeypatch.setattr("cordboard.telephony.media.room.REPORTS", 0.3)
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=440)
        leg = here.media.rooms["call"].legs["customer"]
        reports = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            try:
                sock.bind(("127.0.0.1", phone.port + 1))
            except OSError:
                pytest.skip("the neighbouring port is taken")
            sock.setblocking(False)
            phone.talking = False
            await until(lambda: _take(sock, reports))
            assert rtcp.parse(reports[0])
            for _ in range(6):  # a phone that only sends reports is there all the same
                sock.sendto(rtcp.build(1, 1.0, 1, 1, 1), ("127.0.0.1", leg.port + 1))  # type: ignore[attr-defined]
                await asyncio.sleep(0.25)
        assert not here.of(driver.MediaLost)


def _take(sock: socket.socket, into: list[bytes]) -> bool:
    with contextlib.suppress(BlockingIOError):
        into.append(sock.recv(2000))
    return bool(into)


# ---- switches come and go ---------------------------------------------------------------------------------------


async def listen(client: MediaClient, into: list[MediaEvent]) -> None:
    async for event in client.events():
        into.append(event)


@in_loop
async def test_calls_outlive_the_switch_and_the_next_one_misses_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        customer = await here.phone("customer", hertz=440)
        agent = await here.phone("agent", hertz=700)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await here.client.perform(driver.Remember("call", "what the switch knew"))
        await here.client.note("customer", note="the dialog")
        await here.client.stop()
        customer.key("4")
        customer.key("2")
        agent.packets.clear()
        await until(lambda: hears(agent.heard(), 440) and hears(customer.heard(), 700))

        following: list[MediaEvent] = []
        switch = MediaClient(here.client.path, 0)
        switch.start()
        task = asyncio.create_task(listen(switch, following))
        await until(lambda: len([each for each in following if isinstance(each, driver.KeyPressed)]) == 2)
        assert [each.key for each in following if isinstance(each, driver.KeyPressed)] == ["4", "2"]
        [call] = await switch.standing()
        assert (call.call, call.memo, call.bridge) == ("call", "what the switch knew", ("customer", "agent"))
        assert {leg.leg: (leg.state, leg.codec, leg.note) for leg in call.legs} == {
            "customer": (LegState.UP, "PCMU", "the dialog"), "agent": (LegState.UP, "PCMU", ""),
        }  # fmt: skip
        await switch.perform(driver.Bridge("call", ()))
        await until(lambda: silent(agent.heard(0.3)))
        await switch.stop()
        task.cancel()


@in_loop
async def test_the_newest_switch_wins(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        newer = MediaClient(here.client.path, 0)
        newer.start()
        assert await newer.connected(5)
        await here.event(Superseded)
        with pytest.raises(MediaError) as refused:
            await here.client.standing()
        assert refused.value.code is Error.NOT_CONNECTED
        assert await newer.standing() == ()
        await asyncio.sleep(0.3)
        assert newer.is_connected, "the old one does not come back"
        await newer.stop()


@in_loop
async def test_an_event_is_kept_until_it_is_dealt_with(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.client.stop()
        first = MediaClient(here.client.path, 0)
        first.start()
        phone = await Phone().open()
        assert await first.connected(5)
        answer = await first.offer("call", "customer", LegKind.SIP, phone.sdp)
        phone.call(answer.sdp)
        phone.send(bytes(160))
        phone.key("1")
        async for event in first.events():
            if isinstance(event, driver.KeyPressed):
                break  # the switch dies with the event in its hands
        await first.stop()
        seen: list[MediaEvent] = []
        second = MediaClient(here.client.path, 0)
        second.start()
        task = asyncio.create_task(listen(second, seen))
        await until(lambda: [each for each in seen if isinstance(each, driver.KeyPressed)])
        await second.stop()
        task.cancel()
        phone.close()


@in_loop
async def test_nonsense_from_the_switch_is_answered(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        reader, writer = await asyncio.open_unix_connection(str(here.client.path))
        assert b"hello" in await reader.readline()
        writer.write(b'{"id": 1, "request": {"type": "Fly"}}\n{"id": 2, "request": {"type": "LegFailed", "leg": "l", "reason": ""}}\n')
        assert b"bad_request" in await reader.readline()
        assert b"bad_request" in await reader.readline()
        writer.write(b"no json\n")
        assert await reader.readline() == b""
        writer.close()


# ---- its own end ------------------------------------------------------------------------------------------------


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """`python -m cordboard.telephony.media` as the supervisor starts it."""
    with tempfile.TemporaryDirectory(prefix="cb") as run:
        first, last = ports()
        environment = os.environ | {
            "CORDBOARD_DATA": str(tmp_path / "data"), "CORDBOARD_RUN": run, "CORDBOARD_SIP_HOST": "127.0.0.1",
            "CORDBOARD_MEDIA_PORT_LOW": str(first), "CORDBOARD_MEDIA_PORT_HIGH": str(last), "CORDBOARD_MEDIA_PROCESSES": "2",
        }  # fmt: skip
        child = subprocess.Popen([sys.executable, "-m", "cordboard.telephony.media", "--number", "1"], env=environment)
        try:
            yield child, Path(run) / "media-1.sock"
        finally:
            child.kill()
            child.wait()


async def recorded_call(client: MediaClient, path: Path) -> Phone:
    phone = await Phone().open()
    answer = await client.offer("call", "customer", LegKind.SIP, phone.sdp)
    phone.call(answer.sdp)
    phone.say(440)
    await client.note("customer", LegState.UP)
    await client.perform(driver.Record("call", "r", str(path), "customer"))
    return phone


def test_a_polite_end_finishes_recordings(tmp_path: Path, process: tuple[subprocess.Popen[bytes], Path]) -> None:
    child, path = process

    @in_loop
    async def story() -> None:
        events: list[MediaEvent] = []
        client = MediaClient(path, 1)
        client.start()
        task = asyncio.create_task(listen(client, events))
        assert await client.connected(15)
        assert (await client.status()).number == 1
        phone = await recorded_call(client, tmp_path / "r.wav")
        await asyncio.sleep(0.7)
        child.send_signal(signal.SIGTERM)
        ended = await until(lambda: [each for each in events if isinstance(each, driver.RecordingEnded)])
        assert ended[0].error == ""
        await until(lambda: [each for each in events if isinstance(each, ProcessDown)])
        await client.stop()
        task.cancel()
        phone.close()

    story()
    assert child.wait(20) == 0
    with wave.open(str(tmp_path / "r.wav")) as file:
        assert file.getnframes() > 4000


def test_a_killed_process_leaves_recordings_that_can_be_repaired(tmp_path: Path, process: tuple[subprocess.Popen[bytes], Path]) -> None:
    child, path = process
    target = tmp_path / "calls" / "r.wav"

    @in_loop
    async def story() -> None:
        events: list[MediaEvent] = []
        client = MediaClient(path, 1)
        client.start()
        task = asyncio.create_task(listen(client, events))
        assert await client.connected(15)
        phone = await recorded_call(client, target)
        await until(lambda: recording.part_of(target).stat().st_size > 44 + 8000)
        assert recording.repair(target) is None
        child.kill()
        await until(lambda: [each for each in events if isinstance(each, ProcessDown)])
        with pytest.raises(MediaError):
            await client.status()
        await client.stop()
        task.cancel()
        phone.close()

    story()
    child.wait()

    @in_loop
    async def afterwards() -> None:
        """The next media process finishes it, and tells the switch."""
        async with house(tmp_path / "data" / "files") as here:
            ended = await here.event(driver.RecordingEnded)
            assert (ended.call, ended.recording, ended.path) == ("call", "r", str(target))
            assert ended.seconds > 0.25
            assert "killed" in ended.error
        async with house(tmp_path / "data" / "files") as here:
            await asyncio.sleep(0.3)
            assert not here.of(driver.RecordingEnded), "told once"

    afterwards()
    with wave.open(str(target)) as file:
        assert file.getnframes() > 2000


def test_a_restarted_process_is_told_from_the_one_before(tmp_path: Path, process: tuple[subprocess.Popen[bytes], Path]) -> None:
    child, path = process

    @in_loop
    async def story() -> None:
        events: list[MediaEvent] = []
        client = MediaClient(path, 1)
        client.start()
        task = asyncio.create_task(listen(client, events))
        assert await client.connected(15)
        async with house(tmp_path) as here:  # another one at the same place, as the supervisor would start it
            child.kill()
            child.wait()
            await until(lambda: [each for each in events if isinstance(each, ProcessDown)])
            here.media.server._path.rename(path)
            ups = await until(lambda: len(found := [each for each in events if isinstance(each, ProcessUp)]) == 2 and found)
            assert [each.fresh for each in ups] == [True, True]
            assert ups[0].boot != ups[1].boot
            await client.stop()
            task.cancel()

    story()


def test_a_leftover_gives_way_to_its_successor(tmp_path: Path, process: tuple[subprocess.Popen[bytes], Path]) -> None:
    """The supervisor was killed, its media process went on, and the next supervisor starts another at the same place."""
    child, path = process

    @in_loop
    async def story() -> None:
        client = MediaClient(path, 1)
        client.start()
        assert await client.connected(15)
        phone = await recorded_call(client, tmp_path / "r.wav")
        async with house(tmp_path) as here:
            here.media.server._path.rename(path)
            await until(lambda: child.poll() is not None)
            assert path.exists(), "it leaves the successor's socket alone"
        await client.stop()
        phone.close()

    story()
    assert (tmp_path / "r.wav").exists()


def test_it_starts_soon(process: tuple[subprocess.Popen[bytes], Path]) -> None:
    _, path = process
    for _ in range(600):
        if path.exists():
            return
        time.sleep(0.05)
    pytest.fail("no socket after thirty seconds")

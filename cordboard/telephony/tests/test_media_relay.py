"""Two parties talk through the media process: sound both ways, unchanged where that is possible."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cordboard.telephony import driver
from cordboard.telephony.media.protocol import Codec, LegFailed, LegKind
from cordboard.telephony.tests.far_side import Browser
from cordboard.telephony.tests.media_house import house, in_loop, quick_loss, until
from cordboard.telephony.tests.sound import hears, silent


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser's ICE leaves loopback out by itself."""
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


@in_loop
async def test_two_phones_hear_one_another(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        carol = await here.phone("carol", hertz=440)
        alice = await here.phone("alice", hertz=700)
        await asyncio.sleep(0.3)
        assert silent(carol.heard(0.2))
        assert silent(alice.heard(0.2))
        await here.client.perform(driver.Bridge("call", ("carol", "alice")))
        await until(lambda: hears(carol.heard(), 700) and hears(alice.heard(), 440))
        carol.packets.clear()
        await asyncio.sleep(0.5)
        assert carol.unbroken()
        await here.client.perform(driver.Bridge("call", ()))
        await until(lambda: silent(carol.heard(0.3)) and silent(alice.heard(0.3)))


@pytest.mark.parametrize("codec", [Codec.PCMU, Codec.PCMA])
def test_a_phone_and_a_browser_hear_one_another_untouched(tmp_path: Path, codec: Codec) -> None:
    @in_loop
    async def story() -> None:
        async with house(tmp_path) as here:
            phone = await here.phone("customer", codec=codec, hertz=440)
            browser = await here.browser("agent", hertz=1000, prefer=(codec,), codecs=(codec, Codec.OPUS))
            await here.event(driver.LegUp, leg="agent", codec=str(codec))
            await here.client.perform(driver.Bridge("call", ("customer", "agent")))
            await until(lambda: hears(phone.heard(), 1000) and hears(browser.heard(), 440))
            room = here.media.rooms["call"]
            assert room.legs["agent"].relay_to == (room.legs["customer"],)
            assert room.legs["customer"].relay_to == (room.legs["agent"],)

    story()


@in_loop
async def test_two_browsers_talk_in_opus(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        one = await here.browser("one", hertz=500)
        other = await here.browser("other", hertz=900)
        await here.event(driver.LegUp, leg="other", codec="opus")
        await here.client.perform(driver.Bridge("call", ("one", "other")))
        await until(lambda: hears(one.heard(), 900) and hears(other.heard(), 500))
        assert here.media.rooms["call"].legs["one"].relayed_from is not None


@in_loop
async def test_a_browser_without_the_phones_codec_is_transcoded(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=440)
        browser = await here.browser("agent", hertz=1000, codecs=(Codec.OPUS,))
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(phone.heard(), 1000) and hears(browser.heard(), 440))
        assert here.media.rooms["call"].legs["agent"].relayed_from is None


@in_loop
async def test_a_phone_that_speaks_opus_is_relayed_to_a_browser(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer", codec=Codec.OPUS, hertz=440)
        browser = await here.browser("agent", hertz=1000)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(phone.heard(), 1000) and hears(browser.heard(), 440))
        assert here.media.rooms["call"].legs["agent"].relayed_from is not None


@pytest.mark.parametrize("frame", [0.01, 0.03, 0.04])
def test_frames_of_other_lengths_become_20_ms(tmp_path: Path, frame: float) -> None:
    @in_loop
    async def story() -> None:
        async with house(tmp_path) as here:
            odd = await here.phone("odd", frame=frame, hertz=440)
            plain = await here.phone("plain", hertz=700)
            await here.client.perform(driver.Bridge("call", ("odd", "plain")))
            await until(lambda: hears(plain.heard(), 440) and hears(odd.heard(), 700))
            plain.packets.clear()
            await asyncio.sleep(0.5)
            assert {len(packet.payload) for packet in plain.packets} == {160}
            assert plain.unbroken()

    story()


@in_loop
async def test_silence_is_sent_while_the_other_side_says_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        talker = await here.phone("talker", hertz=440)
        mute = await here.phone("mute")
        await here.client.perform(driver.Bridge("call", ("talker", "mute")))
        await until(lambda: hears(mute.heard(), 440))
        talker.packets.clear()
        await asyncio.sleep(0.6)
        assert len(talker.packets) > 20
        assert silent(talker.heard(0.3))
        mute.say(700)
        await until(lambda: hears(talker.heard(), 700))


@in_loop
async def test_three_parties_hear_each_other_but_not_themselves(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phones = {hertz: await here.phone(f"p{hertz}", hertz=hertz) for hertz in (400, 700, 1100)}
        await here.client.perform(driver.Bridge("call", ("p400", "p700", "p1100")))
        await until(lambda: hears(phones[400].heard(), 700, 1100))
        await until(lambda: hears(phones[700].heard(), 400, 1100) and hears(phones[1100].heard(), 400, 700))


@in_loop
async def test_a_supervisor_listens_then_whispers_then_joins(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        customer = await here.phone("customer", hertz=400)
        agent = await here.phone("agent", hertz=700)
        boss = await here.phone("boss", hertz=1100)
        perform = here.client.perform
        await perform(driver.Gain("call", "boss", "customer", 0))
        await perform(driver.Gain("call", "boss", "agent", 0))
        await perform(driver.Bridge("call", ("customer", "agent", "boss")))
        await until(lambda: hears(boss.heard(), 400, 700) and hears(customer.heard(), 700) and hears(agent.heard(), 400))
        # whoever only hears one other is relayed, a silent listener or not
        assert here.media.rooms["call"].legs["customer"].relayed_from is not None
        await perform(driver.Gain("call", "boss", "agent", 0.5))
        await until(lambda: hears(agent.heard(), 400, 1100))
        assert hears(customer.heard(), 700)
        await perform(driver.Gain("call", "boss", "agent", 1))
        await perform(driver.Gain("call", "boss", "customer", 1))
        await until(lambda: hears(customer.heard(), 700, 1100))


@in_loop
async def test_a_reloaded_page_comes_back_to_its_leg(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=440)
        before = await here.browser("agent", hertz=1000, prefer=(Codec.PCMU,))
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(phone.heard(), 1000))
        await before.close()
        await here.event(driver.MediaLost, leg="agent")
        await until(lambda: hears(phone.heard(0.12), 440))  # a short tone now and then: the line is still there
        await until(lambda: silent(phone.heard(0.3)))
        after = await here.browser("agent", hertz=1300, prefer=(Codec.PCMU,))
        await here.event(driver.MediaRestored, leg="agent")
        await until(lambda: len(here.of(driver.LegUp, leg="agent")) == 2)
        await until(lambda: hears(phone.heard(), 1300) and hears(after.heard(), 440))


@in_loop
async def test_a_page_that_offers_again_and_again_gets_through(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=440)
        hasty = [Browser(600 + number) for number in range(5)]
        here._far.extend(hasty)
        offers = [await browser.offer() for browser in hasty]
        answers = await asyncio.gather(*(here.client.offer("call", "agent", LegKind.BROWSER, offer) for offer in offers))
        assert all(answer.sdp for answer in answers)
        browser = await here.browser("agent", hertz=1000, prefer=(Codec.PCMU,))
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(phone.heard(), 1000) and hears(browser.heard(), 440))
        assert not here.of(LegFailed)


@in_loop
async def test_a_browser_without_a_microphone_still_hears(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick_loss(monkeypatch)
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=440)
        browser = await here.browser("agent", hertz=None, prefer=(Codec.PCMU,))
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(browser.heard(), 440))
        assert silent(phone.heard(0.3))
        await asyncio.sleep(1)
        assert not here.of(driver.MediaLost, leg="agent")


@in_loop
async def test_a_phone_that_falls_silent_is_missed_and_welcomed_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick_loss(monkeypatch)
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=440)
        await asyncio.sleep(0.2)
        phone.talking = False
        await here.event(driver.MediaLost, leg="customer")
        phone.talking = True
        await here.event(driver.MediaRestored, leg="customer")

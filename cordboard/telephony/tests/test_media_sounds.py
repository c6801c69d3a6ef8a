"""What a waiting caller hears: prompts, music, and keys sent and taken."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from cordboard.telephony import driver, music, wav
from cordboard.telephony.media.client import MediaError
from cordboard.telephony.media.protocol import Codec, Error
from cordboard.telephony.tests.media_house import House, house, in_loop, until
from cordboard.telephony.tests.sound import hears, loudness, silent, strength


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aioice.ice.get_host_addresses", lambda use_ipv4, use_ipv6: ["127.0.0.1"])


def beep(folder: Path, hertz: float, seconds: float = 0.4, name: str = "") -> driver.Prompt:
    path = folder / f"{name or hertz}.wav"
    wav.write(path, music.tone(hertz, seconds=seconds, level=0.3))
    return driver.Prompt(path=str(path))


async def music_heard(here: House, phone: object) -> None:
    await until(lambda: loudness(phone.heard(0.5)) > 500)  # type: ignore[attr-defined]


@in_loop
async def test_prompts_one_after_another_then_silence(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer")
        await here.client.perform(driver.Play("customer", "welcome", (beep(tmp_path, 500), beep(tmp_path, 800))))
        await until(lambda: hears(phone.heard(0.3), 500))
        await until(lambda: hears(phone.heard(0.3), 800))
        ended = await here.event(driver.PlayEnded, playback="welcome")
        assert (ended.interrupted, ended.error) == (False, "")
        await until(lambda: silent(phone.heard(0.2)))


@pytest.mark.parametrize("language, text", [("en", "Please hold."), ("zh-Hans", "请等。")])
def test_text_is_spoken(tmp_path: Path, language: str, text: str) -> None:
    @in_loop
    async def story() -> None:
        async with house(tmp_path) as here:
            phone = await here.phone("customer")
            await here.client.perform(driver.Play("customer", "p", (driver.Prompt(text, language),)))
            await until(lambda: loudness(phone.heard(0.5)) > 1000)
            ended = await here.event(driver.PlayEnded, playback="p")
            assert (ended.interrupted, ended.error) == (False, "")

    story()


@in_loop
async def test_a_prompt_file_that_is_gone_is_spoken_or_reported(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer")
        gone = str(tmp_path / "gone.wav")
        await here.client.perform(driver.Play("customer", "spoken", (driver.Prompt("Welcome.", "en", gone),)))
        await until(lambda: loudness(phone.heard(0.3)) > 1000)
        assert (await here.event(driver.PlayEnded, playback="spoken")).error == ""
        await here.client.perform(driver.Play("customer", "nothing", (driver.Prompt(path=gone),)))
        assert "gone.wav" in (await here.event(driver.PlayEnded, playback="nothing")).error
        (tmp_path / "noise.wav").write_bytes(b"RIFFnot a sound at all")
        await here.client.perform(driver.Play("customer", "broken", (driver.Prompt(path=str(tmp_path / "noise.wav")), beep(tmp_path, 600))))
        await until(lambda: hears(phone.heard(0.3), 600))
        assert (await here.event(driver.PlayEnded, playback="broken")).error


@in_loop
async def test_a_changed_prompt_file_is_heard_at_once(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer")
        for number, hertz in enumerate((500, 900)):
            await here.client.perform(driver.Play("customer", str(number), (beep(tmp_path, hertz, 0.3 + number / 10, name="same"),)))
            await until(lambda: hears(phone.heard(0.2), hertz))
            await here.event(driver.PlayEnded, playback=str(number))


@in_loop
async def test_music_plays_until_the_bridge_and_a_prompt_interrupts_it(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        wav.write(tmp_path / "hum.wav", music.tone(650, seconds=1, level=0.3))
        customer = await here.phone("customer")
        agent = await here.phone("agent", hertz=1200)
        await here.client.perform(driver.Music("customer", True, str(tmp_path / "hum.wav")))
        await until(lambda: hears(customer.heard(0.3), 650))
        await here.client.perform(driver.Play("customer", "wait", (beep(tmp_path, 1500),)))
        await until(lambda: hears(customer.heard(0.3), 1500))
        await until(lambda: hears(customer.heard(0.3), 650))
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        await until(lambda: hears(customer.heard(0.3), 1200))
        # hold: apart again, with music
        await here.client.perform(driver.Bridge("call", ()))
        await until(lambda: silent(customer.heard(0.3)))
        await here.client.perform(driver.Music("customer", True, str(tmp_path / "hum.wav")))
        await until(lambda: hears(customer.heard(0.3), 650) and silent(agent.heard(0.3)))
        await here.client.perform(driver.Music("customer", False))
        await until(lambda: silent(customer.heard(0.3)))


@in_loop
async def test_our_own_music_reaches_a_browser_in_opus(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        browser = await here.browser("customer", hertz=400)
        await here.client.perform(driver.Music("customer", True))
        await until(lambda: loudness(browser.heard(0.5)) > 500)
        assert strength(browser.heard(0.5), 400) < 2000, "nobody hears himself"


@in_loop
async def test_music_asked_for_and_bridged_in_one_breath_stays_off(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        customer = await here.phone("customer")
        await here.phone("agent", hertz=1200)
        await asyncio.gather(
            here.client.perform(driver.Music("customer", True)),
            here.client.perform(driver.Bridge("call", ("customer", "agent"))),
        )
        await here.client.perform(driver.Bridge("call", ()))
        await asyncio.sleep(0.8)
        assert silent(customer.heard(0.3))


@in_loop
async def test_a_key_stops_the_prompt_and_is_reported_once(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=400)
        await here.client.perform(driver.Play("customer", "menu", (beep(tmp_path, 900, 20),)))
        await until(lambda: hears(phone.heard(0.3), 900))
        phone.key("5")
        assert (await here.event(driver.PlayEnded, playback="menu")).interrupted
        phone.key("5")
        phone.key("#")
        await until(lambda: len(here.of(driver.KeyPressed)) == 3)
        await asyncio.sleep(0.2)
        assert [event.key for event in here.of(driver.KeyPressed)] == ["5", "5", "#"]


@in_loop
async def test_a_flood_of_keys_is_dammed(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer", hertz=400)
        for number in range(200):
            phone.key("0123456789"[number % 10])
            await asyncio.sleep(0)
        await asyncio.sleep(0.3)
        assert 20 <= len(here.of(driver.KeyPressed)) < 100
        assert (await here.client.close_leg("customer")).dropped["key_flood"] > 50


@in_loop
async def test_a_prompt_that_keys_do_not_stop(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer")
        await here.client.perform(driver.Play("customer", "law", (beep(tmp_path, 900, 0.6),), stop_on_key=False))
        await until(lambda: hears(phone.heard(0.2), 900))
        phone.key("1")
        await here.event(driver.KeyPressed, key="1")
        assert not (await here.event(driver.PlayEnded, playback="law")).interrupted


@in_loop
async def test_a_new_play_replaces_the_old_and_stopping_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer")
        await here.client.perform(driver.Play("customer", "one", (beep(tmp_path, 500, 20),)))
        await until(lambda: hears(phone.heard(0.3), 500))
        await here.client.perform(driver.Play("customer", "two", (beep(tmp_path, 800, 20),)))
        assert (await here.event(driver.PlayEnded, playback="one")).interrupted
        await until(lambda: hears(phone.heard(0.3), 800))
        await here.client.perform(driver.StopPlay("customer"))
        assert (await here.event(driver.PlayEnded, playback="two")).interrupted
        await until(lambda: silent(phone.heard(0.2)))


@in_loop
async def test_keys_are_collected_from_phone_and_live_socket(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer")
        await here.client.perform(driver.CollectKeys("customer", "number", 10))
        for key in "12345#":
            phone.key(key)
        collected = await here.event(driver.KeysCollected, collection="number")
        assert (collected.keys, collected.ended_by) == ("12345", "end_key")
        await here.client.perform(driver.CollectKeys("customer", "choice", 1))
        await here.client.press("customer", "0")
        assert (await here.event(driver.KeysCollected, collection="choice")).keys == "0"
        with pytest.raises(MediaError) as refused:
            await here.client.press("customer", "x")
        assert refused.value.code is Error.BAD_REQUEST


@in_loop
async def test_the_clock_of_the_first_key_waits_for_the_prompt(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        await here.phone("customer")
        await here.client.perform(driver.Play("customer", "ask", (beep(tmp_path, 700, 0.6),)))
        await here.client.perform(driver.CollectKeys("customer", "c", 4, first_timeout=0.3))
        collected = await here.event(driver.KeysCollected, collection="c")
        assert (collected.keys, collected.ended_by) == ("", "timeout")
        kinds = [type(event).__name__ for event in here.events]
        assert kinds.index("PlayEnded") < kinds.index("KeysCollected")


@in_loop
async def test_a_bridge_replaces_a_collection(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("customer")
        await here.phone("agent")
        await here.client.perform(driver.CollectKeys("customer", "c", 4))
        phone.key("7")
        await here.event(driver.KeyPressed)
        await here.client.perform(driver.Bridge("call", ("customer", "agent")))
        collected = await here.event(driver.KeysCollected, collection="c")
        assert (collected.keys, collected.ended_by) == ("7", "replaced")


@in_loop
async def test_keys_are_sent_as_events_where_agreed_and_as_tones_elsewhere(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("trunk")
        await here.client.perform(driver.SendKeys("trunk", "12#"))
        await until(lambda: phone.packets and phone.packets[-1].payload_type == 0 and phone.keys() == "12#")
        events = [packet for packet in phone.packets if packet.payload_type == 101]
        assert len({packet.timestamp for packet in events}) == 3
        assert len(events) == 3 * 8
        assert [packet.payload[1] >> 7 for packet in events[:8]] == [0] * 5 + [1] * 3
        here.media.rooms["call"].legs["trunk"].keys_out = None
        await here.client.perform(driver.SendKeys("trunk", "5"))
        await until(lambda: strength(phone.heard(0.1), 770) > 1000 and strength(phone.heard(0.1), 1336) > 1000)


@in_loop
async def test_keys_interrupt_a_relay_for_their_time_only(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        trunk = await here.phone("trunk")
        await here.phone("agent", hertz=700)
        await here.client.perform(driver.Bridge("call", ("trunk", "agent")))
        await until(lambda: hears(trunk.heard(0.3), 700))
        await here.client.perform(driver.SendKeys("trunk", "9"))
        await until(lambda: trunk.keys() == "9")
        await until(lambda: hears(trunk.heard(0.3), 700))


@in_loop
async def test_prompts_are_encoded_once_for_all_who_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cordboard.telephony.media import codecs

    encoded = []
    original = codecs.encode_all
    monkeypatch.setattr(codecs, "encode_all", lambda codec, sound: encoded.append(codec) or original(codec, sound))
    async with house(tmp_path) as here:
        phones = [await here.phone(f"p{number}", call=f"c{number}") for number in range(6)]
        prompt = beep(tmp_path, 500)
        await asyncio.gather(*(here.client.perform(driver.Play(f"p{number}", "p", (prompt,))) for number in range(6)))
        for phone in phones:
            await until(lambda: hears(phone.heard(0.3), 500))
        assert encoded == [Codec.PCMU]


def test_a_prompt_of_any_rate_and_depth_is_read(tmp_path: Path) -> None:
    import av

    for rate, kind, channels in ((44100, "s16", 2), (48000, "s32", 1), (8000, "u8", 1), (16000, "flt", 2)):
        path = tmp_path / f"{rate}{kind}.wav"
        wave = 0.3 * np.sin(2 * np.pi * 600 * np.arange(rate) / rate) + 0.3 * np.sin(2 * np.pi * 3900 * 2 * np.arange(rate) / rate)
        with av.open(str(path), "w", format="wav") as container:
            name = {"s16": "pcm_s16le", "s32": "pcm_s32le", "u8": "pcm_u8", "flt": "pcm_f32le"}[kind]
            stream = container.add_stream(name, rate=rate, layout="stereo" if channels == 2 else "mono")
            scaled = {
                "s16": (wave * 32767).astype(np.int16), "s32": (wave * 2**31).astype(np.int32),
                "u8": (wave * 127 + 128).astype(np.uint8), "flt": wave.astype(np.float32),
            }[kind]  # fmt: skip
            frame = av.AudioFrame.from_ndarray(np.repeat(scaled, channels).reshape(1, -1), format=kind, layout="stereo" if channels == 2 else "mono")
            frame.sample_rate = rate
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        sound = wav.read(path)
        assert abs(len(sound) - 8000) < 200
        assert strength(sound, 600) > 5000
        if rate > 16000:  # what the telephone cannot carry is filtered out, not folded down to 200 Hz
            assert strength(sound, 200) < 200

"""The driver contract (`telephony/driver.py`), held against every driver there is. Real sound: the caller hums 440 Hz, softphones 1000, 1700 and 2400."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony import wav
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, Prompt
from cordboard.telephony.tests.contract.houses import DRIVERS, ContractHouse, Far, House, do, event, named, told
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.sound import loudness, strength
from cordboard.telephony.tests.telephone import Telephone, hum

CALLER, ALICE, BOB, CAROL = 440.0, 1000.0, 1700.0, 2400.0


@pytest.fixture(params=DRIVERS.split(","), ids=lambda name: name.rpartition(":")[2])
def house(request: pytest.FixtureRequest) -> House:
    return named(request.param)


async def offered(here: ContractHouse) -> tuple[Telephone, contract.CallOffered]:
    phone = await here.caller(CALLER)
    return phone, await event(here, contract.CallOffered)


async def up(here: ContractHouse) -> tuple[Telephone, str, str]:
    """(telephone, call, leg) of a caller who was answered."""
    phone, offer = await offered(here)
    await do(here, contract.Ring(offer.leg), contract.Answer(offer.leg))
    await event(here, contract.LegUp, leg=offer.leg)
    await phone.answered()
    return phone, offer.call, offer.leg


async def agent(here: ContractHouse, call: str, user: str, hertz: float) -> tuple[Far, str]:
    """A softphone that is connected within the call, and its leg."""
    far = await here.softphone(user, hertz)
    leg = f"{call}.agent{user}"
    await do(here, contract.Originate(call, leg, Endpoint(EndpointKind.BROWSER, user), "+31205550123", 15.0))
    await event(here, contract.LegUp, leg=leg)
    return far, leg


async def hears(far: Far, *hertz: float) -> None:
    await until(lambda: all(strength(far.heard(), one) > 800 for one in hertz))


async def hears_not(far: Far, *hertz: float) -> None:
    await until(lambda: len(far.heard()) > 0 and all(strength(far.heard(), one) < 200 for one in hertz))


# ---- calls from outside -------------------------------------------------------------------------------------------


@in_loop
async def test_offered_answered_and_the_caller_hangs_up(tmp_path: Path, house: House) -> None:
    async with house(tmp_path) as here:
        phone, offer = await offered(here)
        assert (offer.ani, offer.dnis, offer.kind) == ("+31205550123", "100", EndpointKind.SIP)
        assert told(here, contract.LegUp) == [], "nobody is answered by themselves"
        await do(here, contract.Ring(offer.leg), contract.Answer(offer.leg))
        assert (await event(here, contract.LegUp)).leg == offer.leg
        phone.hang_up()
        ended = await event(here, contract.LegEnded)
        assert (ended.leg, ended.cause, ended.by_far_side) == (offer.leg, Cause.NORMAL, True)


@in_loop
async def test_refused(tmp_path: Path, house: House) -> None:
    async with house(tmp_path) as here:
        phone, offer = await offered(here)
        await do(here, contract.Reject(offer.leg, Cause.BUSY))
        assert await phone.ended() != "us"
        ended = await event(here, contract.LegEnded, leg=offer.leg)
        assert (ended.cause, ended.by_far_side) == (Cause.BUSY, False)


@in_loop
async def test_we_hang_up(tmp_path: Path, house: House) -> None:
    async with house(tmp_path) as here:
        phone, _, leg = await up(here)
        await do(here, contract.HangUp(leg))
        assert await phone.ended() == "them"
        assert not (await event(here, contract.LegEnded, leg=leg)).by_far_side
        await do(here, contract.HangUp(leg))
        assert isinstance(await event(here, contract.CommandFailed), contract.CommandFailed), "a leg that is gone cannot be hung up again"


@in_loop
async def test_no_more_calls_are_taken_and_what_stands_goes_on(tmp_path: Path, house: House) -> None:
    async with house(tmp_path) as here:
        phone, _, leg = await up(here)
        here.driver.take_no_more()
        late = await here.caller(700.0)
        assert await late.ended() == "refused"
        assert len(told(here, contract.CallOffered)) == 1
        await do(here, contract.Music(leg, on=True))
        await until(lambda: np.abs(phone.heard()).max(initial=0) > 500)
        phone.hang_up()
        await event(here, contract.LegEnded, leg=leg)


# ---- sounds and keys ----------------------------------------------------------------------------------------------


@in_loop
async def test_music_a_prompt_over_it_and_the_music_comes_back(tmp_path: Path, house: House) -> None:
    wav.write(tmp_path / "tone.wav", hum(2000.0, 1.0))
    async with house(tmp_path) as here:
        phone, _, leg = await up(here)
        await do(here, contract.Music(leg, True))
        await until(lambda: loudness(phone.heard(0.6)) > 200)
        await do(here, contract.Play(leg, "p1", (Prompt(path=str(tmp_path / "tone.wav")),)))
        await hears(phone, 2000.0)
        ended = await event(here, contract.PlayEnded, playback="p1")
        assert (ended.leg, ended.interrupted, ended.error) == (leg, False, "")
        await hears_not(phone, 2000.0)
        await until(lambda: loudness(phone.heard(0.6)) > 200)
        await do(here, contract.Music(leg, False))
        await until(lambda: loudness(phone.heard(0.6)) < 50)


@in_loop
async def test_a_prompt_is_stopped_by_a_key_and_a_newer_one_replaces_it(tmp_path: Path, house: House) -> None:
    wav.write(tmp_path / "long.wav", hum(2000.0, 30.0))
    long = (Prompt(path=str(tmp_path / "long.wav")),)
    async with house(tmp_path) as here:
        phone, _, leg = await up(here)
        await do(here, contract.Play(leg, "p1", long))
        await hears(phone, 2000.0)
        await do(here, contract.Play(leg, "p2", long))
        assert (await event(here, contract.PlayEnded, playback="p1")).interrupted
        await hears(phone, 2000.0)
        phone.press("5")
        assert (await event(here, contract.KeyPressed)).key == "5"
        assert (await event(here, contract.PlayEnded, playback="p2")).interrupted
        await do(here, contract.Play(leg, "p3", (Prompt(path=str(tmp_path / "gone.wav")),)))
        assert (await event(here, contract.PlayEnded, playback="p3")).error, "what cannot be heard is told"


@in_loop
async def test_keys_are_collected(tmp_path: Path, house: House) -> None:
    async with house(tmp_path) as here:
        phone, _, leg = await up(here)
        await do(here, contract.CollectKeys(leg, "k1", 10))
        phone.press("471#")
        first = await event(here, contract.KeysCollected, collection="k1")
        assert (first.keys, first.ended_by) == ("471", "end_key")
        await do(here, contract.CollectKeys(leg, "k2", 10, at_once="0"))
        phone.press("0")
        assert (await event(here, contract.KeysCollected, collection="k2")).ended_by == "at_once"
        await do(here, contract.CollectKeys(leg, "k3", 10), contract.CollectKeys(leg, "k4", 10, first_timeout=0.3))
        assert (await event(here, contract.KeysCollected, collection="k3")).ended_by == "replaced"
        assert (await event(here, contract.KeysCollected, collection="k4")).ended_by == "timeout"


# ---- who hears whom -----------------------------------------------------------------------------------------------


@in_loop
async def test_a_bridge_joins_ends_music_and_parts(tmp_path: Path, house: House) -> None:
    async with house(tmp_path) as here:
        phone, call, leg = await up(here)
        await do(here, contract.Music(leg, True))
        alice, hers = await agent(here, call, "7", ALICE)
        await hears_not(alice, CALLER)
        await do(here, contract.Bridge(call, (leg, hers)))
        await hears(phone, ALICE)
        await hears(alice, CALLER)
        await do(here, contract.Bridge(call, ()))
        await hears_not(phone, ALICE)
        await hears_not(alice, CALLER)
        await until(lambda: loudness(phone.heard(0.6)) < 50)  # the music was over with the bridge


@in_loop
async def test_monitoring_whisper_and_conference_by_gains(tmp_path: Path, house: House) -> None:
    """Told before the bridge, a gain holds from the first word on."""
    async with house(tmp_path) as here:
        phone, call, leg = await up(here)
        alice, hers = await agent(here, call, "7", ALICE)
        carol, listening = await agent(here, call, "9", CAROL)
        await do(here, contract.Gain(call, listening, leg, 0.0), contract.Gain(call, listening, hers, 0.0))
        await do(here, contract.Bridge(call, (leg, hers, listening)))
        await hears(carol, CALLER, ALICE)
        await hears(phone, ALICE)
        await hears_not(phone, CAROL)
        await hears_not(alice, CAROL)
        await do(here, contract.Gain(call, listening, hers, 1.0))
        await hears(alice, CALLER, CAROL)
        await hears_not(phone, CAROL)
        await do(here, contract.Gain(call, listening, leg, 1.0))
        await hears(phone, ALICE, CAROL)
        await do(here, contract.HangUp(listening))
        await event(here, contract.LegEnded, leg=listening)
        await hears_not(phone, CAROL)
        await hears(phone, ALICE)


@in_loop
async def test_two_circles_in_one_call(tmp_path: Path, house: House) -> None:
    """An agent apart with a third while the customer talks with a colleague: one bridge, and gains between the circles."""
    async with house(tmp_path) as here:
        phone, call, leg = await up(here)
        alice, hers = await agent(here, call, "7", ALICE)
        bob, his = await agent(here, call, "8", BOB)
        carol, third = await agent(here, call, "9", CAROL)
        one, other = (hers, third), (leg, his)
        for source in one:
            for destination in other:
                await do(here, contract.Gain(call, source, destination, 0.0), contract.Gain(call, destination, source, 0.0))
        await do(here, contract.Bridge(call, (*one, *other)))
        await hears(alice, CAROL)
        await hears(carol, ALICE)
        await hears(phone, BOB)
        await hears(bob, CALLER)
        await hears_not(alice, CALLER, BOB)
        await hears_not(phone, ALICE, CAROL)


# ---- recording ----------------------------------------------------------------------------------------------------


@in_loop
async def test_a_recording_has_the_customer_left_and_the_others_right(tmp_path: Path, house: House) -> None:
    path = tmp_path / "call.wav"
    async with house(tmp_path) as here:
        phone, call, leg = await up(here)
        alice, hers = await agent(here, call, "7", ALICE)
        await do(here, contract.Bridge(call, (leg, hers)), contract.Record(call, "r1", str(path), leg))
        await hears(alice, CALLER)
        await asyncio.sleep(1.0)  # a second of talk to be kept
        await do(here, contract.StopRecording(call, "r1"))
        ended = await event(here, contract.RecordingEnded, recording="r1")
        assert (ended.path, ended.error) == (str(path), "")
        left, right = channels(path)
        assert strength(left, CALLER) > 800
        assert strength(left, ALICE) < 200
        assert strength(right, ALICE) > 800
        phone.hang_up()


def channels(path: Path) -> tuple[np.ndarray, np.ndarray]:
    import wave

    with wave.open(str(path)) as file:
        assert file.getnchannels() == 2
        sound = np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).reshape(-1, 2)
    return sound[:, 0].copy(), sound[:, 1].copy()


# ---- what goes wrong ----------------------------------------------------------------------------------------------


@in_loop
async def test_what_cannot_be_done_is_told_and_never_raised(tmp_path: Path, house: House) -> None:
    commands: list[contract.Command] = [
        contract.HangUp("nobody"),
        contract.Answer("nobody"),
        contract.Play("nobody", "p", (Prompt("x"),)),
        contract.Music("nobody", True),
        contract.Bridge("nothing", ("nobody",)),
        contract.Gain("nothing", "a", "b", 0.0),
        contract.StopRecording("nothing", "r"),
        contract.Originate("nothing", "leg", Endpoint(EndpointKind.BROWSER, "7")),
        contract.Remember("nothing", "memo"),
    ]
    async with house(tmp_path) as here:
        for command in commands:
            await do(here, command)
            failed = await event(here, contract.CommandFailed, command=command)
            assert failed.reason


@in_loop
async def test_whoever_cannot_be_reached_is_told(tmp_path: Path, house: House) -> None:
    async with house(tmp_path) as here:
        _, call, leg = await up(here)
        await do(here, contract.Originate(call, f"{call}.nobody", Endpoint(EndpointKind.BROWSER, "404"), timeout=1.0))
        ended = await event(here, contract.LegEnded, leg=f"{call}.nobody")
        assert ended.cause in (Cause.UNREACHABLE, Cause.NO_ANSWER)
        await do(here, contract.Originate(call, f"{call}.outside", Endpoint(EndpointKind.OUTSIDE, "+31205550177"), timeout=1.0))
        await until(
            lambda: told(here, contract.LegEnded, leg=f"{call}.outside") or [one for one in told(here, contract.CommandFailed) if one.command.leg != leg]
        )  # no trunk leads there


# ---- a new switch -------------------------------------------------------------------------------------------------


@in_loop
async def test_a_new_switch_finds_the_calls_and_what_was_remembered(tmp_path: Path, house: House) -> None:
    async with house(tmp_path) as here:
        phone, call, leg = await up(here)
        await do(here, contract.Music(leg, True), contract.Remember(call, "a memo"))
        await until(lambda: loudness(phone.heard(0.6)) > 200)
        await here.again()
        assert [(one.call, one.legs, one.memo) for one in here.standing] == [(call, {leg: "up"}, "a memo")]
        await until(lambda: loudness(phone.heard(0.6)) > 200)  # the sound went on
        await do(here, contract.HangUp(leg))
        assert await phone.ended() == "them"
        await event(here, contract.LegEnded, leg=leg)

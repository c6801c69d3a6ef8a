"""Switch and media processes are killed in mid-call: the switch costs no call, a media process its own."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest

from cordboard.telephony import phone
from cordboard.telephony.driver import Cause
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.switch_house import LOCAL, Processes, processes

pytestmark = pytest.mark.slow


def calling(here: Processes, **more: object) -> asyncio.Task[phone.Outcome]:
    values: dict[str, object] = {"port": here.config.sip_port, "seconds": 20.0, "answer_within": 20.0, "host": LOCAL, **more}
    return asyncio.create_task(phone.call("100", "+31205550123", **values))  # type: ignore[arg-type]


@in_loop
async def test_the_switch_is_killed_in_mid_call_and_sound_goes_on(tmp_path: Path) -> None:
    with processes(tmp_path) as here:
        await here.media(0)
        switch = await here.switch()
        call = calling(here, seconds=3.5)
        await until(lambda: here.told("LegUp"), 15)
        offered = here.told("CallOffered")[0]
        here.kill(switch)
        await asyncio.sleep(1.0)
        await here.switch()
        standing = here.told("started")[1]["standing"]
        assert standing == [{"call": offered["call"], "legs": {offered["leg"]: "up"}, "memo": f"memo of {offered['call']}"}]
        outcome = await call  # it says BYE at its end, and the new switch answers
        assert outcome.proper
        assert outcome.sound.size > 3 * 8000
        assert abs(outcome.sound[-8000:]).max() > 500  # music to the end
        ended = (await until(lambda: here.told("LegEnded"), 5))[0]
        assert (ended["leg"], ended["cause"], ended["by_far_side"]) == (offered["leg"], Cause.NORMAL, True)


@in_loop
async def test_the_caller_hangs_up_while_there_is_no_switch(tmp_path: Path) -> None:
    """BYE is repeated until the new switch answers it."""
    with processes(tmp_path) as here:
        await here.media(0)
        switch = await here.switch()
        call = calling(here, seconds=1.0)
        await until(lambda: here.told("LegUp"), 15)
        here.kill(switch)
        await asyncio.sleep(1.2)
        await here.switch()
        assert (await call).ended_by == "us"
        ended = (await until(lambda: here.told("LegEnded"), 5))[0]
        assert (ended["leg"], ended["by_far_side"]) == (here.told("CallOffered")[0]["leg"], True)


@in_loop
async def test_the_new_switch_hangs_up(tmp_path: Path) -> None:
    with processes(tmp_path) as here:
        await here.media(0)
        switch = await here.switch()
        call = calling(here, keys=",,,,#" + ",,#" * 7)  # again and again: how long a new process takes is the machine's affair
        await until(lambda: here.told("LegUp"), 15)
        here.kill(switch)
        await here.switch()
        outcome = await call
        assert (outcome.proper, outcome.ended_by) == (True, "them")
        assert here.told("LegEnded")[0]["by_far_side"] is False


@in_loop
async def test_a_ringing_call_can_be_given_up_at_the_new_switch(tmp_path: Path) -> None:
    with processes(tmp_path) as here:
        await here.media(0)
        switch = await here.switch("--ringing")
        call = calling(here, answer_within=4.0)
        offered = (await until(lambda: here.told("CallOffered"), 15))[0]
        await asyncio.sleep(0.3)
        here.kill(switch)
        await here.switch("--ringing")
        assert here.told("started")[1]["standing"][0]["legs"] == {offered["leg"]: "ringing"}
        outcome = await call
        assert (outcome.answered, outcome.ended_by) == (False, "no answer")
        ended = (await until(lambda: here.told("LegEnded"), 5))[0]
        assert ended["cause"] == Cause.CANCELLED


@in_loop
async def test_a_call_that_nobody_had_dealt_with_is_offered_again_and_answered(tmp_path: Path) -> None:
    with processes(tmp_path) as here:
        await here.media(0)
        switch = await here.switch("--deaf")
        call = calling(here, seconds=1.0)
        offered = (await until(lambda: here.told("CallOffered"), 15))[0]
        here.kill(switch)
        await here.switch()
        outcome = await call
        assert outcome.proper
        assert here.told("started")[1]["standing"] == []
        assert here.told("CallOffered") == [offered, offered]


@in_loop
async def test_a_caller_of_whom_nothing_was_kept_yet_calls_again_by_itself(tmp_path: Path) -> None:
    """The media process takes its time, so nothing of the call outlives the switch: the caller must not have been told to wait for it."""
    with processes(tmp_path) as here:
        media = await here.media(0)
        switch = await here.switch()
        media.send_signal(signal.SIGSTOP)
        try:
            call = calling(here, seconds=0.4)
            await asyncio.sleep(0.4)  # the INVITE is there long since
            assert here.told("CallOffered") == []
            here.kill(switch)
        finally:
            media.send_signal(signal.SIGCONT)
        await here.switch()
        assert (await call).proper


@in_loop
async def test_no_call_of_many_is_lost_when_the_switch_is_killed_again_and_again(tmp_path: Path) -> None:
    with processes(tmp_path) as here:
        await here.media(0)
        program = await here.switch()

        async def one(number: int) -> phone.Outcome:
            await asyncio.sleep(0.1 * number)
            return await calling(here, seconds=0.4)

        load = asyncio.gather(*(one(number) for number in range(40)))
        for _ in range(3):
            await asyncio.sleep(0.6)
            here.kill(program)
            program = await here.switch()
        outcomes = await load
        assert [(outcome.ended_by, outcome.status) for outcome in outcomes if not outcome.proper] == []
        ended = await until(lambda: len(legs := {each["leg"] for each in here.told("LegEnded")}) >= 40 and legs, 10)
        assert ended == {each["leg"] for each in here.told("CallOffered")}
        assert {each["cause"] for each in here.told("LegEnded")} == {Cause.NORMAL}


@in_loop
async def test_a_killed_media_process_costs_its_own_calls(tmp_path: Path) -> None:
    with processes(tmp_path, media=2) as here:
        media = [await here.media(number) for number in (0, 1)]
        await here.switch()
        first = calling(here, seconds=15.0)
        await until(lambda: len(here.told("LegUp")) == 1, 15)
        second = calling(here, seconds=4.0)
        await until(lambda: len(here.told("LegUp")) == 2, 15)
        here.kill(media[0])
        await here.media(0)
        lost = await first
        assert lost.ended_by == "them"  # BYE came, soon
        ended = (await until(lambda: here.told("LegEnded"), 10))[0]
        assert (ended["cause"], ended["by_far_side"]) == (Cause.FAILED, False)
        assert (await second).ended_by == "us"
        again = [await calling(here, seconds=0.5) for _ in range(2)]
        assert all(outcome.proper for outcome in again)
        await until(lambda: len(here.told("LegEnded")) == 4, 10)


@in_loop
async def test_without_any_media_process_calls_are_refused_and_later_taken(tmp_path: Path) -> None:
    with processes(tmp_path) as here:
        await here.switch()
        assert (await calling(here)).status == 503
        await here.media(0)

        async def taken() -> bool:
            return (await calling(here, seconds=0.2)).proper

        for _ in range(20):
            if await taken():
                return
            await asyncio.sleep(0.3)
        raise AssertionError("never taken")

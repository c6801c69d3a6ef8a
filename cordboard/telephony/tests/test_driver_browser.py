"""Agents' softphones and guests' pages over the switch link, with a peer connection of aiortc in place of the browser's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cordboard.telephony import driver as contract
from cordboard.telephony import hearing, phone, softphone, wav
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, Event
from cordboard.telephony.switchlink import Speaker
from cordboard.telephony.tests.media_house import in_loop, until
from cordboard.telephony.tests.switch_house import Front, Page, Switch, answer_all, processes, switch
from cordboard.telephony.tests.test_phone import tone

ALICE = EndpointKind.BROWSER, "7"


def alice(front: Front, page: str = "p1", tab: str = "t1", **more: object) -> Page:
    return Page(front, Speaker(page, user="7", session="s"), tab, **more)  # type: ignore[arg-type]


def guest(front: Front, page: str = "g1", name: str = "guest1", **more: object) -> Page:
    return Page(front, Speaker(page, guest=name, claims={"language": "nl", "name": "N. de Vries"}), "", **more)  # type: ignore[arg-type]


@asynccontextmanager
async def front_of(here: Switch) -> AsyncIterator[Front]:
    front = await Front(here.config.switch_socket).connected()
    try:
        yield front
    finally:
        await front.close()


class Talk:
    """A caller with a telephone on one side, Alice's leg on the other."""

    def __init__(self, here: Switch, folder: Path, seconds: float = 20.0) -> None:
        self.here = here
        wav.write(folder / "hello.wav", tone(700, 20))
        self.outcome = asyncio.create_task(phone.call("100", "+31205550123", port=here.sip_port, say=folder / "hello.wav", seconds=seconds))

    async def begin(self) -> Talk:
        up = await self.here.event(contract.LegUp)
        self.call, self.customer = self.here.of(contract.CallOffered)[0].call, up.leg
        return self

    async def originate(self, leg: str = "agent", timeout: float = 15.0) -> None:
        await self.here.do(contract.Originate(self.call, leg, Endpoint(*ALICE), timeout=timeout))

    async def end(self) -> None:
        await self.here.do(contract.HangUp(self.customer))
        await self.outcome

    async def bridge(self, leg: str = "agent") -> None:
        await self.here.event(contract.LegUp, leg=leg)
        await self.here.do(contract.Bridge(self.call, (self.customer, leg)))


@in_loop
async def test_a_caller_and_an_agents_browser_hear_one_another(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front).register()
        talk = await Talk(here, tmp_path, 3.5).begin()
        await talk.originate()
        connect = await page.message(softphone.Connect)
        assert (connect.leg, connect.call, connect.codec) == ("agent", talk.call, "PCMU")
        await talk.bridge()
        assert (await here.event(contract.LegUp, leg="agent")).codec == "PCMU"  # relayed, not transcoded
        await until(lambda: abs(hearing.pitch(page.legs["agent"].heard(0.5), wav.RATE) - 700) < 20)
        page.say(softphone.Key("agent", "5"))
        page.say(softphone.Key("agent", "x"))
        page.say(softphone.Key("agent", "55"))
        await here.event(contract.KeyPressed, leg="agent", key="5")
        outcome = await talk.outcome
        assert outcome.heard.pitch == pytest.approx(1000, abs=20)
        await here.do(contract.HangUp("agent"))
        assert (await page.message(softphone.Drop)).leg == "agent"
        assert (await here.event(contract.LegEnded, leg="agent")).by_far_side is False
        assert len(here.of(contract.KeyPressed)) == 1


@in_loop
async def test_the_page_is_told_how_well_the_call_is_heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.media.room.REPORTS", 0.3)
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front).register()
        talk = await Talk(here, tmp_path, 2.5).begin()
        await talk.originate()
        await talk.bridge()
        told = await page.message(softphone.Quality)
        assert told.leg == "agent"
        assert 3.5 < told.mos <= 4.41
        await here.do(contract.HangUp("agent"))
        whole = await here.event(contract.LegQuality, leg="agent", final=True)
        assert whole.codec in ("PCMU", "opus")  # what the page speaks, whatever we would rather hear
        await talk.outcome


@in_loop
async def test_an_agent_without_a_softphone_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.drivers.embedded.browserside.FIND_PAGE", 0.3)
    async with switch(tmp_path) as here:
        talk = await Talk(here, tmp_path).begin()
        await talk.originate()
        assert (await here.event(contract.LegEnded, leg="agent")).cause is Cause.UNREACHABLE
        await talk.end()


@in_loop
async def test_a_softphone_that_comes_a_moment_later_is_asked_then(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        talk = await Talk(here, tmp_path).begin()
        await talk.originate()
        page = alice(front).register()
        assert (await page.message(softphone.Connect)).leg == "agent"
        await here.event(contract.LegUp, leg="agent")
        await talk.end()


@in_loop
async def test_a_refused_microphone_ends_the_leg(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front, idle=True).register()
        talk = await Talk(here, tmp_path).begin()
        await talk.originate()
        await page.message(softphone.Connect)
        page.say(softphone.Decline("agent", "microphone"))
        ended = await here.event(contract.LegEnded, leg="agent")
        assert (ended.cause, ended.by_far_side) == (Cause.UNREACHABLE, True)
        await talk.end()


@in_loop
async def test_a_softphone_that_does_not_connect_in_time(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front, idle=True).register()
        talk = await Talk(here, tmp_path).begin()
        await talk.originate(timeout=0.5)
        assert (await here.event(contract.LegEnded, leg="agent")).cause is Cause.NO_ANSWER
        assert (await page.message(softphone.Drop)).leg == "agent"
        await talk.end()


@in_loop
async def test_of_several_pages_the_newest_has_the_softphone(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        first = alice(front, "p1", "t1").register()
        second = alice(front, "p2", "t2").register()
        await first.message(softphone.Replaced)
        talk = await Talk(here, tmp_path).begin()
        await talk.originate()
        await second.message(softphone.Connect)
        assert first.of(softphone.Connect) == []
        await here.event(contract.LegUp, leg="agent")
        await talk.end()


@in_loop
async def test_a_page_that_lost_the_telephone_keeps_its_leg_and_does_not_take_it_back(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        first = alice(front, "p1", "t1").register()
        talk = await Talk(here, tmp_path).begin()
        await talk.originate("one")
        await here.event(contract.LegUp, leg="one")
        second = alice(front, "p2", "t2").register()
        await first.message(softphone.Replaced)
        first.say(softphone.Register("t1", ("one",), softphone=False))  # its line was broken for a moment
        await talk.originate("two")
        assert (await second.message(softphone.Connect)).leg == "two"
        assert [message.leg for message in first.of(softphone.Connect)] == ["one"]
        assert second.of(softphone.Replaced) == []
        await talk.end()


@in_loop
async def test_nobody_speaks_for_another_or_about_anothers_leg(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front).register()
        mallory = Page(front, Speaker("m1", user="8", session="x"), "t9").register()
        talk = await Talk(here, tmp_path).begin()
        await talk.originate()
        await here.event(contract.LegUp, leg="agent")
        for message in (softphone.Key("agent", "1"), softphone.HangUp("agent"), softphone.Offer("agent", "v=0"), softphone.Key(talk.customer, "1")):
            mallory.say(message)
        await until(lambda: len(mallory.of(softphone.Drop)) == 4)
        assert (here.of(contract.KeyPressed), here.of(contract.LegEnded)) == ([], [])
        page.say(softphone.HangUp("agent"))  # an agent hangs up by the desktop, not here
        await talk.end()
        assert [event.leg for event in here.of(contract.LegEnded)] == [talk.customer]


@in_loop
async def test_messages_that_are_none_are_told_to_the_page(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front).register()
        for data in ({"type": "nothing"}, {"type": "key", "leg": 5, "key": "1"}, {"type": "offer"}, [], "x", {"type": "register", "legs": [1]}):
            front.link.send(page.speaker, data)
        await until(lambda: len(page.of(softphone.Problem)) == 6)


# ---- sockets that close, pages that reload ----------------------------------------------------------------------


@in_loop
async def test_a_closed_socket_does_nothing_to_a_leg_and_the_page_comes_back(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front).register()
        talk = await Talk(here, tmp_path).begin()
        await talk.originate()
        await talk.bridge()
        page.leave(close_connections=False)
        await asyncio.sleep(0.5)
        back = alice(front, "p2", "t1")
        back.legs = page.legs
        back.register()
        await asyncio.sleep(0.3)
        assert back.of(softphone.Connect) == []  # the connection never broke
        assert here.of(contract.LegEnded) == []
        await here.do(contract.HangUp("agent"))
        assert (await back.message(softphone.Drop)).leg == "agent"
        await talk.end()


@in_loop
async def test_a_reloaded_page_is_connected_anew(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front).register()
        talk = await Talk(here, tmp_path).begin()
        await talk.originate()
        await talk.bridge()
        page.leave()
        again = alice(front, "p2", "t1").register()  # the same tab, without its connection
        assert (await again.message(softphone.Connect)).leg == "agent"
        await until(lambda: "agent" in again.legs and abs(hearing.pitch(again.legs["agent"].heard(0.5), wav.RATE) - 700) < 20)
        assert here.of(contract.LegEnded) == []
        assert len(here.of(contract.LegUp, leg="agent")) == 1
        await page.close()
        await talk.end()


@in_loop
async def test_another_tab_takes_a_leg_over_only_when_its_media_is_gone(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front).register()
        talk = await Talk(here, tmp_path).begin()
        await talk.originate()
        await talk.bridge()
        other = alice(front, "p2", "t2").register()
        await asyncio.sleep(0.3)
        assert other.of(softphone.Connect) == []
        page.leave()  # the browser window is closed
        await here.event(contract.MediaLost, leg="agent")
        assert (await other.message(softphone.Connect)).leg == "agent"
        await here.event(contract.MediaRestored, leg="agent")
        await page.close()
        await talk.end()


@in_loop
async def test_a_page_whose_connection_broke_connects_anew(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front).register()
        talk = await Talk(here, tmp_path).begin()
        await talk.originate()
        await talk.bridge()
        await page.legs["agent"].close()  # another network: the socket stays, the sound does not
        await here.event(contract.MediaLost, leg="agent")
        assert (await page.message(softphone.Connect, 1)).leg == "agent"
        await here.event(contract.MediaRestored, leg="agent")
        await talk.end()


@in_loop
async def test_the_front_restarts(tmp_path: Path) -> None:
    async with switch(tmp_path) as here:
        front = await Front(here.config.switch_socket).connected()
        page = alice(front).register()
        talk = await Talk(here, tmp_path).begin()
        await talk.originate()
        await talk.bridge()
        await front.link.stop()  # dies; the page keeps its connection and comes back through another
        async with front_of(here) as again:
            back = alice(again, "p2", "t1")
            back.legs = page.legs
            back.register()
            await asyncio.sleep(0.2)
            await here.do(contract.HangUp("agent"))
            assert (await back.message(softphone.Drop)).leg == "agent"
            await talk.end()


# ---- guests -----------------------------------------------------------------------------------------------------


@in_loop
async def test_a_guest_calls_from_a_page(tmp_path: Path) -> None:
    wav.write(tmp_path / "prompt.wav", tone(660, 20))

    async def on(here: Switch, event: Event) -> None:
        await answer_all(here, event)
        if isinstance(event, contract.LegUp):
            await here.do(contract.Play(event.leg, "p", (contract.Prompt(path=str(tmp_path / "prompt.wav")),)))

    async with switch(tmp_path, on) as here, front_of(here) as front:
        page = guest(front)
        await page.call("100")
        offered = await here.event(contract.CallOffered)
        assert (offered.kind, offered.ani, offered.dnis) == (EndpointKind.BROWSER, "", "100")
        assert (offered.display_name, offered.claims["language"]) == ("N. de Vries", "nl")
        await here.event(contract.LegUp)
        assert [type(message) for message in page.heard[:3]] == [softphone.Placed, softphone.Ringing, softphone.Answer]
        leg = offered.leg
        await until(lambda: abs(hearing.pitch(page.legs[leg].heard(0.5), wav.RATE) - 660) < 20)
        page.say(softphone.Key(leg, "1"))
        await here.event(contract.KeyPressed, key="1")
        await page.call("100")  # a second call at once is not for guests
        assert (await page.message(softphone.Refused)).cause == Cause.REJECTED
        page.say(softphone.HangUp(leg))
        ended = await here.event(contract.LegEnded)
        assert (ended.cause, ended.by_far_side) == (Cause.NORMAL, True)


@in_loop
async def test_a_guest_gives_up_before_the_answer(tmp_path: Path) -> None:
    async with switch(tmp_path, None) as here, front_of(here) as front:
        page = guest(front)
        await page.call("100")
        offered = await here.event(contract.CallOffered)
        page.say(softphone.HangUp(offered.leg))
        ended = await here.event(contract.LegEnded)
        assert (ended.cause, ended.by_far_side) == (Cause.CANCELLED, True)


@in_loop
async def test_a_guest_who_closes_the_page_before_the_answer_has_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cordboard.telephony.drivers.embedded.browserside.GUEST_BACK", 0.3)
    async with switch(tmp_path, None) as here, front_of(here) as front:
        page = guest(front)
        await page.call("100")
        await page.message(softphone.Placed)
        page.leave()
        assert (await here.event(contract.LegEnded)).cause is Cause.CANCELLED
        await page.close()


@in_loop
async def test_a_guest_who_is_refused(tmp_path: Path) -> None:
    async def refuse(here: Switch, event: Event) -> None:
        if isinstance(event, contract.CallOffered):
            await here.do(contract.Reject(event.leg, Cause.REJECTED))

    async with switch(tmp_path, refuse) as here, front_of(here) as front:
        page = guest(front)
        await page.call("999")
        assert (await page.message(softphone.Drop)).cause == Cause.REJECTED


@in_loop
async def test_a_guests_offer_that_is_no_sdp(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = guest(front)
        page.say(softphone.Invite("nonsense", "100"))
        assert (await page.message(softphone.Refused)).cause == Cause.NO_CODEC
        assert (here.events, here.driver.board.calls) == ([], {})


@in_loop
async def test_signed_in_users_do_not_call_as_guests(tmp_path: Path) -> None:
    async with switch(tmp_path) as here, front_of(here) as front:
        page = alice(front).register()
        page.say(softphone.Invite("v=0", "100"))
        assert (await page.message(softphone.Refused)).cause == Cause.REJECTED


# ---- the switch is killed ---------------------------------------------------------------------------------------


@in_loop
async def test_a_guests_call_outlives_the_switch(tmp_path: Path) -> None:
    with processes(tmp_path) as here:
        await here.media(0)
        program = await here.switch()
        front = await Front(here.config.switch_socket).connected()
        page = guest(front)
        await page.call("100")
        await until(lambda: here.told("LegUp"), 15)
        leg = here.told("CallOffered")[0]["leg"]
        await until(lambda: hearing.level(page.legs[leg].heard(0.5)) > -40)
        here.kill(program)
        await here.switch()
        await until(lambda: len(front.broadcasts) == 2)  # register again, said the new switch; the page did
        page.legs[leg].forget()
        await until(lambda: hearing.level(page.legs[leg].heard(0.5)) > -40)
        assert here.told("started")[1]["standing"][0]["legs"] == {leg: "up"}
        assert page.of(softphone.Connect) == []
        page.say(softphone.Key(leg, "#"))  # makes this switch hang up
        assert (await page.message(softphone.Drop)).leg == leg
        await front.close()

"""More than two in a call, as stories: swap, conference, supervision, somebody outside."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.happenings import Kind, Mode
from cordboard.telephony.calls.state import RINGING, Phase
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, LegEnded, LegRinging, LegUp, Prompt
from cordboard.telephony.tests.story import Story
from cordboard.telephony.tests.test_calls import BOB, talking

CAROL = "9"
NUMBER = "+31101234567"
CUSTOMER, ALICE_LEG, BOB_LEG = "c.in", "c.a1", "c.a2"


@pytest.fixture
def story() -> Story:
    return Story.of_a_caller()


def consulting(story: Story) -> Story:
    talking(story)
    story.then(h.Held(1), h.Offered(2, BOB, Kind.CONSULT), LegUp(BOB_LEG), h.Accepted(2))
    assert story.phase is Phase.CONSULTING
    return story


def conference(story: Story) -> Story:
    consulting(story)
    story.then(h.Became(2, Kind.CONFERENCE), h.Resumed(1))
    assert story.phase is Phase.CONFERENCE
    return story


def hears(story: Story) -> dict[str, set[str]]:
    """Who hears whom, as the driver was last told."""
    sound = story.call.sound
    bridge = sound.bridge or ()
    return {leg: {other for other in bridge if other != leg and (other, leg) not in sound.muted} for leg in bridge}


def gains(out: list[Any]) -> list[tuple[str, str, float]]:
    return [(one.source, one.destination, one.gain) for one in out if isinstance(one, driver.Gain)]


# ---- swap ---------------------------------------------------------------------------------------------------------


def test_swap_and_back(story: Story) -> None:
    consulting(story)
    assert story.call.sound.music == ((CUSTOMER, "default"),)
    out = story.then(h.Resumed(1), h.Held(2))
    assert out == [driver.Bridge("c", (CUSTOMER, ALICE_LEG)), driver.Music(BOB_LEG, True, "default")]
    assert story.phase is Phase.SWAPPED
    out = story.then(h.Resumed(2), h.Held(1))
    assert out == [driver.Bridge("c", (ALICE_LEG, BOB_LEG)), driver.Music(CUSTOMER, True, "default")]


def test_the_agent_hears_ringing_while_the_colleague_is_rung(story: Story) -> None:
    talking(story)
    story.then(h.Held(1))
    assert story.then(h.Offered(2, BOB, Kind.CONSULT))[-1] == driver.Music(ALICE_LEG, True, RINGING)
    story.then(LegUp(BOB_LEG))
    assert story.then(h.Accepted(2))[0] == driver.Bridge("c", (ALICE_LEG, BOB_LEG))


def test_the_colleague_leaves_while_the_agent_is_with_the_customer(story: Story) -> None:
    consulting(story)
    story.then(h.Resumed(1), h.Held(2))
    assert story.then(h.SegmentOver(2)) == [driver.HangUp(BOB_LEG)]
    assert story.phase is Phase.TALKING


# ---- conference ---------------------------------------------------------------------------------------------------


def test_merge(story: Story) -> None:
    consulting(story)
    story.then(h.Became(2, Kind.CONFERENCE), h.Resumed(1))
    assert hears(story) == {CUSTOMER: {ALICE_LEG, BOB_LEG}, ALICE_LEG: {CUSTOMER, BOB_LEG}, BOB_LEG: {CUSTOMER, ALICE_LEG}}
    assert story.call.sound.music == ()


def test_one_of_the_conference_leaves_and_the_rest_talk_on(story: Story) -> None:
    conference(story)
    out = story.then(h.SegmentOver(1))
    assert story.phase is Phase.TALKING
    assert out == [driver.HangUp(ALICE_LEG), driver.Bridge("c", (CUSTOMER, BOB_LEG))]
    assert story.then(h.Became(2, Kind.TRANSFER)) == []
    assert story.call.main is not None
    assert story.call.main.kind is Kind.TRANSFER


def test_the_customer_leaves_the_conference_and_it_is_over(story: Story) -> None:
    conference(story)
    out = story.then(LegEnded(CUSTOMER, Cause.NORMAL, True))
    assert {one.leg for one in out if isinstance(one, driver.HangUp)} == {ALICE_LEG, BOB_LEG}


def test_the_customer_on_hold_while_the_colleagues_talk(story: Story) -> None:
    conference(story)
    story.then(h.Held(1))
    assert hears(story) == {ALICE_LEG: {BOB_LEG}, BOB_LEG: {ALICE_LEG}}
    assert story.call.sound.music == ((CUSTOMER, "default"),)


def test_apart_with_a_third_while_the_conference_goes_on(story: Story) -> None:
    conference(story)
    story.then(h.Held(1), h.Offered(3, CAROL, Kind.CONSULT), LegUp("c.a3"))
    out = story.then(h.Accepted(3))
    assert hears(story) == {ALICE_LEG: {"c.a3"}, "c.a3": {ALICE_LEG}, CUSTOMER: {BOB_LEG}, BOB_LEG: {CUSTOMER}}
    kinds = [type(one) for one in out]
    assert kinds.index(driver.Gain) < kinds.index(driver.Bridge), "kept apart before they are joined"
    out = story.then(h.Became(3, Kind.CONFERENCE), h.Resumed(1))
    assert all(len(heard) == 3 for heard in hears(story).values())
    assert {gain for _, _, gain in gains(out)} == {1.0}


def test_an_agent_lost_leaves_the_customer_with_the_colleague(story: Story) -> None:
    conference(story)
    story.then(driver.MediaLost(ALICE_LEG))
    story.wait(9)
    assert hears(story) == {CUSTOMER: {BOB_LEG}, BOB_LEG: {CUSTOMER}}


def test_a_conference_is_recorded_but_no_private_talk(story: Story) -> None:
    story.then(h.RecordCall("r", "a/b.wav"))
    consulting(story)
    assert story.call.sound.paused
    out = story.then(h.Became(2, Kind.CONFERENCE), h.Resumed(1))
    assert driver.Record("c", "r", "a/b.wav", CUSTOMER, False, False) in out


# ---- supervision --------------------------------------------------------------------------------------------------


def supervised(story: Story, mode: Mode = Mode.LISTEN, *, notice: bool = False) -> list[Any]:
    talking(story)
    story.then(h.Offered(5, CAROL, Kind.SUPERVISE, mode=mode, of=1, notice=notice), LegUp("c.a2"))
    return story.then(h.Accepted(5))


def test_silent_monitoring_whisper_and_barge_in(story: Story) -> None:
    out = supervised(story)
    assert [type(one) for one in out] == [driver.Gain, driver.Gain, driver.Bridge]
    assert hears(story) == {CUSTOMER: {ALICE_LEG}, ALICE_LEG: {CUSTOMER}, "c.a2": {CUSTOMER, ALICE_LEG}}
    assert gains(story.then(h.Supervised(5, Mode.WHISPER))) == [("c.a2", ALICE_LEG, 1.0)]
    assert hears(story)[CUSTOMER] == {ALICE_LEG}
    assert hears(story)[ALICE_LEG] == {CUSTOMER, "c.a2"}
    assert gains(story.then(h.Supervised(5, Mode.BARGE))) == [("c.a2", CUSTOMER, 1.0)]
    assert all(len(heard) == 2 for heard in hears(story).values())
    assert gains(story.then(h.Supervised(5, Mode.LISTEN))) == [("c.a2", ALICE_LEG, 0.0), ("c.a2", CUSTOMER, 0.0)]
    assert story.phase is Phase.TALKING
    assert story.then(h.SegmentOver(5)) == [driver.HangUp("c.a2"), driver.Bridge("c", (CUSTOMER, ALICE_LEG))]


def test_a_mode_changed_while_the_customer_is_on_hold_holds_afterwards(story: Story) -> None:
    supervised(story)
    story.then(h.Held(1))
    assert hears(story) == {}
    story.then(h.Supervised(5, Mode.BARGE))
    out = story.then(h.Resumed(1))
    assert ("c.a2", CUSTOMER, 1.0) in gains(out)
    assert hears(story)[CUSTOMER] == {ALICE_LEG, "c.a2"}


def test_a_supervisor_follows_into_a_consultation(story: Story) -> None:
    supervised(story)
    story.then(h.Held(1), h.Offered(2, BOB, Kind.CONSULT), LegUp("c.a3"), h.Accepted(2))
    assert hears(story) == {ALICE_LEG: {"c.a3"}, "c.a3": {ALICE_LEG}, "c.a2": {ALICE_LEG, "c.a3"}}


def test_two_supervisors_do_not_hear_each_other(story: Story) -> None:
    supervised(story, Mode.WHISPER)
    story.then(h.Offered(6, "10", Kind.SUPERVISE, mode=Mode.WHISPER, of=1), LegUp("c.a3"), h.Accepted(6))
    assert "c.a3" not in hears(story)["c.a2"]
    assert "c.a2" not in hears(story)["c.a3"]
    assert hears(story)[ALICE_LEG] == {CUSTOMER, "c.a2", "c.a3"}


def test_where_the_law_wants_it_the_customer_is_told_first(story: Story) -> None:
    assert supervised(story, notice=True) == [h.NoticeDue(5)]
    words = (Prompt("A colleague listens in."),)
    assert story.then(h.Notice(words)) == [driver.Play(CUSTOMER, "c.p3", words, False)]
    assert "c.a2" not in hears(story)
    out = story.then(driver.PlayEnded(CUSTOMER, "c.p3"))
    assert driver.Bridge("c", (CUSTOMER, ALICE_LEG, "c.a2")) in out


@pytest.mark.parametrize("how", ["error", "nothing", "silence"])
def test_when_the_customer_cannot_be_told_nobody_listens_in(story: Story, how: str) -> None:
    supervised(story, notice=True)
    if how == "error":
        out = story.then(h.Notice((Prompt("x"),)), driver.PlayEnded(CUSTOMER, "c.p3", error="no voice"))
    elif how == "nothing":
        out = story.then(h.Notice(()))
    else:
        out = story.wait(20)
    assert h.NoticeFailed(5) in out
    assert driver.HangUp("c.a2") in out
    assert story.phase is Phase.TALKING


# ---- outside ------------------------------------------------------------------------------------------------------


def dialled(story: Story, kind: Kind) -> list[Any]:
    talking(story)
    story.then(h.Held(1))
    return story.then(h.Offered(-4, "", kind, 30.0, "+31800", NUMBER, "main"))


def test_consulting_somebody_outside(story: Story) -> None:
    out = dialled(story, Kind.CONSULT)
    assert out == [driver.Originate("c", BOB_LEG, Endpoint(EndpointKind.OUTSIDE, NUMBER), "+31800", 30.0, trunk="main"), driver.Music(ALICE_LEG, True, RINGING)]
    assert story.then(LegRinging(BOB_LEG)) == [h.OutsideRinging(4)]
    assert story.then(LegUp(BOB_LEG)) == [h.OutsideAnswered(4), driver.Bridge("c", (ALICE_LEG, BOB_LEG)), h.AgentConnected(-4)]
    assert story.call.sound.music == ((CUSTOMER, "default"),)
    story.then(h.Completed(-4), h.SegmentOver(1))
    assert hears(story) == {CUSTOMER: {BOB_LEG}, BOB_LEG: {CUSTOMER}}
    out = story.then(LegEnded(BOB_LEG, Cause.NORMAL, True))
    assert out[:2] == [h.OutsideGone(4, Cause.NORMAL, True), h.CallEnding(Cause.NORMAL, "outside")]
    assert driver.HangUp(CUSTOMER, Cause.NORMAL) in out


@pytest.mark.parametrize("cause", [Cause.BUSY, Cause.NO_ANSWER, Cause.UNREACHABLE])
def test_a_transfer_outside_that_fails_leaves_the_agent_there(story: Story, cause: Cause) -> None:
    dialled(story, Kind.TRANSFER)
    assert story.call.sound.music == ((ALICE_LEG, RINGING), (CUSTOMER, "default"))
    assert story.then(LegEnded(BOB_LEG, cause, False))[0] == h.OutsideGone(4, cause, False)
    assert story.phase is Phase.HELD
    assert story.then(h.Resumed(1))[-1] == driver.Bridge("c", (CUSTOMER, ALICE_LEG))


def test_a_transfer_outside_that_is_answered(story: Story) -> None:
    dialled(story, Kind.TRANSFER)
    out = story.then(LegUp(BOB_LEG))
    assert driver.Bridge("c", (CUSTOMER, BOB_LEG)) in out
    assert story.then(h.SegmentOver(1))[0] == driver.HangUp(ALICE_LEG)


def test_a_transfer_taken_back_in_the_moment_of_the_answer(story: Story) -> None:
    dialled(story, Kind.TRANSFER)
    story.then(LegUp(BOB_LEG), h.SegmentOver(-4))
    assert story.phase is Phase.HELD
    story.then(h.Resumed(1))
    assert hears(story) == {CUSTOMER: {ALICE_LEG}, ALICE_LEG: {CUSTOMER}}


def test_a_driver_that_never_says_anything_of_the_number_dialled(story: Story) -> None:
    dialled(story, Kind.CONSULT)
    out = story.wait(40)
    assert h.OutsideGone(4, Cause.NO_ANSWER, False) in out
    assert story.phase is Phase.HELD


def test_somebody_outside_in_a_conference(story: Story) -> None:
    talking(story)
    story.then(h.Offered(-4, "", Kind.CONFERENCE, number=NUMBER))
    assert hears(story) == {CUSTOMER: {ALICE_LEG}, ALICE_LEG: {CUSTOMER}}, "the talk goes on while it rings"
    story.then(LegUp(BOB_LEG))
    assert all(len(heard) == 2 for heard in hears(story).values())
    story.then(LegEnded(BOB_LEG, Cause.NORMAL, True))
    assert story.phase is Phase.TALKING


def test_the_last_agent_leaves_the_customer_with_somebody_outside(story: Story) -> None:
    story.then(h.RecordCall("r", "a/b.wav"))
    talking(story)
    story.then(h.Offered(-4, "", Kind.CONFERENCE, number=NUMBER), LegUp(BOB_LEG))
    out = story.then(h.SegmentOver(1))
    assert hears(story) == {CUSTOMER: {BOB_LEG}, BOB_LEG: {CUSTOMER}}
    assert driver.Record("c", "r", "a/b.wav", CUSTOMER, False, True) in out, "two outsiders are not recorded"

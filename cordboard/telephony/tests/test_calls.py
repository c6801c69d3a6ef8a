"""Calls as stories: what the customer hears, and what the switch is told, step by step."""

from __future__ import annotations

import pytest

from cordboard.telephony import calls, driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.state import Phase
from cordboard.telephony.driver import Cause, CommandFailed, Endpoint, EndpointKind, LegEnded, LegUp, MediaLost, MediaRestored, Prompt
from cordboard.telephony.tests.story import Story

ALICE, BOB = "7", "8"


@pytest.fixture
def story() -> Story:
    return Story.of_a_caller()


def talking(story: Story) -> Story:
    story.then(h.Take(), LegUp("c.in", "PCMU"), h.Queued("default", 60.0), h.Offered(1, ALICE), LegUp("c.a1", "PCMU"), h.Accepted(1))
    assert story.phase is Phase.TALKING
    return story


def test_from_ring_to_hang_up(story: Story) -> None:
    assert story.out == (driver.Ring("c.in"),)
    assert story.then(h.Take()) == [driver.Answer("c.in")]
    assert story.then(LegUp("c.in", "PCMU")) == [h.CallerUp("PCMU")]
    greeting = (Prompt("Welcome"),)
    assert story.then(h.Say(greeting)) == [driver.Play("c.in", "c.p1", greeting, True)]
    assert story.then(driver.PlayEnded("c.in", "c.p1")) == [h.Said()]
    assert story.then(h.Queued("waltz", 60.0)) == [driver.Music("c.in", True, "waltz")]
    assert story.phase is Phase.WAITING
    assert story.then(h.Offered(1, ALICE, ring=20.0, caller_id="+31205550123")) == [
        driver.Originate("c", "c.a2", Endpoint(EndpointKind.BROWSER, ALICE), "+31205550123", 20.0)
    ]
    assert story.then(LegUp("c.a2", "PCMU")) == []
    assert story.phase is Phase.RINGING
    assert story.then(h.Accepted(1)) == [driver.Bridge("c", ("c.in", "c.a2")), h.AgentConnected(1)]
    assert story.phase is Phase.TALKING
    assert story.then(LegEnded("c.in", Cause.NORMAL, True)) == [h.CallEnding(Cause.NORMAL, "caller"), driver.HangUp("c.a2", Cause.NORMAL)]
    assert story.then(LegEnded("c.a2", Cause.NORMAL, False)) == [h.CallEnded(Cause.NORMAL, "caller")]
    assert story.phase is Phase.ENDED


def test_keys_end_the_question_and_time_does_too(story: Story) -> None:
    story.then(h.Take(), LegUp("c.in"))
    ask = h.Ask((Prompt("Your customer number?"),), 10, at_once="0")
    assert story.then(ask) == [
        driver.Play("c.in", "c.p1", ask.prompts, True),
        driver.CollectKeys("c.in", "c.k2", 10, "#", 6.0, 3.0, "0"),
    ]
    assert story.then(driver.PlayEnded("c.in", "c.p1", interrupted=True)) == []
    assert story.then(driver.KeysCollected("c.in", "c.k2", "12345", "end_key")) == [h.KeysEntered("12345", "end_key")]
    story.then(ask)
    assert h.KeysEntered("", "timeout") in story.wait(200)  # a driver that lost the collection does not keep the caller


def test_a_caller_whose_flow_thinks_hears_music(story: Story) -> None:
    story.then(h.Take(), LegUp("c.in"))
    assert story.wait(5) == [driver.Music("c.in", True, "default")]
    assert story.then(h.Say((Prompt("Here"),)))[0] == driver.Play("c.in", "c.p1", (Prompt("Here"),), True)


def test_a_key_during_what_is_said_is_told(story: Story) -> None:
    story.then(h.Take(), LegUp("c.in"), h.Say((Prompt("A long tale"),)), driver.KeyPressed("c.in", "0"))
    assert story.then(driver.PlayEnded("c.in", "c.p1", interrupted=True)) == [h.Said("0")]


def test_a_key_pressed_before_the_first_word_is_heard(story: Story) -> None:
    """Who calls often presses as soon as we answer: before the sound flows, or while the flow thinks."""
    story.then(h.Take(), driver.KeyPressed("c.in", "0"), LegUp("c.in"))
    assert story.then(h.Say((Prompt("Welcome"),))) == [h.Said("0")]
    assert story.then(h.Say((Prompt("Choose"),)))[0] == driver.Play("c.in", "c.p1", (Prompt("Choose"),), True)  # it counts once


def test_keys_typed_ahead_answer_the_question_they_are_for(story: Story) -> None:
    question = h.Ask((Prompt("Number"),), max_keys=8, end_key="#", gap_timeout=3.0)
    story.then(h.Take(), LegUp("c.in"), *(driver.KeyPressed("c.in", key) for key in "44"))
    collect = driver.CollectKeys("c.in", "c.k1", 6, "#", 3.0, 3.0, "")
    assert story.then(question) == [collect]  # the rest is awaited, the question is not spoken over it
    assert story.then(driver.KeysCollected("c.in", "c.k1", "71", "end_key")) == [h.KeysEntered("4471", "end_key")]
    story.then(*(driver.KeyPressed("c.in", key) for key in "12#9"))
    assert story.then(question) == [h.KeysEntered("12", "end_key")]
    story.then(driver.KeyPressed("c.in", "0"))
    assert story.then(h.Ask((), max_keys=4, at_once="0")) == [h.KeysEntered("0", "at_once")]


def test_what_must_be_said_is_said_whatever_was_pressed(story: Story) -> None:
    notice = (Prompt("This call is recorded."),)
    story.then(h.Take(), driver.KeyPressed("c.in", "1"), LegUp("c.in"))
    assert story.then(h.Say(notice, stop_on_key=False)) == [driver.Play("c.in", "c.p1", notice, False)]
    assert story.then(driver.PlayEnded("c.in", "c.p1")) == [h.Said("1")]


def test_accepted_before_the_softphone_is_connected(story: Story) -> None:
    story.then(h.Take(), LegUp("c.in"), h.Queued(), h.Offered(1, ALICE))
    assert story.then(h.Accepted(1)) == []
    assert story.phase is Phase.RINGING
    assert story.then(LegUp("c.a1")) == [driver.Bridge("c", ("c.in", "c.a1")), h.AgentConnected(1)]


def test_an_agent_who_never_connects_gives_the_customer_back(story: Story) -> None:
    story.then(h.Take(), LegUp("c.in"), h.Queued(), h.Offered(1, ALICE), h.Accepted(1))
    out = story.wait(11)
    assert out == [h.AgentUnreachable(1, Cause.UNREACHABLE, True), driver.HangUp("c.a1", Cause.NORMAL)]
    assert story.call.waiting
    assert story.call.sound.music == (("c.in", "default"),)


def test_a_rejected_offer_leaves_the_music_playing(story: Story) -> None:
    story.then(h.Take(), LegUp("c.in"), h.Queued(), h.Offered(1, ALICE), LegUp("c.a1"))
    assert story.then(h.SegmentOver(1)) == [driver.HangUp("c.a1", Cause.NORMAL)]
    assert story.phase is Phase.WAITING
    assert story.then(h.Accepted(1)) == []  # late: two people pressed at once


def test_hold_and_back(story: Story) -> None:
    talking(story)
    assert story.then(h.Held(1)) == [driver.Bridge("c", ()), driver.Music("c.in", True, "default")]
    assert story.phase is Phase.HELD
    assert story.then(h.Resumed(1)) == [driver.Bridge("c", ("c.in", "c.a1"))]


def test_the_recording_keeps_the_customer_out_while_on_hold(story: Story) -> None:
    story.then(h.RecordCall("r", "a/b.wav"))
    story.then(h.Take(), LegUp("c.in"), h.Queued(), h.Offered(1, ALICE), LegUp("c.a1"))
    assert story.call.recording is not None
    assert not story.call.recording.started
    out = story.then(h.Accepted(1))
    assert driver.Record("c", "r", "a/b.wav", "c.in", False, False) in out
    assert h.RecordingStarted("r", "a/b.wav") in out
    assert driver.Record("c", "r", "a/b.wav", "c.in", True, False) in story.then(h.Held(1))
    story.then(h.Offered(2, BOB, h.Kind.CONSULT), LegUp("c.a2"))
    assert driver.Record("c", "r", "a/b.wav", "c.in", True, True) in story.then(h.Accepted(2))
    story.then(h.SegmentOver(2))
    assert driver.Record("c", "r", "a/b.wav", "c.in", False, False) in story.then(h.Resumed(1))
    assert driver.StopRecording("c", "r") in story.then(h.EndCall())
    out = story.then(LegEnded("c.in", Cause.NORMAL, False), LegEnded("c.a1", Cause.NORMAL, False), LegEnded("c.a2", Cause.NORMAL, False))
    assert out == []  # the file is not complete yet
    assert story.then(driver.RecordingEnded("c", "r", "a/b.wav", 12.5)) == [h.RecordingDone("r", 12.5), h.CallEnded(Cause.NORMAL, "agent")]


def test_blind_transfer(story: Story) -> None:
    talking(story)
    out = story.then(h.Queued("default", 60.0), h.SegmentOver(1))
    assert out == [driver.HangUp("c.a1", Cause.NORMAL), driver.Bridge("c", ()), driver.Music("c.in", True, "default")]
    assert story.phase is Phase.TRANSFERRING
    story.then(h.Offered(2, BOB, h.Kind.TRANSFER), LegUp("c.a2"), h.Accepted(2))
    assert story.call.sound.bridge == ("c.in", "c.a2")


def test_warm_transfer_completed(story: Story) -> None:
    talking(story)
    story.then(h.Held(1), h.Offered(2, BOB, h.Kind.CONSULT), LegUp("c.a2"))
    assert story.then(h.Accepted(2)) == [driver.Bridge("c", ("c.a1", "c.a2")), h.AgentConnected(2)]
    assert story.phase is Phase.CONSULTING
    assert story.call.sound.music == (("c.in", "default"),)
    assert story.then(h.Completed(2)) == [driver.HangUp("c.a1", Cause.NORMAL), driver.Bridge("c", ("c.in", "c.a2"))]
    assert story.then(h.SegmentOver(1)) == []
    assert story.phase is Phase.TALKING


def test_warm_transfer_backed_out(story: Story) -> None:
    talking(story)
    story.then(h.Held(1), h.Offered(2, BOB, h.Kind.CONSULT), LegUp("c.a2"), h.Accepted(2))
    out = story.then(h.SegmentOver(2), h.Resumed(1))
    assert out[-1] == driver.Bridge("c", ("c.in", "c.a1"))
    assert driver.HangUp("c.a2", Cause.NORMAL) in out


def test_agent_lost_and_back(story: Story) -> None:
    talking(story)
    story.then(MediaLost("c.a1"))
    assert story.wait(5) == []  # a short gap is nobody's business
    out = story.wait(4)
    assert out == [h.AgentMediaLost(1), driver.Bridge("c", ()), driver.Music("c.in", True, "default")]
    assert story.phase is Phase.AGENT_LOST
    assert story.then(MediaRestored("c.a1")) == [h.AgentMediaBack(1), driver.Bridge("c", ("c.in", "c.a1"))]
    assert story.phase is Phase.TALKING


def test_agent_lost_for_good(story: Story) -> None:
    talking(story)
    story.then(MediaLost("c.a1"))
    out = story.wait(40)
    assert [type(one) for one in out] == [h.AgentMediaLost, driver.Bridge, driver.Music, h.AgentGone, driver.HangUp]
    assert story.call.waiting
    assert story.call.sound.music == (("c.in", "default"),)


def test_a_closed_page_is_asked_again_until_patience_ends(story: Story) -> None:
    talking(story)
    assert story.then(LegEnded("c.a1", Cause.UNREACHABLE, True))[0] == driver.Bridge("c", ())
    asked = [one for one in story.wait(1.5) if isinstance(one, driver.Originate)]
    assert [one.leg for one in asked] == ["c.a2"]
    assert story.then(LegUp("c.a2")) == [driver.Bridge("c", ("c.in", "c.a2"))]
    assert story.phase is Phase.TALKING


def test_a_softphone_that_cannot_be_reached_while_it_rings(story: Story) -> None:
    story.then(h.Take(), LegUp("c.in"), h.Queued(), h.Offered(1, ALICE))
    assert story.then(LegEnded("c.a1", Cause.UNREACHABLE, False)) == [h.AgentUnreachable(1, Cause.UNREACHABLE, False)]
    assert [type(one) for one in story.then(h.Accepted(1))] == [driver.Originate]  # she was quicker than the news


def test_announcements_come_while_waiting_only(story: Story) -> None:
    story.then(h.Take(), LegUp("c.in"), h.Queued("default", 60.0))
    assert story.wait(5) == [h.AnnouncementDue()]
    story.then(h.Queued("default"))  # told twice: by the flow and by the log
    assert story.wait(61) == [h.AnnouncementDue()]
    story.then(h.Announce((Prompt("Still waiting"),)))
    assert story.call.announcement == "c.p1"
    story.then(h.Offered(1, ALICE), LegUp("c.a2"))
    assert story.then(h.Accepted(1))[0] == driver.StopPlay("c.in")
    assert story.then(h.Announce((Prompt("Too late"),))) == []


def test_nobody_takes_the_call(story: Story) -> None:
    assert story.wait(9) == [h.CallEnding(Cause.FAILED, "media"), driver.Reject("c.in", Cause.FAILED)]
    assert story.wait(6)[-1] == h.CallEnded(Cause.FAILED, "media")


def test_a_caller_who_gives_up_before_the_answer(story: Story) -> None:
    out = story.then(LegEnded("c.in", Cause.CANCELLED, True))
    assert out == [h.CallEnding(Cause.CANCELLED, "caller"), h.CallEnded(Cause.CANCELLED, "caller")]
    assert story.then(h.Take()) == []


def test_a_bridge_that_fails_is_tried_again(story: Story) -> None:
    talking(story)
    bridge = driver.Bridge("c", ("c.in", "c.a1"))
    story.then(CommandFailed(bridge, "busy"))
    assert bridge in story.wait(1)
    for _ in range(5):
        story.then(CommandFailed(bridge, "busy"))
        story.wait(1)
    assert story.phase in (Phase.ENDING, Phase.ENDED)  # rather ended than two people who hear nothing


def test_a_new_switch_takes_over(story: Story) -> None:
    talking(story)
    story.call = calls.from_memo(story.call.memo())
    assert story.then(h.Adopted((("c.in", "up"), ("c.a1", "up")))) == [
        driver.Bridge("c", ("c.in", "c.a1")),
        driver.Music("c.in", False, "default"),
    ]
    out = story.then(h.Adopted((("c.a1", "up"),)))  # the customer's leg went with its media
    assert h.CallEnding(Cause.MEDIA_LOST, "media") in out
    assert driver.HangUp("c.a1", Cause.NORMAL) in out


def test_a_call_of_which_nothing_is_known_is_ended() -> None:
    call, out = calls.stray("c", (("c.in", "up"), ("c.a1", "up")), 0.0)
    assert {one.leg for one in out if isinstance(one, driver.HangUp)} == {"c.in", "c.a1"}
    assert call.ending


@pytest.mark.parametrize("memo", ["", "{}", "[]", '"x"', '{"call": "c", "agents": [3]}'])
def test_a_memo_that_is_no_call(memo: str) -> None:
    with pytest.raises(ValueError):
        calls.from_memo(memo)

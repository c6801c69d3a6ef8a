"""Calls of ours as stories: the agent is connected first, then the customer is called."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony import calls, driver
from cordboard.telephony.calls import Dial, Kind
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.state import CONNECT_WITHIN, RINGING, Call, Phase
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, LegEnded, LegRinging, LegUp, Music
from cordboard.telephony.tests.story import Story

ALICE = "7"
NUMBER = "+31205550123"
DIAL = Dial("outside", NUMBER, "+31850001000", 30.0)


def ours() -> Story:
    return Story(*calls.begin_outbound("c", 1, ALICE, Kind.OUTBOUND, DIAL, 0.0))


@pytest.fixture
def story() -> Story:
    return ours()


PLACED = driver.Originate("c", "c.0", Endpoint(EndpointKind.OUTSIDE, NUMBER), "+31850001000", 30.0)


def test_from_dial_to_hang_up(story: Story) -> None:
    assert story.out == (driver.Originate("c", "c.a1", Endpoint(EndpointKind.BROWSER, ALICE), "", CONNECT_WITHIN, begins=True),)
    assert story.call.phase is Phase.DIALLING
    assert story.then(LegUp("c.a1")) == [PLACED]
    assert story.then(LegRinging("c.0")) == [h.CustomerRings(), Music("c.a1", True, RINGING)]
    assert story.then(LegUp("c.0", "PCMU")) == [h.CustomerAnswered("PCMU"), driver.Detect("c.0"), driver.Bridge("c", ("c.0", "c.a1")), h.AgentConnected(1)]
    assert story.call.phase is Phase.TALKING
    assert story.then(LegEnded("c.0", Cause.NORMAL, True)) == [h.CallEnding(Cause.NORMAL, "caller"), driver.HangUp("c.a1", Cause.NORMAL)]
    assert story.then(LegEnded("c.a1", Cause.NORMAL, False)) == [h.CallEnded(Cause.NORMAL, "caller")]


def test_who_or_what_answered_is_told_as_it_sounds(story: Story) -> None:
    story.then(LegUp("c.a1"), LegUp("c.0"))
    assert story.then(driver.Detected("c.0", "person")) == [h.AnsweredBy("person")]
    assert story.then(driver.Detected("c.0", "beep")) == [h.AnsweredBy("beep")], "a machine of few words"
    assert story.then(driver.Detected("c.a1", "voicemail"), driver.CommandFailed(driver.Detect("c.0"), "gone")) == []


def test_the_agent_hears_it_ring(story: Story) -> None:
    story.then(LegUp("c.a1"))
    assert Music("c.a1", True, RINGING) in story.then(LegRinging("c.0"))


def test_what_the_far_side_plays_while_it_rings_is_heard_in_its_place(story: Story) -> None:
    story.then(LegUp("c.a1"), h.RecordCall("r1", "r.wav"))
    out = story.then(LegRinging("c.0", early=True))
    assert driver.Bridge("c", ("c.0", "c.a1")) in out
    assert not any(isinstance(one, driver.Record | Music) for one in out)
    out = story.then(LegUp("c.0"))
    assert [type(one) for one in out] == [h.CustomerAnswered, driver.Detect, h.AgentConnected, driver.Record, h.RecordingStarted]


@pytest.mark.parametrize("cause", [Cause.BUSY, Cause.NO_ANSWER, Cause.REJECTED, Cause.UNKNOWN_NUMBER, Cause.UNREACHABLE])
def test_why_nobody_answered_is_told(story: Story, cause: Cause) -> None:
    story.then(LegUp("c.a1"), LegRinging("c.0"))
    out = story.then(LegEnded("c.0", cause, True))
    assert h.CallEnding(cause, "dial") in out
    assert driver.HangUp("c.a1", Cause.NORMAL) in out
    assert h.CallEnded(cause, "dial") in story.then(LegEnded("c.a1", Cause.NORMAL, False))


def test_an_agent_who_cannot_be_connected_calls_nobody(story: Story) -> None:
    out = story.wait(CONNECT_WITHIN + 1)
    assert h.AgentUnreachable(1, Cause.UNREACHABLE, True) in out
    assert h.CallEnding(Cause.CANCELLED, "agent") in out
    assert PLACED not in out
    assert not any(isinstance(one, driver.HangUp) and one.leg == "c.0" for one in out)


def test_the_agent_hangs_up_while_it_rings(story: Story) -> None:
    story.then(LegUp("c.a1"), LegRinging("c.0"))
    out = story.then(h.EndCall())
    assert {one.leg for one in out if isinstance(one, driver.HangUp)} == {"c.0", "c.a1"}
    story.then(LegEnded("c.0", Cause.CANCELLED, False), LegEnded("c.a1", Cause.NORMAL, False))
    assert story.call.ended


def test_a_driver_that_says_nothing_does_not_keep_the_agent_waiting(story: Story) -> None:
    story.then(LegUp("c.a1"))
    assert h.CallEnding(Cause.FAILED, "dial") in story.wait(60)


def test_an_answered_call_is_like_any_other(story: Story) -> None:
    story.then(LegUp("c.a1"), LegUp("c.0"))
    assert story.then(h.Held(1)) == [driver.Bridge("c", ()), Music("c.0", True, "default")]
    story.then(h.Offered(2, "8", Kind.TRANSFER), LegUp("c.a2"), h.SegmentOver(1), h.Accepted(2))
    assert story.call.phase is Phase.TALKING
    assert [agent.segment for agent in story.call.agents] == [2]


def test_a_new_switch_goes_on_dialling(story: Story) -> None:
    story.then(LegUp("c.a1"), LegRinging("c.0"))
    call = calls.from_memo(story.call.memo())
    assert call == story.call
    story.call = call
    story.then(h.Adopted((("c.a1", "up"), ("c.0", "ringing"))))
    assert story.call.phase is Phase.DIALLING
    assert h.CustomerAnswered("") in story.then(LegUp("c.0"))


def test_a_new_switch_before_anybody_was_called(story: Story) -> None:
    story.call = calls.from_memo(story.call.memo())
    story.then(h.Adopted((("c.a1", "ringing"),)))
    assert story.then(LegUp("c.a1")) == [PLACED]


HAPPENINGS = st.one_of(
    st.sampled_from(
        [
            LegUp("c.a1"),
            LegUp("c.0"),
            LegRinging("c.0"),
            LegRinging("c.0", True),
            h.EndCall(),
            h.SegmentOver(1),
            h.Held(1),
            h.Resumed(1),
            h.Queued("default"),
            h.Offered(1, ALICE, Kind.OUTBOUND),
            h.Accepted(1),
            h.Offered(2, "8", Kind.CONSULT),
            h.Accepted(2),
            h.Completed(2),
            h.SegmentOver(2),
            h.RecordCall("r", "r.wav"),
            driver.MediaLost("c.a1"),
            driver.MediaRestored("c.a1"),
            h.Take(),
            h.Refuse(Cause.BUSY),
        ]
    ),
    st.builds(LegEnded, st.sampled_from(["c.0", "c.a1", "c.a2", "c.a3"]), st.sampled_from(list(Cause)), st.booleans()),
    st.sampled_from([1.0, 5.0, 31.0, 61.0]),
)


@given(st.lists(HAPPENINGS, max_size=25))
def test_whatever_happens_it_ends_and_nobody_is_called_without_an_agent(story_of: list[Any]) -> None:
    story = ours()
    placed = 0
    for one in story_of:
        before: Call = story.call
        out = story.wait(one) if isinstance(one, float) else story.then(one)
        for each in out:
            if isinstance(each, driver.Originate) and each.leg == "c.0":
                placed += 1
                assert before.main is not None or story.call.main is not None
        assert calls.from_memo(story.call.memo()) == story.call
    assert placed <= 1
    story.then(h.EndCall())
    story.wait(120)
    assert story.call.ended

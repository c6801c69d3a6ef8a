"""Messages left on the line: said, recorded, ended by a key, by time, by hanging up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cordboard.telephony import calls, driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.driver import Cause, LegEnded, LegUp, Prompt
from cordboard.telephony.tests.story import Story

SPEAK = (Prompt("Speak after the tone."), Prompt(path="beep.wav"))
WISH = h.TakeMessage("m1", "m1.wav", SPEAK, 60.0)


def arrived() -> Story:
    story = Story.of_a_caller()
    story.then(h.Take(), LegUp("c.in", "PCMU"))
    return story


@pytest.fixture
def story() -> Story:
    return arrived()


RECORD = driver.Record("c", "m1", "m1.wav", "c.in")


def test_said_recorded_ended_by_a_key(story: Story) -> None:
    assert story.then(WISH) == [driver.Play("c.in", "c.p1", SPEAK, False)]
    out = story.then(driver.PlayEnded("c.in", "c.p1"))
    assert out[0] == RECORD
    assert isinstance(out[1], driver.CollectKeys)
    assert not any(isinstance(one, driver.Music) for one in story.wait(10))
    assert story.then(driver.KeysCollected("c.in", "c.k2", "#", "at_once")) == [driver.StopRecording("c", "m1")]
    assert story.then(driver.RecordingEnded("c", "m1", "m1.wav", 9.5)) == [h.MessageTaken("m1", "m1.wav", 9.5)]
    assert story.call.message is None


def test_who_hangs_up_has_left_the_message(story: Story) -> None:
    story.then(WISH, driver.PlayEnded("c.in", "c.p1"))
    out = story.then(LegEnded("c.in", Cause.NORMAL, True))
    assert out == [h.CallEnding(Cause.NORMAL, "caller"), driver.StopRecording("c", "m1")]
    out = story.then(driver.RecordingEnded("c", "m1", "m1.wav", 4.0))
    assert out == [h.MessageTaken("m1", "m1.wav", 4.0), h.CallEnded(Cause.NORMAL, "caller")]


def test_who_hangs_up_before_the_tone_has_left_none(story: Story) -> None:
    story.then(WISH)
    assert h.MessageTaken("m1", "m1.wav", 0.0) in story.then(LegEnded("c.in", Cause.NORMAL, True))
    assert story.call.ended


def test_an_announcement_that_cannot_be_said_costs_no_message(story: Story) -> None:
    play = story.then(WISH)[0]
    assert RECORD in story.then(driver.CommandFailed(play, "no voice"))


def test_a_disk_that_is_full(story: Story) -> None:
    story.then(WISH, driver.PlayEnded("c.in", "c.p1"))
    assert story.then(driver.CommandFailed(RECORD, "no space"))[0] == h.MessageTaken("m1", "m1.wav", 0.0, "no space")


def test_a_driver_that_says_nothing(story: Story) -> None:
    story.then(WISH, driver.PlayEnded("c.in", "c.p1"))
    assert driver.StopRecording("c", "m1") in story.wait(66)
    assert any(isinstance(one, h.MessageTaken) for one in story.wait(20))


def test_a_new_switch_goes_on(story: Story) -> None:
    story.then(WISH, driver.PlayEnded("c.in", "c.p1"))
    story.call = calls.from_memo(story.call.memo())
    story.then(h.Adopted((("c.in", "up"),)))
    assert driver.StopRecording("c", "m1") in story.then(driver.KeysCollected("c.in", "c.k2", "#", "at_once"))


@example([WISH, driver.PlayEnded("c.in", "c.p1")])
@given(
    st.lists(
        st.sampled_from(
            [
                WISH,
                driver.PlayEnded("c.in", "c.p1"),
                driver.KeysCollected("c.in", "c.k2", "#", "at_once"),
                driver.RecordingEnded("c", "m1", "m1.wav", 3.0),
                LegEnded("c.in", Cause.NORMAL, True),
                h.EndCall(),
                h.Queued("default"),
                h.Offered(1, "7"),
                LegUp("c.a3"),
                h.Accepted(1),
                5.0,
                200.0,
            ]
        ),
        max_size=15,
    )
)
def test_each_wish_for_a_message_is_answered_once(what: list[Any]) -> None:
    story = arrived()
    wished = taken = 0
    for one in [*what, h.EndCall(), 60.0]:
        ended = story.call.ended
        out = story.wait(one) if isinstance(one, float) else story.then(one)
        wished += one is WISH and not ended
        taken += sum(isinstance(each, h.MessageTaken) for each in out)
        assert calls.from_memo(story.call.memo()) == story.call
    assert taken == wished
    assert story.call.ended

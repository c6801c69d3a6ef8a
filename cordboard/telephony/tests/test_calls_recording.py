"""Recording in the course of a call: paused for what nobody is to keep, begun and ended on demand."""

from __future__ import annotations

from cordboard.telephony import calls, driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.driver import EndpointKind


class Story:
    """A call in which alice talks with the customer."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.call, _ = calls.begin(driver.CallOffered("c", "c.0", "", "100", EndpointKind.SIP), self.now)
        self.happens(h.Take(), driver.LegUp("c.0"))
        self.happens(h.RecordCall("policy", "/r/policy.wav"), h.Offered(7, "alice"))
        leg = self.call.agents[0].leg
        self.began = self.happens(driver.LegUp(leg), h.Accepted(7))

    def happens(self, *happenings: calls.Happening) -> list[calls.Output]:
        out: list[calls.Output] = []
        for one in happenings:
            self.now += 1
            self.call, more = calls.advance(self.call, one, self.now)
            out += more
        return out


def records(out: list[calls.Output]) -> list[driver.Record]:
    return [one for one in out if isinstance(one, driver.Record)]


def test_private_talk_is_paused_until_it_is_taken_back_whoever_has_the_call() -> None:
    story = Story()
    assert [one.paused for one in records(story.began)] == [False]
    assert [(one.paused, one.strict) for one in records(story.happens(h.Private(True)))] == [(True, True)]
    assert records(story.happens(h.Private(True))) == []
    assert all(one.paused for one in records(story.happens(h.Held(7), h.Resumed(7))))
    story.call = calls.from_memo(story.call.memo())
    assert all(one.paused for one in records(story.happens(h.Adopted(tuple((leg, "up") for leg in story.call.legs)))))
    assert [one.paused for one in records(story.happens(h.Private(False)))] == [False]


def test_a_pause_that_failed_ends_the_recording_and_the_call_goes_on() -> None:
    story = Story()
    asked = records(story.happens(h.Private(True)))[0]
    out = story.happens(driver.CommandFailed(asked, "the pause could not be confirmed"))
    assert out == [h.RecordingDone("policy", 0.0, "the pause could not be confirmed")]
    assert records(story.happens(h.Private(False))) == [], "nothing begins again by itself"
    story.call = calls.from_memo(story.call.memo())
    whole = driver.RecordingEnded("c", "policy", "/r/policy.wav", 12.5, "the pause could not be confirmed")
    assert story.happens(whole) == [h.RecordingDone("policy", 12.5, "the pause could not be confirmed")], "what it has of the talk"
    assert story.happens(whole) == []
    assert not story.call.ending


def test_on_demand_ended_and_begun_again() -> None:
    story = Story()
    assert story.happens(h.StopRecord()) == [driver.StopRecording("c", "policy")]
    assert not records(story.happens(h.StopRecord(), h.Held(7), h.Resumed(7)))
    assert story.happens(h.RecordCall("more", "/r/more.wav")) == [], "the first is still being finished"
    story.happens(driver.RecordingEnded("c", "policy", "/r/policy.wav", 12.0))
    out = story.happens(h.RecordCall("more", "/r/more.wav"))
    assert [(one.recording, one.paused) for one in records(out)] == [("more", False)]
    assert h.RecordingStarted("more", "/r/more.wav") in out
    assert story.happens(h.RecordCall("third", "/r/third.wav")) == []


def test_nothing_private_is_recorded_from_the_start() -> None:
    story = Story()
    story.happens(h.StopRecord(), driver.RecordingEnded("c", "policy", "/r/policy.wav", 12.0), h.Private(True))
    assert records(story.happens(h.RecordCall("more", "/r/more.wav"))) == []
    assert [one.paused for one in records(story.happens(h.Private(False)))] == [False]


def test_while_the_customers_side_holds_us_theirs_is_kept_out() -> None:
    """Their exchange plays its music into our ear, or what is said in their room."""
    story = Story()
    out = story.happens(driver.LegHeld("c.0", True))
    assert h.CustomerHolds(True) in out
    assert [(one.customer_silent, one.paused) for one in records(out)] == [(True, False)]
    assert story.happens(driver.LegHeld("c.0", True)) == [], "told twice"
    story.call = calls.from_memo(story.call.memo())
    assert all(one.customer_silent for one in records(story.happens(h.Private(True), h.Private(False))))
    out = story.happens(driver.LegHeld("c.0", False))
    assert h.CustomerHolds(False) in out
    assert [one.customer_silent for one in records(out)] == [False]

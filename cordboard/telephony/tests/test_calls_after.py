"""The talk is over and the customer stays for a survey: the agent is free, the keys count, and what the rows say of the contact does not end it."""

from __future__ import annotations

import pytest

from cordboard.telephony import calls, driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.state import Phase
from cordboard.telephony.driver import Cause, Prompt
from cordboard.telephony.tests.story import Story

ALICE = 1
RATE = h.Ask((Prompt("How did we help you?"),), 1, at_once="12345")


@pytest.fixture
def story() -> Story:
    """The customer talks with alice, and it is recorded."""
    made = Story.of_a_caller()
    made.then(h.Take(), driver.LegUp("c.in", "PCMU"), h.RecordCall("r1", "r.wav"), h.Queued())
    made.then(h.Offered(ALICE, "alice"), driver.LegUp("c.a1", "opus"), h.Accepted(ALICE))
    assert made.call.sound.bridge == ("c.in", "c.a1")
    return made


def test_the_agent_is_let_go_and_the_customer_is_not(story: Story) -> None:
    out = story.then(h.Stay("satisfaction"))
    assert driver.HangUp("c.a1", Cause.NORMAL) in out
    assert h.Stayed("satisfaction") in out
    assert not [one for one in out if isinstance(one, h.CallEnding) or one == driver.HangUp("c.in", Cause.NORMAL)]
    assert story.phase is Phase.AUTOMATED
    assert driver.StopRecording("c", "r1") in out, "the recording is of the talk"


def test_keys_answer_the_survey(story: Story) -> None:
    story.then(h.Stay("satisfaction"))
    collect = next(one for one in story.then(RATE) if isinstance(one, driver.CollectKeys))
    out = story.then(driver.KeysCollected("c.in", collect.collection, "4", "max"))
    assert h.KeysEntered("4", "max") in out


def test_what_the_rows_say_of_the_contact_does_not_end_the_call(story: Story) -> None:
    story.then(h.Stay("satisfaction"), h.EndCall(Cause.NORMAL, "agent"))
    assert story.phase is Phase.AUTOMATED
    assert not [one for one in story.then(h.Stay("satisfaction")) if isinstance(one, h.Stayed)], "asked twice, it follows once"
    out = story.then(h.EndCall(Cause.NORMAL, "flow"))
    assert h.CallEnding(Cause.NORMAL, "flow") in out
    assert driver.HangUp("c.in", Cause.NORMAL) in out


def test_a_customer_who_does_not_want_to_hangs_up(story: Story) -> None:
    story.then(h.Stay("satisfaction"), RATE)
    assert h.CallEnding(Cause.NORMAL, "caller") in story.then(driver.LegEnded("c.in", Cause.NORMAL, True))


def test_an_agent_who_hung_up_a_desk_telephone_leaves_the_customer_the_same(story: Story) -> None:
    story.then(driver.LegEnded("c.a1", Cause.NORMAL, True), h.Stay("satisfaction"))
    assert story.phase is Phase.AUTOMATED
    assert not [one for one in story.call.sound.music or () if one[0] == "c.in"], "no music of the queue"


def test_nobody_stays_who_is_gone(story: Story) -> None:
    story.then(driver.LegEnded("c.in", Cause.NORMAL, True))
    assert not [one for one in story.then(h.Stay("satisfaction")) if isinstance(one, h.Stayed)]


def test_a_switch_that_takes_over_knows_that_the_talk_is_over(story: Story) -> None:
    story.then(h.Stay("satisfaction"))
    assert calls.from_memo(story.call.memo()).after

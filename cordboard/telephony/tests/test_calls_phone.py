"""Calls whose agent works on a desk telephone: step by step, without a driver."""

from __future__ import annotations

import pytest

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.state import Phase
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, LegEnded, LegUp
from cordboard.telephony.tests.test_calls import ALICE, BOB, Story

DESK = Endpoint(EndpointKind.PHONE, "desk7")


@pytest.fixture
def story() -> Story:
    found = Story()
    found.then(h.Take(), LegUp("c.in", "PCMU"), h.Queued("default", 0.0))
    return found


def offered(story: Story, *, at_once: bool = False) -> list[object]:
    return story.then(h.Offered(1, ALICE, ring=20.0, caller_id="+31205550123", phone="desk7", at_once=at_once))


def test_picking_up_asks_for_the_offer_to_be_accepted(story: Story) -> None:
    assert offered(story) == [driver.Originate("c", "c.a1", DESK, "+31205550123", 20.0)]
    assert story.then(LegUp("c.a1", "PCMU")) == [h.AgentAnswered(1)]
    assert story.phase is Phase.RINGING  # the customer hears music until the rows say that it is accepted
    assert story.then(h.Accepted(1)) == [driver.Bridge("c", ("c.in", "c.a1")), h.AgentConnected(1)]


def test_accepting_first_leaves_ten_seconds_to_pick_up(story: Story) -> None:
    offered(story)
    assert story.then(h.Accepted(1)) == []
    assert driver.Bridge("c", ("c.in", "c.a1")) in story.then(LegUp("c.a1", "PCMU"))
    assert story.phase is Phase.TALKING


def test_who_accepts_and_does_not_pick_up_gives_the_customer_back(story: Story) -> None:
    offered(story)
    story.then(h.Accepted(1))
    assert h.AgentUnreachable(1, Cause.UNREACHABLE, True) in story.wait(10.0)
    assert story.phase in (Phase.WAITING, Phase.TRANSFERRING)


def test_a_telephone_that_answers_by_itself_is_called_on_accepting(story: Story) -> None:
    assert offered(story, at_once=True) == []
    assert story.then(h.Accepted(1)) == [driver.Originate("c", "c.a1", DESK, "+31205550123", 10.0, at_once=True)]
    assert driver.Bridge("c", ("c.in", "c.a1")) in story.then(LegUp("c.a1", "PCMU"))


def test_hanging_up_is_told_and_the_telephone_does_not_ring_again(story: Story) -> None:
    offered(story)
    story.then(LegUp("c.a1", "PCMU"), h.Accepted(1))
    told = story.then(LegEnded("c.a1", Cause.NORMAL, True))
    assert h.AgentHungUp(1) in told
    assert not [one for one in story.wait(5.0) if isinstance(one, driver.Originate)]
    assert driver.HangUp("c.in", Cause.NORMAL) in story.then(h.EndCall())


def test_when_nobody_deals_with_it_the_customer_goes_back_to_the_queue(story: Story) -> None:
    offered(story)
    story.then(LegUp("c.a1", "PCMU"), h.Accepted(1), LegEnded("c.a1", Cause.NORMAL, True))
    assert [one for one in story.wait(31.0) if isinstance(one, h.AgentMediaLost | h.AgentGone)] == [h.AgentMediaLost(1), h.AgentGone(1)]


def test_a_telephone_whose_media_went_rings_again(story: Story) -> None:
    offered(story)
    story.then(LegUp("c.a1", "PCMU"), h.Accepted(1), LegEnded("c.a1", Cause.MEDIA_LOST, False))
    again = [one for one in story.wait(2.0) if isinstance(one, driver.Originate)]
    assert [one.endpoint for one in again] == [DESK]


@pytest.mark.parametrize("cause", [Cause.REJECTED, Cause.BUSY, Cause.NO_ANSWER, Cause.UNREACHABLE])
def test_the_telephone_says_no(story: Story, cause: Cause) -> None:
    offered(story)
    assert story.then(LegEnded("c.a1", cause, True)) == [h.AgentUnreachable(1, cause, False)]
    story.then(h.SegmentOver(1), h.Offered(2, BOB))
    assert story.call.agent(2) is not None


def test_it_is_the_same_call_after_a_switch_died(story: Story) -> None:
    from cordboard.telephony import calls

    offered(story)
    assert calls.from_memo(story.call.memo()) == story.call
    story.call = calls.from_memo(story.call.memo())
    told = story.then(h.Adopted((("c.in", "up"), ("c.a1", "up"))))
    assert h.AgentAnswered(1) in told

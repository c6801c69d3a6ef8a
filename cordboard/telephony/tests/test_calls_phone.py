"""Calls whose agent works on a desk telephone: step by step, without a driver."""

from __future__ import annotations

import pytest

from cordboard.telephony import driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.state import Phase
from cordboard.telephony.driver import Cause, Endpoint, EndpointKind, LegEnded, LegUp
from cordboard.telephony.tests.story import Story
from cordboard.telephony.tests.test_calls import ALICE, BOB

DESK = Endpoint(EndpointKind.PHONE, "desk7")


@pytest.fixture
def story() -> Story:
    found = Story.of_a_caller()
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


# ---- two lines of one telephone -------------------------------------------------------------------------------------


@pytest.fixture
def talking(story: Story) -> Story:
    """Alice talks with the customer at her desk telephone."""
    offered(story)
    story.then(LegUp("c.a1", "PCMU"), h.Accepted(1))
    return story


def asking(story: Story) -> None:
    """She has put the customer on hold, dialled Bob on the second line, and he has answered."""
    assert story.then(driver.LegHeld("c.a1", True)) == [h.AgentHolds(1, True)]
    story.then(h.Held(1))
    assert story.then(driver.PhoneDials("c", "c.t1", "c.a1", "bob-desk")) == [h.AgentDials(1, "c.t1", "bob-desk")]
    story.then(h.Offered(2, BOB, h.Kind.CONSULT), LegUp("c.t1", "PCMU"))
    story.then(LegUp("c.a2", "PCMU"), h.Accepted(2))


def test_a_second_line_is_where_the_colleague_is_heard(talking: Story) -> None:
    asking(talking)
    assert talking.phase is Phase.CONSULTING
    assert talking.call.sound.bridge == ("c.t1", "c.a2")
    assert set(talking.call.legs) == {"c.in", "c.a1", "c.t1", "c.a2"}


def test_the_transfer_key_with_two_lines_completes(talking: Story) -> None:
    asking(talking)
    assert talking.then(driver.TransferRequested("c.a1", "transfer", "c.t1")) == [h.AgentCompletes(1, "c.a1")]
    out = talking.then(h.SegmentOver(1), h.Completed(2))
    assert [one for one in out if isinstance(one, driver.HangUp)] == [driver.HangUp("c.t1"), driver.HangUp("c.a1")]
    assert talking.call.sound.bridge == ("c.in", "c.a2")


@pytest.mark.parametrize("replaces", ["c.in", "c.a2", "strange"])
def test_a_transfer_into_a_line_that_is_not_the_agents_is_refused(talking: Story, replaces: str) -> None:
    asking(talking)
    refused = [driver.TransferProgress("c.a1", driver.TransferStep.REFUSED)]
    assert talking.then(driver.TransferRequested("c.a1", "transfer", replaces)) == refused


@pytest.mark.parametrize("leg", ["c.in", "c.a2", "strange"])
def test_nobody_but_the_agent_at_the_telephone_transfers(talking: Story, leg: str) -> None:
    asking(talking)
    assert talking.then(driver.TransferRequested(leg, "+31900123456", "c.t1")) == [driver.TransferProgress(leg, driver.TransferStep.REFUSED)]


def test_the_line_keys_swap(talking: Story) -> None:
    asking(talking)
    assert talking.then(driver.LegHeld("c.t1", True)) == []
    assert h.AgentSwaps(1, True, "c.t1") in talking.then(driver.LegHeld("c.a1", False))
    talking.then(h.Resumed(1), h.Held(2))
    assert talking.call.sound.bridge == ("c.in", "c.a1")
    talking.then(driver.LegHeld("c.a1", True))
    assert h.AgentSwaps(1, False, "c.t1") in talking.then(driver.LegHeld("c.t1", False))
    talking.then(h.Resumed(2), h.Held(1))
    assert talking.call.sound.bridge == ("c.t1", "c.a2")


def test_hanging_up_the_second_line_goes_back_to_the_customer_who_stays_on_hold(talking: Story) -> None:
    asking(talking)
    assert h.AgentStopsAsking(1, True) in talking.then(LegEnded("c.t1", Cause.NORMAL, True))
    talking.then(h.SegmentOver(2))
    assert talking.phase is Phase.HELD
    assert talking.then(driver.LegHeld("c.a1", False)) == [h.AgentHolds(1, False)]
    talking.then(h.Resumed(1))
    assert talking.call.sound.bridge == ("c.in", "c.a1")


def test_hanging_up_the_customers_line_keeps_the_customer(talking: Story) -> None:
    asking(talking)
    assert talking.then(LegEnded("c.a1", Cause.NORMAL, True)) == []
    talking.then(h.SegmentOver(2), h.Resumed(1))
    assert talking.call.sound.bridge == ("c.in", "c.t1")
    assert h.AgentHungUp(1) in talking.then(LegEnded("c.t1", Cause.NORMAL, True))


def test_a_second_line_that_is_refused_changes_nothing(talking: Story) -> None:
    talking.then(driver.LegHeld("c.a1", True), h.Held(1), driver.PhoneDials("c", "c.t1", "c.a1", "nobody"))
    assert talking.then(LegEnded("c.t1", Cause.REJECTED, False)) == []
    assert talking.then(driver.LegHeld("c.a1", False)) == [h.AgentHolds(1, False)]


def test_a_third_line_is_refused_and_so_is_one_of_somebody_who_does_not_have_the_customer(talking: Story) -> None:
    asking(talking)
    assert talking.then(driver.PhoneDials("c", "c.t2", "c.t1", "100")) == [driver.Reject("c.t2", Cause.BUSY)]
    assert talking.then(driver.PhoneDials("c", "c.t3", "c.a2", "100")) == [driver.Reject("c.t3", Cause.BUSY)]


def test_the_customer_leaving_ends_both_lines(talking: Story) -> None:
    asking(talking)
    out = talking.then(LegEnded("c.in", Cause.NORMAL, True))
    assert {one.leg for one in out if isinstance(one, driver.HangUp)} == {"c.t1", "c.a1", "c.a2"}


def test_both_lines_are_known_after_a_switch_died(talking: Story) -> None:
    from cordboard.telephony import calls

    asking(talking)
    talking.call = calls.from_memo(talking.call.memo())
    talking.then(h.Adopted(tuple((leg, "up") for leg in ("c.in", "c.a1", "c.t1", "c.a2"))))
    assert talking.call.sound.bridge == ("c.t1", "c.a2")
    assert talking.then(driver.TransferRequested("c.t1", "x", "c.a1")) == [h.AgentCompletes(1, "c.t1")]


def test_the_conference_key_joins_both_lines(talking: Story) -> None:
    """The telephone takes the customer off hold while the colleague's line is in use: it mixes the two itself, and hears nothing twice."""
    asking(talking)
    assert talking.then(driver.LegHeld("c.a1", False)) == [h.AgentJoins(1)]
    talking.then(h.Became(2, h.Kind.CONFERENCE), h.Resumed(1))
    assert talking.phase is Phase.CONFERENCE
    assert set(talking.call.sound.bridge or ()) == {"c.in", "c.t1", "c.a2"}  # the customer's line of the telephone is silent
    assert talking.then(driver.TransferRequested("c.a1", "x", "c.t1")) == [h.AgentCompletes(1, "c.a1")]
    out = talking.then(h.SegmentOver(1), h.Became(2, h.Kind.TRANSFER))
    assert {one.leg for one in out if isinstance(one, driver.HangUp)} == {"c.t1", "c.a1"}
    assert set(talking.call.sound.bridge or ()) == {"c.in", "c.a2"}


def test_a_transfer_into_a_call_that_is_none_of_ours_is_refused_on_one_line_too(talking: Story) -> None:
    refused = [driver.TransferProgress("c.a1", driver.TransferStep.REFUSED)]
    assert talking.then(driver.TransferRequested("c.a1", "200", "nobody")) == refused

"""What people wish, from the log and from the rows; a call is made as the rows say, whatever it had come to."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from cordboard.channels.voice import wishes
from cordboard.channels.voice.desk import Desk, from_memo, memo
from cordboard.channels.voice.wishes import OutsideRow, Rows, SegmentRow
from cordboard.telephony import calls, driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.state import Call
from cordboard.telephony.driver import EndpointKind

NOW = 1000.0


def music(queue: int) -> str:
    return {3: "waltz"}.get(queue, "default")


def made(*happenings: h.Happening) -> Call:
    call, _ = calls.begin(driver.CallOffered("c", "c.0", "", "100", EndpointKind.SIP), NOW)
    for one in (h.Take(), driver.LegUp("c.0", "PCMU"), *happenings):
        call, _ = calls.advance(call, one, NOW)
    return call


def test_an_offer_rings_for_as_long_as_it_stands() -> None:
    body = {"interaction": 1, "segment": 5, "agent": 7, "kind": "offer", "until": NOW + 12}
    assert wishes.from_event("routing.offer_made", body, NOW, music) == [h.Offered(5, "7", h.Kind.OFFER, 12.0)]


def test_a_consult_in_a_queue_is_not_the_customers_wait() -> None:
    body = {"interaction": 1, "queue": 3, "kind": "consult"}
    assert wishes.from_event("routing.entered", body, NOW, music) == []
    assert wishes.from_event("routing.entered", {**body, "kind": "transfer"}, NOW, music) == [h.Queued("waltz")]


def test_most_events_mean_nothing_to_a_call() -> None:
    assert wishes.from_event("interactions.note_saved", {"interaction": 1}, NOW, music) == []
    assert not wishes.concerns_calls("interactions.note_saved")


def test_a_consult_backed_out_before_anybody_was_asked() -> None:
    assert wishes.from_event("routing.consult_backed_out", {"interaction": 1, "to_segment": None}, NOW, music) == []


def test_rows_that_say_it_is_over() -> None:
    assert wishes.from_rows(made(), Rows(True, "ended")) == [h.EndCall(by="agent")]


def test_a_customer_in_no_queue_is_noticed() -> None:
    call = made(h.Queued())
    assert wishes.forgotten(call, Rows(False, "automated"))
    assert not wishes.forgotten(call, Rows(False, "waiting", waits=True))
    assert not wishes.forgotten(made(), Rows(False, "automated"))


def test_completed_while_the_switch_was_dead() -> None:
    call = made(h.Queued(), h.Offered(1, "7"), h.Accepted(1), h.Held(1), h.Offered(2, "8", h.Kind.CONSULT), h.Accepted(2))
    wanted = wishes.from_rows(call, Rows(False, "active", (SegmentRow(2, 8, "transfer", "active"),)))
    assert wanted == [h.Completed(2), h.SegmentOver(1)]


SEGMENTS = st.lists(
    st.builds(SegmentRow, st.integers(1, 4), st.integers(1, 4), st.sampled_from(["offer", "transfer"]), st.sampled_from(["offered", "active", "held"])),
    max_size=1,
)
HAPPENED = st.lists(
    st.one_of(
        st.builds(h.Offered, st.integers(1, 4), st.just("7"), st.sampled_from(list(h.Kind))),
        st.builds(h.Accepted, st.integers(1, 4)),
        st.builds(h.SegmentOver, st.integers(1, 4)),
        st.builds(h.Held, st.integers(1, 4)),
        st.builds(h.Queued),
    ),
    max_size=12,
)


@given(HAPPENED, SEGMENTS, st.booleans())
@example([h.Offered(1, "7", h.Kind.CONSULT), h.Held(1)], [SegmentRow(1, 1, "offer", "held")], False)
def test_a_call_becomes_what_the_rows_say(happened: list[h.Happening], segments: list[SegmentRow], waits: bool) -> None:
    """Once done there is nothing left to do, and who has the customer is who the rows say, unless that part was over for the call already."""
    call = made(*happened)
    rows = Rows(False, "active", tuple(segments), waits)
    for one in wishes.from_rows(call, rows):
        call, _ = calls.advance(call, one, NOW)
    again = wishes.from_rows(call, rows)
    assert [one for one in again if not isinstance(one, h.Queued)] == []
    wanted = {one.segment for one in segments if one.state != "offered" and one.segment not in call.past}
    rings = {one.segment for one in segments if one.state == "offered"}  # an acceptance that the rows do not know yet
    assert {agent.segment for agent in call.agents if agent.accepted} - rings == wanted


def test_a_memo_comes_back_whole() -> None:
    call = made(h.Queued(), h.Offered(1, "7"))
    desk = Desk("+31205550123", "100", "sip", {"name": "Nora"}, 91, "service", "NL", "nl", ("nl", "en"), run={"run": 3}, announced=True)
    assert from_memo(memo(call, desk)) == (call, desk)


def test_somebody_outside_is_dialled_once() -> None:
    call = made(h.Queued(), h.Offered(1, "7"), h.Accepted(1), h.Held(1))
    rows = Rows(False, "active", (SegmentRow(1, 7, "offer", "held"),), outside=(OutsideRow(4, "+31101234567", "consult", "dialled", "+31800", "", 30.0),))
    assert wishes.from_rows(call, rows) == [h.Offered(-4, "", h.Kind.CONSULT, 30.0, "+31800", "+31101234567")]
    assert wishes.gone_outside(call, rows) == []
    talks = Rows(False, "active", rows.segments, outside=(OutsideRow(4, "+31101234567", "consult", "active"),))
    assert wishes.from_rows(call, talks) == [], "whoever hung up while there was no switch is not called again"
    assert wishes.gone_outside(call, talks) == [4]

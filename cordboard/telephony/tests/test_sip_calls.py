"""Alice calls by SIP: retransmissions, CANCEL, BYE and lost ACKs at every moment, by a clock of the test's own."""

from __future__ import annotations

import json

import pytest

from cordboard.telephony.sip.agent import Settings
from cordboard.telephony.sip.message import Message, Request, Response, respond
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.sessions import Session
from cordboard.telephony.tests.sip_wire import OFFER, OURS, Alice, Wire, answering, statuses, talking


def test_a_call_from_ring_to_bye() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    assert statuses(alice.invite()) == [180, 200]
    assert alice.ack() == []
    assert wire.told() == [("acknowledged", "")]
    assert statuses(alice.later("BYE")) == [200]
    assert wire.told() == [("hung_up",)]
    assert wire.agent.sessions == []


def test_trying_is_said_when_the_call_is_kept_or_after_a_moment() -> None:
    wire = Wire(lambda session: session.trying())
    assert statuses(Alice(wire).invite()) == [100]
    assert wire.wait(1) == []
    wire = Wire()
    alice = Alice(wire)
    assert statuses(alice.invite()) == []
    assert wire.wait(1) == [], "it repeats the INVITE meanwhile, should we be gone"
    assert statuses(wire.wait(3)) == [100]
    wire.owner.calls[0].ring()
    assert statuses(alice.send("INVITE", OFFER, branch=alice.branch)) == [180]  # the last word again
    assert len(wire.owner.calls) == 1


def test_nothing_is_repeated_while_it_rings_but_a_sign_of_life_every_minute() -> None:
    wire = Wire(lambda session: session.ring())
    Alice(wire).invite()
    assert wire.wait(59) == []
    assert statuses(wire.wait(70)) == [180, 180]


def test_the_answer_is_repeated_until_the_ack() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    alice.invite()
    assert statuses(wire.wait(0.4)) == []
    assert statuses(wire.wait(4.0)) == [200, 200, 200]  # after 0.5, 1 and 2 seconds
    alice.ack()
    assert wire.wait(40) == []


def test_an_answer_never_acknowledged_ends_in_bye() -> None:
    wire = Wire(answering)
    Alice(wire).invite()
    sent = wire.wait(33)
    assert statuses(sent)[-1] == "BYE"
    assert statuses(sent).count(200) == 10
    assert wire.told() == [("no_ack", 408)]


def test_a_lost_answer_comes_again_when_the_invite_does_not() -> None:
    """Between 200 and ACK repeated INVITEs are absorbed: the 200 has its own clock."""
    wire = Wire(answering)
    alice = Alice(wire)
    alice.invite()
    assert alice.send("INVITE", OFFER, branch=alice.branch) == []
    assert len(wire.owner.calls) == 1


def test_a_repeated_ack_says_nothing_new() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    alice.invite()
    alice.ack()
    alice.ack()
    assert wire.told() == [("acknowledged", "")]


def test_a_refusal_is_repeated_until_its_ack_and_then_no_more() -> None:
    wire = Wire(lambda session: session.refuse(486))
    alice = Alice(wire)
    assert statuses(alice.invite()) == [486]
    assert statuses(wire.wait(1.6)) == [486, 486]
    alice.send("ACK")
    assert wire.wait(40) == []
    assert len(wire.agent.layer) == 0


def test_a_refusal_without_ack_is_given_up() -> None:
    wire = Wire(lambda session: session.refuse(486))
    Alice(wire).invite()
    assert statuses(wire.wait(120)).count(486) == 10
    assert len(wire.agent.layer) == 0


def test_cancel_while_it_rings() -> None:
    wire = Wire(lambda session: session.ring())
    alice = Alice(wire)
    alice.invite()
    ringing = wire.endpoint.sent[-1][0]
    assert isinstance(ringing, Response)
    answers = alice.send("CANCEL", to="<sip:100@198.51.100.1>")
    assert statuses(answers) == [200, 487]
    assert answers[0].to.tag == answers[1].to.tag == ringing.to.tag
    assert wire.told() == [("cancelled", 487)]
    alice.send("ACK")
    assert wire.wait(40) == []


def test_cancel_before_anybody_dealt_with_the_call() -> None:
    wire = Wire()
    alice = Alice(wire)
    alice.invite()
    assert statuses(alice.send("CANCEL")) == [200, 487]
    wire.owner.calls[0].answer(OURS)  # too late
    assert statuses([message for message, _ in wire.endpoint.sent]) == [200, 487]


def test_cancel_after_the_answer_changes_nothing() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    alice.invite()
    assert statuses(alice.send("CANCEL", to="<sip:100@198.51.100.1>")) == [200]
    assert wire.told() == []
    alice.ack()
    assert statuses(alice.later("BYE")) == [200]
    assert wire.told() == [("acknowledged", ""), ("hung_up",)]


def test_cancel_of_nothing() -> None:
    wire = Wire()
    assert statuses(Alice(wire).send("CANCEL")) == [481]


def test_bye_before_the_answer() -> None:
    wire = Wire(lambda session: session.ring())
    alice = Alice(wire)
    alice.invite()
    assert statuses(alice.later("BYE")) == [200, 487]
    assert wire.told() == [("cancelled", 487)]


def test_bye_before_the_ack_ends_the_repetitions() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    alice.invite()
    assert statuses(alice.later("BYE")) == [200]
    assert wire.told() == [("hung_up",)]
    assert wire.wait(40) == []


def test_a_repeated_bye_gets_the_same_answer() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    alice.later("BYE")
    assert statuses(alice.send("BYE", branch=alice.branch)) == [200]
    assert wire.told() == [("hung_up",)]
    wire.wait(40)
    assert statuses(alice.send("BYE", branch=alice.branch)) == [481]  # forgotten by then


def test_we_hang_up_and_repeat_the_bye_until_it_is_answered() -> None:
    wire = Wire(answering)
    talking(wire)
    wire.owner.calls[0].hang_up()
    bye = wire.endpoint.sent[-1][0]
    assert (statuses([bye]), bye.cseq.number) == (["BYE"], 1)
    assert statuses(wire.wait(2.0)) == ["BYE", "BYE"]
    wire.send(bytes(_ok(bye)))
    assert wire.wait(40) == []


def test_hanging_up_before_the_ack_waits_for_it() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    alice.invite()
    wire.owner.calls[0].hang_up()
    assert "BYE" not in statuses(wire.wait(3))
    assert statuses(alice.ack()) == ["BYE"]
    assert wire.told() == []


def _ok(request: Message) -> Response:
    assert isinstance(request, Request)
    return respond(request, 200)


# ---- within a call ----------------------------------------------------------------------------------------------


def test_a_reinvite_is_answered_repeated_and_acknowledged() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    held = OFFER + "a=sendonly\r\n"
    assert statuses(alice.later("INVITE", held)) == [100]
    assert wire.told() == [("reoffered", held)]
    before = len(wire.endpoint.sent)
    wire.owner.replies[0](200, OURS)
    assert statuses([message for message, _ in wire.endpoint.sent[before:]]) == [200]
    assert statuses(wire.wait(0.6)) == [200]
    alice.ack()
    assert wire.wait(40) == []
    assert wire.told() == []  # it was up all the time


def test_a_reinvite_without_offer_gets_ours_and_the_ack_answers_it() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    alice.later("INVITE")
    assert wire.told() == [("reoffered", "")]
    wire.owner.replies[0](200, OURS)
    alice.ack(OFFER)
    assert wire.told() == [("acknowledged", OFFER)]


def test_a_refused_reinvite_leaves_the_call_as_it_was() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    alice.later("INVITE", OFFER)
    wire.owner.replies[0](488, "")
    assert statuses([wire.endpoint.sent[-1][0]]) == [488]
    alice.send("ACK")
    assert statuses(alice.later("BYE")) == [200]


def test_a_second_offer_waits_for_the_first() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    alice.later("INVITE", OFFER)
    answer = alice.later("UPDATE", OFFER)
    assert statuses(answer) == [500]
    assert answer[0].headers.get("retry-after")


def test_a_reinvite_never_acknowledged_ends_the_call() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    alice.later("INVITE", OFFER)
    wire.told()
    wire.owner.replies[0](200, OURS)
    assert statuses(wire.wait(33))[-1] == "BYE"
    assert wire.told() == [("no_ack", 408)]


def test_an_update_moves_the_far_side() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    assert statuses(alice.later("UPDATE")) == [200]  # a session timer's sign of life
    alice.later("UPDATE", OFFER)
    assert wire.told() == [("reoffered", OFFER)]
    wire.owner.replies[0](200, OURS)
    assert wire.endpoint.sent[-1][0].body == OURS.encode()
    wire.owner.calls[0].hang_up()
    assert wire.endpoint.sent[-1][0].uri == "sip:alice@192.0.2.7:5062"


def test_bye_while_an_offer_is_thought_about() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    alice.later("INVITE", OFFER)
    assert statuses(alice.later("BYE")) == [487, 200]
    wire.owner.replies[0](200, OURS)  # too late, and harmless
    assert wire.wait(1)[0].status == 487


def test_info_presses_keys() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    assert statuses(alice.later("INFO", "Signal=7\r\nDuration=100\r\n", kind="application/dtmf-relay")) == [200]
    assert statuses(alice.later("INFO")) == [200]
    assert statuses(alice.later("INFO", "x", kind="text/plain")) == [415]
    assert wire.told() == [("pressed", "7")]


def test_a_repeated_info_presses_once() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    alice.later("INFO", "5", kind="application/dtmf")
    alice.send("INFO", "5", kind="application/dtmf", branch=alice.branch)
    assert wire.told() == [("pressed", "5")]


def test_a_request_out_of_order_is_refused() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    alice.later("INFO", "5", kind="application/dtmf", seq=20)
    assert statuses(alice.send("INFO", "6", kind="application/dtmf", seq=19)) == [500]
    assert wire.told() == [("pressed", "5")]


def test_options_within_a_call() -> None:
    wire = Wire(answering)
    assert statuses(talking(wire).later("OPTIONS")) == [200]


def test_requests_of_a_call_that_is_not() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    alice.to = alice.to.split(";")[0] + ";tag=other"
    assert statuses(alice.later("BYE")) == [481]
    assert statuses(alice.later("INVITE", OFFER)) == [481]
    assert wire.told() == []


def test_an_invite_without_offer_gets_ours_and_the_ack_answers_it() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    assert alice.invite("")[-1].body == OURS.encode()
    alice.ack(OFFER)
    assert wire.told() == [("acknowledged", OFFER)]


# ---- the way back -----------------------------------------------------------------------------------------------


def test_answers_go_to_the_port_that_asked_when_rport_is_there() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    behind = Peer("203.0.113.9", 40001)
    alice.peer = behind
    wire.send(alice.request("INVITE", OFFER, via="Via: SIP/2.0/UDP 10.0.0.4:5060;branch=z9hG4bKnat1;rport\r\n"), behind)
    message, peer = wire.endpoint.sent[-1]
    assert peer == behind
    assert (message.via.params["received"], message.via.params["rport"]) == ("203.0.113.9", "40001")


def test_answers_go_to_the_port_in_via_otherwise_but_never_to_another_address() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    wire.send(alice.request("INVITE", OFFER, via="Via: SIP/2.0/UDP 203.0.113.99:5077;branch=z9hG4bKx1;maddr=203.0.113.98\r\n"), alice.peer)
    assert {peer for _, peer in wire.endpoint.sent} == {Peer(alice.peer.host, 5077)}


def test_requests_to_a_telephone_behind_a_router_go_where_it_sends_from() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    behind = Peer("203.0.113.9", 40001)
    via = "Via: SIP/2.0/UDP 10.0.0.4:5060;branch=z9hG4bK{};rport\r\n"
    alice.learn(wire.send(alice.request("INVITE", OFFER, via=via.format("nat2")), behind))
    wire.send(alice.request("ACK", via=via.format("nat3")), behind)
    wire.owner.calls[0].hang_up()
    assert wire.endpoint.sent[-1][1] == behind


def test_requests_follow_the_recorded_route() -> None:
    wire = Wire(answering, Settings(trusted=("192.0.2.7/32",)))  # of those whom we trust: strangers could aim us at others
    alice = Alice(wire)
    alice.invite(extra="Record-Route: <sip:192.0.2.20;lr>\r\nRecord-Route: <sip:192.0.2.21:5090;lr>\r\n")
    assert wire.endpoint.sent[-1][0].headers.all("record-route") == ["<sip:192.0.2.20;lr>", "<sip:192.0.2.21:5090;lr>"]
    alice.ack()
    wire.owner.calls[0].hang_up()
    bye, peer = wire.endpoint.sent[-1]
    assert peer == Peer("192.0.2.20", 5060)
    assert (bye.uri, bye.headers.all("route")) == ("sip:alice@192.0.2.7:5062", ["<sip:192.0.2.20;lr>", "<sip:192.0.2.21:5090;lr>"])


def test_a_contact_that_we_have_no_transport_for_is_reached_where_it_called_from() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    text = alice.request("INVITE", OFFER).replace("Contact: <sip:alice@192.0.2.7:5062>", "Contact: <sip:alice@192.0.2.7:5099;transport=ws>")
    alice.learn(wire.send(text))
    alice.ack()
    wire.owner.calls[0].hang_up()
    assert wire.endpoint.sent[-1][1] == alice.peer


def test_a_late_copy_of_the_invite_makes_no_second_call_at_a_new_agent() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    first = alice.request("INVITE", OFFER)
    alice.learn(wire.send(first))
    alice.ack()
    crash(wire)
    assert statuses(wire.send(first)) == [482]
    assert statuses(alice.later("BYE")) == [200]
    assert len(wire.owner.calls) == 1


def test_requests_by_a_strict_router() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    alice.invite(extra="Record-Route: <sip:192.0.2.20>\r\n")
    alice.ack()
    wire.owner.calls[0].hang_up()
    bye, _ = wire.endpoint.sent[-1]
    assert (bye.uri, bye.headers.all("route")) == ("sip:192.0.2.20", ["<sip:alice@192.0.2.7:5062>"])


# ---- after a crash ----------------------------------------------------------------------------------------------


def crash(wire: Wire) -> Session:
    """The agent dies and another one takes over what was kept."""
    kept = json.loads(json.dumps(wire.owner.calls[0].to_data()))
    wire.begin()
    wire.told()
    return wire.agent.restore(kept)


def test_a_new_agent_answers_the_bye_of_a_call_that_stands() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    crash(wire)
    assert statuses(alice.later("BYE")) == [200]
    assert wire.told() == [("hung_up",)]


def test_a_new_agent_hangs_up() -> None:
    wire = Wire(answering)
    talking(wire)
    session = crash(wire)
    session.hang_up()
    assert statuses([wire.endpoint.sent[-1][0]]) == ["BYE"]


def test_a_new_agent_knows_the_invite_that_still_rings() -> None:
    wire = Wire(lambda session: session.ring())
    alice = Alice(wire)
    alice.invite()
    session = crash(wire)
    assert alice.send("INVITE", OFFER, branch=alice.branch) == []
    assert len(wire.owner.calls) == 1
    session.answer(OURS)
    answer = wire.endpoint.sent[-1][0]
    assert isinstance(answer, Response)
    assert (answer.status, answer.to.tag) == (200, alice.to.split("tag=")[1])
    alice.ack()
    assert wire.told() == [("acknowledged", "")]


def test_a_new_agent_takes_the_cancel_of_a_call_that_still_rings() -> None:
    wire = Wire(lambda session: session.ring())
    alice = Alice(wire)
    alice.invite()
    crash(wire)
    assert statuses(alice.send("CANCEL")) == [200, 487]
    assert wire.told() == [("cancelled", 487)]


def test_a_new_agent_repeats_an_answer_that_was_not_acknowledged() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    alice.invite()
    crash(wire)
    assert statuses(wire.wait(1.6)) == [200, 200]
    alice.ack()
    assert wire.told() == [("acknowledged", "")]
    assert wire.wait(40) == []


@pytest.mark.parametrize("data", [{}, {"role": "in", "phase": "up", "dialog": {}}, {"role": "in", "phase": "offered", "dialog": None}, {"role": "out"}])
def test_what_cannot_be_taken_over_says_so(data: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        Wire().agent.restore(data)

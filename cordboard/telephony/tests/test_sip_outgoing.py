"""Calls that we place: INVITE until it is heard, answered, refused, given up."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.telephony.sip.message import Message, Request, Response, respond
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.tests.sip_wire import OFFER, OURS, Wire, statuses

BOB = Peer("192.0.2.30", 5080)


class Bob:
    """The one called: answers the last INVITE."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.gone: list[bool] = []
        wire.agent.call("sip:200@192.0.2.30:5080", OURS, "+31101234567", wire.owner.made.append, lambda: self.gone.append(True))

    @property
    def session(self) -> Any:
        return self.wire.owner.made[0]

    def last(self, method: str) -> Request:
        found = [message for message, peer in self.wire.endpoint.sent if isinstance(message, Request) and message.method == method]
        return found[-1]

    def answer(self, status: int, body: str = "", tag: str = "bob", method: str = "INVITE", **headers: str) -> list[Message]:
        if status == 200 and method == "INVITE":
            headers = {"contact": "<sip:bob@192.0.2.30:5080>", "content_type": "application/sdp", **headers}
        response = respond(self.last(method), status, to_tag=tag, body=body.encode(), **headers)
        return list(self.wire.send(bytes(response), BOB))


def test_an_answered_call() -> None:
    wire = Wire()
    bob = Bob(wire)
    invite = bob.last("INVITE")
    assert (invite.uri, invite.body.decode(), invite.from_.uri.user) == ("sip:200@192.0.2.30:5080", OURS, "+31101234567")
    bob.answer(100)
    bob.answer(180)
    assert statuses(bob.answer(200, OFFER)) == ["ACK"]
    assert wire.told() == [("rang", 180), ("accepted", OFFER)]
    bob.session.hang_up()
    bye, peer = wire.endpoint.sent[-1]
    assert (bye.method, bye.uri, bye.cseq.number, peer) == ("BYE", "sip:bob@192.0.2.30:5080", 2, BOB)


def test_an_invite_is_repeated_until_something_comes_back() -> None:
    wire = Wire()
    bob = Bob(wire)
    assert statuses(wire.wait(4.0)) == ["INVITE"] * 3
    bob.answer(100)
    assert wire.wait(100) == []


def test_nobody_there() -> None:
    wire = Wire()
    Bob(wire)
    assert statuses(wire.wait(40)) == ["INVITE"] * 6
    assert wire.told() == [("timeout", 408)]
    assert (len(wire.agent.layer), wire.agent.sessions) == (0, [])


def test_a_refusal_is_acknowledged_as_often_as_it_comes() -> None:
    wire = Wire()
    bob = Bob(wire)
    assert statuses(bob.answer(486)) == ["ACK"]
    assert statuses(bob.answer(486)) == ["ACK"]
    assert bob.last("ACK").via.branch == bob.last("INVITE").via.branch
    assert wire.told() == [("refused", 486)]


def test_a_lost_ack_is_sent_again() -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.answer(200, OFFER)
    assert statuses(bob.answer(200, OFFER)) == ["ACK"]
    wire.wait(40)  # the transaction is over by now
    assert statuses(bob.answer(200, OFFER)) == ["ACK"]
    assert wire.told() == [("accepted", OFFER)]


def test_giving_up_waits_for_a_sign_and_then_cancels() -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.session.hang_up()
    assert "CANCEL" not in statuses(wire.wait(0.4))
    assert statuses(bob.answer(180)) == ["CANCEL"]
    assert bob.last("CANCEL").via.branch == bob.last("INVITE").via.branch
    bob.answer(200, method="CANCEL")
    assert statuses(bob.answer(487)) == ["ACK"]
    assert wire.told() == []  # we know
    assert wire.agent.sessions == []


def test_an_answer_that_crosses_our_cancel_is_hung_up() -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.answer(180)
    bob.session.hang_up()
    assert statuses(bob.answer(200, OFFER)) == ["ACK", "BYE"]
    assert wire.told() == [("rang", 180)]


def test_only_one_fork_is_kept() -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.answer(200, OFFER, tag="one")
    assert statuses(bob.answer(200, OFFER, tag="two")) == ["ACK", "BYE"]
    assert bob.last("BYE").to.tag == "two"
    assert wire.told() == [("accepted", OFFER)]


def test_after_a_cancel_nobody_answers_any_more() -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.answer(180)
    bob.session.hang_up()
    wire.wait(120)
    assert (len(wire.agent.layer), wire.agent.sessions) == (0, [])


def test_a_sip_address_that_cannot_be_called() -> None:
    for target in ("tel:+3120", "sips:x@example.com;transport=udp", "sip:x@192.0.2.1;transport=ws", "nonsense"):
        with pytest.raises(ValueError):
            Wire().agent.call(target, OURS, "1", lambda session: None, lambda: None)


def test_they_hang_up() -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.answer(200, OFFER)
    ack = bob.last("ACK")
    bye = (
        f"BYE sip:198.51.100.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.30:5080;branch=z9hG4bKbob1\r\nFrom: {ack.headers.get('to')}\r\n"
        f"To: {ack.headers.get('from')}\r\nCall-ID: {ack.call_id}\r\nCSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n"
    )
    assert statuses(wire.send(bye, BOB)) == [200]
    assert wire.told() == [("accepted", OFFER), ("hung_up",)]


def test_a_new_agent_goes_on_calling() -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.answer(180)
    kept = bob.session.to_data()
    wire.begin()
    wire.told()
    session = wire.agent.restore(kept)
    again = bob.last("INVITE")
    assert bytes(again).decode() == kept["invite"]
    bob.answer(200, OFFER)
    assert wire.told() == [("accepted", OFFER)]
    session.hang_up()
    assert wire.endpoint.sent[-1][0].method == "BYE"


def test_sending_a_caller_elsewhere() -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.answer(200, OFFER)
    wire.told()
    bob.session.refer("sip:300@192.0.2.40")
    refer = bob.last("REFER")
    assert refer.headers.get("refer-to") == "<sip:300@192.0.2.40>"
    wire.send(bytes(respond(refer, 202)), BOB)
    for status, seq in ((100, 1), (200, 2)):
        body = f"SIP/2.0 {status} x\r\n"
        notify = (
            f"NOTIFY sip:198.51.100.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.30:5080;branch=z9hG4bKn{seq}\r\nFrom: {refer.headers.get('to')}\r\n"
            f"To: {refer.headers.get('from')}\r\nCall-ID: {refer.call_id}\r\nCSeq: {seq} NOTIFY\r\nEvent: refer\r\n"
            f"Content-Type: message/sipfrag\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        assert statuses(wire.send(notify, BOB)) == [200]
    assert wire.told() == [("referred", 200)]


def test_a_refer_that_is_refused() -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.answer(200, OFFER)
    wire.told()
    bob.session.refer("sip:300@192.0.2.40")
    wire.send(bytes(respond(bob.last("REFER"), 403)), BOB)
    assert wire.told() == [("referred", 403)]


def test_a_response_to_nothing() -> None:
    wire = Wire()
    bob = Bob(wire)
    stray = respond(bob.last("INVITE"), 200, to_tag="x")
    stray.headers.set("via", "SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKnever")
    stray.headers.set("call-id", "never")
    assert wire.send(bytes(stray), BOB) == []
    assert isinstance(stray, Response)

"""What changes in a session that stands, message by message: glare, refreshing, confirmed ringing, transfers, another telephone in its place."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.telephony.sip import digest
from cordboard.telephony.sip.digest import Answering, Challenge, Credentials
from cordboard.telephony.sip.message import Headers, Request, respond
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.referrals import ReferTo, Replaces, refer_to
from cordboard.telephony.sip.sessions import Phase
from cordboard.telephony.sip.uri import BadSyntax, Uri
from cordboard.telephony.tests.sip_wire import OFFER, OURS, Alice, Wire, answering, statuses, talking
from cordboard.telephony.tests.test_sip_outgoing import BOB, Bob

UPDATES = "Allow: INVITE, ACK, BYE, UPDATE\r\n"


def sent(wire: Wire, method: str) -> list[Request]:
    return [message for message, _ in wire.endpoint.sent if isinstance(message, Request) and message.method == method]


def reply(wire: Wire, request: Request, status: int, peer: Peer, body: str = "", **headers: str) -> list[Any]:
    return list(wire.send(bytes(respond(request, status, body=body.encode(), **headers)), peer))


# ---- offers of ours, and of both at once --------------------------------------------------------------------------


def called_bob(**more: str) -> tuple[Wire, Bob]:
    wire = Wire()
    bob = Bob(wire)
    bob.answer(200, OFFER, **more)
    wire.told()
    return wire, bob


def test_we_offer_anew() -> None:
    wire, bob = called_bob()
    bob.session.reoffer(OURS)
    again = sent(wire, "INVITE")[-1]
    assert (again.cseq.number, again.body.decode(), again.to.tag) == (2, OURS, "bob")
    assert statuses(reply(wire, again, 200, BOB, OFFER, content_type="application/sdp", contact="<sip:bob@192.0.2.31>")) == ["ACK"]
    assert wire.told() == [("reanswered", OFFER)]
    assert statuses(reply(wire, again, 200, BOB, OFFER, content_type="application/sdp", contact="<sip:bob@192.0.2.31>")) == ["ACK"]  # ours was lost
    assert wire.told() == []
    bob.session.hang_up()
    assert sent(wire, "BYE")[-1].uri == "sip:bob@192.0.2.31"  # the answer moved him


@pytest.mark.parametrize("status", [488, 500, 603])
def test_a_refused_offer_leaves_the_session_as_it_was(status: int) -> None:
    wire, bob = called_bob()
    bob.session.reoffer(OURS)
    assert statuses(reply(wire, sent(wire, "INVITE")[-1], status, BOB)) == ["ACK"]
    assert (bob.session.phase, wire.told()) == (Phase.UP, [])
    bob.session.reoffer(OURS)
    assert sent(wire, "INVITE")[-1].cseq.number == 3


@pytest.mark.parametrize("began", [True, False])
def test_both_offer_at_once_and_step_back_for_different_times(began: bool) -> None:
    wire: Wire
    if began:
        wire, bob = called_bob()
        session, peer = bob.session, BOB
    else:
        wire = Wire(answering)
        talking(wire)
        session, peer = wire.owner.calls[0], Peer("192.0.2.7", 5062)
    session.reoffer(OURS)
    first = sent(wire, "INVITE")[-1]
    theirs = (
        f"INVITE sip:198.51.100.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP {peer.host}:{peer.port};branch=z9hG4bKglare\r\nMax-Forwards: 70\r\n"
        f"From: {first.headers.get('to')}\r\nTo: {first.headers.get('from')}\r\nCall-ID: {first.call_id}\r\nCSeq: 90 INVITE\r\n"
        f"Contact: <sip:x@{peer.host}:{peer.port}>\r\nContent-Type: application/sdp\r\nContent-Length: {len(OFFER)}\r\n\r\n{OFFER}"
    )
    assert statuses(wire.send(theirs, peer)) == [491]
    reply(wire, first, 491, peer)
    before = len(sent(wire, "INVITE"))
    quiet = 2.0 if began else 0.0
    wire.wait(quiet)
    assert len(sent(wire, "INVITE")) == before
    wire.wait(4.2 - quiet)
    assert len(sent(wire, "INVITE")) > before


def test_our_offer_waits_while_theirs_is_dealt_with() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    session = wire.owner.calls[0]
    alice.later("INVITE", OFFER)
    session.reoffer(OURS)
    assert sent(wire, "INVITE") == []
    wire.owner.replies[0](200, OURS)
    alice.ack()
    wire.wait(1.1)
    assert {request.cseq.number for request in sent(wire, "INVITE")} == {1}


# ---- refreshing ---------------------------------------------------------------------------------------------------


def test_a_caller_who_refreshes_and_then_goes_silent_is_hung_up() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    answer = alice.invite(extra="Supported: timer\r\nSession-Expires: 300;refresher=uac\r\n")[-1]
    assert (answer.headers.get("session-expires"), answer.headers.get("require")) == ("300;refresher=uac", "timer")
    alice.ack()
    wire.told()
    wire.wait(200)
    assert statuses(alice.later("UPDATE", extra="Supported: timer\r\nSession-Expires: 300;refresher=uac\r\n")) == [200]
    wire.wait(200)
    assert wire.told() == []
    wire.wait(80)
    assert wire.told() == [("lost", 408)]
    assert sent(wire, "BYE")[-1].headers.get("reason").startswith("SIP;cause=200")


def test_a_caller_who_knows_no_timers_is_left_alone() -> None:
    wire = Wire(answering)
    talking(wire)
    wire.told()
    assert wire.wait(7200) == []


def test_too_short_an_interval() -> None:
    wire = Wire(answering)
    answer = Alice(wire).invite(extra="Supported: timer\r\nSession-Expires: 30\r\n")[-1]
    assert (answer.status, answer.headers.get("min-se")) == (422, "90")
    assert wire.owner.calls == []


def test_we_refresh_a_caller_who_leaves_it_to_us() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    alice.invite(extra=f"Supported: timer\r\nSession-Expires: 300\r\n{UPDATES}")
    alice.ack()
    wire.told()
    wire.wait(149)
    assert sent(wire, "UPDATE") == []
    wire.wait(2)
    update = sent(wire, "UPDATE")[-1]
    assert (update.headers.get("session-expires"), update.body) == ("300;refresher=uac", b"")
    reply(wire, update, 200, Peer("192.0.2.7", 5062), session_expires="300;refresher=uac")
    wire.wait(151)
    assert len({request.cseq.number for request in sent(wire, "UPDATE")}) == 2


def test_timers_outlive_the_process() -> None:
    wire, bob = called_bob(session_expires="1800;refresher=uac", allow="UPDATE, BYE")
    kept = bob.session.to_data()
    wire.begin()
    wire.agent.restore(kept)
    wire.wait(901)
    assert sent(wire, "UPDATE")


# ---- ringing that must be confirmed -------------------------------------------------------------------------------


def ringing(session: Any) -> None:
    session.ring()


def test_ringing_is_repeated_until_it_is_confirmed() -> None:
    wire = Wire(ringing)
    alice = Alice(wire)
    rang = alice.invite(extra="Require: 100rel\r\n")[-1]
    assert (rang.status, rang.headers.get("require")) == (180, "100rel")
    assert statuses(wire.wait(2.0)) == [180, 180]
    rseq = rang.headers.get("rseq")
    assert statuses(alice.later("PRACK", extra=f"RAck: {int(rseq) + 1} 1 INVITE\r\n")) == [481]
    assert statuses(alice.later("PRACK", extra=f"RAck: {rseq} 1 INVITE\r\n")) == [200]
    assert wire.wait(20) == []
    wire.owner.calls[0].answer(OURS)
    assert statuses(alice.send("ACK", branch="z9hG4bKlast", seq=1)) == []
    assert wire.owner.calls[0].phase is Phase.UP


def test_ringing_that_is_never_confirmed_ends_the_call() -> None:
    wire = Wire(ringing)
    Alice(wire).invite(extra="Require: 100rel\r\n")
    assert 504 in statuses(wire.wait(33))
    assert wire.told() == [("no_ack", 504)]


def test_a_caller_who_made_no_offer_is_not_made_to_confirm() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    assert statuses(alice.invite("", extra="Require: 100rel\r\n"))[-1] == 200


def test_what_rings_in_two_places_is_confirmed_in_both() -> None:
    wire = Wire()
    bob = Bob(wire)
    rel = {"require": "100rel", "contact": "<sip:x@192.0.2.30:5080>"}
    for tag in ("one", "two"):
        assert statuses(bob.answer(180, tag=tag, rseq="5", **rel)) == ["PRACK"]
        assert statuses(bob.answer(180, tag=tag, rseq="5", **rel)) == []  # a repetition
        assert statuses(bob.answer(180, tag=tag, rseq="7", **rel)) == []  # one before it is missing
        assert statuses(bob.answer(180, tag=tag, rseq="6", **rel)) == ["PRACK"]
    assert [(request.to.tag, request.headers.get("rack"), request.cseq.number) for request in sent(wire, "PRACK")] == [
        ("one", "5 1 INVITE", 2), ("one", "6 1 INVITE", 3), ("two", "5 1 INVITE", 2), ("two", "6 1 INVITE", 3),
    ]  # fmt: skip
    bob.answer(200, OFFER, tag="two")
    bob.session.hang_up()
    assert (sent(wire, "BYE")[-1].to.tag, sent(wire, "BYE")[-1].cseq.number) == ("two", 4)


def test_what_is_heard_before_the_answer_may_change() -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.answer(183, OFFER, content_type="application/sdp", contact="<sip:bob@192.0.2.30:5080>")
    invite = bob.last("INVITE")
    head = (
        f"Via: SIP/2.0/UDP 192.0.2.30:5080;branch=z9hG4bKupd{{}}\r\nFrom: {invite.headers.get('to')};tag=bob\r\nTo: {invite.headers.get('from')}\r\n"
        f"Call-ID: {invite.call_id}\r\nMax-Forwards: 70\r\nContact: <sip:bob@192.0.2.30:5080>\r\n"
    )
    body = f"Content-Type: application/sdp\r\nContent-Length: {len(OFFER)}\r\n\r\n{OFFER}"
    assert statuses(wire.send(f"INVITE sip:us SIP/2.0\r\n{head.format(1)}CSeq: 1 INVITE\r\n{body}".replace("sip:us", "sip:198.51.100.1"), BOB)) == [491]
    wire.send(f"UPDATE sip:198.51.100.1 SIP/2.0\r\n{head.format(2)}CSeq: 2 UPDATE\r\n{body}", BOB)
    wire.owner.replies[-1](200, OURS)
    assert wire.endpoint.sent[-1][0].status == 200  # type: ignore[union-attr]
    assert wire.told()[-1] == ("reoffered", OFFER)


# ---- transfers ----------------------------------------------------------------------------------------------------


def refer(alice: Alice, to: str = "<sip:200@192.0.2.1>", **more: Any) -> list[Any]:
    return list(alice.later("REFER", extra=f"Refer-To: {to}\r\n", **more))


def test_nobody_decides_about_a_transfer() -> None:
    wire = Wire(answering)
    wire.owner.transfer_asked = lambda session, target: None  # type: ignore[method-assign]
    alice = talking(wire)
    assert refer(alice) == []
    assert statuses(refer(alice)) == [491]  # one at a time
    assert statuses(wire.wait(3.1)) == [603]


def test_a_transfer_whose_caller_wants_no_news() -> None:
    wire = Wire(answering)
    wire.owner.transfer_asked = lambda session, target: None  # type: ignore[method-assign]
    alice = talking(wire)
    alice.later("REFER", extra="Refer-To: <sip:200@192.0.2.1>\r\nRefer-Sub: false\r\n")
    session = wire.owner.calls[0]
    assert session.transfer_accepted()
    assert wire.endpoint.sent[-1][0].status == 202  # type: ignore[union-attr]
    assert session.transfer_over(200)
    assert sent(wire, "NOTIFY") == []
    assert not session.transfer_over(200)


@pytest.mark.parametrize("to", ["", "<mailto:x@y>", "<sip:x@192.0.2.1;method=BYE>", "<sip:x@192.0.2.1?Replaces=abc>"])
def test_transfers_to_where_nobody_can_be_called(to: str) -> None:
    wire = Wire(answering)
    assert statuses(refer(talking(wire), to)) == [400]


def test_a_transfer_outside_a_call_is_nobodys() -> None:
    wire = Wire(answering)
    assert statuses(Alice(wire).send("REFER", extra="Refer-To: <sip:200@192.0.2.1>\r\n")) == [481]


def test_where_a_transfer_points() -> None:
    named = Replaces("a.b@c", "ours", "theirs")
    target = ReferTo(Uri("sip", "200", "192.0.2.1"), named)
    request = Request("REFER", "sip:x@y", _headers({"refer-to": str(target)}))
    assert refer_to(request) == target
    with pytest.raises(BadSyntax):
        Replaces.parse("abc;to-tag=1")


def _headers(fields: dict[str, str]) -> Any:
    return Headers({name: [value] for name, value in fields.items()})


# ---- another telephone in the place of the first ------------------------------------------------------------------


def test_an_invite_that_replaces_nothing() -> None:
    wire = Wire(answering)
    talking(wire)
    bob = Alice(wire)
    assert statuses(bob.invite(extra="Replaces: nothing;to-tag=a;from-tag=b\r\n"))[-1] == 481
    assert statuses(Alice(wire).invite(extra="Replaces: nothing\r\n"))[-1] == 400


def test_an_invite_that_replaces_a_session() -> None:
    wire = Wire(answering)
    alice = talking(wire)
    old = wire.owner.calls[0]
    asked: list[tuple[Any, Any, bool]] = []
    wire.owner.replacing = lambda session, before, trusted: asked.append((session, before, trusted))  # type: ignore[method-assign]
    to_tag = alice.to.partition(";tag=")[2]
    from_tag = alice.from_.partition(";tag=")[2]
    bob = Alice(wire)
    early = bob.invite(extra=f"Replaces: {alice.call_id};to-tag={to_tag};from-tag={from_tag};early-only\r\n")
    assert statuses(early)[-1] == 486
    carol = Alice(wire)
    carol.invite(extra=f"Replaces: {alice.call_id};to-tag={to_tag};from-tag={from_tag}\r\n")
    assert [(before, trusted) for _, before, trusted in asked] == [(old, False)]


# ---- who we are ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "asks", "answers"), [(401, "www_authenticate", "authorization"), (407, "proxy_authenticate", "proxy-authorization")])
def test_a_question_who_we_are_is_answered_and_not_for_ever(status: int, asks: str, answers: str) -> None:
    wire = Wire()
    bob = Bob(wire)
    bob.session.account = "one"
    wire.agent.accounts["one"] = Answering("centre", "sesame")
    challenge = str(Challenge("carrier", "n1"))
    assert statuses(bob.answer(status, **{asks: challenge})) == ["ACK", "INVITE"]
    again = bob.last("INVITE")
    given = Credentials.parse(again.headers.get(answers))
    assert (again.cseq.number, again.from_.tag, again.to.tag) == (2, bob.session.local_tag, "")
    assert digest.right(given, digest.ha1("centre", "carrier", "sesame", given.algorithm), "INVITE", again.body)
    assert statuses(bob.answer(status, **{asks: challenge})) == ["ACK"]  # the secret is wrong: no use in saying it again
    assert wire.told() == [("refused", status)]


def test_a_question_to_a_stranger_is_not_answered() -> None:
    wire = Wire()
    bob = Bob(wire)
    assert statuses(bob.answer(401, www_authenticate=str(Challenge("carrier", "n1")))) == ["ACK"]
    assert wire.told() == [("refused", 401)]

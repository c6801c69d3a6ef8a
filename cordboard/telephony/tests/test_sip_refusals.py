"""What the agent does not take, and what it says then."""

from __future__ import annotations

import pytest

from cordboard.telephony.sip.agent import Settings
from cordboard.telephony.sip.message import Response
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.tests.sip_wire import ALICE, OFFER, Alice, Wire, answering, statuses


def final(answers: list[object]) -> Response:
    found = answers[-1]
    assert isinstance(found, Response)
    return found


def test_options_tells_what_we_can() -> None:
    answer = final(Alice(Wire()).send("OPTIONS"))
    assert answer.status == 200
    assert {"INVITE", "BYE", "UPDATE"} <= set(answer.headers.all("allow"))
    assert "application/sdp" in answer.headers.get("accept")


def test_while_nothing_is_taken_trunks_are_told() -> None:
    wire = Wire()
    wire.owner.open = False
    assert statuses(Alice(wire).send("OPTIONS")) == [503]
    answer = final(Alice(wire).invite())
    assert (answer.status, answer.headers.get("retry-after")) == (503, "10")


@pytest.mark.parametrize(
    ("method", "status"),
    [("REGISTER", 405), ("SUBSCRIBE", 405), ("MESSAGE", 405), ("PRACK", 481), ("NOSUCH", 501), ("invite", 501), ("BYE", 481), ("INFO", 481), ("UPDATE", 481)],
)
def test_methods_that_are_not_for_us(method: str, status: int) -> None:
    wire = Wire()
    answer = final(Alice(wire).send(method))
    assert answer.status == status
    if status in (405, 501):
        assert "INVITE" in answer.headers.all("allow")
    assert wire.owner.calls == []


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"extra": "Require: nothingSupportsThis, timer\r\n"}, 420),
        ({"kind": "text/plain"}, 415),
        ({"uri": "http://example.com/"}, 416),
        ({"uri": "sip:"}, 400),
    ],
)
def test_invites_that_cannot_be_taken(more: dict[str, str], status: int) -> None:
    wire = Wire(answering)
    answer = final(Alice(wire).send("INVITE", OFFER, **more))
    assert answer.status == status
    assert answer.to.tag
    assert wire.owner.calls == []
    if status == 420:
        assert answer.headers.all("unsupported")


def replaced(wire: Wire, old: str, new: str) -> list[object]:
    text = Alice(wire).request("INVITE", OFFER)
    assert old in text
    return list(wire.send(text.replace(old, new)))


def test_too_many_hops() -> None:
    assert statuses(replaced(Wire(answering), "Max-Forwards: 70", "Max-Forwards: 0")) == [483]


def test_an_invite_without_contact() -> None:
    assert statuses(replaced(Wire(answering), "Contact: <sip:alice@192.0.2.7:5062>\r\n", "")) == [400]


def test_an_invite_by_way_of_nonsense() -> None:
    assert statuses(replaced(Wire(answering), "Max-Forwards: 70", "Max-Forwards: 70\r\nRecord-Route: <nonsense")) == [400]


def test_an_invite_without_a_from_tag() -> None:
    wire = Wire(answering)
    alice = Alice(wire)
    alice.from_ = "<sip:alice@example.com>"
    assert statuses(alice.send("INVITE", OFFER)) == [400]


def test_a_request_of_our_own_that_comes_back() -> None:
    via = "Via: SIP/2.0/UDP 192.0.2.50;branch=z9hG4bKp1\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKours\r\n"
    wire = Wire(answering)
    assert statuses(wire.send(Alice(wire).request("INVITE", OFFER, via=via))) == [482]


def test_a_request_that_comes_by_two_ways_is_taken_once() -> None:
    wire = Wire(lambda session: session.ring())
    alice = Alice(wire)
    text = alice.request("INVITE", OFFER)
    assert statuses(wire.send(text)) == [180]
    assert statuses(wire.send(text.replace(alice.branch, alice.branch + "b"))) == [482]
    assert len(wire.owner.calls) == 1


def test_doubled_header_lines_are_refused_not_guessed() -> None:
    assert statuses(replaced(Wire(answering), "Call-ID: ", "Call-ID: other\r\nCall-ID: ")) == [400]
    assert statuses(replaced(Wire(answering), "Content-Length: ", "Content-Length: 0\r\nContent-Length: ")) == [400]


def test_an_oversized_body_is_refused() -> None:
    wire = Wire(answering)
    assert statuses(Alice(wire).send("INVITE", OFFER + "a=x\r\n" * 4000)) == [413]


def test_a_client_of_the_old_rfc_without_a_branch_is_served() -> None:
    wire = Wire(lambda session: session.refuse(486))
    alice = Alice(wire)
    old = "Via: SIP/2.0/UDP 192.0.2.7:5062\r\n"
    assert statuses(wire.send(alice.request("INVITE", OFFER, via=old))) == [486]
    assert statuses(wire.send(alice.request("INVITE", OFFER, via=old))) == [486]
    wire.send(alice.request("ACK", via=old))
    assert wire.wait(40) == []
    assert len(wire.owner.calls) == 1


# ---- what arrives otherwise -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n\r\n",
        b"\x00\x00\x00\x00",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"INVITE sip:x SIP/2.0\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK\r\nFrom: <sip:a@b.example>;tag=1\r\nTo: <sip:a@b.example>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
        bytes(range(256)) * 4,
        b"INVITE " + b"a" * 60_000 + b" SIP/2.0\r\n\r\n",
        b"OPTIONS sip:x@y.example SIP/2.0\r\n" + b"X: 1\r\n" * 5_000 + b"\r\n",
    ],
)
def test_noise_is_counted_and_forgotten(data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    wire = Wire(answering)
    for _ in range(3):
        assert wire.send(data) == []
    counts = wire.endpoint.counts
    assert (counts["received"], counts["crashed"], len(wire.agent.layer)) == (3, 0, 0)
    assert [record for record in caplog.records if record.levelname in ("WARNING", "ERROR")] == []


def test_a_bug_of_ours_costs_one_message(caplog: pytest.LogCaptureFixture) -> None:
    def broken(session: object) -> None:
        raise RuntimeError("a bug")

    wire = Wire(broken)
    for _ in range(30):
        Alice(wire).invite()
    assert wire.endpoint.counts["crashed"] == 30
    assert len([record for record in caplog.records if record.exc_info]) == 10
    wire.wait(60)
    assert len(wire.agent.layer) == 0
    assert statuses(Alice(wire).send("OPTIONS")) == [200]


# ---- floods -----------------------------------------------------------------------------------------------------


def flood(wire: Wire, count: int, peer: Peer = ALICE) -> list[int | str]:
    return [status for _ in range(count) for status in statuses(Alice(wire, peer=peer).invite())]


def test_a_stranger_who_calls_too_often_is_told_and_then_not_even_that() -> None:
    wire = Wire(answering, Settings(rate=5, burst=10))
    heard = flood(wire, 50)
    assert (heard.count(200), heard.count(503)) == (10, 10)
    assert (len(wire.owner.calls), wire.agent.counts["rate"]) == (10, 40)
    wire.wait(1.0)
    assert flood(wire, 10).count(200) == 5


def test_another_source_is_not_held_back() -> None:
    wire = Wire(answering, Settings(rate=5, burst=10))
    flood(wire, 50)
    assert flood(wire, 5, Peer("192.0.2.8", 5060)).count(200) == 5


def test_a_trunk_is_not_held_back_and_is_believed() -> None:
    wire = Wire(answering, Settings(rate=5, burst=10, trusted=("192.0.2.0/28",)))
    assert flood(wire, 50).count(200) == 50
    assert wire.owner.trusted == [True] * 50


def test_a_call_that_stands_goes_on_in_a_flood() -> None:
    wire = Wire(answering, Settings(rate=1, burst=2))
    alice = Alice(wire)
    alice.invite()
    alice.ack()
    flood(wire, 50)
    assert statuses(alice.later("BYE")) == [200]


def test_malformed_requests_of_one_source_are_answered_only_so_often() -> None:
    wire = Wire(answering, Settings(rate=1, burst=3))
    bad = Alice(wire).request("INVITE", OFFER).replace("Max-Forwards: 70", "Max-Forwards: x")
    assert [statuses(wire.send(bad)) for _ in range(6)] == [[400], [400], [400], [], [], []]


def test_beyond_the_limit_of_transactions_new_calls_are_refused_without_one() -> None:
    wire = Wire(answering, Settings(rate=1000, burst=1000, max_transactions=20))
    assert flood(wire, 30).count(503) == 10
    assert len(wire.agent.layer) == 20


def test_nothing_is_left_of_calls_that_are_over() -> None:
    wire = Wire(answering, Settings(rate=1000, burst=1000))
    for _ in range(100):
        alice = Alice(wire)
        alice.invite()
        alice.ack()
        alice.later("BYE")
    wire.wait(40)
    layer = wire.agent.layer
    assert (len(layer), len(layer._merging), len(wire.agent.sessions), len(wire.wheel)) == (0, 0, 0, 0)

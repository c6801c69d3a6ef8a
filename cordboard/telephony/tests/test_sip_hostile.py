"""What strangers may try with us: aim our messages and our sound at others, lock a telephone out, take all ports, slip headers in, keep us busy with
descriptions."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.telephony import driver as contract
from cordboard.telephony.media import sdp
from cordboard.telephony.media.leg_rtp import RtpLeg
from cordboard.telephony.sip.agent import Settings
from cordboard.telephony.sip.authentication import Authenticator, Finding, Locks
from cordboard.telephony.sip.dialog import Dialog, same_host
from cordboard.telephony.sip.digest import Algorithm, Answering, Challenge, ha1
from cordboard.telephony.sip.message import Request, Response, parse, respond
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.uri import NameAddr, Uri
from cordboard.telephony.tests.media_house import house, in_loop, until
from cordboard.telephony.tests.sip_wire import ALICE, OFFER, Alice, Wire, answering, statuses
from cordboard.telephony.tests.switch_house import LOCAL, switch

VICTIM = "198.51.100.66"


def invite(contact: str, *, routes: str = "", number: int = 1, body: str = OFFER) -> str:
    return (
        f"INVITE sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {ALICE.host}:{ALICE.port};branch=z9hG4bK{number};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:eve@example.com>;tag=e{number}\r\nTo: <sip:100@127.0.0.1>\r\nCall-ID: hostile{number}\r\nCSeq: 1 INVITE\r\nContact: {contact}\r\n{routes}"
        f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


def ack(number: int = 1, tag: str = "") -> str:
    return (
        f"ACK sip:100@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {ALICE.host}:{ALICE.port};branch=z9hG4bKa{number};rport\r\nMax-Forwards: 70\r\n"
        f"From: <sip:eve@example.com>;tag=e{number}\r\nTo: <sip:100@127.0.0.1>;tag={tag}\r\nCall-ID: hostile{number}\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n"
    )


# ---- our messages aimed at others -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contact", "routes"),
    [
        (f"<sip:eve@{VICTIM}:5060>", ""),
        ("<sip:eve@a-name-to-look-up.example>", ""),
        (f"<sip:eve@{VICTIM};transport=tcp>", ""),
        (f"<sip:eve@{ALICE.host}:5060>", f"Record-Route: <sip:{VICTIM};lr>\r\n"),
        (f"<sip:eve@{VICTIM}>", f"Record-Route: <sip:{VICTIM}>\r\nVia: SIP/2.0/UDP {VICTIM};branch=z9hG4bKother\r\n"),
    ],
)
def test_what_we_send_in_a_strangers_call_goes_to_the_stranger(contact: str, routes: str) -> None:
    wire = Wire(answering)
    answers = wire.send(invite(contact, routes=routes))
    ok = next(one for one in answers if isinstance(one, Response) and one.status == 200)
    wire.send(ack(tag=ok.to.tag))
    before = len(wire.endpoint.sent)
    wire.owner.calls[0].hang_up()
    wire.wait(5.0)
    sent = wire.endpoint.sent[before:]
    assert statuses([message for message, _ in sent])[0] == "BYE"
    assert {peer.host for _, peer in sent} == {ALICE.host}


def test_a_trunk_may_say_where_it_is_to_be_reached() -> None:
    wire = Wire(answering, Settings(trusted=(f"{ALICE.host}/32",)))
    answers = wire.send(invite(f"<sip:eve@{VICTIM}:5060>", routes=f"Record-Route: <sip:{VICTIM}:5080;lr>\r\n"))
    ok = next(one for one in answers if isinstance(one, Response) and one.status == 200)
    wire.send(ack(tag=ok.to.tag))
    before = len(wire.endpoint.sent)
    wire.owner.calls[0].hang_up()
    assert [peer for _, peer in wire.endpoint.sent[before:]] == [Peer(VICTIM, 5080)]


def test_a_dialog_that_was_kept_stays_confined() -> None:
    request = parse(invite(f"<sip:eve@{VICTIM}>").encode())
    assert isinstance(request, Request)
    dialog = Dialog.from_request(request, ALICE, "t", trusted=False)
    assert Dialog.from_data(dialog.to_data()).next_hop() == ALICE
    older = {name: value for name, value in dialog.to_data().items() if name != "confined"}
    assert not Dialog.from_data(older).confined  # kept by an earlier version


@pytest.mark.parametrize(("one", "other", "same"), [("::1", "0:0:0:0:0:0:0:1", True), ("[::1]", "::1", True), ("127.0.0.1", "127.1", False), ("a", "a", False)])
def test_the_same_host(one: str, other: str, same: bool) -> None:
    assert same_host(one, other) is same


# ---- our sound aimed at others --------------------------------------------------------------------------------------


def plain(host: str, port: int, parameters: str = "") -> str:
    return f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n{parameters}"


@in_loop
async def test_a_description_alone_aims_our_sound_at_nobody(tmp_path: Path) -> None:
    """The victim's socket hears nothing; once sound has come from an address, that is where it goes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as victim:
        victim.bind(("127.0.0.2", 0))
        victim.setblocking(False)
        async with switch(tmp_path) as here:
            agent = here.driver.board.agent
            hostile = invite(f"<sip:eve@{LOCAL}:5099>", body=plain("127.0.0.2", victim.getsockname()[1]))
            agent._receive(parse(hostile.encode()), Peer(LOCAL, 5099))
            offered = await here.event(contract.CallOffered)
            leg = here.driver.board.legs[offered.leg]
            await until(lambda: leg.session is not None and leg.session.phase == "answered")
            assert leg.session is not None
            assert leg.session.dialog is not None
            agent._receive(parse(ack(tag=leg.session.local_tag).encode()), Peer(LOCAL, 5099))
            await here.event(contract.LegUp, leg=offered.leg)
            await here.do(contract.Music(offered.leg, on=True))
            await asyncio.sleep(0.3)  # nothing is to come: there is no condition to wait for
            with pytest.raises(BlockingIOError):
                victim.recv(2000)
            await here.do(contract.HangUp(offered.leg))


@in_loop
async def test_sound_goes_where_it_comes_from(tmp_path: Path) -> None:
    async with house(tmp_path) as here:
        phone = await here.phone("leg")
        leg = here.media._leg("leg")
        assert isinstance(leg, RtpLeg)
        leg.signalled_from = "127.0.0.9"  # its description named another host than it called from
        leg._guard.locked = None
        assert not leg.can_send
        phone.say(440)
        await until(lambda: leg.can_send)


# ---- locking others out ---------------------------------------------------------------------------------------------


class Door:
    def __init__(self) -> None:
        self.who = Authenticator("centre", lambda name, algorithm: ha1(name, "centre", "kettle", algorithm) if name == "desk7" else None, Locks(3, 60, 5, 60))

    def asks(self, source: str, secret: str, nonce_of: str = "", now: float = 1.0) -> Finding:
        """A REGISTER that seems to come from `source`, with a nonce that was given to `nonce_of`."""
        challenge = Challenge("centre", self.who.nonces.make(now, nonce_of or source), Algorithm.SHA256)
        request = parse(
            b"REGISTER sip:centre SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKx\r\nFrom: <sip:desk7@centre>;tag=a\r\nTo: <sip:desk7@centre>\r\n"
            b"Call-ID: c\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"
        )
        assert isinstance(request, Request)
        phone = Answering("desk7", secret)
        assert phone.challenged([str(challenge)], again=False)
        request.headers.set("authorization", str(phone.credentials("REGISTER", "sip:centre")))
        return self.who.look(request, source, now)[0]


def test_guesses_under_a_telephones_address_do_not_lock_it_out() -> None:
    """Over UDP anybody can write another's address on a request, but never sees the nonce that is sent there."""
    door = Door()
    phone, eve = "192.0.2.7", "203.0.113.66"
    assert door.asks(phone, "kettle") is Finding.KNOWN
    assert [door.asks(phone, "guess", nonce_of=eve) for _ in range(50)] == [Finding.STALE] * 50
    assert door.asks(phone, "kettle") is Finding.KNOWN
    assert [door.asks(eve, "guess") for _ in range(4)][-1] is Finding.LOCKED  # who guesses for real is locked


def test_a_nonce_of_another_address_tells_nobody_whether_a_secret_is_right() -> None:
    door = Door()
    right, wrong = door.asks("192.0.2.7", "kettle", nonce_of="203.0.113.66"), door.asks("192.0.2.7", "guess", nonce_of="203.0.113.66")
    assert right is wrong is Finding.STALE


# ---- taking all ports -----------------------------------------------------------------------------------------------


def test_one_address_has_so_many_calls_at_a_time_and_a_trunk_has_more() -> None:
    wire = Wire(answering, Settings(calls_per_host=3))
    answers = [statuses(wire.send(invite(f"<sip:eve@{ALICE.host}>", number=number)))[-1] for number in range(1, 6)]
    assert answers == [200, 200, 200, 486, 486]
    assert wire.agent.counts["too many calls"] == 2
    assert statuses(wire.send(invite(f"<sip:eve@{ALICE.host}>", number=9), Peer("192.0.2.200", 5060)))[-1] == 200  # another address
    wire.wait(40.0)  # nobody acknowledged: they are over
    assert statuses(wire.send(invite(f"<sip:eve@{ALICE.host}>", number=10)))[-1] == 200
    trusting = Wire(answering, Settings(calls_per_host=1, trusted=(f"{ALICE.host}/32",)))
    assert [statuses(trusting.send(invite("<sip:a@192.0.2.1>", number=number)))[-1] for number in (1, 2)] == [200, 200]


# ---- slipping things in ---------------------------------------------------------------------------------------------


@given(st.text(max_size=30), st.text(max_size=30))
def test_a_callers_number_and_name_stay_what_they_are_in_a_header_of_ours(number: str, name: str) -> None:
    written = str(NameAddr(Uri("sip", number, "127.0.0.1", 5060), name, {"tag": "ours"}))
    request = parse(invite("<sip:a@192.0.2.1>").encode())
    assert isinstance(request, Request)
    response = respond(request, 200)
    response.headers.set("from", written)
    again = parse(bytes(response))
    assert {name for name, _ in again.headers} == {name for name, _ in response.headers} | {"content-length"}
    assert again.from_.tag == "ours"
    assert again.from_.uri.host == "127.0.0.1"


@pytest.mark.parametrize("number", ["a>;x=<sip:evil", "x@evil", 'q"', "a b", "a\r\nX-Evil: yes"])
def test_what_a_caller_calls_itself_does_not_end_the_address(number: str) -> None:
    read = NameAddr.parse(str(NameAddr(Uri("sip", number, "127.0.0.1"))))
    assert (read.uri.host, read.params) == ("127.0.0.1", {})


def test_a_reason_cannot_bring_a_header() -> None:
    request = parse(invite("<sip:a@192.0.2.1>").encode())
    assert isinstance(request, Request)
    assert b"\r\nX-Evil" not in bytes(respond(request, 400, reason="Bad\r\nX-Evil: yes"))


# ---- keeping us busy ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        plain(LOCAL, 4000) + "m=audio 4000 RTP/AVP 0\r\n" * 5000,
        plain(LOCAL, 4000, "a=rtpmap:0 PCMU/8000\r\n" * 2000),
        plain(LOCAL, 4000, "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 60_000 + "\r\n"),
        plain(LOCAL, 4000).replace(" 0\r\n", " " + " ".join(str(n % 128) for n in range(15_000)) + "\r\n"),
        plain(LOCAL, 4000, "a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n" * 1500),
        "v=0\r\n" * 13_000,
        "m=audio\r\n" * 7_000,
        "x" * 100_000,
    ],
    ids=["m-lines", "rtpmaps", "key", "formats", "candidates", "versions", "no-head", "long"],
)
def test_a_huge_description_is_read_or_refused(text: str) -> None:
    """Each within the time that the test has: none may take longer than its length explains."""
    for _ in range(20):
        try:
            found = sdp.parse(text)
        except sdp.SdpError as error:
            said = str(error)
            assert len(said) < 200  # noqa: PT017  either outcome is right
        else:
            assert len(found.sections) <= sdp.MOST_SECTIONS


def test_a_hostile_description_costs_its_sender_the_call_and_nothing_else() -> None:
    wire = Wire(lambda session: session.refuse(400))
    alice = Alice(wire)
    assert statuses(alice.invite("v=0\r\n" + "m=audio 1 RTP/AVP 0\r\n" * 2000))[-1] == 413
    assert wire.agent.sessions == []

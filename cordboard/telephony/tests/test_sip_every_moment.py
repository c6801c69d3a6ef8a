"""Calls that we place, with everything happening at every moment: whatever the order of our giving up and the far side's answers, the call ends once,
both sides know it, and nothing is left."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from cordboard.telephony.sip.message import Message, Request, Response, respond
from cordboard.telephony.sip.sessions import Phase
from cordboard.telephony.tests.sip_wire import OFFER, Wire
from cordboard.telephony.tests.test_sip_outgoing import BOB, Bob


class Far:
    """The one called as a real telephone would behave: `state` is what it believes, and it answers CANCEL and BYE as it must."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.bob = Bob(self.wire)
        self.invite: Request = self.bob.last("INVITE")
        self.state = "calling"
        self.final = 0
        self.acks = 0
        self.told: list[Any] = []
        self._seen = len(self.wire.endpoint.sent)

    def say(self, status: int, **headers: str) -> None:
        """An answer to the INVITE; after the final one nothing more comes but repetitions."""
        if self.final and status != self.final:
            return
        if status >= 200 and not self.final:
            self.final = status
            self.state = "up" if status < 300 else "over"
        body = OFFER.encode() if status == 200 else b""
        more = {"contact": "<sip:bob@192.0.2.30:5080>", **({"content_type": "application/sdp"} if body else {})}
        self.wire.send(bytes(respond(self.invite, status, to_tag="bob", body=body, **more)), BOB)
        self.listen()

    def bye(self) -> None:
        if self.state != "up":
            return
        self.state = "over"
        self.wire.send(
            f"BYE sip:198.51.100.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.30:5080;branch=z9hG4bKbye\r\nFrom: {self.invite.headers.get('to')};tag=bob\r\n"
            f"To: {self.invite.headers.get('from')}\r\nCall-ID: {self.invite.call_id}\r\nCSeq: 7 BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
            BOB,
        )
        self.listen()

    def listen(self) -> None:
        """Answer what came, as often as that leads to more."""
        while self._seen < len(self.wire.endpoint.sent):
            message, _ = self.wire.endpoint.sent[self._seen]
            self._seen += 1
            if isinstance(message, Request):
                self._hear(message)

    def _hear(self, message: Message) -> None:
        assert isinstance(message, Request)
        match message.method:
            case "ACK":
                self.acks += 1
            case "CANCEL":
                self.wire.send(bytes(respond(message, 200, to_tag="bob")), BOB)
                if not self.final:
                    self.say(487)
            case "BYE":
                known = self.state == "up"
                self.state = "over"
                self.wire.send(bytes(respond(message, 200 if known else 481)), BOB)

    def pass_time(self, seconds: float) -> None:
        self.wire.wait(seconds)
        self.listen()


ACTS = {
    "100": lambda far: far.say(100),
    "180": lambda far: far.say(180),
    "200": lambda far: far.say(200),
    "486": lambda far: far.say(486),
    "bye": lambda far: far.bye(),
    "give up": lambda far: (far.bob.session.hang_up(), far.listen()),
    "wait": lambda far: far.pass_time(0.6),
}


@pytest.mark.parametrize("order", list(itertools.permutations(("100", "180", "200", "bye", "give up"))), ids=" ".join)
def test_whatever_happens_first_the_call_ends_once(order: tuple[str, ...]) -> None:
    _play(order)


@pytest.mark.parametrize("order", list(itertools.permutations(("180", "486", "give up", "wait"))), ids=" ".join)
def test_a_refusal_at_every_moment(order: tuple[str, ...]) -> None:
    _play(order)


@pytest.mark.parametrize("order", [order for order in itertools.product(("200", "give up", "bye", "wait"), repeat=4) if "give up" in order], ids=" ".join)
def test_repeated_answers_at_every_moment(order: tuple[str, ...]) -> None:
    _play(order)


def _play(order: tuple[str, ...]) -> None:
    far = Far()
    for act in order:
        ACTS[act](far)
    far.pass_time(1.0)
    if not far.final and not far.bob.session.heard:  # nothing was said at all: it is now
        far.say(180)
    if "give up" not in order:
        far.bob.session.hang_up()
        far.listen()
    far.pass_time(120.0)
    told = [one[0] for one in far.wire.told()]
    ends = [one for one in told if one in ("hung_up", "refused", "timeout", "cancelled", "lost", "no_ack")]
    assert len(ends) <= 1, told  # by them once, or by us, who know it
    assert far.state == "over" or not far.final
    assert not far.final or far.acks >= 1
    assert far.bob.session.phase is Phase.ENDED
    assert (len(far.wire.agent.layer), far.wire.agent.sessions) == (0, [])
    assert not any(isinstance(message, Response) and message.status >= 500 for message, _ in far.wire.endpoint.sent)

"""A SIP agent without a socket and without a clock, and a caller who writes its messages by hand."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from cordboard.telephony.sip.agent import Settings, UserAgent
from cordboard.telephony.sip.endpoint import Inbox
from cordboard.telephony.sip.inbound import InboundSession
from cordboard.telephony.sip.message import Request, Response, parse
from cordboard.telephony.sip.outbound import OutboundSession
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.sessions import Ending, QuietUser, Session
from cordboard.telephony.sip.wheel import Wheel

ALICE = Peer("192.0.2.7", 5062)
OFFER = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
OURS = OFFER.replace("192.0.2.7", "198.51.100.1")

_numbers = itertools.count(1)


class MemoryEndpoint(Inbox):
    name = "udp"
    reliable = False
    host = "198.51.100.1"
    port = 5060

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[Request | Response, Peer]] = []

    def send(self, data: bytes, peer: Peer) -> None:
        self.sent.append((parse(data), peer))

    def close(self) -> None: ...


class Owner(QuietUser):
    """Keeps what it is told. `take` says what is done with a call at once."""

    def __init__(self, take: Callable[[InboundSession], None] | None = None) -> None:
        self.take = take
        self.open = True
        self.calls: list[InboundSession] = []
        self.trusted: list[bool] = []
        self.made: list[OutboundSession] = []
        self.told: list[tuple[Any, ...]] = []
        self.replies: list[Callable[[int, str], None]] = []

    def accepting(self) -> bool:
        return self.open

    def invited(self, session: InboundSession, trusted: bool) -> None:
        self.calls.append(session)
        self.trusted.append(trusted)
        if self.take is not None:
            self.take(session)

    def acknowledged(self, session: Session, sdp: str) -> None:
        self.told.append(("acknowledged", sdp))

    def rang(self, session: Session, status: int) -> None:
        self.told.append(("rang", status))

    def accepted(self, session: Session, sdp: str) -> None:
        self.told.append(("accepted", sdp))

    def reoffered(self, session: Session, sdp: str, reply: Callable[[int, str], None]) -> None:
        self.told.append(("reoffered", sdp))
        self.replies.append(reply)

    def reanswered(self, session: Session, sdp: str) -> None:
        self.told.append(("reanswered", sdp))

    def pressed(self, session: Session, key: str) -> None:
        self.told.append(("pressed", key))

    def moved(self, session: Session) -> None: ...

    def hung_up(self, session: Session, done: Callable[[], None]) -> None:
        self.told.append(("hung_up",))
        done()

    def ended(self, session: Session, ending: Ending, status: int) -> None:
        self.told.append((str(ending), status))

    def referred(self, session: Session, status: int) -> None:
        self.told.append(("referred", status))


class Wire:
    """The agent, what it sends, and time."""

    def __init__(self, take: Callable[[InboundSession], None] | None = None, settings: Settings | None = None) -> None:
        self.owner = Owner(take)
        self.begin(settings)

    def begin(self, settings: Settings | None = None) -> None:
        """A fresh agent on the same address, as after a crash."""
        self.endpoint = MemoryEndpoint()
        self.wheel = Wheel()
        self.agent = UserAgent(self.owner, self.owner, settings)
        self.agent.attach(self.endpoint, self.wheel)
        self.agent.listen()

    def send(self, data: bytes | str, peer: Peer = ALICE) -> list[Request | Response]:
        """Deliver a datagram; what came back at once."""
        before = len(self.endpoint.sent)
        self.endpoint.take(data.encode() if isinstance(data, str) else data, peer)
        return [message for message, _ in self.endpoint.sent[before:]]

    def wait(self, seconds: float) -> list[Request | Response]:
        """Let time pass in ticks; what was sent meanwhile."""
        before = len(self.endpoint.sent)
        end = self.wheel.now + seconds
        while self.wheel.now < end - 1e-9:
            self.wheel.advance(min(end, self.wheel.now + 0.02))
        return [message for message, _ in self.endpoint.sent[before:]]

    def told(self) -> list[Any]:
        found, self.owner.told = self.owner.told, []
        return found


def answering(session: InboundSession) -> None:
    session.ring()
    session.answer(OURS)


def statuses(messages: list[Request | Response]) -> list[int | str]:
    """200 for a response, "BYE" for a request."""
    return [message.status if isinstance(message, Response) else message.method for message in messages]


class Alice:
    """A caller: the headers of one call."""

    def __init__(self, wire: Wire, *, from_: str = "<sip:+31205550123@example.com>", to: str = "100", peer: Peer = ALICE) -> None:
        self.wire = wire
        self.peer = peer
        self.number = next(_numbers)
        self.call_id = f"call-{self.number}@example.com"
        self.from_ = f"{from_};tag=alice{self.number}"
        self.to = f"<sip:{to}@198.51.100.1>"
        self.uri = f"sip:{to}@198.51.100.1"
        self.seq = 1
        self.branch = ""

    def request(
        self, method: str, body: str = "", *, seq: int | None = None, branch: str = "", kind: str = "application/sdp", extra: str = "", to: str = "",
        uri: str = "", via: str = "",
    ) -> str:  # fmt: skip
        if method not in ("ACK", "CANCEL"):
            self.branch = branch or f"z9hG4bK{method}{next(_numbers)}"
        branch = branch or self.branch
        via = via or f"Via: SIP/2.0/UDP {self.peer.host}:{self.peer.port};branch={branch};rport\r\n"
        head = (
            f"{method} {uri or self.uri} SIP/2.0\r\n{via}Max-Forwards: 70\r\nFrom: {self.from_}\r\nTo: {to or self.to}\r\n"
            f"Call-ID: {self.call_id}\r\nCSeq: {self.seq if seq is None else seq} {method}\r\n"
            f"Contact: <sip:alice@{self.peer.host}:{self.peer.port}>\r\n{extra}"
        )
        content = f"Content-Type: {kind}\r\n" if body else ""
        return f"{head}{content}Content-Length: {len(body.encode())}\r\n\r\n{body}"

    def send(self, method: str, body: str = "", **more: Any) -> list[Request | Response]:
        return self.wire.send(self.request(method, body, **more), self.peer)

    def invite(self, body: str = OFFER, **more: Any) -> list[Request | Response]:
        answers = self.send("INVITE", body, **more)
        self.learn(answers)
        return answers

    def learn(self, answers: list[Request | Response]) -> None:
        """Take over the To-tag of an answer."""
        for answer in answers:
            if isinstance(answer, Response) and answer.to.tag:
                self.to = answer.headers.get("to")

    def ack(self, body: str = "") -> list[Request | Response]:
        """For a 200: a request of its own."""
        return self.send("ACK", body, branch=f"z9hG4bKack{next(_numbers)}")

    def later(self, method: str, body: str = "", **more: Any) -> list[Request | Response]:
        """The next request within the dialog."""
        self.seq += 1
        return self.send(method, body, **more)


def talking(wire: Wire, **more: Any) -> Alice:
    """A call that is up."""
    alice = Alice(wire, **more)
    alice.invite()
    alice.ack()
    wire.told()
    return alice

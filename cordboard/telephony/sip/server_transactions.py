"""Server transactions: the far side asks, we answer (RFC 3261 section 17.2; the Accepted state is RFC 6026's)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from cordboard.telephony.sip.message import Request, Response
from cordboard.telephony.sip.peer import Peer, Transport
from cordboard.telephony.sip.wheel import Timer, Wheel

T1 = 0.5
T2 = 4.0
T4 = 5.0
LIFE = 64 * T1


class ServerState(StrEnum):
    PROCEEDING = "proceeding"
    ACCEPTED = "accepted"  # INVITE only: a 2xx went out, its sender repeats it until the ACK
    COMPLETED = "completed"
    CONFIRMED = "confirmed"  # INVITE only: the ACK for a refusal came
    TERMINATED = "terminated"


class ServerTransaction:
    def __init__(
        self,
        transport: Transport,
        wheel: Wheel,
        request: Request,
        source: Peer,
        peer: Peer,
        forget: Callable[[], object],
    ) -> None:
        self.request = request
        self.source = source
        self.peer = peer
        self.state = ServerState.PROCEEDING
        self.to_tag = ""
        self.phone = ""
        """Of ours, whose telephone has proved to be the sender."""
        self.on_cancel: Callable[[], None] | None = None
        self._transport = transport
        self._wheel = wheel
        self._forget = forget
        self._last = b""
        self._timers: list[Timer] = []

    @property
    def is_invite(self) -> bool:
        return self.request.method == "INVITE"

    @property
    def open(self) -> bool:
        """No final response yet."""
        return self.state is ServerState.PROCEEDING

    def respond(self, response: Response) -> None:
        """Send a response; a second final response is not sent, whoever was first has decided."""
        if not self.open:
            return
        self._last = bytes(response)
        if response.status >= 200:
            self._finish(response.status)
        self._transport.send(self._last, self.peer)

    def resend(self) -> None:
        """Send the last response again."""
        if self._last:
            self._transport.send(self._last, self.peer)

    def receive(self, request: Request) -> bool:
        """A retransmission or an ACK of this transaction; True when it is an ACK that the user must see (for a 2xx)."""
        if request.method == "ACK":
            if self.state is ServerState.ACCEPTED:
                return True
            if self.state is ServerState.COMPLETED and self.is_invite:
                self.state = ServerState.CONFIRMED
                self._stop()
                self._after(0.0 if self.peer.reliable else T4, self._terminate)
            return False
        if self.state in (ServerState.PROCEEDING, ServerState.COMPLETED):
            self.resend()
        return False

    def _finish(self, status: int) -> None:
        if self.is_invite and status < 300:
            self.state = ServerState.ACCEPTED
            self._after(LIFE, self._terminate)  # timer L
            return
        self.state = ServerState.COMPLETED
        if not self.is_invite:
            self._after(0.0 if self.peer.reliable else LIFE, self._terminate)  # timer J
            return
        self._after(LIFE, self._terminate)  # timer H
        if not self.peer.reliable:
            self._again(T1)  # timer G

    def _again(self, delay: float) -> None:
        def fire() -> None:
            self.resend()
            self._again(min(2 * delay, T2))

        self._after(delay, fire)

    def _after(self, delay: float, callback: Callable[[], None]) -> None:
        self._timers.append(self._wheel.after(delay, callback))

    def _stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _terminate(self) -> None:
        self.state = ServerState.TERMINATED
        self._stop()
        self._forget()

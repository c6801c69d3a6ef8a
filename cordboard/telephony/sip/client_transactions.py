"""Client transactions: we ask, the far side answers (RFC 3261 section 17.1, RFC 6026)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from cordboard.telephony.sip.message import Headers, Request, Response
from cordboard.telephony.sip.peer import Peer, Transport
from cordboard.telephony.sip.server_transactions import LIFE, T1, T2, T4
from cordboard.telephony.sip.wheel import Timer, Wheel


class ClientState(StrEnum):
    CALLING = "calling"  # nothing came back yet
    PROCEEDING = "proceeding"
    ACCEPTED = "accepted"  # INVITE only
    COMPLETED = "completed"
    TERMINATED = "terminated"


class ClientTransaction:
    """`answered` is told every provisional response, and every final one except repetitions of a refusal (a 2xx comes again when
    its ACK was lost, and from several forks)."""

    def __init__(
        self,
        transport: Transport,
        wheel: Wheel,
        request: Request,
        peer: Peer,
        answered: Callable[[Response], None],
        failed: Callable[[], None],
        forget: Callable[[], object],
    ) -> None:
        self.request = request
        self.peer = peer
        self.state = ClientState.CALLING
        self._transport = transport
        self._wheel = wheel
        self._answered = answered
        self._failed = failed
        self._forget = forget
        self.otherwise: Callable[[], None] | None = None
        """What to do when nothing can be sent to the peer; else it has failed."""
        self._data = bytes(request)
        self._ack = b""
        self._timers: list[Timer] = []
        self._invite = request.method == "INVITE"

    def start(self) -> None:
        self._transport.send(self._data, self.peer)
        self._after(LIFE, self._timeout)  # timers B and F
        if not self.peer.reliable:
            self._again(T1)  # timers A and E

    def receive(self, response: Response) -> bool:
        """False when the response is none of ours to handle (a 2xx after the end)."""
        if self.state is ClientState.TERMINATED:
            return False
        if response.status < 200:
            if self.state is ClientState.CALLING:
                self.state = ClientState.PROCEEDING
                if self._invite:
                    self._stop()
            if self.state is ClientState.PROCEEDING:
                self._answered(response)
            return True
        if self.state is ClientState.COMPLETED:
            if self._ack:
                self._transport.send(self._ack, self.peer)
            return True
        if self.state is ClientState.ACCEPTED:
            if response.status < 300:
                self._answered(response)
            return True
        self._stop()
        if self._invite and response.status < 300:
            self.state = ClientState.ACCEPTED
            self._after(LIFE, self._terminate)  # timer M
        else:
            self.state = ClientState.COMPLETED
            if self._invite:
                self._ack = bytes(refusal_ack(self.request, response))
                self._transport.send(self._ack, self.peer)
            quiet = LIFE if self._invite else T4
            self._after(0.0 if self.peer.reliable else quiet, self._terminate)  # timers D and K
        self._answered(response)
        return True

    def unreachable(self) -> None:
        """What we sent never arrived."""
        if self.state is not ClientState.CALLING:
            return
        otherwise, self.otherwise = self.otherwise, None
        if otherwise is not None:
            otherwise()
        else:
            self._timeout()

    def redirect(self, peer: Peer) -> None:
        """Begin anew with another peer, after the request's Via was changed."""
        self._stop()
        self.peer, self._data = peer, bytes(self.request)
        self.start()

    def abandon(self) -> None:
        """Wait no longer for a final response: 32 s after a CANCEL the transaction is over (RFC 3261 section 9.1)."""
        self._after(LIFE, self._timeout)

    def _again(self, delay: float) -> None:
        def fire() -> None:
            self._transport.send(self._data, self.peer)
            slower = T2 if self.state is ClientState.PROCEEDING else 2 * delay
            self._again(slower if self._invite else min(slower, T2))

        self._after(delay, fire)

    def _timeout(self) -> None:
        if self.state in (ClientState.CALLING, ClientState.PROCEEDING):
            self._terminate()
            self._failed()

    def _after(self, delay: float, callback: Callable[[], None]) -> None:
        self._timers.append(self._wheel.after(delay, callback))

    def _stop(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _terminate(self) -> None:
        self.state = ClientState.TERMINATED
        self._stop()
        self._forget()


def _same_transaction(invite: Request, method: str) -> Request:
    headers = Headers()
    headers.set("via", str(invite.via))
    if "route" in invite.headers:
        headers.set("route", *invite.headers.all("route"))
    for name in ("from", "to", "call-id"):
        headers.set(name, invite.headers.get(name))
    headers.set("cseq", f"{invite.cseq.number} {method}")
    headers.set("max-forwards", "70")
    request = Request(method, invite.uri, headers)
    request.via = invite.via
    return request


def refusal_ack(invite: Request, response: Response) -> Request:
    """The ACK for a final response of 300 to 699, which belongs to the INVITE's transaction (RFC 3261 section 17.1.1.3)."""
    ack = _same_transaction(invite, "ACK")
    ack.headers.set("to", response.headers.get("to"))
    return ack


def cancel_for(invite: Request) -> Request:
    """RFC 3261 section 9.1."""
    return _same_transaction(invite, "CANCEL")

"""A session that the far side began: from INVITE to the ACK of our answer, or to a refusal or CANCEL."""

from __future__ import annotations

from typing import Any

from cordboard.telephony.sip import refreshing
from cordboard.telephony.sip.bodies import session_description
from cordboard.telephony.sip.dialog import Dialog
from cordboard.telephony.sip.message import Request, parse, respond
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.refreshing import TooShort
from cordboard.telephony.sip.reliability import Reliable
from cordboard.telephony.sip.server_transactions import ServerTransaction
from cordboard.telephony.sip.sessions import ALLOW, SDP, SUPPORTED, Acceptance, Ending, Exchange, Phase, Session, SessionUser, peer_data
from cordboard.telephony.sip.wheel import Timer

RING_AGAIN = 60.0
"""Proxies give up after three minutes without a sign (RFC 3261 section 13.3.1.1)."""


class InboundSession(Session):
    def __init__(self, exchange: Exchange, user: SessionUser, transaction: ServerTransaction, dialog: Dialog) -> None:
        super().__init__(exchange, user, dialog.call_id, dialog.local_tag)
        self.phase = Phase.OFFERED
        self.dialog = dialog
        self.invite: ServerTransaction | None = transaction
        transaction.to_tag, transaction.on_cancel = self.local_tag, self.cancelled
        self.phone = transaction.phone
        """Of ours, whose telephone calls; "" for everybody else."""
        self.ringing = False
        self._tried = False
        self._answer = ""
        self._ring_timer: Timer | None = None
        self._reliable: Reliable | None = None
        self._terms: refreshing.Terms | None = None
        self.learn(transaction.request)

    @property
    def request(self) -> Request:
        """The INVITE; only while it is being answered."""
        assert self.invite is not None
        return self.invite.request

    # -- asked by the owner -----------------------------------------------------------------------------------------

    def trying(self) -> None:
        """Say 100: the caller need not repeat itself."""
        if self.phase is Phase.OFFERED and self.invite is not None and not self.ringing and not self._tried:
            self._tried = True
            self.invite.respond(respond(self.request, 100))

    def ring(self) -> None:
        if self.phase is not Phase.OFFERED or self.invite is None:
            return
        self.ringing = True
        if refreshing.required(self.request.headers, "100rel"):
            self._ring_surely()
            return
        self.invite.respond(respond(self.request, 180, to_tag=self.local_tag, contact=self.contact()))
        self._stop_ringing()
        self._ring_timer = self._exchange.wheel.after(RING_AGAIN, self.ring)

    def _ring_surely(self) -> None:
        """180 that must be confirmed, for a caller who insists (RFC 3262). One who has made no offer gets none: it would have to carry ours."""
        if self._reliable is None and self.invite is not None and session_description(self.request):
            self._reliable = Reliable(self._exchange.wheel, self.invite, 180, self.local_tag, self.contact(), lambda: self._close_with(504))

    def _close_with(self, status: int) -> None:
        self.refuse(status)
        self.user.ended(self, Ending.NO_ACK, status)

    def progress(self, sdp: str) -> None:
        """183 with our description: we can be heard before the answer. Not for a caller who insists on confirming it, or made no offer."""
        if self.phase is not Phase.OFFERED or self.invite is None or refreshing.required(self.request.headers, "100rel"):
            return
        if session_description(self.request):
            self.invite.respond(respond(self.request, 183, to_tag=self.local_tag, contact=self.contact(), body=sdp.encode(), content_type=SDP))

    def answer(self, sdp: str) -> None:
        """200 with our SDP: the answer to theirs, or our offer when the INVITE had none."""
        if self.phase is not Phase.OFFERED or self.invite is None:
            return
        self.phase = Phase.ANSWERED
        self._stop_ringing()
        self._answer = sdp
        self._send_answer(self.invite)

    def _send_answer(self, invite: ServerTransaction) -> None:
        if self._reliable is not None:
            self._reliable.stop()
        terms = refreshing.as_server(invite.request)
        self._terms = None if isinstance(terms, TooShort) else terms
        knows = refreshing.supports(invite.request.headers, "timer")
        invite.respond(
            respond(
                invite.request,
                200,
                to_tag=self.local_tag,
                body=self._answer.encode(),
                content_type=SDP,
                contact=self.contact(),
                allow=ALLOW,
                supported=SUPPORTED,
                **refreshing.answer_headers(self._terms, knows=knows),
            )
        )
        offered = not session_description(invite.request)
        self._acceptance = Acceptance(self._exchange.wheel, invite, offered, self._unacknowledged)

    def refuse(self, status: int, reason: str = "") -> None:
        if self.phase is not Phase.OFFERED or self.invite is None:
            return
        self.invite.respond(respond(self.request, status, to_tag=self.local_tag, reason=reason))
        self._close()

    def hang_up(self) -> None:
        if self.phase is Phase.OFFERED:
            self.refuse(480)
        else:
            super().hang_up()

    # -- from the far side ------------------------------------------------------------------------------------------

    def cancelled(self) -> None:
        """CANCEL, or BYE before the answer. After our 200 it comes too late: the caller will say BYE (RFC 3261 section 9.2)."""
        if self.phase is not Phase.OFFERED or self.invite is None:
            return
        self.invite.respond(respond(self.request, 487, to_tag=self.local_tag))
        self._close()
        self.user.ended(self, Ending.CANCELLED, 487)

    def acknowledged(self, request: Request) -> None:
        super().acknowledged(request)
        if self.phase is Phase.UP and self.invite is not None:
            self.invite = None
            self._refreshing.agree(self._terms)

    def received(self, transaction: ServerTransaction) -> None:
        if self.phase is Phase.OFFERED and transaction.request.method == "BYE":
            transaction.respond(respond(transaction.request, 200))
            self.cancelled()
            return
        super().received(transaction)

    def _on_prack(self, transaction: ServerTransaction) -> None:
        if self._reliable is not None and self._reliable.confirmed(transaction.request):
            transaction.respond(respond(transaction.request, 200))
            self.user.moved(self)
        else:
            super()._on_prack(transaction)

    def _stop_ringing(self) -> None:
        if self._ring_timer is not None:
            self._ring_timer.cancel()
            self._ring_timer = None

    def _close(self) -> None:
        self._stop_ringing()
        if self._reliable is not None:
            self._reliable.stop()
        super()._close()

    # -- outliving the process --------------------------------------------------------------------------------------

    def to_data(self) -> dict[str, Any]:
        assert self.dialog is not None
        data: dict[str, Any] = {"role": "in", "phase": str(self.phase), "dialog": self.dialog.to_data(), **self.kept()}
        if self.invite is not None and self.phase in (Phase.OFFERED, Phase.ANSWERED):
            data["invite"] = bytes(self.invite.request).decode()
            data["source"] = peer_data(self.invite.source)
            data["ringing"] = self.ringing
            data["phone"] = self.phone
            data["answer"] = self._answer
        if self._reliable is not None:
            data["rseq"] = self._reliable.number
        return data


def stored_invite(data: dict[str, Any]) -> tuple[Request, Peer]:
    """The INVITE that `to_data` kept. Raises ValueError or KeyError when it is not there or cannot be read."""
    request = parse(str(data["invite"]).encode())
    if not isinstance(request, Request):
        raise ValueError("no INVITE was kept")
    host, port, transport = data["source"]
    return request, Peer(str(host), int(port), str(transport))


def restored(exchange: Exchange, user: SessionUser, data: dict[str, Any], invite: ServerTransaction | None) -> InboundSession:
    """The session that another process kept with `to_data`; `invite` is its transaction, taken over, where it is still open.

    An answer that was not acknowledged is sent again and repeated. Raises TypeError, KeyError or ValueError for unusable data.
    """
    dialog = Dialog.from_data(data["dialog"])
    session = InboundSession.__new__(InboundSession)
    Session.__init__(session, exchange, user, dialog.call_id, dialog.local_tag)
    session.phase = Phase(data["phase"])
    session.dialog = dialog
    session.invite = invite
    if invite is not None:
        invite.to_tag, invite.on_cancel = session.local_tag, session.cancelled
    session.phone = str(data.get("phone", ""))
    session.ringing = bool(data.get("ringing"))
    session._tried = True
    session._answer = str(data.get("answer", ""))
    session._ring_timer = None
    session._reliable = None
    session._terms = None
    session.keep(data)
    if session.phase is Phase.OFFERED and invite is not None and (number := data.get("rseq")):
        reply = (invite, 180, session.local_tag, session.contact())
        session._reliable = Reliable(exchange.wheel, *reply, lambda: session._close_with(504), number=int(number))
    if session.phase is Phase.OFFERED and session.ringing:
        session._ring_timer = exchange.wheel.after(RING_AGAIN, session.ring)
    if session.phase is Phase.ANSWERED and invite is not None:
        session._send_answer(invite)
    return session

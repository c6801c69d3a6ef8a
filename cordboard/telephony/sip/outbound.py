"""A session that we began: INVITE, waiting, answer, or giving up with CANCEL."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from cordboard.telephony.sip import accounts, refreshing
from cordboard.telephony.sip.bodies import UnsupportedBody, session_description
from cordboard.telephony.sip.client_transactions import ClientTransaction, cancel_for
from cordboard.telephony.sip.dialog import Dialog
from cordboard.telephony.sip.message import Request, Response, parse
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.sessions import Ending, Exchange, Phase, Session, SessionUser, dialog_or_none, peer_data
from cordboard.telephony.sip.transactions import TransactionLayer

QUESTIONS = 5
"""Times that our INVITE is sent anew because it was asked who we are, or for a longer interval."""


@dataclass(slots=True)
class Early:
    """A dialog that a provisional answer began (one for each fork). `heard` is the number of the last one that had to be confirmed."""

    dialog: Dialog
    heard: int = 0


class OutboundSession(Session):
    """`start` sends the INVITE, which always has our offer. Of several that answer, the first is kept."""

    began_call = True

    def __init__(self, exchange: Exchange, layer: TransactionLayer, user: SessionUser, request: Request, peer: Peer) -> None:
        super().__init__(exchange, user, request.call_id, request.from_.tag)
        self.phase = Phase.CALLING
        self._layer = layer
        self._request = request
        self._peer = peer
        self._transaction: ClientTransaction | None = None
        self._cancelled = False
        self._cancel_sent = False
        self._provisional = False
        self._asked = 0
        self._earlies: dict[str, Early] = {}
        self.direct = False
        """The peer is the far side itself, a telephone of ours: all that follows goes there, too, whatever its Contact says."""
        self.early = ""
        """Their description in a provisional answer: what may be heard before the call is answered (RFC 3960)."""
        self.refusal: Response | None = None
        """The answer that ended our call."""
        self.taken_over = False
        """Another process began it."""

    @property
    def heard(self) -> bool:
        """Did anything at all come back?"""
        return self._provisional or self.phase is not Phase.CALLING

    @property
    def offer(self) -> str:
        """Our description in the INVITE."""
        return self._request.body.decode(errors="replace")

    def start(self) -> None:
        self._transaction = self._layer.request(self._request, self._peer, self._responded, self._timed_out)

    def dialog_with(self, remote_tag: str) -> Dialog | None:
        if self.phase is Phase.CALLING and remote_tag in self._earlies:
            return self._earlies[remote_tag].dialog
        return super().dialog_with(remote_tag)

    # -- asked by the owner -----------------------------------------------------------------------------------------

    def hang_up(self) -> None:
        if self.phase is not Phase.CALLING:
            super().hang_up()
        elif not self._cancelled:
            self._cancelled = True
            if self._provisional:
                self._cancel()
            # else: a CANCEL must wait for a sign of the other side (RFC 3261 section 9.1)

    def _cancel(self) -> None:
        if self._cancel_sent or self._transaction is None:
            return
        self._cancel_sent = True
        cancel = cancel_for(self._request)
        if self.reason:
            cancel.headers.set("reason", self.reason)
        self._layer.request(cancel, self._transaction.peer, lambda response: None, lambda: None)
        self._transaction.abandon()

    # -- from the far side ------------------------------------------------------------------------------------------

    def _responded(self, response: Response) -> None:
        if response.cseq.number != self._request.cseq.number:
            return  # late, to an INVITE that we have sent anew since
        if response.status < 200:
            self._provisional = True
            if self._cancelled:
                self._cancel()
            elif response.status > 100 and self.phase is Phase.CALLING:
                self._progress(response)
        elif response.status < 300:
            self._accepted(response)
        elif self.phase is Phase.CALLING and not (not self._cancelled and self._once_more(response)):
            self._close()
            self.refusal = response
            if self._cancelled:
                self.parted()
            else:
                self.user.ended(self, Ending.REFUSED, response.status)

    def _once_more(self, refusal: Response) -> bool:
        """Was it only a question? Then the INVITE goes out again with the answer."""
        if self._asked >= QUESTIONS:
            return False
        number = self._request.cseq.number + 1
        if refusal.status == 422:
            least = refusal.headers.get("min-se").partition(";")[0].strip()
            if not (least.isascii() and least.isdigit()) or not refreshing.LEAST < int(least[:9]) <= refreshing.MOST:
                return False
            again = accounts.copy_of(self._request, number)
            refreshing.ask(again.headers, least=int(least))
        else:
            found = accounts.answered(self._request, refusal, self._exchange.account(self.account), number)
            if found is None:
                return False
            again = found
        self._asked += 1
        self._request = again
        self._earlies.clear()
        self.start()
        self.user.moved(self)
        return True

    def _progress(self, response: Response) -> None:
        early = self._early(response)
        if early is not None and refreshing.supports(response.headers, "100rel") and not self._confirm(response, early):
            return  # a repetition, or something before it is missing and will be repeated
        with contextlib.suppress(UnsupportedBody):  # it rings all the same
            self.early = session_description(response) or self.early
        self.learn(response)
        self.user.rang(self, response.status)

    def _early(self, response: Response) -> Early | None:
        tag = response.to.tag
        if tag and tag not in self._earlies and len(self._earlies) < 16:
            dialog = dialog_or_none(lambda: Dialog.from_response(self._request, response, self._peer, direct=self.direct))
            if dialog is not None:
                dialog.account = self.account
                self._earlies[tag] = Early(dialog)
        return self._earlies.get(tag)

    def _confirm(self, response: Response, early: Early) -> bool:
        """PRACK a provisional answer that asks for it (RFC 3262 section 4); False when it is not the next one."""
        text = response.headers.get("rseq").strip()
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
        if not number or (early.heard and number != early.heard + 1):
            return False
        early.heard = number
        prack = early.dialog.request("PRACK")
        prack.headers.set("rack", f"{number} {self._request.cseq.number} INVITE")
        self._exchange.request_within(early.dialog, prack, lambda response: None, lambda: None)
        return True

    def _may_offer(self, request: Request) -> bool:
        """Before the answer only by UPDATE, and when the first description has come (RFC 3311 section 5.1)."""
        return super()._may_offer(request) or (self.phase is Phase.CALLING and request.method == "UPDATE" and bool(self.early))

    def _accepted(self, response: Response) -> None:
        if self.dialog is not None and response.to.tag == self.dialog.remote_tag:
            self.acknowledge_again(response.cseq.number)
            return
        dialog = dialog_or_none(lambda: Dialog.from_response(self._request, response, self._peer, direct=self.direct))
        if dialog is None:  # a 200 that we cannot even acknowledge: no Contact
            if self.phase is Phase.CALLING:
                self._close()
                self.user.ended(self, Ending.REFUSED, 502)
            return
        dialog.account = self.account
        if (early := self._earlies.get(response.to.tag)) is not None:  # the numbers go on (RFC 3261 section 13.2.2.4)
            dialog.local_seq, dialog.remote_seq = early.dialog.local_seq, early.dialog.remote_seq
        self._exchange.acknowledge(dialog, self._request.cseq.number)
        if self.phase is not Phase.CALLING or self._cancelled:
            # another fork answered as well, or it answered while we gave up: not wanted any more
            self._exchange.request_within(dialog, dialog.request("BYE"), lambda response: None, lambda: None)
            if self.phase is Phase.CALLING:
                self._close()
            return
        self.dialog = dialog
        self.phase = Phase.UP
        self._earlies.clear()
        self.learn(response)
        self._refreshing.agree(refreshing.as_client(response))
        try:
            sdp = session_description(response)
        except UnsupportedBody:
            sdp = ""
        self.user.accepted(self, sdp or self.early)

    def _timed_out(self) -> None:
        if self.phase is Phase.CALLING:
            self._close()
            if self._cancelled:
                self.parted()
            else:
                self.user.ended(self, Ending.TIMEOUT, 408)

    # -- outliving the process --------------------------------------------------------------------------------------

    def to_data(self) -> dict[str, Any]:
        return {
            "role": "out",
            "phase": str(self.phase),
            "dialog": self.dialog.to_data() if self.dialog else None,
            "invite": bytes(self._request).decode(),
            "peer": peer_data(self._peer),
            "direct": self.direct,
            **self.kept(),
        }


def restored(exchange: Exchange, layer: TransactionLayer, user: SessionUser, data: dict[str, Any]) -> OutboundSession:
    """The session that another process kept. One that was not answered yet sends its INVITE again: to the far side that is a
    retransmission, answered with what it last said. Raises TypeError, KeyError or ValueError for unusable data."""
    request = parse(str(data["invite"]).encode())
    if not isinstance(request, Request):
        raise ValueError("no INVITE was kept")
    host, port, transport = data["peer"]
    session = OutboundSession(exchange, layer, user, request, Peer(str(host), int(port), str(transport)))
    session.phase = Phase(data["phase"])
    session.direct = bool(data.get("direct"))
    session.taken_over = True
    if data.get("dialog"):
        session.dialog = Dialog.from_data(data["dialog"])
    session.keep(data)
    if session.phase is Phase.CALLING:
        session.start()
    return session

"""A session that we began: INVITE, waiting, answer, or giving up with CANCEL."""

from __future__ import annotations

import contextlib
from typing import Any

from cordboard.telephony.sip.bodies import UnsupportedBody, session_description
from cordboard.telephony.sip.client_transactions import ClientTransaction, cancel_for
from cordboard.telephony.sip.dialog import Dialog
from cordboard.telephony.sip.message import Request, Response, parse
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.sessions import Ending, Exchange, Phase, Session, SessionUser, dialog_or_none, peer_data
from cordboard.telephony.sip.transactions import TransactionLayer


class OutboundSession(Session):
    """`start` sends the INVITE. When our INVITE has no SDP of ours the answer's SDP is theirs all the same: we always offer."""

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
        self.early = ""
        """Their description in a provisional answer: what may be heard before the call is answered (RFC 3960)."""
        self.refusal: Response | None = None
        """The answer that ended our call."""

    @property
    def heard(self) -> bool:
        """Did anything at all come back?"""
        return self._provisional or self.phase is not Phase.CALLING

    def start(self) -> None:
        self._transaction = self._layer.request(self._request, self._peer, self._responded, self._timed_out)

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
        self._layer.request(cancel_for(self._request), self._peer, lambda response: None, lambda: None)
        self._transaction.abandon()

    # -- from the far side ------------------------------------------------------------------------------------------

    def _responded(self, response: Response) -> None:
        if response.status < 200:
            self._provisional = True
            if self._cancelled:
                self._cancel()
            elif response.status > 100 and self.phase is Phase.CALLING:
                self._progress(response)
        elif response.status < 300:
            self._accepted(response)
        elif self.phase is Phase.CALLING:
            self._close()
            self.refusal = response
            if self._cancelled:
                self.parted()
            else:
                self.user.ended(self, Ending.REFUSED, response.status)

    def _progress(self, response: Response) -> None:
        with contextlib.suppress(UnsupportedBody):  # it rings all the same
            self.early = session_description(response) or self.early
        self.user.rang(self, response.status)

    def _accepted(self, response: Response) -> None:
        if self.dialog is not None and response.to.tag == self.dialog.remote_tag:
            self.acknowledge_again()
            return
        dialog = dialog_or_none(lambda: Dialog.from_response(self._request, response, self._peer))
        if dialog is None:  # a 200 that we cannot even acknowledge: no Contact
            if self.phase is Phase.CALLING:
                self._close()
                self.user.ended(self, Ending.REFUSED, 502)
            return
        self._exchange.acknowledge(dialog, self._request.cseq.number)
        if self.phase is not Phase.CALLING or self._cancelled:
            # another fork answered as well, or it answered while we gave up: not wanted any more
            self._exchange.request_within(dialog, dialog.request("BYE"), lambda response: None, lambda: None)
            if self.phase is Phase.CALLING:
                self._close()
            return
        self.dialog = dialog
        self.phase = Phase.UP
        try:
            sdp = session_description(response)
        except UnsupportedBody:
            sdp = ""
        self.user.accepted(self, sdp or self.early)

    def acknowledge_again(self) -> None:
        """Their 200 came again: our ACK was lost."""
        if self.dialog is not None:
            self._exchange.acknowledge(self.dialog, self._request.cseq.number)

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
    if data.get("dialog"):
        session.dialog = Dialog.from_data(data["dialog"])
    if session.phase is Phase.CALLING:
        session.start()
    return session

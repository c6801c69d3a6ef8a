"""A session: one INVITE's dialog from the first message to the last, whoever placed it. Here is what both directions share;
`inbound` and `outbound` begin it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cordboard.telephony.sip import refreshing
from cordboard.telephony.sip.bodies import UnsupportedBody, key_pressed, session_description
from cordboard.telephony.sip.dialog import Dialog
from cordboard.telephony.sip.message import Request, Response, respond
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.referrals import Replaces
from cordboard.telephony.sip.refreshing import Refreshing, TooShort
from cordboard.telephony.sip.reoffers import OurOffer
from cordboard.telephony.sip.server_transactions import LIFE, T1, T2, ServerTransaction
from cordboard.telephony.sip.transfers import Transfers
from cordboard.telephony.sip.uri import BadSyntax
from cordboard.telephony.sip.users import ALLOW, SDP, SUPPORTED, Ending, Exchange, Phase, QuietUser, SessionUser
from cordboard.telephony.sip.wheel import Timer, Wheel

__all__ = [
    "ALLOW",
    "SDP",
    "SUPPORTED",
    "Acceptance",
    "Ending",
    "Exchange",
    "Phase",
    "QuietUser",
    "Session",
    "SessionUser",
    "dialog_or_none",
    "peer_data",
]


class Acceptance:
    """A 2xx to an INVITE, repeated until its ACK comes (RFC 3261 section 13.3.1.4); `gave_up` after 32 s without one."""

    def __init__(self, wheel: Wheel, transaction: ServerTransaction, offered: bool, gave_up: Callable[[], None]) -> None:
        self.number = transaction.request.cseq.number
        self.offered = offered
        self._wheel = wheel
        self._transaction = transaction
        self._again = wheel.after(T1, lambda: self._repeat(T1))
        self._limit: Timer = wheel.after(LIFE, self._give_up)
        self._gave_up = gave_up

    def stop(self) -> None:
        self._again.cancel()
        self._limit.cancel()

    def _repeat(self, delay: float) -> None:
        self._transaction.resend()
        following = min(2 * delay, T2)
        self._again = self._wheel.after(following, lambda: self._repeat(following))

    def _give_up(self) -> None:
        self.stop()
        self._gave_up()


class Session(Transfers):
    """`owner` is whatever the user wants to find it by (the leg's id); `account` names what we answer with when the far side asks who we are."""

    began_call = False

    def __init__(self, exchange: Exchange, user: SessionUser, call_id: str, local_tag: str) -> None:
        self.user = user
        self.owner = ""
        self.account = ""
        self.call_id = call_id
        self.local_tag = local_tag
        self.phase = Phase.ENDED
        self.dialog: Dialog | None = None
        self.parted: Callable[[], None] = lambda: None
        """Called when our BYE (or CANCEL) was answered, or never will be."""
        self.reason = ""
        """Why we hang up, as the value of a Reason header (RFC 3326)."""
        super().__init__()
        self._exchange = exchange
        self._acceptance: Acceptance | None = None
        self._pending: ServerTransaction | None = None  # a re-INVITE or UPDATE that the user still thinks about
        self._hanging_up = False
        self._offer: OurOffer | None = None
        self._offer_again = False
        self._refreshing = Refreshing(exchange.wheel, self.refresh, self._not_refreshed)
        self.far_allows: frozenset[str] = frozenset()

    # -- asked by the owner -----------------------------------------------------------------------------------------

    def hang_up(self) -> None:
        """End an answered session with BYE; before the ACK it waits for that (RFC 3261 section 15)."""
        if self.phase is Phase.ANSWERED:
            self._hanging_up = True
        elif self.phase is Phase.UP:
            self._transfer_went()
            self._bye()

    def contact(self) -> str:
        """Where the far side finds us in this session."""
        return self._exchange.contact(self.dialog.transport, self.dialog.secure) if self.dialog is not None else self._exchange.contact()

    def dialog_with(self, remote_tag: str) -> Dialog | None:
        """The dialog of this session with the party of that tag."""
        return self.dialog if self.dialog is not None and self.dialog.remote_tag == remote_tag else None

    def named(self) -> Replaces | None:
        """How the far side would name this session to a third one, for taking its place."""
        return Replaces(self.call_id, self.dialog.remote_tag, self.local_tag) if self.dialog is not None else None

    def reoffer(self, sdp: str) -> None:
        """Offer anew by re-INVITE; `reanswered` tells what came of it. A refusal leaves everything as it was."""
        self._change("INVITE", sdp)

    def refresh(self) -> None:
        """Keep the session from running out."""
        if "UPDATE" in self.far_allows:
            self._change("UPDATE", "")
        else:
            self.user.offer_wanted(self)

    def _change(self, method: str, sdp: str) -> None:
        dialog = self.dialog
        if self.phase is not Phase.UP or dialog is None:
            return
        if self._offer is not None and not self._offer.over:
            self._offer_again = self._offer_again or method == "INVITE"  # what is wanted now is offered when this one is over
            return

        def make() -> Request:
            request = dialog.request(method)
            request.headers.set("contact", self.contact())
            request.headers.set("supported", SUPPORTED)
            request.headers.set("allow", ALLOW)
            if self._refreshing.terms is not None:
                refreshing.ask(request.headers, self._refreshing.terms)
            if sdp:
                request.body = sdp.encode()
                request.headers.set("content-type", SDP)
            return request

        def done(response: Response | None) -> None:
            if response is None or response.status in (408, 481):
                self._lost()
            elif response.status == 422 and self._raise_interval(response):
                self._change(method, sdp)
            elif response.status < 300:
                self._changed(response, bool(sdp))
            if self._offer_again and self.phase is Phase.UP:
                self._offer_again = False
                self.user.offer_wanted(self)

        self._offer = OurOffer(self._exchange.wheel, self.began_call, dialog, make, self._send_change, self._theirs_pending, done)
        self.user.moved(self)

    def _raise_interval(self, response: Response) -> bool:
        """Longer, as they ask; False when that is not longer at all."""
        terms, least = self._refreshing.terms, response.headers.get("min-se").partition(";")[0].strip()
        if terms is None or not (least.isascii() and least.isdigit()) or not terms.seconds < int(least[:9]) <= refreshing.MOST:
            return False
        self._refreshing.terms = refreshing.Terms(int(least), terms.ours)
        return True

    def _theirs_pending(self) -> bool:
        return self._acceptance is not None or (self._pending is not None and self._pending.open)

    def _send_change(self, dialog: Dialog, request: Request, answered: Callable[[Response], None], failed: Callable[[], None]) -> None:
        def received(response: Response) -> None:
            if response.cseq.method == "INVITE" and response.status // 100 == 2:
                self._exchange.acknowledge(dialog, response.cseq.number)
            answered(response)

        self._exchange.request_within(dialog, request, received, failed)

    def _changed(self, response: Response, offered: bool) -> None:
        self._refreshing.agree(refreshing.as_client(response))
        self.user.moved(self)
        if offered:
            try:
                sdp = session_description(response)
            except UnsupportedBody:
                sdp = ""
            if sdp:
                self.user.reanswered(self, sdp)

    def to_data(self) -> dict[str, Any]:
        raise NotImplementedError

    def kept(self) -> dict[str, Any]:
        """What both directions keep beside their dialog."""
        terms = self._refreshing.terms
        return {
            "account": self.account,
            "allows": sorted(self.far_allows),
            "timer": [terms.seconds, terms.ours] if terms else None,
        }

    def keep(self, data: dict[str, Any]) -> None:
        """Take `kept` back. The session timer begins anew."""
        self.account = str(data.get("account", ""))
        self.far_allows = frozenset(str(method) for method in data.get("allows", ()))
        if self.phase is Phase.UP and (timer := data.get("timer")):
            self._refreshing.agree(refreshing.Terms(int(timer[0]), bool(timer[1])))

    # -- from the far side, within the dialog -----------------------------------------------------------------------

    def learn(self, message: Request | Response) -> None:
        """What the far side can do."""
        if "allow" in message.headers:
            self.far_allows = frozenset(method.upper() for method in message.headers.all("allow"))

    def acknowledged(self, request: Request) -> None:
        acceptance = self._acceptance
        if acceptance is None or request.cseq.number != acceptance.number:
            return  # a repetition
        acceptance.stop()
        self._acceptance = None
        first = self.phase is Phase.ANSWERED
        if first:
            self.phase = Phase.UP
        if self._hanging_up:
            self._bye()
            return
        sdp = ""
        if acceptance.offered:
            try:
                sdp = session_description(request)
            except UnsupportedBody:
                sdp = ""
        if first or sdp:
            self.user.acknowledged(self, sdp)

    def acknowledge_again(self, number: int) -> None:
        """Their 200 came again: our ACK was lost."""
        if self.dialog is not None:
            self._exchange.acknowledge(self.dialog, number)

    def received(self, transaction: ServerTransaction) -> None:
        """A request of this dialog."""
        request = transaction.request
        dialog = self.dialog_with(request.from_.tag)
        assert dialog is not None
        if not dialog.accepts(request):
            transaction.respond(respond(request, 500, reason="Out of order"))
            return
        handler = {
            "BYE": self._on_bye,
            "INVITE": self._on_offer,
            "UPDATE": self._on_offer,
            "INFO": self._on_info,
            "NOTIFY": self._on_notify,
            "PRACK": self._on_prack,
            "REFER": self._on_refer,
        }.get(request.method)
        if handler is None:
            transaction.respond(respond(request, 405, allow=ALLOW))
            return
        handler(transaction)

    def _on_bye(self, transaction: ServerTransaction) -> None:
        self._close()
        self.user.hung_up(self, lambda: transaction.respond(respond(transaction.request, 200)))

    def _may_offer(self, request: Request) -> bool:
        return self.phase is Phase.UP

    def _on_offer(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if self._theirs_pending():
            transaction.respond(respond(request, 500, reason="An earlier offer is pending", retry_after="2"))
            return
        try:
            sdp = session_description(request)
        except UnsupportedBody:
            transaction.respond(respond(request, 415, accept=SDP))
            return
        offers = transaction.is_invite or bool(sdp)
        if not self._may_offer(request) or (offers and self._offer is not None and self._offer.pending):
            transaction.respond(respond(request, 491))
            return
        terms = refreshing.as_server(request)
        if isinstance(terms, TooShort):
            transaction.respond(respond(request, 422, min_se=str(terms.least)))
            return
        dialog = self.dialog_with(request.from_.tag)
        assert dialog is not None
        dialog.refresh_target(request)
        self.learn(request)
        self.user.moved(self)
        if not offers:
            headers = {"contact": self.contact(), **self._timer_headers(request, terms)}
            transaction.respond(respond(request, 200, to_tag="", reason="", body=b"", **headers))
            return
        self._pending = transaction
        if transaction.is_invite:
            transaction.respond(respond(request, 100))
        self.user.reoffered(self, sdp, lambda status, body: self._reply_offer(transaction, bool(sdp), status, body, terms))

    def _timer_headers(self, request: Request, terms: refreshing.Terms | None) -> dict[str, str]:
        if self.phase is Phase.UP:
            self._refreshing.agree(terms)
        return refreshing.answer_headers(terms, knows=refreshing.supports(request.headers, "timer"))

    def _reply_offer(self, transaction: ServerTransaction, offered_by_them: bool, status: int, body: str, terms: refreshing.Terms | None) -> None:
        if self._pending is transaction:
            self._pending = None
        if not transaction.open or self.phase is Phase.ENDED:
            return
        request = transaction.request
        if status >= 300:
            transaction.respond(respond(request, status))
            return
        headers = {"contact": self.contact(), "allow": ALLOW, "supported": SUPPORTED, **self._timer_headers(request, terms)}
        transaction.respond(respond(request, 200, to_tag="", reason="", body=body.encode(), content_type=SDP, **headers))
        if transaction.is_invite:
            self._acceptance = Acceptance(self._exchange.wheel, transaction, not offered_by_them, self._unacknowledged)

    def _on_info(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if not request.body.strip():  # a sign of life
            transaction.respond(respond(request, 200))
            return
        try:
            key = key_pressed(request)
        except UnsupportedBody:
            transaction.respond(respond(request, 415, accept="application/dtmf-relay, application/dtmf"))
            return
        transaction.respond(respond(request, 200 if key else 400))
        self.user.moved(self)
        if key:
            self.user.pressed(self, key)

    def _on_prack(self, transaction: ServerTransaction) -> None:
        transaction.respond(respond(transaction.request, 481))

    # -- endings ----------------------------------------------------------------------------------------------------

    def _unacknowledged(self) -> None:
        self.phase = Phase.UP
        known = self._hanging_up
        self._bye()
        if not known:
            self.user.ended(self, Ending.NO_ACK, 408)

    def _lost(self) -> None:
        """The far side does not know the session any more, or is gone."""
        if self.phase is Phase.UP:
            self._bye()
            self.user.ended(self, Ending.LOST, 408)

    def _not_refreshed(self) -> None:
        self.reason = 'SIP;cause=200;text="Session timer expired"'
        self._lost()

    def _bye(self) -> None:
        dialog = self.dialog
        self._close()
        if dialog is not None:
            bye = dialog.request("BYE")
            if self.reason:
                bye.headers.set("reason", self.reason)
            self._exchange.request_within(dialog, bye, lambda response: self.parted(), self.parted)

    def _close(self) -> None:
        self._refreshing.stop()
        if self._offer is not None:
            self._offer.stop()
        self._drop_transfer()
        if self._acceptance is not None:
            self._acceptance.stop()
            self._acceptance = None
        if self._pending is not None and self._pending.open:
            self._pending.respond(respond(self._pending.request, 487))
            self._pending = None
        self.phase = Phase.ENDED
        self._exchange.forget(self)


def dialog_or_none(make: Callable[[], Dialog]) -> Dialog | None:
    try:
        return make()
    except BadSyntax:
        return None


def peer_data(peer: Peer) -> list[Any]:
    return [peer.host, peer.port, peer.transport]

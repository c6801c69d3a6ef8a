"""A session: one INVITE's dialog from the first message to the last, whoever placed it. Here is what both directions share;
`inbound` and `outbound` begin it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Protocol

from cordboard.telephony.sip.bodies import UnsupportedBody, key_pressed, media_type, session_description
from cordboard.telephony.sip.dialog import Dialog
from cordboard.telephony.sip.message import Request, Response, respond
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.server_transactions import LIFE, T1, T2, ServerTransaction
from cordboard.telephony.sip.uri import BadSyntax
from cordboard.telephony.sip.wheel import Timer, Wheel

SDP = "application/sdp"


class Phase(StrEnum):
    OFFERED = "offered"  # they called, no final answer yet
    ANSWERED = "answered"  # our 200 is on its way, no ACK yet
    CALLING = "calling"  # we called, no final answer yet
    UP = "up"
    ENDED = "ended"


class Ending(StrEnum):
    CANCELLED = "cancelled"  # the caller gave up before the answer
    HUNG_UP = "hung_up"  # BYE from the far side
    REFUSED = "refused"  # our call was refused; the status says how
    TIMEOUT = "timeout"  # our call was never answered by anything
    NO_ACK = "no_ack"  # our 200 was never acknowledged
    LOST = "lost"  # the far side no longer knows the dialog


class SessionUser(Protocol):
    """Told what happens to its sessions. `done` and `reply` may be called later, when what must be kept has been kept."""

    def acknowledged(self, session: Session, sdp: str) -> None:
        """Their ACK for our 200; `sdp` is their answer when the 200 carried our offer, else ""."""

    def rang(self, session: Session, status: int) -> None:
        """A provisional answer (180 to 199) to our call."""

    def accepted(self, session: Session, sdp: str) -> None:
        """Our call was answered, and acknowledged by us."""

    def reoffered(self, session: Session, sdp: str, reply: Callable[[int, str], None]) -> None:
        """A re-INVITE or UPDATE. `reply` with 200 and our answer (or our offer when `sdp` is ""), or with a refusal and ""."""

    def pressed(self, session: Session, key: str) -> None: ...

    def moved(self, session: Session) -> None:
        """The dialog changed: `to_data` gives something new to keep."""

    def hung_up(self, session: Session, done: Callable[[], None]) -> None:
        """BYE came; `done` answers it."""

    def ended(self, session: Session, ending: Ending, status: int) -> None:
        """Over without a BYE from them. `status` is the SIP status behind it, 0 for none."""

    def referred(self, session: Session, status: int) -> None:
        """How our REFER went: 2xx when the far side reached the target, else the refusal."""


class Exchange(Protocol):
    """What a session needs of its agent."""

    @property
    def wheel(self) -> Wheel: ...

    def contact(self, transport: str = "udp", secure: bool = False) -> str: ...

    def request_within(self, dialog: Dialog, request: Request, answered: Callable[[Response], None], failed: Callable[[], None]) -> None: ...

    def acknowledge(self, dialog: Dialog, number: int, body: str = "") -> None: ...

    def forget(self, session: Session) -> None: ...


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


class Session:
    """`tag` is whatever the owner wants to find it by (the leg's id)."""

    def __init__(self, exchange: Exchange, user: SessionUser, call_id: str, local_tag: str) -> None:
        self.user = user
        self.owner = ""
        self.call_id = call_id
        self.local_tag = local_tag
        self.phase = Phase.ENDED
        self.dialog: Dialog | None = None
        self.parted: Callable[[], None] = lambda: None
        """Called when our BYE (or CANCEL) was answered, or never will be."""
        self._exchange = exchange
        self._acceptance: Acceptance | None = None
        self._pending: ServerTransaction | None = None  # a re-INVITE or UPDATE that the user still thinks about
        self._hanging_up = False
        self._referring = False

    # -- asked by the owner -----------------------------------------------------------------------------------------

    def hang_up(self) -> None:
        """End an answered session with BYE; before the ACK it waits for that (RFC 3261 section 15)."""
        if self.phase is Phase.ANSWERED:
            self._hanging_up = True
        elif self.phase is Phase.UP:
            self._bye()

    def contact(self) -> str:
        """Where the far side finds us in this session."""
        return self._exchange.contact(self.dialog.transport, self.dialog.secure) if self.dialog is not None else self._exchange.contact()

    def refer(self, target: str) -> None:
        """Ask the far side to call somebody else (RFC 3515)."""
        if self.phase is not Phase.UP or self.dialog is None:
            self.user.referred(self, 481)
            return
        request = self.dialog.request("REFER")
        request.headers.set("refer-to", f"<{target}>")
        request.headers.set("contact", self.contact())
        self._referring = True

        def answered(response: Response) -> None:
            if response.status >= 300:
                self._referring = False
                self.user.referred(self, response.status)

        self._exchange.request_within(self.dialog, request, answered, lambda: self.user.referred(self, 408))
        self.user.moved(self)

    def to_data(self) -> dict[str, Any]:
        raise NotImplementedError

    # -- from the far side, within the dialog -----------------------------------------------------------------------

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

    def received(self, transaction: ServerTransaction) -> None:
        """A request of this dialog."""
        request, dialog = transaction.request, self.dialog
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
        }.get(request.method)
        if handler is None:
            transaction.respond(respond(request, 405, allow="INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE"))
            return
        handler(transaction)

    def _on_bye(self, transaction: ServerTransaction) -> None:
        self._close()
        self.user.hung_up(self, lambda: transaction.respond(respond(transaction.request, 200)))

    def _on_offer(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if (self._pending is not None and self._pending.open) or self._acceptance is not None:
            transaction.respond(respond(request, 500, reason="An earlier offer is pending", retry_after="2"))
            return
        if self.phase is not Phase.UP:
            transaction.respond(respond(request, 491))
            return
        try:
            sdp = session_description(request)
        except UnsupportedBody:
            transaction.respond(respond(request, 415, accept=SDP))
            return
        assert self.dialog is not None
        self.dialog.refresh_target(request)
        self.user.moved(self)
        if request.method == "UPDATE" and not sdp:
            transaction.respond(respond(request, 200, contact=self.contact()))
            return
        self._pending = transaction
        if transaction.is_invite:
            transaction.respond(respond(request, 100))
        self.user.reoffered(self, sdp, lambda status, body: self._reply_offer(transaction, bool(sdp), status, body))

    def _reply_offer(self, transaction: ServerTransaction, offered_by_them: bool, status: int, body: str) -> None:
        if self._pending is transaction:
            self._pending = None
        if not transaction.open or self.phase is Phase.ENDED:
            return
        if status >= 300:
            transaction.respond(respond(transaction.request, status))
            return
        transaction.respond(respond(transaction.request, 200, body=body.encode(), content_type=SDP, contact=self.contact()))
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

    def _on_notify(self, transaction: ServerTransaction) -> None:
        """How our REFER goes, as a fragment of SIP (RFC 3515 section 2.4.5)."""
        request = transaction.request
        if not self._referring or request.headers.get("event").partition(";")[0].strip().lower() != "refer":
            transaction.respond(respond(request, 481 if self._referring else 489))
            return
        transaction.respond(respond(request, 200))
        words = request.body.split(None, 2)
        status = int(words[1]) if media_type(request) == "message/sipfrag" and len(words) > 1 and words[1].isdigit() else 0
        if status >= 200:
            self._referring = False
            self.user.referred(self, status)

    # -- endings ----------------------------------------------------------------------------------------------------

    def _unacknowledged(self) -> None:
        self.phase = Phase.UP
        known = self._hanging_up
        self._bye()
        if not known:
            self.user.ended(self, Ending.NO_ACK, 408)

    def _bye(self) -> None:
        dialog = self.dialog
        self._close()
        if dialog is not None:
            self._exchange.request_within(dialog, dialog.request("BYE"), lambda response: self.parted(), self.parted)

    def _close(self) -> None:
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

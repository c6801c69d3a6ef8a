"""The part of a session that sends its far side elsewhere, or is asked to (REFER, both ways)."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from cordboard.telephony.sip.dialog import Dialog
from cordboard.telephony.sip.message import Response, respond
from cordboard.telephony.sip.referrals import Referral, ReferTo, Replaces, fragment_status, refer_to
from cordboard.telephony.sip.server_transactions import ServerTransaction
from cordboard.telephony.sip.uri import BadSyntax, NameAddr, Uri
from cordboard.telephony.sip.users import Exchange, Phase, SessionUser

if TYPE_CHECKING:
    from cordboard.telephony.sip.sessions import Session


class Transfers:
    user: SessionUser
    phase: Phase
    dialog: Dialog | None
    _exchange: Exchange

    def __init__(self) -> None:
        self._referring = False
        self._referral: Referral | None = None

    def contact(self) -> str:
        raise NotImplementedError

    @property
    def _session(self) -> Session:
        return cast("Session", self)

    def refer(self, target: str, replaces: Replaces | None = None) -> None:
        """Ask the far side to call somebody else (RFC 3515), taking the place of the session `replaces` there."""
        if self.phase is not Phase.UP or self.dialog is None:
            self.user.referred(self._session, 481)
            return
        request = self.dialog.request("REFER")
        request.headers.set("refer-to", str(ReferTo(Uri.parse(target), replaces)))
        request.headers.set("referred-by", f"<{NameAddr.parse(self.dialog.local).uri}>")
        request.headers.set("contact", self.contact())
        self._referring = True

        def answered(response: Response) -> None:
            if response.status >= 300:
                self._referring = False
                self.user.referred(self._session, response.status)

        self._exchange.request_within(self.dialog, request, answered, lambda: self.user.referred(self._session, 408))
        self.user.moved(self._session)

    def _on_notify(self, transaction: ServerTransaction) -> None:
        """How our REFER goes."""
        request = transaction.request
        if not self._referring or request.headers.get("event").partition(";")[0].strip().lower() != "refer":
            transaction.respond(respond(request, 481 if self._referring else 489))
            return
        transaction.respond(respond(request, 200))
        status = fragment_status(request)
        if status >= 200:
            self._referring = False
            self.user.referred(self._session, status)

    def _on_refer(self, transaction: ServerTransaction) -> None:
        request, dialog = transaction.request, self.dialog
        if self.phase is not Phase.UP or dialog is None or self._referral is not None:
            transaction.respond(respond(request, 491))
            return
        try:
            target = refer_to(request)
        except BadSyntax as error:
            transaction.respond(respond(request, 400, reason=f"Bad Refer-To ({error})"))
            return

        def notify(fragment: str, state: str) -> None:
            if self.phase is not Phase.UP:
                return
            notice = dialog.request("NOTIFY")
            for name, value in (
                ("event", "refer"),
                ("subscription-state", state),
                ("contact", self.contact()),
                ("content-type", "message/sipfrag;version=2.0"),
            ):
                notice.headers.set(name, value)
            notice.body = fragment.encode()
            self._exchange.request_within(dialog, notice, lambda response: None, lambda: None)
            self.user.moved(self._session)

        def over() -> None:
            self._referral = None

        self._referral = Referral(self._exchange.wheel, transaction, self.contact(), notify, over)
        self.user.transfer_asked(self._session, target)

    def transfer_accepted(self) -> bool:
        """False when no transfer was asked for, or it was refused already."""
        if self._referral is not None:
            self._referral.accept()
        return self._referral is not None

    def transfer_rings(self) -> bool:
        if self._referral is not None:
            self._referral.progress(180)
        return self._referral is not None

    def transfer_over(self, status: int) -> bool:
        """200: the far side is not needed any more; else why it did not work."""
        found, self._referral = self._referral, None
        if found is not None:
            found.finish(status)
        return found is not None

    def _transfer_went(self) -> None:
        """We let go of a far side whose transfer was accepted: it went."""
        if self._referral is not None and self._referral.accepted:
            self.transfer_over(200)

    def _drop_transfer(self) -> None:
        if self._referral is not None:
            self._referral.drop()
            self._referral = None

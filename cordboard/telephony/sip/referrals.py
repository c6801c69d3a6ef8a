"""REFER, both ways (RFC 3515), and what it and INVITE may name to be replaced (RFC 3891). The reading is pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, unquote

from cordboard.telephony.sip.bodies import media_type
from cordboard.telephony.sip.message import REASONS, Request, respond
from cordboard.telephony.sip.server_transactions import ServerTransaction
from cordboard.telephony.sip.uri import BadSyntax, NameAddr, Uri, parse_params
from cordboard.telephony.sip.wheel import Timer, Wheel

DECIDE_WITHIN = 3.0
"""Seconds in which somebody must say yes to a transfer; nobody saying anything means no."""
EXPIRES = 120
"""Seconds for which the far side is told how it goes."""


@dataclass(frozen=True, slots=True)
class Replaces:
    """A dialog by its name as the receiver of the header knows it: `local_tag` is the receiver's own (to-tag), `remote_tag` the other's (from-tag)."""

    call_id: str
    local_tag: str
    remote_tag: str
    early_only: bool = False

    @classmethod
    def parse(cls, value: str) -> Replaces:
        """Raises BadSyntax when a part is missing."""
        call_id, _, rest = value.partition(";")
        params = parse_params(rest)
        if not call_id.strip() or not params.get("to-tag") or not params.get("from-tag"):
            raise BadSyntax("Replaces names no dialog")
        return cls(call_id.strip(), params["to-tag"], params["from-tag"], "early-only" in params)

    def __str__(self) -> str:
        return f"{self.call_id};to-tag={self.local_tag};from-tag={self.remote_tag}{';early-only' if self.early_only else ''}"


@dataclass(frozen=True, slots=True)
class ReferTo:
    uri: Uri
    replaces: Replaces | None = None

    def __str__(self) -> str:
        """The header's value."""
        if self.replaces is None:
            return f"<{self.uri}>"
        return f"<{Uri(self.uri.scheme, self.uri.user, self.uri.host, self.uri.port, self.uri.params, 'Replaces=' + quote(str(self.replaces), safe=''))}>"


def refer_to(request: Request) -> ReferTo:
    """Where a REFER points. Raises BadSyntax when there is not exactly one address, or not one that can be called."""
    if request.headers.count("refer-to") != 1:
        raise BadSyntax("there must be one Refer-To")
    uri = NameAddr.parse(request.headers.get("refer-to")).uri
    if uri.scheme not in ("sip", "sips", "tel") or uri.params.get("method", "INVITE").upper() != "INVITE":
        raise BadSyntax("only calls can be referred to")
    replaces = None
    for part in uri.headers.split("&"):
        name, _, value = part.partition("=")
        if name.lower() == "replaces":
            replaces = Replaces.parse(unquote(value))
    return ReferTo(Uri(uri.scheme, uri.user, uri.host, uri.port, uri.params), replaces)


def fragment_status(request: Request) -> int:
    """The status in a NOTIFY's fragment of SIP (RFC 3515 section 2.4.5), 0 when there is none."""
    words = request.body.split(None, 2)
    return int(words[1]) if media_type(request) == "message/sipfrag" and len(words) > 1 and words[1].isdigit() and len(words[1]) == 3 else 0


class Referral:
    """A transfer that the far side asked for. It is answered once, and told how it goes until it is over."""

    def __init__(self, wheel: Wheel, transaction: ServerTransaction, contact: str, notify: Callable[[str, str], None], over: Callable[[], None]) -> None:
        self._transaction = transaction
        self._contact = contact
        self._notify = notify
        self._over = over
        self._quiet = transaction.request.headers.get("refer-sub").strip().lower() == "false"  # RFC 4488
        self._timer: Timer = wheel.after(DECIDE_WITHIN, lambda: self.finish(603))

    @property
    def accepted(self) -> bool:
        return not self._transaction.open

    def accept(self) -> None:
        if not self._transaction.open:
            return
        self._timer.cancel()
        self._transaction.respond(respond(self._transaction.request, 202, contact=self._contact, refer_sub="false" if self._quiet else ""))
        self.progress(100)

    def progress(self, status: int) -> None:
        if self._transaction.open or self._quiet:
            return
        state = f"active;expires={EXPIRES}" if status < 200 else "terminated;reason=noresource"
        self._notify(f"SIP/2.0 {status} {REASONS.get(status, 'Refused')}\r\n", state)

    def finish(self, status: int) -> None:
        """The end of it: a refusal where nothing was said yet."""
        self._timer.cancel()
        if self._transaction.open:
            if status < 300:
                self.accept()
                self.progress(status)
            else:
                self._transaction.respond(respond(self._transaction.request, status))
        else:
            self.progress(status)
        self._over()

    def drop(self) -> None:
        """The session is over."""
        self._timer.cancel()
        if self._transaction.open:
            self._transaction.respond(respond(self._transaction.request, 481))

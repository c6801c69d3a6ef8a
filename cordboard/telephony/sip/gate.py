"""Who may send what: the registrar's door, and the door for calls.

A call from outside can reach the centre's own lines and nothing else: the owner is told that a call came, and no request is ever sent on. Telephones
of ours must prove who they are, for REGISTER and for every call that claims to come from one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cordboard.telephony.sip import guard
from cordboard.telephony.sip.authentication import Authenticator, Finding
from cordboard.telephony.sip.guard import Network
from cordboard.telephony.sip.message import Request, new_tag, respond
from cordboard.telephony.sip.registrar import Registrar
from cordboard.telephony.sip.server_transactions import ServerTransaction

NUMBER = re.compile(r"\+?\d{7,}|\+\d+")
"""A telephone number of the public network; no account may be called so."""


class Gate:
    """`allowed`: networks from which calls are taken, `phones`: from which telephones may register; empty for everywhere. `ours` are hosts and
    host:port pairs by which we are called, lower case."""

    def __init__(
        self, registrar: Registrar, who: Authenticator, ours: Callable[[], set[str]], allowed: tuple[Network, ...] = (), phones: tuple[Network, ...] = ()
    ) -> None:
        self.registrar = registrar
        self.who = who
        self._ours = ours
        self._allowed = allowed
        self._phones = phones

    def admits(self, transaction: ServerTransaction, now: float, *, trusted: bool) -> bool:
        """May the request be dealt with? Else it has been answered. A known telephone's account stands with the transaction then. `now` in seconds,
        by the wheel."""
        request = transaction.request
        if request.method == "REGISTER":
            if self.registrar.ready:
                self._register(transaction, now)
            else:
                transaction.respond(respond(request, 503, to_tag=new_tag(), retry_after="2"))
            return False
        if request.method != "INVITE" or request.to.tag:
            return True
        header = "proxy-authorization" if "proxy-authorization" in request.headers else "authorization"
        if header in request.headers or self._claims(request, transaction, trusted):
            return self._call_of_ours(transaction, header, now)
        if trusted or not self._allowed or guard.trusted(transaction.source.host, self._allowed):
            return True
        transaction.respond(respond(request, 403, to_tag=new_tag()))
        return False

    def _claims(self, request: Request, transaction: ServerTransaction, trusted: bool) -> bool:
        """Does it say that it is a telephone of ours? Told from the form alone, not from whether there is such an account. From an address that is believed (a
        trunk's) only what calls by an account's name from where a telephone is registered does: calls of the trunk itself are never asked for proof."""
        address = request.from_.uri
        host = f"{address.host}:{address.port}" if address.port is not None else address.host
        by_name = address.scheme != "tel" and bool(address.user) and host.lower() in self._ours() and not NUMBER.fullmatch(address.number)
        bound = self.registrar.source_is_bound(transaction.source)
        return by_name and bound if trusted else by_name or bound

    def _call_of_ours(self, transaction: ServerTransaction, header: str, now: float) -> bool:
        finding, account = self.who.look(transaction.request, transaction.source.host, now, header)
        if finding is Finding.KNOWN:
            transaction.phone = account
            return True
        self._not_known(transaction, finding, now, 401 if header == "authorization" and header in transaction.request.headers else 407)
        return False

    def _register(self, transaction: ServerTransaction, now: float) -> None:
        request = transaction.request
        if self._phones and not guard.trusted(transaction.source.host, self._phones):
            transaction.respond(respond(request, 403, to_tag=new_tag()))
            return
        finding, account = self.who.look(request, transaction.source.host, now)
        if finding is Finding.KNOWN:
            self.registrar.register(transaction, account)
        else:
            self._not_known(transaction, finding, now, 401)

    def _not_known(self, transaction: ServerTransaction, finding: Finding, now: float, status: int) -> None:
        request = transaction.request
        if finding is Finding.LOCKED:
            transaction.respond(respond(request, 403, to_tag=new_tag()))
            return
        answer = respond(request, status, to_tag=new_tag())
        name = "www-authenticate" if status == 401 else "proxy-authenticate"
        answer.headers.set(name, *self.who.challenges(now, transaction.source.host, stale=finding is Finding.STALE))
        transaction.respond(answer)

"""The registrar: which telephones are there. Bindings are in memory, and the owner is told of each change so that it can keep them.

REGISTER is answered when the owner has kept what changed, or after two seconds: the telephone is reachable from memory, and what is not kept is lost
with this process only.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from email.utils import formatdate

from cordboard.telephony.sip import registrations
from cordboard.telephony.sip.message import Headers, Request, Response, new_call_id, new_tag, respond
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.registrations import Binding, Refused, Terms
from cordboard.telephony.sip.server_transactions import ServerTransaction
from cordboard.telephony.sip.transactions import TransactionLayer
from cordboard.telephony.sip.uri import NameAddr, Uri

log = logging.getLogger(__name__)

KEPT_WITHIN = 2.0
SWEEP = 5.0
PING_EVERY = 29.0
"""Seconds between signs of life to telephones behind routers, which forget a UDP way after 30 s (RFC 4787 asks for more, not all listen)."""

Changed = Callable[[str, tuple[Binding, ...], Callable[[], None]], None]
"""Account, what is bound now, and what to call when that is kept."""


class Registrar:
    """`changed` is told what to keep; `clock` gives seconds since the epoch. `counts`: registered, removed, expired, refused."""

    def __init__(
        self, layer: TransactionLayer, changed: Changed, clock: Callable[[], float], contact: Callable[[str], str], terms: Terms | None = None
    ) -> None:
        self.terms = terms or Terms()
        self.counts: Counter[str] = Counter()
        self.ready = False
        """The owner has told which telephones there are."""
        self._layer = layer
        self._changed = changed
        self._clock = clock
        self._contact = contact
        self._bindings: dict[str, tuple[Binding, ...]] = {}
        self._sources: Counter[Peer] = Counter()
        self._silent: set[tuple[str, str]] = set()
        """Account and contact of telephones that do not answer signs of life."""
        layer.wheel.after(SWEEP, self._sweep)
        layer.wheel.after(PING_EVERY, self._ping_all)

    # -- asked by the owner -----------------------------------------------------------------------------------------

    def restore(self, bindings: Mapping[str, tuple[Binding, ...]]) -> None:
        """What was kept; what registered meanwhile stands."""
        self.ready = True
        for account, kept in bindings.items():
            if account not in self._bindings:
                self._set(account, kept)

    def bound(self, account: str) -> tuple[Binding, ...]:
        """The account's telephones, the best first; those that give no sign of life last."""
        found = registrations.standing(self._bindings.get(account, ()), self._clock())
        return tuple(sorted(found, key=lambda one: (account, one.contact) in self._silent))

    def forget(self, account: str) -> None:
        """The account is gone, or its secret is another: its telephones must show that they know it."""
        if account in self._bindings:
            self._set(account, ())
            self._changed(account, (), lambda: None)

    def source_is_bound(self, source: Peer) -> bool:
        return source in self._sources

    # -- from the wire ----------------------------------------------------------------------------------------------

    def register(self, transaction: ServerTransaction, account: str) -> None:
        """A REGISTER of one who has proved to be `account`."""
        request, now = transaction.request, self._clock()
        if registrations.account_of(request) != account:
            self.counts["refused"] += 1
            transaction.respond(respond(request, 403, to_tag=new_tag()))
            return
        before = self._bindings.get(account, ())
        try:
            after = registrations.register(before, request, transaction.source, now, self.terms)
        except Refused as refusal:
            self.counts["refused"] += 1
            transaction.respond(respond(request, refusal.status, to_tag=new_tag(), reason=refusal.reason, min_expires=str(refusal.least or "")))
            return
        for one in after:
            self._layer.transport.keep(one.source, one.until - now)
        answer = self._answer(request, after, now)
        if after == before:
            transaction.respond(answer)
            return
        self._set(account, after)
        self.counts["registered" if after else "removed"] += 1

        def kept() -> None:
            transaction.respond(answer)

        self._layer.wheel.after(KEPT_WITHIN, kept)
        self._changed(account, after, kept)

    def _answer(self, request: Request, bindings: tuple[Binding, ...], now: float) -> Response:
        answer = respond(request, 200, to_tag=new_tag(), date=formatdate(now, usegmt=True))
        if bindings:
            answer.headers.set("contact", *registrations.contact_values(bindings, now))
        return answer

    def _set(self, account: str, bindings: tuple[Binding, ...]) -> None:
        for one in self._bindings.get(account, ()):
            self._sources[one.source] -= 1
            if not self._sources[one.source]:
                del self._sources[one.source]
        self._sources.update(one.source for one in bindings)
        if bindings:
            self._bindings[account] = bindings
        else:
            self._bindings.pop(account, None)
        contacts = {one.contact for one in bindings}
        self._silent = {(name, contact) for name, contact in self._silent if name != account or contact not in contacts}

    # -- from time to time ------------------------------------------------------------------------------------------

    def _sweep(self) -> None:
        now = self._clock()
        for account, bindings in list(self._bindings.items()):
            left = registrations.standing(bindings, now)
            if len(left) != len(bindings):
                self.counts["expired"] += len(bindings) - len(left)
                self._set(account, left)
                self._changed(account, left, lambda: None)
        self._layer.wheel.after(SWEEP, self._sweep)

    def _ping_all(self) -> None:
        behind = [(account, one) for account, all_ in self._bindings.items() for one in all_ if one.behind_nat]
        for number, (account, one) in enumerate(behind):  # spread, so that a thousand telephones do not answer at once
            self._layer.wheel.after(number * PING_EVERY / 2 / max(1, len(behind)), lambda account=account, one=one: self._ping(account, one))  # type: ignore[misc]
        self._layer.wheel.after(PING_EVERY, self._ping_all)

    def _ping(self, account: str, binding: Binding) -> None:
        """OPTIONS: keeps the way through the router open, and tells whether anybody is there."""
        headers = Headers()
        us = self._contact(binding.peer.transport)
        headers.set("from", str(NameAddr(NameAddr.parse(us).uri, "", {"tag": new_tag()})))
        headers.set("to", str(NameAddr(Uri.parse(binding.contact))))
        headers.set("call-id", new_call_id())
        headers.set("cseq", "1 OPTIONS")
        headers.set("max-forwards", "70")
        headers.set("contact", us)
        request = Request("OPTIONS", binding.contact, headers)
        request.read_basics()
        key = (account, binding.contact)
        self._layer.request(request, binding.peer, lambda response: self._silent.discard(key), lambda: self._silent.add(key))

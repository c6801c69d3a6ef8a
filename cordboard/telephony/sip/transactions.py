"""The transaction layer (RFC 3261 section 17, RFC 6026): each request is handed up once, however often it comes; each response is
sent until it has arrived or time is up.

Nothing here waits: messages and the wheel's timers come in, bytes go out, and the user of the layer is told.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from typing import Protocol

from cordboard.telephony.sip.client_transactions import ClientTransaction
from cordboard.telephony.sip.message import Request, Response, new_branch, respond
from cordboard.telephony.sip.peer import Peer, Transport, our_via, reply_peer, stamped_via
from cordboard.telephony.sip.server_transactions import ServerTransaction
from cordboard.telephony.sip.uri import Via
from cordboard.telephony.sip.wheel import Wheel

log = logging.getLogger(__name__)

MAGIC = "z9hG4bK"
LARGEST = 1300
"""Bytes of a request beyond which UDP may break it into fragments, which get lost on their way through routers (RFC 3261 section 18.1.1)."""
MAX_TRANSACTIONS = 50_000
"""Beyond it new requests get 503: about 1,500 calls set up and torn down a second, since finished transactions stay for 32 s."""


class TransactionUser(Protocol):
    def requested(self, transaction: ServerTransaction) -> None:
        """A new request, anything but ACK."""

    def acknowledged(self, request: Request, peer: Peer) -> None:
        """An ACK for a 2xx; it belongs to no transaction."""

    def stray_response(self, response: Response, peer: Peer) -> None:
        """A response that no transaction waits for (a 2xx that comes again after the INVITE's transaction is over)."""


def server_key(request: Request) -> str:
    """What a request and its retransmissions share (RFC 3261 section 17.2.3); ACK and CANCEL are matched to their INVITE elsewhere."""
    method = "INVITE" if request.method == "ACK" else request.method
    branch = request.via.branch
    if branch.startswith(MAGIC) and len(branch) > len(MAGIC):
        return f"{branch}|{request.via.sent_by}|{method}"
    # RFC 2543: no unique branch, so all that identifies the request
    return f"{request.call_id}|{request.from_.tag}|{request.cseq.number}|{request.via}|{request.uri}|{method}"


class TransactionLayer:
    """Server and client transactions, whatever transport their peers are reached by."""

    def __init__(self, transport: Transport, wheel: Wheel, user: TransactionUser, limit: int = MAX_TRANSACTIONS) -> None:
        self.transport = transport
        self.wheel = wheel
        self.user = user
        self.limit = limit
        self.counts: Counter[str] = Counter()
        self._servers: dict[str, ServerTransaction] = {}
        self._clients: dict[str, ClientTransaction] = {}
        self._merging: dict[tuple[str, str, int, str], str] = {}

    def __len__(self) -> int:
        return len(self._servers) + len(self._clients)

    # -- from the wire ----------------------------------------------------------------------------------------------

    def receive(self, message: Request | Response, source: Peer) -> None:
        if isinstance(message, Response):
            self._receive_response(message, source)
        else:
            self._receive_request(message, source)

    def is_new(self, request: Request) -> bool:
        """Would this request make a new transaction? (Retransmissions and ACKs pass the guard.)"""
        return request.method != "ACK" and server_key(request) not in self._servers

    def _receive_request(self, request: Request, source: Peer) -> None:
        key = server_key(request)
        transaction = self._servers.get(key)
        if transaction is not None:
            self.counts["retransmitted"] += request.method != "ACK"
            if transaction.receive(request):
                self.user.acknowledged(request, source)
            return
        if request.method == "ACK":
            self.user.acknowledged(request, source)
            return
        stamp(request, source)
        peer = reply_peer(request.via, source)
        if len(self) >= self.limit:
            self.counts["overload"] += 1
            self.transport.send(bytes(respond(request, 503, retry_after="10")), peer)
            return
        merged = self._merged(request, key)
        transaction = self._make(key, request, source, peer)
        if merged:
            transaction.respond(respond(request, 482, reason="Merged Request"))
            return
        self._merging.setdefault(_merge_key(request), key)
        try:
            self.user.requested(transaction)
        except BaseException:
            transaction.respond(respond(request, 500))  # else it would wait for an answer for ever
            raise

    def _merged(self, request: Request, key: str) -> bool:
        """The same request by another path while the first is being dealt with (RFC 3261 section 8.2.2.2)."""
        if request.to.tag or request.method == "CANCEL":
            return False
        return self._merging.get(_merge_key(request), key) != key

    def _make(self, key: str, request: Request, source: Peer, peer: Peer) -> ServerTransaction:
        transaction = ServerTransaction(self.transport, self.wheel, request, source, peer, lambda: self._forget(key, request))
        self._servers[key] = transaction
        return transaction

    def _forget(self, key: str, request: Request) -> None:
        self._servers.pop(key, None)
        if self._merging.get(_merge_key(request)) == key:
            del self._merging[_merge_key(request)]

    def unreachable(self, peer: Peer) -> None:
        """No connection can be made to this peer: nobody need wait for its answers (RFC 3261 section 8.1.3.1)."""
        for transaction in [one for one in self._clients.values() if one.peer == peer]:
            transaction.unreachable()

    def _receive_response(self, response: Response, source: Peer) -> None:
        transaction = self._clients.get(f"{response.via.branch}|{response.cseq.method}")
        if transaction is None or not transaction.receive(response):
            self.user.stray_response(response, source)

    # -- from the user ----------------------------------------------------------------------------------------------

    def invite_of(self, cancel: Request) -> ServerTransaction | None:
        """The INVITE transaction that a CANCEL means."""
        method, cancel.method = cancel.method, "INVITE"
        try:
            return self._servers.get(server_key(cancel))
        finally:
            cancel.method = method

    def adopt_server(self, request: Request, source: Peer) -> ServerTransaction:
        """Go on with an INVITE that another process received: its retransmissions are known, its final response can be sent."""
        key = server_key(request)
        transaction = self._make(key, request, source, reply_peer(request.via, source))
        self._merging.setdefault(_merge_key(request), key)
        return transaction

    def request(
        self,
        request: Request,
        peer: Peer,
        answered: Callable[[Response], None],
        failed: Callable[[], None],
    ) -> ClientTransaction:
        """Send a request until it is answered. `answered` gets every response once; `failed` means that none came in 32 s.

        Adds our Via unless the request has one (it is being taken over from another process).
        """
        by_udp: Peer | None = None
        if "via" not in request.headers:
            _sign(request, our_via(self.transport, peer, new_branch()))
            if not peer.reliable and len(bytes(request)) > LARGEST and (wide := self.transport.wider(peer)) is not None:
                by_udp, peer = peer, wide
                _sign(request, our_via(self.transport, peer, request.via.branch))
        key = f"{request.via.branch}|{request.method}"
        transaction = ClientTransaction(self.transport, self.wheel, request, peer, answered, failed, lambda: self._clients.pop(key, None))
        if by_udp is not None:
            transaction.otherwise = lambda: self._by_udp(transaction, by_udp)
        self._clients[key] = transaction
        transaction.start()
        return transaction

    def _by_udp(self, transaction: ClientTransaction, peer: Peer) -> None:
        """No connection could be made after all: too large or not, it goes as one datagram."""
        log.info("a large %s to %s goes by UDP: it takes no connection", transaction.request.method, peer.host)
        _sign(transaction.request, our_via(self.transport, peer, transaction.request.via.branch))
        transaction.redirect(peer)


def _sign(request: Request, via: Via) -> None:
    """As its sender."""
    request.via = via
    request.headers.set("via", str(via))


def stamp(request: Request, source: Peer) -> None:
    """Fill `received` and `rport` into the top Via."""
    vias = request.headers.all("via")
    stamped = stamped_via(request.via, source)
    request.headers.set("via", str(stamped), *vias[1:])
    request.via = stamped


def _merge_key(request: Request) -> tuple[str, str, int, str]:
    return request.call_id, request.from_.tag, request.cseq.number, request.method

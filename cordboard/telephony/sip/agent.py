"""The user agent: which request means what (RFC 3261 section 8.2), and the sessions that come of it.

Requests from outside become at most an offered call to the agent's user. Nothing is ever forwarded, so there is nothing to relay through.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from cordboard.telephony.sip import guard, inbound, outbound, refreshing
from cordboard.telephony.sip.bodies import UnsupportedBody, session_description, takes_sdp
from cordboard.telephony.sip.dialog import Dialog
from cordboard.telephony.sip.endpoint import Endpoint
from cordboard.telephony.sip.gate import Gate
from cordboard.telephony.sip.inbound import InboundSession
from cordboard.telephony.sip.message import (
    Malformed,
    Request,
    Response,
    new_tag,
    respond,
)
from cordboard.telephony.sip.outbound import OutboundSession
from cordboard.telephony.sip.peer import Peer, contact_uri, reply_peer, uri_peer
from cordboard.telephony.sip.placing import Placement
from cordboard.telephony.sip.referrals import Replaces
from cordboard.telephony.sip.sending import Sender
from cordboard.telephony.sip.server_transactions import ServerTransaction
from cordboard.telephony.sip.sessions import ALLOW, SDP, SUPPORTED, Phase, Session, SessionUser
from cordboard.telephony.sip.sockets import Sockets, Tls
from cordboard.telephony.sip.streams import Limits
from cordboard.telephony.sip.transactions import MAX_TRANSACTIONS, TransactionLayer, stamp
from cordboard.telephony.sip.uri import BadSyntax, NameAddr, Uri, Via
from cordboard.telephony.sip.wheel import Clockwork, Wheel

WITHIN_DIALOG = {"BYE", "INFO", "UPDATE", "NOTIFY", "PRACK", "REFER"}
KNOWN_ELSEWHERE = {"REGISTER", "SUBSCRIBE", "MESSAGE", "PUBLISH"}
EXTENSIONS = frozenset(SUPPORTED.split(", "))
TRYING_AFTER = 2.0
"""Seconds until 100 goes out when the owner of the call has not said it before. The owner says it when the call is kept where it outlives the
process: a caller who has heard 100 does not repeat the INVITE, and is lost with a process that dies before. Who has not repeats it after 0.5 and 1.5 s, which
costs nothing: RFC 3261, 17.2.1 wants 100 after 0.2 s for the sake of those repetitions alone."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`trusted` networks (CIDR) are our trunks: believed about identities, and not rate-limited. `rate` and `burst`: new requests
    of one source address per second, and at once."""

    trusted: tuple[str, ...] = ()
    rate: float = 50.0
    burst: float = 200.0
    max_transactions: int = MAX_TRANSACTIONS
    calls_per_host: int = 100
    """Calls that one address may have at a time which is no trunk's; each takes a pair of ports for its sound."""
    limits: Limits | None = None


class AgentUser(Protocol):
    def invited(self, session: InboundSession, trusted: bool) -> None:
        """A call from outside: `ring`, `answer` or `refuse` it. Its user is set to this object's choice."""

    def replacing(self, session: InboundSession, old: Session, trusted: bool) -> None:
        """A call from outside that wants to take the place of `old`, which is up."""

    def accepting(self) -> bool:
        """False while no calls are taken: INVITEs get 503, OPTIONS too (so that trunks go elsewhere)."""


class UserAgent(Sender):
    """One SIP address. `counts` tells what was refused, by reason. Raises ValueError for a trusted network that is none."""

    def __init__(self, user: AgentUser, session_user: SessionUser, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.partners: frozenset[str] = frozenset()
        """Addresses of the trunks: trusted like the networks of the settings."""
        self.gate: Gate | None = None
        """Knows our telephones; without one nobody may register."""
        self._user = user
        self._session_user = session_user
        self._sessions: dict[tuple[str, str], Session] = {}
        self._callers: dict[tuple[str, str], InboundSession] = {}
        self._calls_from: Counter[str] = Counter()
        """Calls that stand, by the address they came from."""
        self._trusted = guard.networks_of(self.settings.trusted)
        self._guard = guard.Guard(self.settings.rate, self.settings.burst)
        self._refusals = guard.Guard(self.settings.rate, self.settings.burst)
        self._clockwork: Clockwork | None = None
        self.wheel: Wheel

    async def start(self, host: str, port: int, advertised: str = "", tls: Tls | None = None) -> None:
        """Bind; `restore` what stands, then `listen`. Raises OSError when a port is taken, or a certificate cannot be used."""
        endpoint = await Sockets.bind(host, port, advertised, tls, self.settings.limits)
        self._clockwork = Clockwork()
        self.attach(endpoint, self._clockwork.wheel)
        endpoint.failed = self.layer.unreachable
        endpoint.believes = self._trusts
        endpoint.start()

    def attach(self, endpoint: Endpoint, wheel: Wheel) -> None:
        """Work on this transport, by this clock."""
        self.endpoint = endpoint
        self.wheel = wheel
        self.layer = TransactionLayer(endpoint, wheel, self, self.settings.max_transactions)

    def listen(self) -> None:
        self.endpoint.listen(self._receive, self._malformed)

    def stop(self) -> None:
        if self._clockwork is not None:
            self._clockwork.stop()
        self.endpoint.close()
        self.stop_sending()

    @property
    def sessions(self) -> list[Session]:
        return list(self._sessions.values())

    def contact(self, transport: str = "udp", secure: bool = False) -> str:
        return contact_uri(self.endpoint, transport, secure)

    # -- from the wire ----------------------------------------------------------------------------------------------

    def _receive(self, message: Request | Response, source: Peer) -> None:
        if isinstance(message, Request) and not self._passes(message, source):
            return
        self.layer.receive(message, source)

    def _passes(self, request: Request, source: Peer) -> bool:
        """Is the source within its rate? What belongs to a call that stands always passes."""
        if self._session_of(request) or not self.layer.is_new(request) or self._trusts(source.host):
            return True
        now = self.wheel.now
        if self._guard.allow(source.host, now):
            return True
        self.counts["rate"] += 1
        if self._refusals.allow(source.host, now):
            stamp(request, source)
            self.endpoint.send(bytes(respond(request, 503, retry_after="5")), reply_peer(request.via, source))
        return False

    def _trusts(self, host: str) -> bool:
        return host in self.partners or (bool(self._trusted) and guard.trusted(host, self._trusted))

    def _malformed(self, error: Malformed, source: Peer) -> None:
        request = error.request
        if request is None or request.method == "ACK":
            return
        if not self._refusals.allow(source.host, self.wheel.now):
            return
        stamp(request, source)
        response = respond(request, error.status, to_tag=new_tag(), reason="" if error.status != 400 else f"Bad Request ({error})")
        self.endpoint.send(bytes(response), reply_peer(request.via, source))

    def _session_of(self, request: Request) -> Session | None:
        session = self._sessions.get((request.call_id, request.to.tag)) if request.to.tag else None
        return session if session is not None and session.dialog_with(request.from_.tag) is not None else None

    # -- from the transaction layer ---------------------------------------------------------------------------------

    def requested(self, transaction: ServerTransaction) -> None:
        request, source = transaction.request, transaction.source
        if source.reliable and "alias" in request.via.params and self._trusts(source.host):
            self.endpoint.reuse(source, request.via.port or (5061 if source.transport == "tls" else 5060))
        if request.method == "CANCEL":
            self._cancel(transaction)
            return
        if refusal := self._unfit(request):
            self.counts[str(refusal.status)] += 1
            transaction.respond(refusal)
            return
        if self.gate is not None and not self.gate.admits(transaction, self.wheel.now, trusted=self._trusts(source.host)):
            return
        if request.to.tag:
            session = self._session_of(request)
            if session is not None and request.method != "OPTIONS":
                session.received(transaction)
            elif request.method == "OPTIONS":
                self._options(transaction)
            else:
                self.counts["481"] += 1
                transaction.respond(respond(request, 481))
        elif request.method == "OPTIONS":
            self._options(transaction)
        elif request.method == "INVITE":
            self._invite(transaction)
        else:
            transaction.respond(respond(request, 481, to_tag=new_tag()))

    def _unfit(self, request: Request) -> Response | None:
        """What stands against the request, whoever sent it: the refusal."""
        method, tag = request.method, new_tag()
        if method in KNOWN_ELSEWHERE and (method != "REGISTER" or self.gate is None):
            return respond(request, 405, to_tag=tag, allow=ALLOW)
        if method not in {"INVITE", "OPTIONS", "REGISTER", *WITHIN_DIALOG}:
            return respond(request, 501, to_tag=tag, allow=ALLOW)
        try:
            uri = Uri.parse(request.uri)
        except BadSyntax:
            return respond(request, 400, to_tag=tag, reason="Bad Request-URI")
        if uri.headers:
            return respond(request, 400, to_tag=tag, reason="Headers in the Request-URI")
        if uri.scheme not in ("sip", "sips", "tel"):
            return respond(request, 416, to_tag=tag)
        if not request.from_.tag:
            return respond(request, 400, to_tag=tag, reason="From has no tag")
        if method == "INVITE" and request.max_forwards == 0:
            return respond(request, 483, to_tag=tag)  # as one who may place a call in turn (RFC 7332)
        if self._came_from_us(request):
            return respond(request, 482, to_tag=tag)
        wanted = {value.lower() for value in request.headers.all("require")} - EXTENSIONS
        if wanted:
            return respond(request, 420, to_tag=tag, unsupported=", ".join(sorted(wanted)))
        return None

    def _came_from_us(self, request: Request) -> bool:
        if request.to.tag:
            return False
        us = {"{}:{}".format(*self.endpoint.address(name)).lower() for name in ("udp", "tcp", "tls")}
        for text in request.headers.all("via"):
            try:
                if Via.parse(text).sent_by in us:
                    return True
            except BadSyntax:
                continue
        return False

    def _options(self, transaction: ServerTransaction) -> None:
        status = 200 if self._user.accepting() else 503
        transaction.respond(
            respond(
                transaction.request,
                status,
                to_tag=new_tag(),
                allow=ALLOW,
                supported=SUPPORTED,
                accept=f"{SDP}, application/dtmf-relay, application/dtmf",
                accept_language="en",
                contact=self.contact(transaction.source.transport),
            )
        )

    def _invite(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        # what belongs to a call that stands is no new call: another telephone in one's place, another line of a telephone of ours (its owner decides)
        if not (transaction.phone or "replaces" in request.headers) and not self._user.accepting():
            transaction.respond(respond(request, 503, to_tag=new_tag(), retry_after="10"))
            return
        known = self._trusts(transaction.source.host) or bool(transaction.phone)
        if not known and self._calls_from[transaction.source.host] >= self.settings.calls_per_host:
            self.counts["too many calls"] += 1
            transaction.respond(respond(request, 486, to_tag=new_tag()))
            return
        try:
            session_description(request)
        except UnsupportedBody:
            transaction.respond(respond(request, 415, to_tag=new_tag(), accept=SDP))
            return
        if not takes_sdp(request):
            transaction.respond(respond(request, 406, to_tag=new_tag()))
            return
        try:
            dialog = Dialog.from_request(request, transaction.source, new_tag(), trusted=known)
        except BadSyntax as error:
            transaction.respond(respond(request, 400, to_tag=new_tag(), reason=f"Bad Contact ({error})"))
            return
        if (request.call_id, request.from_.tag) in self._callers:
            transaction.respond(respond(request, 482))  # a late copy of an INVITE that has become a call
            return
        if isinstance(terms := refreshing.as_server(request), refreshing.TooShort):
            transaction.respond(respond(request, 422, to_tag=new_tag(), min_se=str(terms.least)))
            return
        session = InboundSession(self, self._session_user, transaction, dialog)
        if "replaces" in request.headers:
            self._replace(transaction, session)
            return
        self._keep(session)
        self.wheel.after(TRYING_AFTER, session.trying)
        self._user.invited(session, self._trusts(transaction.source.host))

    def _replace(self, transaction: ServerTransaction, session: InboundSession) -> None:
        """An INVITE that takes the place of a session (RFC 3891 section 3)."""
        request = transaction.request
        try:
            named = Replaces.parse(request.headers.get("replaces"))
        except BadSyntax as error:
            transaction.respond(respond(request, 400, to_tag=new_tag(), reason=f"Bad Replaces ({error})"))
            return
        old = self._sessions.get((named.call_id, named.local_tag))
        if old is None or old.dialog_with(named.remote_tag) is None or old.phase is not Phase.UP:
            transaction.respond(respond(request, 481, to_tag=new_tag()))
        elif named.early_only:
            transaction.respond(respond(request, 486, to_tag=new_tag()))
        else:
            self._keep(session)
            self._user.replacing(session, old, self._trusts(transaction.source.host))

    def _cancel(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        invite = self.layer.invite_of(request)
        if invite is None:
            transaction.respond(respond(request, 481, to_tag=new_tag()))
            return
        transaction.respond(respond(request, 200, to_tag=invite.to_tag or new_tag()))
        if invite.on_cancel is not None:
            invite.on_cancel()

    def acknowledged(self, request: Request, peer: Peer) -> None:
        session = self._session_of(request)
        if session is not None:
            session.acknowledged(request)

    def stray_response(self, response: Response, peer: Peer) -> None:
        session = self._sessions.get((response.call_id, response.from_.tag))
        if response.status // 100 == 2 and response.cseq.method == "INVITE" and session is not None and session.dialog_with(response.to.tag):
            session.acknowledge_again(response.cseq.number)

    # -- sessions ---------------------------------------------------------------------------------------------------

    def _keep(self, session: Session) -> None:
        self._sessions[session.call_id, session.local_tag] = session
        if isinstance(session, InboundSession) and session.dialog is not None:
            self._callers[session.call_id, session.dialog.remote_tag] = session
            if session.dialog.came_from is not None:
                self._calls_from[session.dialog.came_from.host] += 1

    def forget(self, session: Session) -> None:
        if self._sessions.pop((session.call_id, session.local_tag), None) is None:
            return
        if isinstance(session, InboundSession) and session.dialog is not None:
            self._callers.pop((session.call_id, session.dialog.remote_tag), None)
            if session.dialog.came_from is not None:
                host = session.dialog.came_from.host
                self._calls_from[host] -= 1
                if self._calls_from[host] <= 0:
                    del self._calls_from[host]

    # -- placing calls ----------------------------------------------------------------------------------------------

    def call(self, target: str, sdp: str, caller: str, made: Callable[[OutboundSession], None], failed: Callable[[], None], display: str = "") -> None:
        """Invite `target` (a SIP URI). `made` gets the session before the INVITE goes out; `failed` when the host has no address.

        Raises ValueError for a URI that cannot be called.
        """
        uri = Uri.parse(target)
        hop = uri_peer(uri)
        us = f"{self.endpoint.host}:{self.endpoint.port}"
        from_ = NameAddr(Uri("sip", caller or "anonymous", us if caller else "anonymous.invalid"), display)
        placement = Placement(str(uri), from_, sdp)
        self._resolve(hop, lambda peer: self.place(placement, peer, made), failed)

    def place(self, placement: Placement, peer: Peer, made: Callable[[OutboundSession], None]) -> None:
        """Send an INVITE to this address. `made` gets the session before it goes out."""
        request = placement.request(self.contact(peer.transport, placement.uri.startswith("sips:")))
        session = OutboundSession(self, self.layer, self._session_user, request, peer)
        session.account = placement.account
        self._keep(session)
        made(session)
        session.start()

    # -- taking over ------------------------------------------------------------------------------------------------

    def restore(self, data: dict[str, Any]) -> Session:
        """The session that another process kept with `to_data`. Raises TypeError, KeyError or ValueError for unusable data."""
        session: Session
        if data["role"] == "out":
            session = outbound.restored(self, self.layer, self._session_user, data)
        else:
            transaction = None
            if data["phase"] in (Phase.OFFERED, Phase.ANSWERED):
                transaction = self.layer.adopt_server(*inbound.stored_invite(data))
            session = inbound.restored(self, self._session_user, data, transaction)
        self._keep(session)
        return session

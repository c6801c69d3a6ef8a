"""A dialog (RFC 3261 section 12): what both sides must remember to send one another requests. Kept as text, it outlives the process."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from cordboard.telephony.sip.message import Headers, Request, Response
from cordboard.telephony.sip.peer import Peer, uri_peer
from cordboard.telephony.sip.uri import BadSyntax, NameAddr, Uri


@dataclass(slots=True)
class Dialog:
    """`local` and `remote` are From/To values with their tags. `behind_nat` is the address that requests really came from, where
    the far side's own idea of it is wrong. Sequence number -1 means none yet."""

    call_id: str
    local: str
    remote: str
    local_tag: str
    remote_tag: str
    remote_target: str
    route_set: list[str] = field(default_factory=list)
    local_seq: int = 0
    remote_seq: int = -1
    behind_nat: Peer | None = None
    came_from: Peer | None = None
    """Where the request that made the dialog came from: for a Contact that we have no transport for."""
    transport: str = "udp"
    """By which the dialog was made: our own address in it is of that."""
    secure: bool = False
    """Made for a SIPS address."""
    account: str = ""
    """What we answer with when the far side asks who we are."""
    confined: bool = False
    """Made by a stranger: whatever its Contact and Record-Route say, what we send goes back to the host from which it came, and nobody else can be aimed at."""

    @classmethod
    def from_request(cls, request: Request, source: Peer, local_tag: str, *, trusted: bool = True) -> Dialog:
        """The dialog that we make by answering (section 12.1.1). Raises BadSyntax when Contact is missing, or it or a Record-Route is wrong."""
        to = NameAddr(request.to.uri, request.to.display_name, {**request.to.params, "tag": local_tag})
        return cls(
            call_id=request.call_id,
            local=str(to),
            remote=request.headers.get("from"),
            local_tag=local_tag,
            remote_tag=request.from_.tag,
            remote_target=_target(request.headers),
            route_set=_routes(request.headers),
            remote_seq=request.cseq.number,
            confined=not trusted,
            behind_nat=_nat(request, source),
            came_from=source,
            transport=source.transport,
            secure=request.uri[:5].lower() == "sips:",
        )

    @classmethod
    def from_response(cls, request: Request, response: Response, source: Peer, *, direct: bool = False) -> Dialog:
        """The dialog that the answer to our INVITE makes (section 12.1.2). Raises BadSyntax."""
        return cls(
            call_id=request.call_id,
            local=request.headers.get("from"),
            remote=response.headers.get("to"),
            local_tag=request.from_.tag,
            remote_tag=response.to.tag,
            remote_target=_target(response.headers),
            route_set=_routes(response.headers)[::-1],
            local_seq=request.cseq.number,
            behind_nat=source if direct and "record-route" not in response.headers else None,
            transport=source.transport,
            secure=request.uri[:5].lower() == "sips:",
        )

    @property
    def key(self) -> tuple[str, str, str]:
        return self.call_id, self.local_tag, self.remote_tag

    def accepts(self, request: Request) -> bool:
        """Is the request newer than what came before (section 12.2.2)? Then its number is remembered."""
        if request.cseq.number < self.remote_seq or (request.cseq.number == self.remote_seq and request.method != "ACK"):
            return False
        self.remote_seq = max(self.remote_seq, request.cseq.number)
        return True

    def refresh_target(self, message: Request | Response) -> None:
        """A re-INVITE or UPDATE, and its 2xx, may move the far side."""
        if "contact" in message.headers:
            try:
                self.remote_target = _target(message.headers)
            except BadSyntax:
                return  # the old address goes on

    def request(self, method: str, number: int | None = None) -> Request:
        """A request within the dialog (section 12.2.1.1); without `number` the next one. ACK has its INVITE's number."""
        if number is None:
            self.local_seq += 1
            number = self.local_seq
        uri, routes = self.remote_target, list(self.route_set)
        if routes and "lr" not in NameAddr.parse(routes[0]).uri.params:  # a strict router (RFC 2543)
            uri, routes = str(NameAddr.parse(routes[0]).uri), [*routes[1:], f"<{self.remote_target}>"]
        headers = Headers()
        if routes:
            headers.set("route", *routes)
        headers.set("from", self.local)
        headers.set("to", self.remote)
        headers.set("call-id", self.call_id)
        headers.set("cseq", f"{number} {method}")
        headers.set("max-forwards", "70")
        return Request(method, uri, headers)

    def next_hop(self, stands: Callable[[Peer], bool] = lambda peer: True) -> Peer:
        """Where requests of this dialog go (its host maybe a name). `stands` tells whether a connection does. Raises ValueError when there is no way."""
        hop = self._wanted_hop(stands)
        if self.confined and self.came_from is not None and not same_host(hop.host, self.came_from.host):
            return self.came_from
        return hop

    def _wanted_hop(self, stands: Callable[[Peer], bool]) -> Peer:
        if self.route_set:
            return uri_peer(NameAddr.parse(self.route_set[0]).uri)
        if self.behind_nat is not None and (not self.behind_nat.reliable or stands(self.behind_nat)):
            return self.behind_nat
        try:
            target = Uri.parse(self.remote_target)
            peer = uri_peer(target)
            # many who were reached over a connection leave its transport out of their Contact, and listen for nothing else
            return Peer(peer.host, peer.port, self.transport) if target.scheme == "sip" and not target.params.get("transport") else peer
        except ValueError:
            if self.came_from is None:
                raise
            return self.came_from

    def to_data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Dialog:
        """Raises TypeError when fields are missing."""
        return cls(**{**data, "behind_nat": _peer(data.get("behind_nat")), "came_from": _peer(data.get("came_from"))})


def same_host(one: str, other: str) -> bool:
    """Two numeric addresses that are the same; a name is nobody's."""
    try:
        return ipaddress.ip_address(one.strip("[]")) == ipaddress.ip_address(other.strip("[]"))
    except ValueError:
        return False


def _peer(found: Any) -> Peer | None:
    """As kept; by earlier versions without the transport."""
    if not found:
        return None
    return Peer(**found) if isinstance(found, dict) else Peer(*found)


def _routes(headers: Headers) -> list[str]:
    routes = headers.all("record-route")
    for route in routes:
        NameAddr.parse(route)
    return routes


def _target(headers: Headers) -> str:
    contacts = headers.all("contact")
    if len(contacts) != 1 or contacts[0] == "*":
        raise BadSyntax("there must be one Contact")
    uri = NameAddr.parse(contacts[0]).uri
    if uri.scheme not in ("sip", "sips"):
        raise BadSyntax("the Contact must be a SIP address")
    return str(uri)


def _nat(request: Request, source: Peer) -> Peer | None:
    """Only one hop away, and its own idea of its address is not where it sends from: a telephone behind a router. One that keeps a connection to us is
    reached over that."""
    if len(request.headers.all("via")) > 1 or "record-route" in request.headers:
        return None
    if not source.reliable and request.via.host.strip("[]").lower() == source.host.lower():
        return None
    return source

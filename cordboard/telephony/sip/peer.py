"""Where messages come from and go to. A transport is anything that sends bytes to a peer: `endpoint.UdpEndpoint`, and `sockets.Sockets` for
UDP, TCP and TLS together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cordboard.telephony.sip.uri import Uri, Via


@dataclass(frozen=True, slots=True)
class Peer:
    """An address as sockets know it (no brackets around IPv6). `transport` says by which transport it is reached: "udp", "tcp" or "tls". For the latter
    two it is also the name of a connection: messages go over the one to this address that stands, or a new one."""

    host: str
    port: int
    transport: str = "udp"

    @property
    def reliable(self) -> bool:
        """No retransmission is needed."""
        return self.transport != "udp"


class Transport(Protocol):
    """`host` and `port` are what we write into Via and Contact for UDP."""

    host: str
    port: int

    def address(self, transport: str) -> tuple[str, int]:
        """What we write into Via and Contact for this transport."""

    def keep(self, peer: Peer, seconds: float) -> None:
        """Let the connection to this peer stand for so long, even when nothing comes over it."""

    def send(self, data: bytes, peer: Peer) -> None: ...

    def wider(self, peer: Peer) -> Peer | None:
        """Where a request goes that is too large for UDP (RFC 3261 section 18.1.1): the same peer by TCP when it is known to take that, else None."""


def our_via(transport: Transport, peer: Peer, branch: str) -> Via:
    """The Via of a request of ours to `peer`."""
    host, port = transport.address(peer.transport)
    # over a connection, whoever is there may send us requests as well (RFC 5923)
    return Via(peer.transport.upper(), host, port, {"branch": branch, "rport": ""} | ({"alias": ""} if peer.reliable else {}))


def contact_uri(transport: Transport, name: str, secure: bool = False) -> str:
    """Our Contact for those who reach us by the transport `name`. `secure`: the request was for a SIPS address, so the answer must be one
    (RFC 3261 section 8.1.1.8; `transport=tls` has no place in those, RFC 5630 section 3.1.4)."""
    host, port = transport.address(name)
    if secure and name == "tls":
        return f"<sips:{host}:{port}>"
    return f"<sip:{host}:{port}{'' if name == 'udp' else f';transport={name}'}>"


def reply_peer(via: Via, source: Peer) -> Peer:
    """Where responses go (RFC 3261 section 18.2.2, RFC 3581): the source address always, since anything else would let a
    stranger aim our answers at others (maddr is not honoured); the source port when asked by rport, else the one in Via."""
    if source.transport != "udp" or "rport" in via.params:
        return source
    return Peer(source.host, via.port or 5060, source.transport)


def stamped_via(via: Via, source: Peer) -> Via:
    """The top Via with `received` and `rport` filled in, as the server that got the request must."""
    params = dict(via.params)
    if "rport" in params:
        params["rport"] = str(source.port)
    if "rport" in params or via.host.strip("[]").lower() != source.host.lower():
        params["received"] = source.host
    return Via(via.transport, via.host, via.port, params)


def uri_peer(uri: Uri) -> Peer:
    """Where a request to this URI goes (maddr honoured, RFC 3263 without NAPTR and SRV); the host may be a name.

    Raises ValueError for a URI that is no SIP address or wants a transport that we do not have.
    """
    transport = uri.params.get("transport", "").lower()
    if uri.scheme == "sips":
        if transport not in ("", "tcp", "tls"):
            raise ValueError(f"a SIPS address cannot be reached over {transport}")
        transport = "tls"
    elif uri.scheme != "sip" or transport not in ("", "udp", "tcp", "tls"):
        raise ValueError(f"cannot reach {uri.scheme} over {transport or 'its transport'}")
    host = (uri.params.get("maddr") or uri.host).strip("[]")
    return Peer(host, uri.port or (5061 if transport == "tls" else 5060), transport or "udp")

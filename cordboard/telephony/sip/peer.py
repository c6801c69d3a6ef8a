"""Where messages come from and go to. A transport is anything that sends bytes to a peer; UDP is `endpoint.UdpEndpoint`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from cordboard.telephony.sip.uri import Uri, Via


@dataclass(frozen=True, slots=True)
class Peer:
    """An address as sockets know it (no brackets around IPv6). `transport` says by which transport it is reached."""

    host: str
    port: int
    transport: str = "udp"


class Transport(Protocol):
    """`host` and `port` are what we write into Via and Contact; `reliable` transports need no retransmission."""

    name: str
    host: str
    port: int
    reliable: bool

    def send(self, data: bytes, peer: Peer) -> None: ...


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


def uri_peer(uri: Uri) -> tuple[str, int]:
    """Host and port that a request to this URI goes to (maddr honoured, RFC 3263 without SRV); the host may be a name.

    Raises ValueError for a URI that is no SIP address or needs a transport that we do not have.
    """
    if uri.scheme != "sip" or uri.params.get("transport", "udp").lower() != "udp":
        raise ValueError(f"cannot reach {uri.scheme} over {uri.params.get('transport', 'its transport')}")
    return (uri.params.get("maddr") or uri.host).strip("[]"), uri.port or 5060

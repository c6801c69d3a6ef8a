"""Every socket of one SIP address: UDP and TCP on one port, TLS on its own. Messages go out by the transport that their peer names."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cordboard.telephony.sip.endpoint import Inbox, UdpEndpoint
from cordboard.telephony.sip.framing import Unframed
from cordboard.telephony.sip.message import Malformed, Request, parse
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.streams import Limits, Streams

log = logging.getLogger(__name__)

TRIES = 20
"""Free ports that are tried until one is free for UDP and TCP."""


@dataclass(frozen=True, slots=True)
class Tls:
    """`port` (0 for any free one), and PEM files of our certificate and its key; without them nobody can connect to us. `authorities` (a PEM file) are
    those who vouch for the servers that we connect to, "" for the machine's own; `verify` off takes any certificate, for a trial only."""

    port: int = 0
    certificate: Path | None = None
    key: Path | None = None
    authorities: str = ""
    verify: bool = True

    def server(self) -> ssl.SSLContext | None:
        """Raises OSError (ssl.SSLError among them) when the files are no certificate and key."""
        if self.certificate is None or self.key is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(self.certificate, self.key)
        return context


def client_context(authorities: str = "", verify: bool = True) -> ssl.SSLContext:
    """For connections that we make. Raises OSError when the authorities cannot be read."""
    context = ssl.create_default_context(cafile=authorities or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class Sockets(Inbox):
    """`failed` is told the peers to which no connection can be made."""

    def __init__(self, udp: UdpEndpoint, limits: Limits, tls: Tls | None) -> None:
        super().__init__()
        self.host, self.port = udp.host, udp.port
        self.failed: Callable[[Peer], None] = lambda peer: None
        self.believes: Callable[[str], bool] = lambda host: False
        """Is this the address of a trunk of ours?"""
        self.udp = udp
        self.tcp = Streams("tcp", self._take, self._broken, lambda peer: self.failed(peer), limits)
        self.tls = Streams("tls", self._take, self._broken, lambda peer: self.failed(peer), limits)
        known = tls or Tls()
        self.tls.secure(known.server(), lambda: client_context(known.authorities, known.verify))
        udp.share(self)

    @classmethod
    async def bind(cls, host: str, port: int, advertised: str = "", tls: Tls | None = None, limits: Limits | None = None) -> Sockets:
        """Bind `host`:`port` for UDP and TCP (0 for any port that is free for both), and TLS where `tls` says so.

        Raises OSError when a port is taken or the certificate cannot be read.
        """
        for attempt in range(TRIES):
            udp = await UdpEndpoint.bind(host, port, advertised)
            try:
                found = cls(udp, limits or Limits(), tls)
                found.tcp.listen(host, udp.port)
                if tls is not None and tls.certificate is not None:
                    found.tls.listen(host, tls.port)
            except OSError:
                udp.close()
                with contextlib.suppress(UnboundLocalError):
                    found.tcp.stop()
                if port or attempt == TRIES - 1:
                    raise
            else:
                return found
            await asyncio.sleep(0)
        raise OSError("no port is free for UDP and TCP")

    def start(self) -> None:
        """Take connections; UDP hears since `bind`."""
        self.tcp.start()
        self.tls.start()

    def address(self, transport: str) -> tuple[str, int]:
        return self.host, (self.tls.port or 5061) if transport == "tls" else self.port

    def stands(self, peer: Peer) -> bool:
        return not peer.reliable or self._streams(peer).stands(peer)

    def keep(self, peer: Peer, seconds: float) -> None:
        """A telephone is registered from there for so long: its connection stays."""
        if peer.reliable:
            streams = self._streams(peer)
            streams.keep(peer, streams.now() + seconds)

    def reuse(self, peer: Peer, port: int) -> None:
        if peer.reliable:
            self._streams(peer).reuse(peer, port)

    def why(self, peer: Peer) -> str:
        return self._streams(peer).why.get(peer, "") if peer.reliable else ""

    def vouch(self, peer: Peer, name: str) -> None:
        if name:
            self.tls.names[peer] = name
        else:
            self.tls.names.pop(peer, None)

    def wider(self, peer: Peer) -> Peer | None:
        """The same peer by TCP, when it has taken a connection of ours before. One of our trunks that has not is asked, so that the next one knows."""
        wide = Peer(peer.host, peer.port, "tcp")
        if self.tcp.takes(wide):
            return wide
        self.counts["large"] += 1
        if self.tcp.unknown(wide):
            if self.believes(peer.host):
                self.tcp.ask(wide)
            log.info("a request to %s is too large for one datagram and goes by UDP all the same: nobody knows whether it takes TCP", peer.host)
        return None

    def send(self, data: bytes, peer: Peer) -> None:
        if not peer.reliable:
            self.udp.send(data, peer)
        elif data[:4].upper() == b"SIP/":
            self._streams(peer).answer(data, peer)
        else:
            self._streams(peer).send(data, peer)

    def close(self) -> None:
        self.udp.close()
        self.tcp.stop()
        self.tls.stop()

    def _streams(self, peer: Peer) -> Streams:
        return self.tls if peer.transport == "tls" else self.tcp

    def _take(self, data: bytes, peer: Peer) -> None:
        before = self.counts["malformed"]
        self.take(data, peer)
        if self.counts["malformed"] != before:
            self._streams(peer).malformed(peer)

    def _broken(self, problem: Unframed, peer: Peer) -> None:
        """The stream is lost; where its last message can be answered, it is."""
        self.counts["received"] += 1
        self.counts["malformed"] += 1
        request: Request | None = None
        if problem.head:
            try:
                message = parse(problem.head)
                request = message if isinstance(message, Request) else None
            except Malformed as error:
                request = error.request
        self.refuse(Malformed(str(problem), request, problem.status), peer)

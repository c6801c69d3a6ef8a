"""Messages from the wire, and the UDP socket. What cannot be read is counted, answered where it can be, and forgotten."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections import Counter
from collections.abc import Callable
from typing import Protocol, cast

from cordboard.telephony.sip.message import Malformed, Request, Response, parse
from cordboard.telephony.sip.peer import Peer, Transport

log = logging.getLogger(__name__)


Receive = Callable[[Request | Response, Peer], None]
Refuse = Callable[[Malformed, Peer], None]


class Endpoint(Transport, Protocol):
    """A transport that also hears."""

    counts: Counter[str]

    def listen(self, receive: Receive, refuse: Refuse) -> None: ...

    def stands(self, peer: Peer) -> bool:
        """Is there a connection to this peer? UDP needs none."""

    def why(self, peer: Peer) -> str:
        """Why no connection could be made to this peer, "" where that is not known."""

    def vouch(self, peer: Peer, name: str) -> None:
        """The certificate of this peer must be for `name` ("" for its address)."""

    def reuse(self, peer: Peer, port: int) -> None:
        """Send what is for `port` of this peer's host over its connection."""

    def close(self) -> None: ...


class Inbox:
    """Bytes to messages. `counts` tells what came: received, keepalive, malformed, crashed."""

    host = ""
    port = 0

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._receive: Receive | None = None
        self._refuse: Refuse | None = None

    def address(self, transport: str) -> tuple[str, int]:
        return self.host, self.port

    def stands(self, peer: Peer) -> bool:
        return not peer.reliable

    def keep(self, peer: Peer, seconds: float) -> None: ...

    def reuse(self, peer: Peer, port: int) -> None: ...

    def wider(self, peer: Peer) -> Peer | None:
        return None

    def why(self, peer: Peer) -> str:
        return ""

    def vouch(self, peer: Peer, name: str) -> None: ...

    def listen(self, receive: Receive, refuse: Refuse) -> None:
        self._receive, self._refuse = receive, refuse

    def refuse(self, error: Malformed, peer: Peer) -> None:
        """Hand on what cannot be read."""
        if self._refuse is not None:
            self._refuse(error, peer)

    def take(self, data: bytes, peer: Peer) -> None:
        """Read one message, and hand it on."""
        receive, refuse = self._receive, self._refuse
        if receive is None or refuse is None:
            return
        self.counts["received"] += 1
        if len(data) <= 4 and not data.strip(b"\r\n\0"):  # keep-alives of routers and telephones
            self.counts["keepalive"] += 1
            return
        try:
            receive(parse(data), peer)
        except Malformed as error:
            self.counts["malformed"] += 1
            log.debug("malformed message from %s: %s", peer.host, error)
            refuse(error, peer)
        except Exception:
            # a bug of ours must cost one message, not the socket; the first of many are told in full
            self.counts["crashed"] += 1
            if self.counts["crashed"] <= 10:
                log.exception("a SIP message could not be handled")


class UdpEndpoint(Inbox, asyncio.DatagramProtocol):
    """One bound socket. `counts` tells what went, too: sent, unsent."""

    def __init__(self) -> None:
        super().__init__()
        self._transport: asyncio.DatagramTransport | None = None
        self._inbox: Inbox = self

    def share(self, inbox: Inbox) -> None:
        """Let another inbox have what arrives, and count it."""
        self._inbox, self.counts = inbox, inbox.counts

    @classmethod
    async def bind(cls, host: str, port: int, advertised: str = "") -> UdpEndpoint:
        """Bind `host`:`port` (0 for any free port); `advertised` is the address written into messages, when another. Until `listen`
        what arrives is passed over (its sender will repeat it).

        Raises OSError when the port is taken.
        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        raw = socket.socket(family, socket.SOCK_DGRAM)
        try:
            raw.setblocking(False)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
            raw.bind((host, port))
            _, endpoint = await asyncio.get_running_loop().create_datagram_endpoint(cls, sock=raw)
        except BaseException:
            raw.close()
            raise
        shown = advertised or host
        endpoint.host = f"[{shown}]" if ":" in shown else shown
        endpoint.port = raw.getsockname()[1]
        return endpoint

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int] | tuple[str, int, int, int]) -> None:
        self._inbox.take(data, Peer(addr[0], addr[1]))

    def error_received(self, exc: Exception) -> None:
        self.counts["unsent"] += 1  # ICMP: the far side's port is closed; timers deal with it

    def send(self, data: bytes, peer: Peer) -> None:
        if self._transport is None or self._transport.is_closing():
            self.counts["unsent"] += 1
            return
        try:
            self._transport.sendto(data, (peer.host, peer.port))
        except (OSError, ValueError):  # no route, or a host name where an address must stand
            self.counts["unsent"] += 1
            return
        self.counts["sent"] += 1

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

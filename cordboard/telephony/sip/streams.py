"""TCP and TLS: connections that come and that we make, each carrying SIP messages both ways (RFC 3261 section 18, RFC 5626 section 4.4.1).

Every connection is found by the address of its far end and used for whatever goes there. Strangers have limits: connections in all and from one
address, bytes and seconds for one message, seconds without a word, bytes that they do not fetch.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import cast

from cordboard.telephony.sip.framing import PING, PONG, Framer, Unframed
from cordboard.telephony.sip.peer import Peer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts, bytes and seconds. `message` is for one message from its first byte to its last, `idle` without a word from the far side, `first` for the first
    whole message of a connection, `unfetched` for bytes written that the far side does not read."""

    connections: int = 2000
    per_host: int = 100
    message: float = 10.0
    first: float = 30.0
    idle: float = 900.0
    handshake: float = 5.0
    connect: float = 5.0
    unfetched: int = 256 * 1024
    waiting: int = 64 * 1024
    malformed: int = 20


OTHER_NAME = (62, 64)
"""What OpenSSL says of a certificate for another host name or address."""
KNOWN = 1000
"""Peers of which we remember whether they take connections."""
UNKNOWN_AFTER = 600.0
"""Seconds until a peer that took no connection is worth asking again."""

Take = Callable[[bytes, Peer], None]
Broken = Callable[[Unframed, Peer], None]


def words(error: Exception) -> str:
    """Why no connection can be made, for people: what is wrong with a certificate above all."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in OTHER_NAME:
            return "certificate refused: it is for another name"
        return f"certificate refused: {error.verify_message or 'nobody vouches for it'}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS with it: {(error.reason or str(error)).lower().replace('_', ' ')}"
    if isinstance(error, TimeoutError):
        return "no answer"
    return error.strerror.lower() if isinstance(error, OSError) and error.strerror else str(error) or "no answer"


class Connection(asyncio.Protocol):
    """One connection. `peer` is whom we wanted (its host maybe a name), `source` who is there. `kept_until`: a telephone is registered over it,
    which need not say a word before then."""

    def __init__(self, streams: Streams, peer: Peer) -> None:
        self.peer = self.source = peer
        self.kept_until = 0.0
        self.malformed = 0
        self.closed = False
        self._streams = streams
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._waiting: list[bytes] = []
        self._waits = 0
        self._heard = streams.now()
        self._begun = self._heard
        self._spoke = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._heard = self._streams.now()
        if address := transport.get_extra_info("peername"):
            self.source = Peer(address[0], address[1], self.peer.transport)
            self._streams.alias(self, self.source)
        waiting, self._waiting, self._waits = self._waiting, [], 0
        for data in waiting:
            self.send(data)

    def data_received(self, data: bytes) -> None:
        now = self._streams.now()
        self._heard = now
        if not self._framer.begun:
            self._begun = now
        try:
            messages = self._framer.feed(data)
        except Unframed as problem:
            self._streams.unframed(self, problem)
            return
        for message in messages:
            if self.closed:
                return
            self._spoke, self._begun = True, now
            if message == PING:
                self._streams.counts["keepalive"] += 1
                self.send(PONG)
            else:
                self._streams.take(message, self.source)

    def send(self, data: bytes) -> bool:
        """False when the far side does not fetch what it is sent; then the connection is over."""
        if self._transport is None:
            self._waits += len(data)
            if self._waits > self._streams.limits.waiting:
                return False
            self._waiting.append(data)
            return True
        if self._transport.is_closing():
            return False
        if self._transport.get_write_buffer_size() + len(data) > self._streams.limits.unfetched:
            self._streams.counts["unfetched"] += 1
            self.abort()
            return False
        self._transport.write(data)
        return True

    def overdue(self, now: float) -> str:
        """Why the connection must go, "" when it may stay."""
        limits = self._streams.limits
        if self._framer.begun and now - self._begun > limits.message:
            return "slow"
        if not self._spoke and now - self._heard > limits.first:
            return "silent"
        if now - self._heard > limits.idle and now > self.kept_until:
            return "idle"
        return ""

    def close(self) -> None:
        """After what was written has gone out."""
        self.closed = True
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        self.closed = True
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        self._streams.lost(self)


class Streams:
    """One listening socket of TCP or TLS, and all connections of that transport. `take` gets each message, `broken` what cannot be read any further,
    `failed` the peers that could not be reached. `counts` tells what happened: connections, refused, keepalive, slow, silent, idle, unfetched, unsent, sent."""

    SWEEP = 1.0

    def __init__(self, name: str, take: Take, broken: Broken, failed: Callable[[Peer], None], limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self.counts: Counter[str] = Counter()
        self.take = take
        self.port = 0
        self._broken = broken
        self._failed = failed
        self._loop = asyncio.get_running_loop()
        self._connections: dict[Peer, Connection] = {}
        self._all: dict[Connection, set[Peer]] = {}
        self._hosts: Counter[str] = Counter()
        self._socket: socket.socket | None = None
        self._server_tls: ssl.SSLContext | None = None
        self._client_tls: ssl.SSLContext | None = None
        self._make_client_tls: Callable[[], ssl.SSLContext] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._known: dict[Peer, tuple[float, bool]] = {}
        """When we last found out whether a peer takes connections, and what came of it."""
        self.names: dict[Peer, str] = {}
        """Whom a peer's certificate must name, where that is not its address."""
        self.why: dict[Peer, str] = {}
        """Why the last connection to a peer could not be made."""

    def now(self) -> float:
        return self._loop.time()

    def secure(self, server: ssl.SSLContext | None, client: Callable[[], ssl.SSLContext]) -> None:
        """This is TLS; `client` makes what connections of ours need, once the first is made."""
        self._server_tls, self._make_client_tls = server, client

    def listen(self, host: str, port: int) -> None:
        """Raises OSError when the port is taken."""
        raw = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        try:
            raw.setblocking(False)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            raw.bind((host, port))
            raw.listen(256)
        except OSError:
            raw.close()
            raise
        self._socket = raw
        self.port = raw.getsockname()[1]

    def start(self) -> None:
        """Take connections from now on, and look after those that are there."""
        if self._socket is not None:
            self._spawn(self._accept_all(self._socket))
        self._spawn(self._sweep())

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._socket is not None:
            self._socket.close()
        for connection in list(self._all):
            connection.close()

    def __len__(self) -> int:
        return len(self._all)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- connections that come --------------------------------------------------------------------------------------

    async def _accept_all(self, listening: socket.socket) -> None:
        while True:
            try:
                raw, address = await self._loop.sock_accept(listening)
            except OSError as error:  # out of file handles: those that end make room
                self.counts["refused"] += 1
                log.warning("no SIP connection can be taken over %s: %s", self.name, error)
                await asyncio.sleep(0.5)
                continue
            peer = Peer(address[0], address[1], self.name)
            if len(self._all) >= self.limits.connections or self._hosts[peer.host] >= self.limits.per_host:
                self.counts["refused"] += 1
                raw.close()
                continue
            self.counts["connections"] += 1
            connection = Connection(self, peer)
            self._add(connection)  # counted before its handshake: a thousand half-made ones are connections, too
            self._spawn(self._welcome(raw, connection))

    async def _welcome(self, raw: socket.socket, connection: Connection) -> None:
        raw.setblocking(False)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        timeout = self.limits.handshake if self._server_tls else None
        try:
            await self._loop.connect_accepted_socket(lambda: connection, raw, ssl=self._server_tls, ssl_handshake_timeout=timeout)
        except (OSError, ssl.SSLError, TimeoutError) as error:
            self.counts["refused"] += 1
            log.debug("no connection with %s over %s: %s", connection.peer.host, self.name, error)
            self.lost(connection)

    # -- connections that we make -----------------------------------------------------------------------------------

    def stands(self, peer: Peer) -> bool:
        found = self._connections.get(peer)
        return found is not None and not found.closed

    def send(self, data: bytes, peer: Peer) -> None:
        """Over the connection to `peer` that stands, else over a new one."""
        connection = self._connections.get(peer)
        if connection is None or connection.closed:
            if len(self._all) >= self.limits.connections:
                self.counts["unsent"] += 1
                return
            connection = Connection(self, peer)
            self._add(connection)
            self._spawn(self._connect(connection))
        self.counts["sent" if connection.send(data) else "unsent"] += 1

    def answer(self, data: bytes, peer: Peer) -> None:
        """Only over the connection that stands: an answer, which is of no use to anybody else."""
        if self.stands(peer):
            self.send(data, peer)
        else:
            self.counts["unsent"] += 1

    async def _connect(self, connection: Connection, *, asked: bool = False) -> None:
        peer = connection.peer
        try:
            if self._client_tls is None and self._make_client_tls is not None:
                self._client_tls = self._make_client_tls()
            name = self.names.get(peer, peer.host) if self._client_tls else None
            async with asyncio.timeout(self.limits.connect):
                await self._loop.create_connection(lambda: connection, peer.host, peer.port, ssl=self._client_tls, server_hostname=name)
        except (OSError, ssl.SSLError, TimeoutError, ValueError) as error:
            self._learned(peer, takes=False)
            self.why[peer] = words(error)
            log.info("%s:%d cannot be reached over %s: %s", peer.host, peer.port, self.name, self.why[peer])
            self.counts["unsent"] += not asked
            self.lost(connection)
            self._failed(peer)
        else:
            self._learned(peer, takes=True)
            self.why.pop(peer, None)

    def takes(self, peer: Peer) -> bool:
        """Has this peer taken a connection of ours, and not refused one since?"""
        return self.stands(peer) or self._known.get(peer, (0.0, False))[1]

    def unknown(self, peer: Peer) -> bool:
        """Is it so long ago that we asked (or never), that it is worth asking?"""
        return self.now() - self._known.get(peer, (-UNKNOWN_AFTER, False))[0] >= UNKNOWN_AFTER

    def ask(self, peer: Peer) -> None:
        """Find out whether it takes connections, by making one."""
        if not self.stands(peer) and len(self._all) < self.limits.connections:
            connection = Connection(self, peer)
            self._add(connection)
            self._spawn(self._connect(connection, asked=True))

    def _learned(self, peer: Peer, takes: bool) -> None:
        self._known.pop(peer, None)
        self._known[peer] = (self.now(), takes)
        while len(self._known) > KNOWN:
            oldest = next(iter(self._known))
            del self._known[oldest]
            self.why.pop(oldest, None)

    # -- what connections tell --------------------------------------------------------------------------------------

    def keep(self, peer: Peer, until: float) -> None:
        """A telephone is registered over this connection: it may be silent until then (by `now`)."""
        if (connection := self._connections.get(peer)) is not None:
            connection.kept_until = max(connection.kept_until, until)

    def malformed(self, peer: Peer) -> None:
        """A message that could be framed and not read. A few are forgiven."""
        connection = self._connections.get(peer)
        if connection is None:
            return
        connection.malformed += 1
        if connection.malformed >= self.limits.malformed:
            connection.close()

    def unframed(self, connection: Connection, problem: Unframed) -> None:
        self._broken(problem, connection.source)
        connection.close()

    def _add(self, connection: Connection) -> None:
        self._connections[connection.peer] = connection
        self._all[connection] = {connection.peer}
        self._hosts[connection.peer.host] += 1

    def alias(self, connection: Connection, peer: Peer) -> None:
        """What goes to `peer` goes over this connection, too, unless another stands."""
        if not self.stands(peer) and connection in self._all:
            self._connections[peer] = connection
            self._all[connection].add(peer)

    def reuse(self, source: Peer, port: int) -> None:
        """One whom we trust asks that what goes to its port comes over the connection that it made (RFC 5923)."""
        if (connection := self._connections.get(source)) is not None and len(self._all.get(connection, ())) < 4:
            self.alias(connection, Peer(source.host, port, self.name))

    def lost(self, connection: Connection) -> None:
        connection.closed = True
        for peer in self._all.pop(connection, ()):
            if self._connections.get(peer) is connection:
                del self._connections[peer]
        if not self._hosts[connection.peer.host]:
            return
        self._hosts[connection.peer.host] -= 1
        if not self._hosts[connection.peer.host]:
            del self._hosts[connection.peer.host]

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self.SWEEP)
            now = self.now()
            for connection in list(self._all):
                if reason := connection.overdue(now):
                    self.counts[reason] += 1
                    with contextlib.suppress(OSError):
                        connection.abort()

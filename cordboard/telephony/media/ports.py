"""UDP ports for sound: each media process has its own share of the configured range."""

from __future__ import annotations

import contextlib
import ipaddress
import socket

EXPEDITED = 46 << 2


class NoPorts(OSError):
    """Every port of our share is taken."""


def share(low: int, high: int, number: int, count: int) -> tuple[int, int]:
    """The ports (first, last) of media process `number` among `count`, beginning with an even one."""
    each = (high - low + 1) // max(1, count)
    first = low + number * each
    last = first + each - 1
    first += first % 2
    if last - first < 1:
        raise ValueError(f"no room for two ports in {low} to {high} shared by {count}")
    return first, last


class Ports:
    """Hands out bound, non-blocking sockets. Walks through the range, so that a port just given back rests for long:
    stray packets of an ended call then meet nobody."""

    def __init__(self, host: str, first: int, last: int) -> None:
        self.host = host
        self.family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
        self._first = first
        self._last = last
        self._next = first

    def _walk(self) -> int:
        port = self._next
        self._next = port + 2 if port + 3 <= self._last else self._first
        return port

    def _bind(self, port: int) -> socket.socket:
        sock = socket.socket(self.family, socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            self._hurry(sock)
            sock.bind((self.host, port))
        except OSError:
            sock.close()
            raise
        return sock

    def _hurry(self, sock: socket.socket) -> None:
        """Mark the packets for expedited forwarding (RFC 3246), where networks care; those that refuse the mark do without."""
        with contextlib.suppress(OSError):
            if self.family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, EXPEDITED)
            else:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED)

    def pair(self) -> tuple[socket.socket, socket.socket]:
        """An even port for RTP and the next one for RTCP (RFC 3550 section 11).

        :raises NoPorts: none is free.
        """
        for _ in range((self._last - self._first) // 2 + 1):
            port = self._walk()
            with contextlib.suppress(OSError):  # taken: the next pair will do
                rtp = self._bind(port)
                try:
                    return rtp, self._bind(port + 1)
                except OSError:
                    rtp.close()
        raise NoPorts("no pair of ports is free")

    def single(self) -> socket.socket:
        """One port, for RTP and RTCP together.

        :raises NoPorts: none is free.
        """
        for _ in range((self._last - self._first) // 2 + 1):
            with contextlib.suppress(OSError):
                return self._bind(self._walk())
        raise NoPorts("no port is free")

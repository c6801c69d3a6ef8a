"""Rates per source address in constant memory, however many addresses an attacker has.

A count-min sketch of token buckets (Cormode and Muthukrishnan, 2005): each source falls into one cell of each row, by a keyed
hash that nobody outside can predict; it may pass while any of its cells has a token left. Two sources rarely share all cells.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets


class Guard:
    """`rate` in requests a second for a source, `burst` in requests at once. `now` is in seconds since any beginning."""

    def __init__(self, rate: float, burst: float, cells: int = 4096, rows: int = 2) -> None:
        self.rate = rate
        self.burst = burst
        self._key = secrets.token_bytes(16)
        self._cells = cells
        self._tokens = [[burst] * cells for _ in range(rows)]
        self._seen = [[0.0] * cells for _ in range(rows)]

    def _cells_of(self, host: str) -> list[int]:
        digest = hashlib.blake2b(_network(host), key=self._key, digest_size=4 * len(self._tokens)).digest()
        return [int.from_bytes(digest[4 * row : 4 * row + 4], "big") % self._cells for row in range(len(self._tokens))]

    def has(self, host: str, now: float) -> bool:
        """Would this source pass? Takes nothing."""
        return any(min(self.burst, self._tokens[row][cell] + (now - self._seen[row][cell]) * self.rate) >= 1.0 for row, cell in enumerate(self._cells_of(host)))

    def allow(self, host: str, now: float) -> bool:
        """Take a token of this source (an address, or any other name), if there is one."""
        passed = False
        for row, cell in enumerate(self._cells_of(host)):
            tokens = self._tokens[row]
            seen = self._seen[row]
            level = min(self.burst, tokens[cell] + (now - seen[cell]) * self.rate)
            seen[cell] = now
            if level >= 1.0:
                level -= 1.0
                passed = True
            tokens[cell] = level
        return passed


def _network(host: str) -> bytes:
    """IPv4 by address; IPv6 by /64, since one household or attacker owns all of it."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.encode()
    return address.packed if address.version == 4 else address.packed[:8]


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def networks_of(texts: tuple[str, ...]) -> tuple[Network, ...]:
    """Networks (CIDR) or single addresses. Raises ValueError for what is neither."""
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def trusted(host: str, networks: tuple[Network, ...]) -> bool:
    """Is the address in one of these networks?"""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return any(address in network for network in networks)

"""Who is at the other end of a connection: address and scheme, through load balancers of our own."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import Any

from cordboard.lib.config import config

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_PLAIN = {"ws": "http", "wss": "https"}


@cache
def _trusted() -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text, strict=False) for text in config().trusted_proxies)


def visitor(scope: dict[str, Any], trusted: tuple[Network, ...] | None = None) -> tuple[str, str]:
    """Address and scheme ("http" or "https"). What X-Forwarded-For and X-Forwarded-Proto say counts only from a proxy that is trusted (by
    default those of the configuration); of a chain the last address that is not one of them."""
    trusted = _trusted() if trusted is None else trusted
    address = scope["client"][0] if scope.get("client") else ""
    scheme = _PLAIN.get(scope["scheme"], scope["scheme"])
    if not trusted or not _within(address, trusted):
        return address, scheme
    asked = dict(scope["headers"])
    chain = [part.strip() for part in asked.get(b"x-forwarded-for", b"").decode("latin-1").split(",") if part.strip()]
    for hop in reversed(chain):
        if not _is_address(hop):
            break
        address = hop
        if not _within(hop, trusted):
            break
    told = asked.get(b"x-forwarded-proto", b"").decode("latin-1").strip().lower()
    return address, told if told in ("http", "https") else scheme


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _within(text: str, networks: tuple[Network, ...]) -> bool:
    return _is_address(text) and any(ipaddress.ip_address(text) in network for network in networks)

"""Whose address the log and the limits see."""

from __future__ import annotations

import ipaddress

import pytest

from cordboard.front.visitor import visitor

OURS = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))


def seen(peer: str, *headers: tuple[bytes, bytes], scheme: str = "http") -> tuple[str, str]:
    return visitor({"client": (peer, 5), "scheme": scheme, "headers": list(headers)}, OURS)


def test_a_stranger_is_not_believed() -> None:
    assert seen("198.51.100.1", (b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-proto", b"https")) == ("198.51.100.1", "http")


def test_our_load_balancer_is_believed() -> None:
    assert seen("10.0.0.5", (b"x-forwarded-for", b"198.51.100.1"), (b"x-forwarded-proto", b"https")) == ("198.51.100.1", "https")
    assert seen("fd00::1", (b"x-forwarded-for", b"2001:db8::7"), scheme="ws") == ("2001:db8::7", "http")


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        (b"6.6.6.6, 198.51.100.1, 10.0.0.9", "198.51.100.1"),
        (b"10.0.0.8, 10.0.0.9", "10.0.0.8"),
        (b"not an address", "10.0.0.5"),
        (b"198.51.100.1, junk, 10.0.0.9", "10.0.0.9"),
        (b"", "10.0.0.5"),
    ],
)
def test_of_a_chain_the_last_that_is_not_ours(chain: bytes, address: str) -> None:
    assert seen("10.0.0.5", (b"x-forwarded-for", chain))[0] == address


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert visitor({"client": ("10.0.0.5", 1), "scheme": "wss", "headers": [(b"x-forwarded-for", b"6.6.6.6")]}, ()) == ("10.0.0.5", "https")

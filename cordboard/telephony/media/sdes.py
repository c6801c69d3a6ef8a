"""Keys for SRTP in session descriptions (RFC 4568), for telephones that want their sound encrypted. Keys are never logged, nor part of any repr.

The keys are as safe as the signalling that carries them: over TLS they are, over UDP whoever reads the signalling can read the sound.

How much is wanted (`Wanted`): *off*: encrypted media is refused; *offered*: taken where the far side offers it (RTP/SAVP, or RTP/AVP with a key as in
RFC 8643, opportunistic SRTP), and offered by us in the second way, so that a telephone without it just ignores the key; *required*: nothing else.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from dataclasses import dataclass, field
from enum import StrEnum

import pylibsrtp

KEY, SALT = 16, 14
"""Bytes of AES-CM-128's master key and salt (RFC 4568 section 6.2.1)."""

SUITES = {
    "AES_CM_128_HMAC_SHA1_80": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": pylibsrtp.Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
}
"""The best first."""

SECURE = frozenset({"RTP/SAVP", "RTP/SAVPF"})

_LINE = re.compile(r"(\d{1,9}) ([A-Z0-9_]{1,40}) inline:([A-Za-z0-9+/]{40}={0,2})((?:\|[^\s|]{1,40}){0,2})((?: \S{1,80}){0,8})")
_LIFETIME = re.compile(r"(\d{1,15}|2\^\d{1,2})")


class Wanted(StrEnum):
    OFF = "off"
    OFFERED = "offered"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Crypto:
    """One a=crypto line that we can work with."""

    tag: int
    suite: str
    key: bytes = field(repr=False)
    """Master key and salt."""

    @property
    def line(self) -> str:
        return f"a=crypto:{self.tag} {self.suite} inline:{base64.b64encode(self.key).decode()}"


def parse(values: list[str]) -> tuple[Crypto, ...]:
    """The lines of a section that we can work with, in their order: our suites, one key, no key identifiers, no session parameters (each of which an
    answerer must know to accept the line: RFC 4568 section 6.3)."""
    found = []
    for value in values[:16]:
        match = _LINE.fullmatch(value.strip())
        if match is None or match[2] not in SUITES or match[5].strip():
            continue
        if any(not _LIFETIME.fullmatch(part) for part in match[4].split("|") if part):
            continue  # a key identifier (MKI)
        try:
            key = base64.b64decode(match[3], validate=True)
        except binascii.Error:
            continue
        if len(key) == KEY + SALT:
            found.append(Crypto(int(match[1]), match[2], key))
    return tuple(found)


def fresh() -> bytes:
    return secrets.token_bytes(KEY + SALT)


def best(offered: tuple[Crypto, ...]) -> Crypto | None:
    """Ours is the choice: the stronger tag, then the far side's order."""
    return min(offered, key=lambda each: list(SUITES).index(each.suite), default=None)


def offers(key: bytes) -> tuple[Crypto, ...]:
    """What we offer: both suites with one key."""
    return tuple(Crypto(number + 1, suite, key) for number, suite in enumerate(SUITES))


class Secured:
    """SRTP both ways of one leg."""

    def __init__(self, suite: str, ours: bytes, theirs: bytes) -> None:
        self.suite = suite
        self._theirs = theirs
        self._out = pylibsrtp.Session(_policy(suite, ours, pylibsrtp.Policy.SSRC_ANY_OUTBOUND))
        self._in = pylibsrtp.Session(_policy(suite, theirs, pylibsrtp.Policy.SSRC_ANY_INBOUND))

    def same(self, suite: str, theirs: bytes) -> bool:
        """Whether a new description changes nothing: then replay lists and roll-over counters must stay as they are."""
        return suite == self.suite and theirs == self._theirs

    def again(self, suite: str, ours: bytes, theirs: bytes) -> None:
        """The far side has another key now; our own stream goes on under its key, unless the suite is another."""
        if suite != self.suite:
            self._out = pylibsrtp.Session(_policy(suite, ours, pylibsrtp.Policy.SSRC_ANY_OUTBOUND))
            self.suite = suite
        self._in = pylibsrtp.Session(_policy(suite, theirs, pylibsrtp.Policy.SSRC_ANY_INBOUND))
        self._theirs = theirs

    def protect(self, packet: bytes) -> bytes:
        """:raises pylibsrtp.Error: it cannot be."""
        return self._out.protect(packet)

    def protect_report(self, packet: bytes) -> bytes:
        """:raises pylibsrtp.Error: it cannot be."""
        return self._out.protect_rtcp(packet)

    def open(self, packet: bytes) -> bytes:
        """:raises pylibsrtp.Error: not authentic, or seen before."""
        return self._in.unprotect(packet)

    def open_report(self, packet: bytes) -> bytes:
        """:raises pylibsrtp.Error: not authentic, or seen before."""
        return self._in.unprotect_rtcp(packet)


def _policy(suite: str, key: bytes, direction: int) -> pylibsrtp.Policy:
    return pylibsrtp.Policy(key=key, ssrc_type=direction, srtp_profile=SUITES[suite])


__all__ = ["SECURE", "SUITES", "Crypto", "Secured", "Wanted", "best", "fresh", "offers", "parse"]

"""Digest authentication, both sides: challenges, credentials, and the sums behind them (RFC 7616, RFC 8760, RFC 3261 section 22). Pure.

A server keeps the *digest of the account* (HA1) of each algorithm, never the secret: `ha1` makes it. A client has the secret; for it there are
`choose` (which challenge to answer) and `Answering` (the credentials, request after request).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from cordboard.telephony.sip.uri import TOKEN, BadSyntax

_PARAMETER = re.compile(r'\s*([A-Za-z0-9*_.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))\s*(?:,|$)')
_SCHEME = re.compile(r"\s*Digest\s+(?=[A-Za-z0-9*_.-]+\s*=)", re.I)
MAX_LENGTH = 4096
"""Characters of a header value that we read."""


class Algorithm(StrEnum):
    """In the order of preference; the value is the name on the wire."""

    SHA512_256 = "SHA-512-256"
    SHA256 = "SHA-256"
    MD5 = "MD5"


_SUMS: dict[Algorithm, Callable[[bytes], str]] = {
    Algorithm.SHA512_256: lambda data: hashlib.new("sha512_256", data).hexdigest(),
    Algorithm.SHA256: lambda data: hashlib.sha256(data).hexdigest(),
    Algorithm.MD5: lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
}
STRENGTH = {algorithm: place for place, algorithm in enumerate(reversed(Algorithm))}
OFFERED = (Algorithm.SHA256, Algorithm.MD5)
"""What our server asks for, the strongest first (RFC 8760 section 2.4)."""


def _sum(algorithm: Algorithm, *parts: str) -> str:
    return _SUMS[algorithm](":".join(parts).encode())


def ha1(username: str, realm: str, secret: str, algorithm: Algorithm) -> str:
    """The digest of an account, in hex: all that a server must keep of a secret (RFC 7616 section 3.4.2)."""
    return _sum(algorithm, username, realm, secret)


def algorithm_of(name: str) -> tuple[Algorithm, bool]:
    """The algorithm of a name as received ("" is MD5), and whether it is its session variant. Raises ValueError for one we do not know."""
    name = name.upper() or "MD5"
    session = name.endswith("-SESS")
    return Algorithm(name.removesuffix("-SESS")), session


# -- reading ------------------------------------------------------------------------------------------------------------


def _parameters(text: str) -> dict[str, str]:
    """`name=value, name="value"` to a dict, names in lower case. Raises BadSyntax, also for a name that stands there twice."""
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        match = _PARAMETER.match(text, at)
        if match is None:
            raise BadSyntax("not a list of parameters")
        name, quoted, plain = match.groups()
        if name.lower() in found:
            raise BadSyntax(f"{name} stands there more than once")
        found[name.lower()] = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        at = match.end()
    return found


def _digests(value: str) -> list[dict[str, str]]:
    """The parameters of each Digest in a header value; some write several challenges into one line. Raises BadSyntax."""
    if len(value) > MAX_LENGTH:
        raise BadSyntax("too long")
    # what stands within quotes must not be taken for the beginning of another
    masked = re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: "_" * len(found.group()), value)
    starts = [(match.start(), match.end()) for match in _SCHEME.finditer(masked) if match.start() == 0 or masked[: match.start()].rstrip().endswith(",")]
    if not starts or starts[0][0] != 0:
        raise BadSyntax("not a digest")
    ends = [start for start, _ in starts[1:]] + [len(value)]
    return [_parameters(value[begin:end].strip().rstrip(",")) for (_, begin), end in zip(starts, ends, strict=True)]


def _quoted(value: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


@dataclass(frozen=True, slots=True)
class Challenge:
    """One WWW-Authenticate or Proxy-Authenticate value. `qop` are the kinds of protection offered, empty for servers of RFC 2069."""

    realm: str
    nonce: str
    algorithm: Algorithm = Algorithm.MD5
    session: bool = False
    qop: tuple[str, ...] = ("auth",)
    opaque: str = ""
    stale: bool = False

    @classmethod
    def parse_all(cls, values: Iterable[str]) -> list[Challenge]:
        """Those that we can answer, in the order in which they stand; what cannot be read or is of another scheme is passed over."""
        found = []
        for value in values:
            try:
                digests = _digests(value)
            except BadSyntax:
                continue
            for one in digests:
                try:
                    algorithm, session = algorithm_of(one.get("algorithm", ""))
                except ValueError:
                    continue
                kinds = tuple(kind for kind in one.get("qop", "").lower().replace(",", " ").split())
                if not one.get("nonce") or (kinds and not {"auth", "auth-int"} & set(kinds)):
                    continue
                stale = one.get("stale", "").lower() == "true"
                found.append(cls(one.get("realm", ""), one["nonce"], algorithm, session, kinds, one.get("opaque", ""), stale))
        return found

    def __str__(self) -> str:
        text = f"Digest realm={_quoted(self.realm)}, nonce={_quoted(self.nonce)}, algorithm={self.algorithm}{'-sess' if self.session else ''}"
        if self.qop:
            text += f', qop="{",".join(self.qop)}"'
        if self.opaque:
            text += f", opaque={_quoted(self.opaque)}"
        return text + (", stale=true" if self.stale else "")


@dataclass(frozen=True, slots=True)
class Credentials:
    """One Authorization or Proxy-Authorization value. `nc` is "" where the client knows no `qop`."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: Algorithm = Algorithm.MD5
    session: bool = False
    qop: str = ""
    nc: str = ""
    cnonce: str = ""
    opaque: str = ""

    @classmethod
    def parse(cls, value: str) -> Credentials:
        """Raises BadSyntax when something is missing, wrong or of another scheme."""
        digests = _digests(value)
        if len(digests) != 1:
            raise BadSyntax("more than one digest")
        one = digests[0]
        try:
            algorithm, session = algorithm_of(one.get("algorithm", ""))
        except ValueError as error:
            raise BadSyntax("an algorithm that we do not know") from error
        missing = [name for name in ("username", "realm", "nonce", "uri", "response") if name not in one]
        if missing:
            raise BadSyntax(f"{missing[0]} is missing")
        qop, nc, cnonce = one.get("qop", "").lower(), one.get("nc", "").lower(), one.get("cnonce", "")
        if qop and (qop not in ("auth", "auth-int") or not re.fullmatch(r"[0-9a-f]{8}", nc) or not cnonce):
            raise BadSyntax("qop without its counter")
        if session and not cnonce:
            raise BadSyntax("cnonce is missing")
        return cls(one["username"], one["realm"], one["nonce"], one["uri"], one["response"].lower(), algorithm, session, qop, nc, cnonce, one.get("opaque", ""))

    def __str__(self) -> str:
        parts = [
            f"username={_quoted(self.username)}",
            f"realm={_quoted(self.realm)}",
            f"nonce={_quoted(self.nonce)}",
            f"uri={_quoted(self.uri)}",
            f'response="{self.response}"',
            f"algorithm={self.algorithm}{'-sess' if self.session else ''}",
        ]
        if self.qop:
            parts += [f"qop={self.qop}", f"nc={self.nc}", f"cnonce={_quoted(self.cnonce)}"]
        elif self.cnonce:
            parts.append(f"cnonce={_quoted(self.cnonce)}")
        if self.opaque:
            parts.append(f"opaque={_quoted(self.opaque)}")
        return "Digest " + ", ".join(parts)

    @property
    def count(self) -> int:
        """The nonce count as a number, 0 without `qop`."""
        return int(self.nc, 16) if self.nc else 0


# -- the sums -----------------------------------------------------------------------------------------------------------


def response_of(given: Credentials, account: str, method: str, body: bytes = b"") -> str:
    """What `given.response` must be, by the account's digest `account` of that algorithm (RFC 7616 section 3.4.1)."""
    algorithm = given.algorithm
    first = _sum(algorithm, account, given.nonce, given.cnonce) if given.session else account
    second = _sum(algorithm, method, given.uri, _SUMS[algorithm](body)) if given.qop == "auth-int" else _sum(algorithm, method, given.uri)
    if given.qop:
        return _sum(algorithm, first, given.nonce, given.nc, given.cnonce, given.qop, second)
    return _sum(algorithm, first, given.nonce, second)


def right(given: Credentials, account: str, method: str, body: bytes = b"") -> bool:
    """Does the client know the secret? Takes the same time for every wrong answer."""
    return hmac.compare_digest(given.response.encode(), response_of(given, account, method, body).encode())


def choose(values: Iterable[str]) -> Challenge | None:
    """The challenge to answer among these header values: the first that we can, as its server prefers (RFC 8760 section 2.4); None when there is none."""
    return next(iter(Challenge.parse_all(values)), None)


class Answering:
    """A client's side of one account at one server: keeps the challenge, so that later requests can carry their credentials at once."""

    def __init__(self, username: str, secret: str) -> None:
        self.username = username
        self._secret = secret
        self.challenge: Challenge | None = None
        self._count = 0

    def challenged(self, values: Iterable[str], *, again: bool) -> bool:
        """Take a challenge in (the header values of a 401 or 407). `again` tells that the request carried credentials: then only a stale nonce
        makes another try worthwhile. False when giving the same secret once more, or at all, would not help."""
        challenge = choose(values)
        if challenge is None or (again and not challenge.stale and self.challenge is not None and self.challenge.realm == challenge.realm):
            return False
        self.challenge, self._count = challenge, 0
        return True

    def credentials(self, method: str, uri: str, body: bytes = b"", cnonce: str = "") -> Credentials | None:
        """For a request; None when nothing has been asked of us yet."""
        asked = self.challenge
        if asked is None:
            return None
        self._count += 1
        qop = "" if not asked.qop else "auth" if "auth" in asked.qop else "auth-int"
        nc = f"{self._count:08x}" if qop else ""
        cnonce = (cnonce or secrets.token_hex(8)) if qop or asked.session else ""
        blank = Credentials(self.username, asked.realm, asked.nonce, uri, "", asked.algorithm, asked.session, qop, nc, cnonce, asked.opaque)
        account = ha1(self.username, asked.realm, self._secret, asked.algorithm)
        response = response_of(blank, account, method, body)
        return Credentials(self.username, asked.realm, asked.nonce, uri, response, asked.algorithm, asked.session, qop, nc, cnonce, asked.opaque)


def plain_name(text: str) -> bool:
    """Can this be an account's name: a token, at most 64 characters, which needs no quoting anywhere?"""
    return len(text) <= 64 and TOKEN.fullmatch(text) is not None

"""Who is it? Digest authentication of requests, with locks against guessing. What it answers never tells whether an account exists.

An unknown account takes the same steps as a known one with a wrong secret. Guesses are counted for each source address and for each name, in
constant memory (see `guard`); whoever has none left is refused without a look, whatever they say. A name at an address from which its telephone has been
admitted has a count of its own instead: nobody can lock a telephone out from elsewhere, and no neighbour behind the same router either.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cordboard.telephony.sip import digest
from cordboard.telephony.sip.digest import Algorithm, Challenge, Credentials
from cordboard.telephony.sip.guard import Guard
from cordboard.telephony.sip.message import Request
from cordboard.telephony.sip.nonces import Freshness, Nonces
from cordboard.telephony.sip.uri import BadSyntax, Uri

Digests = Callable[[str, Algorithm], str | None]
"""The digest (HA1) kept of an account's secret; None when there is no such account."""
KNOWN = 10_000
"""Addresses remembered from which a telephone has been admitted."""


class Finding(StrEnum):
    KNOWN = "known"
    ASK = "ask"  # no credentials for us, or wrong ones
    STALE = "stale"  # another nonce is needed: right with one that is used up, or right or wrong with one that was never given to this address
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Locks:
    """Wrong answers that a source address and an account may give at once, and the seconds after which each gets another."""

    source_tries: int = 10
    source_again: float = 60.0
    account_tries: int = 20
    account_again: float = 60.0


class Authenticator:
    """`algorithms` are asked for in this order, and no others taken: telephones that know one only may look at the first challenge only. `counts` tells
    what was found: guesses, locked."""

    def __init__(
        self, realm: str, digests: Digests, locks: Locks | None = None, nonces: Nonces | None = None, algorithms: tuple[Algorithm, ...] = digest.OFFERED
    ) -> None:
        locks = locks or Locks()
        self._algorithms = algorithms
        self.realm = realm
        self.nonces = nonces or Nonces()
        self.counts: Counter[str] = Counter()
        self._digests = digests
        self._sources = Guard(1 / locks.source_again, locks.source_tries)
        self._names = Guard(1 / locks.account_again, locks.account_tries)
        self._nobody = secrets.token_bytes(32)
        self._admitted: OrderedDict[tuple[str, str], None] = OrderedDict()

    def challenges(self, now: float, source: str, *, stale: bool = False) -> list[str]:
        """For this source. One value for each algorithm, the preferred first (RFC 8760 section 2.4)."""
        return [str(Challenge(self.realm, self.nonces.make(now, source), algorithm, stale=stale)) for algorithm in self._algorithms]

    def look(self, request: Request, source: str, now: float, header: str = "authorization") -> tuple[Finding, str]:
        """Who sent it, by the credentials in `header`: the finding, and the account where it is known. `now` in seconds."""
        given = self._given(request, header)
        if given is None:
            return Finding.ASK, ""
        if not all(guard.has(key, now) for guard, key in self._locks(given.username, source)):
            self.counts["locked"] += 1
            return Finding.LOCKED, ""
        account = self._digests(given.username, given.algorithm)
        known = account is not None
        right = digest.right(given, account or self._nobodys(given), request.method, request.body)
        fresh = self.nonces.look(given.nonce, given.count, now, source)
        if fresh is Freshness.STRANGE:
            # Whoever never got a nonce from us at this address learns nothing, right or wrong, and is no guesser at it either: else anybody could lock a telephone
            # out by guesses that bear its address.
            self.counts["strange"] += 1
            return Finding.STALE, ""
        if not (known and right and self._meant(given, request)):
            self._guessed(given, source, now)
            return Finding.ASK, ""
        if fresh is not Freshness.FRESH:
            return Finding.STALE, ""
        self.nonces.use(given.nonce, given.count)
        self.admit(given.username, source)
        return Finding.KNOWN, given.username

    def _given(self, request: Request, header: str) -> Credentials | None:
        """Those for our realm; a request may carry others. What cannot be read counts as none."""
        for value in request.headers.all(header):
            try:
                found = Credentials.parse(value)
            except BadSyntax:
                continue
            if found.realm == self.realm and found.algorithm in self._algorithms:
                return found
        return None

    def _meant(self, given: Credentials, request: Request) -> bool:
        """Are the credentials for what is asked? Ports and parameters may differ: some put them in one place only."""
        if given.uri == request.uri:
            return True
        try:
            said, asked = Uri.parse(given.uri), Uri.parse(request.uri)
        except BadSyntax:
            return False
        return (said.user, said.host.lower()) == (asked.user, asked.host.lower())

    def _nobodys(self, given: Credentials) -> str:
        return hmac.new(self._nobody, f"{given.username}:{given.algorithm}".encode(), hashlib.sha256).hexdigest()

    def _guessed(self, given: Credentials, source: str, now: float) -> None:
        self.counts["guesses"] += 1
        for guard, key in self._locks(given.username, source):
            guard.allow(key, now)

    def _locks(self, account: str, source: str) -> list[tuple[Guard, str]]:
        if (account, source) in self._admitted:
            return [(self._names, f"account {account} at {source}")]
        return [(self._sources, source), (self._names, f"account {account}")]

    def admit(self, account: str, source: str) -> None:
        """The account's telephone is at this address."""
        self._admitted[account, source] = None
        self._admitted.move_to_end((account, source))
        if len(self._admitted) > KNOWN:
            self._admitted.popitem(last=False)

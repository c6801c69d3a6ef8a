"""Whose packets a SIP leg takes: the negotiated address, or the one source that proved itself. Pure.

Phones behind address translation send from elsewhere than their SDP says, so some other source must be let in; but
whoever sprays packets over our ports must not get into a conversation.
"""

from __future__ import annotations

Address = tuple[str, int]

PROOF = 5
"""Packets in sequence, of one stream, that a source other than the negotiated one must send before it is believed."""

CANDIDATES = 4
"""Unproven sources watched at a time."""

PATIENCE = 2.0
"""Seconds of silence after which the negotiated address may take back a leg locked to another source."""


class SourceGuard:
    """`locked` is the source that is believed, None while nobody has proved itself."""

    __slots__ = ("_candidates", "_heard", "locked", "negotiated")

    def __init__(self, negotiated: Address | None) -> None:
        self.negotiated = negotiated
        self.locked: Address | None = None
        self._heard = 0.0
        self._candidates: dict[Address, tuple[int, int, int]] = {}

    def renegotiate(self, negotiated: Address | None) -> None:
        """A new description: when it names another address, everyone has to prove himself again."""
        if negotiated != self.negotiated:
            self.negotiated = negotiated
            self.locked = None
            self._candidates.clear()

    def accept(self, source: Address, ssrc: int, sequence: int, now: float) -> bool:
        """Whether to take this packet, which is valid RTP of an agreed payload type."""
        if source == self.locked:
            self._heard = now
            return True
        if source == self.negotiated and (self.locked is None or now - self._heard > PATIENCE):
            return self._lock(source, now)
        if self.locked is not None:
            return False
        known = self._candidates.get(source)
        if known is None:
            if len(self._candidates) >= CANDIDATES:
                self._candidates.pop(next(iter(self._candidates)))
            self._candidates[source] = (ssrc, sequence, 1)
            return False
        if known[0] == ssrc and sequence == (known[1] + 1) & 0xFFFF:
            if known[2] + 1 >= PROOF:
                return self._lock(source, now)
            self._candidates[source] = (ssrc, sequence, known[2] + 1)
        else:
            self._candidates[source] = (ssrc, sequence, 1)
        return False

    def _lock(self, source: Address, now: float) -> bool:
        self.locked = source
        self._heard = now
        self._candidates.clear()
        return True

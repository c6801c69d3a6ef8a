"""RTP (RFC 3550) and telephone events (RFC 4733), as bytes. Pure: no sockets, no clock."""

from __future__ import annotations

import struct
from typing import NamedTuple

FRAME = 0.02
"""Seconds of sound in one packet that we send."""

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")

KEYS = "0123456789*#ABCD"
"""Telephone events 0 to 15 in their order (RFC 4733 section 3.2)."""


class Packet(NamedTuple):
    payload_type: int
    marker: bool
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes


def parse(data: bytes) -> Packet | str:
    """The packet, or why it is none: "short", "version", "rtcp", "malformed"."""
    size = len(data)
    if size < 12:
        return "short"
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    if first == 0x80:  # no padding, extension or contributing sources: nearly every packet
        if 192 <= second <= 223:
            return "rtcp"
        return Packet(second & 0x7F, second > 127, sequence, timestamp, ssrc, data[12:])
    if first >> 6 != 2:
        return "version"
    if 192 <= second <= 223:  # RFC 5761
        return "rtcp"
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if size < start + 4:
            return "malformed"
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = size
    if first & 0x20:
        if data[-1] == 0:
            return "malformed"
        end -= data[-1]
    if start > end:
        return "malformed"
    return Packet(second & 0x7F, second > 127, sequence, timestamp, ssrc, data[start:end])


def build(payload_type: int, marker: bool, sequence: int, timestamp: int, ssrc: int, payload: bytes) -> bytes:
    return _HEADER.pack(0x80, payload_type | (0x80 if marker else 0), sequence, timestamp, ssrc) + payload


def ahead(later: int, earlier: int, bits: int) -> int:
    """How far `later` is ahead of `earlier` in a counter that wraps at `bits`; negative when it is behind."""
    half = 1 << (bits - 1)
    return ((later - earlier + half) & ((1 << bits) - 1)) - half


class OutStream:
    """The headers of what we send to one leg: own source, sequence and timestamps, going on without a break whatever the sound is made of.

    Two ways to send: `frame` for sound that we make ourselves, one after another; `relay` for packets of another
    leg, whose gaps and order in time are kept. Changing between them, or between sources, goes on at the time that
    has passed (`now`, seconds).
    """

    __slots__ = ("_at", "_clock", "_event_began", "_offset", "_relayed", "_sequence_offset", "bytes", "packets", "sequence", "ssrc", "timestamp")

    def __init__(self, ssrc: int, sequence: int, timestamp: int) -> None:
        self.ssrc = ssrc
        self.sequence = sequence
        self.timestamp = timestamp
        self.packets = 0
        self.bytes = 0
        self._at = 0.0
        self._relayed: tuple[object, int, int] | None = None
        self._offset = 0
        self._sequence_offset = 0
        self._clock = 8000
        self._event_began = 0

    def _next_timestamp(self, clock: int, now: float) -> int:
        step = round(clock * FRAME)
        if not self.packets:
            return self.timestamp
        frames = max(1, round((now - self._at) / FRAME))
        return (self.timestamp + step * frames) & 0xFFFFFFFF

    def frame(self, payload_type: int, clock: int, payload: bytes, now: float) -> bytes:
        """20 ms of sound of our own."""
        broken = self._relayed is not None or clock != self._clock or not self.packets or now - self._at > 0.2
        step = round(clock * FRAME)
        if broken:
            self.timestamp = self._next_timestamp(clock, now)
        else:
            self.timestamp = (self.timestamp + step) & 0xFFFFFFFF
        self._relayed = None
        self._clock = clock
        self.sequence = (self.sequence + 1) & 0xFFFF
        self._at = now
        self.packets += 1
        self.bytes += len(payload)
        return build(payload_type, broken, self.sequence, self.timestamp, self.ssrc, payload)

    def event(self, payload_type: int, clock: int, payload: bytes, now: float, first: bool) -> bytes:
        """One packet of a telephone event: all packets of an event carry the timestamp at which it began (RFC 4733 section 2.5.1.2)."""
        self.timestamp = self._next_timestamp(clock, now)
        if first:
            self._event_began = self.timestamp
        self._relayed = None
        self._clock = clock
        self.sequence = (self.sequence + 1) & 0xFFFF
        self._at = now
        self.packets += 1
        self.bytes += len(payload)
        return build(payload_type, first, self.sequence, self._event_began, self.ssrc, payload)

    def let_go(self) -> None:
        """Of who was relayed: two ended legs are not to hold one another."""
        self._relayed = None

    def relay(self, source: object, ssrc: int, payload_type: int, clock: int, marker: bool, sequence: int, timestamp: int, payload: bytes, now: float) -> bytes:
        """Another leg's packet, passed on."""
        known = self._relayed
        if known is None or known[0] is not source or known[1] != ssrc or known[2] != clock:
            marker = True
            self._rebase(source, ssrc, clock, sequence, timestamp, now)
        out_timestamp = (timestamp + self._offset) & 0xFFFFFFFF
        out_sequence = (sequence + self._sequence_offset) & 0xFFFF
        step = ((out_sequence - self.sequence + 0x8000) & 0xFFFF) - 0x8000
        elapsed = ((out_timestamp - self.timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        if step > 500 or step < -500 or elapsed > 10 * clock or elapsed < -10 * clock:  # the source began anew
            marker = True
            self._rebase(source, ssrc, clock, sequence, timestamp, now)
            out_timestamp = (timestamp + self._offset) & 0xFFFFFFFF
            out_sequence = (sequence + self._sequence_offset) & 0xFFFF
            step = 1
        if step > 0:
            self.sequence = out_sequence
            self.timestamp = out_timestamp
            self._at = now
        self.packets += 1
        self.bytes += len(payload)
        return _HEADER.pack(0x80, payload_type | 0x80 if marker else payload_type, out_sequence, out_timestamp, self.ssrc) + payload

    def _rebase(self, source: object, ssrc: int, clock: int, sequence: int, timestamp: int, now: float) -> None:
        self._offset = (self._next_timestamp(clock, now) - timestamp) & 0xFFFFFFFF
        self._sequence_offset = (self.sequence + 1 - sequence) & 0xFFFF
        self._relayed = (source, ssrc, clock)
        self._clock = clock


# ---- telephone events -------------------------------------------------------------------------------------------


class KeyReader:
    """Keys from telephone-event packets. An event comes in many packets with one timestamp: the first one seen counts."""

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: list[tuple[int, int]] = []

    def read(self, ssrc: int, timestamp: int, payload: bytes) -> str:
        """The key that begins with this packet; "" for a repetition or what is no key."""
        if len(payload) < 4 or payload[0] >= len(KEYS):
            return ""
        if (ssrc, timestamp) in self._seen:
            return ""
        self._seen.append((ssrc, timestamp))
        del self._seen[:-8]  # late packets of the last few events still belong to them
        return KEYS[payload[0]]


def event_payload(key: str, end: bool, duration: int, volume: int = 10) -> bytes:
    """:param duration: in units of the clock. :param volume: dBm0 below zero."""
    return _EVENT.pack(KEYS.index(key), (0x80 if end else 0) | volume, min(duration, 0xFFFF))


__all__ = ["FRAME", "KEYS", "KeyReader", "OutStream", "Packet", "ahead", "build", "event_payload", "parse"]

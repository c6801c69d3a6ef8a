"""Control packets of RTP (RFC 3550 section 6): sender and receiver reports, as bytes. Pure: no sockets, no clock."""

from __future__ import annotations

import struct
from typing import NamedTuple

_NTP = 2_208_988_800
"""Seconds from 1900 (NTP) to 1970."""

SENDER, RECEIVER, NAME, BYE = 200, 201, 202, 203

MOST_BLOCKS = 31

_BLOCK = struct.Struct("!IIIIII")


class Block(NamedTuple):
    """What one side says of what it receives of `ssrc` (RFC 3550 section 6.4.1). `fraction`: share lost since the report before, in 256ths; `jitter` in
    units of the clock; `last_report` and `delay` in 1/65536 s: which of our reports came last, and how long ago (0 and 0: none)."""

    ssrc: int
    fraction: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


class Reports(NamedTuple):
    """What is known from one compound packet. `sent_at`: the middle 32 bits of a sender report's time, None without one."""

    ssrc: int
    sent_at: int | None
    blocks: tuple[Block, ...]


def middle(wall: float) -> int:
    """The middle 32 bits of the NTP time (RFC 3550 section 4): 1/65536 s, wrapping every 18 hours. `wall` is Unix time in seconds."""
    return int((wall + _NTP) * 65536) & 0xFFFFFFFF


def build(ssrc: int, wall: float, timestamp: int, packets: int, octets: int, blocks: tuple[Block, ...] = (), name: bytes = b"cordboard") -> bytes:
    """A compound packet: a sender report (a receiver report when nothing was sent) and the canonical name. `wall` is Unix time in seconds.

    :param octets: bytes of payload sent.
    """
    body = b"".join(
        _BLOCK.pack(each.ssrc, min(each.fraction, 255) << 24 | (max(-(1 << 23), min(each.lost, (1 << 23) - 1)) & 0xFFFFFF), *each[3:])
        for each in blocks[:MOST_BLOCKS]
    )
    count = len(blocks[:MOST_BLOCKS])
    if packets:
        ntp = wall + _NTP
        fraction = int((ntp % 1) * (1 << 32)) & 0xFFFFFFFF
        info = struct.pack("!IIIII", int(ntp) & 0xFFFFFFFF, fraction, timestamp, packets & 0xFFFFFFFF, octets & 0xFFFFFFFF)
        report = struct.pack("!BBHI", 0x80 | count, SENDER, 6 + 6 * count, ssrc) + info + body
    else:
        report = struct.pack("!BBHI", 0x80 | count, RECEIVER, 1 + 6 * count, ssrc) + body
    item = bytes((1, len(name))) + name + b"\x00"
    item += b"\x00" * (-(4 + len(item)) % 4)
    return report + struct.pack("!BBHI", 0x81, NAME, (4 + len(item)) // 4, ssrc) + item


def parse(data: bytes) -> Reports | None:
    """The first report of a compound packet; None when it is none (RFC 3550 section A.2: it begins with a report, and its lengths add up)."""
    if len(data) < 8 or len(data) % 4 or data[0] >> 6 != 2 or data[0] & 0x20 or data[1] not in (SENDER, RECEIVER):
        return None
    at = 0
    while at < len(data):
        if len(data) - at < 4 or data[at] >> 6 != 2:
            return None
        at += 4 * (int.from_bytes(data[at + 2 : at + 4], "big") + 1)
    if at != len(data):
        return None
    count, size = data[0] & 0x1F, 4 * (int.from_bytes(data[2:4], "big") + 1)
    start = 28 if data[1] == SENDER else 8
    if size < start + 24 * count:
        return None
    sent_at = int.from_bytes(data[10:14], "big") if data[1] == SENDER else None
    blocks = []
    for number in range(count):
        ssrc, losses, highest, jitter, last, delay = _BLOCK.unpack_from(data, start + 24 * number)
        lost = losses & 0xFFFFFF
        blocks.append(Block(ssrc, losses >> 24, lost - (1 << 24) if lost >> 23 else lost, highest, jitter, last, delay))
    return Reports(int.from_bytes(data[4:8], "big"), sent_at, tuple(blocks))


def round_trip(block: Block, arrived: int) -> float | None:
    """Seconds there and back (RFC 3550 section 6.4.1, figure 2); None when the far side has not had a report of ours, or the numbers make no sense.

    :param arrived: `middle` of the time at which the block came.
    """
    if not block.last_report:
        return None
    ticks = (arrived - block.delay - block.last_report) & 0xFFFFFFFF
    if ticks >> 31:  # the far side's clock is coarser than the way is long
        ticks = 0
    return ticks / 65536 if ticks < 10 * 65536 else None


__all__ = ["Block", "Reports", "build", "middle", "parse", "round_trip"]

"""A stream of bytes cut into SIP messages by Content-Length (RFC 3261 section 18.3), and keep-alives told apart (RFC 5626 section 4.4.1). Pure."""

from __future__ import annotations

import re

from cordboard.telephony.sip.message import MAX_BODY_BYTES, MAX_HEADER_BYTES

_LENGTH = re.compile(rb"^(?:content-length|l)[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.I | re.M)
_HEAD_END = re.compile(rb"\r\n\r\n|\n\n")
PING = b"\r\n\r\n"
PONG = b"\r\n"


class Unframed(Exception):
    """The stream cannot be read any further, since nobody knows where the next message begins. `head` is the message so far, with which it may be
    answered; `status` is what to say."""

    def __init__(self, reason: str, head: bytes = b"", status: int = 400) -> None:
        super().__init__(reason)
        self.head = head
        self.status = status


class Framer:
    """`feed` bytes as they come; it gives whole messages, and PING for each keep-alive that wants its PONG."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._seen = 0
        self._breaks = 0
        """Line ends since the last message, before the next."""
        self._needed = 0
        """Bytes of the message that is coming, 0 while its headers are not there."""

    @property
    def begun(self) -> bool:
        """Part of a message is there, and its rest is not."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[bytes]:
        """Raises Unframed; what came before that is lost with the connection, as the far side must assume anyway."""
        self._buffer += data
        found: list[bytes] = []
        while True:
            if not self._needed:
                found += self._skip_breaks()
                if not self._buffer or not self._measure():
                    return found
            if len(self._buffer) < self._needed:
                return found
            found.append(bytes(self._buffer[: self._needed]))
            del self._buffer[: self._needed]
            self._seen = self._needed = self._breaks = 0

    def _skip_breaks(self) -> list[bytes]:
        if self._seen or not self._buffer.startswith((b"\r", b"\n")):
            return []
        stripped = self._buffer.lstrip(b"\r\n")
        self._breaks += self._buffer[: len(self._buffer) - len(stripped)].count(b"\n")
        self._buffer = stripped
        pings, self._breaks = divmod(self._breaks, 2)
        return [PING] if pings else []

    def _measure(self) -> bool:
        """Find the end of the headers, and from them the length of the whole."""
        end = _HEAD_END.search(self._buffer, max(0, self._seen - 3))
        if end is None or end.start() > MAX_HEADER_BYTES:
            self._seen = len(self._buffer)
            if self._seen > MAX_HEADER_BYTES:
                raise Unframed("headers too long", status=513)
            return False
        head = bytes(self._buffer[: end.end()])
        lengths = set(_LENGTH.findall(head))
        if not lengths:
            raise Unframed("Content-Length is missing", head)
        text = lengths.pop()
        if lengths or not text.isdigit():
            raise Unframed("bad Content-Length", head)
        if len(text) > 9 or int(text) > MAX_BODY_BYTES:
            raise Unframed("the body is too long", head, 513)
        self._needed = end.end() + int(text)
        return True

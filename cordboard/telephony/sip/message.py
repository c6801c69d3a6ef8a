"""SIP messages: reading what came, strictly enough to be safe, and writing what goes (RFC 3261 section 7).

Reading raises :class:`Malformed`; where enough of the request could be read to answer it, the exception carries it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

from cordboard.telephony.sip.uri import TOKEN, BadSyntax, CSeq, NameAddr, Via, split_list

MAX_HEADER_BYTES = 16 * 1024
MAX_HEADER_LINES = 200
MAX_BODY_BYTES = 16 * 1024

_COMPACT = {
    "i": "call-id", "m": "contact", "e": "content-encoding", "l": "content-length", "c": "content-type", "f": "from",
    "s": "subject", "k": "supported", "t": "to", "v": "via", "r": "refer-to", "b": "referred-by", "o": "event",
    "u": "allow-events", "x": "session-expires", "a": "accept-contact", "j": "reject-contact", "d": "request-disposition",
}  # fmt: skip
_LISTS = frozenset(
    ("via", "route", "record-route", "contact", "require", "proxy-require", "supported", "unsupported", "allow", "accept",
     "p-asserted-identity", "privacy", "accept")
)  # fmt: skip
_ONCE = ("from", "to", "call-id", "cseq", "max-forwards", "content-length", "content-type")
_WRITTEN = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate", "mime-version": "MIME-Version",
            "rseq": "RSeq", "rack": "RAck", "min-se": "Min-SE"}  # fmt: skip
_CONTROL = re.compile(r"(?<!\\)[\x00-\x08\x0b-\x1f\x7f]|\r")  # a backslash makes others than CR and LF legal (quoted-pair)
_BREAKS = re.compile(r"(?<!\\)[\x00-\x08\x0b-\x1f\x7f]|[\r\n]")
_REQUEST_LINE = re.compile(r"(\S+) (\S+) SIP/2\.0", re.I)
_OTHER_VERSION = re.compile(r"\S+ \S+ SIP/\d+\.\d+", re.I)
_VIA_VERSION = re.compile(r"^\s*SIP\s*/\s*[\d.]+", re.I)
_STATUS_LINE = re.compile(r"SIP/2\.0 ([1-6]\d\d)(?: (.*))?", re.I)

REASONS = {
    100: "Trying", 180: "Ringing", 181: "Call Is Being Forwarded", 182: "Queued", 183: "Session Progress", 200: "OK", 202: "Accepted", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden",
    404: "Not Found", 405: "Method Not Allowed", 406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout", 413: "Request Entity Too Large",
    415: "Unsupported Media Type", 416: "Unsupported URI Scheme", 420: "Bad Extension", 422: "Session Interval Too Small", 480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist", 482: "Loop Detected", 483: "Too Many Hops", 486: "Busy Here", 487: "Request Terminated",
    488: "Not Acceptable Here", 489: "Bad Event", 491: "Request Pending", 500: "Server Internal Error", 501: "Not Implemented",
    503: "Service Unavailable", 504: "Server Time-out", 505: "Version Not Supported", 513: "Message Too Large", 603: "Decline",
}  # fmt: skip


class Headers:
    """Header fields in the order of arrival, found by lower-case name; compact names are spelled out on the way in."""

    __slots__ = ("_fields",)

    def __init__(self, fields: dict[str, list[str]] | None = None) -> None:
        self._fields: dict[str, list[str]] = fields or {}

    def get(self, name: str, default: str = "") -> str:
        found = self._fields.get(name)
        return found[0] if found else default

    def all(self, name: str) -> list[str]:
        """Every value, comma-separated ones taken apart for headers that are lists."""
        found = self._fields.get(name, [])
        if name in _LISTS:
            return [value for line in found for value in split_list(line)]
        return list(found)

    def count(self, name: str) -> int:
        return len(self._fields.get(name, ()))

    def add(self, name: str, value: str) -> None:
        self._fields.setdefault(name, []).append(value)

    def set(self, name: str, *values: str) -> None:
        self._fields[name] = list(values)

    def remove(self, name: str) -> None:
        self._fields.pop(name, None)

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def __iter__(self) -> Iterator[tuple[str, str]]:
        for name, values in self._fields.items():
            for value in values:
                yield name, value


def _written(name: str) -> str:
    return _WRITTEN.get(name) or "-".join(part.capitalize() for part in name.split("-"))


def _bytes(start_line: str, headers: Headers, body: bytes) -> bytes:
    lines = [_BREAKS.sub(" ", start_line)]
    for name, value in headers:
        if name != "content-length":
            # a line break in a value (a display name from elsewhere, say) must never become a header of its own
            lines.append(f"{_written(name)}: {_BREAKS.sub(' ', value)}")
    lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode(errors="replace") + body


class Message:
    """What requests and responses share. The structured headers are parsed once, at reading."""

    __slots__ = ("body", "call_id", "cseq", "from_", "headers", "to", "via")

    def __init__(self, headers: Headers, body: bytes = b"") -> None:
        self.headers = headers
        self.body = body
        self.via: Via
        self.from_: NameAddr
        self.to: NameAddr
        self.call_id: str
        self.cseq: CSeq

    def read_headers(self) -> None:
        """Parse Via, From, To, Call-ID, CSeq. Raises BadSyntax when one is missing, doubled or wrong."""
        headers = self.headers
        vias = headers.all("via")
        if not vias:
            raise BadSyntax("Via is missing")
        self.via = Via.parse(vias[0])
        for via in vias[1:]:
            Via.parse(via)
        for name in _ONCE:
            if headers.count(name) > 1:
                raise BadSyntax(f"{_written(name)} stands there more than once")
        for name in ("from", "to", "call-id", "cseq"):
            if not headers.get(name):
                raise BadSyntax(f"{_written(name)} is missing")
        self.read_basics()

    def read_basics(self) -> None:
        """Parse From, To, Call-ID, CSeq: all that a request of ours has before its Via is known. Raises BadSyntax."""
        headers = self.headers
        self.from_ = NameAddr.parse(headers.get("from"))
        self.to = NameAddr.parse(headers.get("to"))
        self.call_id = headers.get("call-id")
        self.cseq = CSeq.parse(headers.get("cseq"))


class Request(Message):
    __slots__ = ("method", "uri")

    def __init__(self, method: str, uri: str, headers: Headers, body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.method = method
        self.uri = uri

    def __bytes__(self) -> bytes:
        return _bytes(f"{self.method} {self.uri} SIP/2.0", self.headers, self.body)

    @property
    def max_forwards(self) -> int:
        """70 when the header is absent (RFC 3261 section 16.6); -1 when it is no number from 0 to 255."""
        text = self.headers.get("max-forwards", "70").strip()
        if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > 255:
            return -1
        return int(text)


class Response(Message):
    __slots__ = ("reason", "status")

    def __init__(self, status: int, reason: str, headers: Headers, body: bytes = b"") -> None:
        super().__init__(headers, body)
        self.status = status
        self.reason = reason

    def __bytes__(self) -> bytes:
        return _bytes(f"SIP/2.0 {self.status} {self.reason}", self.headers, self.body)


class Malformed(ValueError):
    """`request` is there when it can be answered (its Via, From, To, Call-ID and CSeq could be read); `status` is what to answer."""

    def __init__(self, reason: str, request: Request | None = None, status: int = 400) -> None:
        super().__init__(reason)
        self.request = request
        self.status = status


def _read_fields(lines: list[str]) -> Headers:
    fields: dict[str, list[str]] = {}
    last: list[str] | None = None
    for line in lines:
        if line[0] in " \t":  # folded (RFC 3261 section 7.3.1)
            if last is None:
                raise BadSyntax("a continuation before any header")
            last[-1] = f"{last[-1]} {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if not colon or not TOKEN.fullmatch(name):
            raise BadSyntax("a line that is no header")
        last = fields.setdefault(_COMPACT.get(name, name), [])
        last.append(value.strip())
    return Headers(fields)


def parse(data: bytes) -> Request | Response:
    """One datagram to a message. Raises Malformed."""
    head, blank, body = data.partition(b"\r\n\r\n")
    if not blank:
        head, blank, body = data.partition(b"\n\n")
    if not blank:
        raise Malformed("no blank line after the headers")
    if len(head) > MAX_HEADER_BYTES:
        raise Malformed("headers too long")
    text = head.decode(errors="replace").replace("\r\n", "\n").lstrip("\n")
    if _CONTROL.search(text):
        raise Malformed("control characters in the headers")
    lines = [line for line in text.split("\n") if line]
    if not lines or len(lines) > MAX_HEADER_LINES:
        raise Malformed("no start line" if not lines else "too many headers")
    message: Request | Response
    if status := _STATUS_LINE.fullmatch(lines[0]):
        try:
            message = Response(int(status.group(1)), status.group(2) or "", _read_fields(lines[1:]), body)
            message.read_headers()
        except BadSyntax as error:
            raise Malformed(str(error)) from error
        return message
    return _parse_request(lines, body)


def _parse_request(lines: list[str], body: bytes) -> Request:
    start = _REQUEST_LINE.fullmatch(lines[0])
    problem, status = "", 400
    if start:
        method, uri = start.groups()
    else:
        # keep the method, so that what follows can be answered with 400 when its headers are whole
        method, uri, problem = lines[0].partition(" ")[0], "", "bad request line"
        if _OTHER_VERSION.fullmatch(lines[0]):
            problem, status = "another version of SIP", 505
        if lines[0].upper().startswith("SIP/") or " " not in lines[0]:
            raise Malformed(problem)
    try:
        request = Request(method, uri, _read_fields(lines[1:]), body)
    except BadSyntax as error:
        raise Malformed(str(error)) from error
    try:
        request.read_headers()
    except BadSyntax as error:
        raise Malformed(str(error), answerable(request), status) from error
    if not problem:
        problem, status = _check(request)
    if problem:
        raise Malformed(problem, request, status)
    return request


def _check(request: Request) -> tuple[str, int]:
    """What is wrong with the request as a whole, and the status to say so with; trims the body to Content-Length."""
    if not TOKEN.fullmatch(request.method):
        return "bad method", 400
    if request.cseq.method != request.method:
        return "CSeq names another method", 400
    if request.max_forwards < 0:
        return "bad Max-Forwards", 400
    if "content-length" in request.headers:
        text = request.headers.get("content-length")
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            return "bad Content-Length", 400
        if int(text) > len(request.body):
            return "the body is shorter than Content-Length", 400
        request.body = request.body[: int(text)]
    if len(request.body) > MAX_BODY_BYTES:
        return "the body is too long", 413
    return "", 0


def answerable(request: Request) -> Request | None:
    """The request with whatever stands in its other headers, when its Via is good enough to answer; else None. Of the answer nothing goes anywhere but to
    where the request came from."""
    try:
        request.via = Via.parse(_VIA_VERSION.sub("SIP/2.0", request.headers.all("via")[0]))
    except (BadSyntax, IndexError):
        return None
    return request


def new_tag() -> str:
    return secrets.token_hex(8)


def new_branch() -> str:
    return "z9hG4bK" + secrets.token_hex(10)


def new_call_id() -> str:
    return secrets.token_hex(16)


def respond(request: Request, status: int, *, to_tag: str = "", reason: str = "", body: bytes = b"", **headers: str) -> Response:
    """A response to a request (RFC 3261 section 8.2.6). Keyword headers have underscores for dashes: content_type="application/sdp"."""
    fields = Headers()
    fields.set("via", *request.headers.all("via"))
    for name in ("from", "to", "call-id", "cseq"):
        if name in request.headers:  # all of them, but in what was so malformed that it is refused for that
            fields.set(name, request.headers.get(name))
    if to_tag and "to" in fields and not re.search(r";\s*tag\s*=", fields.get("to"), re.I):
        fields.set("to", f"{fields.get('to')};tag={to_tag}")
    if 100 < status < 300 and "record-route" in request.headers:
        fields.set("record-route", *request.headers.all("record-route"))
    for name, value in headers.items():
        if value:
            fields.set(name.replace("_", "-"), value)
    response = Response(status, reason or REASONS.get(status, "Refused"), fields, body)
    if status > 100:
        fields.set("server", "Cordboard")
    return response

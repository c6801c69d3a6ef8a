"""URIs and the structured header values made of them: name-addr, Via, CSeq (RFC 3261 sections 19.1, 20, 25.1; RFC 3966)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?|\[[0-9A-Fa-f:.]+\])")
TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_VIA = re.compile(r"SIP\s*/\s*2\.0\s*/\s*([A-Za-z0-9\-.!%*_+`'~]+)\s+([^;\s]+(?:\s*:\s*\d+)?)\s*(.*)", re.S | re.I)
_OUTSIDE_USER = re.compile(r"[\s<>\"@\\\x00-\x1f\x7f]")
"""What would end the user part of a URI, or the URI: a caller's number is theirs to choose, and is written into what we send to others."""
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


def _escaped(found: re.Match[str]) -> str:
    return quote(found[0], safe="")


class BadSyntax(ValueError):
    """A value that the grammar does not allow."""


def parse_params(text: str) -> dict[str, str]:
    """`;key=value;flag` to a dict, names in lower case, flags with "". Quoted values keep their semicolons and lose their quotes.

    Raises BadSyntax when a parameter has no name or a quote is not closed.
    """
    if '"' not in text:
        parts = text.split(";")
    else:
        parts, rest = [], text
        while rest:
            match = re.match(r'(?:[^;"]|"(?:[^"\\]|\\.)*")*', rest)
            taken = match.group() if match else ""
            parts.append(taken)
            rest = rest[len(taken) :]
            if rest and rest[0] != ";":
                raise BadSyntax("a quote is not closed")
            rest = rest[1:]
    params: dict[str, str] = {}
    for part in parts:
        part = part.strip()
        if not part:
            continue
        name, _, value = part.partition("=")
        name = name.strip().lower()
        if not TOKEN.fullmatch(name):
            raise BadSyntax("a parameter without a name")
        value = value.strip()
        if value.startswith('"') and value.endswith('"') and len(value) > 1:
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        params[name] = value
    return params


def write_params(params: dict[str, str]) -> str:
    return "".join(f";{name}={value}" if value else f";{name}" for name, value in params.items())


def host_port(text: str) -> tuple[str, int | None]:
    """`host`, `host:port`, `[v6]:port` taken apart; the host keeps its brackets. Raises BadSyntax."""
    text = text.strip()
    head, bracket, tail = text.partition("]")
    if bracket:
        host, rest = head + "]", tail.strip()
        if rest and not rest.startswith(":"):
            raise BadSyntax("bad host")
        port_text = rest[1:].strip() if rest else None
    else:
        host, colon, after = text.partition(":")
        host = host.strip()
        port_text = after.strip() if colon else None
    if not HOST.fullmatch(host):
        raise BadSyntax("bad host")
    if port_text is None:
        return host, None
    if not (port_text.isascii() and port_text.isdigit()) or not 0 < int(port_text) < 65536:
        raise BadSyntax("bad port")
    return host, int(port_text)


@dataclass(frozen=True, slots=True)
class Uri:
    """A SIP, SIPS or tel URI. `user` is as written (escapes and parameters in it included); for tel: it is the number and `host` is ""."""

    scheme: str
    user: str
    host: str
    port: int | None = None
    params: dict[str, str] = field(default_factory=dict)
    headers: str = ""

    @classmethod
    def parse(cls, text: str) -> Uri:
        """Raises BadSyntax."""
        text = text.strip()
        if any(char.isspace() for char in text):
            raise BadSyntax("a space in the URI")
        scheme, colon, rest = text.partition(":")
        scheme = scheme.lower()
        if not colon or not _SCHEME.fullmatch(scheme):
            raise BadSyntax("no scheme in the URI")
        if scheme == "tel":
            number, _, tail = rest.partition(";")
            if not number:
                raise BadSyntax("no number in the tel URI")
            return cls("tel", number, "", None, parse_params(tail))
        if scheme not in ("sip", "sips"):
            return cls(scheme, rest, "")
        user, at, hostpart = rest.rpartition("@")
        hostpart, _, headers = hostpart.partition("?")
        hostname, _, tail = hostpart.partition(";")
        host, port = host_port(hostname)
        if any(char in '<>"' for char in user):
            raise BadSyntax("bad user part")
        return cls(scheme, user if at else "", host, port, parse_params(tail), headers)

    @property
    def number(self) -> str:
        """The user part without password, parameters, escapes and what cannot be printed: the number or name dialled."""
        user = self.user.partition(":")[0].partition(";")[0]
        return "".join(char for char in unquote(user) if char.isprintable())

    def __str__(self) -> str:
        if self.scheme not in ("sip", "sips"):
            return f"{self.scheme}:{self.user}{write_params(self.params)}"
        user = f"{_OUTSIDE_USER.sub(_escaped, self.user)}@" if self.user else ""
        port = f":{self.port}" if self.port is not None else ""
        headers = f"?{self.headers}" if self.headers else ""
        return f"{self.scheme}:{user}{self.host}{port}{write_params(self.params)}{headers}"


@dataclass(frozen=True, slots=True)
class NameAddr:
    """`"Display name" <uri>;params`, as in From, To, Contact, Route."""

    uri: Uri
    display_name: str = ""
    params: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> NameAddr:
        """Raises BadSyntax."""
        text = text.strip()
        name = ""
        if text.startswith('"'):
            quoted = _QUOTED.match(text)
            if not quoted:
                raise BadSyntax("a quote is not closed")
            name = re.sub(r"\\(.)", r"\1", quoted.group(1))
            text = text[quoted.end() :].strip()
            if not text.startswith("<"):
                raise BadSyntax("no address after the display name")
        if "<" in text:
            before, _, rest = text.partition("<")
            inside, close, tail = rest.partition(">")
            if not close:
                raise BadSyntax("an angle bracket is not closed")
            tail = tail.strip()
            if tail and not tail.startswith(";"):
                raise BadSyntax("text after the address")
            return cls(Uri.parse(inside), name or before.strip(), parse_params(tail))
        # addr-spec without brackets: what follows ; belongs to the header, not to the URI (RFC 3261 section 20.10)
        address, _, tail = text.partition(";")
        address = address.strip()
        if any(c in address for c in ",? \t"):
            raise BadSyntax("an address that needs angle brackets")
        return cls(Uri.parse(address), name, parse_params(tail))

    @property
    def tag(self) -> str:
        return self.params.get("tag", "")

    def __str__(self) -> str:
        name = ""
        if self.display_name:
            escaped = self.display_name.replace("\\", "\\\\").replace('"', '\\"')
            name = f'"{escaped}" '
        return f"{name}<{self.uri}>{write_params(self.params)}"


@dataclass(frozen=True, slots=True)
class Via:
    transport: str
    host: str
    port: int | None
    params: dict[str, str]

    @classmethod
    def parse(cls, text: str) -> Via:
        """Raises BadSyntax."""
        match = _VIA.fullmatch(text.strip())
        if not match:
            raise BadSyntax("bad Via")
        transport, sent_by, tail = match.groups()
        if tail and not tail.startswith(";"):
            raise BadSyntax("bad Via")
        host, port = host_port(sent_by)
        return cls(transport.upper(), host, port, parse_params(tail))

    @property
    def branch(self) -> str:
        return self.params.get("branch", "")

    @property
    def sent_by(self) -> str:
        return f"{self.host.lower()}:{self.port or (5061 if self.transport == 'TLS' else 5060)}"

    def __str__(self) -> str:
        port = f":{self.port}" if self.port is not None else ""
        return f"SIP/2.0/{self.transport} {self.host}{port}{write_params(self.params)}"


@dataclass(frozen=True, slots=True)
class CSeq:
    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Raises BadSyntax; the number must be below 2**31 (RFC 3261 section 8.1.1.5)."""
        parts = text.split()
        if len(parts) != 2 or not (parts[0].isascii() and parts[0].isdigit()) or len(parts[0]) > 10:
            raise BadSyntax("bad CSeq")
        number = int(parts[0])
        if number >= 2**31 or not TOKEN.fullmatch(parts[1]):
            raise BadSyntax("bad CSeq")
        return cls(number, parts[1])

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


def split_list(value: str) -> list[str]:
    """Commas that are neither in quotes nor in angle brackets part the values of a list header."""
    if "," not in value:
        return [value.strip()] if value.strip() else []
    parts: list[str] = []
    start = depth = 0
    quoted = escaped = False
    for at, char in enumerate(value):
        if escaped:
            escaped = False
        elif quoted:
            escaped = char == "\\"
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char == "<":
            depth += 1
        elif char == ">":
            depth -= 1
        elif char == "," and depth <= 0:
            parts.append(value[start:at].strip())
            start = at + 1
    parts.append(value[start:].strip())
    return [part for part in parts if part]

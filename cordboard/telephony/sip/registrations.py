"""Where telephones are: the rules of a registrar (RFC 3261 section 10.3), as functions of what is bound and what is asked. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cordboard.telephony.sip.message import Request
from cordboard.telephony.sip.peer import Peer, uri_peer
from cordboard.telephony.sip.uri import BadSyntax, NameAddr, Uri


@dataclass(frozen=True, slots=True)
class Terms:
    """Seconds that a binding may live, and how many an account may have."""

    least: int = 60
    most: int = 3600
    default: int = 3600
    contacts: int = 5


@dataclass(frozen=True, slots=True)
class Binding:
    """One telephone of an account. `source` is where its REGISTER came from; `until` in seconds since the epoch; `q` from 0 to 1; `instance` is the
    telephone's own name (RFC 5626), "" when it has none."""

    contact: str
    source: Peer
    until: float
    q: float
    call_id: str
    cseq: int
    instance: str = ""
    agent: str = ""

    @property
    def peer(self) -> Peer:
        """Where requests to it go: over its connection, or to the port that it names, where its own idea of its address is right; else to where it
        came from. Never to another host: nobody can aim our calls at others by registering them."""
        if self.source.reliable:
            return self.source
        try:
            named = uri_peer(Uri.parse(self.contact))
        except ValueError:
            return self.source
        return named if named.host == self.source.host and not named.reliable else self.source

    @property
    def behind_nat(self) -> bool:
        """Its router must be kept awake."""
        return not self.source.reliable and self.peer == self.source and f":{self.source.port}" not in self.contact


class Refused(Exception):
    """`status` is the answer; `least` the seconds that a binding must live (for 423)."""

    def __init__(self, status: int, reason: str = "", least: int = 0) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.least = least


def standing(bindings: Sequence[Binding], now: float) -> tuple[Binding, ...]:
    """Those that have not run out, the best first."""
    return tuple(sorted((one for one in bindings if one.until > now), key=lambda one: -one.q))


def account_of(request: Request) -> str:
    """The account whose place is told: the user of To. "" when there is none."""
    return request.to.uri.number


def register(bindings: Sequence[Binding], request: Request, source: Peer, now: float, terms: Terms) -> tuple[Binding, ...]:
    """What is bound after this REGISTER; the same as before when it only asks. Raises Refused."""
    before = standing(bindings, now)
    values = request.headers.all("contact")
    if any(value.strip() == "*" for value in values):
        return _all_gone(before, request, values)
    found = list(before)
    for value in values:
        _bind(found, _read(value, request, source, now, terms), now)
    found.sort(key=lambda one: one.until)
    return standing(found[-terms.contacts :], now)


def _all_gone(before: tuple[Binding, ...], request: Request, values: list[str]) -> tuple[Binding, ...]:
    if len(values) > 1 or request.headers.get("expires").strip() != "0":
        raise Refused(400, "* stands alone, with Expires: 0")
    for one in before:
        _in_order(one, request.call_id, request.cseq.number)
    return ()


def _seconds(text: str, default: int) -> int:
    """Values that are no number, and those beyond 2**32-1, are the default (RFC 3261 section 10.2.1.1; RFC 4475 section 3.1.2.5)."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()):
        return default
    return min(int(text), 2**32 - 1) if len(text) < 12 else 2**32 - 1


def _read(value: str, request: Request, source: Peer, now: float, terms: Terms) -> Binding:
    try:
        address = NameAddr.parse(value)
    except BadSyntax as error:
        raise Refused(400, f"Bad Contact ({error})") from error
    if address.uri.scheme not in ("sip", "sips"):
        raise Refused(400, "Bad Contact (it must be a SIP address)")
    default = _seconds(request.headers.get("expires"), terms.default)
    seconds = _seconds(address.params["expires"], default) if "expires" in address.params else default
    if 0 < seconds < terms.least:
        raise Refused(423, "Interval Too Brief", terms.least)
    try:
        q = min(1.0, max(0.0, float(address.params.get("q", "1"))))
    except ValueError:
        q = 1.0
    until = now + min(seconds, terms.most)
    instance = address.params.get("+sip.instance", "")[:100]
    return Binding(str(address.uri), source, until, q, request.call_id, request.cseq.number, instance, request.headers.get("user-agent")[:80])


def _bind(found: list[Binding], new: Binding, now: float) -> None:
    for at, old in enumerate(found):
        if old.contact == new.contact or (new.instance and old.instance == new.instance):
            if old.contact == new.contact:
                _in_order(old, new.call_id, new.cseq)
            found[at] = new
            return
    if new.until > now:
        found.append(new)


def _in_order(old: Binding, call_id: str, cseq: int) -> None:
    if old.call_id == call_id and cseq <= old.cseq:
        raise Refused(500, "Out of order")


def contact_values(bindings: Sequence[Binding], now: float) -> list[str]:
    """The Contact values of the answer, with what is left of each."""
    written = []
    for one in bindings:
        params = {"expires": str(max(1, round(one.until - now)))}
        if one.q != 1.0:
            params["q"] = f"{one.q:g}"
        if one.instance:
            params["+sip.instance"] = f'"{one.instance}"'
        written.append(str(NameAddr(Uri.parse(one.contact), params=params)))
    return written


def renewed(before: Sequence[Binding], after: Sequence[Binding]) -> bool:
    """Is all that changed the time? Then nobody needs to know of it at once."""
    return [replace(one, until=0.0, cseq=0) for one in before] == [replace(one, until=0.0, cseq=0) for one in after]

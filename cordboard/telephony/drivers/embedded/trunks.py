"""How a call is written down for a trunk: the number dialled, who calls, where it goes. Pure."""

from __future__ import annotations

import re

from cordboard.telephony.driver import PRACTICE, Identity, Trunk
from cordboard.telephony.sip.peer import Peer
from cordboard.telephony.sip.placing import Placement
from cordboard.telephony.sip.uri import BadSyntax, NameAddr, Uri

_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")


def dialable(number: str) -> bool:
    """Digits, with + in front for an international number (E.164 has 15 at most; short numbers and service codes pass)."""
    return _NUMBER.fullmatch(number) is not None


def written(number: str, form: str) -> str:
    """A number as the trunk wants it ("+", "digits", "00"); one without + stays as it is."""
    if not number.startswith("+") or form == "+":
        return number
    return ("00" if form == "00" else "") + number[1:]


def read(number: str, form: str) -> str:
    """A number as the trunk writes it, to E.164 where that can be told."""
    if form == "digits" and number.isdigit():
        return "+" + number
    return "+" + number[2:] if form == "00" and number.startswith("00") else number


def redirections(trunk: Trunk, contacts: list[str]) -> list[str]:
    """The numbers among these Contacts that calls over the trunk may be redirected to, the most wanted first (RFC 3261 section 20.10)."""
    found: list[tuple[float, str]] = []
    for value in contacts:
        try:
            address = NameAddr.parse(value)
            q = float(address.params.get("q") or 1.0)
        except ValueError:
            continue
        number = read(address.uri.number, trunk.number_format)
        if dialable(number) and any(number.startswith(prefix) for prefix in trunk.redirects):
            found.append((-q, number))
    return [number for _, number in sorted(found, key=lambda one: one[0])]


def number_shown(trunk: Trunk, wanted: str) -> str:
    """The caller's number on this trunk: the wanted one where it may be shown, else the trunk's first, "" when there is none."""
    if wanted and (trunk.any_caller_id or wanted in trunk.numbers):
        return wanted
    return trunk.numbers[0] if trunk.numbers else ""


def host_of(trunk: Trunk) -> str:
    """What stands behind the @, with the port where it is no domain."""
    if trunk.domain:
        return trunk.domain
    shown = f"[{trunk.host}]" if ":" in trunk.host else trunk.host
    return shown if trunk.port == 5060 else f"{shown}:{trunk.port}"


def peer_of(trunk: Trunk) -> Peer:
    return Peer(trunk.host, trunk.port, "udp" if trunk.transport == PRACTICE else trunk.transport)


def _uri(trunk: Trunk, user: str) -> Uri:
    host, colon, port = host_of(trunk).rpartition(":")
    if not colon or not port.isdigit():
        host, port = host_of(trunk), ""
    return Uri("sip", user, host, int(port) if port else None)


def registrar_of(trunk: Trunk) -> Uri:
    return _uri(trunk, "")


def contact_of(trunk: Trunk, host: str, port: int) -> Uri:
    """Where the trunk finds us: its code is the user, so that calls to it tell which trunk they come over."""
    return Uri("sip", trunk.code, host, port, {} if trunk.transport == "udp" else {"transport": trunk.transport})


def user_of(uri: str) -> str:
    try:
        return Uri.parse(uri).number
    except BadSyntax:
        return ""


def account_of(trunk: Trunk) -> Uri:
    """Our address of record at the trunk."""
    return _uri(trunk, trunk.username or trunk.code)


def placement(trunk: Trunk, number: str, caller_id: str, sdp: str, *, withheld: bool = False) -> Placement:
    """The call to `number` over `trunk`. A withheld number is still asserted where the trunk believes us (RFC 3325 section 7): it must know whom to bill,
    and keeps it from the one called."""
    shown = number_shown(trunk, caller_id)
    own = _uri(trunk, written(shown, trunk.number_format) or trunk.username or "anonymous")
    from_ = NameAddr(Uri("sip", "anonymous", "anonymous.invalid"), "Anonymous") if withheld else NameAddr(own)
    extra: list[tuple[str, str]] = []
    if shown and trunk.identity is not Identity.FROM:
        extra.append((f"p-{trunk.identity}-identity", f"<{own}>"))
    if withheld:
        extra.append(("privacy", "id"))
    return Placement(str(_uri(trunk, written(number, trunk.number_format))), from_, sdp, tuple(extra), trunk.code)

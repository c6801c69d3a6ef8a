"""Who calls whom, as far as a request tells: a hint, never proof. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from cordboard.telephony.sip.message import Request
from cordboard.telephony.sip.uri import BadSyntax, NameAddr, Uri


@dataclass(frozen=True, slots=True)
class Caller:
    """`number` is as received, "" when withheld."""

    number: str
    display_name: str = ""


def caller(request: Request, trusted: bool) -> Caller:
    """The user part of From; from a trusted source the asserted identity instead (RFC 3325). Withheld (anonymous From, or
    Privacy: id, user or header, RFC 3323) means "", even where the number is known: the caller asked for that."""
    address = request.from_
    wishes = {wish.strip().lower() for value in request.headers.all("privacy") for wish in value.split(";")}
    if wishes & {"id", "user", "header"} or _anonymous(address.uri):
        return Caller("")
    if trusted:
        address = _asserted(request) or address
    return Caller(address.uri.number, address.display_name)


def called(request: Request, registered_as: str = "") -> str:
    """The number dialled: the user part of the Request-URI, else of To; "" when there is none. A trunk that we are registered with calls our Contact
    (whose user is `registered_as`): then P-Called-Party-ID (RFC 7315) or To has the number."""
    try:
        number = Uri.parse(request.uri).number
    except BadSyntax:
        number = ""
    if number and number != registered_as:
        return number
    try:
        asked = NameAddr.parse(request.headers.get("p-called-party-id")).uri.number if "p-called-party-id" in request.headers else ""
    except BadSyntax:
        asked = ""
    return asked or request.to.uri.number


def _anonymous(uri: Uri) -> bool:
    return uri.number.lower() == "anonymous" or uri.host.lower() in ("anonymous.invalid", "anonymous")


def _asserted(request: Request) -> NameAddr | None:
    for value in request.headers.all("p-asserted-identity"):
        try:
            address = NameAddr.parse(value)
        except BadSyntax:
            continue
        if address.uri.number:
            return address
    return None

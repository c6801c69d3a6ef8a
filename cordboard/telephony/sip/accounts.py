"""Requests that are asked who we are: the same again, with the answer (RFC 3261 section 22)."""

from __future__ import annotations

from cordboard.telephony.sip.digest import Answering
from cordboard.telephony.sip.message import Headers, Request, Response

_HEADERS = {401: ("www-authenticate", "authorization"), 407: ("proxy-authenticate", "proxy-authorization")}
TRIES = 3
"""Requests with credentials in a row: one, and two more for nonces that grew stale."""


def copy_of(request: Request, number: int) -> Request:
    """The request as a new one with this sequence number, for another transaction."""
    headers = Headers({})
    for name, value in request.headers:
        if name not in ("via", "content-length"):
            headers.add(name, value)
    headers.set("cseq", f"{number} {request.method}")
    again = Request(request.method, request.uri, headers, request.body)
    again.read_basics()
    return again


def sign(request: Request, account: Answering, status: int = 401) -> bool:
    """Put credentials in, where the account knows a challenge; the kind of header is the one that a refusal with `status` asks for."""
    given = account.credentials(request.method, request.uri, request.body)
    if given is None:
        return False
    request.headers.set(_HEADERS[status][1], str(given))
    return True


def answered(request: Request, refusal: Response, account: Answering | None, number: int) -> Request | None:
    """The request again with credentials and sequence number `number`; None when it was no such question, or the answer would not help."""
    names = _HEADERS.get(refusal.status)
    if names is None or account is None:
        return None
    asked, answer = names
    if not account.challenged(refusal.headers.all(asked), again=answer in request.headers):
        return None
    again = copy_of(request, number)
    again.headers.remove(answer)
    return again if sign(again, account, refusal.status) else None

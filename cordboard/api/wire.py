"""What the endpoints share: methods of an address, bodies, ETags, requests sent twice, and how it says no (RFC 9457).

An address is made of endpoints, one for each method, each with the permission that it needs and what the description (openapi.py) says of it:

    versions = address(GET=Endpoint(flows.VIEW, "List the versions of a flow", list_versions, gives="Versions"))
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from cordboard.api import actions
from cordboard.org.permissions import masks
from cordboard.org.tokens import admit, problem

READS = ("GET", "HEAD")
MOST_BODY = 8_000_000
"""Bytes of a request."""
MOST_KEY = 100
JSON = "application/json"
_KEPT_HEADERS = ("ETag", "Location")


class No(Exception):
    """The request is refused: what the answer says."""

    def __init__(self, status: int, title: str, detail: str = "", **more: Any) -> None:
        self.status, self.title, self.detail, self.more = status, title, detail, more
        super().__init__(title)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of an address. `takes` and `gives` name schemas of the description; `match`: it asks for If-Match."""

    code: str
    summary: str
    do: Callable[..., HttpResponse]
    takes: str = ""
    gives: str = ""
    status: int = 200
    match: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
    """Parameters of the address, with what they are for."""


def address(*, details: bool = False, **endpoints: Endpoint) -> Callable[..., HttpResponse]:
    """The view of an address. Who writes needs a token: a browser's session is not enough, so no other site can have one's browser write. `details`: what it tells of
    customers is not for users whose role masks such details."""

    @csrf_exempt
    def view(request: HttpRequest, **parts: Any) -> HttpResponse:
        method = "GET" if request.method == "HEAD" else str(request.method)
        endpoint = endpoints.get(method)
        if endpoint is None:
            refused = problem(405, _("This address has no such method."))
            refused["Allow"] = ", ".join(endpoints)
            return refused
        refusal = admit(request, endpoint.code, token_only=method not in READS)
        if refusal is not None:
            return refusal
        if details and masks(request.user):
            return problem(403, _("Your role masks the details of customers."), _("The screens show them after an identity check; this address does not."))
        try:
            return endpoint.do(request, **parts) if method in READS else _once(request, endpoint, parts)
        except No as no:
            return problem(no.status, no.title, no.detail, **no.more)
        except PermissionDenied as denied:
            return problem(403, _("You may not do that."), str(denied))

    view.access = next(iter(endpoints.values())).code  # type: ignore[attr-defined]
    view.endpoints = endpoints  # type: ignore[attr-defined]
    return view


def _once(request: HttpRequest, endpoint: Endpoint, parts: Mapping[str, Any]) -> HttpResponse:
    """Done once for each Idempotency-Key of a user; asked again within a day, the same answer."""
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        return _told(endpoint, request, parts)
    if len(key) > MOST_KEY or not key.isprintable():
        raise No(400, _("An Idempotency-Key has at most %(most)d printable characters.") % {"most": MOST_KEY})
    digest = hashlib.sha256(
        b"\0".join((str(request.method).encode(), request.get_full_path().encode(), request.headers.get("If-Match", "").encode(), _raw(request)))
    )
    row, begins = actions.begin(request.user, key, digest.hexdigest())
    if row.digest != digest.hexdigest():
        raise No(422, _("This Idempotency-Key was used for another request."))
    if row.status is not None:
        answer = HttpResponse(row.body, status=row.status, content_type=row.headers.get("Content-Type", JSON))
        for name, value in row.headers.items():
            answer[name] = value
        answer["Idempotency-Replayed"] = "true"
        return answer
    if not begins:
        raise No(409, _("A request with this Idempotency-Key is being done. Ask again in a moment."))
    try:
        answer = _told(endpoint, request, parts)
    except BaseException:
        actions.forget(row)
        raise
    headers = {name: answer[name] for name in ("Content-Type", *_KEPT_HEADERS) if name in answer}
    actions.keep(row, answer.status_code, answer.content.decode(), headers)
    return answer


def _told(endpoint: Endpoint, request: HttpRequest, parts: Mapping[str, Any]) -> HttpResponse:
    """Refusals as answers: they too are the same when asked again."""
    try:
        return endpoint.do(request, **parts)
    except No as no:
        return problem(no.status, no.title, no.detail, **no.more)


def answer(body: Any, status: int = 200, *, etag: str = "", location: str = "") -> HttpResponse:
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=str) if body is not None else "", status=status, content_type=JSON
    )
    response["Cache-Control"] = "no-store"
    if etag:
        response["ETag"] = f'"{etag}"'
    if location:
        response["Location"] = location
    return response


def _raw(request: HttpRequest) -> bytes:
    if int(request.headers.get("Content-Length") or 0) > MOST_BODY or len(request.body) > MOST_BODY:
        raise No(413, _("The request is too large."), _("At most %(megabytes)s MB.") % {"megabytes": MOST_BODY // 1_000_000})
    return request.body


def body(request: HttpRequest, known: Mapping[str, type], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """The members of a JSON object, each of its type. Raises No."""
    raw = _raw(request)
    if not raw and not required:
        return {}
    if request.content_type != JSON:
        raise No(415, _("Send JSON: Content-Type: application/json."))
    try:
        data = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise No(400, _("This is no JSON.")) from None
    if not isinstance(data, dict):
        raise No(400, _("An object is expected."))
    for name, value in data.items():
        if name not in known:
            raise No(422, _("There is no such member."), _("There are: %(names)s.") % {"names": ", ".join(sorted(known))}, parameter=name)
        if not isinstance(value, known[name]) or (known[name] is int and isinstance(value, bool)):
            raise No(422, _("This member is of another type."), parameter=name)
    for name in required:
        if name not in data:
            raise No(422, _("A member is missing."), parameter=name)
    return data


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def raw(request: HttpRequest) -> bytes:
    """The whole body, of a file that is taken in."""
    return _raw(request)


def wanted(request: HttpRequest) -> str | None:
    """The tag in If-Match; None when there is none but If-None-Match: * (it must not be there yet). Raises No when neither is sent."""
    given = request.headers.get("If-Match", "")
    if given:
        return given.strip().removeprefix("W/").strip('"')
    if request.headers.get("If-None-Match", "").strip() == "*":
        return None
    raise No(428, _("Say what you have seen."), _("Send the ETag of the draft as If-Match, or If-None-Match: * to begin one."))


def stale(detail: str, etag: str, **more: Any) -> No:
    """Somebody else was quicker."""
    return No(412, _("It is not what you have seen any more."), detail, etag=etag, **more)


def missing() -> No:
    return No(404, _("There is no such thing."))

"""Which web services flows may ask: the administrators' list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.flows import events, files
from cordboard.flows.actions import Refused, actor, may
from cordboard.flows.models import WebService
from cordboard.flows.permissions import SERVICES
from cordboard.lib.sealed import seal

_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,59}")
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-type", "authorization"})


def set_service(
    code: str,
    name: str,
    base_url: str,
    by: Any,
    *,
    auth: str = "",
    auth_header: str = "",
    secret: str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float = 5.0,
    inside: bool = False,
    active: bool = True,
) -> WebService:
    """Put a service on the list, or change it. `secret` is sealed and never shown again; None leaves it as it is. `inside`: it may be at a private address.
    `timeout` in seconds. Raises Refused, PermissionDenied."""
    may(by, SERVICES)
    if not files.is_code(code):
        raise Refused("code", _("A code has lower case letters, digits and hyphens, at most 60."))
    if not name.strip() or len(name) > 120:
        raise Refused("name", _("A service has a name of at most 120 characters."))
    try:
        parts = urlsplit(base_url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.username or parts.password or parts.query or parts.fragment)
        good = good and (parts.port is None or parts.port > 0) and len(base_url) <= 300 and base_url.isascii() and base_url.isprintable()
    except ValueError:
        good = False
    if not good:
        raise Refused("address", _("The address begins with https:// or http:// and has no user, question mark or fragment."))
    if auth not in WebService.Auth.values:
        raise Refused("auth", _("There is no such way to prove who we are."))
    if auth == WebService.Auth.HEADER and not _HEADER.fullmatch(auth_header or "X-Api-Key"):
        raise Refused("header", _("This is no name of a header."))
    for header, value in (headers or {}).items():
        if not _HEADER.fullmatch(header) or header.lower() in _OURS or not isinstance(value, str) or not value.isprintable() or len(value) > 500:
            raise Refused("header", _("This is no name of a header."))
    if not 0.1 <= timeout <= 30:
        raise Refused("timeout", _("A service has from 0.1 to 30 seconds to answer."))
    fields: dict[str, Any] = {
        "name": name.strip(), "base_url": base_url, "auth": auth, "auth_header": auth_header, "timeout": timeout, "inside": inside, "active": active,
    }  # fmt: skip
    if headers is not None:
        fields["headers"] = dict(headers)
    if secret is not None:
        fields["secret"] = seal(secret)
    with transaction.atomic():
        row, made = WebService.objects.update_or_create(code=code, defaults=fields)
        log.record(events.SERVICE_SET, actor=actor(by), service=row.pk, code=code, fields=sorted(fields), new=made)
    return row


def delete_service(code: str, by: Any) -> None:
    """Flows that ask it take their exit for a failure from now on. Raises Refused, PermissionDenied."""
    may(by, SERVICES)
    with transaction.atomic():
        row = WebService.objects.select_for_update().filter(code=code).first()
        if row is None:
            raise Refused("gone", _("This service is not there any more."))
        pk = row.pk
        row.delete()
        log.record(events.SERVICE_DELETED, actor=actor(by), service=pk, code=code)

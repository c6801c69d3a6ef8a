"""Which web services flows may ask, and which services and databases look-ups may: the administrators' list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.flows import events, files, lookup_sql, lookups, queries_lookups
from cordboard.flows.actions import Refused, actor, may
from cordboard.flows.models import WebService
from cordboard.flows.permissions import SERVICES
from cordboard.lib.keeping import check
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
    kind: str = WebService.Kind.HTTP,
) -> WebService:
    """Put a service on the list, or change it. `secret` is sealed and never shown again; None leaves it as it is. `inside`: it may be at a private address.
    `timeout` in seconds. `kind`: of a database, `base_url` is the file's path or postgresql://user@host:port/name, and the secret its password. Raises Refused, PermissionDenied."""
    may(by, SERVICES)
    fields = _checked(code, name, base_url, auth, auth_header, headers, timeout, inside, active, kind)
    if secret is not None:
        fields["secret"] = seal(secret)
    with transaction.atomic():
        before = WebService.objects.select_for_update().filter(code=code).first()
        if before is not None and before.kind != kind and before.lookups.exists():
            raise Refused("kind", _("Look-ups ask it: %(names)s. It stays what it is.") % {"names": ", ".join(queries_lookups.lookups_of(before))})
        if before is not None and before.secret and secret is None and _server(before.base_url) != _server(base_url):
            raise Refused("secret", _("The address leads to another server now. Give the secret for that one."))
        row, made = WebService.objects.update_or_create(code=code, defaults=fields)
        log.record(events.SERVICE_SET, actor=actor(by), service=row.pk, code=code, fields=sorted(fields), new=made)
    for one in row.lookups.values_list("code", flat=True):
        lookups.rest(one)
    return row


def service_values(row: WebService) -> dict[str, Any]:
    """What `keep_service` takes, but for the secret, of which it only says whether there is one."""
    names = ("name", "kind", "base_url", "auth", "auth_header", "timeout", "inside", "active")
    return {**{name: getattr(row, name) for name in names}, "kept": bool(row.secret)}


def keep_service(by: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "") -> WebService:
    """As `set_service`, from a page that shows what it changes. Raises Changed too."""
    may(by, SERVICES)
    with transaction.atomic():
        if number is not None:
            row = WebService.objects.select_for_update().get(pk=number)
            check(seen, service_values(row))
            code = row.code
        elif WebService.objects.filter(code=code).exists():
            raise Refused("code", _("There is a service with this code already."))
        given = {name: value for name, value in values.items() if name not in ("name", "base_url")}
        return set_service(code, str(values["name"]), str(values["base_url"]), by, **given)


def _checked(
    code: str,
    name: str,
    base_url: str,
    auth: str,
    auth_header: str,
    headers: Mapping[str, str] | None,
    timeout: float,
    inside: bool,
    active: bool,
    kind: str,
) -> dict[str, Any]:
    if not files.is_code(code):
        raise Refused("code", _("A code has lower case letters, digits and hyphens, at most 60."))
    if not name.strip() or len(name) > 120:
        raise Refused("name", _("A service has a name of at most 120 characters."))
    if kind not in WebService.Kind.values:
        raise Refused("kind", _("There is no such kind of service."))
    _address(kind, base_url)
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
        "kind": kind,
    }  # fmt: skip
    if headers is not None:
        fields["headers"] = dict(headers)
    return fields


def _server(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port


def _address(kind: str, address: str) -> None:
    if len(address) > 300 or not address.isprintable():
        raise Refused("address", _("This address is too long, or has characters that none has."))
    if kind == WebService.Kind.SQLITE:
        if not address.startswith("/") or ".." in address.split("/"):
            raise Refused("address", _("Give the file's whole path, beginning with /."))
        if lookup_sql.is_ours(address):
            raise Refused("address", _("The centre's own data is not looked up so."))
        return
    try:
        parts = urlsplit(address)
        good = bool(parts.hostname) and not (parts.password or parts.query or parts.fragment) and (parts.port is None or parts.port > 0) and address.isascii()
    except ValueError:
        good = False
    else:
        if kind == WebService.Kind.HTTP:
            good = good and parts.scheme in ("http", "https") and not parts.username
        else:
            good = good and parts.scheme == "postgresql" and bool(parts.username) and len(parts.path) > 1 and "/" not in parts.path[1:]
    if not good and kind == WebService.Kind.HTTP:
        raise Refused("address", _("The address begins with https:// or http:// and has no user, question mark or fragment."))
    if not good:
        raise Refused("address", _("The address is like postgresql://user@host:5432/name, without the password."))
    if kind == WebService.Kind.POSTGRESQL and lookup_sql.own_postgresql(parts.hostname or "", parts.port or 5432, parts.path[1:]):
        raise Refused("address", _("The centre's own data is not looked up so."))


def delete_service(code: str, by: Any) -> None:
    """Raises Refused while a published flow or a look-up asks it, PermissionDenied."""
    may(by, SERVICES)
    with transaction.atomic():
        row = WebService.objects.select_for_update().filter(code=code).first()
        if row is None:
            raise Refused("gone", _("This service is not there any more."))
        if names := queries_lookups.lookups_of(row):
            raise Refused("used", _("Look-ups ask it: %(names)s. Remove them first.") % {"names": ", ".join(names)})
        if names := queries_lookups.flows_of(code):
            raise Refused("used", _("Published flows ask it: %(names)s. Take it out there first, or switch it off.") % {"names": ", ".join(names)})
        pk = row.pk
        row.delete()
        log.record(events.SERVICE_DELETED, actor=actor(by), service=pk, code=code)

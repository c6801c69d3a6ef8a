"""Asking a web service that an administrator has allowed. Plain HTTP of our own, since what matters is what it does not do:

- It asks only services that are on the list (models.WebService), at paths below their base address.
- Names are resolved once and that address is connected to; private, loopback and link-local addresses are refused unless the service is marked as one of
  the house (RFC 1918, RFC 6890), so that a name cannot be turned towards the house afterwards.
- No redirects, at most a megabyte, JSON only, and never longer than its time, however slowly the other side sends.
- Nothing here touches the database: `plan` reads it (and the sealed secret), `fetch` may then take its time outside of any transaction.
"""

from __future__ import annotations

import base64
import http.client
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cordboard.flows.effects import LookedUp
from cordboard.flows.models import WebService
from cordboard.lib.sealed import Unreadable, unseal

MOST = 1_000_000
"""Bytes of an answer."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is needed to ask a service."""

    base: str
    headers: Mapping[str, str]
    timeout: float
    inside: bool


def plan(code: str) -> Plan | None:
    """The service by its code; None when it is not on the list, was switched off, or its secret cannot be read."""
    row = WebService.objects.filter(code=code, active=True).first()
    return plan_of(row) if row is not None else None


def plan_of(row: WebService) -> Plan | None:
    """As `plan`, of a row that was read."""
    if not row.active or row.kind != WebService.Kind.HTTP:
        return None
    headers = {str(name): str(value) for name, value in row.headers.items()}
    try:
        secret = unseal(row.secret)
    except Unreadable:
        return None
    if secret and row.auth == WebService.Auth.BEARER:
        headers["Authorization"] = f"Bearer {secret}"
    elif secret and row.auth == WebService.Auth.BASIC:
        headers["Authorization"] = f"Basic {base64.b64encode(secret.encode()).decode()}"
    elif secret and row.auth == WebService.Auth.HEADER:
        headers[row.auth_header or "X-Api-Key"] = secret
    return Plan(row.base_url, headers, row.timeout, row.inside)


def fetch(wanted: Plan | None, path: str, body: Mapping[str, Any] | None, timeout: float) -> LookedUp:
    """Ask, and never longer than `timeout` seconds or the service's own. What goes wrong is a word in `failed`: "not_allowed", "timeout", "unreachable",
    "refused" (an error status), "too_large", "not_json". Nothing found (404) is no result."""
    if wanted is None:
        return LookedUp(failed="not_allowed")
    limit = max(0.05, min(timeout, wanted.timeout))
    found: list[LookedUp] = []
    asking = _Asking(wanted, path, body, limit)

    def ask() -> None:
        found.append(asking.ask())

    thread = threading.Thread(target=ask, name="web-service", daemon=True)
    thread.start()
    thread.join(limit)
    if not found:
        asking.give_up()  # ends the thread too: its socket is gone
        return LookedUp(failed="timeout")
    return found[0]


class _Asking:
    def __init__(self, wanted: Plan, path: str, body: Mapping[str, Any] | None, limit: float) -> None:
        self.wanted, self.path, self.body, self.limit = wanted, path, body, limit
        self.socket: socket.socket | None = None
        self.over = False

    def give_up(self) -> None:
        self.over = True
        if self.socket is not None:
            try:
                self.socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                self.socket.close()  # was not connected, or the other side was quicker

    def ask(self) -> LookedUp:
        parts = urlsplit(self.wanted.base)
        host, secure = parts.hostname or "", parts.scheme == "https"
        path = f"{parts.path.rstrip('/')}{self.path if not self.path or self.path.startswith('/') else '/' + self.path}" or "/"
        if not host or parts.scheme not in ("http", "https") or any(ord(one) <= 32 or ord(one) > 126 for one in path) or _leaves(path):
            return LookedUp(failed="not_allowed")
        port = parts.port or (443 if secure else 80)
        try:
            address = allowed_address(host, port, self.wanted.inside)
            if address is None:
                return LookedUp(failed="not_allowed")
            plain = socket.create_connection((address, port), self.limit)
            self.socket = ssl.create_default_context().wrap_socket(plain, server_hostname=host) if secure else plain
            if self.over:
                self.give_up()
            return self._exchange(host, port, path)
        except TimeoutError:
            return LookedUp(failed="timeout")
        except (OSError, http.client.HTTPException, UnicodeError):
            return LookedUp(failed="timeout" if self.over else "unreachable")
        finally:
            if self.socket is not None:
                self.socket.close()

    def _exchange(self, host: str, port: int, path: str) -> LookedUp:
        connection = http.client.HTTPConnection(host, port, timeout=self.limit)
        connection.sock = self.socket
        data = None if self.body is None else json.dumps(self.body, default=str).encode()
        headers = {"Accept": "application/json", "User-Agent": "Cordboard", "Connection": "close", **self.wanted.headers}
        if data is not None:
            headers["Content-Type"] = "application/json"
        connection.request("GET" if data is None else "POST", path, data, headers)
        answer = connection.getresponse()
        if answer.status in (404, 410, 204):
            return LookedUp(None)
        if not 200 <= answer.status < 300:  # a redirect too: where it leads is not on the list
            return LookedUp(failed="refused")
        content = answer.read(MOST + 1)
        if len(content) > MOST:
            return LookedUp(failed="too_large")
        try:
            return LookedUp(json.loads(content, parse_constant=_no_constant))
        except (ValueError, RecursionError):
            return LookedUp(failed="not_json")


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _leaves(path: str) -> bool:
    """Whether a path may lead out of where it begins."""
    return any(part in ("..", ".") for part in path.split("?")[0].replace("%2e", ".").replace("%2E", ".").split("/")) or "\\" in path or "#" in path


def allowed_address(host: str, port: int, inside: bool) -> str | None:
    """The address to connect to; None when the name leads to the house and the service is none of it. Raises OSError for a name that there is not."""
    for _family, _kind, _protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        ip = ipaddress.ip_address(str(address[0]).partition("%")[0])
        mapped = getattr(ip, "ipv4_mapped", None)
        outside = (mapped or ip).is_global and not (mapped or ip).is_multicast
        if outside or (inside and not (mapped or ip).is_multicast and not (mapped or ip).is_unspecified):
            return str(address[0])
    return None

"""What browsers are told about ways through their networks: STUN and TURN servers (RFC 8489, RFC 8656), and short-lived credentials for the latter.

A browser in an office finds the media process directly. One behind a router that lets no UDP through needs a TURN server, which relays its sound. The credentials are
made for one connection, in the form that TURN servers share a secret with their users' application by ("REST API for access to TURN services",
draft-uberti-behave-turn-rest): the user name is the time at which they end, and the password its HMAC.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import re
from dataclasses import dataclass, field
from functools import lru_cache

from cordboard.lib.config import Config

log = logging.getLogger(__name__)

_STUN = re.compile(r"stuns?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?")
_TURN = re.compile(r"turns?:(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?(\?transport=(udp|tcp))?")


class BadServer(ValueError):
    """It is no address of a STUN or TURN server; the text says which."""


@dataclass(frozen=True, slots=True)
class Servers:
    """As configured. `secret` is shared with the TURN servers; with a `user` instead, these fixed credentials are used. `lifetime` in seconds: of a credential, and so
    the longest that a call by TURN can be."""

    urls: tuple[str, ...] = ()
    secret: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    lifetime: int = 12 * 3600

    def __post_init__(self) -> None:
        """Raises BadServer."""
        for url in self.urls:
            if not (_STUN.fullmatch(url) or _TURN.fullmatch(url)):
                raise BadServer(f"{url} is no STUN or TURN server (CORDBOARD_ICE_SERVERS), such as stun:192.0.2.1:3478 or turn:192.0.2.1:3478?transport=tcp")
        if any(url.startswith("turn") for url in self.urls) and not (self.secret or (self.user and self.password)):
            raise BadServer("a TURN server needs CORDBOARD_TURN_SECRET, or CORDBOARD_TURN_USER and CORDBOARD_TURN_PASSWORD")

    def for_browser(self, who: str, now: float) -> list[dict[str, str]]:
        """For `RTCPeerConnection`'s iceServers: urls, username and credential. `who` is told to the TURN server for its log; `now` in seconds since the epoch."""
        found: list[dict[str, str]] = []
        for url in self.urls:
            if url.startswith("turn"):
                name, password = self._credential(who, now)
                found.append({"urls": url, "username": name, "credential": password})
            else:
                found.append({"urls": url})
        return found

    def _credential(self, who: str, now: float) -> tuple[str, str]:
        if not self.secret:
            return self.user, self.password
        name = f"{int(now) + self.lifetime}:{re.sub(r'[^A-Za-z0-9-]', '-', who)}"
        return name, base64.b64encode(hmac.new(self.secret.encode(), name.encode(), hashlib.sha1).digest()).decode()


def checked(conf: Config) -> Servers:
    """This installation's. Raises BadServer."""
    return Servers(conf.ice_servers, conf.turn_secret, conf.turn_user, conf.turn_password, conf.turn_seconds)


@lru_cache(maxsize=8)
def of(conf: Config) -> Servers:
    """This installation's; none where they are configured wrongly, which is told and costs nobody the telephone."""
    try:
        return checked(conf)
    except BadServer as problem:
        log.error("browsers are told of no STUN and TURN servers: %s", problem)
        return Servers()

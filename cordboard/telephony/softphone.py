"""What a page's softphone and the switch say to one another: the inside of `softphone` messages on `/live`. The catalogue.

JSON objects with a `type` (the class name in snake_case) and the fields below. Unknown fields are passed over; a message that is
not of this catalogue is refused and costs nothing else. The front passes them on and adds who speaks (:mod:`switchlink`); a page
cannot speak for another, nor about a leg that is not its user's (or its guest's).

A call to an agent::

    page                                  switch
    register {tab, legs: []}      ->              a page took the softphone; the newest of a user's pages has it
                                  <-      connect {leg, call, codec, ice}   while it is offered
    offer {leg, sdp}              ->
                                  <-      answer {leg, sdp}                 ICE and DTLS begin, sound flows when bridged
    key, media                    ->
                                  <-      drop {leg, cause}                 close the connection

A call from a guest's page (`/call`)::

    invite {sdp, to}              ->
                                  <-      placed {call, leg}
                                  <-      ringing {leg}
                                  <-      answer {leg, sdp}
    hang_up {leg}                 ->      or  <-  drop {leg, cause}

A socket that closes changes nothing about a leg: its media does. When the socket is back, or the switch is (`register_again`), the page
registers anew with the legs it still has a live connection for, and goes on; a guest's page does the same.
"""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from dataclasses import dataclass
from functools import cache
from typing import Any

SDP_LIMIT = 64 * 1024
"""Longest SDP in characters."""


# ---- from the page ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Register:
    """This page is its user's softphone now, or (a guest's page, or with `softphone` false: one that lost the telephone to another page but still has
    live legs) is back. `tab` is drawn once per browser tab and survives a reload
    of the page (sessionStorage); `legs` are those with a live connection in this page. A leg that the switch thinks is in
    this tab and is not in `legs` is connected anew (`connect`); one in `legs` that is over is dropped (`drop`)."""

    tab: str = ""
    legs: tuple[str, ...] = ()
    softphone: bool = True


@dataclass(frozen=True, slots=True)
class Unregister:
    """This page is no softphone any more (sign-out, microphone taken away). Its live legs go on."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The browser's SDP offer with all its candidates, asked for by :class:`Connect` (or anew for a leg of this page: ICE restart)."""

    leg: str
    sdp: str


@dataclass(frozen=True, slots=True)
class Decline:
    """The page cannot connect. `reason`: "microphone" (refused or gone) or what the browser said."""

    leg: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """One of 0-9, *, #, A-D was pressed."""

    leg: str
    key: str


@dataclass(frozen=True, slots=True)
class Media:
    """How the connection is, when `state` (RTCPeerConnection.connectionState) changes and every ten seconds. Times in milliseconds, `lost` as
    a share from 0 to 1. "failed" makes the switch ask for a new connection."""

    leg: str
    state: str
    round_trip: float = 0.0
    jitter: float = 0.0
    lost: float = 0.0


@dataclass(frozen=True, slots=True)
class Invite:
    """A guest's page places its call. `to` is the number on the page; who calls stands in the guest's token."""

    sdp: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class HangUp:
    """A guest hangs up. (An agent hangs up by the desktop's action, which is recorded.)"""

    leg: str


FromPage = Register | Unregister | Offer | Decline | Key | Media | Invite | HangUp


# ---- to the page ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterAgain:
    """The switch is new: every page with a softphone or a live leg registers."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Another page of this user is the softphone now. Live legs stay with this one."""


@dataclass(frozen=True, slots=True)
class Connect:
    """Make a connection for this leg and send :class:`Offer`, preferring `codec` ("opus", "PCMU" or "PCMA": the customer's). A connection that the page
    already has for the leg is closed first."""

    leg: str
    call: str
    codec: str
    ice: tuple[dict[str, str], ...] = ()
    """STUN and TURN servers to ask, as RTCPeerConnection wants them; credentials hold for this connection."""


@dataclass(frozen=True, slots=True)
class Answer:
    leg: str
    sdp: str


@dataclass(frozen=True, slots=True)
class Drop:
    """The leg is over, or not this page's any more. `cause` is one of `driver.Cause`."""

    leg: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Quality:
    """How well this leg's call is heard, when that changes: estimated mean opinion score (1 to 4.4) of its worst leg."""

    leg: str
    mos: float


@dataclass(frozen=True, slots=True)
class Placed:
    """A guest's call has come in and has this leg."""

    call: str
    leg: str


@dataclass(frozen=True, slots=True)
class Ringing:
    leg: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A guest's call was not taken. `cause` is one of `driver.Cause`."""

    cause: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A message of the page was not understood; for its developers."""

    reason: str


ToPage = RegisterAgain | Replaced | Connect | Answer | Drop | Quality | Placed | Ringing | Refused | Problem


# ---- dataclasses to JSON and back -------------------------------------------------------------------------------


class BadMessage(ValueError):
    """Not a message of the catalogue."""


def type_name(kind: type) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


_FROM_PAGE = {type_name(kind): kind for kind in typing.get_args(FromPage)}
_TO_PAGE = {type_name(kind): kind for kind in typing.get_args(ToPage)}


def encode(message: FromPage | ToPage) -> dict[str, Any]:
    return {"type": type_name(type(message)), **dataclasses.asdict(message)}


def from_page(data: Any) -> FromPage:
    """Raises BadMessage."""
    return typing.cast(FromPage, _decode(_FROM_PAGE, data))


def to_page(data: Any) -> ToPage:
    """Raises BadMessage."""
    return typing.cast(ToPage, _decode(_TO_PAGE, data))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode(kinds: dict[str, type], data: Any) -> Any:
    if not isinstance(data, dict) or not isinstance(name := data.get("type"), str) or name not in kinds:
        raise BadMessage("not a known message")
    kind = kinds[name]
    values: dict[str, Any] = {}
    for field, hint in _hints(kind).items():
        if field not in data:
            continue
        value = data[field]
        if hint is float and type(value) is int:
            value = float(value)
        if isinstance(hint, types.GenericAlias):  # tuple[str, ...]
            each = typing.get_args(hint)[0]
            each = typing.get_origin(each) or each
            if not isinstance(value, list) or not all(isinstance(item, each) for item in value):
                raise BadMessage(f"{name}.{field} must be a list of {'strings' if each is str else 'objects'}")
            value = tuple(value[:100])
        elif not isinstance(value, hint):
            raise BadMessage(f"{name}.{field} must be {hint.__name__}")
        if isinstance(value, str) and len(value) > SDP_LIMIT:
            raise BadMessage(f"{name}.{field} is too long")
        values[field] = value
    try:
        return kind(**values)
    except TypeError as error:
        raise BadMessage(f"{name}: {error}") from None

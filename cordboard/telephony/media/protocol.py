"""What the switch and a media process say to one another over a Unix socket: JSON, one object a line.

The media process listens, the switch connects; the newest connection wins and the one before is told so
(`{"superseded": true}`). Three kinds of lines:

- request, switch to media: `{"id": 7, "request": {"type": "Offer", ...}}`. A request is one of the classes below or
  a command of :mod:`cordboard.telephony.driver` that concerns media (`MediaCommand`).
- reply, media to switch: `{"re": 7, "reply": {"type": "Sdp", ...}}` or `{"re": 7, "error": "no_codec", "detail": "..."}`.
- event, media to switch: `{"n": 12, "event": {"type": "KeyPressed", ...}}`. Events are kept until the switch says
  `{"ack": 12}` ("I have dealt with everything up to 12"), and are sent again to the next switch: each is delivered
  at least once, in order; `n` rises by one within a media process's life.

Calls, legs and bridges live in the media process and outlive the switch. Legs do not end by themselves: the switch
closes them (it knows why they ended); the media process says when sound stopped (`MediaLost`) or could not start (`LegFailed`).
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from cordboard.telephony import driver

LINE_LIMIT = 4 * 1024 * 1024
"""Longest line in bytes; a connection that sends a longer one is closed."""

MEMO_LIMIT = 256 * 1024
"""Longest memo or note in characters."""

EVENTS_KEPT = 20_000
"""Unacknowledged events kept for the next switch; beyond it the oldest are dropped and counted (`Status.events_dropped`)."""


class LegKind(StrEnum):
    SIP = "sip"  # plain RTP, SDP carried by SIP
    BROWSER = "browser"  # ICE, DTLS-SRTP, SDP carried by the live socket


class LegState(StrEnum):
    RINGING = "ringing"
    UP = "up"


class Codec(StrEnum):
    """Codecs by their names in SDP."""

    OPUS = "opus"
    PCMU = "PCMU"
    PCMA = "PCMA"


class Error(StrEnum):
    """Why a request was refused; `detail` says it in words."""

    NO_CODEC = "no_codec"  # nothing both sides can speak
    BAD_SDP = "bad_sdp"
    NO_SUCH_CALL = "no_such_call"
    NO_SUCH_LEG = "no_such_leg"
    NO_SUCH_RECORDING = "no_such_recording"
    NO_PORTS = "no_ports"
    DISK = "disk"  # a recording's file cannot be opened
    NOT_CONNECTED = "not_connected"  # the media process is gone, or went before it replied
    BAD_REQUEST = "bad_request"
    FAILED = "failed"


# ---- requests ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Offer:
    """The far side's SDP offer. A leg that is not there yet is made, and its call with it; for a standing leg it is a re-INVITE or, for a
    browser, a new connection after a page reload. Reply: :class:`Sdp` with our answer. `prefer` orders codecs (ours is the choice). `source` is the address that
    the offer came from, of one whom nobody knows: sound is sent to another address only when it has come from there."""

    call: str
    leg: str
    kind: LegKind
    sdp: str
    prefer: tuple[Codec, ...] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class MakeOffer:
    """Make a SIP leg (or take a standing one) and reply with our :class:`Sdp` offer. `FarAnswer` with the far side's answer follows. `hold`: we send to
    the far side (music) and do not listen (RFC 3264 section 8.4). `source` as in :class:`Offer`: of one who asked us to offer."""

    call: str
    leg: str
    prefer: tuple[Codec, ...] = ()
    hold: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True)
class FarAnswer:
    """The far side's answer to our offer. Reply: :class:`Sdp` with an empty `sdp` and the chosen codec."""

    leg: str
    sdp: str


@dataclass(frozen=True, slots=True)
class Note:
    """Keep `state` and `note` (any text, such as the SIP dialog) with the leg. A SIP leg sends silence from the moment it is up;
    a browser's leg becomes up by itself when it is connected. Reply: :class:`Done`."""

    leg: str
    state: LegState | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CloseLeg:
    """Let go of the leg: it leaves the bridge, its collection and play end. Closing a leg that is gone is no error. Reply: :class:`LegStats`.
    The call stays until `CloseCall`, but its recordings end with the last leg."""

    leg: str


@dataclass(frozen=True, slots=True)
class CloseCall:
    """Let go of the call with all legs, recordings and its memo. Reply: :class:`Done`, after which `RecordingEnded` may still come."""

    call: str


@dataclass(frozen=True, slots=True)
class Press:
    """A key that came another way than through the leg's media (a browser's live socket). Reply: :class:`Done`."""

    leg: str
    key: str


@dataclass(frozen=True, slots=True)
class List:
    """What stands? Reply: :class:`Calls`."""


@dataclass(frozen=True, slots=True)
class GetStatus:
    """How is the process? Reply: :class:`Status`."""


MediaCommand = (
    driver.Play
    | driver.StopPlay
    | driver.CollectKeys
    | driver.Music
    | driver.Bridge
    | driver.Gain
    | driver.Record
    | driver.StopRecording
    | driver.SendKeys
    | driver.Detect
    | driver.Remember
)
"""The driver's commands that a media process performs as they stand. Reply: :class:`Done`."""

Request = Offer | MakeOffer | FarAnswer | Note | CloseLeg | CloseCall | Press | List | GetStatus | MediaCommand


# ---- replies ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Done:
    pass


@dataclass(frozen=True, slots=True)
class Sdp:
    """`codec` is what we send in ("" while it is not known); `dtmf` tells whether RFC 4733 keys were agreed."""

    sdp: str
    codec: str = ""
    dtmf: bool = False


@dataclass(frozen=True, slots=True)
class LegStats:
    """Packets and bytes of sound in both directions; `dropped` counts by reason what came and was refused."""

    packets_in: int = 0
    packets_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    lost: int = 0
    dropped: dict[str, int] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StandingLeg:
    leg: str
    kind: LegKind
    state: LegState
    codec: str
    media_lost: bool
    note: str


@dataclass(frozen=True, slots=True)
class StandingCall:
    call: str
    memo: str
    legs: tuple[StandingLeg, ...]
    bridge: tuple[str, ...]
    recordings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Calls:
    calls: tuple[StandingCall, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """`boot` is drawn anew by every media process at its start. Times in seconds. `late_ticks` counts ticks of 20 ms that came over 20 ms late."""

    number: int
    boot: str
    pid: int
    calls: int
    legs: int
    recordings: int
    ticks: int
    late_ticks: int
    worst_lateness: float
    events_dropped: int
    draining: bool = False


Reply = Done | Sdp | LegStats | Calls | Status


# ---- events -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LegFailed:
    """The leg's media cannot be had (ICE or DTLS failed). The leg stands until it is closed or offered anew."""

    leg: str
    reason: str


@dataclass(frozen=True, slots=True)
class ProcessUp:
    """Made by the client: connected. `fresh` tells that this is another process than the one we last knew: what lived in that is gone."""

    number: int
    boot: str
    fresh: bool
    draining: bool = False


@dataclass(frozen=True, slots=True)
class Draining:
    """The process is being stopped politely: no new call is to begin in it. It ends when the last one has."""

    number: int


@dataclass(frozen=True, slots=True)
class ProcessDown:
    """Made by the client: the connection broke; it tries again by itself. Legs may still stand: `ProcessUp` with `fresh` tells."""

    number: int


@dataclass(frozen=True, slots=True)
class Superseded:
    """Made by the client: a newer switch took the media process; this client is through."""

    number: int


MediaEvent = (
    driver.LegUp  # a browser's leg got connected (again)
    | driver.KeyPressed
    | driver.Detected
    | driver.PlayEnded
    | driver.KeysCollected
    | driver.MediaLost
    | driver.MediaRestored
    | driver.LegQuality
    | driver.RecordingEnded
    | LegFailed
    | Draining
    | ProcessUp
    | ProcessDown
    | Superseded
)


# ---- dataclasses to JSON and back -------------------------------------------------------------------------------

_NAMED: dict[str, type] = {kind.__name__: kind for union in (Request, Reply, MediaEvent) for kind in typing.get_args(union)}


class ProtocolError(ValueError):
    """A line that is not of this protocol."""


def encode(value: Any) -> dict[str, Any]:
    """A request, reply or event as plain JSON data, its class under `type`."""
    return {"type": type(value).__name__, **dataclasses.asdict(value)}


def decode(data: Any) -> Any:
    """The dataclass that :func:`encode` was given. Unknown fields are passed over (two versions run side by side during an upgrade).

    :raises ProtocolError: when it is not one, or a field has a wrong type.
    """
    if not isinstance(data, dict) or not isinstance(name := data.get("type"), str) or name not in _NAMED:
        raise ProtocolError(f"not a known message: {str(data)[:80]}")
    return _object(_NAMED[name], data)


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _object(kind: type, data: Any) -> Any:
    if not isinstance(data, dict):
        raise ProtocolError(f"{kind.__name__} must be an object")
    values = {name: _value(hint, data[name]) for name, hint in _hints(kind).items() if name in data}
    try:
        return kind(**values)
    except TypeError as error:
        raise ProtocolError(f"{kind.__name__}: {error}") from None


def _value(hint: Any, data: Any) -> Any:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        options = typing.get_args(hint)
        if data is None and type(None) in options:
            return None
        return _value(next(option for option in options if option is not type(None)), data)
    if origin is tuple:
        if not isinstance(data, (list, tuple)):
            raise ProtocolError(f"expected a list, got {data!r:.60}")
        return tuple(_value(typing.get_args(hint)[0], item) for item in data)
    if origin is dict:
        if not isinstance(data, dict):
            raise ProtocolError(f"expected an object, got {data!r:.60}")
        return {str(key): _value(typing.get_args(hint)[1], item) for key, item in data.items()}
    if dataclasses.is_dataclass(hint):
        return _object(typing.cast(type, hint), data)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        try:
            return hint(data)
        except ValueError as error:
            raise ProtocolError(str(error)) from None
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if not isinstance(data, hint) or (hint is int and isinstance(data, bool)):
        raise ProtocolError(f"expected {hint.__name__}, got {data!r:.60}")
    return data


def line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def parse(raw: bytes) -> dict[str, Any]:
    """:raises ProtocolError: when the line is no JSON object."""
    try:
        data = json.loads(raw)
    except ValueError:
        raise ProtocolError("not JSON") from None
    if not isinstance(data, dict):
        raise ProtocolError("not an object")
    return data

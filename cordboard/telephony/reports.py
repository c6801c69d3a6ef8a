"""What a driver reports: the events of the driver contract (see `driver`)."""

from __future__ import annotations

from dataclasses import dataclass, field

from cordboard.telephony.carriers import LegHeld, TransferRequested, TrunkAnswered, TrunkState
from cordboard.telephony.commands import Cause, Command, EndpointKind
from cordboard.telephony.handsets import PhoneDials, PhoneRegistered
from cordboard.telephony.quality import LegQuality


@dataclass(frozen=True, slots=True)
class CallOffered:
    """A call from outside. `ani` and `dnis` are as received ("" when withheld); `claims` come from the signed token of a web caller
    (language, name, page) and are hints. The leg must get Ring, Answer or Reject within 10 s. A call of which nothing was remembered when a
    switch died before that is offered again, with the same ids, to the next one. `phone` is the account of a telephone of ours that has proved
    to be the caller, "" for everybody else. `trunk` is the one that it came over, "" for none."""

    call: str
    leg: str
    ani: str
    dnis: str
    kind: EndpointKind
    display_name: str = ""
    claims: dict[str, str] = field(default_factory=dict)
    phone: str = ""
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class LegUp:
    """The leg is connected and sound can flow. `trunk` is the one that carries it, "" for legs that need none."""

    leg: str
    codec: str = ""
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class LegRinging:
    """The far side of a leg of ours rings. `early`: it can be heard already (ringing tone, announcement) by those bridged with it. Told again
    when that changes."""

    leg: str
    early: bool = False
    trunk: str = ""
    """The one that carries it, as it was chosen."""


@dataclass(frozen=True, slots=True)
class Detected:
    """`what`: person, voicemail (a greeting that goes on), beep (it records now), busy, unobtainable (special information tones), fax, silence."""

    leg: str
    what: str


@dataclass(frozen=True, slots=True)
class KeyPressed:
    """`key` is :data:`~cordboard.telephony.commands.MASKED` where keys are a secret: they are collected as such, or come from somebody who talks while a recording is paused."""

    leg: str
    key: str


@dataclass(frozen=True, slots=True)
class PlayEnded:
    leg: str
    playback: str
    interrupted: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class KeysCollected:
    """`secret` as in the command: the keys are to be used and forgotten, never shown, logged or kept. `ended_by`: "end_key", "max_keys", "at_once", "timeout", "replaced"."""

    leg: str
    collection: str
    keys: str = field(repr=False)
    ended_by: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class MediaLost:
    """Nothing has come from the far side for two seconds (RTP, ICE consent). The leg stays up."""

    leg: str


@dataclass(frozen=True, slots=True)
class MediaRestored:
    leg: str


@dataclass(frozen=True, slots=True)
class LegEnded:
    """The leg is gone. `by_far_side` tells a hang-up from our own HangUp."""

    leg: str
    cause: Cause
    by_far_side: bool


@dataclass(frozen=True, slots=True)
class RecordingEnded:
    """The file at `path` is complete and synced. `error` is set when it is shorter than the call (disk full, process killed)."""

    call: str
    recording: str
    path: str
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class CommandFailed:
    command: Command
    reason: str


Event = (
    CallOffered
    | LegUp
    | LegRinging
    | LegHeld
    | TransferRequested
    | TrunkState
    | TrunkAnswered
    | KeyPressed
    | Detected
    | PlayEnded
    | KeysCollected
    | MediaLost
    | MediaRestored
    | LegQuality
    | LegEnded
    | RecordingEnded
    | CommandFailed
    | PhoneDials
    | PhoneRegistered
)

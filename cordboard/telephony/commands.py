"""What a driver can be told to do: the commands of the driver contract (see `driver`), and the words they are put in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from cordboard.telephony.carriers import AskTrunk, Configure, TransferProgress
from cordboard.telephony.handsets import PhoneKept, SetPhones

MASKED = "?"
"""Stands for a key that must not be known."""


class Cause(StrEnum):
    """Why a leg ended or was refused, in the words that interactions keep."""

    NORMAL = "normal"  # hung up by a person
    CANCELLED = "cancelled"  # the caller gave up before we answered
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"  # refused by rule (rate, token, unknown number dialled)
    NO_CODEC = "no_codec"  # nothing both sides can speak
    MEDIA_LOST = "media_lost"  # the far side's media was gone too long
    UNKNOWN_NUMBER = "unknown_number"  # nobody has the number dialled
    UNREACHABLE = "unreachable"
    FAILED = "failed"  # our own fault: process gone, disk full, bug


class EndpointKind(StrEnum):
    BROWSER = "browser"  # the softphone of a signed-in user; address is the user's id
    SIP = "sip"  # a SIP URI
    OUTSIDE = "outside"  # a telephone number (E.164), reached over the trunks in their order
    PHONE = "phone"  # a desk telephone that registers with us; address is its account (see `handsets`)


@dataclass(frozen=True, slots=True)
class Endpoint:
    kind: EndpointKind
    address: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something to be heard: a WAV file, or text to be spoken. `path` wins when both are set and the file exists;
    when it is gone the text is spoken instead, when there is none the play fails (and says so)."""

    text: str = ""
    language: str = "en"
    path: str = ""


@dataclass(frozen=True, slots=True)
class Ring:
    leg: str


@dataclass(frozen=True, slots=True)
class Answer:
    leg: str


@dataclass(frozen=True, slots=True)
class Reject:
    """Refuse a leg that is not answered yet."""

    leg: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class Play:
    """Play prompts one after another to one leg; replaces what was playing there. Ends in PlayEnded with the same `playback`."""

    leg: str
    playback: str
    prompts: tuple[Prompt, ...]
    stop_on_key: bool = True


@dataclass(frozen=True, slots=True)
class StopPlay:
    leg: str


@dataclass(frozen=True, slots=True)
class CollectKeys:
    """Gather keys from a leg. The clock of `first_timeout` starts when a running play has ended. `end_key` ("" for none) is not part of
    the result. A new CollectKeys, a bridge or the leg's end replaces the collection (ended_by "replaced").
    With `at_once` non-empty, a first key among these ends the collection immediately. With `secret` nobody but the reader of KeysCollected learns the
    keys: KeyPressed tells :data:`MASKED`, nothing is logged. `clear_key` ("" for none) takes back what was pressed before it, and the clock begins anew."""

    leg: str
    collection: str
    max_keys: int
    end_key: str = "#"
    first_timeout: float = 6.0
    gap_timeout: float = 3.0
    at_once: str = ""
    secret: bool = False
    clear_key: str = ""


@dataclass(frozen=True, slots=True)
class Music:
    """Start or stop queue music for a leg. A Play interrupts it, and it comes back when the play ends."""

    leg: str
    on: bool
    source: str = "default"


@dataclass(frozen=True, slots=True)
class Bridge:
    """These legs of the call hear one another, and no other leg does; an empty tuple parts them all. Music stops for them."""

    call: str
    legs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """How loud `source` is for `destination` within the call's bridge: 0 for mute and silent monitoring, one-way for whisper coaching."""

    call: str
    source: str
    destination: str
    gain: float


@dataclass(frozen=True, slots=True)
class Record:
    """Record the call in two channels: left what `customer` says, right what the others say. While `customer_silent` the left
    channel is silence (hold, waiting); while `paused` both are, from `since` on (seconds of time.monotonic(), None for now), whatever was recorded
    already. Sent again with the same `recording` it changes these two. A pause that is `strict` and cannot be confirmed within a second
    ends the recording, cut off at `since`, and CommandFailed says so: what must not be recorded is not recorded."""

    call: str
    recording: str
    path: str
    customer: str
    customer_silent: bool = False
    paused: bool = False
    since: float | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class StopRecording:
    call: str
    recording: str


@dataclass(frozen=True, slots=True)
class Originate:
    """Place a leg of ours within `call`. For a browser: its softphone is asked to connect; LegUp means that sound can flow.

    `begins`: the call does not stand yet, this leg begins it. `caller_id` is the number shown to the one called ("" for the trunk's own),
    `withheld` asks that it is not. `trunk` names the only trunk to use; else the first that is up and has room, and the next one when a trunk
    fails (never after an answer of the one called: busy, declined, no such number)."""

    call: str
    leg: str
    endpoint: Endpoint
    caller_id: str = ""
    timeout: float = 30.0
    begins: bool = False
    trunk: str = ""
    withheld: bool = False
    display_name: str = ""
    at_once: bool = False
    """Ask a telephone to answer by itself, where it can."""


@dataclass(frozen=True, slots=True)
class Refer:
    """Send the far side of a leg elsewhere (SIP REFER); the leg ends when it went. `replaces` names another leg of ours with the target, whose place
    it is to take (a warm transfer between two telephones)."""

    leg: str
    target: Endpoint
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class SendKeys:
    leg: str
    keys: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HangUp:
    leg: str
    cause: Cause = Cause.NORMAL


@dataclass(frozen=True, slots=True)
class Detect:
    """Find out by ear who or what answered a leg of ours: :class:`Detected` follows, at most twice (a machine's beep comes after its greeting), within 20 s
    of its sound. Limits: `media/answering.py`."""

    leg: str


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep this text with the call, where it outlives the switch process; it comes back in :class:`Standing`."""

    call: str
    memo: str


Command = (
    Ring
    | Answer
    | Reject
    | Play
    | StopPlay
    | CollectKeys
    | Music
    | Bridge
    | Gain
    | Record
    | StopRecording
    | Originate
    | Refer
    | SendKeys
    | Detect
    | HangUp
    | Remember
    | Configure
    | AskTrunk
    | TransferProgress
    | SetPhones
    | PhoneKept
)

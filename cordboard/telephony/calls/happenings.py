"""What can happen to a call besides the driver's events, and what it reports: the words of :func:`advance`.

Wishes come from the event log (what people asked for) and from the channel (what the flow, the queue and the policies decided). Facts go
back to the channel, which records them. Times are seconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cordboard.telephony.calls.facts import AgentAnswered as AgentAnswered
from cordboard.telephony.calls.facts import AgentCompletes as AgentCompletes
from cordboard.telephony.calls.facts import AgentConnected as AgentConnected
from cordboard.telephony.calls.facts import AgentDials as AgentDials
from cordboard.telephony.calls.facts import AgentGone as AgentGone
from cordboard.telephony.calls.facts import AgentHolds as AgentHolds
from cordboard.telephony.calls.facts import AgentHungUp as AgentHungUp
from cordboard.telephony.calls.facts import AgentJoins as AgentJoins
from cordboard.telephony.calls.facts import AgentMediaBack as AgentMediaBack
from cordboard.telephony.calls.facts import AgentMediaLost as AgentMediaLost
from cordboard.telephony.calls.facts import AgentStopsAsking as AgentStopsAsking
from cordboard.telephony.calls.facts import AgentSwaps as AgentSwaps
from cordboard.telephony.calls.facts import AgentTransfers as AgentTransfers
from cordboard.telephony.calls.facts import AgentUnreachable as AgentUnreachable
from cordboard.telephony.calls.facts import AnnouncementDue as AnnouncementDue
from cordboard.telephony.calls.facts import AnsweredBy as AnsweredBy
from cordboard.telephony.calls.facts import AsideOver as AsideOver
from cordboard.telephony.calls.facts import CallEnded as CallEnded
from cordboard.telephony.calls.facts import CallEnding as CallEnding
from cordboard.telephony.calls.facts import CallerUp as CallerUp
from cordboard.telephony.calls.facts import CustomerAnswered as CustomerAnswered
from cordboard.telephony.calls.facts import CustomerHolds as CustomerHolds
from cordboard.telephony.calls.facts import CustomerRings as CustomerRings
from cordboard.telephony.calls.facts import Fact as Fact
from cordboard.telephony.calls.facts import KeysEntered as KeysEntered
from cordboard.telephony.calls.facts import MessageTaken as MessageTaken
from cordboard.telephony.calls.facts import NoticeDue as NoticeDue
from cordboard.telephony.calls.facts import NoticeFailed as NoticeFailed
from cordboard.telephony.calls.facts import OutsideAnswered as OutsideAnswered
from cordboard.telephony.calls.facts import OutsideGone as OutsideGone
from cordboard.telephony.calls.facts import OutsideRinging as OutsideRinging
from cordboard.telephony.calls.facts import PromptFailed as PromptFailed
from cordboard.telephony.calls.facts import RecordingDone as RecordingDone
from cordboard.telephony.calls.facts import RecordingStarted as RecordingStarted
from cordboard.telephony.calls.facts import Said as Said
from cordboard.telephony.calls.facts import Stayed as Stayed
from cordboard.telephony.calls.facts import WaitingKey as WaitingKey
from cordboard.telephony.driver import Cause, Event, Prompt


class Kind(StrEnum):
    """Why an agent's leg belongs to the call, as the segment's kind."""

    OFFER = "offer"
    TRANSFER = "transfer"
    CONSULT = "consult"
    OUTBOUND = "outbound"  # the agent calls the customer
    CALLBACK = "callback"  # the same, as it was agreed
    CONFERENCE = "conference"  # talks with the customer beside the one who has the call
    SUPERVISE = "supervise"  # listens, and is heard as the mode says


OWNING = (Kind.OFFER, Kind.TRANSFER, Kind.OUTBOUND, Kind.CALLBACK)
"""Whoever is here as one of these has the customer."""


class Mode(StrEnum):
    """How a supervisor is in the call."""

    LISTEN = "listen"  # silent monitoring: hears, is not heard
    WHISPER = "whisper"  # whisper coaching: the agent hears, nobody else
    BARGE = "barge"  # barge-in: everybody hears


# ---- happenings -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: a timer may be due."""


@dataclass(frozen=True, slots=True)
class Take:
    """Answer the caller; the flow begins when the leg is up."""


@dataclass(frozen=True, slots=True)
class Refuse:
    cause: Cause


@dataclass(frozen=True, slots=True)
class Say:
    """The flow says something; :class:`Said` follows."""

    prompts: tuple[Prompt, ...]
    stop_on_key: bool = True


@dataclass(frozen=True, slots=True)
class Ask:
    """The flow asks for keys; :class:`KeysEntered` follows. Times in seconds, as in `driver.CollectKeys`. With `secret` (a card number) nothing that was pressed before
    counts, and the keys are nowhere but in the answer. `clear_key` takes back what was pressed before it."""

    prompts: tuple[Prompt, ...]
    max_keys: int
    end_key: str = "#"
    first_timeout: float = 6.0
    gap_timeout: float = 3.0
    at_once: str = ""
    secret: bool = False
    clear_key: str = ""


@dataclass(frozen=True, slots=True)
class Queued:
    """The caller waits for a person, to music, with an announcement after `announce_first` seconds and then every `announce_every` (0: none; None for
    either: as it was)."""

    music: str = "default"
    announce_every: float | None = None
    announce_first: float | None = None


@dataclass(frozen=True, slots=True)
class TakeMessage:
    """Say this, then record what the caller says, for `seconds` at most; any key ends it. :class:`MessageTaken` follows, whatever happens."""

    recording: str
    path: str
    prompts: tuple[Prompt, ...]
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Announce:
    """Say this to a waiting caller; dropped when the caller does not wait any more."""

    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class Private:
    """What is said from now on (or, not `on`, until now) must not be recorded: a card number, say. Holds until it is taken back, whoever talks."""

    on: bool


@dataclass(frozen=True, slots=True)
class Aside:
    """The agent of this part (a segment) sends the customer to the automated service for a moment: it may speak and ask, nobody in the call hears the customer, and
    nothing is recorded. 0: the customer is back. :class:`AsideOver` tells when it ends in another way."""

    segment: int


@dataclass(frozen=True, slots=True)
class StopRecord:
    """The recording ends, the call goes on; :class:`RecordCall` begins another."""


@dataclass(frozen=True, slots=True)
class RecordCall:
    """The policy or somebody with leave to do so wants this call recorded, from the first talk on."""

    recording: str
    path: str


@dataclass(frozen=True, slots=True)
class Offered:
    """An agent is asked: their softphone is connected while it rings. With a `number` it is somebody outside, who is dialled: `segment` is minus the
    id of the outside party's row, and whoever answers there has accepted. A supervisor listens to the part `of`; with `notice` the customer is told before.
    With a `phone` the agent works on that account's desk telephone: it rings, and picking it up is reported as :class:`AgentAnswered`; one that answers by
    itself (`at_once`) is called when the agent has accepted."""

    segment: int
    user: str
    kind: Kind = Kind.OFFER
    ring: float = 30.0
    caller_id: str = ""
    number: str = ""
    trunk: str = ""
    mode: Mode = Mode.LISTEN
    of: int = 0
    notice: bool = False
    phone: str = ""
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """`kind`: what it is by now: a consult that was completed while it rang is a transfer."""

    segment: int
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class SegmentOver:
    """This agent's part is over, or never began (rejected, expired, withdrawn, transferred away, backed out): the leg goes, nobody else's does."""

    segment: int


@dataclass(frozen=True, slots=True)
class Held:
    segment: int


@dataclass(frozen=True, slots=True)
class Resumed:
    segment: int


@dataclass(frozen=True, slots=True)
class Completed:
    """Warm transfer: the consulted colleague of this segment has the customer now."""

    segment: int


@dataclass(frozen=True, slots=True)
class Became:
    """A part is of another kind by now: a consult was merged into a conference (CONFERENCE), or a member of a conference has the customer (TRANSFER)."""

    segment: int
    kind: Kind


@dataclass(frozen=True, slots=True)
class Supervised:
    """A supervisor listens, whispers or joins from now on."""

    segment: int
    mode: Mode


@dataclass(frozen=True, slots=True)
class Notice:
    """Say this to the customer in the middle of the talk, for those who listen in: they hear nothing before it is over. Without prompts, or when it cannot be
    said, they do not get in."""

    prompts: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class Stay:
    """The talk is over: everybody but the customer is hung up, and the automated service has the word (`then`: the flow that it performs). :class:`Stayed` follows."""

    then: str


@dataclass(frozen=True, slots=True)
class EndCall:
    """Everybody is hung up."""

    cause: Cause = Cause.NORMAL
    by: str = "agent"


@dataclass(frozen=True, slots=True)
class Adopted:
    """A new switch process found the call standing, with these legs ("ringing", "up")."""

    legs: tuple[tuple[str, str], ...]


Wish = (
    Take
    | Refuse
    | Say
    | Ask
    | Queued
    | Announce
    | TakeMessage
    | RecordCall
    | Private
    | Aside
    | StopRecord
    | Offered
    | Accepted
    | SegmentOver
    | Held
    | Resumed
    | Completed
    | Became
    | Supervised
    | Notice
    | Stay
    | EndCall
)
Happening = Event | Wish | Tick | Adopted

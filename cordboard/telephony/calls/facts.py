"""What a call reports: facts for the channel to record. Times are seconds since the epoch."""

from __future__ import annotations

from dataclasses import dataclass

from cordboard.telephony.driver import Cause


@dataclass(frozen=True, slots=True)
class CallerUp:
    """The caller is connected: the flow may begin."""

    codec: str


@dataclass(frozen=True, slots=True)
class CustomerRings:
    """The telephone of the customer whom we call rings."""

    trunk: str = ""


@dataclass(frozen=True, slots=True)
class AnsweredBy:
    """Who or what answered a call of ours, as it sounds (`driver.Detected`); a machine's beep corrects what was said before."""

    what: str


@dataclass(frozen=True, slots=True)
class CustomerHolds:
    """The customer's own side keeps us on hold (`held`), or takes us back: what comes from there meanwhile is not the customer."""

    held: bool


@dataclass(frozen=True, slots=True)
class CustomerAnswered:
    """The customer whom we call has answered; `trunk` carries the call."""

    codec: str
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What the flow said is over; `key` is what was pressed meanwhile, in order (one key where the first cut it short), `error` why it could not be said."""

    key: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class KeysEntered:
    """`ended_by` as in `driver.KeysCollected`."""

    keys: str
    ended_by: str


@dataclass(frozen=True, slots=True)
class MessageTaken:
    """The caller's message stands in the file, of so many seconds (0: there is none)."""

    recording: str
    path: str
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class WaitingKey:
    """A caller who waits has pressed a key."""

    key: str


@dataclass(frozen=True, slots=True)
class AsideOver:
    """The customer is not with the automated service (any more), though nobody took them back. why: agent (who has the customer has changed), sound (it did not do as
    it was told), not_now (it never began)."""

    why: str


@dataclass(frozen=True, slots=True)
class AnnouncementDue:
    """The caller has waited another while."""


@dataclass(frozen=True, slots=True)
class PromptFailed:
    """An announcement could not be heard."""

    error: str


@dataclass(frozen=True, slots=True)
class AgentConnected:
    """The agent is heard by the customer (or by the consulting colleague) for the first time."""

    segment: int


@dataclass(frozen=True, slots=True)
class AgentAnswered:
    """The agent picked up the desk telephone that rings for an offer: it is to be accepted."""

    segment: int


@dataclass(frozen=True, slots=True)
class AgentHungUp:
    """The agent hung up the desk telephone in the middle of the call."""

    segment: int


@dataclass(frozen=True, slots=True)
class AgentHolds:
    """The agent pressed the hold key of the desk telephone, or took the call back with it."""

    segment: int
    held: bool


@dataclass(frozen=True, slots=True)
class AgentTransfers:
    """The agent pressed the transfer key of the desk telephone on `leg`: `target` is what was dialled. To be answered by `driver.TransferProgress`."""

    segment: int
    leg: str
    target: str


@dataclass(frozen=True, slots=True)
class AgentDials:
    """The agent calls `number` on another line of the desk telephone while the customer is on the first: somebody is to be asked. `leg` is that line, to be
    answered or refused."""

    segment: int
    leg: str
    number: str


@dataclass(frozen=True, slots=True)
class AgentSwaps:
    """The agent took the other line of the desk telephone: the customer's, or (not `to_customer`) the one on which somebody is asked, `line`."""

    segment: int
    to_customer: bool
    line: str


@dataclass(frozen=True, slots=True)
class AgentJoins:
    """The agent pressed the conference key of the desk telephone: both lines are in use at once."""

    segment: int


@dataclass(frozen=True, slots=True)
class AgentCompletes:
    """The agent pressed the transfer key of the desk telephone with both lines in use (`leg` asked for it): whoever is asked is to have the customer. To be answered
    by `driver.TransferProgress`."""

    segment: int
    leg: str


@dataclass(frozen=True, slots=True)
class AgentStopsAsking:
    """The line on which the agent asked somebody is gone. `parked`: the telephone has the customer on hold still."""

    segment: int
    parked: bool


@dataclass(frozen=True, slots=True)
class AgentUnreachable:
    """The agent's softphone could not be connected while it rang, or within the time after accepting."""

    segment: int
    cause: Cause
    accepted: bool


@dataclass(frozen=True, slots=True)
class AgentMediaLost:
    """Nothing was heard from the agent's side for ten seconds; the customer hears music."""

    segment: int


@dataclass(frozen=True, slots=True)
class AgentMediaBack:
    segment: int


@dataclass(frozen=True, slots=True)
class AgentGone:
    """The agent did not come back: the customer waits again, at the head."""

    segment: int


@dataclass(frozen=True, slots=True)
class NoticeDue:
    """The customer must be told that somebody listens in; :class:`Notice` is awaited."""

    segment: int


@dataclass(frozen=True, slots=True)
class NoticeFailed:
    """The customer could not be told, so this supervisor was not let in."""

    segment: int


@dataclass(frozen=True, slots=True)
class OutsideRinging:
    """`party` is the outside party's row, `trunk` the one that was chosen."""

    party: int
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class OutsideAnswered:
    party: int
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class OutsideGone:
    """The outside party is not (or no longer) there: busy, no answer, hung up. `answered`: they had been on the line."""

    party: int
    cause: Cause
    answered: bool


@dataclass(frozen=True, slots=True)
class RecordingStarted:
    recording: str
    path: str


@dataclass(frozen=True, slots=True)
class RecordingDone:
    recording: str
    seconds: float
    error: str = ""


@dataclass(frozen=True, slots=True)
class Stayed:
    """The talk is over, and the customer is there for what follows: the flow `then`."""

    then: str


@dataclass(frozen=True, slots=True)
class CallEnding:
    """The customer is gone, or is hung up just now. `by`: "caller" (hung up), "media" (lost, or our own fault), "dial" (whom we called did
    not answer; the cause says why), or what :class:`EndCall` said."""

    cause: Cause
    by: str


@dataclass(frozen=True, slots=True)
class CallEnded:
    """Every leg is gone; nothing follows but a recording's end. `by` as before."""

    cause: Cause
    by: str


Fact = (
    CallerUp
    | AsideOver
    | CustomerRings
    | CustomerAnswered
    | CustomerHolds
    | AnsweredBy
    | Said
    | KeysEntered
    | WaitingKey
    | MessageTaken
    | AnnouncementDue
    | PromptFailed
    | AgentConnected
    | AgentAnswered
    | AgentHungUp
    | AgentHolds
    | AgentTransfers
    | AgentDials
    | AgentSwaps
    | AgentJoins
    | AgentCompletes
    | AgentStopsAsking
    | AgentUnreachable
    | AgentMediaLost
    | AgentMediaBack
    | AgentGone
    | NoticeDue
    | NoticeFailed
    | OutsideRinging
    | OutsideAnswered
    | OutsideGone
    | RecordingStarted
    | RecordingDone
    | Stayed
    | CallEnding
    | CallEnded
)

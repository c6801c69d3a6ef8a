"""The state of one call: a value that can be kept as text with the call and outlives the switch process."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from cordboard.telephony.calls.happenings import OWNING, Kind, Mode
from cordboard.telephony.driver import Cause


class Phase(StrEnum):
    ARRIVING = "arriving"  # offered, not answered
    DIALLING = "dialling"  # ours: the agent is connected, then the customer is called
    AUTOMATED = "automated"  # the flow has the word
    WAITING = "waiting"  # music, announcements
    TRANSFERRING = "transferring"  # waiting, because an agent passed the customer on
    RINGING = "ringing"  # an agent is asked or connecting, the customer still hears music
    TALKING = "talking"
    HELD = "held"
    CONSULTING = "consulting"  # agent and colleague talk, the customer hears music
    SWAPPED = "swapped"  # agent and customer talk, the colleague hears music
    CONFERENCE = "conference"  # several talk with the customer
    ASIDE = "aside"  # the customer is with the automated service, and comes back to the agent
    AGENT_LOST = "agent_lost"  # nothing comes from the agent's side, the customer hears music
    ENDING = "ending"  # legs are being hung up
    ENDED = "ended"


ANSWER_WITHIN = 8.0
"""Seconds in which a call must be taken or refused; the driver's contract allows 10."""
FLOW_SILENCE = 2.0
"""Seconds that a flow may think before the caller hears music."""
CONNECT_WITHIN = 10.0
"""Seconds from accepting until the agent's softphone must be connected."""
MEDIA_GRACE = 10.0
"""Seconds without sound from an agent's side until the customer gets music."""
RETURN_AFTER = 20.0
"""Seconds of music until the customer goes back to the queue."""
CALLER_GRACE = 60.0
"""Seconds without sound from the caller until the call is ended. Long: a telephone that suppresses silence may send nothing for a while."""
UP_WITHIN = 20.0
"""Seconds from our answer until the caller's sound must flow."""
PROMPT_WITHIN = 120.0
"""Seconds that anything the flow says or asks may take; beyond it the driver has lost it."""
ADOPTED_PROMPT = 30.0
"""The same after a new switch took over: that the prompt ended may have been told to the one before."""
MEDIA_NOTICED = 2.0
"""Seconds that the driver waits before it says that nothing comes."""
DIAL_SLACK = 10.0
"""Seconds beyond the ringing in which the driver must have said what came of a leg to the customer."""
AGAIN = 1.0
"""Seconds between attempts to connect an agent whose softphone went away in a call."""
END_WITHIN = 5.0
"""Seconds that hung-up legs may take to say that they are gone."""
RETRY_SOUND = 0.5
RETRIES = 5
"""A bridge that failed is tried again so often, then the call is ended."""
PAST_KEPT = 64
"""Segments remembered as over, so that a repeated wish does not bring them back."""
KEYS_KEPT = 20
"""Keys remembered while the flow speaks: more than any menu is deep."""
OUTSIDE_GRACE = 5.0
"""Seconds beyond the ring time until somebody outside who neither answers nor is reported gone is given up."""
NOTICE_WITHIN = 15.0
"""Seconds within which the customer must have been told that somebody listens in; else nobody does."""
RINGING = "ringing"
"""The music source of one who waits for somebody to answer: the ring-back tone."""


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent's part: their segment and the leg to their softphone. Somebody outside has a part too: `number` says so, and `segment` is minus the id of
    their row."""

    segment: int
    user: str
    leg: str  # "" while there is none
    kind: Kind
    number: str = ""
    trunk: str = ""
    phone: str = ""  # the account of the desk telephone that the agent works on, instead of a softphone
    at_once: bool = False  # it answers by itself, so it is called when the agent has accepted
    caller_id: str = ""  # shown on it
    other: str = ""  # the line of the telephone that is not in use
    asks_on: str = ""  # the line of the telephone on which a colleague is asked
    asks_up: bool = False
    asks_parked: bool = False  # the telephone has that line on hold
    parked: bool = False  # the telephone has the customer's line on hold
    ring_by: float | None = None  # until when somebody outside may ring
    mode: Mode = Mode.LISTEN
    of: int = 0  # whom a supervisor listens to
    notice: bool = False  # the customer must be told before this supervisor hears anything
    accepted: bool = False
    up: bool = False
    heard: bool = False  # was bridged at least once
    held: bool = False  # keeps the customer on hold
    lost_at: float | None = None  # since when nothing is heard from them (their leg connecting late counts)
    told: bool = False  # the loss was reported
    again_at: float | None = None  # when the softphone is asked again

    @property
    def speaks(self) -> bool:
        return self.accepted and self.up and not self.told

    @property
    def outside(self) -> bool:
        return bool(self.number)

    @property
    def patience(self) -> float:
        """Seconds of loss until the next step: the loss is told, then the customer goes back."""
        if not self.heard:
            return CONNECT_WITHIN
        return MEDIA_GRACE + RETURN_AFTER if self.told else MEDIA_GRACE


@dataclass(frozen=True, slots=True)
class Sound:
    """What the driver was last told: who hears whom, who hears music, what is recorded. None means unknown, tell it again."""

    bridge: tuple[str, ...] | None = ()
    music: tuple[tuple[str, str], ...] | None = ()  # (leg, source)
    muted: tuple[tuple[str, str], ...] = ()  # (source, destination): within the bridge the one is not heard by the other
    customer_silent: bool = True
    paused: bool = True


@dataclass(frozen=True, slots=True)
class Recording:
    recording: str
    path: str
    started: bool = False
    stopping: bool = False  # on wish, before the call ends
    over: bool = False
    broken: bool = False  # it ended by a fault, and how long it became is not told yet


@dataclass(frozen=True, slots=True)
class Message:
    """A message that the caller leaves. `until`: when it must have ended."""

    recording: str
    path: str
    seconds: float
    playback: str = ""
    collection: str = ""
    started: bool = False
    stopping: bool = False
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class Dial:
    """Whom we call: the customer's leg is placed as soon as the agent is connected."""

    kind: str
    """Of the endpoint (`driver.EndpointKind`)."""
    address: str
    caller_id: str = ""
    ring: float = 30.0
    """Seconds that it may ring."""
    placed: bool = False
    rings: bool = False
    early: bool = False
    """What the far side plays while it rings can be heard."""


@dataclass(frozen=True, slots=True)
class Call:
    """One customer's call. Every leg we are answerable for is `leg`, an agent's, or in `leaving`."""

    call: str
    leg: str
    since: float
    taken: bool = False
    up: bool = False
    left: bool = False  # the customer's leg is gone
    answer_by: float | None = None
    lost_at: float | None = None
    playback: str = ""  # what the flow says now
    announcement: str = ""
    notice: str = ""  # what the customer is told in the middle of the talk
    notice_by: float | None = None  # until when it must be over
    collection: str = ""
    key: str = ""  # all that was pressed while the flow spoke
    heard_by: float | None = None  # when what the flow says or asks must be over
    bored_at: float | None = None  # when a caller whose flow thinks gets music
    bored: bool = False
    waiting: bool = False
    music: str = "default"
    announce_every: float = 60.0
    announce_first: float = 4.0
    announce_at: float | None = None
    passed_on: bool = False  # waits because an agent transferred
    agents: tuple[Agent, ...] = ()
    past: tuple[int, ...] = ()
    leaving: tuple[str, ...] = ()
    recording: Recording | None = None
    away: bool = False  # the customer's own side keeps us on hold
    private: bool = False  # what is said now is not to be recorded (card numbers)
    aside: int = 0  # the segment whose agent has sent the customer to the automated service for a moment
    after: bool = False  # the talk is over, the customer stays with the automated service
    sound: Sound = Sound()
    retry_at: float | None = None
    retries: int = 0
    serial: int = 0
    end_by: float | None = None
    cause: Cause = Cause.NORMAL
    ended_by: str = ""
    ended: bool = False
    dial: Dial | None = None  # a call that we place
    message: Message | None = None  # being left by the caller

    # -- reading ----------------------------------------------------------------------------------------------------

    @property
    def dialling(self) -> bool:
        """Ours, and the customer has not answered yet."""
        return self.dial is not None and not self.up and not self.left

    @property
    def main(self) -> Agent | None:
        """Who has the customer. Somebody outside to whom the customer was handed goes before the agent who did it; when nobody has the customer, the
        first colleague of a conference does."""
        owners = [a for a in self.agents if a.accepted and a.kind in OWNING]
        members = [a for a in self.agents if a.accepted and a.kind is Kind.CONFERENCE]
        ranked = [a for a in owners if a.outside] or owners or [a for a in members if not a.outside] or members
        return ranked[0] if ranked else None

    @property
    def members(self) -> tuple[Agent, ...]:
        """Who talks with the customer beside the one who has them."""
        main = self.main
        return tuple(a for a in self.agents if a.accepted and a.kind is Kind.CONFERENCE and a is not main)

    @property
    def colleague(self) -> Agent | None:
        """The colleague who is being consulted, once accepted."""
        return next((a for a in self.agents if a.accepted and a.kind is Kind.CONSULT), None)

    @property
    def supervisors(self) -> tuple[Agent, ...]:
        return tuple(a for a in self.agents if a.accepted and a.kind is Kind.SUPERVISE)

    @property
    def ending(self) -> bool:
        return self.end_by is not None or self.ended

    @property
    def phase(self) -> Phase:
        if self.ended:
            return Phase.ENDED
        if self.ending:
            return Phase.ENDING
        if not self.up:
            return Phase.ARRIVING if self.dial is None else Phase.DIALLING
        if (main := self.main) is not None:
            if main.told:
                return Phase.AGENT_LOST
            if self.aside:
                return Phase.ASIDE
            if self.colleague is not None:
                return Phase.CONSULTING if main.held else Phase.SWAPPED
            if main.held:
                return Phase.HELD
            if self.members:
                return Phase.CONFERENCE
            return Phase.TALKING if main.up else Phase.RINGING
        if self.waiting:
            if any(a.kind in OWNING for a in self.agents):
                return Phase.RINGING
            return Phase.TRANSFERRING if self.passed_on else Phase.WAITING
        return Phase.AUTOMATED

    def agent(self, segment: int) -> Agent | None:
        return next((a for a in self.agents if a.segment == segment), None)

    def agent_on(self, leg: str) -> Agent | None:
        return next((a for a in self.agents if a.leg and a.leg == leg), None)

    @property
    def legs(self) -> tuple[str, ...]:
        """Every leg that may be alive."""
        own = () if self.left or (self.dial is not None and not self.dial.placed) else (self.leg,)
        return (*own, *(leg for a in self.agents for leg in (a.leg, a.other) if leg), *self.leaving)

    # -- copying ----------------------------------------------------------------------------------------------------

    def with_agent(self, agent: Agent) -> Call:
        return replace(self, agents=tuple(agent if a.segment == agent.segment else a for a in self.agents))

    def without(self, segment: int) -> Call:
        agents = tuple(a for a in self.agents if a.segment != segment)
        past = self.past if segment in self.past else (*self.past, segment)[-PAST_KEPT:]
        return replace(self, agents=agents, past=past)

    # -- time -------------------------------------------------------------------------------------------------------

    def timers(self) -> Iterator[float]:
        """When something is due, unordered."""
        if self.ended:
            return
        if self.end_by is not None:
            yield self.end_by
            return
        for at in (self.answer_by, self.announce_at, self.retry_at, self.heard_by, self.bored_at, self.notice_by):
            if at is not None:
                yield at
        if self.lost_at is not None:
            yield self.lost_at + CALLER_GRACE
        if self.message is not None:
            yield self.message.until
        for agent in self.agents:
            if agent.again_at is not None:
                yield agent.again_at
            if agent.ring_by is not None:
                yield agent.ring_by
            if agent.accepted and agent.lost_at is not None:
                yield agent.lost_at + agent.patience

    @property
    def due(self) -> float | None:
        """When the next :class:`Tick` is wanted, seconds since the epoch; None when nothing is pending."""
        return min(self.timers(), default=None)

    # -- as text ----------------------------------------------------------------------------------------------------

    def memo(self) -> str:
        return json.dumps(dataclasses.asdict(self), separators=(",", ":"), ensure_ascii=False)


def from_memo(memo: str) -> Call:
    """The call that `memo` was made of. Unknown fields are passed over: a newer version may have written it.

    :raises ValueError: when the text is no call.
    """
    try:
        data = json.loads(memo)
        data["agents"] = tuple(Agent(**{**_known(Agent, a), "kind": Kind(a["kind"]), "mode": Mode(a.get("mode", Mode.LISTEN))}) for a in data.get("agents", ()))
        sound = _known(Sound, data.get("sound") or {})
        if sound.get("bridge") is not None:
            sound["bridge"] = tuple(sound["bridge"])
        music = sound.get("music")  # as text: written before others than the customer could hear music
        sound["music"] = None if music is None or isinstance(music, str) else tuple((leg, source) for leg, source in music)
        sound["muted"] = tuple((source, destination) for source, destination in sound.get("muted", ()))
        data["sound"] = Sound(**sound)
        data["recording"] = Recording(**_known(Recording, data["recording"])) if data.get("recording") else None
        data["message"] = Message(**_known(Message, data["message"])) if data.get("message") else None
        data["dial"] = Dial(**_known(Dial, data["dial"])) if data.get("dial") else None
        data["past"] = tuple(data.get("past", ()))
        data["leaving"] = tuple(data.get("leaving", ()))
        data["cause"] = Cause(data.get("cause", Cause.NORMAL))
        return Call(**_known(Call, data))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a call: {error}") from None


def _known(kind: type[Any], data: dict[str, Any]) -> dict[str, Any]:
    names = {field.name for field in dataclasses.fields(kind)}
    return {name: value for name, value in data.items() if name in names}

"""What people wish of calls, as happenings: from the event log as it is written, or from the rows when a call is looked at afresh. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cordboard.telephony.calls import Call, Kind, Mode
from cordboard.telephony.calls.happenings import (
    OWNING,
    Accepted,
    Aside,
    Became,
    Completed,
    EndCall,
    Held,
    Offered,
    Queued,
    Resumed,
    SegmentOver,
    Stay,
    Supervised,
    Wish,
)
from cordboard.telephony.driver import Cause

Body = Mapping[str, Any]
Music = Callable[[int], str]
"""The music of a queue, by its id."""


def from_event(kind: str, body: Body, now: float, music: Music) -> list[Wish]:
    """What an event of the log means for the call of its interaction; mostly nothing."""
    make = _EVENTS.get(kind)
    return make(body, now, music) if make is not None else []


def concerns_calls(kind: str) -> bool:
    return kind in _EVENTS


def _offer_made(body: Body, now: float, music: Music) -> list[Wish]:
    ring = max(1.0, float(body.get("until", now + 20)) - now)
    return [Offered(int(body["segment"]), str(body["agent"]), Kind(body["kind"]), ring)]


def _accepted(body: Body, now: float, music: Music) -> list[Wish]:
    return [Accepted(int(body["segment"]), Kind(body["kind"]))]


def _over(body: Body, now: float, music: Music) -> list[Wish]:
    return [SegmentOver(int(body["segment"]))]


def _queued(body: Body, now: float, music: Music) -> list[Wish]:
    if body["kind"] == Kind.CONSULT:
        return []  # it is the agent who waits for a colleague
    return [Queued(music(int(body["queue"])))]


def _backed_out(body: Body, now: float, music: Music) -> list[Wish]:
    return [SegmentOver(int(body["to_segment"]))] if body.get("to_segment") is not None else []


def _completed(body: Body, now: float, music: Music) -> list[Wish]:
    return [Completed(int(body["to_segment"]))] if body.get("to_segment") is not None else []


def _joined(body: Body, now: float, music: Music) -> list[Wish]:
    return [Became(int(body["to_segment"]), Kind.CONFERENCE)] if body.get("to_segment") is not None else []


def _handed_on(body: Body, now: float, music: Music) -> list[Wish]:
    return [Became(int(body["to_segment"]), Kind.TRANSFER)]


def _picked_up(body: Body, now: float, music: Music) -> list[Wish]:
    segment = int(body["segment"])
    return [Offered(segment, str(body["agent"]), Kind(body["kind"]), PICKED_UP_RING), Accepted(segment)]


def _supervised(body: Body, now: float, music: Music) -> list[Wish]:
    segment = int(body["segment"])
    made = Offered(
        segment, str(body["agent"]), Kind.SUPERVISE, PICKED_UP_RING, mode=Mode(body["mode"]), of=int(body.get("of") or 0), notice=bool(body["notice"])
    )
    return [made, Accepted(segment)]


def _outside_changed(body: Body, now: float, music: Music) -> list[Wish]:
    part = -int(body["outside"])
    out: list[Wish] = [Became(part, Kind(body["purpose"]))]
    if body["state"] in ("active", "held"):
        out.append(Held(part) if body["state"] == "held" else Resumed(part))
    return out


PICKED_UP_RING = 10.0
"""Seconds within which the softphone of one who takes a call by themselves must connect."""

_EVENTS: dict[str, Callable[[Body, float, Music], list[Wish]]] = {
    "routing.offer_made": _offer_made,
    "routing.offer_accepted": _accepted,
    "routing.offer_rejected": _over,
    "routing.offer_expired": _over,
    "routing.offer_withdrawn": _over,
    "routing.entered": _queued,
    "routing.returned": _queued,
    "routing.consult_completed": _completed,
    "routing.consult_backed_out": _backed_out,
    "routing.conference_joined": _joined,
    "routing.conference_handed_on": _handed_on,
    "routing.parked": lambda body, now, music: [Queued(music(int(body["queue"])), 0.0)],
    "routing.picked_up": _picked_up,
    "interactions.supervision_started": _supervised,
    "interactions.supervision_changed": lambda body, now, music: [Supervised(int(body["segment"]), Mode(body["mode"]))],
    "interactions.supervision_ended": _over,
    "interactions.outside_changed": _outside_changed,
    "interactions.outside_ended": lambda body, now, music: [SegmentOver(-int(body["outside"]))],
    "interactions.segment_held": lambda body, now, music: [Held(int(body["segment"]))],
    "interactions.segment_resumed": lambda body, now, music: [Resumed(int(body["segment"]))],
    "interactions.segment_ended": _over,
    "voice.card_asked": lambda body, now, music: [Aside(int(body["segment"]))],
    "voice.card_ended": lambda body, now, music: [Aside(0)],
    "interactions.hang_up_requested": lambda body, now, music: [Stay(str(body["then"])) if body.get("then") else EndCall(Cause.NORMAL, "agent")],
    "interactions.ended": lambda body, now, music: [EndCall(Cause.NORMAL, str(body.get("cause") or "agent"))],
}


@dataclass(frozen=True, slots=True)
class SegmentRow:
    segment: int
    agent: int
    kind: str
    state: str  # offered, active, held
    ring: float = 20.0
    mode: str = ""
    of: int = 0


@dataclass(frozen=True, slots=True)
class OutsideRow:
    """Somebody outside who is dialled, rings or is on the line."""

    party: int
    number: str
    purpose: str
    state: str  # dialled, ringing, active, held
    caller_id: str = ""
    trunk: str = ""
    ring: float = 30.0

    @property
    def wish(self) -> Offered:
        return Offered(-self.party, "", Kind(self.purpose), self.ring, self.caller_id, self.number, self.trunk)


@dataclass(frozen=True, slots=True)
class Rows:
    """What the rows say of one call at one moment."""

    ended: bool
    state: str
    """Of the interaction: automated, waiting, ..."""
    segments: Sequence[SegmentRow] = ()
    waits: bool = False
    """An entry is open that is no consult's."""
    music: str = "default"
    outside: Sequence[OutsideRow] = ()
    parked: bool = False
    aside: int = 0
    """The segment whose agent has sent the customer to key card data."""


def from_rows(call: Call, rows: Rows) -> list[Wish]:
    """What must be done so that the call is as the rows say."""
    if rows.ended:
        return [] if call.after else [EndCall(Cause.NORMAL, "agent")]
    out: list[Wish] = []
    wanted = {one.segment: one for one in rows.segments}
    completed = [
        one.segment
        for one in rows.segments
        if one.state != "offered" and one.kind in OWNING and (agent := call.agent(one.segment)) is not None and agent.kind is Kind.CONSULT
    ]
    out.extend(Completed(segment) for segment in completed)
    parties = {-one.party for one in rows.outside}
    out.extend(SegmentOver(agent.segment) for agent in call.agents if agent.segment not in wanted and agent.segment not in parties)
    if (rows.waits or rows.parked) and not call.waiting:
        out.append(Queued(rows.music))
    for one in sorted(rows.segments, key=lambda row: row.segment):
        agent = call.agent(one.segment)
        if agent is None and one.segment in call.past:
            continue
        kind = Kind(one.kind)
        if agent is None and kind is Kind.SUPERVISE:  # whether the customer was told nobody knows: they are
            out.append(Offered(one.segment, str(one.agent), kind, one.ring, mode=Mode(one.mode or Mode.LISTEN), of=one.of, notice=True))
        elif agent is None:
            out.append(Offered(one.segment, str(one.agent), kind, one.ring))
        elif agent.kind is Kind.SUPERVISE and one.mode and agent.mode != one.mode:
            out.append(Supervised(one.segment, Mode(one.mode)))
        elif agent.accepted and agent.kind is not kind and Kind.CONFERENCE in (kind, agent.kind) and (kind in OWNING or kind is Kind.CONFERENCE):
            out.append(Became(one.segment, kind))
        if one.state != "offered" and (agent is None or not agent.accepted):
            out.append(Accepted(one.segment, Kind(one.kind)))
        held = agent is not None and agent.accepted and agent.held  # one that is accepted only now begins without
        if one.state != "offered" and held != (one.state == "held"):
            out.append(Held(one.segment) if one.state == "held" else Resumed(one.segment))
    for party in rows.outside:
        agent = call.agent(-party.party)
        if agent is None and -party.party not in call.past and party.state == "dialled":  # nobody is called a second time
            out.append(party.wish)
        elif agent is not None and agent.kind != party.purpose:
            out.append(Became(agent.segment, Kind(party.purpose)))
        if agent is not None and agent.accepted and agent.held != (party.state == "held"):
            out.append(Held(agent.segment) if party.state == "held" else Resumed(agent.segment))
    if rows.aside != call.aside:
        out.append(Aside(rows.aside))
    return out


def gone_outside(call: Call, rows: Rows) -> list[int]:
    """Whoever outside the rows still have, and who left while nobody could write it down."""
    return [one.party for one in rows.outside if call.agent(-one.party) is None and (-one.party in call.past or one.state != "dialled")]


def forgotten(call: Call, rows: Rows) -> bool:
    """The customer waits and hears music, but stands in no queue and nobody has them: they must be put into one."""
    return call.waiting and not call.playback and call.main is None and not rows.ended and not rows.waits and not rows.parked and not rows.segments

"""A contact cut into the parts that the figures count. Pure.

A contact enters queues (visits) and agents have parts of it (stints). Each becomes one part, so that nothing is counted twice and nothing is missing:

- a visit of a queue, together with the stint of the agent who answered it;
- every other stint: rang and was not answered, rejected, withdrawn; a call that we made; a consulted colleague's;
- a callback that was promised.

A part belongs to **the moment of offer**: when the contact entered the queue. That holds for all of it, also for what came later, such as the talk or a ring without
answer half an hour on, so that the figures of queues and of agents have the same total. What had no queue (a call we made) belongs to the moment it began.
Of a contact that came back (no answer, line lost) or was given in person the visit is no new offer (`counted` is false), but the work on it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cordboard.analytics.sums import Sums

SLOT = 900
"""Seconds of the smallest interval: every zone's offset is a multiple of it."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

WITH_CUSTOMER = frozenset({"offer", "transfer", "outbound", "callback"})
"""Kinds of stints in which the agent has the customer."""
BESIDE = frozenset({"consult", "conference"})
"""Kinds in which the agent speaks beside the one who has the customer. Other kinds (supervision) are no work on the contact."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A contact in a queue: a row of routing.Entry, with its queue's terms for rows that were kept before the terms were."""

    id: int
    queue: int
    counted: bool
    consult: bool
    state: str
    """waiting, offered, answered, abandoned, left"""
    entered_at: datetime
    left_at: datetime | None
    in_target: bool | None
    short: bool | None
    segment: int | None
    target_seconds: float
    short_seconds: float
    skills: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Stint:
    """An agent's part of a contact: a row of interactions.Segment."""

    id: int
    agent: int
    kind: str
    offered_at: datetime
    accepted_at: datetime | None
    ended_at: datetime | None
    wrapped_up_at: datetime | None
    held_seconds: float
    end_cause: str


@dataclass(frozen=True, slots=True)
class Promise:
    """A callback."""

    id: int
    queue: int
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact with all that the figures look at. Of one that we called: `dialled`, on behalf of which `queue`, and when the customer answered, if ever."""

    channel: str
    visits: Sequence[Visit] = ()
    stints: Sequence[Stint] = ()
    promises: Sequence[Promise] = ()
    reasons: tuple[int, ...] = ()
    queue: int | None = None
    dialled: bool = False
    reached_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    at: datetime
    """moment of offer"""
    channel: str
    sums: Sums
    queue: int | None = None
    agent: int | None = None
    visit: int | None = None
    stint: int | None = None
    promise: int | None = None
    skills: tuple[int, ...] = ()
    reasons: tuple[int, ...] = field(default=())

    @property
    def slot(self) -> int:
        """Beginning of the quarter of an hour that it belongs to, in seconds since 1970."""
        return slot_of(self.at)


def slot_of(moment: datetime) -> int:
    return int((moment - EPOCH) // timedelta(seconds=SLOT)) * SLOT


def ms(span: timedelta) -> int:
    """Whole milliseconds; never below zero, since clocks of several machines may disagree."""
    return max(0, span // _MS)


def cut(contact: Contact) -> list[Part]:
    """The parts of a contact as it stands; of what is not over yet, what is known: a contact that waits is offered, a talk has no length before its end."""
    visits = sorted(contact.visits, key=lambda one: (one.entered_at, one.id))
    answering = {one.id: one for one in contact.stints if one.accepted_at is not None}
    made: list[Part] = []
    joined: set[int] = set()
    for visit in visits:
        stint = answering.get(visit.segment) if visit.segment is not None and visit.state == "answered" else None
        sums = _of_visit(visit)
        if stint is not None:
            joined.add(stint.id)
            sums = sums + _of_stint(stint, contact)
        who, number = (stint.agent, stint.id) if stint is not None else (None, None)
        made.append(Part(visit.entered_at, contact.channel, sums, visit.queue, who, visit.id, number, skills=visit.skills, reasons=contact.reasons))
    for stint in sorted(contact.stints, key=lambda one: one.id):
        if stint.id not in joined and (stint.kind in WITH_CUSTOMER or stint.kind in BESIDE):
            visit_ = _visit_of(visits, stint)
            made.append(_part(contact, visit_, stint.offered_at, _of_stint(stint, contact), agent=stint.agent, stint=stint.id))
    for promise in sorted(contact.promises, key=lambda one: one.id):
        made.append(_part(contact, _before(visits, promise.made_at), promise.made_at, Sums(callbacks=1), queue=promise.queue, promise=promise.id))
    return made


def _part(
    contact: Contact,
    visit: Visit | None,
    at: datetime,
    sums: Sums,
    *,
    queue: int | None = None,
    agent: int | None = None,
    stint: int | None = None,
    promise: int | None = None,
) -> Part:
    return Part(
        visit.entered_at if visit else at,
        contact.channel,
        sums,
        visit.queue if visit else queue if queue is not None else contact.queue,
        agent,
        visit.id if visit else None,
        stint,
        promise,
        visit.skills if visit else (),
        contact.reasons,
    )


def _visit_of(visits: Sequence[Visit], stint: Stint) -> Visit | None:
    """The visit in which it rang: the one that names it, else the last that had begun by then."""
    return next((one for one in visits if one.segment == stint.id), None) or _before(visits, stint.offered_at)


def _before(visits: Iterable[Visit], moment: datetime) -> Visit | None:
    found = None
    for one in visits:
        if one.entered_at <= moment:
            found = one
    return found


def _of_visit(visit: Visit) -> Sums:
    if not visit.counted or visit.consult:
        return Sums()
    wait = ms(visit.left_at - visit.entered_at) if visit.left_at is not None else 0
    within = visit.in_target if visit.in_target is not None else wait <= visit.target_seconds * 1000
    if visit.state == "answered":
        return Sums(offered=1, answered=1, answered_within=int(within), wait_answered_ms=wait)
    if visit.state == "abandoned":
        short = visit.short if visit.short is not None else wait < visit.short_seconds * 1000
        return Sums(offered=1, abandoned=1, short_abandoned=int(short), abandoned_after=int(not within), wait_abandoned_ms=wait)
    return Sums(offered=1, elsewhere=int(visit.state == "left"))


def _of_stint(stint: Stint, contact: Contact) -> Sums:
    ours = stint.kind in ("outbound", "callback")
    offers = int(stint.kind not in ("outbound", "conference"))
    if stint.accepted_at is None:
        return Sums(offers=offers, rona=int(stint.end_cause == "no_answer"), rejected=int(stint.end_cause == "rejected"))
    begun = stint.accepted_at
    if ours and contact.dialled:
        if contact.reached_at is None:
            return Sums(offers=offers, outbound=1)  # nobody was spoken with: no handling time, which would be that of the telephone's ringing
        begun = max(begun, contact.reached_at)
    spoke = ms(stint.ended_at - begun) if stint.ended_at is not None else 0
    if stint.kind in BESIDE:
        return Sums(offers=offers, consults=1, consult_ms=spoke)
    hold = min(spoke, round(stint.held_seconds * 1000))
    return Sums(
        offers=offers,
        handled=1,
        transferred=int(stint.end_cause == "transferred"),
        outbound=int(ours),
        talk_ms=spoke - hold,
        hold_ms=hold,
        acw_ms=ms(stint.wrapped_up_at - stint.ended_at) if stint.wrapped_up_at is not None and stint.ended_at is not None else 0,
    )

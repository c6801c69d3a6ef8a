"""What the desk reads across packages. Every function says how many queries it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject

from cordboard.channels.voice.models import Call, CardEntry, Line, Recording
from cordboard.interactions.models import Interaction, Segment
from cordboard.lib.kept import Kept
from cordboard.org.models import Position, User
from cordboard.routing.models import AgentState, Callback, Entry, NotReadyReason, Outgoing, Parked, Queue, QueueMember
from cordboard.tickets.models import Ticket

WAITING = (Entry.State.WAITING, Entry.State.OFFERED)
LIVE = ("active", "held")


def agent_state(user: Any) -> AgentState | None:
    """One query."""
    return _STATE.first(user.pk)


_STATE = Kept(lambda agent: AgentState.objects.select_related("reason", "pending_reason", "signed_out_by").filter(agent_id=agent))


def not_ready_reasons() -> list[NotReadyReason]:
    """Those that an agent may choose. One query."""
    return _NOT_READY_REASONS()


_NOT_READY_REASONS = Kept(lambda: NotReadyReason.objects.filter(by_system=False))


@dataclass(frozen=True, slots=True)
class Waiting:
    queue: Queue
    count: int
    longest_since: datetime | None


def _with_waiting(queues: QuerySet[Queue]) -> QuerySet[Queue]:
    """Only the open entries are counted: they have an index of their own, while a join would go through every contact that ever waited."""
    waiting = Entry.objects.filter(queue=OuterRef("pk"), left_at=None, state__in=WAITING).order_by().values("queue")
    return queues.annotate(
        waiting=Coalesce(Subquery(waiting.annotate(count=Count("pk")).values("count")), 0),
        since=Subquery(waiting.annotate(since=Min("waiting_since")).values("since")),
    ).order_by("name")


def _waiting(rows: Sequence[Any]) -> list[Waiting]:
    return [Waiting(row, row.waiting, row.since) for row in rows]


def queues_of(user: Any) -> list[Waiting]:
    """The queues that an agent is a member of, with who waits there. One query."""
    return _waiting(_QUEUES_OF(user.pk))


_QUEUES_OF = Kept(lambda agent: _with_waiting(Queue.objects.filter(members__agent_id=agent)))


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of card data that the customer was sent to key in the course of the call (`CardEntry`); `state` is one of its states."""

    state: str
    segment: int
    asked_at: datetime
    tries: int
    digits: int | None
    checked: bool | None
    last: str

    @property
    def asking(self) -> bool:
        return self.state == CardEntry.State.ASKING


@dataclass(frozen=True, slots=True)
class CallFacts:
    line: Line | None
    entry: Entry | None
    """The newest entry: open while it waits or rings."""
    queue: Queue | None
    """The queue through which the contact came to its agent: of the newest entry that asks for nobody's help; of a call that we dialled, on whose behalf."""
    recording: bool
    private: bool = False
    """Nothing is to be recorded just now, because card data is spoken."""
    broken: bool = False
    """A recording of it has ended by a fault."""
    card: Card | None = None
    """The newest."""


def call_facts(interaction: int) -> CallFacts:
    """What the switch and the queue know of a call. Two queries; one more of a call that we dialled, which waited in no queue."""
    call = _CALL.first(interaction)
    entries = _ENTRIES(interaction)
    queue = next((entry.queue for entry in entries if entry.kind != Segment.Kind.CONSULT), None)
    if queue is None and (dialled := _OUTGOING.first(interaction)) is not None:
        queue = dialled.queue  # on whose behalf we call: its greeting, recording, caller id and wrap-up hold
    recording: bool = call is not None and call.recording
    private, broken = call is not None and call.private_at is not None, call is not None and call.broken
    card = _card(call.card) if call is not None and call.card else None
    return CallFacts(call.line if call else None, entries[0] if entries else None, queue, recording, private, broken, card)


def _card(row: dict[str, Any]) -> Card:
    """Moments come out of JSON as the database writes them."""
    at = datetime.fromisoformat(row["asked_at"])
    checked = None if row["checked"] is None else bool(row["checked"])
    return Card(row["state"], row["segment"], at if at.tzinfo else at.replace(tzinfo=UTC), row["tries"], row["digits"], checked, row["last"])


_CALL = Kept(
    lambda interaction: (
        Call.objects.select_related("line")
        .filter(interaction=interaction)
        .annotate(
            recording=Exists(Recording.objects.filter(call=OuterRef("pk"), ended_at=None)),
            card=Subquery(
                CardEntry.objects.filter(call=OuterRef("pk"))
                .order_by("-id")
                .values(
                    of=JSONObject(state="state", segment="segment_id", asked_at="asked_at", tries="tries", digits="digits", checked="checked", last="last")
                )[:1]
            ),
            broken=Exists(Recording.objects.filter(call=OuterRef("pk"), ended_at__isnull=False).exclude(error="")),
        )
    )
)
_OUTGOING = Kept(lambda interaction: Outgoing.objects.select_related("queue").filter(interaction=interaction))
_ENTRIES = Kept(lambda interaction: Entry.objects.select_related("queue").filter(interaction=interaction).order_by("-id"))


def open_tickets(party_ids: Sequence[int]) -> list[Ticket]:
    """Tickets of a customer that are neither resolved nor closed, the most urgent first. One query."""
    return sorted(_OPEN_TICKETS(party_ids), key=lambda row: (row.due_at is None, row.due_at or row.opened_at))


_DONE = (Ticket.State.RESOLVED, Ticket.State.CLOSED)
_OPEN_TICKETS = Kept(lambda parties: Ticket.objects.filter(party__in=parties).exclude(state__in=_DONE).select_related("owner"))


@dataclass(frozen=True, slots=True)
class Today:
    contacts: int
    talk: timedelta | None
    wrapup: timedelta | None


def today_of(user: Any, since: datetime) -> Today:
    """An agent's own day: contacts taken, average talk and wrap-up. One query."""
    own = Segment.objects.filter(agent_id=user.pk, accepted_at__gte=since, ended_at__isnull=False).exclude(kind=Segment.Kind.SUPERVISE)
    rows = own.values_list("accepted_at", "ended_at", "wrapped_up_at")
    talks: list[timedelta] = []
    wraps: list[timedelta] = []
    for accepted, ended, wrapped in rows:
        if accepted is not None and ended is not None:
            talks.append(ended - accepted)
            if wrapped is not None and wrapped > ended:
                wraps.append(wrapped - ended)
    return Today(len(talks), _average(talks), _average(wraps))


def _average(spans: Sequence[timedelta]) -> timedelta | None:
    return sum(spans, timedelta()) / len(spans) if spans else None


def last_contacts(user: Any, limit: int = 8) -> list[Interaction]:
    """The contacts that an agent had lately, newest first. One query."""
    own = Segment.objects.filter(agent_id=user.pk, accepted_at__isnull=False).exclude(kind=Segment.Kind.SUPERVISE)
    parts = own.select_related("interaction__subject", "interaction__outcome")
    rows = {part.interaction_id: part.interaction for part in parts.order_by("-offered_at")[: limit * 2]}
    return list(rows.values())[:limit]


@dataclass(frozen=True, slots=True)
class Colleague:
    user: User
    state: AgentState | None


def colleagues(user: Any) -> list[Colleague]:
    """Agents who could take a call over: those in any queue, without oneself. Two queries."""
    people = list(User.objects.filter(is_active=True, queues__isnull=False).exclude(pk=user.pk).distinct().order_by("name"))
    states = {row.agent_id: row for row in AgentState.objects.filter(agent__in=people).select_related("reason")}
    return [Colleague(one, states.get(one.pk)) for one in people]


def queues_of_agents(agents: Sequence[int]) -> dict[int, list[str]]:
    """The names of the queues that each serves. One query."""
    found: dict[int, list[str]] = {}
    for agent, name in QueueMember.objects.filter(agent__in=agents).order_by("queue__name").values_list("agent_id", "queue__name"):
        found.setdefault(agent, []).append(name)
    return found


def open_queues() -> list[Waiting]:
    """Every queue, with who waits there. One query."""
    return _waiting(list(_with_waiting(Queue.objects.all())))


@dataclass(frozen=True, slots=True)
class Place:
    """A position in the organisation, who else holds it, and who stands in."""

    pk: int
    name: str
    holders: tuple[str, ...]
    deputy: str


def positions(user: Any) -> list[Place]:
    """Every position that somebody else who takes calls holds, or whose deputy somebody holds. Two queries."""
    people: dict[int, list[str]] = {}
    who = User.objects.filter(is_active=True, queues__isnull=False, position__isnull=False).exclude(pk=user.pk).distinct().order_by("name")
    for one in who:
        people.setdefault(one.position_id or 0, []).append(str(one))
    rows = Position.objects.select_related("deputy")
    found = [Place(row.pk, row.name, tuple(people.get(row.pk, ())), row.deputy.name if row.deputy_id in people and row.deputy else "") for row in rows]
    return [place for place in found if place.holders or place.deputy]


def callback(number: int) -> Callback | None:
    """With all that a screen says of it. One query."""
    return Callback.objects.select_related("party", "queue__unit", "owner", "asked_by").filter(pk=number).first()


def own_queues(user: Any) -> list[Queue]:
    """On whose behalf one may call. One query."""
    return list(Queue.objects.filter(members__agent_id=user.pk).order_by("members__queue_id"))


def parked() -> list[Parked]:
    """The calls that wait to be picked up, by their places. One query."""
    return list(Parked.objects.filter(ended_at=None).select_related("interaction__subject", "by").order_by("place"))

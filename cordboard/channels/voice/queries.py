"""Reading what the switch needs, and recordings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from cordboard.channels.voice.models import CardEntry, Emergency, LegQuality, Line, Prompt, Recording
from cordboard.channels.voice.permissions import LISTEN
from cordboard.channels.voice.wishes import OutsideRow, Rows, SegmentRow
from cordboard.interactions.models import Interaction, OutsideParty, Segment
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.routing import estimate, waits
from cordboard.routing.models import Entry, Parked, Queue


@dataclass(frozen=True, slots=True)
class KnownLine:
    number: str
    languages: tuple[str, ...]
    queue: str


@dataclass(frozen=True, slots=True)
class EmergencySaid:
    """An emergency announcement; `until` in seconds since 1970."""

    id: int
    texts: dict[str, str]
    until: float | None

    def at(self, now: float) -> bool:
        return self.until is None or self.until > now

    def words(self, language: str) -> tuple[str, str]:
        """(text, the language it is in): the caller's, else English, else whatever there is."""
        for one in (language, "en", *sorted(self.texts)):
            if self.texts.get(one):
                return self.texts[one], one
        return "", language


@dataclass(frozen=True, slots=True)
class Terms:
    """What the switch remembers of the centre, so that it can take a call while the database is away."""

    lines: dict[str, KnownLine]
    music: dict[int, str]
    prompts: dict[tuple[str, str], tuple[str, str]]
    """(code, language) -> (text, file name)"""
    emergencies: dict[str, EmergencySaid] = field(default_factory=dict)
    """by code of the queue"""


def terms() -> Terms:
    """Four queries."""
    lines = {
        number: KnownLine(number, tuple(languages or ["en"]), queue)
        for number, languages, queue in Line.objects.values_list("number", "languages", "queue__code")
    }
    music = dict(Queue.objects.values_list("pk", "music"))
    prompts = {(code, language): (text, file) for code, language, text, file in Prompt.objects.values_list("code", "language", "text", "file")}
    emergencies = {one.queue.code: _said(one) for one in Emergency.objects.filter(ended_at=None).select_related("queue")}
    return Terms(lines, music, prompts, emergencies)


def _said(row: Emergency) -> EmergencySaid:
    return EmergencySaid(row.pk, dict(row.texts), row.until.timestamp() if row.until is not None else None)


def emergency_for(interaction: int, now: datetime | None = None) -> EmergencySaid | None:
    """What one who waits is to be told at once, for the queue that they wait in. One query."""
    now = now or timezone.now()
    waits = Entry.objects.filter(interaction=interaction, left_at=None, state__in=(Entry.State.WAITING, Entry.State.OFFERED)).exclude(kind=Segment.Kind.CONSULT)
    row = Emergency.objects.filter(Q(until=None) | Q(until__gt=now), queue__in=waits.values("queue"), ended_at=None).first()
    return _said(row) if row is not None else None


def emergency_of(queue: str, now: datetime | None = None) -> EmergencySaid | None:
    """What everybody hears first who calls in for this queue (a code). One query."""
    now = now or timezone.now()
    row = Emergency.objects.filter(Q(until=None) | Q(until__gt=now), queue__code=queue, ended_at=None).first()
    return _said(row) if row is not None else None


def rows_of(interactions: Iterable[int], now: datetime | None = None) -> dict[int, Rows]:
    """What the rows say of these calls. Six queries."""
    now = now or timezone.now()
    ids = list(interactions)
    parts: dict[int, list[SegmentRow]] = {one: [] for one in ids}
    rings: dict[int, float] = {}
    waits: dict[int, str] = {}
    entries = Entry.objects.filter(interaction__in=ids, state__in=(Entry.State.WAITING, Entry.State.OFFERED)).select_related("queue")
    for entry in entries:
        if entry.kind != Segment.Kind.CONSULT:
            waits[entry.interaction_id] = entry.queue.music
        if entry.segment_id is not None and entry.offer_until is not None:
            rings[entry.segment_id] = max(1.0, (entry.offer_until - now).total_seconds())
    live = Segment.objects.filter(interaction__in=ids, state__in=("offered", "active", "held")).order_by("id")
    for interaction, pk, agent, kind, state, mode, of in live.values_list("interaction_id", "pk", "agent_id", "kind", "state", "mode", "supervises_id"):
        parts[interaction].append(SegmentRow(pk, agent, kind, state, rings.get(pk, 20.0), mode, of or 0))
    others: dict[int, list[OutsideRow]] = {}
    for party in OutsideParty.objects.filter(interaction__in=ids).exclude(state=OutsideParty.State.ENDED).order_by("id"):
        others.setdefault(party.interaction_id, []).append(outside_row(party))
    parked = dict(Parked.objects.filter(interaction__in=ids, ended_at=None).values_list("interaction_id", "queue__music"))
    aside = dict(CardEntry.objects.filter(call__in=ids, ended_at=None).values_list("call_id", "segment_id"))
    return {
        pk: Rows(
            ended_at is not None,
            state,
            tuple(parts[pk]),
            pk in waits,
            waits.get(pk) or parked.get(pk) or "default",
            tuple(others.get(pk, ())),
            pk in parked,
            aside.get(pk, 0),
        )
        for pk, state, ended_at in Interaction.objects.filter(pk__in=ids).values_list("pk", "state", "ended_at")
    }


def card_asked(interaction: int) -> int:
    """The open question for a card number of this call, by its row's id; 0 for none. One query."""
    return CardEntry.objects.filter(call=interaction, ended_at=None).values_list("pk", flat=True).first() or 0


def outside_row(party: OutsideParty) -> OutsideRow:
    return OutsideRow(party.pk, party.number, party.purpose, party.state, party.caller_id, party.trunk, float(party.ring_seconds))


def dialled(party: int) -> OutsideRow | None:
    """Somebody outside who is to be dialled; None when that was called off. One query."""
    row = OutsideParty.objects.filter(pk=party, state=OutsideParty.State.DIALLED).first()
    return outside_row(row) if row is not None else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What one who waits may be told: `band` in minutes, or None for no figure; `longer`: what was promised does not hold any more. `waited` seconds
    in this queue."""

    band: tuple[int, int] | None
    longer: bool
    waited: float


def waiting(interaction: int, now: datetime | None = None) -> Waiting | None:
    """None when the contact does not wait. Never a longer wait than what is left of what was promised on entering. Four queries."""
    now = now or timezone.now()
    entry = Entry.objects.select_related("queue").filter(interaction=interaction, state__in=(Entry.State.WAITING, Entry.State.OFFERED)).first()
    if entry is None or entry.kind == Segment.Kind.CONSULT:
        return None
    waited = max(0.0, (now - entry.entered_at).total_seconds())
    if entry.estimate_low is None or entry.estimate_high is None:
        return Waiting(None, False, waited)
    promised = estimate.Band(entry.estimate_low, entry.estimate_high)
    fresh = waits.band(entry.queue, entry, now)
    if fresh is None:
        return Waiting(None, waited >= promised.high * 60, waited)
    said = estimate.announce(fresh, promised, waited)
    return Waiting(None if said.longer else (said.band.low, said.band.high), said.longer, waited)


def qualities(interaction: int) -> list[LegQuality]:
    """How well the ended legs of a call were heard, in the order in which they ended. One query."""
    return list(LegQuality.objects.filter(call=interaction).select_related("segment__agent"))


def recordings(user: User) -> QuerySet[Recording]:
    """The recordings that `user` may hear: own (of contacts that the user had), of the unit, or all."""
    complete = Recording.objects.exclude(ended_at=None)
    match user_may(user, LISTEN):
        case "all":
            return complete
        case "unit" if user.unit_id is not None:
            return complete.filter(call__interaction__segments__agent__unit=user.unit_id).distinct()
        case "own" | "unit":
            return complete.filter(call__interaction__segments__agent=user).distinct()
    return complete.none()

"""Reading interactions. Every function says how many queries it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from cordboard.interactions import history as timeline
from cordboard.interactions.actions_context import CANDIDATES
from cordboard.interactions.actions_subject import MISDIRECTED
from cordboard.interactions.models import (
    ContactReason,
    ContextValue,
    Decision,
    Interaction,
    InteractionReason,
    Note,
    Outcome,
    OutsideParty,
    Segment,
    SubjectChange,
)
from cordboard.interactions.sentences import Sentence, clock, say_all
from cordboard.lib.kept import Kept
from cordboard.parties.models import FieldChange, Party

FAVOURITES_OF = timedelta(days=60)


# ---- what an agent has ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mine:
    """One contact that an agent has open: the agent's segment and the other open ones beside it."""

    interaction: Interaction
    segment: Segment
    others: tuple[Segment, ...]
    """Supervisors among them only when they are heard by everybody."""
    outside: tuple[OutsideParty, ...] = ()
    """Who outside is dialled, rings or is on the line."""
    outside_over: OutsideParty | None = None
    """Who was dialled last, and is not on the line any more."""

    @property
    def consulted(self) -> Segment | None:
        """The colleague whom this agent asks: ringing or live."""
        if self.segment.kind == Segment.Kind.CONSULT:
            return None
        return next((one for one in self.others if one.kind == Segment.Kind.CONSULT and one.state != Segment.State.WRAPUP), None)


def open_for_agent(user: Any) -> list[Mine]:
    """Everything that rings at, is with, or is being wrapped up by this agent; the oldest first. Two queries, three with a call that was
    accepted."""
    mine = _MINE(user.pk)
    beside: dict[int, list[Segment]] = {}
    for other in _BESIDE([one.interaction_id for one in mine], user.pk):
        beside.setdefault(other.interaction_id, []).append(other)
    live = [one.interaction_id for one in mine if one.state in (Segment.State.ACTIVE, Segment.State.HELD)]
    outside: dict[int, list[OutsideParty]] = {}
    over: dict[int, OutsideParty] = {}
    for party in _OUTSIDE(live) if live else ():
        if party.state == OutsideParty.State.ENDED:
            over[party.interaction_id] = party
        else:
            outside.setdefault(party.interaction_id, []).append(party)
    return [
        Mine(one.interaction, one, tuple(beside.get(one.interaction_id, ())), tuple(outside.get(one.interaction_id, ())), over.get(one.interaction_id))
        for one in mine
    ]


_WITH = ("subject__account_owner", "subject__company", "reporter", "agent", "outcome")
"""What is read with an interaction."""
_MINE = Kept(
    lambda agent: (
        Segment.objects.filter(agent_id=agent).exclude(state=Segment.State.ENDED).select_related(*(f"interaction__{name}" for name in _WITH)).order_by("id")
    )
)
_BESIDE = Kept(
    lambda interactions, agent: (
        Segment.objects.filter(interaction_id__in=interactions)
        .exclude(state=Segment.State.ENDED)
        .exclude(agent_id=agent)
        .exclude(kind=Segment.Kind.SUPERVISE, mode__in=(Segment.Mode.LISTEN, Segment.Mode.WHISPER))
        .select_related("agent")
        .order_by("id")
    )
)
_OUTSIDE = Kept(lambda interactions: OutsideParty.objects.filter(interaction_id__in=interactions).order_by("id"))


# ---- one interaction ------------------------------------------------------------------------------------------


@dataclass
class Detail:
    """All that is kept of one interaction. What most screens leave alone is one query each, made when it is first asked for."""

    interaction: Interaction
    context: dict[str, ContextValue]
    """The values that hold, by name, with who set them and when."""
    values: list[ContextValue]
    """Every value that was ever set, oldest first."""

    @cached_property
    def segments(self) -> list[Segment]:
        return list(Segment.objects.filter(interaction=self.interaction).select_related("agent").order_by("id"))

    @cached_property
    def reasons(self) -> list[ContactReason]:
        rows = InteractionReason.objects.filter(interaction=self.interaction).select_related("reason__parent").order_by("id")
        return [row.reason for row in rows]

    @cached_property
    def notes(self) -> list[Note]:
        return list(Note.objects.filter(interaction=self.interaction).select_related("author").order_by("id"))

    @cached_property
    def subject_changes(self) -> list[SubjectChange]:
        return list(SubjectChange.objects.filter(interaction=self.interaction).select_related("old", "new", "by").order_by("id"))

    @cached_property
    def candidates(self) -> list[Party]:
        """Whom the caller's number could mean, where nobody is confirmed."""
        ids = self.context[CANDIDATES].value if CANDIDATES in self.context and self.interaction.subject_id is None else []
        return list(Party.objects.filter(pk__in=ids).select_related("company").order_by("name")) if ids else []

    @property
    def misdirected(self) -> list[dict[str, Any]]:
        """What was made for a wrong customer and could not be moved."""
        return list(self.context[MISDIRECTED].value) if MISDIRECTED in self.context else []


def detail(interaction: int) -> Detail | None:
    """One interaction. Two queries, and one for each part that is asked for."""
    row = _INTERACTION.first(interaction)
    return detail_of(row) if row is not None else None


_INTERACTION = Kept(lambda interaction: Interaction.objects.select_related(*_WITH).filter(pk=interaction))


def detail_of(row: Interaction) -> Detail:
    """As `detail`, of an interaction that was just read by `open_for_agent`. One query."""
    values = _CONTEXT(row.pk)
    return Detail(row, _held(values), values)


def context(interaction: int) -> dict[str, ContextValue]:
    """The values that hold, by name, in the order in which the names came up. One query."""
    return _held(_CONTEXT(interaction))


_CONTEXT = Kept(lambda interaction: ContextValue.objects.filter(interaction_id=interaction).select_related("user").order_by("id"))


def _held(values: Sequence[ContextValue]) -> dict[str, ContextValue]:
    return {value.name: value for value in values}


def note_of(user: Any, interaction: int | None) -> Note | None:
    """The user's scratch pad for the interaction, or the loose one. One query."""
    return _LOOSE_NOTE.first(user.pk) if interaction is None else _NOTE.first(user.pk, interaction)


_NOTE = Kept(lambda author, interaction: Note.objects.filter(author_id=author, interaction_id=interaction).order_by("pk")[:1])
_LOOSE_NOTE = Kept(lambda author: Note.objects.filter(author_id=author, interaction=None).order_by("pk")[:1])


def notes_in(interaction: int) -> list[Note]:
    """What anybody wrote in this contact, one note an author, oldest first. One query."""
    return _NOTES_IN(interaction)


_NOTES_IN = Kept(lambda interaction: Note.objects.filter(interaction_id=interaction).select_related("author").order_by("pk"))


def outside_parties(interaction: int) -> list[OutsideParty]:
    """Everybody outside who was dialled for it, oldest first. One query."""
    return list(OutsideParty.objects.filter(interaction_id=interaction).select_related("segment__agent").order_by("pk"))


# ---- reasons, outcomes ----------------------------------------------------------------------------------------


def reasons_in_levels() -> list[tuple[ContactReason, list[ContactReason]]]:
    """Every active contact reason: the first level with its second. One query."""
    rows = list(ContactReason.objects.filter(active=True))
    below: dict[int, list[ContactReason]] = {}
    for row in rows:
        if row.parent_id is not None:
            below.setdefault(row.parent_id, []).append(row)
    return [(row, below.get(row.pk, [])) for row in rows if row.parent_id is None]


def favourites(user: Any, limit: int = 5, now: datetime | None = None) -> list[ContactReason]:
    """The reasons that this user gave most in the last 60 days; what is missing, from everybody's. Two queries."""
    since = (now or timezone.now()) - FAVOURITES_OF
    given = Count("pk", filter=Q(pk__isnull=False))
    own = list(
        InteractionReason.objects.filter(by_id=user.pk, at__gte=since, reason__active=True)
        .values_list("reason_id")
        .annotate(times=given)
        .order_by("-times", "reason_id")[:limit]
        .values_list("reason_id", flat=True)
    )
    used = InteractionReason.objects.filter(reason=OuterRef("pk"), at__gte=since)
    rows = ContactReason.objects.filter(active=True).exclude(parent=None).annotate(used=Exists(used)).order_by("-used", "order", "code")
    ranked: list[ContactReason] = sorted(rows, key=lambda row: own.index(row.pk) if row.pk in own else len(own))
    return ranked[:limit]


def outcomes() -> list[Outcome]:
    """One query."""
    return list(Outcome.objects.filter(active=True))


# ---- why, what changed ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A decision in words."""

    kind: str
    policy: str
    version: int | None
    at: datetime
    sentences: list[Sentence]


def why(interaction: int, kinds: Sequence[str] = ()) -> list[Said]:
    """What the system decided about the interaction and why, in the active language, oldest first. One query, and one for each kind of name that
    the sentences need (agents, queues, skills): four at most."""
    rows = Decision.objects.filter(interaction_id=interaction).order_by("id")
    decisions = list(rows.filter(kind__in=kinds) if kinds else rows)
    kept: list[tuple[dict[str, Any], str]] = [(sentence, decision.policy) for decision in decisions for sentence in decision.sentences]
    spoken = iter(say_all(kept))
    return [Said(decision.kind, decision.policy, decision.policy_version, decision.at, [next(spoken) for _one in decision.sentences]) for decision in decisions]


@dataclass(frozen=True, slots=True)
class Change:
    """Something that became other in the course of the interaction, for whoever has it next."""

    what: str
    """"profile" (a field of the customer) or "context" (a value of the interaction)."""
    name: str
    old: str
    new: str
    by: str
    at: datetime


def changes_since(interaction: int, since: datetime | None = None, but: int | None = None, values: Sequence[ContextValue] | None = None) -> list[Change]:
    """Changes to the customer's profile and values set by agents in the course of the interaction, oldest first; since a moment, and not those
    made by user `but`. Two queries, one where the `values` are at hand (`Detail.values`)."""
    values = _CONTEXT(interaction) if values is None else values
    found = [
        Change("profile", one.field, one.old, one.new, str(one.by or ""), one.at)
        for one in _FIELDS_CHANGED(f"interaction:{interaction}")
        if (since is None or one.at > since) and (but is None or one.by_id != but)
    ]
    before: dict[str, Any] = {}
    for one in values:
        if one.by == ContextValue.By.AGENT and one.name != CANDIDATES and (since is None or one.at > since) and (but is None or one.user_id != but):
            found.append(Change("context", one.name, _plain(before.get(one.name)), _plain(one.value), str(one.user or ""), one.at))
        before[one.name] = one.value
    return sorted(found, key=lambda change: change.at)


_FIELDS_CHANGED = Kept(lambda origin: FieldChange.objects.filter(origin=origin).select_related("by").order_by("id"))


def _plain(value: Any) -> str:
    return "" if value is None else str(value)


# ---- history --------------------------------------------------------------------------------------------------


def history(
    parties: Sequence[int], *, q: str = "", before: str = "", limit: int = 20, interaction: int | None = None, only: Sequence[str] = ()
) -> timeline.Page:
    """The timeline of a customer (`parties.queries.ids_of`: with merged records), newest first, across everything that packages add.
    `before` is the cursor of the page before. Raises ValueError on a cursor that is none."""
    asked = timeline.Asked(tuple(parties), " ".join(q.split()), None, limit, translation.get_language() or "en", interaction)
    return timeline.read(asked, before, only)


ICONS = {
    Interaction.Channel.VOICE: "phone",
    Interaction.Channel.EMAIL: "mail",
    Interaction.Channel.CHAT: "message",
    Interaction.Channel.SMS: "device-mobile-message",
    Interaction.Channel.LETTER: "mail-opened",
    Interaction.Channel.FAX: "printer",
    Interaction.Channel.SOCIAL: "world",
    Interaction.Channel.VIDEO: "video",
    Interaction.Channel.WEB: "forms",
}


def _contacts(parties: Sequence[int], before: datetime | None = None) -> QuerySet[Interaction]:
    rows = Interaction.objects.filter(subject_id__in=parties)
    rows = rows if before is None else rows.filter(started_at__lte=before)
    return rows.select_related("agent", "outcome").order_by("-started_at", "-id")


_CONTACTS = Kept(lambda parties, before=None, *, limit: _contacts(parties, before)[:limit])
_REASONS_OF = Kept(lambda interactions: InteractionReason.objects.filter(interaction_id__in=interactions).select_related("reason").order_by("id"))
_NOTES_OF = Kept(lambda interactions: Note.objects.filter(interaction_id__in=interactions, filed=True).exclude(text="").order_by("-id"))


def interaction_entries(asked: timeline.Asked) -> list[timeline.Entry]:
    """The contacts themselves, found by headline, filed notes, what the customer said or keyed, and reasons. Three queries."""
    if not asked.q:
        found = _CONTACTS(*asked.given, limit=asked.limit)
    else:
        notes = Note.objects.filter(interaction=OuterRef("pk"), filed=True, text__icontains=asked.q)
        said = ContextValue.objects.filter(interaction=OuterRef("pk"), value__icontains=asked.q)
        reasons = InteractionReason.objects.filter(interaction=OuterRef("pk"), reason__names__icontains=asked.q)
        rows = _contacts(*asked.given).filter(Q(headline__icontains=asked.q) | Exists(notes) | Exists(said) | Exists(reasons))
        found = list(rows[: asked.limit])
    return _shown(found, asked)


def entries_of(ids: Sequence[int], language: str) -> list[timeline.Entry]:
    """These contacts as entries of a timeline. Three queries."""
    rows = Interaction.objects.filter(pk__in=ids).select_related("agent", "outcome")
    return _shown(list(rows), timeline.Asked((), "", None, 0, language, None))


def _shown(found: Sequence[Interaction], asked: timeline.Asked) -> list[timeline.Entry]:
    ids = [row.pk for row in found]
    reasons_of: dict[int, list[str]] = {}
    for given in _REASONS_OF(ids):
        reasons_of.setdefault(given.interaction_id, []).append(given.reason.name_in(asked.language))
    noted: dict[int, str] = {}
    for note in _NOTES_OF(ids):
        noted[note.interaction_id or 0] = note.text
    return [_entry(row, reasons_of.get(row.pk, []), noted.get(row.pk, ""), asked) for row in found]


def _nameless(row: Interaction) -> str:
    """What a contact is called of which nobody noted anything: the channel; of a call that nobody answered, how the caller gave up."""
    channel = str(row.get_channel_display())
    if row.ended_at is None or row.answered_at is not None or row.direction != Interaction.Direction.INBOUND:
        return _("%(channel)s, hung up while waiting") % {"channel": channel} if row.end_cause == "abandoned" else channel
    if row.end_cause == "abandoned":
        waited = clock((row.ended_at - (row.queued_at or row.started_at)).total_seconds())
        return _("%(channel)s, hung up after waiting %(time)s") % {"channel": channel, "time": waited}
    if row.channel == Interaction.Channel.VOICE and row.queued_at is None and row.end_cause == "customer":
        return _("Call, hung up in the menu")
    return channel


def _other_end(row: Interaction) -> str:
    return row.to_address if row.direction == Interaction.Direction.OUTBOUND else row.from_address


def _entry(row: Interaction, reasons: list[str], note: str, asked: timeline.Asked) -> timeline.Entry:
    title = row.headline or note.strip().split("\n", 1)[0][:120] or ", ".join(reasons) or _nameless(row)
    parts = []
    if row.end_cause == "abandoned" and title != _nameless(row):
        parts.append(_nameless(row))
    if row.agent is not None:
        parts.append(str(row.agent))
    if row.answered_at is not None and row.ended_at is not None:
        minutes = max(1, round((row.ended_at - row.answered_at).total_seconds() / 60))
        parts.append(_("%(minutes)d min") % {"minutes": minutes})
    if row.outcome is not None:
        parts.append(row.outcome.name_in(asked.language))
    return timeline.Entry(
        kind="interaction",
        id=row.pk,
        at=row.started_at,
        title=title,
        detail=", ".join(parts),
        icon=ICONS[Interaction.Channel(row.channel)],
        tone="bad" if row.end_cause == "abandoned" else "",
        mine=row.pk == asked.interaction,
        data={
            "channel": row.channel,
            "direction": row.direction,
            "state": row.state,
            "reasons": reasons,
            "note": note,
            "number": _other_end(row) if row.channel == Interaction.Channel.VOICE else "",
        },
    )


timeline.source("interaction", interaction_entries)

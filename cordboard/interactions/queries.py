"""Reading interactions. Every function says how many queries it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
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
    Segment,
    SubjectChange,
)
from cordboard.interactions.sentences import Sentence, say_all
from cordboard.parties.models import FieldChange, Party

FAVOURITES_OF = timedelta(days=60)


# ---- what an agent has ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mine:
    """One contact that an agent has open: the agent's segment and the other open ones beside it."""

    interaction: Interaction
    segment: Segment
    others: tuple[Segment, ...]

    @property
    def consulted(self) -> Segment | None:
        """The colleague whom this agent asks: ringing or live."""
        if self.segment.kind == Segment.Kind.CONSULT:
            return None
        return next((one for one in self.others if one.kind == Segment.Kind.CONSULT and one.state != Segment.State.WRAPUP), None)


def open_for_agent(user: Any) -> list[Mine]:
    """Everything that rings at, is with, or is being wrapped up by this agent; the oldest first. Two queries."""
    mine = list(
        Segment.objects.filter(agent_id=user.pk)
        .exclude(state=Segment.State.ENDED)
        .select_related("interaction__subject__account_owner", "interaction__reporter", "interaction__agent")
        .order_by("id")
    )
    beside: dict[int, list[Segment]] = {}
    rows = Segment.objects.filter(interaction_id__in=[one.interaction_id for one in mine]).exclude(state=Segment.State.ENDED).exclude(agent_id=user.pk)
    for other in rows.select_related("agent").order_by("id"):
        beside.setdefault(other.interaction_id, []).append(other)
    return [Mine(one.interaction, one, tuple(beside.get(one.interaction_id, ()))) for one in mine]


# ---- one interaction ------------------------------------------------------------------------------------------


@dataclass
class Detail:
    """All that is kept of one interaction. What most screens leave alone is one query each, made when it is first asked for."""

    interaction: Interaction
    context: dict[str, ContextValue]
    """The values that hold, by name, with who set them and when."""

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
    row = Interaction.objects.select_related("subject__account_owner", "subject__company", "reporter", "agent", "outcome").filter(pk=interaction).first()
    return Detail(row, context(interaction)) if row is not None else None


def context(interaction: int) -> dict[str, ContextValue]:
    """The values that hold, by name, in the order in which the names came up. One query."""
    held: dict[str, ContextValue] = {}
    for value in ContextValue.objects.filter(interaction_id=interaction).select_related("user").order_by("id"):
        held[value.name] = value
    return held


def note_of(user: Any, interaction: int | None) -> Note | None:
    """The user's scratch pad for the interaction, or the loose one. One query."""
    rows = Note.objects.filter(author_id=user.pk)
    return (rows.filter(interaction=None) if interaction is None else rows.filter(interaction_id=interaction)).first()


def notes_of_others(user: Any, interaction: int) -> list[Note]:
    """What other agents wrote in this contact, oldest first. One query."""
    return list(Note.objects.filter(interaction_id=interaction).exclude(author_id=user.pk).exclude(text="").select_related("author").order_by("pk"))


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


def changes_since(interaction: int, since: datetime | None = None, but: int | None = None) -> list[Change]:
    """Changes to the customer's profile and values set by agents in the course of the interaction, oldest first; since a moment, and not those
    made by user `but`. Two queries."""
    profile = FieldChange.objects.filter(origin=f"interaction:{interaction}").select_related("by").order_by("id")
    values = list(ContextValue.objects.filter(interaction_id=interaction).select_related("user").order_by("id"))
    found = [
        Change("profile", one.field, one.old, one.new, str(one.by or ""), one.at)
        for one in profile
        if (since is None or one.at > since) and (but is None or one.by_id != but)
    ]
    before: dict[str, Any] = {}
    for one in values:
        if one.by == ContextValue.By.AGENT and one.name != CANDIDATES and (since is None or one.at > since) and (but is None or one.user_id != but):
            found.append(Change("context", one.name, _plain(before.get(one.name)), _plain(one.value), str(one.user or ""), one.at))
        before[one.name] = one.value
    return sorted(found, key=lambda change: change.at)


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


def interaction_entries(asked: timeline.Asked) -> list[timeline.Entry]:
    """The contacts themselves, found by headline, filed notes, what the customer said or keyed, and reasons. Three queries."""
    rows = Interaction.objects.filter(subject_id__in=asked.parties)
    if asked.before is not None:
        rows = rows.filter(started_at__lte=asked.before)
    if asked.q:
        notes = Note.objects.filter(interaction=OuterRef("pk"), filed=True, text__icontains=asked.q)
        said = ContextValue.objects.filter(interaction=OuterRef("pk"), value__icontains=asked.q)
        reasons = InteractionReason.objects.filter(interaction=OuterRef("pk"), reason__names__icontains=asked.q)
        rows = rows.filter(Q(headline__icontains=asked.q) | Exists(notes) | Exists(said) | Exists(reasons))
    found = list(rows.select_related("agent", "outcome").order_by("-started_at", "-id")[: asked.limit])
    ids = [row.pk for row in found]
    reasons_of: dict[int, list[str]] = {}
    for given in InteractionReason.objects.filter(interaction_id__in=ids).select_related("reason").order_by("id"):
        reasons_of.setdefault(given.interaction_id, []).append(given.reason.name_in(asked.language))
    noted: dict[int, str] = {}
    for note in Note.objects.filter(interaction_id__in=ids, filed=True).exclude(text="").order_by("-id"):
        noted[note.interaction_id or 0] = note.text
    return [_entry(row, reasons_of.get(row.pk, []), noted.get(row.pk, ""), asked) for row in found]


def _entry(row: Interaction, reasons: list[str], note: str, asked: timeline.Asked) -> timeline.Entry:
    title = row.headline or note.strip().split("\n", 1)[0][:120] or ", ".join(reasons) or row.get_channel_display()
    parts = []
    if row.agent is not None:
        parts.append(str(row.agent))
    if row.answered_at is not None and row.ended_at is not None:
        minutes = max(1, round((row.ended_at - row.answered_at).total_seconds() / 60))
        parts.append(_("%(minutes)d min") % {"minutes": minutes})
    if row.end_cause == "abandoned":
        parts.append(_("hung up while waiting"))
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
        data={"channel": row.channel, "direction": row.direction, "state": row.state, "reasons": reasons, "note": note},
    )


timeline.source("interaction", interaction_entries)

"""Reading interactions. Every function says how many queries it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cordboard.interactions.actions_context import CANDIDATES
from cordboard.interactions.actions_subject import MISDIRECTED
from cordboard.interactions.models import (
    ContactReason,
    ContextValue,
    Interaction,
    InteractionReason,
    Note,
    OutsideParty,
    Segment,
    SubjectChange,
)
from cordboard.lib.kept import Kept
from cordboard.parties.models import Party

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


def values_in(interaction: int) -> list[ContextValue]:
    """Every value that was ever set, oldest first. One query."""
    return _CONTEXT(interaction)


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

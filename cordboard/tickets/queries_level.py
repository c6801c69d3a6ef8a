"""Reading support levels: where a ticket is, where it goes next, what is asked for there, and where it has been."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F

from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.tickets import levels
from cordboard.tickets.models import LevelItem, LevelStep, SupportLevel, Ticket
from cordboard.tickets.queries import visible

UP = (LevelStep.Way.SENT, LevelStep.Way.LIVE, LevelStep.Way.RULE)


@dataclass(frozen=True, slots=True)
class Where:
    rank: int
    next: levels.Place | None
    """who serves the next level; None: nobody"""
    next_name: str
    items: list[levels.Item]
    """what the next level asks for"""
    rows: dict[int, LevelItem]
    steps: list[LevelStep]
    """all hand-offs, in the order in which they were written: the clock may have been set back"""
    path: list[levels.Step]
    came: LevelStep | None
    """the hand-off that brought it up to where it is and was not answered by handing it back"""
    pending: LevelStep | None
    """a call is being handed on with it"""
    family: str


def family_of(ticket: Ticket) -> str:
    """Of the product on the ticket, "" without one. One query unless it was read with the ticket."""
    return ticket.product.product.family if ticket.product is not None else ""


_LEVELS = Kept(lambda: SupportLevel.objects.select_related("unit"))
_STEPS = Kept(
    lambda ticket: (
        LevelStep.objects.filter(ticket=ticket)
        .select_related("by", "from_unit", "to_unit", "from_owner", "to_owner")
        .order_by("pk")
        .annotate(held=F("ticket__level__rank"))
    )
)
_ITEMS = Kept(lambda families, *, rank: LevelItem.objects.filter(rank=rank, family__in=families))


def where(ticket: Ticket) -> Where:
    """Three queries, and one or two for product and unit where they were not read with the ticket."""
    family = family_of(ticket)
    rows = _LEVELS()
    names = {row.unit_id: row.unit.name for row in rows}
    places = [levels.Place(row.pk, row.rank, row.family, row.unit_id, row.unit.country, row.queue_id) for row in rows]
    annotated = _STEPS(ticket.pk)
    steps: list[LevelStep] = [*annotated]
    done = [one for one in steps if one.state == LevelStep.State.DONE]
    held = annotated[0].held if annotated else None  # only hand-offs give it a level
    rank = held if held is not None else levels.rank_of(places, ticket.unit_id, family)
    country = ticket.unit.country if ticket.unit is not None else ""
    above = levels.next_place(places, rank, family, country, unit=ticket.unit_id)
    asked = {row.pk: row for row in _ITEMS(["", family], rank=above.rank)} if above is not None else {}
    items = [levels.Item(row.pk, row.rank, row.family, row.asks, row.required, row.order) for row in asked.values()]
    path = [levels.Step(one.to_rank, one.to_unit_id, one.at) for one in done if one.way in UP]
    pending = next((one for one in steps if one.state == LevelStep.State.PENDING), None)
    return Where(
        rank,
        above,
        names.get(above.unit, "") if above is not None else "",
        levels.items_for(items, above.rank, family) if above is not None else [],
        asked,
        steps,
        path,
        _came(done),
        pending,
        family,
    )


def _came(done: list[LevelStep]) -> LevelStep | None:
    """Hand-offs up and back pair like brackets: the innermost that is still open."""
    open_steps: list[LevelStep] = []
    for one in done:
        if one.way in UP:
            open_steps.append(one)
        elif open_steps:
            open_steps.pop()
    return open_steps[-1] if open_steps else None


def came_with(interaction: int, reader: User) -> LevelStep | None:
    """The newest hand-off of a ticket that goes, or went, along with this call from a colleague to the reader. One query."""
    rows = LevelStep.objects.filter(interaction=interaction, ticket__in=visible(reader)).exclude(state=LevelStep.State.DROPPED).exclude(by=reader)
    return rows.select_related("ticket", "by", "from_unit", "to_unit", "to_owner").order_by("-pk").first()

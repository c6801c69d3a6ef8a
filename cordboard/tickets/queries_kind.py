"""Kinds of tickets as the program works with them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import translation

from cordboard.lib.kept import Kept
from cordboard.tickets import kinds, states
from cordboard.tickets.kinds import Field
from cordboard.tickets.models import Ticket, TicketKind
from cordboard.tickets.states import Machine


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for tickets of one kind."""

    code: str
    like: str
    active: bool
    fields: tuple[Field, ...]
    machine: Machine
    names: dict[str, dict[str, str]]
    """of own states, by code and language"""

    def state_name(self, code: str) -> str:
        names = self.names.get(code, {})
        language = translation.get_language() or "en"
        return names.get(language) or names.get("en") or next(iter(names.values()), "") or (str(Ticket.State(code).label) if code in states.STATES else code)


def usual_terms(code: str) -> Terms:
    """Of a kind without a row: a built-in one in a database whose rows were emptied."""
    return Terms(code, code if code in kinds.BUILT_IN else "request", True, (), states.USUAL, {})


def _terms(row: TicketKind) -> Terms:
    names = {str(one["code"]): dict(one.get("names") or {}) for one in row.states}
    return Terms(row.code, row.code if row.built_in else row.like, row.active, kinds.fields(row.fields), states.machine(row.states), names)


_KIND = Kept(lambda code: TicketKind.objects.filter(code=code)[:1])


def terms_of(code: str) -> Terms | None:
    """None when there is no such kind. One query."""
    row = _KIND.first(code)
    if row is not None:
        return _terms(row)
    return usual_terms(code) if code in kinds.BUILT_IN else None


def choosable(language: str) -> list[tuple[str, str]]:
    """Kinds for a new ticket, with their names, in order. One query."""
    rows = list(TicketKind.objects.all())
    found = [(row.code, row.name_in(language)) for row in rows if row.active]
    if not rows:
        with translation.override(language):
            return [(code, str(Ticket.Kind(code).label)) for code in kinds.BUILT_IN]
    return found


def every(language: str) -> list[tuple[str, str]]:
    """All kinds, also those not chosen any more: for filters. One query."""
    rows = [(row.code, row.name_in(language)) for row in TicketKind.objects.all()]
    return rows or choosable(language)

"""Colleagues who may be named in a ticket's notes."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Prefetch, Q

from cordboard.org.models import Role, User
from cordboard.tickets.models import Ticket

READ = 80
MOST = 8


class Colleague(NamedTuple):
    username: str
    name: str
    unit: str


def mentionable(ticket: Ticket, typed: str, reader: int, *, most: int = MOST) -> list[Colleague]:
    """Active colleagues who see the ticket and whose name or user name has what was typed, in whatever script: those of its unit first, then those whose name begins so. Two queries."""
    typed = " ".join(typed.split())[:60]
    asked = Q()
    for one in {typed, typed.lower(), typed.title(), typed.capitalize(), typed.upper()}:  # SQLite folds ASCII letters alone
        asked |= Q(name__icontains=one) | Q(username__icontains=one)
    rows = User.objects.filter(asked, is_active=True).exclude(pk=reader).select_related("unit")
    rows = rows.prefetch_related(Prefetch("roles", Role.objects.only("permissions")))
    found = [one for one in rows.order_by("name", "pk")[:READ] if _sees(one, ticket)]
    folded = typed.casefold()
    found.sort(
        key=lambda one: (one.unit_id != ticket.unit_id, not _begins(str(one), folded) and not one.username.casefold().startswith(folded), str(one).casefold())
    )
    return [Colleague(one.username, str(one), one.unit.name if one.unit is not None else "") for one in found[:most]]


def _begins(name: str, folded: str) -> bool:
    return name.casefold().startswith(folded) or any(part.startswith(folded) for part in name.casefold().split())


def _sees(one: User, ticket: Ticket) -> bool:
    """As `queries.visible` has it, from roles that were read already."""
    scopes = {role.permissions.get("tickets.view") for role in one.roles.all()}
    own = one.pk in (ticket.owner_id, ticket.opened_by_id)
    return "all" in scopes or ("unit" in scopes and one.unit_id is not None and one.unit_id == ticket.unit_id) or (bool(scopes - {None}) and own)

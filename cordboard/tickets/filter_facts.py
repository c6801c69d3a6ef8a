"""What a view of the ticket list may ask of a ticket, in words; and which views everybody has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cordboard.parties.models import Party
from cordboard.rules.facts import BOOLEAN, CHOICE, DATETIME, LIST, NUMBER, Fact
from cordboard.tickets.filters import Every, Field, Has, Plan
from cordboard.tickets.models import Ticket

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

OPEN = Has("resolved_at", "known", negated=True)
"""No ticket that somebody still has to do something about has a moment of resolution, and every other has one. Written so, indexes of open tickets fit."""


def _late(now: datetime) -> Plan:
    return Every((OPEN, Has("due_at", "less", now)))


def _open(now: datetime) -> Plan:
    return OPEN


_FIELDS = (
    Field(Fact("ticket.open", BOOLEAN, _("the ticket is open")), whole=_open),
    Field(Fact("ticket.late", BOOLEAN, _("the ticket is late")), whole=_late),
    Field(Fact("ticket.state", CHOICE, pgettext_lazy("of a ticket", "state"), choices=dict(Ticket.State.choices)), "state"),
    Field(Fact("ticket.kind", CHOICE, pgettext_lazy("of a ticket", "kind")), "kind"),
    Field(Fact("ticket.priority", NUMBER, pgettext_lazy("of a ticket", "priority")), "priority"),
    Field(Fact("ticket.owner", CHOICE, pgettext_lazy("of a ticket", "owner")), "owner_id", id=True),
    Field(Fact("ticket.unit", CHOICE, pgettext_lazy("of a ticket", "unit")), "unit_id", id=True),
    Field(Fact("ticket.opened_by", CHOICE, _("who opened it")), "opened_by_id", id=True),
    Field(Fact("ticket.opened_at", DATETIME, pgettext_lazy("of a ticket", "opened")), "opened_at"),
    Field(Fact("ticket.due_at", DATETIME, pgettext_lazy("of a ticket", "due")), "due_at"),
    Field(Fact("ticket.resolved_at", DATETIME, pgettext_lazy("of a ticket", "resolved")), "resolved_at"),
    Field(Fact("ticket.reason", CHOICE, _("contact reason")), "reason_id", id=True),
    Field(Fact("ticket.tags", LIST, pgettext_lazy("of a ticket", "tags")), "tag"),
    Field(Fact("ticket.words", LIST, _("words in the ticket")), "words"),
    Field(Fact("customer.segment", CHOICE, _("value segment"), choices=dict(Party.Segment.choices)), "party__value_segment"),
    Field(Fact("customer.owner", CHOICE, _("account owner")), "party__account_owner_id", id=True),
)
FIELDS: dict[str, Field] = {field.fact.name: field for field in _FIELDS}


@dataclass(frozen=True, slots=True)
class BuiltIn:
    code: str
    name: str | StrPromise
    condition: Mapping[str, Any]
    sort: str = "due"


_IS_OPEN = {"fact": "ticket.open", "op": "is", "value": True}
_OWN = {"fact": "ticket.owner", "op": "is", "value": "me"}
_UNIT = {"fact": "ticket.unit", "op": "is", "value": "mine"}

BUILT_IN = (
    BuiltIn("mine", _("My open tickets"), {"all": [_IS_OPEN, _OWN]}),
    BuiltIn("unit", _("Open in my unit"), {"all": [_IS_OPEN, _UNIT]}),
    BuiltIn("unowned", _("Nobody's yet, in my unit"), {"all": [_IS_OPEN, _UNIT, {"fact": "ticket.owner", "op": "unknown"}]}),
    BuiltIn("open", _("All open"), _IS_OPEN),
    BuiltIn("late", _("Late"), {"fact": "ticket.late", "op": "is", "value": True}),
    BuiltIn("waiting", _("Waiting for the customer"), {"fact": "ticket.state", "op": "is", "value": "waiting"}),
    BuiltIn("resolved", _("Resolved in 7 days"), {"fact": "ticket.resolved_at", "op": "within", "value": "7d"}, "resolved"),
    BuiltIn("all", _("All tickets"), {}, "newest"),
)

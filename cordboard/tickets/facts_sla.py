"""What the policies of the area "tickets" may ask of a ticket, and the service level that they choose. The situation has "ticket", "party" and "now"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cordboard.interactions.models import ContactReason
from cordboard.org.models import Unit
from cordboard.parties.facts import now_of
from cordboard.rules import areas, verbs
from cordboard.rules.facts import BOOLEAN, CHOICE, NUMBER, TEXT, Situation, declare
from cordboard.tickets.models import Ticket, TicketKind
from cordboard.tickets.models_sla import ServicePlan
from cordboard.tickets.queries_sla import AREA, SAFETY_REASON


def _of(read: Callable[[Ticket], Any]) -> Callable[[Situation], Any]:
    def found(at: Situation) -> Any:
        ticket = at.get("ticket")
        return read(ticket) if isinstance(ticket, Ticket) else None

    return found


def _covered(at: Situation) -> bool | None:
    ticket = at.get("ticket")
    if not isinstance(ticket, Ticket) or ticket.product is None:
        return None
    until = ticket.product.warranty_until
    return until is not None and until >= now_of(at).date()


def _kinds() -> dict[str, Any]:
    return {row.code: row.name_in("en") for row in TicketKind.objects.filter(active=True)} or dict(Ticket.Kind.choices)


def _plans() -> dict[str, str]:
    return dict(ServicePlan.objects.values_list("code", "name"))


declare("ticket.kind", TEXT, pgettext_lazy("of a ticket", "kind"), read=_of(lambda ticket: ticket.kind), options=_kinds)
declare("ticket.state", CHOICE, pgettext_lazy("of a ticket", "state"), read=_of(lambda ticket: ticket.state), choices=dict(Ticket.State.choices))
declare("ticket.priority", NUMBER, pgettext_lazy("of a ticket", "priority"), read=_of(lambda ticket: ticket.priority))
declare(
    "ticket.reason",
    TEXT,
    _("contact reason of the ticket"),
    read=_of(lambda ticket: ticket.reason.code if ticket.reason is not None else None),
    options=lambda: {row.code: row.names.get("en", row.code) for row in ContactReason.objects.all()},
)
declare("ticket.product", TEXT, _("product of the ticket"), read=_of(lambda ticket: ticket.product.product.code if ticket.product is not None else None))
declare(
    "ticket.family", TEXT, _("product family of the ticket"), read=_of(lambda ticket: ticket.product.product.family if ticket.product is not None else None)
)
declare(
    "ticket.unit",
    TEXT,
    _("unit of the ticket"),
    read=_of(lambda ticket: ticket.unit.code if ticket.unit is not None else None),
    options=lambda: dict(Unit.objects.values_list("code", "name")),
)
declare(
    "ticket.safety",
    BOOLEAN,
    _("the ticket is about product safety"),
    read=_of(lambda ticket: ticket.reason is not None and ticket.reason.code == SAFETY_REASON),
)
declare("ticket.covered", BOOLEAN, _("the ticket's product is in warranty"), read=_covered)

verbs.declare(
    "service_level",
    _("give a service level"),
    fields={"plan": str},
    sentence=_("service level %(plan)s"),
    options={"plan": _plans},
    labels={"plan": _("service level")},
    single=True,
)
areas.declare(
    AREA,
    _("Service levels"),
    _("Which service level a ticket has: by its kind, priority, product, and who the customer is."),
    verbs=("service_level",),
    order=35,
)

"""Whom and what a ticket is about, at the head of its right column."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cordboard.desktop.presenters import say
from cordboard.lib.addresses import reverse
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.parties.normalise import phone_shown
from cordboard.tickets.models import Ticket, TicketAsked


def section(user: User, ticket: Ticket, language: str) -> dict[str, Any] | None:
    """No query: the ticket comes with its customer, product and reason."""
    facts: list[dict[str, str]] = []
    if ticket.party is not None:
        url = reverse("desktop:customer", args=[ticket.party_id]) if user_may(user, "parties.view") is not None else ""
        facts.append({"label": _("Customer"), "value": ticket.party.name, "url": url})
    if ticket.product is not None:
        facts.append({"label": _("Product"), "value": ticket.product.product.name_in(language), "url": ""})
    if ticket.reason is not None:
        facts.append({"label": _("Contact reason"), "value": ticket.reason.name_in(language), "url": ""})
    asked: TicketAsked | None = getattr(ticket, "asked", None)
    if asked is not None:
        given = ", ".join(one for one in (asked.name, asked.email, phone_shown(asked.phone), asked.serial) if one)
        facts.append({"label": _("Given in the form, not checked"), "value": given, "url": ""})
    facts.append({"label": pgettext("of a ticket", "Priority"), "value": str(ticket.priority), "url": "", "act": "priority"})
    facts.append({"label": _("Unit"), "value": ticket.unit.name if ticket.unit is not None else _("none"), "url": ""})
    if ticket.due_at is not None:
        facts.append({"label": _("Due"), "value": say.when(ticket.due_at, timezone.now()), "url": ""})
    return {"template": "desktop/ticket/facts.html", "facts": facts}

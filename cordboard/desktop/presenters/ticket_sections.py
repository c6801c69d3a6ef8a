"""The right column of a ticket's page: one function for each section, in the order in which they stand.

A section is a function `(user, ticket, language) -> {"template": "desktop/ticket/<noun>.html", ...}`, or None where it has nothing to show. Its template finds the
dict as `section`. A section makes a fixed number of queries.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cordboard.desktop.presenters import (
    case,
    complaint,
    product,
    service_order,
    six_acts,
    ticket_facts,
    ticket_goodwill,
    ticket_incident,
    ticket_level,
    ticket_satisfaction,
    ticket_similar,
    ticket_sla,
    ticket_visits,
)
from cordboard.desktop.presenters.masking import OPEN, Mask
from cordboard.org.models import User
from cordboard.tickets.models import Ticket

Section = dict[str, Any]

SECTIONS: list[Callable[[User, Ticket, str], Section | None]] = [
    ticket_facts.section,
    six_acts.section,
    product.section,
    service_order.section,
    case.section,
    complaint.section,
    ticket_satisfaction.section,
    ticket_visits.section,
    ticket_sla.section,
    ticket_level.section,
    ticket_incident.section,
    ticket_similar.section,
    ticket_goodwill.section,
]


def sections(user: User, ticket: Ticket, language: str, mask: Mask = OPEN) -> list[Section]:
    return [mask.within(found) for make in SECTIONS if (found := make(user, ticket, language)) is not None]

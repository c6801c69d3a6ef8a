"""What views of the ticket list may ask of how satisfied customers are."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cordboard.guidance.models import TicketSurvey
from cordboard.rules.facts import NUMBER, Fact
from cordboard.tickets.filter_facts import offer
from cordboard.tickets.filters import Field
from cordboard.tickets.filters_related import compared
from cordboard.tickets.models import Complaint


def _rating(op: str, value: Any) -> Q:
    """As it was given after the ticket was resolved, or of the result of a complaint; 1 to 5."""
    asked = TicketSurvey.objects.exclude(rating=None).filter(compared("rating", op, value))
    complained = Complaint.objects.exclude(rating=None).filter(compared("rating", op, value))
    return Q(pk__in=asked.values("ticket")) | Q(pk__in=complained.values("ticket"))


offer(Field(Fact("ticket.rating", NUMBER, _("how the customer rated it, 1 to 5")), "rating"), _rating)

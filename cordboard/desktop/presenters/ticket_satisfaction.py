"""How the customer says they were helped, on a resolved ticket's page. Of a complaint its own part says that."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.desktop.presenters import complaint, say
from cordboard.guidance.actions_ticket_survey import task_key
from cordboard.guidance.models import SurveyAnswer, TicketSurvey
from cordboard.guidance.queries_satisfaction import LOW_ON_FIVE
from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.tickets.models import Task, Ticket

_ASKED = Kept(lambda ticket: TicketSurvey.objects.select_related("invitation").filter(ticket=ticket).order_by("pk")[:1])


def section(user: User, ticket: Ticket, language: str) -> dict[str, Any] | None:
    """Two queries, one where nobody was asked: None then; one more where somebody rated it."""
    row = _ASKED.first(ticket.pk)
    if row is None:
        return None
    asked, now = row.invitation, timezone.now()
    words = [
        str(one) for one in SurveyAnswer.objects.filter(invitation=asked, kind="text").order_by("order").values_list("value", flat=True) if str(one).strip()
    ]
    if asked.answered_at is not None:
        state = _("By the customer, %(when)s.") % {"when": say.when(asked.answered_at, now)}
    elif asked.withdrawn_at is not None:
        state = _("The customer does not want to be asked.")
    elif asked.expires_at <= now:
        state = _("The customer was asked by a link and has not answered in time.")
    else:
        state = _("The customer was asked by a link and has not answered yet.")
    followed = Task.objects.select_related("owner", "position", "unit", "done_by").filter(key=task_key(asked.pk)) if row.rating is not None else ()
    return {
        "tasks": [complaint.task(one, now) for one in followed],
        "template": "desktop/ticket/satisfaction.html", "rating": complaint.rating(row.rating) if row.rating is not None else "",
        "low": row.rating is not None and row.rating <= LOW_ON_FIVE, "state": state, "words": words,
    }  # fmt: skip

"""The result of a complaint goes out by mail, with a link to the survey that asks how satisfied the customer is; what they answer goes back to the complaint."""

from __future__ import annotations

import logging
import re
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from cordboard.guidance.actions_survey import SurveyClosed, invite
from cordboard.guidance.actions_survey_plan import NotAsked, may_ask
from cordboard.guidance.models import ComplaintSurvey, SurveyAnswer, SurveyInvitation
from cordboard.lib.config import config
from cordboard.mail import actions as mail
from cordboard.mail.models import OutgoingMail
from cordboard.tickets import complaint_ways, queries_complaint
from cordboard.tickets.actions_complaint import asked_how, rate, told
from cordboard.tickets.models import Complaint, Ticket

logger = logging.getLogger(__name__)

PURPOSE = "complaint"
"""Of the mail."""
RESULT = re.compile(r"complaint:(\d+):result")
"""Its key."""


def send_result(ticket: Ticket, complaint: Complaint, address: str, subject: str, text: str, by: Any, now: datetime) -> str:
    """In the caller's transaction: the message is a row, the worker sends it. Without a mail server it is kept as not sent, to be sent later by hand."""
    link = survey_link(ticket, complaint, now)
    if link:
        with translation.override(complaint.language or "en"):
            text = "\n\n".join((text, _("How satisfied are you with how we dealt with your complaint? Tell us here, it takes less than a minute:"), link))
    made = mail.send(
        address, subject, text, purpose=PURPOSE, key=f"complaint:{ticket.pk}:result", party=ticket.party_id, language=complaint.language, by=by, now=now
    )  # fmt: skip
    return made.message_id


def survey_link(ticket: Ticket, complaint: Complaint, now: datetime) -> str:
    """Where the customer says how satisfied they are; "" where no survey is set, or they do not want to be asked."""
    body = queries_complaint.body_of(queries_complaint.newest_scheme())
    if not body["survey"] or ticket.party_id is None:
        return ""
    try:
        may_ask(ticket.party_id, 0, now)
        made = invite(body["survey"], None, party=ticket.party_id, language=complaint.language, days=body["survey_days"], now=now)
    except (NotAsked, SurveyClosed) as why:
        logger.info("complaint %s: satisfaction is not asked: %s", ticket.pk, why.code)
        return ""
    ComplaintSurvey.objects.create(invitation=made.invitation, ticket=ticket)
    asked_how(ticket.pk, now=now)
    return urljoin(config().link, reverse("portals:survey", args=[made.token]).lstrip("/"))


def answered(invitation: int, *, now: datetime | None = None) -> None:
    """A survey was answered: when it asks about a complaint, its first rating and what was written become the complaint's. Safe to be done twice."""
    row = SurveyInvitation.objects.select_related("run__flow", "complaint").filter(pk=invitation, complaint__isnull=False).first()
    if row is None or row.run is None:
        return
    given = list(SurveyAnswer.objects.filter(invitation=row).order_by("order"))
    first = next((one for one in given if one.kind == "rating" and one.number is not None), None)
    if first is None or first.number is None:
        return
    asks: dict[str, Any] = next(
        (step for step in row.run.flow.runs_as["steps"].values() if step.get("into") == first.name and step.get("kind") == "rating"), {}
    )
    comment = "\n".join(str(one.value) for one in given if one.kind == "text" and str(one.value).strip())
    try:
        with transaction.atomic():
            rate(row.complaint.ticket_id, first.number, lowest=float(asks.get("min", 1)), highest=float(asks.get("max", 5)), comment=comment, now=now)
    except ValidationError as problem:
        logger.warning("the answer to survey %s does not rate its complaint: %s", invitation, " ".join(problem.messages))


def sent(message: int, *, now: datetime | None = None) -> None:
    """A message has gone out: when it was the result of a complaint, the customer has been told. Safe to be done twice."""
    key = OutgoingMail.objects.filter(pk=message, purpose=PURPOSE, state=OutgoingMail.State.SENT).values_list("key", flat=True).first()
    found = RESULT.fullmatch(key or "")
    if found is not None:
        told(int(found[1]), now=now)


complaint_ways.offer(send_result)

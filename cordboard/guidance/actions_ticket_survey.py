"""A ticket is resolved: its customer is asked how they were helped, by a link to the survey that its kind has. A complaint is not asked about here: its result asks itself."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.flows.models import Flow
from cordboard.guidance import events
from cordboard.guidance.actions_survey import MOST_DAYS, SURFACE, SurveyClosed, invite
from cordboard.guidance.actions_survey_plan import LONGEST_REST, PURPOSE, NotAsked, may_ask
from cordboard.guidance.models import SurveyInvitation, TicketSurvey, TicketSurveyPlan
from cordboard.guidance.queries_satisfaction import HIGHEST, LOW_ON_FIVE, LOWEST, first_rating
from cordboard.lib.config import config
from cordboard.lib.keeping import BadValue, check
from cordboard.mail import actions as mail
from cordboard.mail.models import OutgoingMail
from cordboard.org.languages import best
from cordboard.org.models import Position, User
from cordboard.org.permissions import require
from cordboard.parties import queries as party_queries
from cordboard.tickets import complaint_time, queries_complaint, states
from cordboard.tickets.actions_task import make_task
from cordboard.tickets.models import Complaint, Task, Ticket, TicketInteraction, TicketKind
from cordboard.tickets.permissions import KINDS

logger = logging.getLogger(__name__)

PLAN = ("code", "rest_days", "valid_days", "active", "follow_up", "low", "position", "hours")
MOST_HOURS = 400
"""Working hours within which a low rating is to be followed up, at most."""
FollowUp = TicketSurveyPlan.FollowUp


def plan_values(plan: TicketSurveyPlan | None) -> dict[str, Any]:
    """What can be set of a kind's plan, as it is kept; without one as it begins."""
    row = plan or TicketSurveyPlan(code="")
    return {name: row.position_id if name == "position" else getattr(row, name) for name in PLAN}


def set_plan(kind: str, values: Mapping[str, Any], by: Any, *, seen: str = "") -> TicketSurveyPlan | None:
    """What the customers of resolved tickets of this kind are asked, `values` by the names of PLAN; without a code nothing. Raises BadValue, Changed, PermissionDenied,
    TicketKind.DoesNotExist."""
    require(by, KINDS)
    given = {**plan_values(None), **values}
    with transaction.atomic():
        row = TicketKind.objects.select_for_update().get(code=kind)
        plan = TicketSurveyPlan.objects.filter(kind=row.code).first()
        if seen:
            check(seen, plan_values(plan))
        if not given["code"]:
            TicketSurveyPlan.objects.filter(kind=row.code).delete()
            plan = None
        else:
            plan, _made = TicketSurveyPlan.objects.update_or_create(kind=row.code, defaults=_checked(given))
        log.record(events.TICKET_SURVEY_PLANNED, actor=f"user:{by.pk}", kind_of_ticket=row.code, flow=str(given["code"]))
    return plan


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    flow = Flow.objects.filter(code=given["code"], state=Flow.State.PUBLISHED).first()
    if flow is None or SURFACE not in flow.surfaces:
        raise BadValue("code", _("There is no such survey. Publish it as a flow for the surface survey."))
    rest, valid = int(given["rest_days"]), int(given["valid_days"])
    if not 0 <= rest <= LONGEST_REST:
        raise BadValue("rest_days", _("Between 0 and %(most)s days.") % {"most": LONGEST_REST})
    if not 1 <= valid <= MOST_DAYS:
        raise BadValue("valid_days", _("Between 1 and %(most)s days.") % {"most": MOST_DAYS})
    return {"code": str(given["code"]), "rest_days": rest, "valid_days": valid, "active": bool(given["active"]), **_follow_up(given)}


def _follow_up(given: Mapping[str, Any]) -> dict[str, Any]:
    whom, low, hours = given["follow_up"] or FollowUp.NONE, float(given["low"]), int(given["hours"])
    if whom not in FollowUp.values:
        raise BadValue("follow_up", _("Choose who follows it up."))
    if not LOWEST <= low < HIGHEST:
        raise BadValue("low", _("Between 1 and 5; the best rating is never low."))
    if not 1 <= hours <= MOST_HOURS:
        raise BadValue("hours", _("Between 1 and %(most)s hours.") % {"most": MOST_HOURS})
    position = Position.objects.filter(pk=given["position"]).first() if given["position"] else None
    if whom == FollowUp.POSITION and position is None:
        raise BadValue("position", _("Choose the position in whose list the task stands."))
    return {"follow_up": str(whom), "low": low, "position": position, "hours": hours}


def after_ticket(number: int, *, now: datetime | None = None) -> OutgoingMail | None:
    """Ticket `number` (its row) was resolved: the link goes out where the kind's plan says so, once for each ticket. None: nobody is asked."""
    now = now or timezone.now()
    ticket = Ticket.objects.select_related("party").filter(pk=number, merged_into=None).first()
    plan = TicketSurveyPlan.objects.filter(kind=ticket.kind, active=True).first() if ticket is not None else None
    if ticket is None or plan is None or ticket.party is None or ticket.state not in states.DONE:
        return None
    if TicketSurvey.objects.filter(ticket=ticket).exists() or Complaint.objects.filter(ticket=ticket).exists():
        return None
    emails = party_queries.profile(party_queries.root_id(ticket.party.pk)).emails
    if not emails:
        logger.info("ticket %s: no survey: no_address", number)
        return None
    try:
        may_ask(ticket.party.pk, plan.rest_days, now)
        with transaction.atomic():
            # Of the last contact about it are queue and agent, for whom the answer counts.
            contact = TicketInteraction.objects.filter(ticket=ticket).order_by("-pk").values_list("interaction", flat=True).first()
            language = best(ticket.party.languages)
            made = invite(plan.code, None, interaction=contact, party=ticket.party.pk, language=language, days=plan.valid_days, now=now)
            TicketSurvey.objects.create(invitation=made.invitation, ticket=ticket)
            log.record(events.TICKET_ASKED, actor="system", ticket=ticket.pk, party=ticket.party_id, invitation=made.invitation.pk)
            return _mail(ticket, made.invitation, made.token, emails[0].value, now)
    except (NotAsked, SurveyClosed) as why:
        logger.info("ticket %s: no survey: %s", number, why.code)
        return None


def rated(invitation: int, *, now: datetime | None = None) -> bool:
    """A survey was answered: when it asks about a ticket, its first rating is the ticket's. Once; whether it is now."""
    found = first_rating(invitation)
    if found is None:
        return False
    with transaction.atomic():
        rows = TicketSurvey.objects.filter(invitation=invitation, rated_at=None)
        if not rows.update(rating=round(found, 2), rated_at=now or timezone.now()):
            return False
        ticket = Ticket.objects.select_related("owner", "unit", "party").get(survey__invitation=invitation)
        low = found <= LOW_ON_FIVE
        log.record(events.TICKET_RATED, actor="customer", ticket=ticket.pk, party=ticket.party_id, invitation=invitation, low=low)
        _bring_task(ticket, invitation, round(found, 2), now or timezone.now())
    return True


def task_key(invitation: int) -> str:
    """Of the task that a low rating brings: one for each survey."""
    return f"ticket_survey:{invitation}:rating"


def _bring_task(ticket: Ticket, invitation: int, rating: float, now: datetime) -> None:
    """A rating that the kind's plan calls low is followed up. Who is to do it and is not there (no owner, no head up to the top) leaves it to the unit's list."""
    plan = TicketSurveyPlan.objects.select_related("position__unit").filter(kind=ticket.kind).exclude(follow_up=FollowUp.NONE).first()
    if plan is None or rating > plan.low:
        return
    owner = position = None
    if plan.follow_up == FollowUp.OWNER and ticket.owner is not None and ticket.owner.is_active:
        owner = ticket.owner
    elif plan.follow_up == FollowUp.HEAD:
        answering, _units = queries_complaint.answering(ticket.unit)
        owner = User.objects.filter(pk=answering.head).first() if answering.head is not None else None
    elif plan.follow_up == FollowUp.POSITION:
        position = plan.position
    unit = position.unit if position is not None else ticket.unit
    if owner is None and unit is None:
        logger.warning("ticket %s: nobody to follow up its rating: it has no owner and stands in no unit", ticket.pk)
        return
    due = complaint_time.after(unit, now, plan.hours, ticket.party.value_segment if ticket.party is not None else "")
    make_task(
        None, ticket.title, kind=Task.Kind.RATED, ticket=ticket, owner=owner, unit=unit, position=position, due_at=due, priority=2,
        why={"code": "rated_low", "rating": rating, "low": plan.low}, key=task_key(invitation), now=now,
    )  # fmt: skip


def _mail(ticket: Ticket, row: SurveyInvitation, token: str, to: str, now: datetime) -> OutgoingMail:
    link, stop = (urljoin(config().link, reverse(name, args=[token]).lstrip("/")) for name in ("portals:survey", "portals:survey_stop"))
    assert ticket.party is not None
    with translation.override(row.language or "en"):
        lines = [
            _("Dear %(name)s,") % {"name": ticket.party.name},
            _("We have resolved your matter %(number)s: %(title)s. How did we help you? A few questions, about a minute:")
            % {"number": ticket.number, "title": ticket.title},
            link,
            _("The link is for you alone. It can be answered once, until %(day)s.") % {"day": date_format(timezone.localtime(row.expires_at), "DATE_FORMAT")},
            _("You would rather not be asked such questions: %(link)s") % {"link": stop},
        ]
        return mail.send(
            to, _("How did we help you?"), "\n\n".join(lines), purpose=PURPOSE, key=f"survey:{row.pk}", interaction=row.interaction_id, party=ticket.party_id,
            language=row.language, headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}, now=now,
        )  # fmt: skip

"""Who is asked which survey after a contact: the plan of each queue, or what a rule said of this contact, asked for by link or kept for the keys, and who must not be asked."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
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
from cordboard.guidance.actions_answers import queue_of
from cordboard.guidance.actions_survey import MOST_DAYS, SURFACE, SurveyClosed, invitation_of, invite
from cordboard.guidance.models import SurveyInvitation, SurveyPlan
from cordboard.interactions.models import Deed, Interaction
from cordboard.lib.config import config
from cordboard.lib.keeping import BadValue, check
from cordboard.mail import actions as mail
from cordboard.mail.addresses import address_of
from cordboard.mail.models import OutgoingMail
from cordboard.org.languages import best
from cordboard.org.permissions import require
from cordboard.parties import actions as parties
from cordboard.parties import queries as party_queries
from cordboard.parties.models import Party
from cordboard.routing.models import Queue
from cordboard.routing.permissions import MANAGE
from cordboard.routing.scopes import may_manage

logger = logging.getLogger(__name__)

PURPOSE = "survey"
"""Of consents, and of the mail that carries a link."""
LONGEST_REST = 365
PLAN = ("code", "way", "rest_days", "valid_days", "active")
ASK, ASK_NONE = "ask_survey", "ask_no_survey"
"""Verbs of rules (rule_verbs.py), and so of deeds."""
UNASKED = ("deceased", "threatening")
"""Flags of customers who are not asked how they liked it."""


class NotAsked(Exception):
    """The customer is not asked; `code` says why: "refused" (they do not want it), "lately" (they were asked within the days of rest), "flag", "no_address",
    "no_such" (survey)."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


# -- plans ----------------------------------------------------------------------------------------------------------------


def plan_values(plan: SurveyPlan | None) -> dict[str, Any]:
    """What can be set of a queue's plan, as it is kept; without one as it begins."""
    row = plan or SurveyPlan(code="", way=SurveyPlan.Planned.LINK)
    return {name: getattr(row, name) for name in PLAN}


def set_plan(queue: int, values: Mapping[str, Any], by: Any, *, seen: str = "") -> SurveyPlan | None:
    """What this queue's customers are asked, `values` by the names of PLAN; without a code nothing. Raises BadValue, Changed, PermissionDenied,
    Queue.DoesNotExist."""
    require(by, MANAGE)
    may_manage(by, queue)
    given = {**plan_values(None), **values}
    with transaction.atomic():
        row = Queue.objects.select_for_update().get(pk=queue)
        plan = SurveyPlan.objects.filter(queue=row).first()
        if seen:
            check(seen, plan_values(plan))
        if not given["code"]:
            SurveyPlan.objects.filter(queue=row).delete()
            plan = None
        else:
            plan, _made = SurveyPlan.objects.update_or_create(queue=row, defaults=_checked(given))
        log.record(events.SURVEY_PLANNED, actor=f"user:{by.pk}", queue=row.pk, flow=str(given["code"]))
    return plan


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    if given["way"] not in SurveyPlan.Planned.values:
        raise BadValue("way", _("Choose how customers are asked."))
    flow = Flow.objects.filter(code=given["code"], state=Flow.State.PUBLISHED).first()
    if flow is None or SURFACE not in flow.surfaces:
        raise BadValue("code", _("There is no such survey. Publish it as a flow for the surface survey."))
    if needed(given["way"]) not in flow.surfaces:
        raise BadValue("code", _("This survey is not drawn for the telephone. Publish it for that surface too, or ask by a link."))
    rest, valid = int(given["rest_days"]), int(given["valid_days"])
    if not 0 <= rest <= LONGEST_REST:
        raise BadValue("rest_days", _("Between 0 and %(most)s days.") % {"most": LONGEST_REST})
    if not 1 <= valid <= MOST_DAYS:
        raise BadValue("valid_days", _("Between 1 and %(most)s days.") % {"most": MOST_DAYS})
    return {"code": str(given["code"]), "way": given["way"], "rest_days": rest, "valid_days": valid, "active": bool(given["active"])}


def needed(way: str) -> str:
    """The surface that a survey must be drawn for to be asked in this way."""
    return "ivr" if way == SurveyPlan.Planned.KEYS else SURFACE


def _plan(contact: Interaction, way: str) -> SurveyPlan | None:
    """What a rule said last counts; that nobody is to be asked, before all. Days of rest and how long a link holds are the queue's own, where it has a plan. Two queries beside the
    queue's."""
    queue = queue_of(contact)
    plan = SurveyPlan.objects.filter(queue=queue).first() if queue is not None else None
    said = list(Deed.objects.filter(interaction=contact, verb__in=(ASK, ASK_NONE), failed="").order_by("-pk").values_list("verb", "came"))
    if any(verb == ASK_NONE for verb, _came in said):
        return None
    if said:
        came = said[0][1]
        terms = {"rest_days": plan.rest_days, "valid_days": plan.valid_days} if plan is not None else {}
        return SurveyPlan(code=came["survey"], way=way, **terms) if came["way"] == way else None
    return plan if plan is not None and plan.active and plan.way == way else None


def may_ask(party: int | None, rest_days: int, now: datetime) -> None:
    """Raises NotAsked. Nobody whom we do not know has said no."""
    if party is None:
        return
    ids = party_queries.ids_of(party)
    if any(party_queries.may_contact(party, channel, PURPOSE) is False for channel in ("any", "email", "voice")):
        raise NotAsked("refused")
    if any(flag in UNASKED for flags in Party.objects.filter(pk__in=ids).values_list("flags", flat=True) for flag in flags or ()):
        raise NotAsked("flag")
    if rest_days and SurveyInvitation.objects.filter(party__in=ids, made_at__gt=now - timedelta(days=rest_days), withdrawn_at=None).exists():
        raise NotAsked("lately")


# -- after a contact ---------------------------------------------------------------------------------------------------------


def flow_after(interaction: int) -> str:
    """The survey to which the caller is led when the agent hangs up now; "" for none."""
    contact = Interaction.objects.filter(pk=interaction, channel=Interaction.Channel.VOICE, answered_at__isnull=False).first()
    plan = _plan(contact, SurveyPlan.Planned.KEYS) if contact is not None else None
    if contact is None or plan is None or SurveyInvitation.objects.filter(interaction=contact).exists():
        return ""
    flow = Flow.objects.filter(code=plan.code, state=Flow.State.PUBLISHED).first()
    if flow is None or "ivr" not in flow.surfaces:
        return ""
    try:
        may_ask(contact.subject_id, plan.rest_days, timezone.now())
    except NotAsked:
        return ""
    return plan.code


def after_contact(interaction: int, *, now: datetime | None = None) -> OutgoingMail | None:
    """The contact is over: the link goes out where the queue's plan says so. Once for each contact."""
    now = now or timezone.now()
    contact = Interaction.objects.select_related("subject", "agent").filter(pk=interaction, answered_at__isnull=False).first()
    plan = _plan(contact, SurveyPlan.Planned.LINK) if contact is not None else None
    if contact is None or plan is None or SurveyInvitation.objects.filter(interaction=contact).exists():
        return None
    try:
        return send_link(plan.code, None, interaction=interaction, rest_days=plan.rest_days, days=plan.valid_days, now=now)
    except (NotAsked, SurveyClosed) as why:
        logger.info("contact %s: no survey: %s", interaction, why.code)
        return None


def send_link(
    code: str, by: Any, *, interaction: int, address: str = "", rest_days: int = 0, days: int = 14, key: str | None = None, now: datetime | None = None
) -> OutgoingMail:
    """Send the customer of this contact a link to a survey, to their first address or this one. The same key again is the same message. Raises NotAsked,
    SurveyClosed, ValueError, PermissionDenied."""
    now = now or timezone.now()
    if key is not None and (sent := OutgoingMail.objects.filter(key=key).first()) is not None:
        return sent
    contact = Interaction.objects.select_related("subject", "agent").filter(pk=interaction).first()
    if contact is None:
        raise ValueError("there is no such contact")
    to = address or address_of(contact)
    if not to:
        raise NotAsked("no_address")
    may_ask(contact.subject_id, rest_days, now)
    with transaction.atomic():
        made = invite(code, by, interaction=interaction, language=_language(contact), days=days, now=now)
        return _mail(made.invitation, made.token, contact, to, by, key, now)


def _language(contact: Interaction) -> str:
    wanted = [contact.language, *((contact.subject.languages or []) if contact.subject is not None else [])]
    return best([one for one in wanted if one])


def _mail(row: SurveyInvitation, token: str, contact: Interaction, to: str, by: Any, key: str | None, now: datetime) -> OutgoingMail:
    link, stop = (urljoin(config().link, reverse(name, args=[token]).lstrip("/")) for name in ("portals:survey", "portals:survey_stop"))
    with translation.override(row.language or "en"):
        name = contact.subject.name if contact.subject is not None else ""
        lines = [
            _("Dear %(name)s,") % {"name": name} if name else _("Hello,"),
            _("You were in contact with us on %(day)s. How did we help you? A few questions, about a minute:")
            % {"day": date_format(timezone.localtime(contact.started_at), "DATE_FORMAT")},
            link,
            _("The link is for you alone. It can be answered once, until %(day)s.") % {"day": date_format(timezone.localtime(row.expires_at), "DATE_FORMAT")},
            _("You would rather not be asked such questions: %(link)s") % {"link": stop},
        ]
        return mail.send(
            to, _("How did we help you?"), "\n\n".join(lines), purpose=PURPOSE, key=key or f"survey:{row.pk}", interaction=contact.pk, party=contact.subject_id,
            language=row.language, by=by, headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}, now=now,
        )  # fmt: skip


# -- who does not want it ---------------------------------------------------------------------------------------------------


def stop_asking(token: str, *, now: datetime | None = None) -> bool:
    """The customer of this link does not want to be asked: no survey any more, and this link is closed. Whether we know who it is. Raises SurveyClosed: no such
    link."""
    now = now or timezone.now()
    with transaction.atomic():
        row = invitation_of(token)
        if row.answered_at is None and row.withdrawn_at is None:
            row.withdrawn_at = now
            row.save(update_fields=["withdrawn_at"])
            log.record(events.SURVEY_WITHDRAWN, actor="customer", interaction=row.interaction_id, invitation=row.pk, flow=row.code)
        if row.party_id is None:
            return False
        if party_queries.may_contact(row.party_id, "any", PURPOSE) is not False:
            parties.record_consent(row.party_id, "any", PURPOSE, False, f"link of survey {row.pk}", None, now=now)
    return True

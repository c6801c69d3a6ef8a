"""What rules may have done with complaints and tasks: a task in somebody's work list, a complaint opened, weighed and handed to the head of a department. Once for each contact
and rule."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cordboard.interactions.deeds import CannotBeDone, Doing, deed
from cordboard.interactions.models import InteractionReason
from cordboard.org.models import Unit, User
from cordboard.rules import areas, verbs
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.actions_complaint import hand_complaint, weigh_complaint
from cordboard.tickets.actions_task import make_task
from cordboard.tickets.models import Complaint, Ticket
from cordboard.tickets.rule_verbs import MOST_HOURS, OWNERS, owner_of, units

verbs.declare(
    "add_task",
    _("put a task into a work list"),
    fields={"title": str},
    optional={"text": str, "owner": str, "unit": str, "hours": float},
    sentence=_("put a task into a work list: %(title)s"),
    more={"owner": _("for %(owner)s"), "unit": _("in %(unit)s"), "hours": _("due in %(hours)s hours")},
    options={"owner": lambda: OWNERS, "unit": units},
    labels={"title": _("title"), "text": _("text"), "owner": _("owner"), "unit": _("unit"), "hours": _("due in hours")},
)
verbs.declare(
    "open_complaint",
    _("open a complaint and hand it to the head of the department"),
    fields={"title": str},
    optional={"text": str, "unit": str, "harm": str},
    sentence=_("open a complaint and hand it to the head of the department: %(title)s"),
    more={"unit": _("in %(unit)s"), "harm": _("harm: %(harm)s")},
    options={"unit": units, "harm": lambda: dict(Complaint.Harm.choices)},
    labels={"title": _("title"), "text": _("text"), "unit": _("department"), "harm": _("harm done")},
)


def _unit(doing: Doing) -> Unit | None:
    code = doing.action.get("unit")
    found = Unit.objects.select_related("head").filter(code=code).first() if code else None
    if code and found is None:
        raise CannotBeDone(_now("There is no unit %(code)s any more.") % {"code": code})
    return found


def _agent(doing: Doing) -> User | None:
    return User.objects.select_related("unit__head").filter(pk=doing.row.agent_id, is_active=True).first() if doing.row.agent_id is not None else None


def task_by_rule(doing: Doing) -> dict[str, Any]:
    unit, agent = _unit(doing), _agent(doing)
    owner = owner_of(str(doing.action.get("owner") or "agent"), agent, unit, doing)
    unit = unit or (agent.unit if agent is not None else None)
    if owner is None and unit is None:
        raise CannotBeDone(_now("Nobody is there to own it: no agent has the contact yet, and the rule names no unit."))
    language = owner.language if owner is not None else "en"
    hours = float(doing.action.get("hours") or 0)
    made = make_task(
        None, doing.text("title", language), text=doing.text("text", language), party=doing.party, owner=owner, unit=unit,
        due_at=doing.now + timedelta(hours=min(hours, MOST_HOURS)) if hours > 0 else None,
        why={"code": "rule", "rule": doing.rule, "policy": doing.policy, "interaction": doing.row.pk}, now=doing.now,
    )  # fmt: skip
    return {"task": made.pk}


def complaint_by_rule(doing: Doing) -> dict[str, Any]:
    unit, agent = _unit(doing), _agent(doing)
    if unit is None and (agent is None or agent.unit is None):
        raise CannotBeDone(_now("No department is known: no agent has the contact yet, and the rule names none."))
    language = agent.language if agent is not None else "en"
    reason = InteractionReason.objects.filter(interaction=doing.row).order_by("-at", "-pk").values_list("reason_id", flat=True).first()
    ticket = open_ticket(
        None, title=doing.text("title", language), text=doing.text("text", language), kind=Ticket.Kind.COMPLAINT, party=doing.party, reason=reason, interaction=doing.row,
        owner=agent, unit=unit, now=doing.now,
    )  # fmt: skip
    harm = str(doing.action.get("harm") or "") or None
    weigh_complaint(ticket.pk, harm=harm, now=doing.now)
    row = hand_complaint(ticket.pk, unit=unit, now=doing.now)
    return {"ticket": ticket.pk, "number": ticket.number, "score": row.score}


deed("add_task", task_by_rule)
deed("open_complaint", complaint_by_rule)
areas.add_verbs("mail", "add_task", "open_complaint")
areas.add_verbs("guidance", "add_task", "open_complaint")

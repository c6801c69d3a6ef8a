"""What rules may ask about a complaint, and what they say of it: how soon it is to be done, by whom, in which department, and with which measure.

The area "complaints" is asked when a complaint is weighed; its situation has the complaint's values by the names below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cordboard.interactions.models import ContactReason
from cordboard.org.models import Unit
from cordboard.parties.models import Party
from cordboard.rules import areas, verbs
from cordboard.rules.facts import CHOICE, NUMBER, TEXT, declare
from cordboard.tickets.models import Complaint
from cordboard.tickets.severity import GRADES

AREA = "complaints"
HANDLERS = {
    "owner": pgettext_lazy("complaint's handler", "the ticket's owner"),
    "account_owner": pgettext_lazy("complaint's handler", "the account owner"),
    "head": pgettext_lazy("complaint's handler", "the head of the department"),
}


def _reasons() -> Mapping[str, Any]:
    language = translation.get_language() or "en"
    return {one.code: one.name_in(language) for one in ContactReason.objects.filter(active=True)}


def _units() -> Mapping[str, Any]:
    return dict(Unit.objects.values_list("code", "name"))


def measures() -> Mapping[str, str]:
    """Measures by code, in the reader's language."""
    from cordboard.tickets.queries_complaint import body_of, newest_scheme  # the scheme is a row: read when an editor asks

    language = translation.get_language() or "en"
    return {one["code"]: one["names"].get(language) or one["names"]["en"] for one in body_of(newest_scheme())["measures"]}


declare("complaint.score", NUMBER, _("score of the complaint"))
declare("complaint.band", CHOICE, _("severity of the complaint"), choices=dict(Complaint.Band.choices))
declare("complaint.harm", CHOICE, _("harm done"), choices=dict(Complaint.Harm.choices))
declare("complaint.segment", CHOICE, _("value segment"), choices=dict(Party.Segment.choices))
declare("complaint.grade", CHOICE, _("business grade"), choices={one: one for one in GRADES})
declare("complaint.reason", TEXT, _("type of the complaint"), options=_reasons)
declare("complaint.group", TEXT, _("group of the complaint's type"), options=_reasons)
declare("complaint.family", TEXT, _("product family of the complaint"))
declare("complaint.earlier", NUMBER, _("earlier complaints"))
declare("complaint.language", TEXT, _("language of the complaint"))

verbs.declare(
    "complete_within",
    _("complete within working hours"),
    fields={"hours": float},
    sentence=_("complete within %(hours)s working hours"),
    labels={"hours": _("working hours")},
    single=True,
)
verbs.declare(
    "department",
    _("department in charge"),
    fields={"unit": str},
    sentence=_("the department in charge is %(unit)s"),
    options={"unit": _units},
    labels={"unit": _("department")},
    single=True,
)
verbs.declare(
    "handled_by",
    _("handler"),
    fields={"who": str},
    sentence=_("handled by %(who)s"),
    options={"who": lambda: HANDLERS},
    labels={"who": _("handler")},
    single=True,
)
verbs.declare(
    "measure",
    _("measure"),
    fields={"measure": str},
    sentence=_("propose: %(measure)s"),
    options={"measure": measures},
    labels={"measure": _("measure")},
    single=True,
)
areas.declare(
    AREA,
    _("Complaints"),
    _("By when a complaint is to be done, in which department, by whom and with which measure, from its type and the customer's business grade."),
    verbs=("complete_within", "department", "handled_by", "measure"),
    prefix="complaint.",
    order=45,
)

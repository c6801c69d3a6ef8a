"""What rules may say of surveys after a contact: this one, in this way, whatever the queue plans; or none. Kept as a deed of the contact, and asked when it is over
(actions_survey_plan.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cordboard.flows.models import Flow
from cordboard.guidance.actions_survey_plan import ASK, ASK_NONE, needed
from cordboard.guidance.models import SurveyPlan
from cordboard.interactions.deeds import CannotBeDone, Doing, deed
from cordboard.rules import areas, verbs

WAYS = SurveyPlan.Planned


def surveys() -> Mapping[str, Any]:
    """Those that are published for either way, by code."""
    rows = Flow.objects.filter(state=Flow.State.PUBLISHED).order_by("name")
    return {row.code: row.name for row in rows if any(needed(way) in row.surfaces for way in WAYS.values)}


verbs.declare(
    ASK,
    _("ask a survey after the contact"),
    fields={"survey": str},
    optional={"way": str},
    sentence=_("ask the survey %(survey)s after the contact"),
    more={"way": _("asked %(way)s")},
    options={"survey": surveys, "way": lambda: dict(WAYS.choices)},
    labels={"survey": _("survey"), "way": _("how they are asked")},
    single=True,
    against=(ASK_NONE,),
)
verbs.declare(ASK_NONE, _("ask no survey after the contact"), sentence=_("ask no survey after the contact"), single=True, against=(ASK,))
for area in ("guidance", "routing"):
    areas.add_verbs(area, ASK, ASK_NONE)


def ask(doing: Doing) -> dict[str, Any]:
    code, way = str(doing.action["survey"]), str(doing.action.get("way") or WAYS.LINK)
    if way not in WAYS.values:
        raise CannotBeDone(_now("There is no such way to ask."))
    flow = Flow.objects.filter(code=code, state=Flow.State.PUBLISHED).first()
    if flow is None or needed(way) not in flow.surfaces:
        raise CannotBeDone(_now("There is no published survey %(code)s that can be asked in this way.") % {"code": code})
    return {"survey": code, "way": way}


def ask_none(doing: Doing) -> dict[str, Any]:
    return {}


deed(ASK, ask)
deed(ASK_NONE, ask_none)

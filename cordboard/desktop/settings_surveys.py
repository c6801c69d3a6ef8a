"""What the customers of each queue are asked after a contact, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import pgettext

from cordboard.desktop.forms_settings import Group
from cordboard.desktop.forms_surveys import ASKED, AskingForm, days_of_rest, initial_of, no_server, state_of, surveys
from cordboard.desktop.settings_base import Kind, Listed
from cordboard.guidance import actions_survey_plan as plans
from cordboard.guidance.models import SurveyPlan
from cordboard.org.permissions import user_may
from cordboard.routing.models import Queue
from cordboard.routing.permissions import MANAGE


class SurveyForm(AskingForm):
    way = forms.ChoiceField(
        label=later("How they are asked"), choices=SurveyPlan.Planned.choices,
        help_text=later("By keys: who is still on the line when the agent hangs up is led to the questions, while the agent wraps up."),
    )  # fmt: skip
    rest_days = days_of_rest(later("Nobody is asked again within so many days, by any queue."))

    def groups(self) -> list[Group]:
        return [Group(_("After a contact"), self.some("survey", "way", *ASKED), no_server())]


class Surveys(Kind):
    code, permission, icon, name = "surveys", MANAGE, "clipboard-check", later("Surveys")
    note = later("What customers are asked after a contact, queue by queue. Who does not want to be asked, and whoever was asked lately, is left in peace.")

    def _rows(self, user: Any) -> Any:
        rows = Queue.objects.select_related("survey_plan")
        if user_may(user, MANAGE) != "all":
            rows = rows.filter(Q(unit_id=user.unit_id) | Q(members__agent__unit_id=user.unit_id), unit__isnull=False).distinct()
        return rows

    def columns(self) -> list[str]:
        return [_("Queue"), _("Survey"), _("How they are asked"), _("Days of rest"), _("State")]

    def lines(self, user: Any) -> list[Listed]:
        names = dict(surveys())
        found = []
        for row in self._rows(user).order_by("name"):
            plan: SurveyPlan | None = getattr(row, "survey_plan", None)
            if plan is None:
                found.append(Listed(row.pk, (row.name, pgettext("survey", "none"), "", "", "")))
                continue
            cells = (row.name, names.get(plan.code, plan.code), plan.get_way_display(), str(plan.rest_days), state_of(plan, names))
            found.append(Listed(row.pk, cells, not plan.active))
        return found

    def find(self, user: Any, number: int) -> Queue | None:
        found: Queue | None = self._rows(user).filter(pk=number).first()
        return found

    def values(self, row: Queue) -> dict[str, Any]:
        return plans.plan_values(getattr(row, "survey_plan", None))

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return initial_of(values)

    def form(self, data: Any, initial: dict[str, Any], row: Queue | None, user: Any) -> SurveyForm:
        return SurveyForm(data, initial=initial, new=False)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Queue:
        assert number is not None
        plans.set_plan(number, form.values(), user, seen=seen)
        return Queue.objects.get(pk=number)

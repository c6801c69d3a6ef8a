"""What the settings of surveys share, whatever they are asked after: which survey, how often, how long its link holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop.forms_settings import Keeping, choices
from cordboard.flows.models import Flow
from cordboard.guidance.actions_answers import SURFACE
from cordboard.guidance.actions_survey import MOST_DAYS
from cordboard.guidance.actions_survey_plan import LONGEST_REST
from cordboard.guidance.models import SurveyPlan, TicketSurveyPlan
from cordboard.lib.config import config

ASKED = ("rest_days", "valid_days", "active")


def days_of_rest(words: Any) -> forms.IntegerField:
    """`words` say after what nobody is asked again."""
    return forms.IntegerField(label=later("Days of rest"), min_value=0, max_value=LONGEST_REST, help_text=words)


class AskingForm(Keeping):
    """A form that has `rest_days` (days_of_rest) beside these."""

    survey = forms.ChoiceField(label=later("Survey"), required=False)
    valid_days = forms.IntegerField(label=later("Days that a link holds"), min_value=1, max_value=MOST_DAYS)
    active = forms.BooleanField(label=later("Customers are asked"), required=False)
    NAMES = {"code": "survey"}

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["survey"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices(surveys(), _("None"))

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        return {"code": given.pop("survey", ""), **given}


def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
    return {**{name: value for name, value in values.items() if name != "code"}, "survey": values.get("code", "")}


def state_of(plan: SurveyPlan | TicketSurveyPlan, names: Mapping[str, str]) -> str:
    """In words; `names` of the surveys that are published."""
    return _("not asked at present") if not plan.active else _("asked") if plan.code in names else _("the survey is not published any more")


def no_server() -> str:
    """What the form says while mail cannot be sent."""
    return "" if config().smtp else _("No mail server is set, so links cannot be sent: they are kept as not sent. Set CORDBOARD_SMTP and CORDBOARD_MAIL_FROM.")


def surveys() -> list[tuple[str, str]]:
    """Published flows that can be asked by a link: code, name."""
    return list(Flow.objects.filter(state=Flow.State.PUBLISHED, surfaces__icontains=f'"{SURFACE}"').order_by("name").values_list("code", "name"))

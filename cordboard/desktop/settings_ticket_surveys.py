"""What the customers of resolved tickets are asked, kind by kind, as settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import pgettext

from cordboard.desktop.forms_settings import Group, choices
from cordboard.desktop.forms_surveys import ASKED, AskingForm, days_of_rest, initial_of, no_server, state_of, surveys
from cordboard.desktop.settings_base import Kind, Listed, language
from cordboard.guidance import actions_ticket_survey as plans
from cordboard.guidance.models import TicketSurveyPlan
from cordboard.org.models import Position
from cordboard.tickets.models import Ticket, TicketKind
from cordboard.tickets.permissions import KINDS


class TicketSurveyForm(AskingForm):
    rest_days = days_of_rest(later("Nobody is asked again within so many days, after a contact or a ticket."))
    follow_up = forms.ChoiceField(
        label=later("Who has a task"), choices=TicketSurveyPlan.FollowUp.choices, required=False,
        help_text=later("Without an owner or a head it stands in the list of the ticket's unit."),
    )  # fmt: skip
    low = forms.FloatField(label=later("A rating is low up to"), min_value=1, max_value=4.9, help_text=later("1 is the worst, 5 the best."))
    position = forms.ChoiceField(label=later("Position"), required=False)
    hours = forms.IntegerField(label=later("Working hours for it"), min_value=1, max_value=plans.MOST_HOURS)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        places = self.fields["position"]
        assert isinstance(places, forms.ChoiceField)
        places.choices = choices([(str(pk), name) for pk, name in Position.objects.values_list("pk", "name")], "–")

    def values(self) -> dict[str, Any]:
        given = super().values()
        return {**given, "position": int(given["position"]) if given.get("position") else None}

    def groups(self) -> list[Group]:
        return [
            Group(_("When a ticket is resolved"), self.some("survey", *ASKED), no_server()),
            Group(
                _("When the rating is low"),
                self.some("follow_up", "low", "position", "hours"),
                _("One task for each survey, on the ticket and in the work list."),
            ),
        ]


class TicketSurveys(Kind):
    code, permission, icon, name = "ticket-surveys", KINDS, "clipboard-check", later("Surveys after tickets")
    note = later("What customers are asked by e-mail when their ticket is resolved, kind by kind. Complaints ask with their result.")

    def columns(self) -> list[str]:
        return [_("Kind"), _("Survey"), _("Days of rest"), _("State")]

    def lines(self, user: Any) -> list[Listed]:
        names, kept = dict(surveys()), {one.kind: one for one in TicketSurveyPlan.objects.all()}
        found = []
        for row in self._rows():
            plan = kept.get(row.code)
            if plan is None:
                found.append(Listed(row.pk, (row.name_in(language()), pgettext("survey", "none"), "", ""), not row.active))
                continue
            cells = (row.name_in(language()), names.get(plan.code, plan.code), str(plan.rest_days), state_of(plan, names))
            found.append(Listed(row.pk, cells, not plan.active))
        return found

    def _rows(self) -> Any:
        return TicketKind.objects.exclude(code=Ticket.Kind.COMPLAINT).exclude(built_in=False, like=Ticket.Kind.COMPLAINT)

    def find(self, user: Any, number: int) -> TicketKind | None:
        found: TicketKind | None = self._rows().filter(pk=number).first()
        return found

    def values(self, row: TicketKind) -> dict[str, Any]:
        return plans.plan_values(TicketSurveyPlan.objects.filter(kind=row.code).first())

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {**initial_of(values), "position": values.get("position") or ""}

    def form(self, data: Any, initial: dict[str, Any], row: TicketKind | None, user: Any) -> TicketSurveyForm:
        return TicketSurveyForm(data, initial=initial, new=False)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> TicketKind:
        assert number is not None
        row = TicketKind.objects.get(pk=number)
        plans.set_plan(row.code, form.values(), user, seen=seen)
        return row

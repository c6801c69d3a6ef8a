"""Settings: public pages on which customers open tickets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin

from django import forms as django_forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop import forms_settings as forms
from cordboard.desktop.settings_base import Kind, Listed, Pairs, code_of, language, unit_pairs
from cordboard.lib.config import config
from cordboard.tickets.actions_form import form_values, keep_form
from cordboard.tickets.kinds import kind_name
from cordboard.tickets.models import TicketForm, TicketKind
from cordboard.tickets.permissions import KINDS


def address_of(code: str) -> str:
    return urljoin(config().link, reverse("portals:ask", args=[code]))


class FormForm(forms.Named):
    unit_id = django_forms.TypedChoiceField(label=later("Unit that gets its tickets"), coerce=int)
    kind = django_forms.ChoiceField(label=later("Kind of its tickets"))
    active = django_forms.BooleanField(label=later("Anybody can open it"), required=False)
    NAMES = {"names": "name-en"}

    def __init__(self, *args: Any, units: Pairs, kinds: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        if "code" in self.fields:
            self.fields["code"].help_text = _("Part of its address. Small letters, digits and dashes. It stays as it is.")
        self.fields["unit_id"].choices = units  # type: ignore[attr-defined]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"names": {code: name for code, name in self.names().items() if name}, **{name: given[name] for name in ("unit_id", "kind", "active")}}

    def groups(self) -> list[forms.Group]:
        return [forms.Group("", self.some("code", "unit_id", "kind", "active")), self.name_group()]


class TicketForms(Kind):
    code, permission, icon, name, new = "ticket-forms", KINDS, "world", later("Ticket forms"), later("New form")
    note = later(
        "Public pages on which customers open tickets for a unit. A customer who is found by the e-mail address is a hint: nobody has checked who writes."
    )

    def columns(self) -> list[str]:
        return [_("Form"), _("Address"), _("Unit"), _("Kind"), _("State")]

    def lines(self, user: Any) -> list[Listed]:
        """Two queries."""
        return [
            Listed(
                row.pk,
                (row.name_in(language()), address_of(row.code), row.unit.name, kind_name(row.kind), _("open to anybody") if row.active else _("switched off")),
                soft=not row.active,
            )
            for row in TicketForm.objects.select_related("unit")
        ]

    def find(self, user: Any, number: int) -> TicketForm | None:
        return TicketForm.objects.filter(pk=number).first()

    def values(self, row: TicketForm) -> dict[str, Any]:
        return form_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {**{name: values[name] for name in ("unit_id", "kind", "active")}, **forms.Named.names_of(values["names"])}

    def blank(self, user: Any) -> dict[str, Any]:
        return {"kind": "request"}

    def form(self, data: Any, initial: dict[str, Any], row: TicketForm | None, user: Any) -> forms.Keeping:
        kinds = [(one.code, one.name_in(language())) for one in TicketKind.objects.filter(active=True)]
        return FormForm(data, initial=initial, new=row is None, units=unit_pairs(), kinds=kinds)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> TicketForm:
        return keep_form(user, number, form.values(), code=code_of(form), seen=seen)

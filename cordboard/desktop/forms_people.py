"""The form of a person: who it is, what they may do, what they serve as an agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop.forms_settings import Group, Keeping, choices
from cordboard.org.languages import LANGUAGES, OWN_NAMES
from cordboard.routing.actions_seat import CAPACITY

PERSON = ("name", "email", "language", "timezone", "unit_id", "position_id", "roles")
PREFIX = "skill-"


class PersonForm(Keeping):
    """`skills` None: whoever looks may not change what agents serve."""

    name = forms.CharField(label=later("Name"), max_length=120)
    email = forms.CharField(label=later("E-mail address, to sign in with"), max_length=254, required=False)
    username = forms.CharField(
        label=later("User name"),
        max_length=60,
        required=False,
        help_text=later("To sign in with as well. Of the e-mail address where it is left out; it stays as it is."),
    )
    language = forms.ChoiceField(label=later("Language"), choices=[(code, OWN_NAMES[code]) for code in LANGUAGES])
    timezone = forms.ChoiceField(label=later("Time zone"))
    unit_id = forms.TypedChoiceField(label=later("Unit"), required=False, coerce=int, empty_value=None)
    position_id = forms.TypedChoiceField(label=later("Position"), required=False, coerce=int, empty_value=None)
    roles = forms.TypedMultipleChoiceField(label=later("Roles"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple)
    queues = forms.TypedMultipleChoiceField(label=later("Queues"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple)
    capacity = forms.IntegerField(
        label=later("Calls that may be given at once"),
        min_value=CAPACITY[0],
        max_value=CAPACITY[1],
        help_text=later("One, unless a second may ring while the first is spoken."),
    )

    def __init__(
        self, *args: Any, units: list[tuple[int, str]], positions: list[tuple[int, str]], roles: list[tuple[int, str]], queues: list[tuple[int, str]],
        skills: list[tuple[str, str]] | None, **more: Any,
    ) -> None:  # fmt: skip
        new = more["new"]
        super().__init__(*args, **{**more, "new": False})
        self.seat = skills is not None
        self.skills = dict(skills or ())
        if not new:
            del self.fields["username"]
        self.fields["timezone"].choices = [(zone, zone) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]
        self.fields["unit_id"].choices = choices(units, _("none"))  # type: ignore[attr-defined]
        self.fields["position_id"].choices = choices(positions, _("none"))  # type: ignore[attr-defined]
        self.fields["roles"].choices = roles  # type: ignore[attr-defined]
        if not self.seat:
            del self.fields["queues"], self.fields["capacity"]
            return
        self.fields["queues"].choices = queues  # type: ignore[attr-defined]
        levels = [("", _("no")), *((str(level), str(level)) for level in range(1, 6))]
        for code, words in self.skills.items():
            self.fields[f"{PREFIX}{code}"] = forms.TypedChoiceField(label=words, required=False, coerce=int, empty_value=None, choices=levels)

    def person(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in PERSON}

    def place(self) -> dict[str, Any]:
        """What the agent serves and can do."""
        skills = {code: self.cleaned_data[f"{PREFIX}{code}"] for code in self.skills if self.cleaned_data[f"{PREFIX}{code}"] is not None}
        return {"queues": self.cleaned_data["queues"], "skills": skills, "capacity": self.cleaned_data["capacity"]}

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: value for name, value in values.items() if name != "seat"}
        if (seat := values.get("seat")) is not None:
            found |= {"queues": seat["queues"], "capacity": seat["capacity"], **{f"{PREFIX}{code}": level for code, level in seat["skills"].items()}}
        return found

    def groups(self) -> list[Group]:
        found = [
            Group(_("Person"), self.some("name", "email", "username", "language", "timezone")),
            Group(_("Place and roles"), self.some("unit_id", "position_id", "roles")),
        ]
        if self.seat:
            found += [
                Group(_("As an agent"), self.some("queues", "capacity"), _("Contacts are given to those whose roles let them take contacts.")),
                Group(_("Skills"), self.some(*(f"{PREFIX}{code}" for code in self.skills)), _("Proficiency from 1, learning, to 5, teaches others.")),
            ]
        return [one for one in found if one.fields]

"""The forms of service staff, areas and kinds of visit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.appointments.actions_settings import LENGTHS, MOST_WAY
from cordboard.appointments.actions_staff import MOST_VISITS
from cordboard.desktop.forms_settings import DAY_WORDS, Group, Keeping, Named, spans
from cordboard.lib.opening import DAYS

_HOURS = re.compile(r"\d{1,2}([:.]\d{2})?\s*[-–]\s*\d{1,2}([:.]\d{2})?")
_AWAY = re.compile(r"(\S+)\s+(\d{1,2}(?:[:.]\d{2})?)\s*[-–]\s*(?:(\d{4}-\d{2}-\d{2})\s+)?(\d{1,2}(?:[:.]\d{2})?)(?:\s+(.*))?")
SKILL = "skill-"


class AreaForm(Keeping):
    name = forms.CharField(label=later("Name"), max_length=80)
    country = forms.CharField(label=later("Country"), max_length=2, help_text=later("Two letters, such as NL."))
    prefixes = forms.CharField(
        label=later("Beginnings of postal codes"), required=False, max_length=6000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=later("With commas between them, such as 10, 11, 1509. The longest that fits a customer's postal code says in which area the customer is."),
    )  # fmt: skip
    travel_within = forms.IntegerField(label=later("Minutes to the next customer in the area"), min_value=0, max_value=MOST_WAY)
    travel_between = forms.IntegerField(label=later("Minutes to a customer in another area"), min_value=0, max_value=MOST_WAY)

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        return {**values, "prefixes": ", ".join(values["prefixes"])}

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {name: given[name] for name in ("name", "country", "travel_within", "travel_between")}
        return {**found, "prefixes": [one.strip() for one in re.split(r"[,;\n]", given["prefixes"]) if one.strip()]}

    def groups(self) -> list[Group]:
        return [
            Group(_("Area"), self.some("name", "code", "country")),
            Group(_("Where"), self.some("prefixes"), wide=True),
            Group(
                _("On the way"),
                self.some("travel_within", "travel_between"),
                _("Between two visits this time is kept free. Of two areas the longer way counts."),
            ),
        ]


class VisitKindForm(Named):
    minutes = forms.IntegerField(
        label=later("Lasts, in minutes"), min_value=LENGTHS[0], max_value=LENGTHS[1], widget=forms.NumberInput(attrs={"step": 15}),
        help_text=later("In quarters of an hour. Visits that are booked keep their length."),
    )  # fmt: skip
    on_site = forms.BooleanField(label=later("Somebody travels to the customer"), required=False)
    active = forms.BooleanField(label=later("Can be booked"), required=False)
    skills = forms.MultipleChoiceField(label=later("Skills"), required=False, widget=forms.CheckboxSelectMultiple)
    NAMES = {"names": "name-en"}

    def __init__(self, *args: Any, skills: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["skills"].choices = skills  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        return {**{name: values[name] for name in ("minutes", "on_site", "active", "skills")}, **Named.names_of(values["names"])}

    def values(self) -> dict[str, Any]:
        return {**{name: self.cleaned_data[name] for name in ("minutes", "on_site", "active", "skills")}, "names": self.names()}

    def groups(self) -> list[Group]:
        return [
            Group(_("Visit"), self.some("code", "minutes", "on_site", "active")),
            Group(
                _("What whoever comes must be able to do"), self.some("skills"), _("All of these. Without any, everybody who makes visits can come."), wide=True
            ),
            self.name_group(),
        ]


class StaffForm(Keeping):
    """`skills` None: whoever looks may not change what people can do."""

    user_id = forms.TypedChoiceField(label=later("Colleague"), coerce=int)
    timezone = forms.ChoiceField(label=later("Time zone"))
    most_a_day = forms.IntegerField(label=later("Visits in a day at most"), min_value=0, max_value=MOST_VISITS, help_text=later("0: as many as fit."))
    active = forms.BooleanField(label=later("Makes visits"), required=False)
    areas = forms.TypedMultipleChoiceField(label=later("Areas"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple)
    days = forms.CharField(label=later("Days"), required=False, max_length=40_000, widget=forms.Textarea(attrs={"rows": 4}))
    away = forms.CharField(label=later("Times"), required=False, max_length=40_000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self, *args: Any, people: list[tuple[int, str]], areas: list[tuple[int, str]], skills: list[tuple[str, str]] | None, **more: Any
    ) -> None:  # fmt: skip
        new = more["new"]
        super().__init__(*args, **{**more, "new": False})
        self.skills = None if skills is None else dict(skills)
        if new:
            self.fields["user_id"].choices = people  # type: ignore[attr-defined]
        else:
            del self.fields["user_id"]
        self.fields["timezone"].choices = [(zone, zone) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]
        self.fields["areas"].choices = areas  # type: ignore[attr-defined]
        for day in DAYS:
            self.fields[day] = forms.CharField(label=DAY_WORDS[day], required=False, max_length=120)
        levels = [("", _("no")), *((str(level), str(level)) for level in range(1, 6))]
        for code, words in skills or []:
            self.fields[f"{SKILL}{code}"] = forms.TypedChoiceField(label=words, required=False, coerce=int, empty_value=None, choices=levels)

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: values[name] for name in ("timezone", "most_a_day", "active", "areas")}
        found |= {day: _said(values["hours"].get(day, ())) for day in DAYS}
        found["days"] = "\n".join(f"{day} {_said(hours)}".strip() for day, hours in values["days"])
        found["away"] = "\n".join(_away_said(*one) for one in values["away"])
        return found | {f"{SKILL}{code}": level for code, level in values.get("skills", {}).items()}

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {name: given[name] for name in ("timezone", "most_a_day", "active", "areas")}
        hours = {day: spans(given[day]) for day in DAYS if given[day].strip()}
        return {**found, "hours": hours, "days": days_read(given["days"]), "away": away_read(given["away"])}

    def abilities(self) -> dict[str, int]:
        """Proficiency by skill."""
        return {code: self.cleaned_data[f"{SKILL}{code}"] for code in self.skills or () if self.cleaned_data[f"{SKILL}{code}"] is not None}

    def groups(self) -> list[Group]:
        found = [
            Group(_("Person"), self.some("user_id", "timezone", "most_a_day", "active")),
            Group(
                _("Working hours"), self.some(*DAYS), _("Spans of a day with the breaks between them, such as 08:00-12:00, 12:30-17:00. A day without is free.")
            ),
            Group(_("Areas"), self.some("areas"), _("Visits at customers of other areas go to others."), wide=True),
            Group(
                _("Other hours on a day"),
                self.some("days"),
                _("One date on each line, with its hours: 2026-12-24 08:00-12:00. Without hours nobody comes on that day."),
                wide=True,
            ),
            Group(
                _("Away for some hours"),
                self.some("away"),
                _("One on each line, with a reason if you like: 2026-11-24 13:00-15:00 Dentist. Whole days of leave and illness stand under Absences."),
                wide=True,
            ),
        ]
        if self.skills:
            note = _("Proficiency from 1, learning, to 5, teaches others. The same skills as for contacts.")
            found.append(Group(_("Skills"), self.some(*(f"{SKILL}{code}" for code in self.skills)), note))
        return found


def _said(hours: Any) -> str:
    return ", ".join(f"{begin}-{end}" for begin, end in hours)


def _away_said(begin: str, end: str, why: str) -> str:
    """Within a day "2026-11-24 13:00-15:00 Dentist", over several "2026-11-24 13:00 - 2026-11-25 10:00 Training"."""
    day, _space, clock = end.partition(" ")
    times = f"{begin}-{clock}" if begin.startswith(day) else f"{begin} - {end}"
    return f"{times} {why}".strip()


def days_read(text: str) -> list[list[Any]]:
    """ "2026-12-24 8-12" -> ["2026-12-24", [["08:00", "12:00"]]], line by line; what is no date or no time stays, for the action to refuse. Pure."""
    found: list[list[Any]] = []
    for line in text.splitlines():
        day, _space, rest = line.strip().partition(" ")
        if day:
            strange = bool(_HOURS.sub("", rest).strip(" ,;"))
            found.append([day, spans(rest if strange else ", ".join(match[0] for match in _HOURS.finditer(rest)))])
    return found


def away_read(text: str) -> list[list[str]]:
    """ "2026-11-24 13-15:00 Dentist" -> ["2026-11-24 13:00", "2026-11-24 15:00", "Dentist"], line by line; what cannot be read stays, for the action to refuse. Pure."""
    found = []
    for line in text.splitlines():
        if not line.strip():
            continue
        match = _AWAY.fullmatch(line.strip())
        if match is None:
            found.append([line.strip(), line.strip(), ""])
            continue
        day, begin, other, end, why = match.groups()
        ((start, stop),) = spans(f"{begin}-{end}")
        found.append([f"{day} {start}", f"{other or day} {stop}", (why or "").strip()])
    return found

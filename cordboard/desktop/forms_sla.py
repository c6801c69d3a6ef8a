"""The forms of business hours and service levels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop.forms_settings import BLANKS, DAY_WORDS, Group, Keeping, choices, spans
from cordboard.lib.opening import DAYS
from cordboard.parties.models import Party
from cordboard.tickets.escalation import DOES, MOST_BEFORE, MOST_PERCENT
from cordboard.tickets.sla import CLOCKS
from cordboard.tickets.sla_words import CLOCKS as CLOCK_WORDS
from cordboard.tickets.sla_words import DOES as DO_WORDS

OTHER = "other"
"""In names of fields: every other kind."""
_HOURS = re.compile(r"\d{1,2}([:.]\d{2})?\s*[-–]\s*\d{1,2}([:.]\d{2})?")


class CalendarForm(Keeping):
    name = forms.CharField(label=later("Name"), max_length=80)
    unit_id = forms.TypedChoiceField(
        label=later("Unit"), required=False, coerce=int, empty_value=None, help_text=later("It holds for the units below it too, where they have none.")
    )
    segment = forms.ChoiceField(label=later("Value segment"), required=False)
    timezone = forms.ChoiceField(label=later("Time zone"), required=False)
    holidays = forms.CharField(
        label=later("Closed on the holidays of"), required=False, max_length=12, help_text=later("A country such as NL, or a part of it such as DE-BY.")
    )
    exceptions = forms.CharField(label=later("Dates"), required=False, max_length=40_000, widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args: Any, units: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields.pop("code", None)
        self.fields["unit_id"].choices = choices(units, _("every unit"))  # type: ignore[attr-defined]
        self.fields["segment"].choices = choices([(value, str(words)) for value, words in Party.Segment.choices], _("every customer"))  # type: ignore[attr-defined]
        self.fields["timezone"].choices = choices([(zone, zone) for zone in sorted(available_timezones())], _("that of the ticket's unit"))  # type: ignore[attr-defined]
        for day in DAYS:
            self.fields[day] = forms.CharField(label=DAY_WORDS[day], required=False, max_length=120)

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: values[name] for name in ("name", "unit_id", "segment", "timezone", "holidays")}
        found |= {day: ", ".join(f"{begin}-{end}" for begin, end in values["hours"].get(day, ())) for day in DAYS}
        lines = [
            " ".join(part for part in (day, ", ".join(f"{begin}-{end}" for begin, end in hours), name) if part) for day, name, hours in values["exceptions"]
        ]
        return found | {"exceptions": "\n".join(lines)}

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        found = {name: given[name] for name in ("name", "unit_id", "segment", "timezone")}
        hours = {day: spans(given[day]) for day in DAYS if given[day].strip()}
        return {**found, "holidays": given["holidays"].strip().upper(), "hours": hours, "exceptions": exceptions(given["exceptions"])}

    def groups(self) -> list[Group]:
        return [
            Group(_("For whom"), self.some("name", "unit_id", "segment", "timezone")),
            Group(
                _("Hours"),
                self.some(*DAYS, "holidays"),
                _("Spans of a day with the breaks between them, such as 09:00-12:30, 13:00-17:30. A day without is closed."),
            ),
            Group(
                _("Other hours on a date"),
                self.some("exceptions"),
                _("One date on each line, with its hours, if any, and a name: 2026-12-24 09:00-12:00 Christmas Eve. Without hours it is closed."),
                wide=True,
            ),
        ]


def exceptions(text: str) -> list[list[Any]]:
    """ "2026-12-24 9-12 Christmas Eve" -> ["2026-12-24", "Christmas Eve", [["09:00", "12:00"]]], line by line; what is no date stays, for the action to refuse. Pure."""
    found: list[list[Any]] = []
    for line in text.splitlines():
        day, _space, rest = line.strip().partition(" ")
        if day:
            hours = [match[0] for match in _HOURS.finditer(rest)]
            name = _HOURS.sub("", rest).strip(" ,;")
            found.append([day, " ".join(name.split()), spans(", ".join(hours))])
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of ticket, with a field for each clock."""

    name: str
    fields: tuple[BoundField, ...]


class PlanForm(Keeping):
    """Targets by kind and clock, and steps."""

    name = forms.CharField(label=later("Name"), max_length=80)
    around_the_clock = forms.BooleanField(label=later("Around the clock: nights, breaks and holidays count too"), required=False)

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], steps: int = 0, **more: Any) -> None:
        super().__init__(*args, **more)
        self.kinds = [("", _("All other kinds")), *kinds]
        self.steps = steps + BLANKS
        for code, words in self.kinds:
            for clock in CLOCKS:
                label = _("%(clock)s of %(kind)s") % {"clock": CLOCK_WORDS[clock], "kind": words}
                self.fields[f"target-{code or OTHER}-{clock}"] = forms.CharField(label=label, required=False, max_length=12)
        for at in range(self.steps):
            self.fields[f"step-{at}-do"] = forms.ChoiceField(label=_("What is done"), required=False, choices=[("", "–"), *((do, DO_WORDS[do]) for do in DOES)])
            self.fields[f"step-{at}-clock"] = forms.ChoiceField(label=_("Before the end of"), required=False, choices=list(CLOCK_WORDS.items()))
            self.fields[f"step-{at}-percent"] = forms.IntegerField(label=_("At percent of the time"), required=False, min_value=1, max_value=MOST_PERCENT)
            self.fields[f"step-{at}-before"] = forms.IntegerField(label=_("Or working minutes before"), required=False, min_value=1, max_value=MOST_BEFORE)

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {"name": values["name"], "around_the_clock": values["around_the_clock"]}
        found |= {f"target-{kind or OTHER}-{clock}": text for kind, row in values["targets"].items() for clock, text in row.items()}
        for at, one in enumerate(values["steps"]):
            found |= {f"step-{at}-{name}": one.get(name) for name in ("do", "clock", "percent", "before")}
        return found

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        targets = {code: {clock: given[f"target-{code or OTHER}-{clock}"] for clock in CLOCKS} for code, _words in self.kinds}
        steps = []
        for at in range(self.steps):
            if do := given[f"step-{at}-do"]:
                when = {name: given[f"step-{at}-{name}"] for name in ("percent", "before") if given[f"step-{at}-{name}"] is not None}
                steps.append({"do": do, "clock": given[f"step-{at}-clock"], **when})
        return {"name": given["name"], "around_the_clock": given["around_the_clock"], "targets": targets, "steps": steps}

    def blame(self, name: str, words: str) -> None:
        """A step is blamed at the field that says when, by its place among those filled in."""
        if name.startswith("step-"):
            filled = [at for at in range(self.steps) if self.cleaned_data.get(f"step-{at}-do")]
            at = int(name.removeprefix("step-"))
            name = f"step-{filled[at]}-percent" if at < len(filled) else ""
        super().blame(name, words)

    def groups(self) -> list[Group]:
        return [Group(_("Service level"), self.some("name", "code", "around_the_clock"))]

    def clock_names(self) -> list[str]:
        return [str(words) for words in CLOCK_WORDS.values()]

    def rows(self) -> list[Row]:
        ordered = [*self.kinds[1:], self.kinds[0]]
        return [Row(words, tuple(self[f"target-{code or OTHER}-{clock}"] for clock in CLOCKS)) for code, words in ordered]

    def step_rows(self) -> list[tuple[BoundField, ...]]:
        return [tuple(self[f"step-{at}-{name}"] for name in ("do", "clock", "percent", "before")) for at in range(self.steps)]

"""The forms of the settings, and how rows become them and they become values for the actions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms import BoundField
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.lib.opening import DAYS
from cordboard.org.languages import LANGUAGES, OWN_NAMES
from cordboard.routing.actions_settings import KINDS, LIMITS
from cordboard.routing.models import Queue

BLANKS = 2
"""Empty rows after those that are filled, in lists that grow."""
KIND_WORDS = {"language": later("Language"), "product": later("Product"), "process": later("Process")}
DAY_WORDS = {
    "mon": later("Monday"), "tue": later("Tuesday"), "wed": later("Wednesday"), "thu": later("Thursday"), "fri": later("Friday"), "sat": later("Saturday"),
    "sun": later("Sunday"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading; `wide`: one under the other over the whole width."""

    title: str
    fields: tuple[BoundField, ...]
    note: str = ""
    wide: bool = False


class Keeping(forms.Form):
    """A form whose values are kept by an action. `values` is what the action takes, `NAMES` says which field shows a value that the action names otherwise."""

    code = forms.SlugField(label=later("Code"), max_length=40, help_text=later("Small letters, digits and dashes. It stays as it is."))
    NAMES: Mapping[str, str] = {}

    def __init__(self, *args: Any, new: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not new and "code" in self.fields:
            del self.fields["code"]

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "code"}

    def groups(self) -> list[Group]:
        return [Group("", tuple(self))]

    def some(self, *names: str) -> tuple[BoundField, ...]:
        return tuple(self[name] for name in names if name in self.fields)

    def blame(self, name: str, words: str) -> None:
        """What an action refused, at its field; over the form where there is none."""
        field = self.NAMES.get(name, name)
        self.add_error(field if field in self.fields else None, words)


def choices(rows: Iterable[tuple[Any, str]], none: str = "") -> list[tuple[Any, str]]:
    return [*([("", none)] if none else []), *rows]


def _number(name: str, label: Any, help_text: Any = "") -> forms.IntegerField:
    least, most = LIMITS[name]
    return forms.IntegerField(label=label, min_value=least, max_value=most, help_text=help_text)


def _id(given: Any) -> int | None:
    return int(given) if given else None


class QueueForm(Keeping):
    name = forms.CharField(label=later("Name"), max_length=80)
    unit_id = forms.TypedChoiceField(label=later("Unit"), required=False, coerce=int, empty_value=None)
    target_percent = _number("target_percent", later("Service level wanted, in percent"))
    target_seconds = _number("target_seconds", later("Answered within, in seconds"))
    short_abandon_seconds = _number(
        "short_abandon_seconds", later("Short abandon, up to seconds"), later("Who hangs up so soon does not count against the queue.")
    )
    ring_seconds = _number("ring_seconds", later("Rings at an agent for, in seconds"))
    wrapup_seconds = _number("wrapup_seconds", later("Wrap-up, in seconds"))
    wrapup_extension_seconds = _number("wrapup_extension_seconds", later("One extension of it, in seconds"))
    park_seconds = _number("park_seconds", later("Parked calls ring back after, in seconds"))
    auto_answer = forms.BooleanField(label=later("Calls are answered by themselves, with a beep"), required=False)
    supervision_notice = forms.ChoiceField(label=later("Callers are told before somebody listens in"), choices=Queue.Notice.choices)
    caller_id = forms.ChoiceField(label=later("Number shown when its agents call out"), required=False)
    timezone = forms.ChoiceField(label=later("Time zone"))
    holidays = forms.CharField(
        label=later("Closed on the holidays of"), required=False, max_length=8, help_text=later("A country such as NL, or a part of it such as DE-BY.")
    )
    NAMES = {"requirements": "need-0-skill", "relaxation": "relax-0-after", "hours": "mon"}

    def __init__(self, *args: Any, units: list[tuple[int, str]], numbers: list[str], skills: list[tuple[str, str, str]], needs: int = 0, steps: int = 0, **more: Any) -> None:  # fmt: skip
        super().__init__(*args, **more)
        self.skills = skills
        self._choose("unit_id", choices(units, _("none")))
        self._choose("caller_id", choices([(number, number) for number in numbers], _("the trunk's own number")))
        self._choose("timezone", [(zone, zone) for zone in sorted(available_timezones())])
        for day in DAYS:
            self.fields[day] = forms.CharField(label=DAY_WORDS[day], required=False, max_length=120)
        self.needs, self.steps = needs + BLANKS, steps + BLANKS
        wanted = choices([(code, name) for code, name, _kind in skills], _("no skill"))
        for at in range(self.needs):
            self.fields[f"need-{at}-skill"] = forms.ChoiceField(label=_("Skill"), required=False, choices=wanted)
            self.fields[f"need-{at}-level"] = forms.TypedChoiceField(
                label=_("at least"), required=False, coerce=int, choices=[(level, str(level)) for level in range(1, 6)], empty_value="3"
            )
        gives = self._gives()
        for at in range(self.steps):
            self.fields[f"relax-{at}-after"] = forms.IntegerField(label=_("After seconds of waiting"), required=False, min_value=0, max_value=36000)
            self.fields[f"relax-{at}-what"] = forms.ChoiceField(label=_("What gives way"), required=False, choices=gives)
        for code in LANGUAGES:
            self.fields[f"greeting-{code}"] = forms.CharField(label=OWN_NAMES[code], required=False, max_length=300)

    def _choose(self, name: str, found: list[tuple[Any, str]]) -> None:
        kept = str(self.initial.get(name) or "")
        if kept and all(str(value) != kept for value, _words in found):
            found = [*found, (self.initial[name], kept)]  # it is kept so, whatever there is to choose from now
        self.fields[name].choices = found  # type: ignore[attr-defined]

    def _gives(self) -> list[tuple[str, str]]:
        found = [("", "–")]
        found += [(_as_json({"lower": level}), _("%(n)s levels less are enough") % {"n": level}) for level in (1, 2, 3)]
        found += [(_as_json({"drop": kind}), _("no skill of this kind is needed: %(kind)s") % {"kind": str(KIND_WORDS[kind])}) for kind in KINDS]
        found += [(_as_json({"drop": code}), _("this skill is not needed: %(name)s") % {"name": name}) for code, name, _kind in self.skills]
        known = {value for value, _words in found}
        kept = [str(value) for name, value in self.initial.items() if name.endswith("-what") and value not in known]
        return [*found, *((value, value) for value in dict.fromkeys(kept))]

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: value for name, value in values.items() if name not in ("requirements", "relaxation", "hours", "greeting")}
        hours = values["hours"]
        found |= {"timezone": hours.get("timezone") or "UTC", "holidays": hours.get("holidays") or ""}
        found |= {day: ", ".join(f"{begin}-{end}" for begin, end in hours.get(day, ())) for day in DAYS}
        for at, one in enumerate(values["requirements"]):
            found |= {f"need-{at}-skill": one.get("skill"), f"need-{at}-level": one.get("proficiency", 1)}
        for at, one in enumerate(values["relaxation"]):
            found |= {f"relax-{at}-after": one.get("after"), f"relax-{at}-what": _as_json({name: value for name, value in one.items() if name != "after"})}
        return found | {f"greeting-{code}": text for code, text in values["greeting"].items()}

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        plain = ("name", "unit_id", *LIMITS, "auto_answer", "supervision_notice", "caller_id")
        needs = [(given[f"need-{at}-skill"], given[f"need-{at}-level"]) for at in range(self.needs)]
        steps = [(given[f"relax-{at}-after"], given[f"relax-{at}-what"]) for at in range(self.steps)]
        hours: dict[str, Any] = {"timezone": given["timezone"], **{day: spans(given[day]) for day in DAYS if given[day].strip()}}
        if given["holidays"].strip():
            hours["holidays"] = given["holidays"].strip().upper()
        return {
            **{name: given[name] for name in plain},
            "requirements": [{"skill": skill, "proficiency": int(level)} for skill, level in needs if skill],
            "relaxation": [{"after": after, **json.loads(what)} for after, what in steps if after is not None and what],
            "hours": hours if hours.keys() != {"timezone"} or hours["timezone"] != "UTC" else {},  # always open, anywhere
            "greeting": {code: given[f"greeting-{code}"].strip() for code in LANGUAGES if given[f"greeting-{code}"].strip()},
        }

    def groups(self) -> list[Group]:
        needs = [name for at in range(self.needs) for name in (f"need-{at}-skill", f"need-{at}-level")]
        steps = [name for at in range(self.steps) for name in (f"relax-{at}-after", f"relax-{at}-what")]
        return [
            Group(_("Queue"), self.some("name", "code", "unit_id", "caller_id")),
            Group(_("Targets"), self.some("target_percent", "target_seconds", "short_abandon_seconds")),
            Group(_("Calls"), self.some("ring_seconds", "park_seconds", "wrapup_seconds", "wrapup_extension_seconds", "auto_answer", "supervision_notice")),
            Group(
                _("Opening hours"),
                self.some("timezone", "holidays", *DAYS),
                _("Spans of a day, such as 08:00-12:30, 13:30-18:00. A day without is closed; with no day at all it is always open."),
            ),
            Group(_("Skills that every contact of the queue asks for"), self.some(*needs), _("Rules of the routing policy may ask for more.")),
            Group(_("What gives way while a contact waits"), self.some(*steps)),
            Group(
                _("Greeting"),
                self.some(*(f"greeting-{code}" for code in LANGUAGES)),
                _("What the agent says first. {customer}, {agent} and {daypart} are filled in."),
                wide=True,
            ),
        ]


def _as_json(what: Mapping[str, Any]) -> str:
    return json.dumps(what, sort_keys=True)


def spans(text: str) -> list[list[str]]:
    """ "8:00-12:30, 13:30-18" -> [["08:00", "12:30"], ["13:30", "18:00"]]; what is none stays, for the action to refuse. Pure."""
    found = []
    for part in re.split(r"[,;]", text.replace("–", "-")):
        if part.strip():
            begin, _dash, end = part.partition("-")
            found.append([_clock(begin), _clock(end)])
    return found


def _clock(text: str) -> str:
    hour, _colon, minute = text.strip().replace(".", ":").partition(":")
    return f"{hour.zfill(2)}:{minute or '00'}"


class Named(Keeping):
    """Something with a name in each language."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for code in LANGUAGES:
            self.fields[f"name-{code}"] = forms.CharField(label=OWN_NAMES[code], required=code == "en", max_length=80)

    def names(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"name-{code}"] for code in LANGUAGES}

    def name_group(self) -> Group:
        return Group(_("Names"), self.some(*(f"name-{code}" for code in LANGUAGES)), _("Where a language has none, the English one stands in."))

    @staticmethod
    def names_of(names: Mapping[str, str]) -> dict[str, str]:
        return {f"name-{code}": name for code, name in names.items()}


class SkillForm(Named):
    kind = forms.ChoiceField(label=later("Kind"), choices=list(KIND_WORDS.items()))

    def values(self) -> dict[str, Any]:
        return {"kind": self.cleaned_data["kind"], "names": self.names()}

    def groups(self) -> list[Group]:
        return [Group(_("Skill"), self.some("code", "kind")), self.name_group()]


class ReasonForm(Named):
    is_break = forms.BooleanField(label=later("It is a break"), required=False)
    minutes = forms.IntegerField(label=later("Reminded after, in minutes"), required=False, min_value=1, max_value=480)
    order = forms.IntegerField(label=later("Place in the list"), min_value=0, max_value=999)

    def __init__(self, *args: Any, by_system: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        for name in ("is_break", "minutes", "order"):
            self.fields[name].disabled = by_system

    def values(self) -> dict[str, Any]:
        return {**{name: self.cleaned_data[name] for name in ("is_break", "minutes", "order")}, "names": self.names()}

    def groups(self) -> list[Group]:
        return [Group(_("Reason"), self.some("code", "minutes", "order", "is_break")), self.name_group()]


class LineForm(Keeping):
    number = forms.CharField(label=later("Number"), max_length=40, help_text=later("As it is dialled: 100, or +31205550123."))
    name = forms.CharField(label=later("Name"), max_length=80)
    flow = forms.ChoiceField(label=later("Flow that answers"))
    queue_id = forms.TypedChoiceField(label=later("Queue"), coerce=int, help_text=later("Where callers go when the flow fails or says no queue."))
    country = forms.CharField(label=later("Country"), max_length=2)
    languages = forms.CharField(
        label=later("Languages, the first is the default"), max_length=60, help_text=later("Codes with commas between, such as nl, en.")
    )

    def __init__(self, *args: Any, flows: list[tuple[str, str]], queues: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(*args, **{**more, "new": False})
        kept = self.initial.get("flow")
        self.fields["flow"].choices = flows if not kept or kept in dict(flows) else [*flows, (kept, kept)]  # type: ignore[attr-defined]
        self.fields["queue_id"].choices = queues  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        given["languages"] = list(dict.fromkeys(part.strip().lower() for part in given["languages"].split(",") if part.strip()))
        return given


class UnitForm(Keeping):
    name = forms.CharField(label=later("Name"), max_length=120)
    parent_id = forms.TypedChoiceField(label=later("Part of"), required=False, coerce=int, empty_value=None)
    head_id = forms.TypedChoiceField(label=later("Head"), required=False, coerce=int, empty_value=None)
    country = forms.CharField(label=later("Country"), max_length=2)
    timezone = forms.ChoiceField(label=later("Time zone"))

    def __init__(self, *args: Any, units: list[tuple[int, str]], people: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["parent_id"].choices = choices(units, _("none"))  # type: ignore[attr-defined]
        self.fields["head_id"].choices = choices(people, _("nobody"))  # type: ignore[attr-defined]
        self.fields["timezone"].choices = [(zone, zone) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]

    def groups(self) -> list[Group]:
        return [Group("", self.some("name", "code", "parent_id", "head_id", "country", "timezone"))]


class PositionForm(Keeping):
    name = forms.CharField(label=later("Name"), max_length=120)
    unit_id = forms.TypedChoiceField(label=later("Unit"), coerce=int)
    deputy_id = forms.TypedChoiceField(
        label=later("Deputy"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=later("Whose holder gets what is for this position while nobody holds it."),
    )

    def __init__(self, *args: Any, units: list[tuple[int, str]], positions: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["unit_id"].choices = units  # type: ignore[attr-defined]
        self.fields["deputy_id"].choices = choices(positions, _("nobody"))  # type: ignore[attr-defined]

    def groups(self) -> list[Group]:
        return [Group("", self.some("name", "code", "unit_id", "deputy_id"))]


SCOPES = (("", later("no")), ("own", later("own")), ("unit", later("of the unit")), ("all", later("all")))


class RoleForm(Keeping):
    """A role: each permission that is declared, with how far it reaches."""

    name = forms.CharField(label=later("Name"), max_length=120)
    masks = forms.BooleanField(label=later("Customers' details stay masked until their identity was checked in the contact"), required=False)

    def __init__(self, *args: Any, codes: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.codes = dict(codes)
        for code, words in self.codes.items():
            self.fields[f"may-{code}"] = forms.ChoiceField(label=words, choices=SCOPES, required=False)

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {"name": given["name"], "masks": given["masks"], "codes": {code: given[f"may-{code}"] for code in self.codes if given[f"may-{code}"]}}

    def groups(self) -> list[Group]:
        return [Group("", self.some("name", "code", "masks"))]

    def packages(self) -> list[tuple[str, list[BoundField]]]:
        """The permissions by the package that declares them."""
        found: dict[str, list[BoundField]] = {}
        for code in sorted(self.codes):
            found.setdefault(code.split(".")[0], []).append(self[f"may-{code}"])
        with translation.override(translation.get_language()):
            return [(str(PACKAGES.get(package, package)), fields) for package, fields in found.items()]


PACKAGES = {
    "appointments": later("Appointments"), "analytics": later("Figures"), "campaigns": later("Campaigns"), "catalogue": later("Products"), "flows": later("Flows"), "guidance": later("Guidance"),
    "interactions": later("Contacts"), "knowledge": later("Knowledge"), "org": later("Organisation"), "parties": later("Customers"), "routing": later("Routing"),
    "rules": later("Policies"), "sales": later("Sales"), "tickets": later("Tickets"), "voice": later("Telephone"),
}  # fmt: skip

"""How complaints are weighed and answered, as settings: one part of the scheme at a time, each change a version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import pgettext, pgettext_lazy

from cordboard.catalogue.models import Product
from cordboard.desktop.forms_settings import BLANKS, Group, Keeping, choices
from cordboard.desktop.forms_surveys import surveys
from cordboard.desktop.settings_base import Kind, Listed, language
from cordboard.interactions.models import ContactReason
from cordboard.org.languages import LANGUAGES, OWN_NAMES
from cordboard.parties.models import Party
from cordboard.tickets import actions_scheme, complaint_scheme, queries_complaint
from cordboard.tickets.models import Complaint, ComplaintScheme
from cordboard.tickets.permissions_complaint import MANAGE
from cordboard.tickets.severity import BANDS, HARMS, PARTS

PART_WORDS = {
    "reason": pgettext_lazy("part of severity", "Type"), "product": pgettext_lazy("part of severity", "Product"), "harm": pgettext_lazy("part of severity", "Harm"),
    "value": pgettext_lazy("part of severity", "Customer's value"), "repeat": pgettext_lazy("part of severity", "Repeated"), "wording": pgettext_lazy("part of severity", "Wording"),
}  # fmt: skip


class Section:
    """One line of the list: a part of the scheme by its keys."""

    def __init__(self, pk: int, name: str, keys: tuple[str, ...], note: str) -> None:
        self.pk, self.name, self.keys, self.note = pk, name, keys, note

    def __str__(self) -> str:
        return self.name


def sections() -> list[Section]:
    return [
        Section(1, _("Weights"), ("weights",), _("What counts how much: the score is the weighted mean of the parts, 0 to 100.")),
        Section(2, _("Harm"), ("harms", "floors"), _("How much each harm counts, and below which score a complaint with it never falls.")),
        Section(3, _("Severity and time"), ("bands", "hours", "follow"), _("From which score on, and within how many working hours.")),
        Section(4, _("Types"), ("reasons",), _("How much a type of complaint counts, 0 to 100.")),
        Section(5, _("Products and customers"), ("families", "segments", "repeat_full", "look_back", "contact_days"), _("How much a product and a customer count, and how far back is looked.")),
        Section(6, _("Measures"), ("measures",), _("What can be done for a customer; rules propose one of them.")),
        Section(7, _("Message to the customer"), ("texts",), _("What stands around the result, in each language.")),
        Section(8, _("Satisfaction"), ("survey", "survey_days", "low", "again"), _("Which survey asks, and which rating brings a new task.")),
    ]  # fmt: skip


def _percent(label: Any, *, required: bool = True, help_text: Any = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=100, required=required, help_text=help_text)


class SchemeForm(Keeping):
    """The fields of one section. Names are "<key>-<code>"; values go back to the scheme's form."""

    note = forms.CharField(label=later("Why it is changed"), max_length=200, required=False, help_text=later("Stands with the version."))

    def __init__(self, *args: Any, section: Section, **more: Any) -> None:
        super().__init__(*args, **more)
        self.section = section
        self.codes: dict[str, list[tuple[str, str]]] = {}
        for key in section.keys:
            getattr(self, f"_add_{key}")()
        self.order_fields([*(name for name in self.fields if name != "note"), "note"])
        first = {key: next((name for name in self.fields if name == key or name.startswith(f"{key}-")), "") for key in section.keys}
        self.NAMES = {**first, **{f"texts.{code}": f"texts-{code}-text" for code in LANGUAGES}}

    def _many(self, key: str, codes: list[tuple[str, str]], *, required: bool = True, least: int = 0, most: int = 100) -> None:
        self.codes[key] = codes
        for code, words in codes:
            self.fields[f"{key}-{code}"] = forms.IntegerField(label=words, min_value=least, max_value=most, required=required)

    def _add_weights(self) -> None:
        self._many("weights", [(code, str(PART_WORDS[code])) for code in PARTS])

    def _add_harms(self) -> None:
        self._many("harms", [(code, str(dict(Complaint.Harm.choices)[code])) for code in HARMS])

    def _add_floors(self) -> None:
        self._many("floors", [(code, str(dict(Complaint.Harm.choices)[code])) for code in HARMS if code != "none"], required=False)

    def _add_bands(self) -> None:
        for at, code in enumerate(BANDS[1:]):
            label = _("%(severity)s from") % {"severity": dict(Complaint.Band.choices)[code]}
            self.fields[f"bands-{at}"] = forms.IntegerField(label=label, min_value=1, max_value=100)

    def _add_hours(self) -> None:
        self._many("hours", [(code, str(dict(Complaint.Band.choices)[code])) for code in BANDS], least=1, most=complaint_scheme.LONGEST_HOURS)

    def _add_follow(self) -> None:
        self.fields["follow"] = forms.IntegerField(
            label=_("The department's task is due after, in percent of the time"), min_value=1, max_value=100, help_text=_("Half-way is 50.")
        )

    def _add_reasons(self) -> None:
        rows = [(row.code, row.name_in(language())) for row in ContactReason.objects.select_related("parent").order_by("parent__order", "order", "code")]
        self._many("reasons", [("", _("All others")), *rows], required=False)

    def _add_families(self) -> None:
        families = sorted({*Product.objects.values_list("family", flat=True), *(self.initial.get("families-kept") or ())} - {""})
        self._many("families", [("", _("All other products")), *((one, one) for one in families)], required=False)

    def _add_segments(self) -> None:
        self._many("segments", [*((code, str(words)) for code, words in Party.Segment.choices), ("", _("Customers not known"))])

    def _add_repeat_full(self) -> None:
        self.fields["repeat_full"] = forms.IntegerField(label=_("So many times before count in full"), min_value=1, max_value=50)

    def _add_look_back(self) -> None:
        self.fields["look_back"] = forms.IntegerField(label=_("Days in which earlier complaints count"), min_value=1, max_value=3650)

    def _add_contact_days(self) -> None:
        self.fields["contact_days"] = forms.IntegerField(label=_("Days in which contacts about the same count"), min_value=1, max_value=365)

    def _add_measures(self) -> None:
        self.measures = int(self.initial.get("measures-count") or 0) + BLANKS
        for at in range(self.measures):
            self.fields[f"measures-{at}-code"] = forms.SlugField(label=_("Code"), max_length=40, required=False)
            for code in LANGUAGES:
                self.fields[f"measures-{at}-{code}"] = forms.CharField(label=OWN_NAMES[code], max_length=80, required=False)

    def _add_texts(self) -> None:
        for code in LANGUAGES:
            self.fields[f"texts-{code}-subject"] = forms.CharField(label=_("Subject"), max_length=200, required=False)
            self.fields[f"texts-{code}-text"] = forms.CharField(
                label=_("Message"), max_length=complaint_scheme.MOST_TEXT, required=False, strip=False, widget=forms.Textarea(attrs={"rows": 6, "lang": code})
            )

    def _add_survey(self) -> None:
        self.fields["survey"] = forms.ChoiceField(label=_("Survey"), required=False, choices=choices(surveys(), pgettext("survey", "none")))

    def _add_survey_days(self) -> None:
        self.fields["survey_days"] = forms.IntegerField(label=_("Days that a link holds"), min_value=1, max_value=365)

    def _add_low(self) -> None:
        self.fields["low"] = forms.IntegerField(label=_("A rating up to this is low"), min_value=0, max_value=4, help_text=_("Of 1 to 5; 0 for never."))

    def _add_again(self) -> None:
        self.fields["again"] = forms.IntegerField(label=_("The new task is due after working hours"), min_value=1, max_value=complaint_scheme.LONGEST_HOURS)

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        made: dict[str, Any] = {}
        for key in self.section.keys:
            if key in self.codes:
                made[key] = {code: given[f"{key}-{code}"] for code, _words in self.codes[key] if given.get(f"{key}-{code}") is not None}
            elif key == "bands":
                made[key] = [given[f"bands-{at}"] for at in range(3)]
            elif key == "measures":
                rows = [(given[f"measures-{at}-code"], {code: given[f"measures-{at}-{code}"].strip() for code in LANGUAGES}) for at in range(self.measures)]
                made[key] = [
                    {"code": code, "names": {name: words for name, words in names.items() if words}} for code, names in rows if code or any(names.values())
                ]
            elif key == "texts":
                both = {code: {part: given[f"texts-{code}-{part}"].replace("\r\n", "\n") for part in ("subject", "text")} for code in LANGUAGES}
                made[key] = {code: text for code, text in both.items() if any(one.strip() for one in text.values())}
            else:
                made[key] = given[key]
        return made

    def groups(self) -> list[Group]:
        found = []
        for key in self.section.keys:
            names = [name for name in self.fields if name == key or name.startswith(f"{key}-")]
            if key == "texts":
                found += [Group(OWN_NAMES[code], self.some(f"texts-{code}-subject", f"texts-{code}-text"), wide=True) for code in LANGUAGES]
            elif key == "measures":
                found += [Group("", self.some(*(name for name in names if name.startswith(f"measures-{at}-")))) for at in range(self.measures)]
            else:
                found.append(Group(GROUPS.get(key, ""), self.some(*names)))
        return [*found, Group("", self.some("note"))]


GROUPS: dict[str, Any] = {
    "harms": later("How much it counts"), "floors": later("The score is at least"), "bands": later("Scores"), "hours": later("Working hours to completion, where no rule says otherwise"),
    "families": later("Products"), "segments": later("Value segments"),
}  # fmt: skip


class Complaints(Kind):
    code, permission, icon, name = "complaints", MANAGE, "scale", later("Complaints")
    list_template = "desktop/settings_complaints.html"
    note = later(
        "How complaints are weighed and answered. Each change is a version; complaints keep the score by the version that held when they were weighed."
    )

    def columns(self) -> list[str]:
        return [_("Part"), _("What it says")]

    def lines(self, user: Any) -> list[Listed]:
        return [Listed(one.pk, (one.name, one.note)) for one in sections()]

    def list_beside(self, user: Any) -> dict[str, Any]:
        """The versions, newest first. One query."""
        rows = ComplaintScheme.objects.select_related("by").order_by("-version")[:20]
        return {
            "versions": [
                {
                    "version": row.version,
                    "by": str(row.by or ""),
                    "at": date_format(localtime(row.at), "SHORT_DATETIME_FORMAT"),
                    "note": row.note,
                    "holds": at == 0,
                }
                for at, row in enumerate(rows)
            ]
        }

    def find(self, user: Any, number: int) -> Section | None:
        return next((one for one in sections() if one.pk == number), None)

    def values(self, row: Section) -> dict[str, Any]:
        body = queries_complaint.body_of(queries_complaint.newest_scheme())
        return {key: body[key] for key in row.keys}

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in values.items():
            if key == "bands":
                made |= {f"bands-{at}": one for at, one in enumerate(value)}
            elif key == "measures":
                made["measures-count"] = len(value)
                for at, one in enumerate(value):
                    made |= {f"measures-{at}-code": one["code"], **{f"measures-{at}-{code}": words for code, words in one["names"].items()}}
            elif key == "texts":
                made |= {f"texts-{code}-{part}": text.get(part, "") for code, text in value.items() for part in ("subject", "text")}
            elif isinstance(value, dict):
                made |= {f"{key}-{code}": one for code, one in value.items()}
                made[f"{key}-kept"] = [code for code in value if code]
            else:
                made[key] = value
        return made

    def form(self, data: Any, initial: dict[str, Any], row: Section | None, user: Any) -> SchemeForm:
        assert row is not None
        return SchemeForm(data, initial=initial, new=False, section=row)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> ComplaintScheme:
        made = actions_scheme.keep_scheme(user, form.values(), seen=seen, note=form.cleaned_data.get("note", ""))
        made.name = str(form.section)  # type: ignore[attr-defined]  # what the list says was kept
        return made

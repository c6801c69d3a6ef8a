"""Settings: kinds of tickets, with their own fields and states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms as django_forms
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop import forms_settings as forms
from cordboard.desktop.settings_base import Kind, Listed, code_of, language
from cordboard.org.languages import LANGUAGES
from cordboard.tickets import kinds, states
from cordboard.tickets.actions_kind import keep_kind, kind_values
from cordboard.tickets.models import Ticket, TicketKind
from cordboard.tickets.permissions import KINDS

TYPE_WORDS = {"text": later("a text"), "number": later("a number"), "date": later("a date"), "choice": later("one of several"), "yes_no": later("yes or no")}


def names_read(text: str) -> dict[str, str]:
    """Lines "en = Shelf", by language; a line without a language is English."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        code, sign, name = line.partition("=")
        code, name = (code.strip().lower(), name.strip()) if sign and code.strip().lower() in LANGUAGES else ("en", line.strip())
        if name:
            found[code] = name[:80]
    return found


def names_shown(names: Mapping[str, str]) -> str:
    return "\n".join(f"{code} = {names[code]}" for code in LANGUAGES if names.get(code))


def choices_read(text: str) -> list[dict[str, Any]]:
    """Lines "bath: en = Bath, nl = Bad"."""
    found = []
    for line in text.splitlines():
        code, _colon, rest = line.partition(":")
        if code.strip():
            found.append({"code": code.strip()[:40], "names": names_read(rest.replace(",", "\n"))})
    return found


def choices_shown(rows: list[dict[str, Any]]) -> str:
    return "\n".join(f"{one['code']}: {names_shown(one.get('names') or {}).replace(chr(10), ', ')}".rstrip(": ") for one in rows)


def codes_read(text: str) -> list[str]:
    return [code for code in text.replace(",", " ").split() if code]


class KindForm(forms.Named):
    active = django_forms.BooleanField(label=later("Can be chosen for new tickets"), required=False)
    like = django_forms.ChoiceField(label=later("Deadlines and priority as of"))
    order = django_forms.IntegerField(label=later("Place in lists"), min_value=0, max_value=999)
    NAMES = {"names": "name-en", "fields": "field-0-code", "states": "state-0-code"}

    def __init__(self, *args: Any, built_in: bool, fields: int, states_: int, **more: Any) -> None:
        super().__init__(*args, **more)
        if "code" in self.fields:
            self.fields["code"].help_text = _("Small letters, digits and dashes, at most 20. It stays as it is.")
        like = self.fields["like"]
        assert isinstance(like, django_forms.ChoiceField)
        like.choices = list(Ticket.Kind.choices)
        if built_in:  # its words, deadlines and priority are the program's
            for name in ("like", *(f"name-{code}" for code in LANGUAGES)):
                del self.fields[name]
        self.rows_fields, self.rows_states = fields + forms.BLANKS, states_ + forms.BLANKS
        area = {"rows": 3}
        for at in range(self.rows_fields):
            self.fields[f"field-{at}-code"] = django_forms.CharField(label=_("Code of the field"), required=False, max_length=20)
            self.fields[f"field-{at}-type"] = django_forms.ChoiceField(label=_("It holds"), required=False, choices=list(TYPE_WORDS.items()))
            self.fields[f"field-{at}-names"] = _text(_("Names, a line for each language"), area, "en = Shelf")
            self.fields[f"field-{at}-choices"] = _text(_("What can be chosen, a line each"), area, "bath: en = Bath, nl = Bad")
            self.fields[f"field-{at}-required"] = django_forms.CharField(label=_("Required in the states"), required=False, max_length=200)
        for at in range(self.rows_states):
            self.fields[f"state-{at}-code"] = django_forms.CharField(label=_("Code of the state"), required=False, max_length=20)
            self.fields[f"state-{at}-like"] = django_forms.ChoiceField(label=_("It is like"), required=False, choices=list(Ticket.State.choices))
            self.fields[f"state-{at}-names"] = _text(_("Names, a line for each language"), area, "en = On the bench")
            self.fields[f"state-{at}-after"] = django_forms.CharField(label=_("May become"), required=False, max_length=200)

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        rows = [
            {
                "code": given[f"field-{at}-code"],
                "type": given[f"field-{at}-type"] or "text",
                "names": names_read(given[f"field-{at}-names"]),
                "choices": choices_read(given[f"field-{at}-choices"]),
                "required": codes_read(given[f"field-{at}-required"]),
            }
            for at in range(self.rows_fields)
            if given[f"field-{at}-code"] or given[f"field-{at}-names"]
        ]
        own = [
            {
                "code": given[f"state-{at}-code"],
                "like": given[f"state-{at}-like"],
                "names": names_read(given[f"state-{at}-names"]),
                "after": codes_read(given[f"state-{at}-after"]),
            }
            for at in range(self.rows_states)
            if given[f"state-{at}-code"] or given[f"state-{at}-names"]
        ]
        names = {code: name for code, name in self.names().items() if name} if "name-en" in self.fields else {}
        return {"names": names, "active": given["active"], "like": given.get("like", ""), "order": given["order"], "fields": rows, "states": own}

    def groups(self) -> list[forms.Group]:
        found = [forms.Group("", self.some("code", "active", "like", "order"))]
        if "name-en" in self.fields:
            found.append(self.name_group())
        kept = ", ".join(states.STATES)
        note = _("States are named by their codes, with commas between them. Every ticket is also in one of the five: %(states)s.") % {"states": kept}
        for at in range(self.rows_fields):
            names = (f"field-{at}-{part}" for part in ("code", "type", "names", "choices", "required"))
            found.append(forms.Group(_("Field %(n)s") % {"n": at + 1}, self.some(*names), note if at == 0 else ""))
        note = _("Without own states it has the five of every ticket. The first is where its tickets begin. An empty code takes a state away.")
        for at in range(self.rows_states):
            names = (f"state-{at}-{part}" for part in ("code", "like", "names", "after"))
            found.append(forms.Group(_("State %(n)s") % {"n": at + 1}, self.some(*names), note if at == 0 else ""))
        return found


def _text(label: str, attrs: dict[str, Any], example: str) -> django_forms.CharField:
    return django_forms.CharField(label=label, required=False, max_length=2000, widget=django_forms.Textarea(attrs={**attrs, "placeholder": example}))


class TicketKinds(Kind):
    code, permission, icon, name, new = "ticket-kinds", KINDS, "ticket", later("Ticket kinds"), later("New kind")
    note = later("What tickets are about. A kind has fields and states of its own; one that is not wanted any more is not chosen, its tickets stay.")

    def columns(self) -> list[str]:
        return [_("Kind"), _("Code"), _("Deadlines as of"), _("Fields"), _("States")]

    def lines(self, user: Any) -> list[Listed]:
        found = []
        with translation.override(language()):
            for row in TicketKind.objects.all():
                own = str(len(row.states)) if row.states else _("the five")
                like = "" if row.built_in else str(Ticket.Kind(row.like).label)
                found.append(Listed(row.pk, (row.name_in(language()), row.code, like, str(len(row.fields)), own), soft=not row.active))
        return found

    def find(self, user: Any, number: int) -> TicketKind | None:
        return TicketKind.objects.filter(pk=number).first()

    def values(self, row: TicketKind) -> dict[str, Any]:
        return kind_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = {"active": values["active"], "like": values["like"], "order": values["order"], **forms.Named.names_of(values["names"])}
        for at, one in enumerate(values["fields"]):
            parts = {"code": one["code"], "type": one["type"], "names": names_shown(one["names"]), "choices": choices_shown(one.get("choices") or [])}
            shown |= {f"field-{at}-{name}": value for name, value in parts.items()} | {f"field-{at}-required": ", ".join(one.get("required") or ())}
        for at, one in enumerate(values["states"]):
            parts = {"code": one["code"], "like": one["like"], "names": names_shown(one.get("names") or {}), "after": ", ".join(one["after"])}
            shown |= {f"state-{at}-{name}": value for name, value in parts.items()}
        return shown

    def blank(self, user: Any) -> dict[str, Any]:
        return {"active": True, "order": 50, "like": kinds.BUILT_IN[0]}

    def form(self, data: Any, initial: dict[str, Any], row: TicketKind | None, user: Any) -> forms.Keeping:
        def rows(noun: str) -> int:
            shown = sum(name.startswith(f"{noun}-") and name.endswith("-code") for name in initial)
            posted = sum(name.startswith(f"{noun}-") and name.endswith("-code") for name in data) - forms.BLANKS if data is not None else 0
            return min(max(shown, posted), 40)

        return KindForm(data, initial=initial, new=row is None, built_in=row is not None and row.built_in, fields=rows("field"), states_=rows("state"))

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> TicketKind:
        return keep_kind(user, number, form.values(), code=code_of(form), seen=seen)

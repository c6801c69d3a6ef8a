"""Settings of the service desk's levels: who serves which, what each asks for, and when many tickets look like one incident."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later
from django.utils.translation import pgettext_lazy

from cordboard.catalogue.models import Product
from cordboard.desktop import forms_settings as forms
from cordboard.desktop.forms_settings import Group
from cordboard.desktop.settings_base import Kind, Listed, Pairs, language, unit_pairs
from cordboard.routing.models import Queue
from cordboard.tickets import actions_level_settings as settings
from cordboard.tickets.models import LevelItem, SupportLevel
from cordboard.tickets.models_incident import IncidentRule
from cordboard.tickets.permissions_level import LEVELS


def families() -> list[tuple[str, str]]:
    return [(code, code) for code in Product.objects.order_by("family").values_list("family", flat=True).distinct()]


def _choose(form: django_forms.Form, name: str, rows: list[tuple[Any, str]]) -> None:
    field = form.fields[name]
    assert isinstance(field, django_forms.ChoiceField)
    field.choices = rows


class PlaceForm(forms.Keeping):
    rank = django_forms.TypedChoiceField(label=later("Level"), coerce=int, choices=SupportLevel.Rank.choices)
    unit_id = django_forms.TypedChoiceField(label=later("Unit"), coerce=int)
    family = django_forms.ChoiceField(label=later("Products"), required=False)
    queue_id = django_forms.TypedChoiceField(
        label=later("Queue"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=later("Calls that are handed on live go there. Without one, tickets are sent on only."),
    )

    def __init__(self, *args: Any, units: Pairs, queues: Pairs, **more: Any) -> None:
        super().__init__(*args, **{**more, "new": False})
        _choose(self, "unit_id", forms.choices(units))
        _choose(self, "queue_id", forms.choices(queues, _("none")))
        _choose(self, "family", forms.choices(families(), _("all products")))


class Levels(Kind):
    code, permission, icon, name, new, removable = "levels", LEVELS, "sitemap", later("Support levels"), later("New level"), True
    note = later(
        "Which unit serves which level. A ticket that is sent on goes to the nearest level above that somebody serves, a unit for its products before one for all."
    )

    def columns(self) -> list[str]:
        return [_("Level"), _("Unit"), _("Products"), _("Queue")]

    def lines(self, user: Any) -> list[Listed]:
        rows = SupportLevel.objects.select_related("unit", "queue")
        return [
            Listed(row.pk, (str(row.get_rank_display()), row.unit.name, row.family or _("all products"), row.queue.name if row.queue is not None else ""))
            for row in rows
        ]

    def find(self, user: Any, number: int) -> SupportLevel | None:
        return SupportLevel.objects.filter(pk=number).first()

    def values(self, row: SupportLevel) -> dict[str, Any]:
        return settings.values(row)

    def form(self, data: Any, initial: dict[str, Any], row: SupportLevel | None, user: Any) -> forms.Keeping:
        return PlaceForm(data, initial=initial, new=False, units=unit_pairs(), queues=list(Queue.objects.order_by("name").values_list("pk", "name")))

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> SupportLevel:
        return settings.keep_place(user, number, form.values(), seen=seen)

    def remove(self, user: Any, number: int) -> None:
        settings.remove(user, SupportLevel, number)


class ItemForm(forms.Named):
    NAMES = {"names": "name-en"}
    rank = django_forms.TypedChoiceField(label=later("Level"), coerce=int, choices=SupportLevel.Rank.choices)
    family = django_forms.ChoiceField(label=later("Products"), required=False)
    asks = django_forms.ChoiceField(label=later("Answered by"), choices=LevelItem.Asks.choices)
    required = django_forms.BooleanField(label=later("Without it the ticket is not taken"), required=False)
    order = django_forms.IntegerField(label=later("Place in the list"), min_value=0, max_value=999)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{**more, "new": False})
        _choose(self, "family", forms.choices(families(), _("all products")))

    def values(self) -> dict[str, Any]:
        return {**{name: self.cleaned_data[name] for name in ("rank", "family", "asks", "required", "order")}, "names": self.names()}

    def groups(self) -> list[Group]:
        return [Group(_("What is asked for"), self.some("rank", "family", "asks", "order", "required")), self.name_group()]


class LevelItems(Kind):
    code, permission, icon, name, new, removable = "level-items", LEVELS, "checklist", later("What levels ask for"), later("New question"), True
    note = later("What a level wants to know before it takes a ticket. Who sends one on without it is told what is missing.")

    def columns(self) -> list[str]:
        return [_("What is asked for"), _("Level"), _("Products"), _("Answered by"), _("Required")]

    def lines(self, user: Any) -> list[Listed]:
        return [
            Listed(
                row.pk,
                (
                    row.name_in(language()),
                    str(row.get_rank_display()),
                    row.family or _("all products"),
                    str(row.get_asks_display()),
                    _("yes") if row.required else "",
                ),
            )
            for row in LevelItem.objects.all()
        ]

    def find(self, user: Any, number: int) -> LevelItem | None:
        return LevelItem.objects.filter(pk=number).first()

    def values(self, row: LevelItem) -> dict[str, Any]:
        return settings.values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {**{name: value for name, value in values.items() if name != "names"}, **forms.Named.names_of(values["names"])}

    def blank(self, user: Any) -> dict[str, Any]:
        return {"rank": 2, "asks": "check", "required": True, "order": 10}

    def form(self, data: Any, initial: dict[str, Any], row: LevelItem | None, user: Any) -> forms.Keeping:
        return ItemForm(data, initial=initial, new=False)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> LevelItem:
        return settings.keep_item(user, number, form.values(), seen=seen)

    def remove(self, user: Any, number: int) -> None:
        settings.remove(user, LevelItem, number)


class RuleForm(forms.Keeping):
    family = django_forms.ChoiceField(label=later("Products"), required=False)
    least = django_forms.IntegerField(
        label=pgettext_lazy("at least so many", "Customers"), min_value=2, max_value=1000, help_text=later("So many different ones at least.")
    )
    minutes = django_forms.IntegerField(label=later("Within minutes"), min_value=5, max_value=10_080)
    likeness = django_forms.IntegerField(
        label=later("How alike, in percent"), min_value=10, max_value=95, help_text=later("Less finds more and is wrong more often; 35 is a good beginning.")
    )
    active = django_forms.BooleanField(label=later("They are looked for"), required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **{**more, "new": False})
        _choose(self, "family", forms.choices(families(), _("all other products, and none")))


class IncidentRules(Kind):
    code, permission, icon, name, new, removable = "incidents", LEVELS, "alert-triangle", later("Mass incidents"), later("New numbers"), True
    note = later("When many customers write the same within a short time, their tickets are suggested as one incident. Without any numbers nobody looks.")

    def columns(self) -> list[str]:
        return [_("Products"), _("Customers"), _("Within minutes"), _("How alike"), _("State")]

    def lines(self, user: Any) -> list[Listed]:
        return [
            Listed(
                row.pk,
                (
                    row.family or _("all other products, and none"),
                    str(row.least),
                    str(row.minutes),
                    _("%(n)s %%") % {"n": row.likeness},
                    _("looked for") if row.active else _("not looked for"),
                ),
                not row.active,
            )
            for row in IncidentRule.objects.all()
        ]

    def find(self, user: Any, number: int) -> IncidentRule | None:
        return IncidentRule.objects.filter(pk=number).first()

    def values(self, row: IncidentRule) -> dict[str, Any]:
        return settings.values(row)

    def blank(self, user: Any) -> dict[str, Any]:
        return {"least": 5, "minutes": 60, "likeness": 35, "active": True}

    def form(self, data: Any, initial: dict[str, Any], row: IncidentRule | None, user: Any) -> forms.Keeping:
        return RuleForm(data, initial=initial, new=False)

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> IncidentRule:
        return settings.keep_rule(user, number, form.values(), seen=seen)

    def remove(self, user: Any, number: int) -> None:
        settings.remove(user, IncidentRule, number)

"""Settings: scripts that begin by themselves, given by a queue or a contact reason."""

from __future__ import annotations

from typing import Any

from django import forms as django_forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop import forms_settings as forms
from cordboard.desktop.settings_base import Kind, Listed, Pairs, language
from cordboard.flows.permissions import PUBLISH
from cordboard.guidance import actions_given as scripts
from cordboard.guidance.models import ScriptSetting
from cordboard.guidance.queries_script import available
from cordboard.interactions.models import ContactReason
from cordboard.routing.models import Queue

MOST = 1000
"""Scripts to choose from."""


class ScriptForm(forms.Keeping):
    script = django_forms.ChoiceField(label=later("Script"))
    queue_id = django_forms.TypedChoiceField(
        label=later("Given by the queue"), required=False, coerce=int, empty_value=None, help_text=later("It begins as soon as an agent has a contact of it.")
    )
    reason_id = django_forms.TypedChoiceField(
        label=later("Or by the contact reason"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=later("It begins when the reason is given to the contact."),
    )
    required = django_forms.BooleanField(
        label=later("It must be gone through to its end"),
        required=False,
        help_text=later("Until then the agent cannot finish with the contact, unless with a reason."),
    )

    def __init__(self, *args: Any, scripts: list[tuple[str, str]], queues: Pairs, reasons: Pairs, **more: Any) -> None:
        super().__init__(*args, **{**more, "new": False})  # it has no code: what gives the script names it
        for name, rows in (
            ("script", forms.choices(scripts)),
            ("queue_id", forms.choices(queues, _("none"))),
            ("reason_id", forms.choices(reasons, _("none"))),
        ):
            field = self.fields[name]
            assert isinstance(field, django_forms.ChoiceField)
            field.choices = rows


class Scripts(Kind):
    code, permission, icon, name, new, removable = "scripts", PUBLISH, "list-check", later("Scripts given"), later("New script given"), True
    note = later("Scripts that begin by themselves, once in each contact. Rules of the area Guidance may give others.")

    def columns(self) -> list[str]:
        return [_("Given by"), _("Script"), _("Required")]

    def lines(self, user: Any) -> list[Listed]:
        names = dict(available(limit=MOST))
        found = []
        for row in ScriptSetting.objects.select_related("queue", "reason__parent").order_by("queue__name", "reason__order", "pk"):
            script = names.get(row.script) or _("%(script)s (not published)") % {"script": row.script}
            found.append(Listed(row.pk, (_giver(row), script, _("yes") if row.required else ""), soft=row.script not in names))
        return found

    def find(self, user: Any, number: int) -> ScriptSetting | None:
        return ScriptSetting.objects.filter(pk=number).first()

    def values(self, row: ScriptSetting) -> dict[str, Any]:
        return scripts.setting_values(row)

    def form(self, data: Any, initial: dict[str, Any], row: ScriptSetting | None, user: Any) -> forms.Keeping:
        queues = list(Queue.objects.values_list("pk", "name"))
        reasons = [(one.pk, _path(one)) for one in ContactReason.objects.filter(active=True).select_related("parent")]
        return ScriptForm(data, initial=initial, new=row is None, scripts=available(limit=MOST), queues=queues, reasons=sorted(reasons, key=lambda one: one[1]))

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> ScriptSetting:
        return scripts.keep_setting(user, number, form.values(), seen=seen)

    def remove(self, user: Any, number: int) -> None:
        scripts.remove_setting(user, number)


def _giver(row: ScriptSetting) -> str:
    if row.queue is not None:
        return _("Queue %(name)s") % {"name": row.queue.name}
    assert row.reason is not None
    return _("Reason %(name)s") % {"name": _path(row.reason)}


def _path(reason: ContactReason) -> str:
    name = reason.name_in(language())
    return f"{reason.parent.name_in(language())} › {name}" if reason.parent is not None else name

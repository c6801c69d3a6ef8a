"""The form of what may be called, by everybody, the people of a unit, or a role."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.desktop.forms_settings import Group, Keeping
from cordboard.routing.actions_limits import MOST_MINUTES

ANSWERS = (("", later("as the centre says")), ("yes", later("yes")), ("no", later("no")))
_FLAGS: Mapping[str, bool | None] = {"": None, "yes": True, "no": False}
_SHOWN = {None: "", True: "yes", False: "no"}


class LimitsForm(Keeping):
    """`own` is False for the centre: there is nobody above whose rules would hold instead."""

    minutes = forms.FloatField(label=later("Minutes of calls out in a day"), required=False, min_value=0, max_value=MOST_MINUTES)
    allowed = forms.CharField(label=later("Only numbers that begin with"), required=False, max_length=400)
    refused = forms.CharField(label=later("Never numbers that begin with"), required=False, max_length=400)
    abroad = forms.ChoiceField(label=later("Numbers abroad"), required=False, choices=ANSWERS)
    premium = forms.ChoiceField(label=later("Premium-rate numbers"), required=False, choices=ANSWERS)
    home = forms.CharField(label=later("Countries that are not abroad"), required=False, max_length=80)

    def __init__(self, *args: Any, own: bool, person: bool, **more: Any) -> None:
        super().__init__(*args, **{**more, "new": False})
        none = _("Empty: as the centre says.") if own else _("Empty: any.")
        self.fields["minutes"].help_text = (_("Of each person who has the role.") if person else _("All together.")) + " " + none
        for name in ("allowed", "refused"):
            nobody = _("Empty: none.") if name == "refused" and not own else none
            self.fields[name].help_text = _("Such as +31, with commas between.") + " " + nobody
        self.fields["home"].help_text = _("Codes such as NL, BE. Empty: the country of whoever calls.") if not own else none
        if not own:
            for name, usual in (("abroad", _("yes, as usual")), ("premium", _("no, as usual"))):
                self.fields[name].choices = [("", usual), *ANSWERS[1:]]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        given = self.cleaned_data
        return {
            "allowed": _listed(given["allowed"]),
            "refused": _listed(given["refused"]),
            "premium": _FLAGS[given["premium"]],
            "abroad": _FLAGS[given["abroad"]],
            "home": [one.upper() for one in _listed(given["home"]) or ()] or None,
            "minutes": given["minutes"],
        }

    @staticmethod
    def initial_of(values: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {name: ", ".join(values[name] or ()) for name in ("allowed", "refused", "home")}
        minutes = values["minutes"]
        found |= {name: _SHOWN.get(values[name], "") for name in ("premium", "abroad")}
        return found | {"minutes": int(minutes) if minutes is not None and minutes == int(minutes) else minutes}

    def groups(self) -> list[Group]:
        return [Group(_("How long"), self.some("minutes")), Group(_("Which numbers"), self.some("allowed", "refused", "abroad", "premium", "home"))]


def _listed(text: str) -> list[str] | None:
    return [found for part in re.split(r"[,;\n]", text) if (found := re.sub(r"[\s().-]", "", part))] or None

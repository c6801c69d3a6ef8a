"""Trunks in the settings: how they stand, what they carry, and what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Max, Model
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from cordboard.channels.voice import actions_trunk as trunks
from cordboard.channels.voice import queries_trunk
from cordboard.channels.voice.models import Trunk, TrunkTest
from cordboard.channels.voice.permissions import MANAGE
from cordboard.channels.voice.queries_trunk import Standing, Usage
from cordboard.channels.voice.wording_trunk import reason_words
from cordboard.desktop.forms_trunks import TrunkForm
from cordboard.desktop.settings_base import Kind, Listed, code_of

ANSWERS_WITHIN = timedelta(seconds=12)
"""Longer than a switch waits for an answer (`telephony.sip.enrolment.ANSWER_WITHIN`)."""


class Trunks(Kind):
    code, permission, icon, name, new, removable = "trunks", MANAGE, "plug-connected", later("Trunks"), later("New trunk"), True
    template = "desktop/settings_trunk.html"
    note = later("The ways to the telephone network. Calls to numbers outside go over the first one that is up and has room.")

    def columns(self) -> list[str]:
        return [_("Trunk"), _("Address"), _("State"), _("Calls now"), _("Minutes out today"), _("This month")]

    def lines(self, user: Any) -> list[Listed]:
        told: dict[str, list[Standing]] = {}
        for one in queries_trunk.standings():
            told.setdefault(one.code, []).append(one)
        used = queries_trunk.usage()
        found = []
        for row in Trunk.objects.all():
            usage, nodes = used.get(row.code, Usage()), told.get(row.code, [])
            cells = (row.name, address(row), state(row, nodes), of(usage.calls, row.limit), of(round(usage.today), row.minutes), str(round(usage.month)))
            found.append(Listed(row.pk, cells, soft=not row.active))
        return found

    def find(self, user: Any, number: int) -> Trunk | None:
        return Trunk.objects.filter(pk=number).first()

    def values(self, row: Trunk) -> dict[str, Any]:
        return trunks.trunk_values(row)

    def initial(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return TrunkForm.initial_of(values)

    def blank(self, user: Any) -> dict[str, Any]:
        last = Trunk.objects.aggregate(last=Max("position"))["last"]
        row = Trunk(position=0 if last is None else last + 1)
        return self.initial(self.values(row))

    def form(self, data: Any, initial: dict[str, Any], row: Trunk | None, user: Any) -> TrunkForm:
        return TrunkForm(data, initial=initial, new=row is None, has_password=row is not None and bool(row.secret))

    def keep(self, user: Any, number: int | None, form: Any, seen: str) -> Model:
        return trunks.keep_trunk(user, number, form.values(), code=code_of(form), password=form.cleaned_data["password"], seen=seen)

    def remove(self, user: Any, number: int) -> None:
        row = Trunk.objects.filter(pk=number).first()
        if row is not None:
            trunks.remove_trunk(user, row)

    def beside(self, user: Any, row: Any) -> dict[str, Any]:
        if row is None:
            return {}
        nodes = [one for one in queries_trunk.standings() if one.code == row.code and one.node]
        usage = queries_trunk.usage().get(row.code, Usage())
        return {
            "nodes": nodes,
            "calls": of(usage.calls, row.limit),
            "today": of(round(usage.today), row.minutes),
            "month": round(usage.month),
            "test": newest(row.pk),
        }


def address(row: Trunk) -> str:
    if row.transport == "practice":
        return _("practice")
    host = f"[{row.host}]" if row.host and ":" in row.host else row.host
    return f"{host}:{row.port} {row.transport.upper()}"


def of(used: int, limit: int) -> str:
    return _("%(n)s of %(all)s") % {"n": used, "all": limit} if limit else str(used)


def state(row: Trunk, nodes: list[Standing]) -> str:
    """The worst of its nodes."""
    if not row.active:
        return _("switched off")
    heard = [one for one in nodes if one.up is not None]
    if not heard:
        return _("no switch has told yet")
    worst = min(heard, key=lambda one: bool(one.up))
    if not worst.words:
        return _("up") if worst.up else _("down")
    return (_("up: %(reason)s") if worst.up else _("down: %(reason)s")) % {"reason": worst.words}


@dataclass(frozen=True, slots=True)
class Test:
    """What became of the newest question. `waits`: an answer may still come."""

    number: int
    answers: tuple[tuple[str, str, str], ...]
    waits: bool


def newest(trunk: int) -> Test | None:
    """One query."""
    row = TrunkTest.objects.filter(trunk=trunk).first()
    if row is None:
        return None
    answers = tuple((node, reason_words(one["answer"]), _("%(n)s ms") % {"n": round(1000 * one["seconds"])}) for node, one in sorted(row.answers.items()))
    return Test(row.pk, answers, waits=not answers and timezone.now() - row.asked_at < ANSWERS_WITHIN)

"""The numbers that customers dial: which flow answers, in which languages, for which queue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.channels.voice import events
from cordboard.channels.voice.models import Line
from cordboard.channels.voice.permissions import MANAGE
from cordboard.events import log
from cordboard.flows.models import Flow
from cordboard.lib.keeping import BadValue, check
from cordboard.org.languages import LANGUAGES
from cordboard.org.permissions import require
from cordboard.routing.models import Queue

_NUMBER = re.compile(r"\+?\d{2,15}")


def line_values(row: Line) -> dict[str, Any]:
    return {
        "number": row.number, "name": row.name, "flow": row.flow, "queue_id": row.queue_id, "country": row.country, "languages": row.languages,
    }  # fmt: skip


def keep_line(user: Any, number: int | None, values: Mapping[str, Any], *, seen: str = "") -> Line:
    """Make or change a line; the next call to the number is answered so. Raises BadValue, Changed, PermissionDenied."""
    require(user, MANAGE)
    given = _checked(values)
    with transaction.atomic():
        row = Line() if number is None else Line.objects.select_for_update().get(pk=number)
        if number is not None:
            check(seen, line_values(row))
            if given == line_values(row):
                return row
        if Line.objects.filter(number=given["number"]).exclude(pk=row.pk).exists():
            raise BadValue("number", _("Another line has this number."))
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        log.record(events.LINE_CHANGED, actor=f"user:{user.pk}", line=row.pk, what="added" if number is None else "changed")
    return row


def remove_line(user: Any, number: int) -> bool:
    """Nobody answers this number any more; of past calls the number stays, not the line. False when there was none. Raises PermissionDenied."""
    require(user, MANAGE)
    with transaction.atomic():
        row = Line.objects.select_for_update().filter(pk=number).first()
        if row is None:
            return False
        log.record(events.LINE_CHANGED, actor=f"user:{user.pk}", line=row.pk, what="removed")
        row.delete()
    return True


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {**values, "number": re.sub(r"[\s().-]", "", str(values["number"])), "name": " ".join(str(values["name"]).split())[:80]}
    given["country"] = str(given["country"]).upper()
    if not _NUMBER.fullmatch(given["number"]):
        raise BadValue("number", _("Write the number as it is dialled: an extension such as 100, or with its country, such as +31205550123."))
    if not given["name"]:
        raise BadValue("name", _("Give it a name."))
    if not re.fullmatch(r"[A-Z]{2}", given["country"]):
        raise BadValue("country", _("A country has two letters, such as NL."))
    if not Flow.objects.filter(code=given["flow"], state=Flow.State.PUBLISHED).exists():
        raise BadValue("flow", _("Choose a flow that is published."))
    if not Queue.objects.filter(pk=given["queue_id"]).exists():
        raise BadValue("queue_id", _("Choose a queue."))
    if not given["languages"] or not set(given["languages"]) <= set(LANGUAGES):
        raise BadValue("languages", _("Choose at least one language."))
    return given

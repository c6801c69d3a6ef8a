"""What scripts add to a customer's timeline: which were gone through and what was answered, and the reports made from them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from cordboard.guidance import history_survey  # noqa: F401  it registers itself
from cordboard.guidance.actions_record import NOT_BEGUN
from cordboard.guidance.models import ContactReport, ScriptRecord
from cordboard.interactions.history import Asked, Entry, source
from cordboard.lib.kept import Kept

SHOWN = 160
"""Characters of answers in one line."""


def script_entries(asked: Asked) -> list[Entry]:
    """Scripts that were gone through, with their answers, by name and answers. One query."""
    if not asked.q:
        found = _RECORDS(*asked.given, limit=asked.limit)
    else:
        rows = _records(*asked.given).filter(Q(name__icontains=asked.q) | Q(answers__icontains=asked.q))
        found = list(rows[: asked.limit])
    return [_script(one) for one in found]


def report_entries(asked: Asked) -> list[Entry]:
    """Reports made of contacts, by title and text. One query."""
    if not asked.q:
        found = _REPORTS(*asked.given, limit=asked.limit)
    else:
        rows = _reports(*asked.given).filter(Q(title__icontains=asked.q) | Q(text__icontains=asked.q))
        found = list(rows[: asked.limit])
    return [
        Entry(
            kind="report", id=one.pk, at=one.changed_at, title=one.title,
            detail=", ".join(part for part in (_("Contact report"), str(one.by or "")) if part), icon="file-pencil",
        )
        for one in found
    ]  # fmt: skip


def _records(parties: Sequence[int], before: datetime | None = None) -> QuerySet[ScriptRecord]:
    rows = ScriptRecord.objects.filter(interaction__subject__in=parties).exclude(ended=NOT_BEGUN)
    rows = rows if before is None else rows.filter(ended_at__lte=before)
    return rows.select_related("agent").order_by("-ended_at", "-pk")


def _reports(parties: Sequence[int], before: datetime | None = None) -> QuerySet[ContactReport]:
    rows = ContactReport.objects.filter(interaction__subject__in=parties)
    rows = rows if before is None else rows.filter(changed_at__lte=before)
    return rows.select_related("by").order_by("-changed_at", "-pk")


_RECORDS = Kept(lambda parties, before=None, *, limit: _records(parties, before)[:limit])
_REPORTS = Kept(lambda parties, before=None, *, limit: _reports(parties, before)[:limit])


def _script(record: ScriptRecord) -> Entry:
    said = " · ".join(record.answers.split("\n"))
    said = said if len(said) <= SHOWN else said[: SHOWN - 1].rstrip() + "…"
    return Entry(
        kind="script",
        id=record.pk,
        at=record.ended_at,
        title=_("Script: %(name)s") % {"name": record.name or record.script},
        detail=said or str(record.agent or ""),
        icon="list-check",
        data={"run": record.run_id},
    )


source("script", script_entries)
source("report", report_entries)

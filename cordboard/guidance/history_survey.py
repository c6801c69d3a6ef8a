"""What surveys add to a customer's timeline: what was answered, and to whose contact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from cordboard.guidance.models import SurveyAnswer, SurveyInvitation, Way
from cordboard.interactions.history import Asked, Entry, source
from cordboard.lib.kept import Kept

SHOWN = 160
"""Characters of answers in one line."""


def survey_entries(asked: Asked) -> list[Entry]:
    """Surveys that were opened, by what was answered; those that an agent asked are scripts (history.py). Two queries."""
    if not asked.q:
        rows = _ROWS(*asked.given, limit=asked.limit)
    else:
        said = SurveyAnswer.objects.filter(invitation=OuterRef("pk"), value__icontains=asked.q)
        rows = list(_rows(*asked.given).filter(Exists(said))[: asked.limit])
    answers: dict[int, list[Any]] = {}
    for invitation, value in SurveyAnswer.objects.filter(invitation__in=[row.pk for row in rows]).order_by("order").values_list("invitation_id", "value"):
        answers.setdefault(invitation, []).append(value)
    return [_entry(row, answers.get(row.pk, [])) for row in rows]


def _rows(parties: Sequence[int], before: datetime | None = None) -> QuerySet[SurveyInvitation]:
    rows = SurveyInvitation.objects.filter(party__in=parties, opened_at__isnull=False).exclude(way=Way.AGENT)
    rows = rows if before is None else rows.filter(opened_at__lte=before)
    return rows.select_related("run__flow", "agent").order_by("-opened_at", "-pk")


_ROWS = Kept(lambda parties, before=None, *, limit: _rows(parties, before)[:limit])


def _entry(row: SurveyInvitation, answers: list[Any]) -> Entry:
    said = " · ".join(", ".join(map(str, one)) if isinstance(one, list) else str(one) for one in answers)
    said = said if len(said) <= SHOWN else said[: SHOWN - 1].rstrip() + "…"
    assert row.opened_at is not None
    assert row.run is not None
    state = said if said else _("Opened, nothing answered")
    return Entry(
        kind="survey", id=row.pk, at=row.opened_at, title=_("Survey: %(name)s") % {"name": row.run.flow.name},
        detail=", ".join(part for part in (state, str(row.get_way_display())) if part), icon="clipboard-check", data={"code": row.code},
    )  # fmt: skip


source("survey", survey_entries)

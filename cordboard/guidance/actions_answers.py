"""Answers to surveys, kept as rows while they are given: by link, by keys, to an agent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cordboard.flows import engine, pages
from cordboard.guidance.models import SurveyAnswer, SurveyInvitation


def keep_answers(row: SurveyInvitation, flow: engine.Flow, state: Mapping[str, Any]) -> int:
    """The answers as they stand now: new ones come, changed ones change, those of a way that was left go. In the caller's transaction. How many there are."""
    wanted = {name[:60]: (kind, value) for name, kind, value in pages.answered(flow, state)}
    held = {one.name: one for one in row.answers.all()}
    gone = [one.pk for name, one in held.items() if name not in wanted]
    if gone:
        SurveyAnswer.objects.filter(pk__in=gone).delete()
    for order, (name, (kind, value)) in enumerate(wanted.items()):
        number = float(value) if kind in ("rating", "number") and isinstance(value, int | float) else None
        one = held.get(name)
        if one is None:
            SurveyAnswer.objects.create(invitation=row, name=name, kind=kind, value=value, number=number, order=order)
        elif (one.kind, one.value, one.order) != (kind, value, order):
            one.kind, one.value, one.number, one.order = kind, value, number, order
            one.save(update_fields=["kind", "value", "number", "order"])
    return len(wanted)


def follow_run(run: Any, flow: engine.Flow, now: datetime) -> SurveyInvitation | None:
    """A run on another surface moved or ended: when it is a survey's, its answers are kept, and at its end it is answered, if anything was."""
    row = SurveyInvitation.objects.filter(run=run.pk).first()
    if row is None:
        return None
    given = keep_answers(row, flow, run.state)
    if given and run.state.get("ended") not in ("", None, "hung_up") and row.answered_at is None:
        row.answered_at = now
        row.save(update_fields=["answered_at"])
    return row

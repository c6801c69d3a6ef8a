"""Somebody is asked to answer a survey, and the answers are kept as rows while they are given: by link, by keys, to an agent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cordboard.events import log
from cordboard.flows import engine, pages
from cordboard.flows.compiled import compiled
from cordboard.flows.models import Run
from cordboard.guidance import events
from cordboard.guidance.models import SurveyAnswer, SurveyInvitation, Way
from cordboard.interactions.models import Interaction
from cordboard.routing.models import Entry

SURFACE = "survey"
"""Flows drawn for this surface are surveys, wherever else they are run."""


def asked(
    code: str, contact: Interaction | None, *, way: str, by: Any, expires_at: datetime, now: datetime, party: int | None = None, language: str = ""
) -> SurveyInvitation:
    """Somebody is asked: written down with whose contact it asks about. In the caller's transaction."""
    row = SurveyInvitation.objects.create(
        code=code, way=way, interaction=contact, party_id=party or (contact.subject_id if contact is not None else None),
        queue_id=queue_of(contact), agent_id=contact.agent_id if contact is not None else None,
        language=language or (contact.language if contact is not None else ""), by=by, made_at=now, expires_at=expires_at,
    )  # fmt: skip
    actor = f"user:{by.pk}" if by is not None else "system"
    log.record(events.SURVEY_INVITED, actor=actor, interaction=row.interaction_id, invitation=row.pk, flow=code)
    return row


def queue_of(contact: Interaction | None) -> int | None:
    """The queue from which the contact was answered last; else the last in which it waited."""
    if contact is None:
        return None
    rows = Entry.objects.filter(interaction=contact).exclude(kind="consult")
    answered = rows.filter(state=Entry.State.ANSWERED).order_by("-pk").values_list("queue_id", flat=True).first()
    return answered if answered is not None else rows.order_by("-pk").values_list("queue_id", flat=True).first()


def asked_by_agent(run: Run, contact: Interaction, by: Any, now: datetime) -> None:
    """An agent begins a script that is a survey: they read the questions out, and the answers count as the survey's. In the caller's transaction."""
    if SURFACE in run.flow.surfaces:
        row = asked(run.flow.code, contact, way=Way.AGENT, by=by, expires_at=now, now=now)
        row.run, row.opened_at = run, now
        row.save(update_fields=["run", "opened_at"])


def follow_script(run: Run, now: datetime) -> None:
    """An agent's script has moved: when it is a survey, its answers are kept. In the caller's transaction."""
    if SURFACE not in run.flow.surfaces:
        return
    row = follow_run(run, compiled(run.flow), now)
    if row is not None and row.answered_at == now:
        ended = str(run.state.get("ended") or "")[:40]
        actor = f"user:{row.by_id}" if row.by_id is not None else "system"
        log.record(events.SURVEY_ANSWERED, actor=actor, interaction=row.interaction_id, invitation=row.pk, flow=row.code, run=run.pk, ended=ended)


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

"""Surveys by link: the same flow as on the telephone, answered on a page by whoever has the link.

The link's token is signed and says nothing but which invitation it is; what it opens, until when, and whether it was answered stands in the row. Each
invitation is answered once: until it is finished one may leaf back and forth, afterwards it is closed. Nobody is signed in, so nothing of the customer
is shown but what the flow's own texts say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.flows import effects as fx
from cordboard.flows import errands, leafing, pages
from cordboard.flows.answers import WrongAnswer
from cordboard.flows.compiled import compiled
from cordboard.flows.leafing import NotNow, Turned
from cordboard.flows.models import Flow, Run
from cordboard.flows.steps import About
from cordboard.guidance import events
from cordboard.guidance.actions_answers import asked, keep_answers
from cordboard.guidance.actions_script import MOST_ERRANDS, Script
from cordboard.guidance.models import SurveyInvitation, Way
from cordboard.guidance.script_values import values_of
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction
from cordboard.interactions.permissions import HANDLE, require_part

SURFACE = "survey"
SALT = "cordboard.survey"
DAYS = 14
MOST_DAYS = 365
MOVED = "moved"
"""In place of a code of answers.WrongAnswer: somebody has turned the page meanwhile, in another window."""


MOST_MOVES = 500
"""Answers, turns back and forward of one survey: nobody needs so many, a program may want them."""


class SurveyClosed(Exception):
    """The survey cannot be answered; `code` says why: "no_such", "expired", "answered", "withdrawn", "too_many". `script`: as an answered one was left."""

    def __init__(self, code: str, message: str, *, row: SurveyInvitation | None = None, script: Script | None = None) -> None:
        self.code = code
        self.row = row
        self.script = script
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Invited:
    invitation: SurveyInvitation
    token: str
    """What the link carries. It cannot be read again from the row, only made again."""


def token_of(invitation: int) -> str:
    return signing.Signer(salt=SALT).sign(str(invitation))


def invite(
    code: str, by: Any, *, interaction: int | None = None, party: int | None = None, language: str = "", days: int = DAYS, now: datetime | None = None
) -> Invited:
    """Make a link to a published survey, about a contact or about none. `party`: who is asked, when it is not the contact's customer. `by` None: the system.
    Raises SurveyClosed, ValueError, PermissionDenied."""
    now = now or timezone.now()
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"a link holds from 1 to {MOST_DAYS} days")
    with transaction.atomic():
        contact = Interaction.objects.select_related("agent").filter(pk=interaction).first() if interaction is not None else None
        if interaction is not None and contact is None:
            raise ValueError("there is no such contact")
        if by is not None and contact is not None:
            require_part(by, HANDLE, contact)
        flow = Flow.objects.filter(code=code, state=Flow.State.PUBLISHED).first()
        if flow is None or SURFACE not in flow.surfaces:
            raise SurveyClosed("no_such", _("There is no such survey."))
        row = asked(code, contact, way=Way.LINK, by=by, party=party, language=language, expires_at=now + timedelta(days=days), now=now)
    return Invited(row, token_of(row.pk))


def withdraw(invitation: int, by: Any, *, now: datetime | None = None) -> None:
    """The link opens nothing any more. Raises PermissionDenied."""
    with transaction.atomic():
        row = SurveyInvitation.objects.select_for_update(of=("self",)).select_related("interaction__agent").filter(pk=invitation).first()
        if row is None or row.answered_at is not None or row.withdrawn_at is not None:
            return
        if by is not None and row.interaction is not None:
            require_part(by, HANDLE, row.interaction)
        row.withdrawn_at = now or timezone.now()
        row.save(update_fields=["withdrawn_at"])
        _record(events.SURVEY_WITHDRAWN, row, f"user:{by.pk}" if by is not None else "system")


def open_survey(token: str, *, language: str = "", timezone_name: str = "UTC", now: datetime | None = None) -> Script:
    """The survey as it stands for the holder of the link: begun when it is opened for the first time, in the version that is published then. `language`:
    where nobody knows the customer's. Raises SurveyClosed."""
    now = now or timezone.now()
    with transaction.atomic():
        row = _invitation(token, now)
        if row.run is not None:
            return _page(row.run, leafing.again(compiled(row.run.flow), row.run.state))
        flow = Flow.objects.filter(code=row.code, state=Flow.State.PUBLISHED).first()
        if flow is None:
            raise SurveyClosed("withdrawn", _("This survey was withdrawn."), row=row)
        values = values_of(row.interaction, row.interaction.agent) if row.interaction is not None else {}
        turned = leafing.open_run(compiled(flow), fx.Started(values, row.language or language, timezone_name, surface=SURFACE), now)
        subject = f"interaction:{row.interaction_id}" if row.interaction_id is not None else f"survey:{row.pk}"
        row.run = Run.objects.create(flow=flow, surface=SURFACE, subject=subject, state={**turned.state, "moves": 0}, started_at=now)
        row.opened_at = now
        row.save(update_fields=["run", "opened_at"])
        _record(events.SURVEY_OPENED, row, "customer", run=row.run.pk)
    return _go_on(row, turned, now)


def answer(token: str, value: Any, *, moves: int | None = None, now: datetime | None = None) -> Script:
    """Answer the question that stands; one that does not fit says why. At its end the survey is closed for good. Raises SurveyClosed."""
    now = now or timezone.now()
    return _move(token, moves, lambda flow, state: leafing.answer(flow, state, value, now), now)


def back(token: str, *, moves: int | None = None, now: datetime | None = None) -> Script:
    return _move(token, moves, leafing.back, now or timezone.now())


def forward(token: str, *, moves: int | None = None, now: datetime | None = None) -> Script:
    now = now or timezone.now()
    return _move(token, moves, lambda flow, state: leafing.forward(flow, state, now), now)


def speak(token: str, language: str, *, now: datetime | None = None) -> Script:
    """Go on in another language of the survey; all answers stay. In one that it does not speak nothing changes. Raises SurveyClosed."""
    return _move(token, None, lambda flow, state: pages.in_language(flow, state, language), now or timezone.now())


def close_expired(now: datetime | None = None, most: int = 200) -> int:
    """Surveys that were begun and whose time is over have ended where they stand, so that it is counted where people stop. How many."""
    now = now or timezone.now()
    over = SurveyInvitation.objects.filter(way=Way.LINK, answered_at=None, expires_at__lte=now, run__ended_at__isnull=True, run__isnull=False)
    runs = list(over.values_list("run", flat=True)[:most])
    return Run.objects.filter(pk__in=runs, ended_at=None).update(ended_at=now, ended_by="expired")


# -- how ------------------------------------------------------------------------------------------------------------------


def invitation_of(token: str) -> SurveyInvitation:
    """What a link opens, locked. Raises SurveyClosed: it is none of ours."""
    try:
        number = int(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise SurveyClosed("no_such", _("There is no such survey.")) from None
    rows = SurveyInvitation.objects.select_for_update(of=("self",)).select_related("run__flow", "interaction__subject", "interaction__agent")
    row = rows.filter(pk=number, way=Way.LINK).first()
    if row is None:
        raise SurveyClosed("no_such", _("There is no such survey."))
    return row


def _invitation(token: str, now: datetime) -> SurveyInvitation:
    row = invitation_of(token)
    if row.withdrawn_at is not None:
        raise SurveyClosed("withdrawn", _("This survey was withdrawn."), row=row)
    if row.answered_at is not None:
        left = _page(row.run, leafing.again(compiled(row.run.flow), row.run.state)) if row.run is not None else None
        raise SurveyClosed("answered", _("This survey was answered already."), row=row, script=left)
    if now >= row.expires_at:
        raise SurveyClosed("expired", _("The time for this survey is over."), row=row)
    return row


def _move(token: str, moves: int | None, turn: Callable[[Any, dict[str, Any]], Turned], now: datetime) -> Script:
    with transaction.atomic():
        row = _invitation(token, now)
        if row.run is None:
            raise SurveyClosed("no_such", _("There is no such survey."))
        run, flow = row.run, compiled(row.run.flow)
        if moves is not None and moves != run.state.get("moves", 0):
            return _page(run, leafing.again(flow, run.state), MOVED)
        if int(run.state.get("moves", 0)) >= MOST_MOVES:
            raise SurveyClosed("too_many", _("This survey was turned to and fro too often."), row=row)
        try:
            turned = turn(flow, run.state)
        except WrongAnswer as wrong:
            return _page(run, leafing.again(flow, run.state), wrong.code)
        except NotNow:
            return _page(run, leafing.again(flow, run.state))
        _keep(row, turned, now)
    return _go_on(row, turned, now)


def _go_on(row: SurveyInvitation, turned: Turned, now: datetime) -> Script:
    """Errands, outside of any transaction; then the end, if it is there."""
    run = row.run
    assert run is not None
    flow, told = compiled(run.flow), list(turned.told)
    for _number in range(MOST_ERRANDS):
        if turned.errand is None:
            break
        found = errands.run(turned.errand, About(run.subject, SURFACE, str(turned.state["language"]), None, run.pk))
        with transaction.atomic():
            locked = Run.objects.select_for_update(of=("self",)).select_related("flow").get(pk=run.pk)
            if locked.ended_at is not None or locked.state.get("moves") != run.state.get("moves"):
                return _page(locked, leafing.again(flow, locked.state))
            row.run = run = locked
            turned = leafing.report(flow, locked.state, found, now)
            _keep(row, turned, now)
        told += turned.told
    return _page(run, Turned(run.state, [], told))


def _keep(row: SurveyInvitation, turned: Turned, now: datetime) -> None:
    run = row.run
    assert run is not None
    run.state = {**turned.state, "moves": int(run.state.get("moves", 0)) + 1}
    keep_answers(row, compiled(run.flow), run.state)
    values = {one.name[:60]: one.value for one in turned.perform if isinstance(one, fx.SetContext)}
    if values and row.interaction_id is not None:
        interactions.set_context(row.interaction_id, values, by="survey", actor="customer", now=now)
    if run.state["ended"] and turned.errand is None:
        run.ended_at, run.ended_by = now, str(run.state["ended"])[:40]
        row.answered_at = now
        row.save(update_fields=["answered_at"])
        _record(events.SURVEY_ANSWERED, row, "customer", run=run.pk, ended=run.ended_by)
    run.save(update_fields=["state", "ended_at", "ended_by"])


def _page(run: Run, turned: Turned, wrong: str = "") -> Script:
    return Script(run.pk, run.flow, run.state, turned.told, wrong, leafing.answers(compiled(run.flow), run.state))


def _record(kind: str, row: SurveyInvitation, actor: str, **more: Any) -> None:
    log.record(kind, actor=actor, interaction=row.interaction_id, invitation=row.pk, flow=row.code, **more)

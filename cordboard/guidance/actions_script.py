"""Scripts of a contact: begun, answered, leafed through and finished by whoever has the contact.

A script belongs to the contact, not to the agent: whoever gets the contact goes on where it stands. Several may run at once, each flow once. Answers go into
the contact's context at once. What a script looks up or does is done between two transactions, never inside one; two presses at the same moment are one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.flows import effects as fx
from cordboard.flows import errands, leafing
from cordboard.flows.answers import WrongAnswer
from cordboard.flows.compiled import compiled
from cordboard.flows.following import LEFT
from cordboard.flows.leafing import NotNow, Turned
from cordboard.flows.models import Flow, Run
from cordboard.flows.steps import About
from cordboard.guidance import events, missing
from cordboard.guidance.actions_answers import asked_by_agent, follow_script
from cordboard.guidance.actions_record import keep_not_begun, keep_record
from cordboard.guidance.models import GivenScript
from cordboard.guidance.script_values import values_of
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction
from cordboard.interactions.permissions import HANDLE, require_part

SURFACE = "script"
MOST_ERRANDS = 20
"""One after another, without a question between."""
EXCUSE = 200
"""Characters of a reason to leave something out."""


class ScriptRefused(Exception):
    """It cannot be done; the message says why."""


class StillToDo(ScriptRefused):
    """Something of it must be done first, or left out with a reason; the message says what."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script as it stands: what the page shows. `told` is what is said and done here, the last of it the question, if one waits."""

    run: int
    flow: Flow
    state: dict[str, Any]
    told: list[fx.Effect]
    wrong: str = ""
    """Why the answer just given was not taken: a code of answers.WrongAnswer."""
    answers: list[tuple[str, Any]] = field(default_factory=list)
    missing: str = ""
    """What must still be done of it, as a sentence."""

    @property
    def question(self) -> fx.Ask | None:
        last = self.told[-1] if self.told else None
        return last if isinstance(last, fx.Ask) and not self.state["ended"] else None

    @property
    def ended(self) -> str:
        return str(self.state["ended"])

    @property
    def may_go_back(self) -> bool:
        return leafing.may_go_back(self.state)

    @property
    def may_go_forward(self) -> bool:
        return leafing.may_go_forward(self.state)

    @property
    def standing(self) -> Any:
        """The answer that was given here before."""
        return leafing.standing(self.state)

    @property
    def left(self) -> dict[str, Any] | None:
        """How the script leads out of itself, for the page to offer: enqueue, transfer, hand over."""
        for one in self.told:
            if isinstance(one, fx.Enqueue):
                return {"do": "enqueue", "queue": one.queue}
            if isinstance(one, fx.Transfer):
                return {"do": "transfer", "to": one.to}
            if isinstance(one, fx.HandOver):
                return {"do": "hand_over", "queue": one.queue, "reason": one.reason}
        return None


def start_script(interaction: int, code: str, by: Any, *, now: datetime | None = None) -> Script:
    """Begin a published script in this contact; the one that runs already, where it does. Raises ScriptRefused, PermissionDenied."""
    now = now or timezone.now()
    with transaction.atomic():
        contact = _contact(interaction, by)
        flow = Flow.objects.filter(code=code, state=Flow.State.PUBLISHED).first()
        if flow is None or SURFACE not in flow.surfaces:
            raise ScriptRefused(_("There is no script of this name any more."))
        going = Run.objects.filter(subject=f"interaction:{interaction}", surface=SURFACE, flow__code=code, ended_at=None).select_related("flow").first()
        if going is not None:
            return _page(going, leafing.again(compiled(going.flow), going.state))
        started = fx.Started(values_of(contact, by), contact.language, _zone(by), surface=SURFACE)
        turned = leafing.open_run(compiled(flow), started, now)
        run = Run.objects.create(flow=flow, surface=SURFACE, subject=f"interaction:{interaction}", state={**turned.state, "moves": 0}, started_at=now)
        asked_by_agent(run, contact, by, now)
        GivenScript.objects.get_or_create(interaction=contact, script=code, defaults={"by": GivenScript.By.AGENT, "given_at": now})
        GivenScript.objects.filter(interaction=contact, script=code, begun_at=None).update(begun_at=now)
        _record(events.SCRIPT_STARTED, run, interaction, by)
    return _go_on(run, turned, by, now)


def answer(run: int, value: Any, by: Any, *, moves: int | None = None, now: datetime | None = None) -> Script:
    """Answer the question that stands. `moves`: how often the script had moved when the page was drawn; another count means that somebody was quicker, and
    nothing is changed. An answer that does not fit leaves the script where it is and says why. Raises ScriptRefused, PermissionDenied."""
    now = now or timezone.now()
    return _move(run, by, moves, "answered", lambda flow, state: leafing.answer(flow, state, value, now), now)


def back(run: int, by: Any, *, moves: int | None = None, now: datetime | None = None) -> Script:
    """To the question before. Raises ScriptRefused, PermissionDenied."""
    return _move(run, by, moves, "back", leafing.back, now or timezone.now())


def forward(run: int, by: Any, *, moves: int | None = None, now: datetime | None = None) -> Script:
    """To the question after, by the answer that it had. Raises ScriptRefused, PermissionDenied."""
    now = now or timezone.now()
    return _move(run, by, moves, "forward", lambda flow, state: leafing.forward(flow, state, now), now)


def mark(run: int, step: str, on: bool, by: Any, *, now: datetime | None = None) -> Script:
    """What a step of the way asks to say or to do was said or done; `on` false: it was not. Raises ScriptRefused, PermissionDenied."""
    now = now or timezone.now()
    return _move(run, by, None, "marked" if on else "unmarked", lambda flow, state: leafing.mark(flow, state, step, on, now), now, step)


def show(run: int, by: Any, *, now: datetime | None = None) -> Script:
    """The script as it stands. What it was doing when it was left is done now. Raises ScriptRefused, PermissionDenied."""
    row, _contact_row = _run(run, by)
    turned = leafing.again(compiled(row.flow), row.state)
    return _go_on(row, turned, by, now or timezone.now()) if turned.errand is not None else _page(row, turned)


def look(run: int, by: Any) -> Script:
    """The script as it stands, to be drawn; nothing is done. Raises ScriptRefused, PermissionDenied."""
    row, _interaction = _run(run, by)
    return _page(row, leafing.again(compiled(row.flow), row.state))


def finish(run: int, by: Any, *, why: str = "", now: datetime | None = None) -> None:
    """The script is done with, at its end or before. Its answers stay. Where something is missing that must be done, `why` says why it is left out: without it
    StillToDo is raised. Raises ScriptRefused, PermissionDenied."""
    now = now or timezone.now()
    why = " ".join(why.replace("\x00", "").split())[:EXCUSE]
    with transaction.atomic():
        row, interaction = _run(run, by, lock=True)
        if row.ended_at is not None:
            return
        given = GivenScript.objects.select_for_update(of=("self",)).filter(interaction_id=interaction, script=row.flow.code).first()
        wanting = missing.of_run(row, given)
        if wanting is not None and given is not None:
            if not why and not given.excuse:
                raise StillToDo(wanting.words)
            if why:
                given.excuse, given.excused_by = why, by
                given.save(update_fields=["excuse", "excused_by"])
                _record(events.SCRIPT_EXCUSED, row, interaction, by)
        _end(row, interaction, given, by, now)


def close_all(interaction: int, *, now: datetime | None = None) -> int:
    """The contact is closed: its scripts are done with as they stand. How many there were."""
    now = now or timezone.now()
    closed = 0
    with transaction.atomic():
        given = {one.script: one for one in GivenScript.objects.filter(interaction_id=interaction)}
        open_runs = (
            Run.objects.select_for_update(of=("self",)).select_related("flow").filter(subject=f"interaction:{interaction}", surface=SURFACE, ended_at=None)
        )
        for row in open_runs:
            _end(row, interaction, given.get(row.flow.code), None, now)
            closed += 1
        never = [one for one in given.values() if one.begun_at is None]
        if never:
            contact = Interaction.objects.get(pk=interaction)
            for one in never:
                keep_not_begun(contact, one, now)
    return closed


# -- how ------------------------------------------------------------------------------------------------------------------


def _end(row: Run, interaction: int, given: GivenScript | None, by: Any, now: datetime) -> None:
    """In the caller's transaction."""
    row.ended_at, row.ended_by = now, str(row.state.get("ended") or LEFT)[:40]
    row.save(update_fields=["ended_at", "ended_by"])
    keep_record(row, Interaction.objects.get(pk=interaction), given)
    _record(events.SCRIPT_FINISHED, row, interaction, by, ended=row.ended_by)


def _move(run: int, by: Any, moves: int | None, how: str, turn: Callable[[Any, dict[str, Any]], Turned], now: datetime, of: str = "") -> Script:
    with transaction.atomic():
        row, interaction = _run(run, by, lock=True)
        if row.ended_at is not None:
            raise ScriptRefused(_("This script was finished."))
        flow = compiled(row.flow)
        if moves is not None and moves != row.state.get("moves", 0):
            return _page(row, leafing.again(flow, row.state))
        at = row.state["at"]
        try:
            turned = turn(flow, row.state)
        except WrongAnswer as wrong:
            return _page(row, leafing.again(flow, row.state), wrong.code)
        except NotNow:
            return _page(row, leafing.again(flow, row.state))
        _keep(row, turned, moves=0 if of else 1, backs=1 if how == "back" else 0)
        _set_context(interaction, turned, by, now)
        follow_script(row, now)
        _record(events.SCRIPT_TURNED, row, interaction, by, step=of or at, how=how)
    return _go_on(row, turned, by, now)


def _go_on(row: Run, turned: Turned, by: Any, now: datetime) -> Script:
    """Run the errands that stand between this question and the next; outside of any transaction."""
    flow, told = compiled(row.flow), list(turned.told)
    for _number in range(MOST_ERRANDS):
        if turned.errand is None:
            break
        about = About(row.subject, SURFACE, str(turned.state["language"]), by, row.pk)
        found = errands.run(turned.errand, about)
        with transaction.atomic():
            locked = Run.objects.select_for_update(of=("self",)).select_related("flow").get(pk=row.pk)
            if locked.ended_at is not None or locked.state.get("moves") != row.state.get("moves"):
                return _page(locked, leafing.again(flow, locked.state))  # somebody else has turned it meanwhile
            turned = leafing.report(flow, locked.state, found, now)
            row = locked
            _keep(row, turned)
            _set_context(about.id_of("interaction") or 0, turned, by, now)
            follow_script(row, now)
        told += turned.told
    return _page(row, Turned(row.state, [], told))


def _keep(row: Run, turned: Turned, moves: int = 1, backs: int = 0) -> None:
    row.state = {**turned.state, "moves": int(row.state.get("moves", 0)) + moves, "backs": int(row.state.get("backs", 0)) + backs}
    row.save(update_fields=["state"])


def _set_context(interaction: int, turned: Turned, by: Any, now: datetime) -> None:
    by_whom: dict[str, dict[str, Any]] = {}
    for one in turned.perform:
        if isinstance(one, fx.SetContext):
            by_whom.setdefault(one.by, {})[one.name[:60]] = one.value
    for whom, values in by_whom.items():
        interactions.set_context(interaction, values, by=whom, user=by, now=now)


def _page(row: Run, turned: Turned, wrong: str = "") -> Script:
    given = GivenScript.objects.filter(interaction_id=int(row.subject.partition(":")[2]), script=row.flow.code).first()
    wanting = missing.of_run(row, given) if given is not None and not given.excuse else None
    answers = leafing.answers(compiled(row.flow), row.state)
    return Script(row.pk, row.flow, row.state, turned.told, wrong, answers, wanting.words if wanting is not None else "")


def _contact(interaction: int, by: Any) -> Interaction:
    contact = Interaction.objects.select_related("agent", "subject").filter(pk=interaction).first()
    if contact is None:
        raise ScriptRefused(_("This contact is not there."))
    require_part(by, HANDLE, contact)
    return contact


def _run(run: int, by: Any, *, lock: bool = False) -> tuple[Run, int]:
    rows = Run.objects.select_for_update(of=("self",)) if lock else Run.objects.all()
    row = rows.select_related("flow").filter(pk=run, surface=SURFACE, subject__startswith="interaction:").first()
    if row is None:
        raise ScriptRefused(_("There is no script of this name any more."))
    interaction = int(row.subject.partition(":")[2])
    if by is None:
        raise PermissionDenied(_("This contact is not yours."))
    _contact(interaction, by)
    return row, interaction


def _record(kind: str, row: Run, interaction: int, by: Any, **more: Any) -> None:
    actor = f"user:{by.pk}" if by is not None else "system"
    log.record(kind, actor=actor, interaction=interaction, run=row.pk, flow=row.flow.code, agent=by.pk if by is not None else None, **more)


def _zone(by: Any) -> str:
    return str(getattr(by, "timezone", "") or "UTC")

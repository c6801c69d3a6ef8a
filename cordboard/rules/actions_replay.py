"""Replays of drafts: asked for, going on, ended. What they count is the areas' (areas.offer_replay)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.rules import areas, events
from cordboard.rules.actions import Refused, actor, fields, may
from cordboard.rules.evaluate import check_policy
from cordboard.rules.models import Policy, PolicyReplay
from cordboard.rules.permissions import EDIT

LONGEST = timedelta(days=92)
State = PolicyReplay.State


def ask_replay(policy: int, begin: datetime, end: datetime, by: Any, *, now: datetime | None = None) -> PolicyReplay:
    """Have a version run over what came from `begin` on and before `end`, against the one in force. Enqueuing the work is the caller's, in the same transaction. One of a
    version at a time. Raises Refused, PermissionDenied."""
    may(by, EDIT)
    now = now or timezone.now()
    with transaction.atomic():
        row = Policy.objects.select_for_update(of=("self",)).filter(pk=policy).first()
        if row is None:
            raise Refused("gone", _("This version is not there any more: somebody discarded it."))
        if areas.replay_of(row.area) is None:
            raise Refused("area", _("Policies of this area cannot be replayed."))
        if not begin < end or end - begin > LONGEST:
            raise Refused("range", _("Choose 1 to %(most)d days that are over.") % {"most": LONGEST.days})
        if check_policy(row.body):
            raise Refused("problems", _("The draft has problems. Mend them first; they are shown at their rules."))
        if PolicyReplay.objects.filter(policy=row, state__in=(State.WAITING, State.RUNNING)).exists():
            raise Refused("running", _("A replay of this version is going on already."))
        against = Policy.objects.filter(area=row.area, code=row.code, state=Policy.State.PUBLISHED).exclude(pk=row.pk).first()
        made = PolicyReplay.objects.create(
            policy=row, revision=row.revision, against=against.version if against is not None else None, begin=begin, end=end, by=by, asked_at=now
        )
        log.record(events.REPLAY_ASKED, actor=actor(by), **fields(row), replay=made.pk)
    return made


def stop_replay(replay: int, by: Any, *, now: datetime | None = None) -> None:
    """Have it end. Raises PermissionDenied."""
    may(by, EDIT)
    _end(replay, State.STOPPED, now)


def progress(replay: int, done: int, of: int) -> bool:
    """How far it is. False: it is to stop."""
    return bool(PolicyReplay.objects.filter(pk=replay, state=State.RUNNING).update(done=done, of=of))


def begin_replay(replay: int) -> PolicyReplay | None:
    """It is taken up; None when somebody else did, or it was stopped."""
    if not PolicyReplay.objects.filter(pk=replay, state=State.WAITING).update(state=State.RUNNING):
        return None
    return PolicyReplay.objects.select_related("policy").get(pk=replay)


def end_replay(replay: int, *, report: dict[str, Any] | None = None, problem: str = "", now: datetime | None = None) -> None:
    """It is over: with its report, or with what went wrong."""
    _end(replay, State.FAILED if report is None else State.DONE, now, report=report or {}, problem=problem[:300])


def _end(replay: int, state: str, now: datetime | None, **more: Any) -> None:
    with transaction.atomic():
        row = PolicyReplay.objects.select_for_update(of=("self",)).select_related("policy").filter(pk=replay, state__in=(State.WAITING, State.RUNNING)).first()
        if row is None:
            return
        PolicyReplay.objects.filter(pk=replay).update(state=state, ended_at=now or timezone.now(), **more)
        log.record(events.REPLAY_ENDED, actor="worker", **fields(row.policy), replay=replay, state=str(state))

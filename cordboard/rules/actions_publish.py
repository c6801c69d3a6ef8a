"""Versions of policies on their way: reviewed by another person, published at once or at a given moment, taken back, and an older one again.

Publishing is one transaction: the version before is retired and the new one is in force. Whoever decides reads what is in force at each decision (published.py), so
contacts that come after the commit follow the new version, and decisions under way finish on what they read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.permissions import user_may
from cordboard.rules import events
from cordboard.rules.actions import Refused, Stale, actor, create_draft, fields, locked, may, note
from cordboard.rules.evaluate import Problem, check_policy
from cordboard.rules.models import Policy, PolicyChange
from cordboard.rules.permissions import EDIT, PUBLISH, PUBLISH_ALONE, REVIEW

What = PolicyChange.What


class NotGood(Refused):
    """The policy does not compile; `problems` lists why."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("problems", _("The policy has problems, so nothing was changed. They are shown at their rules."))


def may_publish(by: Any, row: Policy) -> bool:
    """Whether this person may publish this version as it stands."""
    if by is None or user_may(by, PUBLISH_ALONE) is not None:
        return True
    return user_may(by, PUBLISH) is not None and row.state == Policy.State.APPROVED


def may_review(by: Any, row: Policy) -> bool:
    """Another person than those who wrote it."""
    return user_may(by, REVIEW) is not None and by.pk not in writers(row)


def writers(row: Policy) -> set[int]:
    """Who began, saved or submitted this version."""
    own = PolicyChange.objects.filter(policy=row, what__in=(What.BEGUN, What.SAVED, What.SUBMITTED)).exclude(by=None)
    return set(own.values_list("by_id", flat=True))


def submit(policy: int, expected: int, by: Any, *, comment: str = "", now: datetime | None = None) -> Policy:
    """Ask for another person's review. Raises NotGood, Stale, Refused, PermissionDenied."""
    may(by, EDIT)
    with transaction.atomic():
        row = _as_expected(policy, expected, Policy.State.DRAFT)
        _good(row)
        return _to(row, Policy.State.REVIEW, What.SUBMITTED, by, now, comment, events.SUBMITTED, revision=row.revision)


def take_back(policy: int, by: Any, *, now: datetime | None = None) -> Policy:
    """Write on, instead of having it reviewed or published at its time. Raises Refused, PermissionDenied."""
    may(by, EDIT)
    with transaction.atomic():
        row = locked(policy)
        if row.state not in (Policy.State.REVIEW, Policy.State.APPROVED):
            raise Refused("not_open", _("There is nothing to take back: this version is not in review."))
        row.effective_at = None
        return _to(row, Policy.State.DRAFT, What.TAKEN_BACK, by, now, "", events.TAKEN_BACK)


def review(policy: int, expected: int, approve: bool, by: Any, *, comment: str = "", now: datetime | None = None) -> Policy:
    """Approve what somebody else wrote, or send it back with a word why. Raises Refused, Stale, PermissionDenied."""
    may(by, REVIEW)
    with transaction.atomic():
        row = _as_expected(policy, expected, Policy.State.REVIEW)
        if by is not None and by.pk in writers(row):
            raise PermissionDenied(_("Whoever wrote a version does not review it."))
        if not approve and not comment.strip():
            raise Refused("comment", _("Say what should be different."))
        state, what = (Policy.State.APPROVED, What.APPROVED) if approve else (Policy.State.DRAFT, What.SENT_BACK)
        return _to(row, state, what, by, now, comment, events.REVIEWED, approved=approve)


def publish(policy: int, expected: int, by: Any, *, comment: str = "", now: datetime | None = None) -> Policy:
    """In force from now on; the version before is retired. Raises NotGood, Stale, Refused, PermissionDenied."""
    now = now or timezone.now()
    with transaction.atomic():
        row = _as_expected(policy, expected, *Policy.OPEN)
        _allowed(by, row)
        _good(row)
        return _put_in_force(row, by, now, comment)


def plan(policy: int, expected: int, at: datetime | None, by: Any, *, now: datetime | None = None) -> Policy:
    """Have it published by itself at that moment; None: not after all. Raises NotGood, Stale, Refused, PermissionDenied."""
    now = now or timezone.now()
    with transaction.atomic():
        row = _as_expected(policy, expected, *Policy.OPEN)
        _allowed(by, row)
        _good(row)
        if at is not None and at <= now:
            raise Refused("past", _("This moment is over. Publish it now, or choose a later one."))
        row.effective_at = at
        return _to(row, Policy.State.APPROVED, What.PLANNED, by, now, at.isoformat() if at else "", events.PLANNED, at=at.isoformat() if at else None)


def publish_due(*, now: datetime | None = None) -> int:
    """Publish what is planned for now or before. Called by the clock; returns how many."""
    now = now or timezone.now()
    done = 0
    for pk in Policy.objects.filter(state=Policy.State.APPROVED, effective_at__lte=now).order_by("effective_at").values_list("pk", flat=True):
        with transaction.atomic():
            row = locked(pk)
            if row.state != Policy.State.APPROVED or row.effective_at is None or row.effective_at > now:
                continue
            if problems := check_policy(row.body):  # a fact or verb of it has gone since
                row.effective_at = None
                _to(row, Policy.State.DRAFT, What.SENT_BACK, None, now, "; ".join(one.message for one in problems)[:300], events.REVIEWED, approved=False)
                continue
            _put_in_force(row, None, now, "")
            done += 1
    return done


def go_back(code: str, version: int, by: Any, *, comment: str = "", now: datetime | None = None) -> Policy:
    """An older version again, as a new one with the same body: published where one may, else begun as a draft. Raises Refused, NotGood, PermissionDenied."""
    with transaction.atomic():
        made = create_draft(code, by, from_version=version, comment=comment, now=now)
        if made.based_on != version or made.revision:
            raise Refused("draft", _("Version %(version)d is a draft already. Publish or discard it first.") % {"version": made.version})
        return publish(made.pk, made.revision, by, comment=comment, now=now) if may_publish(by, made) else made


def retire(code: str, by: Any, *, now: datetime | None = None) -> Policy:
    """In force no longer, and nothing in its place. Raises Refused, PermissionDenied."""
    may(by, PUBLISH_ALONE)
    now = now or timezone.now()
    with transaction.atomic():
        row = Policy.objects.select_for_update(of=("self",)).filter(code=code, state=Policy.State.PUBLISHED).first()
        if row is None:
            raise Refused("not_published", _("No version of this policy is in force."))
        row.retired_at = now
        return _to(row, Policy.State.RETIRED, What.RETIRED, by, now, "", events.RETIRED)


def _as_expected(policy: int, expected: int, *states: str) -> Policy:
    row = locked(policy)
    if row.state not in states:
        raise Refused("state", _("This version has moved on: it is %(state)s.") % {"state": row.get_state_display().lower()})
    if row.revision != expected:
        raise Stale(row, row.body)
    return row


def _good(row: Policy) -> None:
    if problems := check_policy(row.body):
        raise NotGood(problems)


def _allowed(by: Any, row: Policy) -> None:
    if by is None or may_publish(by, row):
        return
    may(by, PUBLISH)
    raise Refused("review", _("Somebody else has to review this version before you can publish it."))


def _put_in_force(row: Policy, by: Any, now: datetime, comment: str) -> Policy:
    before = Policy.objects.select_for_update(of=("self",)).filter(area=row.area, code=row.code, state=Policy.State.PUBLISHED).first()
    if before is not None:
        before.state, before.retired_at = Policy.State.RETIRED, now
        before.save(update_fields=["state", "retired_at"])
    if comment:
        row.comment = comment[:300]
    row.published_by, row.published_at, row.effective_at = by, now, None
    return _to(row, Policy.State.PUBLISHED, What.PUBLISHED, by, now, comment, events.PUBLISHED, before=before.version if before is not None else None)


def _to(row: Policy, state: str, what: str, by: Any, now: datetime | None, comment: str, event: str, **more: Any) -> Policy:
    row.state = state
    row.save()
    note(row, what, by, now or timezone.now(), comment)
    log.record(event, actor=actor(by), **fields(row), **more)
    return row

"""The only writers of policies: drafts and their savings. Reviewing and publishing are in actions_publish.py.

`by` is who does it (None: the system, which may all). What cannot be done raises Refused, with words for the screen; what may not be done raises PermissionDenied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.permissions import require
from cordboard.lib.strictly import deeper_than
from cordboard.rules import events
from cordboard.rules.difference import difference, is_empty
from cordboard.rules.evaluate import MAX_DEPTH, MAX_RULES, SCHEMA
from cordboard.rules.models import Policy, PolicyChange
from cordboard.rules.permissions import EDIT

EMPTY: dict[str, Any] = {"schema": SCHEMA, "mode": "first", "rules": []}
MAX_BODY = 4_000_000
DEEPEST = 60
"""Levels of lists and objects in a body: twelve groups of conditions (evaluate.MAX_DEPTH), each an object and a list, and room for a draft that is to be mended."""
"""Characters of JSON."""
TOGETHER = timedelta(minutes=10)
"""Savings by one person within so long are one change in the history."""
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class Refused(Exception):
    """It cannot be done as things are; `code` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


class Stale(Refused):
    """Somebody else has saved meanwhile: both texts, for the screen to compare. Nothing was overwritten."""

    def __init__(self, theirs: Policy, mine: Mapping[str, Any]) -> None:
        self.theirs, self.mine, self.revision = theirs.body, dict(mine), theirs.revision
        self.by, self.at = theirs.changed_by, theirs.changed_at
        super().__init__("stale", _("Somebody else has saved this draft since you opened it. Yours is still here and was not saved."))


def actor(by: Any) -> str:
    return f"user:{by.pk}" if by is not None else "system"


def may(by: Any, code: str) -> None:
    if by is not None:
        require(by, code)


def fields(row: Policy) -> dict[str, Any]:
    """What every event of a policy carries."""
    return {"policy": row.pk, "area": row.area, "code": row.code, "version": row.version}


def create_policy(area: str, code: str, name: str, by: Any, *, body: Mapping[str, Any] | None = None, comment: str = "", now: datetime | None = None) -> Policy:
    """A new policy, as a draft. `body` may be wrong still; it must be one that can be kept. Raises Refused, PermissionDenied."""
    may(by, EDIT)
    if not CODE.fullmatch(code):
        raise Refused("code", _("A policy's code has small letters, digits and dashes, 60 at most."))
    _named(name)
    kept = keepable(EMPTY if body is None else body)
    with transaction.atomic():
        if Policy.objects.filter(code=code).exists():
            raise Refused("taken", _("There is a policy with the code %(code)s already.") % {"code": code})
        row = _begin(area, code, name.strip(), kept, 1, None, by, now, comment)
        log.record(events.CREATED, actor=actor(by), **fields(row))
    return row


def create_draft(code: str, by: Any, *, from_version: int | None = None, comment: str = "", now: datetime | None = None) -> Policy:
    """The version on its way; begun from what is published (or from `from_version`) when there is none. Raises Refused, PermissionDenied."""
    may(by, EDIT)
    with transaction.atomic():
        versions = {row.version: row for row in Policy.objects.select_for_update().filter(code=code).defer("body")}
        if not versions:
            raise Refused("gone", _("This policy is not there any more."))
        on_its_way = next((row for row in versions.values() if row.state in Policy.OPEN), None)
        if on_its_way is not None:
            if from_version is not None and from_version != on_its_way.based_on:
                raise Refused("draft", _("Version %(version)d is a draft already. Publish or discard it first.") % {"version": on_its_way.version})
            return Policy.objects.get(pk=on_its_way.pk)
        source = versions.get(from_version) if from_version is not None else _newest(versions)
        if source is None:
            raise Refused("gone", _("There is no such version."))
        try:
            with transaction.atomic():
                row = _begin(
                    source.area,
                    code,
                    source.name,
                    Policy.objects.values_list("body", flat=True).get(pk=source.pk),
                    max(versions) + 1,
                    source.version,
                    by,
                    now,
                    comment,
                )
        except IntegrityError:  # two began at once: there is one draft, and it is for both
            return Policy.objects.get(code=code, state__in=Policy.OPEN)
        log.record(events.DRAFT_BEGUN, actor=actor(by), **fields(row), based_on=source.version)
    return row


def save_draft(policy: int, body: Any, expected: int, by: Any, *, name: str | None = None, comment: str | None = None, now: datetime | None = None) -> Policy:
    """Keep what was written, right or wrong. `expected` is the draft's revision when it was read: Stale when somebody saved since. The same body again changes
    nothing. A saving of what was approved makes a draft of it again. Raises Refused, PermissionDenied."""
    may(by, EDIT)
    now = now or timezone.now()
    kept = keepable(body)
    with transaction.atomic():
        row = locked(policy)
        if row.state not in (Policy.State.DRAFT, Policy.State.APPROVED):
            raise Refused("no_draft", _("This version cannot be changed any more: it is in review or was published. Open the policy again."))
        if row.revision != expected:
            raise Stale(row, kept)
        if name is not None:
            _named(name)
            row.name = name.strip()
        if comment is not None:
            row.comment = comment.strip()[:300]
        change = difference(row.body, kept)
        if not is_empty(change):
            _note_saving(row, kept, change, by, now)
            row.revision += 1
            row.body, row.changed_by, row.changed_at = kept, by, now
            row.state, row.effective_at = Policy.State.DRAFT, None
        row.save(update_fields=["body", "name", "comment", "revision", "changed_by", "changed_at", "state", "effective_at"])
        if not is_empty(change):
            touched = [one["id"] for part in ("added", "changed", "removed") for one in change[part]] + change["moved"]
            log.record(events.DRAFT_SAVED, actor=actor(by), **fields(row), revision=row.revision, rules=list(dict.fromkeys(touched))[:100])
    return row


def discard_draft(policy: int, by: Any) -> None:
    """Delete a version that was never published. Raises Refused, PermissionDenied."""
    may(by, EDIT)
    with transaction.atomic():
        row = locked(policy)
        if row.state not in Policy.OPEN:
            raise Refused("no_draft", _("A version that was published stays."))
        told = fields(row)
        row.delete()
        log.record(events.DRAFT_DISCARDED, actor=actor(by), **told)


def locked(policy: int) -> Policy:
    """The version, locked. In the caller's transaction. Raises Refused when it is gone."""
    row = Policy.objects.select_for_update(of=("self",)).filter(pk=policy).first()
    if row is None:
        raise Refused("gone", _("This version is not there any more: somebody discarded it."))
    return row


def note(row: Policy, what: str, by: Any, now: datetime, comment: str = "") -> None:
    """Write down who did what. In the caller's transaction."""
    PolicyChange.objects.create(policy=row, what=what, by=by, at=now, revision=row.revision, comment=comment[:300])


def keepable(body: Any) -> dict[str, Any]:
    """The body, if it can be kept as a draft: an object of this program's schema with rules that have ids of their own. Raises Refused."""
    if not isinstance(body, Mapping):
        raise Refused("malformed", _("This is no policy: an object with rules is expected."))
    schema = body.get("schema", SCHEMA)
    if isinstance(schema, int) and schema > SCHEMA:
        raise Refused("future", _("This policy was made for a later version of Cordboard (schema %(schema)d).") % {"schema": schema})
    rules = body.get("rules")
    if not isinstance(rules, list):
        raise Refused("malformed", _("This is no policy: an object with rules is expected."))
    if len(rules) > MAX_RULES:
        raise Refused("too_many", _("A policy has %(most)d rules at most. Put many of one shape into a decision table.") % {"most": MAX_RULES})
    if not all(isinstance(rule, Mapping) for rule in rules):
        raise Refused("malformed", _("This is no policy: an object with rules is expected."))
    if deeper_than(body, DEEPEST):
        raise Refused(
            "deep", _("Groups of conditions stand in one another more than %(most)d deep. Put some of them into a rule of their own.") % {"most": MAX_DEPTH}
        )
    ids = [rule.get("id") for rule in rules]
    if not all(isinstance(id, str) and id for id in ids) or len(set(ids)) != len(ids):
        raise Refused("ids", _("Every rule needs an id of its own."))
    try:
        text = json.dumps(body, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise Refused("malformed", _("This policy cannot be kept: it is no JSON.")) from None
    if len(text) > MAX_BODY:
        raise Refused("too_large", _("This policy is too large to be kept."))
    if "\\u0000" in text:
        raise Refused("malformed", _("This policy cannot be kept: it has characters that no text has."))
    kept: dict[str, Any] = json.loads(text)
    return {"schema": SCHEMA, **kept}


def _begin(area: str, code: str, name: str, body: Mapping[str, Any], version: int, based_on: int | None, by: Any, now: datetime | None, comment: str) -> Policy:
    now = now or timezone.now()
    row = Policy.objects.create(
        area=area, code=code, name=name, version=version, body=dict(body), author=by, begun_at=now, based_on=based_on, comment=comment[:300],
        changed_by=by, changed_at=now,
    )  # fmt: skip
    note(row, PolicyChange.What.BEGUN, by, now, comment)
    return row


def _newest(versions: Mapping[int, Policy]) -> Policy:
    published = [row for row in versions.values() if row.state == Policy.State.PUBLISHED]
    return published[0] if published else versions[max(versions)]


def _note_saving(row: Policy, body: Mapping[str, Any], change: dict[str, Any], by: Any, now: datetime) -> None:
    """One person's savings of a few minutes are one change."""
    last = PolicyChange.objects.filter(policy=row).order_by("-pk").first()
    if last is not None and last.what == PolicyChange.What.SAVED and last.by_id == (by.pk if by else None) and now - last.at < TOGETHER:
        before = last.before if last.before is not None else row.body
        last.difference, last.at, last.revision = difference(before, body), now, row.revision + 1
        last.save(update_fields=["difference", "at", "revision"])
        return
    PolicyChange.objects.create(policy=row, what=PolicyChange.What.SAVED, by=by, at=now, revision=row.revision + 1, before=row.body, difference=change)


def _named(name: str) -> None:
    if not 1 <= len(name.strip()) <= 120:
        raise Refused("name", _("A policy needs a name of 120 characters at most."))

"""The only writers of flows: drafts, versions, test conversations.

`by` is who does it (None: the system, which may all). What cannot be done raises Refused, with words for the screen and what a screen needs to show it;
what may not be done raises PermissionDenied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.flows import events, files, linking, queries
from cordboard.flows.graph import Problem
from cordboard.flows.models import Flow, Run
from cordboard.flows.permissions import DESIGN, PUBLISH
from cordboard.flows.play import Verdict
from cordboard.lib.permissions import require

EMPTY: dict[str, Any] = {"schema": 1, "languages": ["en"], "fallback": "en", "start": "", "variables": {}, "steps": {}}
"""What a new flow starts from."""


class Refused(Exception):
    """It cannot be done as things are; `code` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


class Stale(Refused):
    """Somebody else has saved meanwhile: both texts, for the screen to compare. Nothing was overwritten."""

    def __init__(self, theirs: Flow, mine: Mapping[str, Any]) -> None:
        self.theirs, self.mine, self.revision = theirs.graph, dict(mine), theirs.revision
        self.by, self.at = theirs.changed_by, theirs.changed_at
        super().__init__("stale", _("Somebody else has saved this draft since you opened it. Yours was kept here and not saved."))


class NotGood(Refused):
    """The flow has errors; `problems` lists them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("problems", _("The flow has problems, so it was not published."))


class Failing(Refused):
    """Test conversations do not come out as they should; `verdicts` has those that failed."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        self.verdicts = list(verdicts)
        super().__init__("tests", _("Test conversations fail, so it was not published."))


def actor(by: Any) -> str:
    return f"user:{by.pk}" if by is not None else "system"


def may(by: Any, code: str) -> None:
    if by is not None:
        require(by, code)


def create(
    code: str, name: str, surfaces: Sequence[str], by: Any, *, graph: Mapping[str, Any] | None = None, comment: str = "", now: datetime | None = None
) -> Flow:
    """A new flow, as a draft. `graph` may be wrong still; it must be one that can be kept. Raises Refused, PermissionDenied."""
    may(by, DESIGN)
    _named(code, name, surfaces)
    if graph is None:
        graph = EMPTY
    with transaction.atomic():
        if Flow.objects.filter(code=code).exists():
            raise Refused("taken", _("There is a flow with the code %(code)s already.") % {"code": code})
        flow = _new_draft(code, name.strip(), surfaces, graph, 1, by, now, comment)
        log.record(events.CREATED, actor=actor(by), flow=flow.pk, code=code)
    return flow


def open_draft(code: str, by: Any, *, now: datetime | None = None) -> Flow:
    """The draft of a flow; made from its newest version when there is none. Raises Refused, PermissionDenied."""
    may(by, DESIGN)
    with transaction.atomic():
        newest = _newest(code)
        if newest.state == Flow.State.DRAFT:
            return newest
        draft = _new_draft(code, newest.name, newest.surfaces, newest.graph, newest.version + 1, by, now, "")
        log.record(events.DRAFT_SAVED, actor=actor(by), flow=draft.pk, code=code, version=draft.version, revision=draft.revision)
    return draft


def save_draft(
    flow: int,
    graph: Mapping[str, Any],
    expected_revision: int,
    by: Any,
    *,
    name: str | None = None,
    surfaces: Sequence[str] | None = None,
    now: datetime | None = None,
) -> Flow:
    """Keep what was drawn, right or wrong. `expected_revision` is the draft's when it was read: Stale when somebody saved since. Raises Refused,
    PermissionDenied."""
    may(by, DESIGN)
    _keepable(graph)
    with transaction.atomic():
        row = Flow.objects.select_for_update().filter(pk=flow).first()
        if row is None or row.state != Flow.State.DRAFT:
            raise Refused("no_draft", _("This is no draft any more: it was published or deleted. Open the flow again."))
        if row.revision != expected_revision:
            raise Stale(row, graph)
        row.graph = {**graph, "code": row.code}
        row.name = row.name if name is None else name.strip()
        row.surfaces = row.surfaces if surfaces is None else list(surfaces)
        _named(row.code, row.name, row.surfaces)
        row.revision += 1
        row.changed_by, row.changed_at = by, now or timezone.now()
        row.save(update_fields=["graph", "name", "surfaces", "revision", "changed_by", "changed_at"])
        log.record(events.DRAFT_SAVED, actor=actor(by), flow=row.pk, code=row.code, version=row.version, revision=row.revision)
    return row


def publish(flow: int, by: Any, *, expected_revision: int | None = None, comment: str = "", now: datetime | None = None) -> Flow:
    """The draft is what new runs follow from now on; runs that go on finish on their own version. Flows that have this one as a sub-flow follow it too,
    in a new version each. Raises NotGood, Failing, Stale, Refused, PermissionDenied."""
    may(by, PUBLISH)
    now = now or timezone.now()
    with transaction.atomic():
        row = Flow.objects.select_for_update().filter(pk=flow).first()
        if row is None or row.state != Flow.State.DRAFT:
            raise Refused("no_draft", _("This is no draft any more: it was published or deleted. Open the flow again."))
        if expected_revision is not None and row.revision != expected_revision:
            raise Stale(row, row.graph)
        if errors := [one for one in queries.problems(row) if one.level == "error"]:
            raise NotGood(errors)
        if failing := [one for one in queries.run_tests(row, now=now) if not one.passed]:
            raise Failing(failing)
        _put_in_force(row, by, now, comment[:300])
        for parent in Flow.objects.filter(state=Flow.State.PUBLISHED).exclude(linked=None).exclude(pk=row.pk):
            if row.code in linking.codes_in(parent.graph) or row.code in linking.codes_in(parent.linked or {}):
                _link_anew(parent, row, by, now)
    return row


def _put_in_force(row: Flow, by: Any, now: datetime, comment: str) -> None:
    before = Flow.objects.select_for_update().filter(code=row.code, state=Flow.State.PUBLISHED).first()
    if before is not None:
        before.state, before.retired_at = Flow.State.RETIRED, now
        before.save(update_fields=["state", "retired_at"])
    newest = Flow.objects.filter(code=row.code).exclude(pk=row.pk).order_by("-version").values_list("version", flat=True).first() or 0
    row.version = max(row.version, newest + 1)
    row.linked = linking.link(row.graph, queries.graph_in_force) if linking.codes_in(row.graph) else None
    row.state, row.comment, row.published_by, row.published_at = Flow.State.PUBLISHED, comment, by, now
    row.save()
    log.record(events.PUBLISHED, actor=actor(by), flow=row.pk, code=row.code, version=row.version, before=before.version if before is not None else None)


def _link_anew(parent: Flow, child: Flow, by: Any, now: datetime) -> None:
    """A new version of a flow that has the child in it. The parent's own draft, if any, keeps its graph and moves up a version."""
    draft = Flow.objects.select_for_update().filter(code=parent.code, state=Flow.State.DRAFT).first()
    top = max(parent.version, draft.version if draft is not None else 0)
    if draft is not None:
        draft.version = top + 1
        draft.save(update_fields=["version"])
    made = Flow(code=parent.code, name=parent.name, version=top if draft is not None else top + 1, surfaces=parent.surfaces, graph=parent.graph)
    made.state, made.changed_by, made.changed_at = Flow.State.RETIRED, by, now
    made.save()
    comment = _("Follows version %(version)s of %(name)s.") % {"version": child.version, "name": child.name}
    _put_in_force(made, by, now, comment[:300])


def retire(flow: int, by: Any, *, now: datetime | None = None) -> Flow:
    """Nothing begins this flow any more; runs that go on finish. Raises Refused, PermissionDenied."""
    may(by, PUBLISH)
    with transaction.atomic():
        row = Flow.objects.select_for_update().filter(pk=flow, state=Flow.State.PUBLISHED).first()
        if row is None:
            raise Refused("not_published", _("This version is not published."))
        if users := queries.used_by(row.code):
            raise Refused("used", _("It is a part of other flows: %(names)s. Take it out there first.") % {"names": ", ".join(users)})
        row.state, row.retired_at = Flow.State.RETIRED, now or timezone.now()
        row.save(update_fields=["state", "retired_at"])
        log.record(events.RETIRED, actor=actor(by), flow=row.pk, code=row.code, version=row.version)
    return row


def copy(flow: int, code: str, name: str, by: Any, *, now: datetime | None = None) -> Flow:
    """A new flow that begins as this version of another one, without its figures and with its test conversations. Raises Refused, PermissionDenied."""
    may(by, DESIGN)
    with transaction.atomic():
        row = Flow.objects.filter(pk=flow).first()
        if row is None:
            raise Refused("gone", _("This flow is not there any more."))
        made = create(code, name, row.surfaces, by, graph=row.graph, now=now)
        for test in queries.tests(row.code):
            test.pk, test.code, test.changed_by, test.changed_at = None, code, by, now or timezone.now()
            test.save(force_insert=True)
    return made


def delete_draft(flow: int, by: Any) -> None:
    """Throw a draft away; what was published stays. Raises Refused, PermissionDenied."""
    may(by, DESIGN)
    with transaction.atomic():
        row = Flow.objects.select_for_update().filter(pk=flow).first()
        if row is None or row.state != Flow.State.DRAFT:
            raise Refused("no_draft", _("This is no draft any more: it was published or deleted. Open the flow again."))
        if Run.objects.filter(flow=row).exists():
            raise Refused("has_runs", _("Runs follow this draft."))
        row.delete()
        log.record(events.DRAFT_DELETED, actor=actor(by), code=row.code, version=row.version)


def import_json(content: bytes | str, by: Any, *, code: str = "", now: datetime | None = None) -> Flow:
    """Take a file in as a draft: of a new flow, or of the one with its code. A draft that stands is not overwritten. Raises Refused, PermissionDenied."""
    may(by, DESIGN)
    try:
        given = files.read(content)
    except files.WrongFile as wrong:
        raise Refused("file", wrong.say(_)) from None
    code = code or given.code
    from cordboard.flows.actions_tests import take_in

    with transaction.atomic():
        newest = Flow.objects.filter(code=code).order_by("-version").first()
        if newest is None:
            made = create(code, given.name, given.surfaces, by, graph=given.graph, now=now)
        elif newest.state == Flow.State.DRAFT:
            raise Refused("draft", _("The flow %(code)s has a draft. Publish or delete it first, or take the file in under another code.") % {"code": code})
        else:
            _named(code, given.name, given.surfaces)
            made = _new_draft(code, given.name, given.surfaces, given.graph, newest.version + 1, by, now, "")
            log.record(events.DRAFT_SAVED, actor=actor(by), flow=made.pk, code=code, version=made.version, revision=0)
        take_in(code, given.tests, by, now=now)
    return made


# -- what they share ----------------------------------------------------------------------------------------------------


def _named(code: str, name: str, surfaces: Sequence[str]) -> None:
    if not files.is_code(code):
        raise Refused("code", _("A code has lower case letters, digits and hyphens, at most 60."))
    if not name.strip() or len(name) > 120:
        raise Refused("name", _("A flow has a name of at most 120 characters."))
    if not surfaces or any(one not in files.SURFACES for one in surfaces):
        raise Refused("surfaces", _("Say where the flow runs: %(surfaces)s.") % {"surfaces": ", ".join(files.SURFACES)})


def _keepable(graph: Any) -> None:
    try:
        files.check(graph)
    except files.WrongFile as wrong:
        raise Refused("graph", wrong.say(_)) from None


def _newest(code: str) -> Flow:
    row = Flow.objects.select_for_update().filter(code=code).order_by("-version").first()
    if row is None:
        raise Refused("gone", _("This flow is not there any more."))
    return row


def _new_draft(code: str, name: str, surfaces: Sequence[str], graph: Mapping[str, Any], version: int, by: Any, now: datetime | None, comment: str) -> Flow:
    _keepable(graph)
    row = Flow(code=code, name=name, version=version, state=Flow.State.DRAFT, surfaces=list(surfaces), graph={**graph, "code": code}, comment=comment)
    row.changed_by, row.changed_at = by, now or timezone.now()
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("taken", _("Somebody else has just begun a draft of this flow. Open it again.")) from None
    return row

"""Test conversations of flows: kept, taken in from files, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.flows import events, files, queries, wire
from cordboard.flows.actions import Refused, actor, may
from cordboard.flows.models import Flow, FlowTest
from cordboard.flows.permissions import DESIGN
from cordboard.flows.play import MAX_INPUTS, expected_of


def save_test(
    flow: int,
    name: str,
    surface: str,
    inputs: Sequence[Mapping[str, Any]],
    by: Any,
    *,
    context: Mapping[str, Any] | None = None,
    expected: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    now: datetime | None = None,
) -> FlowTest:
    """Keep a play as a test conversation of its flow. Without `expected` what it comes to now, in this version, is what it must come to. A test of the same
    name is replaced. `context` and `at` as for `play`. Raises Refused, PermissionDenied."""
    may(by, DESIGN)
    row = Flow.objects.filter(pk=flow).first()
    if row is None:
        raise Refused("gone", _("This flow is not there any more."))
    now = now or timezone.now()
    made = _made(row.code, name, surface, inputs, context or {}, at or now, by, now)
    if expected is None:
        played = queries.played(row, made)
        if played.problems:
            raise Refused("problems", _("The flow has problems, so it cannot be played."))
        expected = expected_of(played)
    made.expected = dict(expected)
    with transaction.atomic():
        return _keep(made, by)


def delete_test(test: int, by: Any) -> None:
    """Raises Refused, PermissionDenied."""
    may(by, DESIGN)
    with transaction.atomic():
        row = FlowTest.objects.select_for_update().filter(pk=test).first()
        if row is None:
            raise Refused("gone", _("This test conversation is not there any more."))
        row.delete()
        log.record(events.TEST_DELETED, actor=actor(by), test=test, code=row.code)


def take_in(code: str, tests: Sequence[Mapping[str, Any]], by: Any, *, now: datetime | None = None) -> None:
    """The test conversations of a file; those of the same name are replaced. In the caller's transaction. Raises Refused."""
    now = now or timezone.now()
    for given in tests:
        context = {key: given.get(key) for key in ("values", "language", "answers")}
        try:
            at = datetime.fromisoformat(str(given.get("at") or now.isoformat()))
        except ValueError:
            raise Refused("test", _("A test conversation plays at a moment that there is not.")) from None
        at = at if at.tzinfo is not None else timezone.make_aware(at)
        inputs = given.get("inputs")
        made = _made(code, str(given.get("name") or ""), str(given.get("surface") or ""), inputs if isinstance(inputs, list) else [], context, at, by, now)
        expected = given.get("expected")
        made.expected = expected if isinstance(expected, dict) else {}
        _keep(made, by)


def _made(code: str, name: str, surface: str, inputs: Sequence[Any], context: Mapping[str, Any], at: datetime, by: Any, now: datetime) -> FlowTest:
    if not name.strip() or len(name) > 120:
        raise Refused("name", _("A test conversation has a name of at most 120 characters."))
    if surface not in files.SURFACES:
        raise Refused("surfaces", _("Say where the flow runs: %(surfaces)s.") % {"surfaces": ", ".join(files.SURFACES)})
    if len(inputs) > MAX_INPUTS:
        raise Refused("inputs", _("A test conversation has at most %(most)s turns.") % {"most": MAX_INPUTS})
    values, answers = context.get("values") or {}, context.get("answers") or {}
    try:
        for one in inputs:
            wire.input_from(one)
        files.check({"inputs": list(inputs), "values": values, "answers": answers})
    except (wire.WrongInput, files.WrongFile):
        raise Refused("inputs", _("What the customer does in this test conversation cannot be kept.")) from None
    return FlowTest(
        code=code, name=name.strip(), surface=surface, values=values, language=str(context.get("language") or "")[:10], inputs=[dict(one) for one in inputs],
        answers=answers, at=at, changed_by=by, changed_at=now,
    )  # fmt: skip


def _keep(made: FlowTest, by: Any) -> FlowTest:
    before = FlowTest.objects.select_for_update().filter(code=made.code, name=made.name).first()
    made.pk = before.pk if before is not None else None
    made.save()
    log.record(events.TEST_SAVED, actor=actor(by), test=made.pk, code=made.code)
    return made

"""What the designer asks the server: keep, check, publish, play, test, count. JSON in and out; what is refused says why, in words and as a code."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cordboard.flows import actions, actions_tests, conversation, figures, files, outline, presenters, queries, wire
from cordboard.flows.linking import CannotLink
from cordboard.flows.models import Flow
from cordboard.flows.permissions import DESIGN, PUBLISH, VIEW
from cordboard.flows.play import MAX_INPUTS, Played, play
from cordboard.flows.views import flow_or_404
from cordboard.lib.permissions import permitted

View = Callable[[HttpRequest, str], HttpResponse]


def _refused(code: str, message: str, status: int = 422, **more: Any) -> JsonResponse:
    return JsonResponse({"code": code, "message": message, **more}, status=status)


def answered(view: View) -> View:
    """Refusals as JSON with their words."""

    @wraps(view)
    def told(request: HttpRequest, code: str) -> HttpResponse:
        try:
            return view(request, code)
        except actions.Stale as stale:
            return _stale(code, stale.message)
        except actions.NotGood as bad:
            return _refused(bad.code, bad.message, details=[one.say(_) for one in bad.problems[:5]])
        except actions.Failing as failing:
            return _refused(failing.code, failing.message, details=[f"{one.name}: {' '.join(conversation.verdict(one))}" for one in failing.verdicts[:5]])
        except actions.Refused as refused:
            return _refused(refused.code, refused.message)
        except _BadRequest as bad:
            return _refused("request", str(bad), status=400)

    return told


class _BadRequest(ValueError):
    """What came is not what this asks for."""


def _body(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > files.MAX_BYTES:
        raise _BadRequest(_("The flow is too large."))
    try:
        data = json.loads(request.body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise _BadRequest(_("That was no request of the designer."))
    return data


def _graph(data: dict[str, Any]) -> dict[str, Any]:
    graph = data.get("graph")
    if not isinstance(graph, dict):
        raise _BadRequest(_("That was no request of the designer."))
    try:
        return files.check(graph)
    except files.WrongFile as wrong:
        raise actions.Refused("graph", wrong.say(_)) from None


def _surfaces(data: dict[str, Any]) -> list[str]:
    given = data.get("surfaces")
    return [one for one in given if one in files.SURFACES] if isinstance(given, list) else []


def _stale(code: str, message: str) -> JsonResponse:
    """Somebody else's draft, for the designer to show beside one's own."""
    row = flow_or_404(code)
    theirs = {"name": row.name, "surfaces": row.surfaces, "graph": row.graph}
    more = {"id": row.pk, "version": row.version, "revision": row.revision, "by": presenters.name_of(row.changed_by), "when": presenters.moment(row.changed_at)}
    return _refused("stale", message, status=409, theirs=theirs, **more)


@permitted(VIEW)
@require_GET
@answered
def standing(request: HttpRequest, code: str) -> HttpResponse:
    return JsonResponse(presenters.standing(flow_or_404(code)))


@permitted(DESIGN)
@require_POST
@answered
def save(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the draft. From a version that is not a draft one is made first, unless somebody else has begun one meanwhile."""
    data = _body(request)
    graph, surfaces = _graph(data), _surfaces(data)
    id, revision, name = data.get("id"), data.get("revision"), data.get("name")
    if not isinstance(id, int) or not isinstance(revision, int) or not isinstance(name, str):
        raise _BadRequest(_("That was no request of the designer."))
    opened = Flow.objects.filter(pk=id, code=code).first()
    if opened is None:
        raise actions.Refused("gone", _("This flow is not there any more."))
    if opened.state != Flow.State.DRAFT:
        newest = flow_or_404(code)
        if newest.pk != opened.pk:
            return _stale(code, _("Somebody else has changed this flow since you opened it."))
        draft = actions.open_draft(code, request.user)
        id, revision = draft.pk, draft.revision
    saved = actions.save_draft(id, graph, revision, request.user, name=name, surfaces=surfaces)
    return JsonResponse(presenters.standing(saved))


@permitted(VIEW)
@require_POST
@answered
def check(request: HttpRequest, code: str) -> HttpResponse:
    data = _body(request)
    return JsonResponse({"problems": presenters.problem_rows(code, _graph(data), _surfaces(data))})


@permitted(PUBLISH)
@require_POST
@answered
def publish(request: HttpRequest, code: str) -> HttpResponse:
    data = _body(request)
    id, revision = data.get("id"), data.get("revision")
    if not isinstance(id, int) or not isinstance(revision, int) or not Flow.objects.filter(pk=id, code=code).exists():
        raise actions.Refused("gone", _("This flow is not there any more."))
    row = actions.publish(id, request.user, expected_revision=revision, comment=str(data.get("comment") or ""))
    return JsonResponse(presenters.standing(row))


@permitted(DESIGN)
@require_POST
@answered
def delete(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away; the answer says what stands then, or that nothing does."""
    row = flow_or_404(code)
    actions.delete_draft(row.pk, request.user)
    left = queries.flow(code)
    return JsonResponse(presenters.standing(left) if left is not None else {"gone": True})


@permitted(PUBLISH)
@require_POST
@answered
def retire(request: HttpRequest, code: str) -> HttpResponse:
    row = queries.published(code)
    if row is None:
        raise actions.Refused("not_published", _("This version is not published."))
    actions.retire(row.pk, request.user)
    return JsonResponse(presenters.standing(flow_or_404(code)))


@permitted(VIEW)
@require_GET
@answered
def version(request: HttpRequest, code: str) -> HttpResponse:
    row = _version(request, code)
    return JsonResponse({"version": row.version, "name": row.name, "surfaces": row.surfaces, "graph": row.graph})


def _version(request: HttpRequest, code: str) -> Flow:
    number = request.GET.get("version", "")
    row = queries.flow(code, int(number)) if number.isdecimal() and len(number) < 9 else None
    if row is None:
        raise actions.Refused("gone", _("There is no such version."))
    return row


@permitted(VIEW)
@require_GET
@answered
def numbers(request: HttpRequest, code: str) -> HttpResponse:
    """The numbers on the graph of a version, of the last `days` days (UTC), today among them."""
    days = request.GET.get("days", "30")
    back = min(3660, int(days)) if days.isdecimal() and len(days) < 9 else 30
    since = (timezone.now() - timedelta(days=max(0, back - 1))).date()
    return JsonResponse(figures.shown(queries.figures(_version(request, code), since)))


@permitted(VIEW)
@require_GET
def as_outline(request: HttpRequest, code: str) -> HttpResponse:
    """The flow as text that one can read, print and send."""
    row = flow_or_404(code)
    response = HttpResponse(outline.of_flow(row.name, row.graph), content_type="text/plain; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return response


# -- play and tests -----------------------------------------------------------------------------------------------------


@permitted(VIEW)
@require_POST
@answered
def play_it(request: HttpRequest, code: str) -> HttpResponse:
    """Play the graph as it stands on the screen, saved or not. Nothing is done for real."""
    data = _body(request)
    graph, surface, inputs = _graph(data), data.get("surface"), data.get("inputs")
    if surface not in files.SURFACES or not isinstance(inputs, list) or len(inputs) > MAX_INPUTS:
        raise _BadRequest(_("That was no request of the designer."))
    context = {"values": _object(data, "values"), "answers": _object(data, "answers"), "language": str(data.get("language") or "")}
    row = flow_or_404(code)
    try:
        played = play(graph, str(surface), inputs, context, now=timezone.now(), linked=queries.linked(row, graph))
    except CannotLink as cannot:
        played = Played([cannot.problem])
    except wire.WrongInput as wrong:
        raise _BadRequest(str(wrong)) from None
    return JsonResponse(conversation.shown(played, graph))


def _object(data: dict[str, Any], name: str) -> dict[str, Any]:
    given = data.get(name)
    return given if isinstance(given, dict) else {}


@permitted(VIEW)
@require_POST
@answered
def tests(request: HttpRequest, code: str) -> HttpResponse:
    """Run the flow's test conversations on the graph as it stands on the screen."""
    graph = _graph(_body(request))
    row = flow_or_404(code)
    kept = {one.name: one for one in queries.tests(code)}
    rows = []
    for one in queries.run_tests(row, graph):
        test = kept[one.name]
        about = {"surface": test.surface, "language": test.language, "values": test.values, "answers": test.answers, "inputs": test.inputs}
        rows.append({"id": test.pk, "name": one.name, "surface": test.surface, "passed": one.passed, "wrong": conversation.verdict(one), "play": about})
    return JsonResponse({"tests": rows})


@permitted(DESIGN)
@require_POST
@answered
def test_save(request: HttpRequest, code: str) -> HttpResponse:
    """Keep a play as a test conversation: what it comes to now, on the draft as it is saved, is what it must come to."""
    data = _body(request)
    inputs = data.get("inputs")
    if not isinstance(inputs, list):
        raise _BadRequest(_("That was no request of the designer."))
    context = {"values": _object(data, "values"), "answers": _object(data, "answers"), "language": str(data.get("language") or "")}
    row = flow_or_404(code)
    made = actions_tests.save_test(row.pk, str(data.get("name") or ""), str(data.get("surface") or ""), inputs, request.user, context=context)
    return JsonResponse({"id": made.pk})


@permitted(DESIGN)
@require_POST
@answered
def test_delete(request: HttpRequest, code: str) -> HttpResponse:
    test = _body(request).get("test")
    if not isinstance(test, int) or all(one.pk != test for one in queries.tests(code)):
        raise actions.Refused("gone", _("This test conversation is not there any more."))
    actions_tests.delete_test(test, request.user)
    return JsonResponse({"id": test})

"""Flows for programs: list, read, draw a draft, check, publish, take out and in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cordboard.api import wire
from cordboard.api.drafts import MOST_VERSIONS, may_save, meta, overtaken, seen, tag
from cordboard.api.wire import Endpoint, No, address, answer
from cordboard.flows import actions, conversation, queries
from cordboard.flows.models import Flow
from cordboard.flows.permissions import DESIGN, PUBLISH, VIEW


def _refused(do: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What the actions refuse, as answers."""

    @wraps(do)
    def told(request: HttpRequest, **parts: Any) -> HttpResponse:
        try:
            return do(request, **parts)
        except actions.Stale as stale:
            raise overtaken(_draft(parts["code"]), stale.message) from stale
        except actions.NotGood as bad:
            raise No(422, _("The flow has problems."), bad.message, problems=[problem_row(one) for one in bad.problems]) from bad
        except actions.Failing as failing:
            tests = [{"name": one.name, "passed": False, "wrong": conversation.verdict(one)} for one in failing.verdicts]
            raise No(422, _("Test conversations fail."), failing.message, tests=tests) from failing
        except actions.Refused as refused:
            raise No({"gone": 404, "taken": 409, "draft": 409}.get(refused.code, 422), refused.message, code=refused.code) from refused

    return told


def _meta(row: Flow) -> dict[str, Any]:
    return {**meta(row), "surfaces": row.surfaces}


def problem_row(one: Any) -> dict[str, Any]:
    return {"step": one.step, "code": one.code, "level": one.level, "message": one.say(_)}


def _known(code: str) -> None:
    if not Flow.objects.filter(code=code).exists():
        raise wire.missing()


def _draft(code: str) -> Flow:
    row = Flow.objects.select_related("changed_by", "published_by").filter(code=code, state=Flow.State.DRAFT).first()
    if row is None:
        raise wire.missing()
    return row


def _seen(request: HttpRequest, code: str) -> Flow:
    return seen(request, _draft(code))


def listing(request: HttpRequest) -> HttpResponse:
    rows = queries.flows()
    items = [
        {
            "code": one.code, "name": one.name, "surfaces": one.surfaces, "published": one.published.version if one.published else None,
            "draft": one.draft.version if one.draft else None, "runs": one.runs, "running": one.running,
        }
        for one in rows
    ]  # fmt: skip
    return answer({"items": items, "next": None})


@_refused
def make(request: HttpRequest) -> HttpResponse:
    given = wire.body(request, {"code": str, "name": str, "surfaces": list, "graph": dict, "comment": str}, ("code", "name", "surfaces"))
    row = actions.create(given["code"], given["name"], given["surfaces"], request.user, graph=given.get("graph"), comment=given.get("comment", ""))
    return answer(_meta(row), 201, etag=tag(row), location=reverse("api:flow_draft", args=[row.code]))


def versions(request: HttpRequest, code: str) -> HttpResponse:
    rows = queries.versions(code)
    if not rows:
        raise wire.missing()
    return answer({"items": [{**_meta(row), "runs": row.runs_count} for row in rows[:MOST_VERSIONS]], "next": None})  # type: ignore[attr-defined]


def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    row = queries.flow(code, number)
    if row is None:
        raise wire.missing()
    return answer({**_meta(row), "graph": row.graph}, etag=tag(row))


def draft(request: HttpRequest, code: str) -> HttpResponse:
    row = _draft(code)
    return answer({**_meta(row), "graph": row.graph}, etag=tag(row))


@_refused
def save(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the draft that was seen, or begin one where there is none."""
    wanted = wire.wanted(request)
    given = wire.body(request, {"graph": dict, "name": str, "surfaces": list}, ("graph",))
    _known(code)
    found = Flow.objects.select_related("changed_by").filter(code=code, state=Flow.State.DRAFT).first()
    may_save(wanted, found)
    row = found or actions.open_draft(code, request.user)
    row = actions.save_draft(row.pk, given["graph"], row.revision if found else 0, request.user, name=given.get("name"), surfaces=given.get("surfaces"))
    return answer(_meta(row), 200 if found else 201, etag=tag(row))


@_refused
def discard(request: HttpRequest, code: str) -> HttpResponse:
    actions.delete_draft(_seen(request, code).pk, request.user)
    return answer(None, 204)


def check(request: HttpRequest, code: str) -> HttpResponse:
    """What is wrong with the draft (or, where there is none, with the newest version), and how its test conversations come out."""
    given = wire.body(request, {"graph": dict})
    row = queries.flow(code)
    if row is None:
        raise wire.missing()
    graph = given.get("graph")
    problems = queries.problems(row, graph)
    tests = [] if any(one.level == "error" for one in problems) else queries.run_tests(row, graph)
    return answer({
        "good": not any(one.level == "error" for one in problems) and all(one.passed for one in tests),
        "problems": [problem_row(one) for one in problems],
        "tests": [{"name": one.name, "passed": one.passed, "wrong": [] if one.passed else conversation.verdict(one)} for one in tests],
    })  # fmt: skip


@_refused
def publish(request: HttpRequest, code: str) -> HttpResponse:
    row = _seen(request, code)
    given = wire.body(request, {"comment": str})
    row = actions.publish(row.pk, request.user, expected_revision=row.revision, comment=given.get("comment", ""))
    return answer(_meta(row), etag=tag(row))


def export(request: HttpRequest, code: str) -> HttpResponse:
    number = request.GET.get("version", "")
    if number and not (number.isdecimal() and len(number) < 9):
        raise No(422, _("A version is a number."), parameter="version")
    row = queries.flow(code, int(number) if number else None)
    if row is None:
        raise wire.missing()
    response = HttpResponse(queries.as_file(row), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{row.code}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@_refused
def take_in(request: HttpRequest) -> HttpResponse:
    row = actions.import_json(wire.raw(request), request.user, code=request.GET.get("code", ""))
    return answer(_meta(row), 201, etag=tag(row), location=reverse("api:flow_draft", args=[row.code]))


_VERSION = {"version": "Number of the version; left out, the draft, else what is published, else the newest."}

flows = address(
    GET=Endpoint(VIEW, "List the flows", listing, gives="FlowList"),
    POST=Endpoint(DESIGN, "Make a flow, as a draft", make, takes="NewFlow", gives="FlowVersion", status=201),
)
flow_versions = address(GET=Endpoint(VIEW, "List the versions of a flow, the newest first", versions, gives="FlowVersionList"))
flow_version = address(GET=Endpoint(VIEW, "Read a version with its graph", version, gives="FlowWithGraph"))
flow_draft = address(
    GET=Endpoint(VIEW, "Read the draft with its graph", draft, gives="FlowWithGraph"),
    PUT=Endpoint(DESIGN, "Save the draft, or begin one", save, takes="FlowDraft", gives="FlowVersion", match=True),
    DELETE=Endpoint(DESIGN, "Throw the draft away", discard, status=204, match=True),
)
flow_check = address(POST=Endpoint(VIEW, "Check the draft, or a graph that is not saved", check, takes="FlowCheck", gives="FlowChecked"))
flow_publish = address(POST=Endpoint(PUBLISH, "Publish the draft", publish, takes="Comment", gives="FlowVersion", match=True))
flow_export = address(GET=Endpoint(VIEW, "Take a version out as a file, with its test conversations", export, gives="FlowFile", query=_VERSION))
flow_import = address(
    POST=Endpoint(
        DESIGN,
        "Take a file in as a draft",
        take_in,
        takes="FlowFile",
        gives="FlowVersion",
        status=201,
        query={"code": "Under this code instead of the file's own."},
    )
)

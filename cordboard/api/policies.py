"""Policies for programs: list, read, write a draft, check, send for review, publish, take out and in."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.api import wire
from cordboard.api.drafts import MOST_VERSIONS, may_save, meta, moment, overtaken, seen, tag
from cordboard.api.wire import Endpoint, No, address, answer
from cordboard.rules import actions, actions_publish, queries
from cordboard.rules.areas import areas
from cordboard.rules.evaluate import BadPolicy, check_policy, compile_policy
from cordboard.rules.findings import findings
from cordboard.rules.models import Policy
from cordboard.rules.permissions import EDIT, PUBLISH, VIEW


def _refused(do: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What the actions refuse, as answers."""

    @wraps(do)
    def told(request: HttpRequest, **parts: Any) -> HttpResponse:
        try:
            return do(request, **parts)
        except actions.Stale as stale:
            raise overtaken(_open(parts["code"]), stale.message) from stale
        except actions_publish.NotGood as bad:
            raise No(422, _("The policy has problems."), bad.message, problems=[{"path": one.path, "message": one.message} for one in bad.problems]) from bad
        except actions.Refused as refused:
            status = {"gone": 404, "taken": 409, "draft": 409, "review": 403, "state": 409, "no_draft": 409}.get(refused.code, 422)
            raise No(status, refused.message, code=refused.code) from refused

    return told


def _meta(row: Policy) -> dict[str, Any]:
    return {**meta(row), "area": row.area, "based_on": row.based_on, "effective_at": moment(row.effective_at)}


def _open(code: str) -> Policy:
    """The version on its way."""
    row = Policy.objects.select_related("changed_by", "published_by").filter(code=code, state__in=Policy.OPEN).first()
    if row is None:
        raise wire.missing()
    return row


def _seen(request: HttpRequest, code: str) -> Policy:
    return seen(request, _open(code))


def _area(code: str) -> None:
    known = sorted(one.code for one in areas())
    if code not in known:
        raise No(422, _("There is no such area."), _("There are: %(names)s.") % {"names": ", ".join(known)}, parameter="area")


def listing(request: HttpRequest) -> HttpResponse:
    rows = queries.policies(request.GET.get("area", ""))
    items = [
        {
            "area": one.area, "code": one.code, "name": one.name, "published": one.published.version if one.published else None,
            "draft": one.open.version if one.open else None, "state": one.newest.state,
        }
        for one in rows
    ]  # fmt: skip
    return answer({"items": items, "next": None})


@_refused
def make(request: HttpRequest) -> HttpResponse:
    given = wire.body(request, {"area": str, "code": str, "name": str, "body": dict, "comment": str}, ("area", "code", "name"))
    _area(given["area"])
    row = actions.create_policy(given["area"], given["code"], given["name"], request.user, body=given.get("body"), comment=given.get("comment", ""))
    return answer(_meta(row), 201, etag=tag(row), location=reverse("api:policy_draft", args=[row.code]))


def versions(request: HttpRequest, code: str) -> HttpResponse:
    rows = queries.versions(code)
    if not rows:
        raise wire.missing()
    return answer({"items": [_meta(row) for row in rows[:MOST_VERSIONS]], "next": None})


def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    row = queries.version(code, number)
    if row is None:
        raise wire.missing()
    return answer({**_meta(row), "body": row.body}, etag=tag(row))


def draft(request: HttpRequest, code: str) -> HttpResponse:
    row = _open(code)
    return answer({**_meta(row), "body": row.body}, etag=tag(row))


@_refused
def save(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the draft that was seen, or begin one where there is none."""
    wanted = wire.wanted(request)
    given = wire.body(request, {"body": dict, "name": str, "comment": str}, ("body",))
    found = Policy.objects.select_related("changed_by").filter(code=code, state__in=Policy.OPEN).first()
    may_save(wanted, found)
    row = found or actions.create_draft(code, request.user)
    row = actions.save_draft(row.pk, given["body"], row.revision if found else 0, request.user, name=given.get("name"), comment=given.get("comment"))
    return answer(_meta(row), 200 if found else 201, etag=tag(row))


@_refused
def discard(request: HttpRequest, code: str) -> HttpResponse:
    actions.discard_draft(_seen(request, code).pk, request.user)
    return answer(None, 204)


def check(request: HttpRequest, code: str) -> HttpResponse:
    """What is wrong with the version on its way (or with the newest), and which rules can never hold or are at odds."""
    given = wire.body(request, {"body": dict})
    row = queries.version(code)
    if row is None:
        raise wire.missing()
    body = given.get("body", row.body)
    problems = check_policy(body)
    found: list[dict[str, Any]] = []
    if not problems:
        try:
            found = findings(compile_policy(body), timezone.now())
        except BadPolicy as bad:  # a fact has gone between the two
            problems = bad.problems
    return answer({"good": not problems, "problems": [{"path": one.path, "message": one.message} for one in problems], "findings": found})


@_refused
def submit(request: HttpRequest, code: str) -> HttpResponse:
    row = _seen(request, code)
    given = wire.body(request, {"comment": str})
    row = actions_publish.submit(row.pk, row.revision, request.user, comment=given.get("comment", ""))
    return answer(_meta(row), etag=tag(row))


@_refused
def publish(request: HttpRequest, code: str) -> HttpResponse:
    row = _seen(request, code)
    given = wire.body(request, {"comment": str})
    row = actions_publish.publish(row.pk, row.revision, request.user, comment=given.get("comment", ""))
    return answer(_meta(row), etag=tag(row))


def export(request: HttpRequest, code: str) -> HttpResponse:
    number = request.GET.get("version", "")
    if number and not (number.isdecimal() and len(number) < 9):
        raise No(422, _("A version is a number."), parameter="version")
    row = queries.version(code, int(number) if number else None)
    if row is None:
        raise wire.missing()
    text = json.dumps({**row.body, "area": row.area, "code": row.code, "name": row.name}, ensure_ascii=False, indent=2)
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{row.code}-{row.version}.json"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@_refused
def take_in(request: HttpRequest) -> HttpResponse:
    """A file becomes a new policy, or the draft of the one with its code where none is on its way."""
    try:
        data = json.loads(wire.raw(request))
    except (ValueError, RecursionError):
        raise No(400, _("This is no JSON.")) from None
    if not isinstance(data, dict):
        raise No(422, _("This is no policy: an object with rules is expected."))
    area, code, name = (str(data.pop(one, "")) for one in ("area", "code", "name"))
    code = request.GET.get("code", "") or code
    standing = queries.version(code)
    if standing is None:
        _area(area)
        row = actions.create_policy(area, code, name or code, request.user, body=data)
    else:
        if standing.state in Policy.OPEN:
            raise No(409, _("A version of this policy is on its way. Publish or discard it first, or take the file in under another code."), code="draft")
        row = actions.create_draft(code, request.user)
        row = actions.save_draft(row.pk, data, row.revision, request.user)
    return answer(_meta(row), 201, etag=tag(row), location=reverse("api:policy_draft", args=[row.code]))


policies = address(
    GET=Endpoint(VIEW, "List the policies", listing, gives="PolicyList", query={"area": "Only those of this area."}),
    POST=Endpoint(EDIT, "Make a policy, as a draft", make, takes="NewPolicy", gives="PolicyVersion", status=201),
)
policy_versions = address(GET=Endpoint(VIEW, "List the versions of a policy, the newest first", versions, gives="PolicyVersionList"))
policy_version = address(GET=Endpoint(VIEW, "Read a version with its rules", version, gives="PolicyWithBody"))
policy_draft = address(
    GET=Endpoint(VIEW, "Read the version on its way with its rules", draft, gives="PolicyWithBody"),
    PUT=Endpoint(EDIT, "Save the draft, or begin one", save, takes="PolicyDraft", gives="PolicyVersion", match=True),
    DELETE=Endpoint(EDIT, "Discard the draft", discard, status=204, match=True),
)
policy_check = address(POST=Endpoint(VIEW, "Check the draft, or rules that are not saved", check, takes="PolicyCheck", gives="PolicyChecked"))
policy_submit = address(POST=Endpoint(EDIT, "Send the draft for another person's review", submit, takes="Comment", gives="PolicyVersion", match=True))
policy_publish = address(POST=Endpoint(PUBLISH, "Publish the draft", publish, takes="Comment", gives="PolicyVersion", match=True))
policy_export = address(
    GET=Endpoint(
        VIEW,
        "Take a version out as a file",
        export,
        gives="PolicyFile",
        query={"version": "Number of the version; left out, the one on its way, else what is published."},
    )
)
policy_import = address(
    POST=Endpoint(
        EDIT,
        "Take a file in as a draft",
        take_in,
        takes="PolicyFile",
        gives="PolicyVersion",
        status=201,
        query={"code": "Under this code instead of the file's own."},
    )
)

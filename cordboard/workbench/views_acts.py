"""What is done to policies in the workbench: begun, written, reviewed, published, brought back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cordboard.lib import strictly
from cordboard.lib.permissions import permitted
from cordboard.rules import actions, queries
from cordboard.rules import actions_publish as publishing
from cordboard.rules.areas import areas
from cordboard.rules.difference import difference
from cordboard.rules.evaluate import MAX_DEPTH
from cordboard.rules.models import Policy
from cordboard.rules.permissions import EDIT, VIEW
from cordboard.workbench import presenters
from cordboard.workbench.views import frame, of_code

MAX_FILE = actions.MAX_BODY


@permitted(EDIT)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new policy: empty, or from a file that was exported."""
    given = {name: request.POST.get(name, "").strip() for name in ("area", "name", "code")}
    problem = ""
    if request.method == "POST":
        try:
            body, given = _given(request, given)
            made = actions.create_policy(given["area"], given["code"] or slugify(given["name"])[:60], given["name"], request.user, body=body)
        except actions.Refused as refused:
            problem = refused.message
        else:
            return redirect("workbench:policy", made.code)
    context = {"areas": areas(), "given": given, "problem": problem, "area": request.GET.get("area", "") or given["area"]}
    return render(request, "workbench/new.html", context, status=422 if problem else 200)


def _given(request: HttpRequest, given: dict[str, str]) -> tuple[Any, dict[str, str]]:
    """The body of a file, and what it says of itself where the form says nothing. Raises Refused."""
    file = request.FILES.get("file")
    body = None
    if file is not None:
        if file.size is None or file.size > MAX_FILE:
            raise actions.Refused("too_large", _("This policy is too large to be kept."))
        try:
            body = strictly.taken(file.read(), actions.DEEPEST)
        except strictly.NotSound as fault:
            raise _refusal(fault) from None
        if not isinstance(body, dict):
            raise actions.Refused("malformed", _("This is no policy: an object with rules is expected."))
        said = {name: body.pop(name, "") for name in ("area", "name", "code")}
        given = {name: given[name] or (said[name] if isinstance(said[name], str) else "") for name in given}
    if given["area"] not in {one.code for one in areas()}:
        raise actions.Refused("area", _("Choose the area on which the policy decides."))
    return body, given


def _refusal(fault: strictly.NotSound) -> actions.Refused:
    """What is wrong with a file, in words."""
    words = {
        "malformed": _("This file is no JSON."),
        "deep": _("Groups of conditions stand in one another more than %(most)d deep. Put some of them into a rule of their own.") % {"most": MAX_DEPTH},
        "twice": _("The name %(name)s stands twice in one object of the file. Give one of them another name.") % {"name": fault.name},
    }
    return actions.Refused(fault.fault, words[fault.fault])


@permitted(EDIT)
@require_POST
def begin(request: HttpRequest, code: str) -> HttpResponse:
    """Begin a draft from what is published, or from `from`."""
    number = request.POST.get("from", "")
    try:
        actions.create_draft(code, request.user, from_version=int(number) if number.isdecimal() else None)
    except actions.Refused as refused:
        return _refused(request, code, refused)
    return redirect("workbench:policy", code)


@permitted(EDIT)
@require_POST
def save(request: HttpRequest, code: str) -> HttpResponse:
    """{policy, revision, body} -> {revision, rules [{id, said, sign, problems, warnings}], problems}; 409 with both texts when somebody saved since."""
    try:
        asked = json.loads(request.body)
        policy, revision, body = int(asked["policy"]), int(asked["revision"]), asked["body"]
    except RecursionError:
        refused = _refusal(strictly.NotSound("deep"))
        return JsonResponse({"problem": refused.message, "code": refused.code}, status=422)
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"problem": _("This is no policy: an object with rules is expected.")}, status=400)
    try:
        row = actions.save_draft(policy, body, revision, request.user)
    except actions.Stale as stale:
        return JsonResponse(_both(stale), status=409)
    except actions.Refused as refused:
        return JsonResponse({"problem": refused.message, "code": refused.code}, status=422)
    published = queries.published(row.code)
    shown = presenters.shown(row.body, published.body if published is not None else None, timezone.now())
    return JsonResponse(
        {"revision": row.revision, "rules": [one.as_json() for one in shown.rules], "problems": shown.problems, "wrong": shown.wrong, "state": row.state}
    )


def _both(stale: actions.Stale) -> dict[str, Any]:
    """Their text, and in words what mine would change in it."""
    change = difference(stale.theirs, stale.mine)
    return {
        "problem": stale.message,
        "theirs": stale.theirs,
        "revision": stale.revision,
        "by": str(stale.by or ""),
        "pieces": [
            {"what": one.what, "name": one.name, "was": one.was, "now": one.now, "fields": one.fields}
            for one in presenters.pieces(change, stale.theirs, stale.mine)
        ],
    }


def _moment(text: str, user: Any) -> datetime | None:
    """A moment of the reader's own clock (datetime-local), in UTC. Raises Refused."""
    if not text:
        return None
    try:
        return timezone.make_aware(datetime.fromisoformat(text), timezone.get_current_timezone())
    except ValueError:
        raise actions.Refused("moment", _("This is no moment: a date and a time are expected.")) from None


Act = Callable[[HttpRequest, Policy, int, str], Policy | None]
ACTS: dict[str, Act] = {
    "submit": lambda request, row, revision, comment: publishing.submit(row.pk, revision, request.user, comment=comment),
    "take-back": lambda request, row, revision, comment: publishing.take_back(row.pk, request.user),
    "approve": lambda request, row, revision, comment: publishing.review(row.pk, revision, True, request.user, comment=comment),
    "send-back": lambda request, row, revision, comment: publishing.review(row.pk, revision, False, request.user, comment=comment),
    "publish": lambda request, row, revision, comment: publishing.publish(row.pk, revision, request.user, comment=comment),
    "plan": lambda request, row, revision, comment: publishing.plan(row.pk, revision, _moment(request.POST.get("at", ""), request.user), request.user),
    "discard": lambda request, row, revision, comment: actions.discard_draft(row.pk, request.user),
    "retire": lambda request, row, revision, comment: publishing.retire(row.code, request.user),
    "go-back": lambda request, row, revision, comment: publishing.go_back(row.code, row.version, request.user, comment=comment),
}


@permitted(VIEW)  # each act asks for its own permission
@require_POST
def act(request: HttpRequest, code: str, what: str) -> HttpResponse:
    """`version`, `revision` (what was on the screen) and, for some, `comment` or `at`."""
    row = of_code(code, request.POST.get("version"))
    revision = request.POST.get("revision", "")
    if what not in ACTS:
        return HttpResponse(status=404)
    try:
        ACTS[what](request, row, int(revision) if revision.isdecimal() else -1, request.POST.get("comment", "").strip())
    except actions.Refused as refused:
        return _refused(request, code, refused)
    if queries.version(code) is None:
        return redirect("workbench:policies")
    return redirect(reverse("workbench:policy", args=[code]))


def _refused(request: HttpRequest, code: str, refused: actions.Refused) -> HttpResponse:
    """The policy's page with what could not be done."""
    row = of_code(code)
    context = frame(request, row, "rules")
    published = context["published"]
    before = published.body if published is not None and published.pk != row.pk else None
    context |= {"shown": presenters.shown(row.body, before, timezone.now()), "editing": False, "refused": refused.message}
    return render(request, "workbench/policy.html", context, status=422)
